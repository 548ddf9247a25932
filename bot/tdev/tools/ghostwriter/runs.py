"""Trying drafts for real: pytest in the project's interpreter, away from its folder, with other seeds and coverage.

Comes in: the source of a test module. Goes out: which tests passed, why others did not, and which
lines each ran. The lines come from coverage's contexts, one per test, switched by recorder.py.

Runs happen in a private folder with no byte code and no cache in the project: the checkout must
hold nothing afterwards but the tests that are kept. Several seeds are used, because a property that
holds for one set of examples may fail for the next.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tdev.adapters import process
from tdev.adapters.private_folder import private_folder
from tdev.adapters.sandbox.cell import Cell
from tdev.adapters.sandbox.cells import checkout_around, environment_folders
from tdev.adapters.sandbox.left import read_left
from tdev.adapters.sandbox.run import run
from tdev.errors import TransientError
from tdev.policy.sandbox import CellLimits
from tdev.settings import Settings
from tdev.tools.coverage_report import ContextLines, read_contexts

SEEDS = (0, 1, 20_260_101)
RUN_SECONDS = 180.0
_RECORDER = "tdev_draft_recorder"
_RECORD = "record.jsonl"
_REPORT = (
    "import sys, coverage\n"
    "c = coverage.Coverage(config_file=sys.argv[1])\n"
    "c.load()\n"
    "c.json_report(outfile=sys.argv[2], show_contexts=True, ignore_errors=True)\n"
)


class DraftRun(NamedTuple):
    """How the tests of one file ended."""

    passed: frozenset[str]
    """Names of the tests that passed."""
    failures: Mapping[str, str]
    """Why the others did not, by name."""
    lines: Mapping[str, ContextLines]
    """Executed lines by path inside the project, by test; empty without coverage."""
    complete: bool
    """The run came to its end in time."""


class Workshop(NamedTuple):
    """Where the drafts for one project are written and tried."""

    settings: Settings
    """What programs may see of the surroundings."""
    python: Path
    """The project's interpreter, with pytest, coverage and hypothesis."""
    project: Path
    """The project's folder."""
    limits: CellLimits
    """What a run may use up."""
    seconds: float
    """Longest wall clock of one run."""
    folder: Path
    """Private folder, outside the project."""
    environment: Mapping[str, str]
    """In which the project can be imported, and nothing is written into it."""


@contextmanager
def workshop(settings: Settings, python: Path, project: Path, limits: CellLimits, seconds: float) -> Iterator[Workshop]:
    """A workshop for one project, removed at the end. Hypothesis keeps its tables there from run to run."""
    with private_folder("drafts") as folder:
        given = settings.child_environment
        binaries = python.parent
        sources = [str(project / "src")] if (project / "src").is_dir() else []
        environment = {
            **given,
            "PATH": f"{binaries}:{given.get('PATH', '/usr/bin:/bin')}",
            "VIRTUAL_ENV": str(binaries.parent),
            "PYTHONPATH": ":".join([str(folder), *sources, str(project)]),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONHASHSEED": "0",
            "HOME": str(folder),
            "TMPDIR": str(folder),
            "HYPOTHESIS_STORAGE_DIRECTORY": str(folder / "hypothesis"),
        }
        shutil.copyfile(Path(__file__).with_name("recorder.py"), folder / f"{_RECORDER}.py")
        yield Workshop(settings, python, project, limits, seconds, folder, environment)


def try_drafts(shop: Workshop, source: str, *, seed: int, coverage: bool = False) -> DraftRun:
    """Run a test module once; raises TransientError when pytest or coverage left no record."""
    folder = Path(tempfile.mkdtemp(prefix="run-", dir=shop.folder))
    (folder / "pytest.ini").write_text("[pytest]\n")
    (folder / "test_drafts.py").write_text(source, "utf-8")
    (folder / "coveragerc").write_text(
        f"[run]\nsource = {shop.project}\ndata_file = {folder / 'coverage'}\ncore = ctrace\n"
    )
    done = run_inside(
        shop,
        _command(shop, folder, seed=seed, coverage=coverage),
        cwd=folder,
        timeout=min(RUN_SECONDS, shop.seconds),
        variables={"TDEV_DRAFT_RECORD": str(folder / _RECORD)},
    )
    rows = _rows(folder)
    complete = not done.timed_out and done.exit_code in (0, 1)
    if not rows and not done.timed_out:
        raise TransientError(f"The drafts could not be run: {done.tail(4) or 'no message'}.")
    lines = _executed(shop, folder) if coverage and complete else {}
    failures = {row["name"]: row["why"] or row["outcome"] for row in rows if row["outcome"] != "passed"}
    passed = frozenset(row["name"] for row in rows) - failures.keys()
    return DraftRun(passed, failures, lines, complete)


def _command(shop: Workshop, folder: Path, *, seed: int, coverage: bool) -> list[str | Path]:
    measured: list[str | Path] = ["-m", "coverage", "run", f"--rcfile={folder / 'coveragerc'}"] if coverage else []
    return [
        shop.python, *measured, "-m", "pytest", "-q", "-c", folder / "pytest.ini", f"--rootdir={folder}",
        "-p", _RECORDER, "-p", "no:cacheprovider", f"--hypothesis-seed={seed}", "test_drafts.py",
    ]  # fmt: skip


def run_inside(
    shop: Workshop,
    words: Sequence[str | Path],
    *,
    cwd: Path,
    timeout: float,
    variables: Mapping[str, str] | None = None,
    stdin: bytes | None = None,
) -> process.Completed:
    """Run a program in the sandbox: the workshop's folder may be changed, the checkout is read-only."""
    cell = Cell(
        cwd=cwd,
        environment={**shop.environment, **(variables or {})},
        writable=(shop.folder,),
        read_only=(
            checkout_around(shop.settings, shop.project.resolve()),
            *environment_folders(shop.python),
        ),
        limits=shop.limits,
    )
    return run(shop.settings, cell, words, timeout=timeout, stdin=stdin)


def _rows(folder: Path) -> list[dict[str, str]]:
    record = read_left(folder, _RECORD) or b""
    return [json.loads(line) for line in record.decode("utf-8", "replace").splitlines() if line.endswith("}")]


def _executed(shop: Workshop, folder: Path) -> dict[str, ContextLines]:
    """Lines by path, by test."""
    done = run_inside(
        shop,
        (shop.python, "-c", _REPORT, folder / "coveragerc", folder / "coverage.json"),
        cwd=folder,
        timeout=RUN_SECONDS,
    )
    contexts = read_contexts(read_left(folder, "coverage.json"), folder, shop.project.resolve())
    if contexts is None:
        raise TransientError(f"The coverage of the drafts could not be read: {done.tail(3) or 'no message'}.")
    return contexts
