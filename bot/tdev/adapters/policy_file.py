"""The policy in force: policies/default.yml, and over it the repository's own .github/tdev.yml as it is committed.

Comes in: the text of at most one file of the repository. Goes out: a checked Policy, and for every
key the file, line and column it comes from. What keys mean and which values are allowed is the room
policy's business; here is only where the text is found and how problems are reported.

A run reads the file from the commit it starts from, never from the work tree or from the change it
judges: a change must not be able to loosen the rules it is held against. Only `tdev policy
validate` looks at the work tree. Links are refused, since their target is not committed.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from pydantic import ValidationError

from tdev.adapters.git import Git
from tdev.errors import ConfigurationError
from tdev.policy.check import checked, overlaid, validated
from tdev.policy.document import MAX_BYTES, Document, read_document
from tdev.policy.model import Policy
from tdev.policy.problems import Place, PolicyProblems, Problem
from tdev.policy.sandbox import beyond
from tdev.policy.waiver import Waiver
from tdev.settings import Settings

POLICY_PATH = ".github/tdev.yml"
"""Where a repository keeps its policy."""
WAIVERS_PATH = ".github/tdev-waivers.yml"
"""Where it may keep its waivers, so that other people can own that file."""
MISSPELLED = (".github/tdev.yaml", ".tdev.yml", "tdev.yml")
"""Names people might take for it; one of them alone is an error, for its rules would silently not hold."""
DEFAULT_NAME = "policies/default.yml"


@dataclass(frozen=True)
class PolicyFile:
    """One policy file as text."""

    source: str
    """Name for messages."""
    text: str
    """Its content."""


@dataclass(frozen=True)
class Origin:
    """Where the value of a key comes from."""

    source: str
    """File."""
    place: Place
    """Line and column."""


@dataclass(frozen=True)
class InForce:
    """A policy, and which file says what of it."""

    policy: Policy
    """The policy."""
    layers: tuple[tuple[str, Document], ...]
    """(source, document) of each file, the one that counts most last."""

    def origin(self, key: str) -> Origin | None:
        """The file, line and column that set a dotted key; None when the models' own default holds."""
        path = tuple(key.split("."))
        for source, document in reversed(self.layers):
            if path in document.places:
                return Origin(source, document.places[path])
        return None


def load(settings: Settings, repository_text: str | None, source_name: str = POLICY_PATH) -> Policy:
    """The policy of a repository whose file has this text; None = it has no such file.

    Raises ConfigurationError with file, line, column, what is allowed and the nearest key.
    """
    return in_force(settings, None if repository_text is None else PolicyFile(source_name, repository_text)).policy


def load_for(settings: Settings, git: Git, sha: str) -> Policy:
    """The policy as it is committed at `sha`, with the waivers of a file of their own: the work tree does not count.

    Raises ConfigurationError.
    """
    policy = in_force(settings, committed(git, sha)).policy
    return policy.model_copy(update={"waivers": policy.waivers + waivers_in(committed(git, sha, WAIVERS_PATH))})


def waivers_in(file: PolicyFile | None) -> tuple[Waiver, ...]:
    """The waivers of a file that holds nothing else; none where there is no file. Raises ConfigurationError."""
    if file is None:
        return ()
    try:
        document = read_document(file.text)
        if others := _beside_waivers(document):
            raise PolicyProblems(others)
        return validated(checked(document)).waivers
    except PolicyProblems as error:
        raise _wrong(file.source, error.problems) from error


def _beside_waivers(document: Document) -> tuple[Problem, ...]:
    """Keys that have no place in a file of waivers."""
    others = (name for name in document.data if name != "waivers")
    said = f"stands in {POLICY_PATH}; here are waivers only"
    return tuple(Problem(document.places[name,], f"{name!r} {said}", name) for name in others)


def in_force(settings: Settings, repository: PolicyFile | None) -> InForce:
    """The policy with the origin of its values. Raises ConfigurationError."""
    files = [PolicyFile(DEFAULT_NAME, _default_text(settings)), *([repository] if repository else [])]
    data: Mapping[str, object] = {}
    layers = []
    ceiling = None
    for file in files:
        try:
            document = read_document(file.text)
            own = checked(document)
            if ceiling and (found := beyond(document, ceiling, DEFAULT_NAME)):
                raise PolicyProblems(found)
            data = overlaid(data, own)
            ceiling = ceiling or validated(data).sandbox
        except PolicyProblems as error:
            raise _wrong(file.source, error.problems) from error
        layers.append((file.source, document))
    try:
        return InForce(validated(data), tuple(layers))
    except ValidationError as error:
        raise ConfigurationError(f"The policy is wrong: {error.errors()[0]['msg']}.") from error


def problems_of(settings: Settings, file: PolicyFile) -> tuple[Problem, ...]:
    """Everything that is wrong with a repository's policy file; empty when it may be used."""
    try:
        document = read_document(file.text)
        checked(document)
    except PolicyProblems as error:
        return error.problems
    if file.source.endswith(PurePosixPath(WAIVERS_PATH).name):
        return _beside_waivers(document)
    return beyond(document, in_force(settings, None).policy.sandbox, DEFAULT_NAME)


def _wrong(source: str, problems: tuple[Problem, ...]) -> ConfigurationError:
    more = len(problems) - 1
    also = f"There {'is one more problem' if more == 1 else f'are {more} more problems'} in it. " if more else ""
    return ConfigurationError(
        f"{problems[0].at(source)}.",
        next_step=f"{also}`tdev policy validate` lists all; docs/policies.md explains every key.",
    )


def _default_text(settings: Settings) -> str:
    file = settings.policies / "default.yml"
    try:
        return decoded(file.read_bytes(), DEFAULT_NAME)
    except OSError as error:
        raise ConfigurationError(
            f"{file} can't be read: {error.strerror}.",
            next_step="Install T-Developer anew, or unset TDEV_POLICIES.",
        ) from error


def read_file(path: Path) -> PolicyFile:
    """A policy file on disk. Raises ConfigurationError when it can't be read, is too large or not UTF-8."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise ConfigurationError(
            f"{path} can't be read: {error.strerror}.", next_step="Give a readable policy file."
        ) from error
    return PolicyFile(str(path), decoded(data, str(path)))


def decoded(data: bytes, source: str) -> str:
    """The file's text. Raises ConfigurationError when it is too large or not UTF-8."""
    if len(data) > MAX_BYTES:
        raise ConfigurationError(
            f"{source} is larger than {MAX_BYTES // 1024} KiB.", next_step="A policy needs a few lines; shorten it."
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - data.rfind(b"\n", 0, error.start)
        raise ConfigurationError(
            f"{source}:{line}:{column}: the file is not UTF-8.", next_step="Save it as UTF-8."
        ) from error


def in_work_tree(folder: Path) -> PolicyFile | None:
    """The policy file of a work tree, committed or not; None when there is none. Raises as `committed` does."""
    path = folder / POLICY_PATH
    if path.is_symlink() or (path.exists() and not path.is_file()):
        raise _not_regular()
    if not path.exists():
        _check_names([name for name in MISSPELLED if (folder / name).exists()])
        return None
    return PolicyFile(POLICY_PATH, read_file(path).text)


def committed(git: Git, sha: str, wanted: str = POLICY_PATH) -> PolicyFile | None:
    """The policy file of a commit (or its file of waivers); None when there is none.

    Raises ConfigurationError when it is no regular file, too large, not UTF-8, or only there under a wrong name.
    """
    names = (wanted, *MISSPELLED) if wanted == POLICY_PATH else (wanted,)
    rows = git.run("ls-tree", "-z", "-l", "--full-tree", sha, "--", *names).stdout.split("\0")
    entries = {path: fields.split() for fields, _, path in (row.partition("\t") for row in rows if row)}
    if wanted not in entries:
        _check_names(list(entries))
        return None
    mode, _, blob, size = entries[wanted]
    if not mode.startswith("100"):
        raise _not_regular(wanted)
    if int(size) > MAX_BYTES:
        decoded(b" " * (MAX_BYTES + 1), wanted)
    with tempfile.TemporaryFile() as file:
        git.run("cat-file", "blob", blob, output=file)
        file.seek(0)
        return PolicyFile(wanted, decoded(file.read(), wanted))


def _check_names(found: list[str]) -> None:
    if found:
        raise ConfigurationError(
            f"The repository has {found[0]}, which is not read.", next_step=f"Rename it to {POLICY_PATH}."
        )


def _not_regular(path: str = POLICY_PATH) -> ConfigurationError:
    return ConfigurationError(
        f"{path} is not a regular file.", next_step="Replace the link or folder by the file itself."
    )
