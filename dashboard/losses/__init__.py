"""Where the time went, from calendar time down to good parts. Pure: no database, page, broker or clock.

- `words`: the steps, their words and what each means
- `waterfall`: from calendar time to the time of good parts, a sum that is exact
- `stops`: the stops of a machine, each with its parts, its cause and its reason
- `reasons`: the reasons that people choose from, and the rules that give them
- `bookings`: what stops are booked under
- `settled`: the bookings of a settled past as columns
- `pareto`: which loss, and within it which cause, cost most
- `answers`: all of it as JSON for the API and the page
"""
