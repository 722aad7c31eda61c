"""When the office calls for a person. Pure: no database, page, broker or wall clock.

Everything is event time: whether a call is right at a moment follows from what was before that moment,
so it does not matter in which steps time goes on.

- `rules`: the settings of the rules, for all machines or for some
- `view`: what is known of one machine in a window
- `signs`: when a call would be right, and when the machine is well again
- `lasting`, `repeating`, `slow`: how each rule finds that
- `storm`: machines that only wait for another one, which has the call
- `walk`: from signs to calls raised and closed, one at a time, with a quiet time between
- `judging`: all rules of a machine, as time goes on and in hindsight
- `record`: a call as the office keeps it, and its id
- `phases`: how long each part of a stop took: noticed, acknowledged, at the machine, restored
"""
