"""The rooms that do I/O: processes, git, the run directory, engines."""
