"""Checks of the quality gate: what is ugly. New code meets the bars, the whole is no worse than the base.

Each file is one check: `(evaluation, policy, patch) -> Verdict`, pure. What the change did not touch is never blamed on
it. Rules and remedies: docs/gates/.
"""
