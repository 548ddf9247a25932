"""One file per command; cli/main.py holds the table."""
