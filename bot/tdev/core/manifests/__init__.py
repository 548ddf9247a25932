"""What dependency files say: which packages at which versions, and on which line; read from their text, no network.

Used by research: stages/research.py asks git how old each line with a pin is, core/insight/dependencies.py judges
that, and python_floor tells which syntax a project may use.
Nothing here fails: a file that can't be parsed asks for nothing, because research describes a repository and does
not judge it. The audit of a change must not be so lenient and reads the same files in core/dependency_files.py.
"""

from __future__ import annotations

from tdev.core.manifests.interpreter import PythonFloor, python_floor
from tdev.core.manifests.readers import is_manifest, requirements
from tdev.core.manifests.requirement import Requirement

__all__ = ["PythonFloor", "Requirement", "is_manifest", "python_floor", "requirements"]
