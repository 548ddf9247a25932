"""Evidence for the gates: what is looked at, in base and head and in the change between them.

`table.py` lists the probes, `pool.py` runs what they ask for side by side, `kept.py` remembers answers by content, and
`measurement.py` puts them together for one commit. A gate (room gates) only ever sees what was gathered here.
"""
