"""The whole product, started as a user would start it and looked at in a real browser."""
