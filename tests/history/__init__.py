"""The history: how it is opened, migrated, kept in either database, and what is forgotten of it."""
