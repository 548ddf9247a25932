"""One file per outside program: run it, parse it; an empty or partial answer is an error.

A wrapper takes a folder or a commit and returns a ToolReport, or the values its caller needs.
Programs are never imported: each is pinned, has an environment of its own (toolbox), and is talked
to through its machine-readable output.

Exit codes are not believed. Several programs end with 0 when they could not reach a service, could
not parse a file or did not look at all, so each wrapper also counts what was examined.
"""
