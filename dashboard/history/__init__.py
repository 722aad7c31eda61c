"""What is kept: SQLite by default, PostgreSQL by URL.

- `tables`: what is kept, table by table
- `store`: opening it, and the one transaction in which ingest writes
- `reader`: how pages and the API read it
- `numbers`: the KPIs of any machines in any window, from the history
"""
