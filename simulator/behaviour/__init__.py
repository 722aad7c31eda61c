"""What machines go through, from stretch to stretch, and the diary in which it is written down."""
