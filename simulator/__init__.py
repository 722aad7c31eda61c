"""The factory: machines that run, wait, stop and break down, and the sensors that show it.

From the files to the wire, each room standing on those before it:

- `kinds/`, `machines/`, `bench/`: the sorts of machine, the fleet, the calibration bench; a TOML file each
- `people.toml`: who tends the machines
- `phase`: what a machine is going through, and the state that goes with it
- `streams`: random numbers that depend on seed, machine, purpose and count alone
- `specs`: what the files say, each wrong key refused in a sentence
- `behaviour`: what machines and people go through, as events and generators on one agenda
- `sensing`: what sensors show of it, in columns
- `account`: what one machine says of its days, and the truth of them
- `plant`: all machines, and the births, batches and truth they send
- `histories`: one run, written down so that it can be lived again, and lived
- `commanding`: what an operator may ask of the running plant
- `telling`: plant time goes by, and all of it is told over MQTT
- `replaying`: a real machine, recorded, that goes on in plant time

Up to `plant` all of it is pure: no clock, no broker, no file but the loaders of TOML.
"""
