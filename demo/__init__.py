"""Starts broker, simulator and dashboard on one machine without Docker: `python -m demo`.

- `claims`: what the demo needs to itself, two ports and a folder, said before anything starts
- `broker`: which broker carries the messages, and with which settings
- `parts`: the programs that make up the demo, and their command lines
- `crew`: starts the parts, watches them, starts again what ended, and stops them all
- `attached`: what a part runs inside of, so that it never outlives the demo
- `doctor`: says what is wrong with a demo that runs, or does not
- `greeting`: what is said once the page answers
"""
