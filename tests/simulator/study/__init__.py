"""A plant without a broker, over and over."""
