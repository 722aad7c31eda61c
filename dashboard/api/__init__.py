"""The numbers for other programs, under `/api`, and `/metrics` for Prometheus.

Times in answers are RFC 3339 in UTC with milliseconds, durations seconds exact to the millisecond,
fractions from 0 to 1; what is undefined is null. The numbers come from the functions that the pages use.

- `openapi`, `schemas`: what may be asked and what an answer looks like; requests are checked against it
- `question`, `sources`: one request and its checks, and what answers are made from
- `fleet`, `kpis`, `intervals`, `readings`, `health`: the answers
- `holes`: time without an office
- `industry`: what of Industry 4.0 is at work
- `metrics`: the newest of everything for Prometheus
- `spreadsheet`: answers as CSV
- `routes`: the addresses
"""
