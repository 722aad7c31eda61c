"""What comes of faults on demand, worked out by hand."""
