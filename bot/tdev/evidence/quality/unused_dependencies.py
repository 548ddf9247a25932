"""Dependencies that nothing imports at the head, and that the base did not have or did import.

deptry looks at both sides. Each of the few that are new is asked about once more (unimported.py), as packages are
imported under other names, loaded by others, or started. The whole tree's Python files count, tests among them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from tdev.core.artifacts.finding import ToolReport
from tdev.core.deptry_settings import DeptrySettings, deptry_settings
from tdev.core.distributions import import_names, is_for_checkers
from tdev.core.manifests import is_dependency_file, normalised
from tdev.core.scan.paths import is_test_path
from tdev.evidence.kept import kept, key_of
from tdev.evidence.quality.unimported import Candidate, findings_about
from tdev.evidence.subject import Change, Commit
from tdev.policy.quality_gate import Mode
from tdev.tools import deptry
from tdev.tools.deptry import NAME, Imports

FILES = ("pyproject.toml", "requirements.txt", "requirements.in")
"""Names of the files in which deptry reads what has to be installed."""
NAMES_FILE = "import-names.txt"
_CODE = (".py", ".ipynb")
_ELSEWHERE = frozenset({"docs", "doc", "examples", "example", "samples", "vendor", "third_party", "node_modules"})


@dataclass(frozen=True)
class _Side:
    """One commit, with what is known of packages."""

    commit: Commit
    names: Mapping[str, tuple[str, ...]]

    @cached_property
    def files(self) -> Mapping[str, str]:
        """Content id by path of what can be named."""
        return {path: blob for path, blob in self.commit.files.items() if "\ufffd" not in path}

    @cached_property
    def folders(self) -> tuple[str, ...]:
        """Those with dependency files of a project, not of its tests, documents or examples."""
        paths = (path.rpartition("/") for path in self.files)
        found = {folder or "." for folder, _, name in paths if name in FILES and not _is_elsewhere(folder)}
        return tuple(sorted(found))

    @cached_property
    def imports(self) -> Imports:
        """What deptry says; kept by the commit's tree."""
        run, tree = self.commit.run, self.commit.checkout
        code = [path for path in self.files if path.endswith(_CODE)]
        key = key_of(run, NAME, self.commit.tree, json.dumps(self.names, sort_keys=True))

        def ask() -> Imports:
            return deptry.imports(run.settings, tree, code, self.folders, self.names, run.policy.limits.tool_seconds)

        return kept(run, key, Imports, lambda said: not said.reason, ask)

    @cached_property
    def unused(self) -> Mapping[tuple[str, str], Candidate]:
        """What nothing imports, by folder and normalised name."""
        return {
            (asked.folder, normalised(one.name)): Candidate(asked.folder, one.file, one.name)
            for asked in self.imports.folders
            for one in asked.unused
        }

    @cached_property
    def refused(self) -> Mapping[str, str]:
        """Why files can't be read, by folder."""
        return {asked.folder: asked.refused for asked in self.imports.folders if asked.refused}


def unused_dependencies(change: Change) -> ToolReport:
    """What the change leaves unused; `examined` is the number of dependencies at the head."""
    if not any(_matters(path) for file in change.patch.files for path in (file.path, file.old_path)):
        return ToolReport(tool=NAME, ok=True, reason="neither a dependency file nor a Python file changed")
    settings = _settings(change.before)
    if settings.off:
        return ToolReport(tool=NAME, ok=True, reason="the project's settings of deptry leave unused dependencies out")
    policies = change.run.settings.policies
    names = {**import_names((policies / NAMES_FILE).read_text("utf-8")), **settings.names}
    before, after = _Side(change.before, names), _Side(change.after, names)
    if not after.folders:
        return ToolReport(tool=NAME, ok=True, reason=f"there is no {FILES[0]} and no {FILES[1]}")
    said = after.imports
    reason = said.reason or (_newly_refused(before, after) if after.refused else "")
    if reason:
        return ToolReport(tool=NAME, version=said.version, ok=False, reason=reason)
    examined = sum(asked.examined for asked in said.folders)
    if not examined:
        return ToolReport(tool=NAME, version=said.version, ok=True, reason="no package has to be installed")
    new = _new(before, after, settings, change.run.policy.gates.quality.mode)
    found = findings_about(after.commit, after.files, said.modules, new, names)
    return ToolReport(
        tool=NAME,
        version=said.version,
        ok=not found.reason,
        reason=found.reason,
        examined=examined,
        findings=found.findings,
    )


def _new(before: _Side, after: _Side, settings: DeptrySettings, mode: Mode) -> list[Candidate]:
    """Those that the base did not have; all of them where the whole tree is held against the bars."""
    here = {
        key: one for key, one in after.unused.items() if key[1] not in settings.alone and not is_for_checkers(key[1])
    }
    if not here or mode is Mode.ABSOLUTE:
        return list(here.values())
    return [one for key, one in here.items() if key not in before.unused]


def _newly_refused(before: _Side, after: _Side) -> str:
    """Why files can't be read that could be before; empty where there are none."""
    new = {folder: why for folder, why in after.refused.items() if folder not in before.refused}
    return "; ".join(f"what {folder} asks for can't be read: {why}" for folder, why in new.items())


def _settings(base: Commit) -> DeptrySettings:
    """The settings of the project, else of the repository."""
    files = base.files
    for path in dict.fromkeys((f"{base.folder}/pyproject.toml".removeprefix("./"), "pyproject.toml")):
        if path in files:
            return deptry_settings(base.git.run("cat-file", "blob", files[path]).stdout)
    return DeptrySettings()


def _matters(path: str) -> bool:
    return path.endswith(_CODE) or is_dependency_file(path)


def _is_elsewhere(folder: str) -> bool:
    parts = folder.split("/")
    return is_test_path(f"{folder}/x") or any(part in _ELSEWHERE or part.startswith(".") for part in parts)
