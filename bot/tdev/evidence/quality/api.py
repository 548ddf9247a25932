"""griffe's look at what a change does to the public interface of the packages that the project publishes."""

from __future__ import annotations

from collections.abc import Mapping

from tdev.core.artifacts.finding import Finding, Severity, ToolReport
from tdev.core.code_paths import is_own_code
from tdev.core.fingerprint import fingerprint
from tdev.core.publication import FILES, RAISED, Publication, publication_of, published_packages, raised
from tdev.evidence.subject import Change, Commit
from tdev.tools import griffe
from tdev.tools.griffe import NAME, Trees

_NO_PACKAGE = "the project publishes no package that others could import"


def api(change: Change) -> ToolReport:
    """Breaks for those who import the project's packages; it looks at nothing where there can be none."""
    paths = {name for file in change.patch.files for name in (file.path, file.old_path) if name}
    if not any(is_own_code(path) for path in paths):
        return ToolReport(tool=NAME, ok=True, reason="no line of the project's own Python code changed")
    before = change.before.files
    packages = published_packages(before, change.before.folder)
    old = publication_of(_texts(change.before, before, packages))
    if old is None or not packages:
        return ToolReport(tool=NAME, ok=True, reason=_NO_PACKAGE)
    places = tuple(dict.fromkeys((*packages.values(), ".", "src")))
    trees = Trees(
        change.before.checkout,
        change.after.checkout,
        {name: tuple(dict.fromkeys((root, *places))) for name, root in packages.items()},
    )
    report = griffe.breaks(change.run.settings, trees, change.run.policy.limits.tool_seconds)
    new = publication_of(_texts(change.after, change.after.files, packages))
    if report.ok and new is not None and raised(old.version, new.version):
        return report.model_copy(update={"findings": (*report.findings, _room(old, new))})
    return report


def _texts(commit: Commit, files: Mapping[str, str], packages: Mapping[str, str]) -> dict[str, str]:
    """Build files by name, and files that may tell the version by path."""
    prefix = "" if commit.folder == "." else f"{commit.folder}/"
    wanted = {f"{prefix}{name}": name for name in FILES}
    for name, root in packages.items():
        inside = f"{name}" if root == "." else f"{root}/{name}"
        wanted |= {path: path for path in (f"{inside}/__init__.py", f"{inside}/__about__.py", f"{inside}/_version.py")}
    return {
        name: commit.git.run("cat-file", "blob", files[path]).stdout for path, name in wanted.items() if path in files
    }


def _room(old: Publication, new: Publication) -> Finding:
    return Finding(
        tool=NAME,
        rule=RAISED,
        severity=Severity.NOTE,
        message=f"The version goes from {old.version} to {new.version}, which leaves room for breaks",
        fingerprint=fingerprint(NAME, RAISED, old.version, new.version),
    )
