"""Claude Code as an engine: it edits files behind walls of ours, in a process that sees no environment but its own."""
