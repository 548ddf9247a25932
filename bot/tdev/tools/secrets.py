"""Credentials in a change: every file version and message of every commit, also of what a later commit removed.

Comes in: two commits. Goes out: findings for the security gate. change_versions.py lays file
versions out in a folder of their own under plain names, because both programs skip paths and
endings they think harmless, and read ignore files of what they scan.

The history between base and head counts: a credential that one commit adds and the next removes is
published all the same. Lines that the change did not touch are not reported.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from tdev.adapters.files import explained
from tdev.adapters.git import Git
from tdev.adapters.private_folder import private_folder
from tdev.core.artifacts.finding import Finding, Severity, ToolReport
from tdev.core.fingerprint import fingerprint
from tdev.core.placeholders import holds_no_credential
from tdev.core.scan.paths import is_test_path
from tdev.tools import detect_secrets, gitleaks, kingfisher
from tdev.tools.change_versions import Version, lay_out, sizes_of, versions_of
from tdev.tools.secret_hits import Hit, plant_canary
from tdev.tools.toolbox import Toolbox

NAME = "secrets"
LARGEST = 512 * 1024 * 1024
"""Most bytes of file versions that are searched; a change with more is no evidence."""

_REMEDY = "Revoke the credential, take it out of every commit, and read it from the environment."


def scan(toolbox: Toolbox, git: Git, base_sha: str, head_sha: str, timeout: float) -> ToolReport:
    """What kingfisher, detect-secrets and (where it is installed) gitleaks find in what the commits up to head add.

    `timeout` is in seconds, for each program. Not ok when one of them could not look at everything. Raises
    TransientError when git fails or a program can't be installed.
    """
    third = toolbox.installed(gitleaks.NAME)
    names = (kingfisher.NAME, detect_secrets.NAME, *([gitleaks.NAME] if third else []))
    version = ", ".join(f"{name.removesuffix('-bin')} {toolbox.version(name)}" for name in names)
    versions = tuple(versions_of(git, base_sha, head_sha))
    blobs = tuple(dict.fromkeys(version.blob for version in versions))
    if not blobs:
        return ToolReport(tool=NAME, version=version, ok=True, reason="no commit between base and head")
    sizes = sizes_of(git, blobs)
    if sum(sizes.values()) > LARGEST:
        reason = f"the change holds {sum(sizes.values()) >> 20} MiB, more than the {LARGEST >> 20} that are searched"
        return ToolReport(tool=NAME, version=version, ok=False, reason=reason)
    with private_folder("secrets") as private, explained(private):
        folder = private / "items"
        folder.mkdir()
        items = lay_out(git, folder, versions, blobs)
        plant_canary(folder)
        distinct = sum(size > 0 for size in sizes.values())
        large = [item for item, found in items.items() if sizes[found[0].blob] > detect_secrets.LARGEST]
        searches = (
            kingfisher.search(toolbox, folder, distinct, timeout),
            detect_secrets.search(toolbox, folder, timeout, large),
            *([gitleaks.search(toolbox, folder, timeout)] if third else []),
        )
        hits = [_weighed(hit, folder) for search in searches for hit in search.hits]
    reasons = [search.reason for search in searches if search.reason]
    findings = tuple(_findings(hits, items))
    findings += tuple(_by_shape_alone(path) for path in sorted({items[item][0].path for item in large}))
    return ToolReport(
        tool=NAME,
        version=version,
        ok=not reasons,
        reason="; ".join(reasons),
        examined=len(versions),
        findings=findings,
    )


def _weighed(hit: Hit, folder: Path) -> Hit:
    """The hit; a note where it goes by name or place, and its lines hold only placeholders or local logins."""
    if hit.severity is not Severity.WARNING:
        return hit
    (file,) = (folder / hit.item).iterdir()
    lines = file.read_text("utf-8", "replace").split("\n")[hit.line - 1 : hit.end_line]
    empty = bool(lines) and all(holds_no_credential(line) for line in lines)
    return replace(hit, severity=Severity.NOTE) if empty else hit


def _findings(hits: Iterable[Hit], items: Mapping[str, tuple[Version, ...]]) -> Iterator[Finding]:
    """One finding per credential and file: at its line where the head has it, else with the commit that brought it."""
    pairs = [(hit, version) for hit in hits for version in items[hit.item] if version.concerns(hit)]
    pairs.sort(key=lambda pair: bool(pair[1].commit))
    seen: set[tuple[str, str]] = set()
    places: set[tuple[str, str, int]] = set()
    count: Counter[tuple[str, str]] = Counter()
    for hit, version in pairs:
        credential, place = (version.path, hit.identity), (version.commit, version.path, hit.line)
        if credential in seen or place in places:
            seen.add(credential)
            continue
        seen.add(credential)
        places.add(place)
        count[hit.rule, version.path] += 1
        yield _finding(hit, version, count[hit.rule, version.path])


def _finding(hit: Hit, version: Version, number: int) -> Finding:
    if not version.path:
        where = f"in the message of commit {version.commit[:10]}"
    elif version.commit:
        where = f"in line {hit.line} of {version.path} in commit {version.commit[:10]}; it stays in the history"
    else:
        where = f"in {version.path}"
    at_head = bool(version.path) and not version.commit
    return Finding(
        tool=NAME,
        rule=hit.rule,
        severity=_severity(hit, version.path),
        message=f"A credential ({hit.rule}) stands {where}",
        path=version.path,
        line=hit.line if at_head else 0,
        end_line=hit.end_line if at_head else 0,
        remedy=_REMEDY,
        fingerprint=fingerprint(NAME, hit.rule, version.path, str(number)),
    )


def _by_shape_alone(path: str) -> Finding:
    """Says of a large file that one of the two searches was left out."""
    return Finding(
        tool=NAME,
        rule="by-shape-alone",
        severity=Severity.NOTE,
        message=f"{path} is larger than {detect_secrets.LARGEST >> 20} MiB: credentials were searched by shape alone",
        path=path,
        remedy="Keep large data out of the repository.",
        fingerprint=fingerprint(NAME, "by-shape-alone", path),
    )


def _severity(hit: Hit, path: str) -> Severity:
    """What only sounds like a credential is a note in tests: they are full of made-up passwords."""
    by_name = hit.rule in detect_secrets.BY_NAME or hit.rule == gitleaks.BY_NAME
    made_up = by_name and is_test_path(path)
    return Severity.NOTE if made_up else hit.severity
