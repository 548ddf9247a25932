"""Checks of the tests gate: what breaks. The tests ran, what passed still passes, and changed lines are executed.

Each file is one check: `(evaluation, policy, patch) -> Verdict`, pure. A run that is not `ok` is never compared, it is
an ERROR, save where the policy waives `no-tests` or `base-tests`. Rules and remedies: docs/gates/.
"""
