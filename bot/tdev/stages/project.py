"""Which folder of the repository a run's tests belong to.

Paths in artifacts count from the repository's root, but tests run in a project's own folder, which
is another one in repositories that hold several. Every stage that needs that folder asks here.
"""

from __future__ import annotations

from tdev.adapters.run_dir import RunDir
from tdev.core.artifacts.spec import BlueprintChoice


def project_folder(run: RunDir) -> str:
    """Folder inside the repository whose tests are run, POSIX; a build's is where its blueprint goes."""
    return run.read(BlueprintChoice).destination if run.has(BlueprintChoice) else run.goal.project
