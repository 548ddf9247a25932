"""The front door: seconds from a label to a judged pull request, and from a comment to the first sign of life.

Both are taken on the demo's world: the forge and the bot as programs of their own, real webhooks, the
real loop on the source of a published package.
"""

from __future__ import annotations

import itertools
import statistics
import tempfile
import time
from pathlib import Path

from bench.report import Bar
from tdev.demo.cases import evolve_a_package
from tdev.demo.follow import Watcher
from tdev.demo.world import World, add_repository, world
from tdev.errors import TransientError
from tdev.settings import Settings

BARS = (Bar("label_to_pr_s", at_most=60), Bar("first_sign_s", at_most=1))
METHOD = {
    "label_to_pr_s": "From the comment `/tdev evolve modernise` on an issue to the pull request with its three checks "
    "ended, on the source of a published package, without a model; programs already installed; once. The change is "
    "judged twice, in two jobs (decision 0011).",
    "first_sign_s": "From the request that comments `/tdev help` on an issue to the bot's reaction on it, as a reader "
    "of the REST API sees it (asked every 20 ms); the slowest of 10.",
}
_COMMENTS = 10
_LOOK_SECONDS = 0.02
_LONGEST = 30.0


def measure() -> tuple[dict[str, float], list[str]]:
    """The figures; a note where the pull request was not as it should be."""
    settings = Settings.from_environment()
    with tempfile.TemporaryDirectory(prefix="tdev-bench-") as scratch, world(settings, Path(scratch)) as here:
        signs = _signs(here, Path(scratch, "signs"))
        result = evolve_a_package(here, Path(scratch, "evolve"), lambda line: None)
    figures = {"first_sign_s": round(max(signs), 3)}
    notes = [f"first sign: median {statistics.median(signs):.3f} s of {len(signs)} comments"]
    if not result.ok:
        return figures, [*notes, f"label to pull request: not as it should be: {result.row()}"]
    return {**figures, "label_to_pr_s": result.pull.seconds}, notes


def _signs(here: World, folder: Path) -> list[float]:
    """Seconds to the reaction on each of some comments."""
    name = add_repository(here, folder / "signs", {"README.md": "# Signs\n"})
    watcher = Watcher(here.maintainer, name, lambda line: None)
    number = watcher.ask("POST", "/issues", {"title": "Is anybody there?"})["number"]
    return [_sign(watcher, number) for _ in range(_COMMENTS)]


def _sign(watcher: Watcher, number: int) -> float:
    """Seconds to the first reaction on a new comment."""
    started = time.monotonic()
    made = watcher.ask("POST", "/issues/{number}/comments", {"body": "/tdev help"}, number=number)
    for _ in itertools.takewhile(lambda _: time.monotonic() - started < _LONGEST, itertools.repeat(None)):
        if watcher.ask("GET", "/issues/comments/{id}/reactions", id=made["id"]):
            return time.monotonic() - started
        time.sleep(_LOOK_SECONDS)
    raise TransientError(f"The bot gave no sign within {_LONGEST:g} s.")
