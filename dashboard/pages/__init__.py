"""What people look at: one module for each page, saying who looks and what their question is.

- `frame`: what stands around every page, and which page an address leads to
- `floor`: every machine at a glance
- `machine`: one machine, its signals and its numbers
- `graph`: the one place where a chart is made
- `state_icons`: the shape that goes with each state
"""
