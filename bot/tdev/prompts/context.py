"""What a prompt is made of: what we and the policy say, and, apart from it, what was written by anybody.

Only `Figures` and `Rules` reach a template. `Data` is untrusted throughout: a task's title comes from an issue, an
insight names a file, a failed attempt's reason quotes a test's output. It stands in the block at the prompt's end.
"""

from __future__ import annotations

from tdev.core.artifacts.insights import Insight
from tdev.core.artifacts.model import Model
from tdev.policy.model import Policy


class Figures(Model):
    """The bars of the policy that a template may name."""

    changed_coverage: float = 80.0
    """Per cent of the changed lines that tests must run."""
    docstrings: float = 80.0
    """Per cent of the added public symbols that must be documented."""
    complexity: int = 10
    """Highest cyclomatic number of a function that is added or changed."""
    maintainability: float = 65.0
    """Lowest mean maintainability index of added files."""
    patch_files: int = 200
    """Most files one change may touch."""

    @classmethod
    def of(cls, policy: Policy) -> Figures:
        """The figures of a policy."""
        gates = policy.gates
        return cls(
            changed_coverage=gates.tests.changed_coverage,
            docstrings=gates.quality.docstrings,
            complexity=gates.quality.complexity,
            maintainability=gates.quality.maintainability,
            patch_files=policy.limits.patch_files,
        )


class Rules(Model):
    """What we and the repository's policy say."""

    figures: Figures = Figures()
    """The policy's bars."""
    constraints: tuple[str, ...] = ()
    """Rules of the change as sentences, from constraints.py."""
    instructions: str = ""
    """What the maintainers ask of every change, from the policy of the base commit."""


class Data(Model):
    """What was written by others, or by programs that print what others wrote; `request` is shown last."""

    title: str = ""
    """The task in one line."""
    description: str = ""
    """The task at length."""
    acceptance: tuple[str, ...] = ()
    """When the plan counts the task as done."""
    paths: tuple[str, ...] = ()
    """Files or folders it is about; empty = the whole project."""
    project: str = "."
    """Folder of the project and its tests, inside the checkout."""
    plan: tuple[str, ...] = ()
    """The other tasks of the plan, one line each."""
    insights: tuple[Insight, ...] = ()
    """What research saw that the task answers."""
    memory: tuple[str, ...] = ()
    """What earlier runs have taught about this repository."""
    feedback: tuple[str, ...] = ()
    """Why earlier attempts at the task were undone, oldest first."""
    first_attempt: int = 1
    """Number of the first attempt in `feedback`."""
    request: str = ""
    """What a person asked for."""
    request_bytes: int = 65_536
    """Longest request shown."""


class Context(Model):
    """Everything a prompt is made of."""

    rules: Rules = Rules()
    """Reaches the template."""
    data: Data = Data()
    """Stands in the block at the end."""
