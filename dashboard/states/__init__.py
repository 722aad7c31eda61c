"""From readings to what a machine was doing.

- `knowledge`: how a machine's state is known
- `evidence`: what a batch says, moment by moment
- `keeper`: batches in, splices out, in whatever order they come; `derive` is the definition
- `learning`: a threshold from a machine's own power
"""
