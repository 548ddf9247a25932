"""What dependency files say: which packages at which versions, and on which line; read from their text, no network."""

from __future__ import annotations

from tdev.core.manifests.interpreter import PythonFloor, python_floor
from tdev.core.manifests.readers import is_manifest, requirements
from tdev.core.manifests.requirement import Requirement

__all__ = ["PythonFloor", "Requirement", "is_manifest", "python_floor", "requirements"]
