"""The newest of the plant, from the broker to every open page.

- `strip`: one machine's states in time, as a page draws them
- `picture`: everything a page shows live, and what changed since the last round
- `hub`: one producer, many viewers, sequence numbers, resync after a gap
- `past`: what lay before this process listened, from the history
- `channel`: the subscription that keeps the picture and feeds the hubs
- `commander`, `command_routes`: `/api/commands`, what a person asks of office and plant
- `routes`: `/live/state`, `/live/stream`, `/live/poll`
"""
