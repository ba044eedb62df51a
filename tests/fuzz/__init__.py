"""Random programs of ordinary numpy code, differentiated and compared with differences.

`python -m tests.fuzz --count 1000` writes programs from seeds, checks them in worker processes and
shrinks what fails; `python -m tests.fuzz --seed 7` shows one. The parts, in the order of reading:

- `kinds`, `grammar`, `writer`: what a value is, the table of productions, the text being written.
- `numbers`, `vectors`, `conditions`: expressions; `writes`, `control`, `containers`, `calls`,
  `objects`, `language`: statements. Each production is one small function.
- `program`: a whole module from a seed. `check`: what comes of it. `runner`: many of them.
- `shrink`: fewer lines with the same outcome. `report`: the summary.
"""
