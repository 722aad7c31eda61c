"""The shift report: one HTML file that holds everything, and that the same history makes again byte for byte.

- `window`: which shift, or which stretch of time, it is about
- `contents`: what stands in it, taken from the history
- `words`: how times, shares and moments are written
- `charts`: timelines and bars as SVG
- `page`: the file, with `report.css`
- `command`: the command line
"""
