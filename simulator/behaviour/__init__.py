"""What machines and people go through, and the diaries in which it is written down.

- `stretch`, `diary`: intervals with labels, planned, cut and looked at
- `columns`, `parts`: what a diary keeps them in
- `agenda`: what happens when, in plant time
- `clock`, `cycles`, `plan`: lives that end, cycles in bulk, and what came of them when a plan is cut
- `machine`: one machine and its stops; `routine`: one that follows a pattern
- `train`, `buffer`: machines that work together, and parts that pass from one to the next
- `air`: compressors, and what draws from them
- `crew`: people who notice, queue, walk and mend
- `floor`: which machines stand there, and how they are joined
"""
