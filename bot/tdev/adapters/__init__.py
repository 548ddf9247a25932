"""The rooms that do I/O: processes, git, the run directory, engines.

Everything above asks this room instead of the operating system, so the rules for safe I/O stand in
one place: `process` starts programs, `git` speaks to repositories, `files` writes durably,
`run_dir` keeps a run, `workspace` makes private clones, `source_scan` reads a commit's code.

An adapter decides nothing about quality or policy; it returns facts or raises an error of the
TdevError tree.
"""
