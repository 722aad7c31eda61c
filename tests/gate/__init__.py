"""Who may do what at the page."""
