"""Which folder of the repository a run's tests belong to.

Paths in artifacts count from the repository's root, but tests run in a project's own folder, which
is another one in repositories that hold several. Every stage that needs that folder asks here.
"""

from __future__ import annotations

from tdev.adapters.run_dir import RunDir
from tdev.core.artifacts.goal import GoalKind
from tdev.core.artifacts.spec import BlueprintChoice


def project_folder(run: RunDir) -> str:
    """Folder inside the repository whose tests are run, POSIX; a build's is where its blueprint goes."""
    return run.read(BlueprintChoice).destination if run.has(BlueprintChoice) else run.goal.project


def built_folder(run: RunDir) -> str:
    """The folder a build makes, in which protected names may be added; empty for everything that is no build."""
    return project_folder(run) if run.goal.kind is GoalKind.BUILD else ""
