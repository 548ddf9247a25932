"""Checks of the security gate: what may not be written at all. No evidence is no pass.

Each file is one check: `(evaluation, policy, patch) -> Verdict`, pure. Rules and remedies: docs/gates/.
"""
