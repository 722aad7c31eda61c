"""The broker as it is shipped: its settings, its access list, its credentials."""
