"""Whether independent programs read what we write in Sparkplug B, and we what they write.

`make test-interop` runs it: the programs come from PyPI and npm, each into an environment of its own.
"""
