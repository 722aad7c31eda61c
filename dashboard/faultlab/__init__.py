"""Faults on demand beside what was measured: when each showed, when somebody was called, what it cost.

Which faults there are is known from the simulator; everything else here is what the office measured, and for
what it cost, the truth. Nothing that works out states or numbers looks in here.
"""
