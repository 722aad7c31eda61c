"""What is kept: SQLite by default, PostgreSQL by URL.

- `tables`: what is kept, table by table
- `version`, `migrations`: which version of the tables a history has, and the steps from one to the next
- `store`: opening it, and the one transaction in which ingest writes
- `statements`, `windows`: what is asked of the database, for writing and for a window of time
- `reader`: how pages and the API read it
- `numbers`: the KPIs of any machines in any window, from the history
"""
