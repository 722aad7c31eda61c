"""Bad input of every sort, thousands of it: `make fuzz` runs the long form, the tests beside it a sample.

Each target takes hostile inputs, mutations of true ones for the most part, and either uses one or refuses it
with a sentence. Anything else is a finding.
"""
