"""The factory: machines that run, wait, stop and break down, and the sensors that show it.

The behaviour is pure: no clock, no broker, no file but the two loaders of TOML.

- `kinds/`, `machines/`: the sorts of machine and the fleet, one TOML file each
- `settings`: a TOML table read key by key, each wrong one refused in a sentence
- `kind`, `machine`: what those files say
- `phase`: what a machine is going through, and the state that goes with it
- `streams`: random numbers that depend on seed, machine, purpose and count alone
- `life`: the generator of a machine's days
- `diary`: what it has lived, in columns
- `sensors`: what its sensors showed, computed from the diary
- `plant`: all machines, and the births, batches and truth they send
- `check`: the kinds as a table, a new machine's file, everything wrong with a folder of them

The edge lets plant time go by and tells all of it over MQTT.

- `__main__`, `work`: the command line, and a day's work
- `run`, `chronicle`: one history, written down so that it can be lived again, and lived
- `factory`: the loop that keeps step with the office (`lockstep`) at its pace (`pace`)
- `folder`: the machines' files, watched
- `link`, `connections`, `plant_topics`: the machines' connections to the broker, and the plant's own
- `recording`, `replay`: a real machine, recorded, that goes on in plant time
"""
