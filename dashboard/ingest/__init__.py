"""The process that listens: messages in, states, intervals and minutes out, one commit a tick.

- `process`: connections, the loop, commits and acknowledgements
- `office`: what each message changes: clocks, machines that come and go, and to whom readings belong
- `intake`: readings, in order and late
- `desk`: what people ask of the office, each command once
- `ledger`, `rows`: what the next commit has to write
- `machine`: one machine as ingest knows it
- `proof`: the truth, kept apart for comparison
- `minutes`: roll-ups of signals
- `refused`: messages that could not be used
- `outbox`, `poster`, `receiver`: calls posted to a webhook
- `presence`: that there is an office
- `taken`: how much is taken in
- `telling`: what pages are told
"""
