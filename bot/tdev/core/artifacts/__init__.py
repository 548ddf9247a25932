"""The run directory's files, one frozen model each; ARTIFACTS lists them all.

A run directory is all that one stage hands to the next. Adding a file to it means: a model in a module of its own,
a line in ARTIFACTS, and `tdev schema`, which writes docs/schemas/ from the models.
adapters/run_dir.py reads and writes the files; nothing in this folder opens one.
Pages for people (plan.md, verdict.md ...) and the patch itself are no models and so are not listed.
"""

from __future__ import annotations

from typing import NamedTuple

from tdev.core.artifacts.evaluation import Evaluation, Measurement
from tdev.core.artifacts.event import Event
from tdev.core.artifacts.goal import Goal
from tdev.core.artifacts.insights import Insights
from tdev.core.artifacts.lessons import Lessons
from tdev.core.artifacts.manifest import Manifest
from tdev.core.artifacts.model import Model
from tdev.core.artifacts.patch import Patch
from tdev.core.artifacts.plan import Plan
from tdev.core.artifacts.publication import Publication
from tdev.core.artifacts.rebase import Rebase
from tdev.core.artifacts.spec import BlueprintChoice, Spec
from tdev.core.artifacts.summary import Summary
from tdev.core.artifacts.verdict import Verdict


class Artifact(NamedTuple):
    """One file of the run directory."""

    file: str
    """POSIX path inside the run directory."""
    model: type[Model]
    """What it holds."""


ARTIFACTS = (
    Artifact("goal.json", Goal),
    Artifact("insights.json", Insights),
    Artifact("spec/model.json", Spec),
    Artifact("spec/blueprint.json", BlueprintChoice),
    Artifact("plan.json", Plan),
    Artifact("baseline.json", Measurement),
    Artifact("patch.json", Patch),
    Artifact("evaluation.json", Evaluation),
    Artifact("verdict.json", Verdict),
    Artifact("summary.json", Summary),
    Artifact("rebase.json", Rebase),
    Artifact("publication.json", Publication),
    Artifact("lessons.json", Lessons),
    Artifact("events.jsonl", Event),
    Artifact("MANIFEST.json", Manifest),
)

FILE_OF = {artifact.model: artifact.file for artifact in ARTIFACTS}

__all__ = [
    "ARTIFACTS",
    "FILE_OF",
    "Artifact",
    "BlueprintChoice",
    "Evaluation",
    "Event",
    "Goal",
    "Insights",
    "Lessons",
    "Manifest",
    "Measurement",
    "Model",
    "Patch",
    "Plan",
    "Publication",
    "Rebase",
    "Spec",
    "Summary",
    "Verdict",
]
