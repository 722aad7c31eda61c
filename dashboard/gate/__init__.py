"""Who may do what at the page: which hosts and sites are heard, who is the operator, what a browser may load.

`headers` tells browsers what a page may load; `hosts` and `origin` say whose requests are heard at all;
`password`, `tries` and `sessions` know the operator, `door` puts them together, and `routes` stands before
every other route.
"""
