"""Which folder of the repository a run's tests belong to."""

from __future__ import annotations

from tdev.adapters.run_dir import RunDir
from tdev.core.artifacts.spec import BlueprintChoice


def project_folder(run: RunDir) -> str:
    """Folder inside the repository whose tests are run, POSIX; a build's is where its blueprint goes."""
    return run.read(BlueprintChoice).destination if run.has(BlueprintChoice) else run.goal.project
