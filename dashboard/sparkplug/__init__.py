"""The host application: what edge nodes say becomes births and readings as machines say them in JSON.

Knows no MQTT connection and no wall clock: who uses it hands in what came and when, and sends what it asks.

- `host`: all nodes: what came means, and whom to ask for a rebirth
- `node`: the session of one edge node: its numbers, its births, its death
- `device`: one machine: its metrics by name and alias, and its batches
- `metric_map`: which metric is which signal, state or count, by a file
- `guesses`: the same where no file says it
"""
