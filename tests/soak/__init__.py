"""The demo left running: an hour at speed 600 with faults on, sampled, and what of it grows.

- `plant`: the whole demo as a user starts it, and what it says in its logs
- `faults`: which faults come and go, by seed and plant time
- `viewers`, `questions`: who looks at the page and asks its API meanwhile
- `readings`: whether every reading is in the history, once
- `samples`: what is measured every few seconds, and the file that it is kept in
- `slope`: whether a series grows, whatever it swings
- `judged`: which series are held against what, and why
- `table`, `picture`: what is said in the end
"""
