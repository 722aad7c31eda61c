"""The office: what came over MQTT becomes states, intervals, numbers and pages.

- `states/`: from readings to what a machine was doing
- `intervals`: a machine's time, tiled; `parts`: its counters
- `calendar/`: when production was planned
- `kpi`: uptime, utilization, coverage, bounds
- `ingest/`: the process that listens, concludes and commits
- `history/`: what is kept, and how it is read
- `conclusions`: what ingest tells the pages
- `live/`, `pages/`, `figures/`, `assets/`: the process that shows it
"""
