"""The write scope: every changed file is where the policy lets a change write. Computed here, from the patch."""

from __future__ import annotations

from tdev.core.artifacts.evaluation import Evaluation
from tdev.core.artifacts.finding import Finding, Severity
from tdev.core.artifacts.patch import Patch
from tdev.core.artifacts.verdict import Outcome, Verdict
from tdev.core.counting import counted
from tdev.core.fingerprint import fingerprint
from tdev.policy.model import Policy
from tdev.policy.write_scope import outside_scope

NAME = "scope"


def scope(evaluation: Evaluation, policy: Policy, patch: Patch) -> Verdict:
    """Every changed file is where the policy lets a change write."""
    listed = {path for file in patch.files for path in (file.path, file.old_path) if path}
    unlisted = sorted(set(evaluation.paths) - listed)
    if unlisted:
        reason = f"the patch does not list {', '.join(unlisted[:5])}, which it changes"
        return Verdict(name=NAME, outcome=Outcome.ERROR, reason=reason)
    if patch.files and not evaluation.paths:
        return Verdict(name=NAME, outcome=Outcome.ERROR, reason="the evaluation does not say which paths changed")
    if not patch.files:
        return Verdict(name=NAME, outcome=Outcome.SKIPPED, reason="no file changed")
    outside = outside_scope(patch.files, policy.scope, allowed_root=evaluation.built_folder)
    if outside:
        findings = tuple(_outside(path, why) for path, why in outside)
        reason = f"{len(findings)} of {len(patch.files)} changed files are outside the write scope"
        return Verdict(name=NAME, outcome=Outcome.FAIL, reason=reason, findings=findings)
    return Verdict(
        name=NAME, outcome=Outcome.PASS, reason=f"{counted(len(patch.files), 'changed file')} in the write scope"
    )


def _outside(path: str, why: str) -> Finding:
    return Finding(
        tool="scope",
        rule="outside-scope",
        severity=Severity.ERROR,
        message=f"{path} may not be changed: {why}",
        path=path,
        remedy="Leave the file as it is, or let the policy's scope cover it.",
        fingerprint=fingerprint("scope", "outside-scope", path),
    )
