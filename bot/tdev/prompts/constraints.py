"""The rules of a policy as sentences for a model. They are said so that a try has a chance, and enforced elsewhere."""

from __future__ import annotations

from tdev.policy.model import Policy


def constraints(policy: Policy, *, build: bool) -> tuple[str, ...]:
    """The rules of the policy that a change must meet, as sentences; a build may add protected names in its folder."""
    scope, gates = policy.scope, policy.gates
    protected = ", ".join(f"`{glob}`" for glob in scope.protect)
    exception = " (the new service's own folder is excepted)" if build else ""
    return (
        f"Write only files that match: {', '.join(f'`{glob}`' for glob in scope.write)}.",
        f"Never write files that match: {protected}{exception}. A change that does is rolled back as a whole.",
        "Every test that passes now must still pass. Do not delete, skip or weaken tests.",
        f"New or changed code is covered by tests: at least {gates.tests.changed_coverage:g} % of the changed lines.",
        f"At least {gates.quality.docstrings:g} % of the public modules, classes and functions you add are documented.",
        f"No function you add or change has a cyclomatic complexity above {gates.quality.complexity}.",
        "No secrets, no new dependencies that the task does not call for, no unrelated changes.",
    )
