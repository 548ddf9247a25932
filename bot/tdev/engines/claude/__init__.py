"""Claude Code as an engine: it edits files behind walls of ours, in a process that sees no environment but its own.

The way of a task: engine (limits, which session) -> prompt -> session (starts the worker) -> worker
(holds the talk, in a process of its own) -> endings (what the ending means). walls is asked before
each tool call, transcript records all of it, structured fills a specification the same way.

Claude Code and its Python package are documented by their maker under docs.claude.com.
"""
