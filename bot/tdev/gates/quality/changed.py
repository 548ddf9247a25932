"""Which files the quality gate is about."""

from __future__ import annotations

from tdev.core.artifacts.evaluation import Evaluation
from tdev.core.scan.paths import is_python_path


def python_files(evaluation: Evaluation) -> set[str]:
    """Python files the change touches, deleted ones included."""
    return {path for path in evaluation.paths if is_python_path(path)}
