"""How the tables of the history came to be what they are, step by step: one file in `versions` for each.

`migrate` in `dashboard.history.version` runs the steps that a history still lacks.
"""
