"""Writes the tables of docs/bot.md from commands, App and settings; with --check, says whether they are current.

A table stands between `<!-- made: NAME -->` and `<!-- end -->`. What the settings mean is read from the docstrings
below their fields, which begin with the variable in backticks.
"""

from __future__ import annotations

import ast
import inspect
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from made_page import write_or_check

from tdev import settings
from tdev.core.command import MEANINGS
from tdev.web.app_manifest import EVENTS, PERMISSIONS, registration_page

FILE = Path(__file__).with_name("bot.md")
_BLOCK = re.compile(r"(<!-- made: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
_SETTING = re.compile(r"(?P<names>`TDEV_\w+`(?:, else `\w+`)?): (?P<meaning>.+)", re.DOTALL)
_OF_THE_BOT = (
    "webhook_secret",
    "app_id",
    "app_private_key",
    "app_private_key_file",
    "github_api_url",
    "workflow",
    "poll_seconds",
    "runs_per_hour",
)


def main(words: list[str]) -> int:
    """Write the page, or compare it; 0, or 1 when it is out of date."""
    return write_or_check(FILE, page(FILE.read_text("utf-8")), words, ", ".join(TABLES))


def page(text: str) -> str:
    """The page with its tables made anew."""
    return _BLOCK.sub(lambda found: "\n".join((found[1].rstrip(), *TABLES[found[2]](), found[3])), text)


def commands() -> Iterator[str]:
    """The commands of a comment."""
    yield from ("| command | what it does |", "|---|---|")
    yield from (f"| `/tdev {name.value}` | {meaning} |" for name, meaning in MEANINGS.items())


def permissions() -> Iterator[str]:
    """The App's permissions and events."""
    yield from ("| permission | level | why |", "|---|---|---|")
    yield from (f"| {each.name.replace('_', ' ')} | {each.level} | {each.why} |" for each in PERMISSIONS)
    yield ""
    yield f"Events: {', '.join(event.replace('_', ' ') for event in EVENTS)}."


def registration() -> Iterator[str]:
    """The page on GitHub where the App is registered."""
    yield f"[Register it on GitHub]({registration_page('https://your-host')})"


def environment() -> Iterator[str]:
    """The bot's settings."""
    yield from ("| variable | meaning | default |", "|---|---|---|")
    defaults = {name: each.default for name, each in settings.Settings.__dataclass_fields__.items()}
    texts = _docstrings()
    for name in _OF_THE_BOT:
        found = _SETTING.match(texts[name])
        if found is None:
            raise SystemExit(f"The docstring of Settings.{name} does not begin with its variable.")
        default = f"`{defaults[name]}`" if defaults[name] else ""
        yield f"| {found['names']} | {' '.join(found['meaning'].split()).rstrip('.')} | {default} |"
    yield "| `TDEV_HOME` | the state folder, which holds `bot.sqlite` | see [operations](operations.md) |"


def _docstrings() -> dict[str, str]:
    """The text below each field of Settings."""
    tree = ast.parse(inspect.getsource(settings.Settings)).body[0]
    texts = {}
    if isinstance(tree, ast.ClassDef):
        for field, text in zip(tree.body, tree.body[1:], strict=False):
            if isinstance(field, ast.AnnAssign) and isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant):
                texts[ast.unparse(field.target)] = str(text.value.value)
    return texts


TABLES: Mapping[str, Callable[[], Iterator[str]]] = {
    "commands": commands,
    "permissions": permissions,
    "registration": registration,
    "environment": environment,
}


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
