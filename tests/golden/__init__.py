"""The published worked examples, told as messages to a real broker and read through the API."""
