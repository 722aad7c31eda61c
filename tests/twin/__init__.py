"""The plant and its twin: the same under equal rules, apart under others, and whole whatever is killed."""
