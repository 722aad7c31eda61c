"""The process that listens: messages in, states, intervals and minutes out, one commit a tick.

- `process`: connections, the loop, commits and acknowledgements
- `office`: what each message changes
- `machine`: one machine as ingest knows it
- `proof`: the truth, kept apart for comparison
- `minutes`: roll-ups of signals
- `refused`: messages that could not be used
- `telling`: what pages are told
"""
