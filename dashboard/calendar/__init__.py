"""When production is planned: shifts, breaks, holidays and maintenance of a site, a line or a machine.

- `file`: the calendar file, what may stand in it, and what is said when it is wrong
- `rules`: what the file says, in nouns, and which shifts that makes on one production day
- `schedule`: the answers, in milliseconds since 1970: spans, shifts, production days, local hours
- `local`: what the clock on the wall shows, and when
"""
