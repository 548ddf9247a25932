"""What writes the code: Claude Code, or recipes that need no model. ENGINES in engines/table.py lists them.

The code stage hands an engine one task at a time (engine.Job) and gets back what it says of its
work (engine.Work). Engines edit files in a private clone; they do not commit, and whether the work
is any good is measured afterwards, by tests and gates.

docs/engines.md tells users which one to take and what each can do.
"""
