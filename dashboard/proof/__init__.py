"""What was measured against what really happened. Pure: it is given both, and reads neither.

- `verdicts`: every millisecond of a window has one verdict, agreement or the reason for the difference
- `differences`: each KPI, measured and true, and whether its bounds contain the truth
- `summary`: all machines in one sentence
"""
