"""Claude Code as an engine: it edits files inside a sandbox, behind walls of ours.

The way of a task: engine (which session, what is left) -> prompt -> room (sandbox, model proxy, doors to our servers)
-> session (starts the worker) -> worker (holds the talk, in a process of its own) -> endings (what the ending means).
walls is asked before each tool call, transcript records all of it, tries is the ledger that outlives a kill. direct
asks the model without Claude Code: structured fills a specification that way, triage says what a failed attempt must
change.

Claude Code and its Python package are documented by their maker under docs.claude.com.
"""
