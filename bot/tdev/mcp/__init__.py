"""MCP servers, one per file: what Claude Code may do through us."""
