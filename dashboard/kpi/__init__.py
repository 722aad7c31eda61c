"""The numbers: what a machine's time was used for, what it made, and every KPI that follows.

- `choices`: the named settings where standards disagree; `basis` joins them with the calendar
- `pieces`: every moment of calendar time has one use; the stops among them
- `doubt`: how much of the known time may have been another state
- `making`: what the counters added in planned time, in silence and off shift
- `account`: all of it added up in whole numbers, for one machine or many
- `formulas`: every KPI, divided last
- `definitions`: what each is called, what it means, and by which standard
- `report`: the account as the `Numbers` that pages and the API show
"""
