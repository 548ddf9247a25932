"""One file per stage: run directory -> run directory; STAGES in stages/table.py lists them in order.

A stage is a function RunDir -> RunDir: it reads the files that earlier stages left in the run
directory, adds its own, and passes nothing on in memory. That is why a killed run can go on, and
why one stage can be done alone with `tdev stage`.

Stages hold the order of things and the talk with programs; what is decided is decided in the pure
rooms core, policy and gates.
"""
