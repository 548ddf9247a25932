"""Packages that a change brings have licences that the policy allows. Evidence: tools/packages.py."""

from __future__ import annotations

from tdev.core.artifacts.evaluation import Evaluation
from tdev.core.artifacts.patch import Patch
from tdev.core.artifacts.verdict import Verdict
from tdev.gates.security.new_dependencies import of_packages
from tdev.policy.model import Policy

NAME = "licences"


def licences(evaluation: Evaluation, policy: Policy, patch: Patch) -> Verdict:
    """Every package that the change brings, directly or through others, has a licence that the policy allows."""
    return of_packages(NAME, evaluation, policy, patch)
