"""What one Python file says about itself, found in one pass over its syntax tree; pure.

Research takes its insights from these facts, measuring takes its symbols and complexities, recipes look up imports.
scanner.py is the entrance; text.py decodes, walk.py visits the tree once and hands each node to a module for its
kind (definitions, import_statements, control_flow, expressions), sightings.py collects, facts.py is what is left.
Files come from strangers: nothing may raise, recurse or take time that grows faster than the file. Files above a
size are scanned in a process with limits (adapters/scan_apart.py), adapters/content_cache.py keeps results.
"""

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
