"""Sparkplug B, version 3.0: the payload of edge nodes and hosts, the addresses it travels to, and STATE.

Needs google.protobuf, the optional extra `sparkplug`; nothing outside this folder does.

- `layout`: the published layout of the payload as a table, and the message classes made from it
- `datatypes`: what a metric can be, and how each is written in the fields of the layout
- `payloads`: payloads and their metrics, to bytes and back
- `topics`: `spBv1.0/GROUP/TYPE/NODE/DEVICE`
- `host_state`: what a host application says of itself, in JSON
"""
