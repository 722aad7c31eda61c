"""The same plant twice, once undisturbed and once with its programs killed: the history is the same."""
