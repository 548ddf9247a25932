"""types: autotyping's annotations, of which only the certain ones are kept.

Comes in: a Job. Goes out: annotated files. autotyping runs as an outside program; certain_types
then takes out what does not follow from the code. Tests and setup.py are left as they are.

autotyping's exit code alone proves nothing: its closing lines are read as well, and must count every
file as done.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from tdev.adapters.files import explained
from tdev.core.scan import is_test_path, scan_file
from tdev.engines.engine import Job, Work
from tdev.engines.recipes import ruff, snapshot, summary
from tdev.engines.recipes.certain_types import Methods, Review, review, value_returning_methods
from tdev.engines.recipes.feedback import implicated
from tdev.engines.recipes.python_support import python_support
from tdev.engines.recipes.snapshot import Snapshot
from tdev.engines.recipes.source_files import LeftAlone, Sources, sources
from tdev.errors import Refused, TransientError
from tdev.tools.toolbox import Toolbox

TOOL = "autotyping"
SAFE = ("--safe", "--bool-param")
"""`--safe` is none-return, scalar-return and magic methods; what is not certain of it is taken out again."""

SAFEST = ("--none-return",)
"""Left for the last attempt."""

_FINISHED = re.compile(r"Finished codemodding (\d+) files!")
_FAILED = re.compile(r"^ - Failed to codemod (\d+) files\.$", re.MULTILINE)


class _Outcome(NamedTuple):
    """What became of autotyping's annotations."""

    kept: int
    dropped: int
    restored: tuple[LeftAlone, ...]


def perform(job: Job) -> Work:
    """Annotate the task's files, tests left out.

    A second attempt leaves out the files that the failing tests point at (SAFEST when they point nowhere), a third
    does both. Raises Refused when nothing is left to try.
    """
    found = sources(job)
    blamed = implicated(job, found)
    chosen = found.only(path for path in found.files if _may_be_typed(path) and path not in blamed)
    before = snapshot.take(chosen)
    methods = _methods(job)
    _autotype(job, sorted(before.content), SAFEST if job.attempt > (2 if blamed else 1) else SAFE)
    outcome = _keep_certain(before, methods)
    changed = before.changed()
    alone = summary.left_alone([*found.left_alone, *outcome.restored])
    if not changed:
        return _nothing(job, chosen, outcome, alone)
    old = _typed_functions(before.content)
    new = _typed_functions({path: chosen.bytes_of(path) for path in chosen.files})
    return Work(
        summary=summary.joined(
            f"autotyping annotated {summary.counted(outcome.kept, 'function')} in "
            f"{summary.counted(len(changed), 'file')}; fully typed functions: {old} before, {new} after.",
            _dropped_note(outcome),
            "The metadata names Python 2, on which annotated files do not run." if python_support(job).python_2 else "",
            alone,
        )
    )


def _may_be_typed(path: str) -> bool:
    return path.endswith(".py") and not is_test_path(path) and path.rpartition("/")[2] != "setup.py"


def _autotype(job: Job, paths: Sequence[str], options: Sequence[str]) -> None:
    """Run autotyping on files; raises TransientError unless it says that it went through all of them."""
    toolbox = Toolbox(job.settings)
    for batch in ruff.batches(paths):
        files = [f"./{path}" for path in batch]
        done = toolbox.run(TOOL, *options, *files, cwd=job.project, timeout=ruff.seconds(job))
        finished, failed = _FINISHED.search(done.stderr), _FAILED.search(done.stderr)
        complete = finished is not None and int(finished.group(1)) == len(files) and not done.timed_out
        if not complete or failed is None or done.exit_code not in (0, 1):
            what = "ran out of time" if done.timed_out else f"ended with exit code {done.exit_code}"
            raise TransientError(f"autotyping {what}: {done.tail(4) or 'no message'}.")


def _methods(job: Job) -> Methods:
    """What the methods of the whole project give, not just those of the task's files."""
    whole = sources(replace(job, task=job.task.model_copy(update={"paths": ()})))
    return value_returning_methods(whole.bytes_of(path) for path in whole.files)


def _keep_certain(before: Snapshot, methods: Methods) -> _Outcome:
    """Take the annotations that are not certain out of the changed files, and put back files that came out wrong."""
    kept = dropped = 0
    restored = []
    with explained(before.project):
        for path in before.changed():
            file = before.project / path
            result = review(before.content[path], file.read_bytes(), methods)
            if result.wrong:
                restored.append(LeftAlone(path, result.wrong))
                result = Review(before.content[path], 0, 0)
            file.write_bytes(result.source)
            kept += result.kept
            dropped += result.dropped
    return _Outcome(kept, dropped, tuple(restored))


def _typed_functions(content: Mapping[str, bytes]) -> int:
    facts = [scan_file(path, source) for path, source in content.items()]
    return sum(symbol.typed for one in facts for symbol in one.functions)


def _dropped_note(outcome: _Outcome) -> str:
    if not outcome.dropped:
        return ""
    return f"{summary.counted(outcome.dropped, 'guess').replace('guesss', 'guesses')} were not certain and left out."


def _nothing(job: Job, chosen: Sources, outcome: _Outcome, alone: str) -> Work:
    if job.attempt > 1:
        raise Refused("Every change of the recipe types breaks a test.", next_step="The failing tests say which.")
    reason = f"autotyping found no annotation that is certain in {summary.counted(len(chosen.files), 'file')}."
    return Work(
        summary=summary.joined("Nothing was changed.", _dropped_note(outcome), alone),
        nothing_to_do=summary.joined(reason, _dropped_note(outcome), alone),
    )
