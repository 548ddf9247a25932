"""One file per stage: run directory -> run directory; STAGES in stages/table.py lists them in order."""
