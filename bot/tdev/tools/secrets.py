"""Credentials in a change: every file version and message of every commit, also of what a later commit removed.

Comes in: two commits. Goes out: findings for the security gate. File versions are laid out in a
folder of their own under plain names, because both programs skip paths and endings they think
harmless, and read ignore files of what they scan.

The history between base and head counts: a credential that one commit adds and the next removes is
published all the same. Lines that the change did not touch are not reported.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tdev.adapters.files import explained
from tdev.adapters.git import Git
from tdev.core.artifacts.finding import Finding, Severity, ToolReport
from tdev.core.changed_lines import changed_lines
from tdev.core.fingerprint import fingerprint
from tdev.core.scan.paths import is_test_path
from tdev.tools import detect_secrets, kingfisher
from tdev.tools.secret_hits import Hit, plant_canary
from tdev.tools.toolbox import Toolbox

NAME = "secrets"
LARGEST = 512 * 1024 * 1024
"""Most bytes of file versions that are searched; a change with more is no evidence."""

_REMEDY = "Revoke the credential, take it out of every commit, and read it from the environment."
_MESSAGE_ITEM = "message.txt"
_TEXTS = (
    "bash|c|cfg|conf|cpp|cs|css|env|go|gradle|hcl|html|ini|ipynb|java|js|json|jsx|key|kt|md|pem|php|properties|ps1|py|rb"
    "|rs|rst|sh|sql|swift|tf|tfvars|toml|ts|tsx|xml|yaml|yml"
)
_ARCHIVES = "bz2|gz|jar|tar|tgz|whl|xz|zip"
_FORMATS = frozenset(f"{_TEXTS}|{_ARCHIVES}".split("|"))
"""Endings of text and archives that the programs read in a way of their own; all else is given as plain text."""


@dataclass(frozen=True)
class _Version:
    """One file as one commit made it, or a commit's own text (then `path` is empty)."""

    blob: str
    path: str
    commit: str
    """Empty = the head, compared with the base."""
    added: frozenset[int] | None
    """Lines the commit added or altered; None = all of them."""

    def concerns(self, hit: Hit) -> bool:
        """True when the commit brought one of the hit's lines."""
        return self.added is None or any(line in self.added for line in range(hit.line, hit.end_line + 1))


def scan(toolbox: Toolbox, git: Git, base_sha: str, head_sha: str, timeout: float) -> ToolReport:
    """What kingfisher and detect-secrets find in what the commits after base up to head add.

    `timeout` is in seconds, for each program. Not ok when either of them could not look at everything. Raises
    TransientError when git fails or a program can't be installed.
    """
    version = f"kingfisher {toolbox.version(kingfisher.NAME)}, detect-secrets {toolbox.version(detect_secrets.NAME)}"
    versions = tuple(_versions(git, base_sha, head_sha))
    blobs = tuple(dict.fromkeys(version.blob for version in versions))
    if not blobs:
        return ToolReport(tool=NAME, version=version, ok=True, reason="no commit between base and head")
    sizes = _sizes(git, blobs)
    if sum(sizes.values()) > LARGEST:
        reason = f"the change holds {sum(sizes.values()) >> 20} MiB, more than the {LARGEST >> 20} that are searched"
        return ToolReport(tool=NAME, version=version, ok=False, reason=reason)
    with tempfile.TemporaryDirectory(prefix="tdev-secrets-") as name, explained(Path(name)):
        folder = Path(name).resolve() / "items"
        folder.mkdir()
        items = _lay_out(git, folder, versions, blobs)
        plant_canary(folder)
        distinct = sum(size > 0 for size in sizes.values())
        searches = (
            kingfisher.search(toolbox, folder, distinct, timeout),
            detect_secrets.search(toolbox, folder, timeout),
        )
    reasons = [search.reason for search in searches if search.reason]
    findings = tuple(_findings([hit for search in searches for hit in search.hits], items))
    return ToolReport(
        tool=NAME,
        version=version,
        ok=not reasons,
        reason="; ".join(reasons),
        examined=len(versions),
        findings=findings,
    )


def _versions(git: Git, base: str, head: str) -> Iterator[_Version]:
    """The head against the base, then each commit against its first parent, with its own text."""
    yield from _changed(git, base, head, "")
    empty = git.run("hash-object", "-t", "tree", "--stdin", stdin=b"").stdout.strip()
    for row in git.text("rev-list", "--parents", "--reverse", f"{base}..{head}").splitlines():
        commit, *parents = row.split()
        yield _Version(commit, "", commit, None)
        yield from _changed(git, parents[0] if parents else empty, commit, commit)


def _changed(git: Git, old: str, new: str, commit: str) -> Iterator[_Version]:
    """The files that differ between two trees and still are there, with the lines that are new."""
    options = ("--no-color", "--no-ext-diff", "--no-textconv", "-M")
    raw = git.run("diff", "--raw", "-z", "--no-abbrev", *options, old, new).stdout
    lines = changed_lines(git.run("diff", "-U0", "--src-prefix=a/", "--dst-prefix=b/", *options, old, new).stdout)
    for blob, path in _raw_rows(raw):
        added = lines.get(path)
        yield _Version(blob, path, commit, None if added is None else frozenset(added))


def _raw_rows(raw: str) -> Iterator[tuple[str, str]]:
    """(blob, path) of each file of `git diff --raw -z` whose content is new; submodules have none."""
    fields = iter(raw.split("\0"))
    for row in fields:
        if not row:
            continue
        _, mode, before, blob, status = row.removeprefix(":").split(" ")
        path = next(fields)
        if status[0] in "RC":
            path = next(fields)
        if status[0] != "D" and mode != "160000" and blob != before:
            yield blob, path


def _sizes(git: Git, blobs: Sequence[str]) -> dict[str, int]:
    """Bytes of each object."""
    out = git.run("cat-file", "--batch-check=%(objectname) %(objectsize)", stdin="\n".join(blobs).encode()).stdout
    return {name: int(size) for name, size in (line.split(" ") for line in out.splitlines())}


def _lay_out(
    git: Git, folder: Path, versions: Sequence[_Version], blobs: Sequence[str]
) -> Mapping[str, tuple[_Version, ...]]:
    """Write each object into a folder of its own, under a harmless name with the same ending; versions by folder."""
    names = {version.blob: _harmless(version.path) for version in reversed(versions)}
    numbers = {blob: str(number) for number, blob in enumerate(blobs)}
    with tempfile.TemporaryFile(dir=folder.parent) as stream:
        git.run("cat-file", "--batch=%(objectname) %(objectsize)", stdin="\n".join(blobs).encode(), output=stream)
        stream.seek(0)
        while header := stream.readline():
            blob, size = header.decode().split()
            place = folder / numbers[blob]
            place.mkdir()
            (place / names[blob]).write_bytes(stream.read(int(size)))
            stream.read(1)
    return {number: tuple(version for version in versions if version.blob == blob) for blob, number in numbers.items()}


def _harmless(path: str) -> str:
    """A file name that no program leaves out or takes for its settings; endings that tell a format stay."""
    if not path:
        return _MESSAGE_ITEM
    ending = path.rpartition("/")[2].rpartition(".")[2].lower()
    return f"file.{ending if ending in _FORMATS else 'txt'}"


def _findings(hits: Iterable[Hit], items: Mapping[str, tuple[_Version, ...]]) -> Iterator[Finding]:
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


def _finding(hit: Hit, version: _Version, number: int) -> Finding:
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


def _severity(hit: Hit, path: str) -> Severity:
    """What only sounds like a credential is a note in tests: they are full of made-up passwords."""
    made_up = hit.rule in detect_secrets.BY_NAME and is_test_path(path)
    return Severity.NOTE if made_up else hit.severity
