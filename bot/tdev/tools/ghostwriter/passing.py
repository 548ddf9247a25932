"""Which drafts pass every time: with each seed, one after the other, without those that never end.

Comes in: names of tests and what writes a module of some of them. Goes out: the names that passed, and why others did
not. A draft that never ends takes the whole run with it; it is the first without an outcome, is taken out, and the
others are tried again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tdev.tools.ghostwriter.runs import SEEDS, DraftRun, Workshop, try_drafts


def passing(
    shop: Workshop, names: Sequence[str], text: Callable[[Sequence[str]], str], seeds: Sequence[int] = SEEDS
) -> tuple[list[str], dict[str, str]]:
    """The tests that pass with every seed, in their order, and what failed, with its message.

    `text` gives the module that holds the named tests. Raises TransientError when a run leaves no record.
    """
    alive, wrong, left = list(names), dict[str, str](), list(seeds)
    while left and alive:
        run = try_drafts(shop, text(alive), seed=left[0])
        wrong.update(run.failures)
        if run.complete:
            alive = [name for name in alive if name in run.passed]
            left.pop(0)
        else:
            stuck = _first_without_outcome(alive, run)
            alive = [name for name in alive if name != stuck and name not in run.failures]
    return alive, wrong


def _first_without_outcome(names: Sequence[str], run: DraftRun) -> str:
    return next((name for name in names if name not in run.passed and name not in run.failures), names[0])
