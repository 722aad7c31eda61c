"""The factory: machines that run, wait, stop and break down, and the sensors that show it.

The behaviour is pure (no clock, no broker, no file but the two loaders of TOML):

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
"""
