"""What a repository's code runs in: `cell.py` says what it may, `run.py` runs it, the rest builds the walls."""
