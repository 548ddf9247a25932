"""Where a registry of npm keeps a version, and whether a lock file's address is such a place.

Used by the readers of npm, pnpm and Yarn. An address that does not end in the name and version that the lock states
could hold anything, so what is known of that version says nothing about it.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import unquote, urlsplit

from tdev.core.locks.package import NPM, Locked, Package

_LOCAL = ("file:", "link:", "portal:", "workspace:")


class Found:
    """What a reader has found so far in one file."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._packages: dict[Package, Package] = {}
        self._registries: dict[str, int] = {}

    def add(self, name: object, version: object, address: object, line: int) -> None:
        """Take a package; `address` is empty where the registry decides. Raises ValueError for what is no text."""
        if not (isinstance(name, str) and isinstance(version, str) and name and version):
            raise ValueError(f"the entry of {name or 'a package'} in line {line} has no version")
        registry, source = _place(name, version, address) if isinstance(address, str) else ("", "")
        if registry:
            self._registries.setdefault(registry, line)
        package = Package(NPM, name, version, self._path, line, source)
        self._packages.setdefault(package, package)

    def locked(self) -> Locked:
        """Everything, each once."""
        return Locked(tuple(self._packages), tuple(self._registries.items()))


def _place(name: str, version: str, address: str) -> tuple[str, str]:
    """The registry that the address is a place of, or the address, when it is none's; empty where there is neither."""
    parts = urlsplit(address)
    if not address or parts.scheme == "file" or ":" not in address:
        return "", ""
    ending = f"/{name}/-/{name.rpartition('/')[2]}-{version.partition('+')[0]}.tgz"
    if parts.scheme not in ("http", "https") or not unquote(parts.path).endswith(ending):
        return "", address
    prefix = unquote(parts.path).removesuffix(ending)
    return f"{parts.scheme}://{parts.netloc}{prefix}", ""


def split_name(text: str) -> tuple[str, str]:
    """`name@rest` in two, scopes kept: `@a/b@1` is `@a/b` and `1`."""
    at = text.find("@", 1)
    return (text[:at], text[at + 1 :]) if at > 0 else (text, "")


def is_local(rest: str) -> bool:
    """True for a range that names a folder of the project."""
    return rest.startswith(_LOCAL)


def first_text(values: Iterable[object]) -> str:
    """The first that is a text and not empty."""
    return next((each for each in values if isinstance(each, str) and each), "")
