"""From readings to what a machine was doing.

- `knowledge`: how a machine's state is known
- `evidence`: what a batch says, moment by moment
- `keeper`: batches in, splices out, in whatever order they come; `derive` is the definition
- `lasting`: a state that readings tell must last
- `rules`: the settings of all this, in one file
- `learning`: a threshold from a machine's own power
"""
