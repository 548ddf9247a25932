"""What a package index says of one project, and a package of itself, read from their text.

Comes in: a page of the simple repository API, as JSON or as HTML
(https://packaging.python.org/en/latest/specifications/simple-repository-api/), or a METADATA file
(https://packaging.python.org/en/latest/specifications/core-metadata/). Goes out: files with their versions and days,
and the facts that a gate asks for. What a page does not say is None or empty, never a guess.
"""

from __future__ import annotations

import json
import re
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
    url: str
    """Where it is."""
    version: str
    """The release it belongs to, as the name spells it."""
    wheel: bool
    """Ready to be unpacked; else code of the package runs when it is installed."""
    uploaded: datetime | None = None
    """When it was put there, UTC; None = the index does not say."""
    yanked: bool = False
    """Taken back by its makers."""
    metadata: bool = False
    """Its METADATA can be had beside it, at `url` + `.metadata`."""


@dataclass(frozen=True)
class PackageFacts:
    """What a package says of itself."""

    licence: str = ""
    """SPDX expression; empty = it can't be told."""
    addresses: tuple[str, ...] = ()
    """Web addresses of its sources, its home page and the like."""


def files_of_page(text: str, url: str, form: str) -> tuple[IndexFile, ...]:
    """The files that a project's page lists; `form` is its content type. Raises ValueError for what is no such page."""
    rows = _json_rows(text) if "json" in form else _html_rows(text)
    found = (_file(row, url) for row in rows)
    return tuple(file for file in found if file is not None)


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


def _file(row: dict[str, Any], page: str) -> IndexFile | None:
    """One entry; None for what is neither wheel nor source distribution."""
    url = urljoin(page, str(row.get("url", "")))
    name = str(row.get("filename") or unquote(urlsplit(url).path.rpartition("/")[2]))
    wheel = name.lower().endswith(".whl")
    match = _SDIST.fullmatch(name)
    parts = name.split("-")
    if not (match or (wheel and len(parts) >= 5)):
        return None
    version = parts[1] if wheel else match["version"] if match else ""
    told = row.get("core-metadata", row.get("dist-info-metadata", row.get("data-dist-info-metadata", False)))
    return IndexFile(
        name=name,
        url=url.partition("#")[0],
        version=version,
        wheel=wheel,
        uploaded=_moment(row.get("upload-time")),
        yanked=row.get("yanked") not in (None, False),
        metadata=bool(told),
    )


def _moment(said: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(said) if isinstance(said, str) else None
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found and found.tzinfo is None else found
