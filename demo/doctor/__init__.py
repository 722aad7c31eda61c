"""What is wrong with the demo, on the terminal: `python -m demo doctor`. It works when everything is down.

- `broker`: what the broker answers to each role, and what it has kept of plant and office
- `page`: what the page says of the chain
- `places`: what runs here, the demo or Compose, and what its files say
- `findings`: all of that together: each link, and what is wrong
- `printed`: how it is printed
- `command`: its options
"""
