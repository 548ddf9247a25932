"""Looks that are taken for the quality gate: one file each, a function `look(commit or change) -> ToolReport`."""
