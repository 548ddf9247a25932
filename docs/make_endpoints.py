"""Writes docs/forge-endpoints.md from the table of the forge's REST API; with --check, says whether it is current."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from made_page import write_or_check

from tdev.forge.call import Handler
from tdev.forge.routes import ROUTES

FILE = Path(__file__).with_name("forge-endpoints.md")
_HEAD = """\
# The forge's endpoints

What `tdev forge` answers of [GitHub's REST API](https://docs.github.com/rest), below `/api/v3`; for all else see
[the forge](forge.md). This page is made from the table of routes by `make docs`. Tests ask every endpoint and hold each
answer against GitHub's published OpenAPI description.

A permission is what a token of an App needs: `issues:write`. With *or*, one of several is enough. People need a role
in the repository instead: `read` to read, `write` to write, `admin` for `administration:write`; where it says *readers
too*, whoever reads the repository may, as far as GitHub lets them. *App* is an App's JSON Web Token, *any token* a
token that the endpoint fits, *nobody* means that none is needed.
"""


def main(words: list[str]) -> int:
    """Write the page, or compare it; 0, or 1 when it is out of date."""
    return write_or_check(FILE, page(), words, f"{len(ROUTES)} endpoints")


def page() -> str:
    """The page as it should be."""
    lines = [_HEAD]
    for module, rows in groupby(ROUTES, lambda row: row[3].__module__):
        lines += ["", f"## {_title(module)}", "", f"{_first(sys.modules[module].__doc__)}", ""]
        lines += ["| method | path | permission | what it does |", "|---|---|---|---|", *map(_line, rows)]
    return "\n".join(lines).replace("\n\n\n", "\n\n") + "\n"


def _title(module: str) -> str:
    """The last word of a module's name as a heading."""
    return module.rsplit(".", 1)[-1].replace("_", " ").capitalize()


def _first(text: str | None) -> str:
    """The first sentence of a docstring."""
    return (text or "").strip().split("\n\n")[0].replace("\n", " ").replace("|", "\\|")


def _line(row: tuple[str, str, str, Handler]) -> str:
    """One row of the table."""
    method, template, permission, handler = row
    return f"| {method} | `{template}` | {_permission(permission, template)} | {_first(handler.__doc__)} |"


def _permission(words: str, template: str) -> str:
    """What a caller needs, in words."""
    if words == "app":
        return "App"
    if not words:
        own = template == "/user" or template.startswith(("/user/", "/installation/"))
        return "any token" if own else "nobody"
    return " or ".join(_alternatives(words))


def _alternatives(words: str) -> Iterator[str]:
    """Each alternative."""
    open_to_readers = ":open" in words
    names = [f"`{word.replace(':open', ':write')}`" for word in words.split("|")]
    yield from names[:-1]
    yield names[-1] + (", readers too" if open_to_readers else "")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
