"""The documents agree with the code: links, commands, make words, exit codes, variables, stages."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tdev import settings
from tdev.cli.main import COMMANDS
from tdev.core.artifacts import ARTIFACTS
from tdev.errors import ExitCode
from tdev.stages.table import STAGES

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_FENCE = re.compile(r"```.*?```", re.DOTALL)


def pages() -> list[Path]:
    own = [
        *ROOT.glob("*.md"),
        *DOCS.rglob("*.md"),
        *(ROOT / "actions").rglob("*.md"),
        *(ROOT / "blueprints").glob("*.md"),
    ]
    return sorted(own)


def text_of(page: str) -> str:
    return (ROOT / page).read_text("utf-8")


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    lost = []
    for target in _LINK.findall(_FENCE.sub("", page.read_text("utf-8"))):
        if "://" in target or target.startswith("mailto:"):
            continue
        file, _, anchor = target.partition("#")
        place = (page.parent / file) if file else page
        if not place.exists() or (anchor and place.suffix == ".md" and anchor not in anchors(place)):
            lost.append(target)
    assert lost == []


def anchors(page: Path) -> set[str]:
    """The anchors that GitHub makes of a page's headings."""
    headings = re.findall(r"^#+ (.+)$", _FENCE.sub("", page.read_text("utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def test_the_index_names_every_page() -> None:
    index = text_of("docs/README.md")
    missing = [page.name for page in DOCS.glob("*.md") if page.name != "README.md" and f"({page.name})" not in index]
    assert missing == []


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "docs/operations.md", "docs/architecture.md"])
def test_commands_and_make_words_exist(page: str) -> None:
    text = text_of(page)
    names = {command.name for command in COMMANDS}
    used = set(re.findall(r"(?:`|^\$ )tdev ([a-z]+)", text, re.MULTILINE))
    assert used <= names, used - names
    words = set(re.findall(r"^([a-z-]+):", text_of("Makefile"), re.MULTILINE))
    used = set(re.findall(r"(?:`|^\$ )make ([a-z-]+)", text, re.MULTILINE))
    assert used <= words, used - words


def test_the_makefile_explains_every_word() -> None:
    lines = re.findall(r"^([a-z]+):(.*)$", text_of("Makefile"), re.MULTILINE)
    assert [name for name, rest in lines if "## " not in rest] == []
    wanted = {"help", "demo", "test", "lint", "schema", "docs", "bench", "lock", "setup", "clean"}
    assert wanted <= {name for name, _ in lines}


def test_the_reference_of_commands_is_current() -> None:
    done = subprocess.run(
        (sys.executable, "docs/make_reference.py", "--check"), cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_reference_names_every_command_option_and_exit_code() -> None:
    text = text_of("docs/commands.md")
    assert all(f"## tdev {command.name}" in text for command in COMMANDS)
    assert all(f"| {code.value} | " in text for code in ExitCode)
    assert "`--dry-run`" in text and "`--usd N`" in text


def test_the_readme_gives_exit_codes_as_they_are() -> None:
    codes = {int(code) for code in re.findall(r"^\| (\d+) \|", text_of("README.md"), re.MULTILINE)}
    assert codes == {code.value for code in ExitCode} - {ExitCode.DEFECT, ExitCode.INTERRUPTED}


def test_operations_names_every_variable_that_is_read() -> None:
    source = Path(settings.__file__).read_text("utf-8")
    read = {*re.findall(r'"(TDEV_[A-Z_]+|ANTHROPIC_[A-Z_]+|XDG_[A-Z_]+)"', source)}
    read |= {*settings.CREDENTIAL_VARIABLES, *settings.CHILD_VARIABLES}
    text = text_of("docs/operations.md")
    assert {name for name in read if f"`{name}`" not in text} == set()


def test_architecture_names_every_stage_file_and_room() -> None:
    text = text_of("docs/architecture.md")
    assert [stage.name for stage in STAGES if not re.search(rf"^\| [\w, ]*\b{stage.name}\b", text, re.MULTILINE)] == []
    names = [artifact.file for artifact in ARTIFACTS]
    assert [name for name in names if f"`{name.removeprefix('spec/')}`" not in text] == []
    rooms = [folder.name for folder in (ROOT / "bot" / "tdev").iterdir() if (folder / "__init__.py").is_file()]
    assert [room for room in rooms if f"`bot/tdev/{room}`" not in text] == []


@pytest.mark.parametrize("file", sorted((DOCS / "decisions").glob("0*.md")), ids=lambda file: file.stem)
def test_decisions_are_short_dated_and_complete(file: Path) -> None:
    text = file.read_text("utf-8")
    assert len(text.splitlines()) <= 25
    assert re.search(r"^\d{4}-\d{2}-\d{2}$", text, re.MULTILINE)
    assert all(f"**{part}.**" in text for part in ("Context", "Decision", "Consequences"))
    assert f"({file.name})" in text_of("docs/decisions/README.md")


def test_the_picture_in_the_readme_is_of_the_demo() -> None:
    picture = (DOCS / "pictures" / "demo.svg").read_text("utf-8")
    shown = re.sub(r"<[^>]+>", "", picture).replace("&#160;", " ")
    assert "gate security" in shown and "Every case ended as it should." in shown
    assert not re.search(r"""(?:href|src)\s*=|@import|url\((?!["']?#)""", picture), "a picture fetches nothing"
