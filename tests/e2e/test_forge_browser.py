"""The forge's pages in a real browser. Pictures go to $TDEV_PICTURES (`make docs`), else to the test's own folder."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import pytest

from support.browser import needs_browser, rendered, screenshot, size_and_colours
from support.forge import Forge, running_forge
from tdev.forge.git.commits import Person, move_ref, read_commit, tree_with, write_commit
from tdev.forge.workflows.runner import Ended, Order, Report
from tdev.settings import Settings

pytestmark = pytest.mark.e2e

_BEFORE = "def area(width, height):\n    return width * height\n"
_AFTER = '''"""Areas."""\n\n\ndef area(width: float, height: float) -> float:
    """Area of a rectangle."""\n    return width * height\n'''
_WORKFLOW = """\
name: tdev
run-name: tdev run-1
on: workflow_dispatch
jobs:
  work:
    runs-on: ubuntu-latest
    steps:
      - run: tdev --version
"""
_ISSUE = """\
The module is **hard to read**.

| file | lines |
|---|---|
| `area.py` | 2 |

- [x] read it
- [ ] type it

<script>document.title = "taken"</script>
"""


class Seen(NamedTuple):
    """A browser, a forge with something to see, and where pictures go."""

    browser: Path
    profile: Path
    pictures: Path
    forge: Forge


class _TellingRunner:
    """A runner whose one step prints two lines."""

    name = "telling"
    secrets: Mapping[str, str] = MappingProxyType({})

    async def run(self, order: Order, report: Report) -> Ended:
        report.begin("Say it")
        report.write(b"one line\nand <b>another</b>\n")
        report.end("success")
        return Ended("success")


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> object:
    browser = needs_browser()
    root = tmp_path_factory.mktemp("browser")
    pictures = Path(os.environ.get("TDEV_PICTURES") or root / "pictures").absolute()
    pictures.mkdir(parents=True, exist_ok=True)
    with running_forge(root / "forge", Settings.from_environment(), runner=_TellingRunner()) as forge:
        _fill(forge)
        yield Seen(browser, root / "profile", pictures, forge)


def _fill(forge: Forge) -> None:
    """An issue with a conversation, and a pull request with checks, one of them red with an annotation."""
    row = forge.repository("ada", "shapes", {"area.py": _BEFORE, ".github/workflows/tdev.yml": _WORKFLOW})
    ada = forge.token("ada")
    app, key = forge.app("tdev", {"checks": "write", "issues": "write", "pull_requests": "write", "actions": "write"})
    token = forge.installation_token(app, key, forge.install(app, "ada"))
    _commit(forge, row)
    at = "/repos/ada/shapes"
    forge.do("POST", f"{at}/issues", token=ada, json={"title": "Type the shapes", "body": _ISSUE}, status=201)
    forge.do("POST", f"{at}/labels", token=ada, json={"name": "tdev:evolve", "color": "5319e7"}, status=201)
    forge.do("POST", f"{at}/issues/1/labels", token=ada, json={"labels": ["tdev:evolve"]})
    body = "Run `run-1` is at work.\n\n- [x] research\n- [x] plan\n- [ ] code\n"
    forge.do("POST", f"{at}/issues/1/comments", token=token, json={"body": body}, status=201)
    forge.do("POST", f"{at}/issues/1/reactions", token=token, json={"content": "eyes"}, status=201)
    opened = {"title": "Type the shapes", "head": "tdev/auto/types", "base": "main", "body": "Part of #1."}
    pull = forge.do("POST", f"{at}/pulls", token=token, json=opened, status=201)
    for name, conclusion in (("tdev/security", "success"), ("tdev/tests", "success"), ("tdev/quality", "failure")):
        check = {
            "name": name, "head_sha": pull["head"]["sha"], "status": "completed", "conclusion": conclusion,
            "output": {"title": f"{name}: {conclusion}", "summary": "| check | outcome |\n|---|---|\n| one | two |"},
        }  # fmt: skip
        if conclusion == "failure":
            note = {"path": "area.py", "start_line": 4, "end_line": 4, "annotation_level": "failure"}
            check["output"]["annotations"] = [{**note, "message": "area has no test", "title": "coverage"}]
        forge.do("POST", f"{at}/check-runs", token=token, json=check, status=201)
    forge.do("POST", f"{at}/actions/workflows/tdev.yml/dispatches", token=ada, json={"ref": "main"}, status=204)
    deadline = time.monotonic() + 30
    while forge.get(f"{at}/actions/runs/1", token=ada)["status"] != "completed":
        assert time.monotonic() < deadline, "the run did not end"
        time.sleep(0.05)


def _commit(forge: Forge, row: object) -> None:
    """The branch that the pull request is from."""
    git = forge.store.git(row)  # type: ignore[arg-type]
    head = git.commit_of("refs/heads/main")
    tree = tree_with(git, read_commit(git, head).tree, {"area.py": _AFTER.encode()})
    who = Person("T-Developer", "tdev@users.noreply.forge.example", 1_700_000_000)
    move_ref(git, "refs/heads/tdev/auto/types", write_commit(git, tree, [head], "Type the shapes", who), "")


PAGES = (
    ("repository", "/ada/shapes", ("shapes", "area.py")),
    ("issue", "/ada/shapes/issues/1", ("hard to read", "tdev:evolve", "run-1", "research", "tdev[bot]")),
    ("pull-request", "/ada/shapes/pull/2", ("tdev/auto/types", "tdev/quality", "area has no test", "width: float")),
    ("run", "/ada/shapes/actions/runs/1", ("tdev run-1", "Say it", "and &lt;b&gt;another&lt;/b&gt;")),
)


@pytest.mark.parametrize(("name", "path", "words"), PAGES, ids=[name for name, *_ in PAGES])
def test_a_page_in_a_browser(seen: Seen, name: str, path: str, words: tuple[str, ...]) -> None:
    page = rendered(seen.browser, seen.forge.url + path, seen.profile)
    for word in words:
        assert word in page, word
    assert "<title>taken</title>" not in page

    file = seen.pictures / f"forge-{name}.png"
    screenshot(seen.browser, seen.forge.url + path, file, seen.profile)
    width, height, colours = size_and_colours(file)
    assert (width, height) == (1200, 1500)
    assert colours > 20, "the page looks blank"
