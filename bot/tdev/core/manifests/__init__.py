"""What dependency files say: which packages at which versions, and on which line; read from their text, no network.

The one place that knows the formats. Three readers of it: research asks how old pins are and which Python is the oldest
(core/insight), the audit what a change brings (core/dependency_change.py), and core/project_dependencies.py what to
install before a project's tests can run. Nothing of a project is run, and nothing here raises for what a file says.
A new format gets a module with a function `of_...` and a line in readers.py.
"""

from __future__ import annotations

from tdev.core.manifests.interpreter import PythonFloor, python_floor
from tdev.core.manifests.readers import dependencies_of, is_dependency_file, is_manifest, requirements
from tdev.core.manifests.requirement import Dependencies, Requirement, normalised

__all__ = [
    "Dependencies",
    "PythonFloor",
    "Requirement",
    "dependencies_of",
    "is_dependency_file",
    "is_manifest",
    "normalised",
    "python_floor",
    "requirements",
]
