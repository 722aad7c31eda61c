"""What monitoring gained: a plant beside its twin, measured, in parts and to the millisecond.

`trail.py` says which phase each moment of a machine's time has, `tally.py` adds both plants up over the
time in which both are observed, `split.py` takes one from the other, `outlets.py` says which machines
count a line's good parts, `pairs.py` lays the same stop of both plants side by side, `paper.py` says what
a log kept by hand would have shown, `holes.py` what time without an office cost, and `sentences.py` puts
it all into words.
"""
