"""The API, asked of a real history."""
