"""What a package index says of one project, and a package of itself, read from their text.

Comes in: a page of the simple repository API, as JSON or as HTML
(https://packaging.python.org/en/latest/specifications/simple-repository-api/), or a METADATA file
(https://packaging.python.org/en/latest/specifications/core-metadata/). Goes out: files with their versions and days,
and the facts that a gate asks for. What a page does not say is None or empty, never a guess.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.parser import HeaderParser
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from tdev.core.licence_names import licence_expression

JSON_FORM = "application/vnd.pypi.simple.v1+json"
_SDIST = re.compile(r"(?P<name>.+)-(?P<version>[^-]+)\.(?:tar\.gz|zip|tar\.bz2|tgz)", re.IGNORECASE)
_WEB = re.compile(r"https?://[^\s/]+\.[^\s]+", re.IGNORECASE)


@dataclass(frozen=True)
class IndexFile:
    """One file of a project."""

    name: str
    """Its file name."""
    version: str
    """The release it belongs to, as the name spells it."""
    row: Mapping[str, Any]
    """What the index says of it."""
    page: str
    """Where the page is that lists it."""

    @property
    def url(self) -> str:
        """Where it is."""
        return urljoin(self.page, str(self.row.get("url", ""))).partition("#")[0]

    @property
    def wheel(self) -> bool:
        """Ready to be unpacked; else code of the package runs when it is installed."""
        return self.name.lower().endswith(".whl")

    @property
    def uploaded(self) -> datetime | None:
        """When it was put there, UTC; None = the index does not say."""
        return _moment(self.row.get("upload-time"))

    @property
    def yanked(self) -> bool:
        """Taken back by its makers."""
        return self.row.get("yanked") not in (None, False)

    @property
    def metadata(self) -> bool:
        """Its METADATA can be had beside it, at `url` + `.metadata`."""
        told = (self.row.get(name) for name in ("core-metadata", "dist-info-metadata", "data-dist-info-metadata"))
        return bool(next((each for each in told if each is not None), False))


@dataclass(frozen=True)
class PackageFacts:
    """What a package says of itself."""

    licence: str = ""
    """SPDX expression; empty = it can't be told."""
    addresses: tuple[str, ...] = ()
    """Web addresses of its sources, its home page and the like."""


@dataclass(frozen=True)
class ProjectPage:
    """What an index lists of one project; a page may have thousands of files, so only those asked for are read."""

    url: str
    """Where it is."""
    rows: tuple[Mapping[str, Any], ...] = ()
    """Its files, in the words of the JSON form."""

    @property
    def first(self) -> datetime | None:
        """When the project's first file was put there, UTC; None = the index does not say."""
        moments = [said for row in self.rows if isinstance(said := row.get("upload-time"), str)]
        return _moment(min(moments, default=None))

    def release(self, version: str) -> tuple[IndexFile, ...]:
        """The files of one version."""
        found = (_file(row, self.url) for row in self.rows)
        return tuple(file for file in found if file is not None and same_version(file.version, version))


def page_of(text: str, url: str, form: str) -> ProjectPage:
    """A project's page; `form` is its content type. Raises ValueError for what is no such page."""
    return ProjectPage(url, tuple(_json_rows(text) if "json" in form else _html_rows(text)))


def facts_of_metadata(text: str) -> PackageFacts:
    """What a METADATA or PKG-INFO file says."""
    fields = HeaderParser().parsestr(text)
    named = [value.partition(",")[2].strip() for value in fields.get_all("Project-URL") or ()]
    addresses = [*named, *(fields.get(name) or "" for name in ("Home-page", "Download-URL"))]
    licence = licence_expression(
        fields.get("License-Expression") or "", fields.get("License") or "", fields.get_all("Classifier") or ()
    )
    return PackageFacts(licence, tuple(each for each in addresses if _WEB.fullmatch(each)))


def same_version(one: str, other: str) -> bool:
    """Whether two spellings are one version: `1.0` is `1.0.0`, and `1.0-1` of a file name may be `1.0.post1`."""
    return _plain(one) == _plain(other)


def _plain(version: str) -> str:
    spelled = version.strip().lower().removeprefix("v").replace("_", "-").replace("!", "-")
    release, rest = re.fullmatch(r"([0-9.]*)(.*)", spelled, re.DOTALL).groups()  # type: ignore[union-attr]
    numbers = [part.lstrip("0") or "0" for part in release.strip(".").split(".")]
    while len(numbers) > 1 and numbers[-1] == "0":
        numbers.pop()
    return ".".join(numbers) + re.sub(r"[-.]", "", rest)


def _json_rows(text: str) -> list[dict[str, Any]]:
    document = json.loads(text)
    rows = document.get("files") if isinstance(document, dict) else None
    if not isinstance(rows, list):
        raise ValueError("it lists no files")
    return [row for row in rows if isinstance(row, dict)]


def _html_rows(text: str) -> list[dict[str, Any]]:
    page = _Page()
    page.feed(text)
    page.close()
    return page.rows


class _Page(HTMLParser):
    """The links of a page, in the words of the JSON form."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[dict[str, Any]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag != "a" or not given.get("href"):
            return
        told = given.get("data-core-metadata", given.get("data-dist-info-metadata", "false"))
        row = {"url": given["href"], "core-metadata": told != "false", "yanked": "data-yanked" in given}
        self.rows.append(row)


def _file(row: Mapping[str, Any], page: str) -> IndexFile | None:
    """One entry; None for what is neither wheel nor source distribution."""
    name = str(row.get("filename") or unquote(urlsplit(str(row.get("url", ""))).path.rpartition("/")[2]))
    parts = name.split("-")
    if name.lower().endswith(".whl"):
        return IndexFile(name, parts[1], row, page) if len(parts) >= 5 else None
    match = _SDIST.fullmatch(name)
    return IndexFile(name, match["version"], row, page) if match else None


def _moment(said: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(said) if isinstance(said, str) else None
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found and found.tzinfo is None else found
