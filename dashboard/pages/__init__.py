"""What people look at: one module for each page, saying who looks and what their question is.

- `frame`: what stands around every page, and which page an address leads to
- `floor`: every machine at a glance
- `machine`: one machine, its signals and its numbers
- `graph`: the one place where a chart is made
- `window`: what a machine's page is told of the window its reader chose
- `guest`: the line of shell with which a device joins
- `state_words`: what each state means
- `attributes`: names that Python cannot write
"""
