"""Fingerprints of findings: the same thing gets the same one before and after lines have moved.

gates/baseline.py matches findings of base and head by it. Give it what makes the finding the same for a person: tool,
rule, path, and the symbol or the text it stands on. Equal findings in one file share a fingerprint and are counted.
"""

from __future__ import annotations

import hashlib


def fingerprint(*facts: str) -> str:
    """Sixteen hex digits over the facts that identify a finding; give no line numbers where lines may move."""
    return hashlib.sha256("\0".join(facts).encode("utf-8", "surrogatepass")).hexdigest()[:16]
