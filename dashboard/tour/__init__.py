"""The guided tour: a file of steps, each a page, what it points at there, and a caption.

A step may ask something of the plant, and wait for what comes of it; `assets/tour.js` plays it. Numbers are
read from the page or the API while it is played: a caption with a digit in it is refused, so that no tour
says what is not so.
"""
