"""How a page is looked at: every width, and both themes."""

LOOKS = ((390, "dark"), (1280, "light"), (1920, "dark"))
"""Width in pixels and theme: what a theme changes is colour, which no width changes, so three say it all."""
