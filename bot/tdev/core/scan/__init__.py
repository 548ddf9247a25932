"""What one Python file says about itself, found in one pass over its syntax tree; pure."""

from __future__ import annotations

from tdev.core.scan.facts import FileFacts, OldSyntax, Place, SymbolFact, decode_facts, encode_facts
from tdev.core.scan.paths import is_python_path, is_test_path
from tdev.core.scan.scanner import scan_file
from tdev.core.scan.symbols import symbols_of

__all__ = [
    "FileFacts",
    "OldSyntax",
    "Place",
    "SymbolFact",
    "decode_facts",
    "encode_facts",
    "is_python_path",
    "is_test_path",
    "scan_file",
    "symbols_of",
]
