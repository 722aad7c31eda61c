"""Pure functions from numbers to a figure, as plain dictionaries: no Dash, no database, no clock."""
