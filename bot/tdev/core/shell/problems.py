"""What can stand in the way of knowing a command line, in words that say what to do instead."""

from __future__ import annotations

NOT_HERE = {
    "ERROR": "The command line has a syntax error, or uses syntax that is not available here.",
    "&": "Nothing can run in the background here.",
    "comment": "Leave comments out.",
    "heredoc_redirect": "Here-documents are not available; write a file with the Write tool instead.",
    "process_substitution": "Process substitution is not available here.",
    "function_definition": "Functions can't be defined here.",
    "variable_assignment": "Variables can't be set here.",
    "declaration_command": "Variables can't be declared here.",
    "simple_expansion": "Variables are not known before the command runs; write the value itself.",
    "expansion": "Variables are not known before the command runs; write the value itself.",
    "arithmetic_expansion": "Arithmetic is not known before the command runs; write the value itself.",
    "`": "Backquotes are not available; use $(…).",
    "brace_expression": "Braces are not available; write each word out.",
    "ansi_c_string": "$'…' is not available; use plain quotes.",
}
"""By the grammar's name of what was found."""


class Unknown(Exception):
    """Something that can't be known; its text is the problem."""


def shown(text: str) -> str:
    """The beginning of a text, for a message."""
    return text if len(text) <= 40 else f"{text[:40]}…"
