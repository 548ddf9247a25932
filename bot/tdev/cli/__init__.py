"""One file per command; cli/main.py holds the table.

A command is a module with `configure(parser)` and `run(arguments) -> exit code`. Commands read
arguments, call a stage or a tool, and print; they decide nothing.

Results go to standard output, all else to standard error, so that `--json` can be piped. Exit codes
are those of errors.ExitCode.
"""
