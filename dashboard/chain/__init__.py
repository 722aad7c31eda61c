"""The chain that a reading passes, from broker to page: what is known of it, and what is wrong.

- `known`: what a page process or a terminal knows of each link
- `sentences`: what is wrong, since when and what to do, the most upstream cause first
- `remedies`: what to do about each thing that may be wrong
- `links`: each link with its lamp, its sentence and its measures
"""
