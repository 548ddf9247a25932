"""What writes the code: Claude Code, or recipes that need no model. ENGINES in engines/table.py lists them."""
