"""How the tests of one run of `npm test` ended, gathered from its runner's record, and whether that is evidence.

Used by the readers of the runners' records. Comes in: one outcome after the other, and how the process ended. Goes out:
a TestRun. It counts only if at least one test has an outcome and the exit code agrees with them. Ids are
`path::suite > test`, like those of pytest; of two tests with one id the worse counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tdev.core.artifacts.evaluation import TestOutcome, TestRun
from tdev.core.test_record import LONGEST_TEXT, MOST_TEXTS, NO_TESTS

_WORST_LAST = (TestOutcome.PASSED, TestOutcome.SKIPPED, TestOutcome.FAILED, TestOutcome.ERROR)


@dataclass(frozen=True)
class Ended:
    """How the process of `npm test` ended."""

    exit_code: int
    """Its exit code."""
    seconds: float
    """Wall clock."""
    last_words: str
    """The end of what it printed."""


@dataclass
class JavascriptOutcomes:
    """Outcomes so far."""

    runner: str
    """Who ran the tests, as a TestRun names it."""
    project: str
    """Absolute folder below which the files are."""
    ended: Ended
    """How the process ended."""
    _outcomes: dict[str, TestOutcome] = field(default_factory=dict)
    _texts: dict[str, str] = field(default_factory=dict)

    def note(self, file: str, titles: Sequence[str], outcome: TestOutcome, text: str = "") -> None:
        """Note how a test ended, with the text of its failure; without titles it is the whole file that ended so."""
        path = file.removeprefix(f"{self.project}/")
        test = f"{path}::{' > '.join(titles)}" if titles else path
        self._outcomes[test] = max(self._outcomes.get(test, outcome), outcome, key=_WORST_LAST.index)
        if outcome.bad:
            self._texts[test] = text[:LONGEST_TEXT]

    def run(self) -> TestRun:
        """The run, when its record was whole."""
        if not self._outcomes:
            return self.none(f"{NO_TESTS} by npm test")
        failed = any(outcome.bad for outcome in self._outcomes.values())
        if (self.ended.exit_code == 0) == failed:
            code = self.ended.exit_code
            said = self.ended.last_words
            return self.none(f"npm test ended with exit code {code}, which its tests do not explain: {said}")
        kept = {test: self._texts[test] for test in sorted(self._texts)[:MOST_TEXTS]}
        seconds = round(self.ended.seconds, 3)
        return TestRun(ok=True, runner=self.runner, outcomes=self._outcomes, failures=kept, seconds=seconds)

    def unfinished(self) -> TestRun:
        """The run whose record does not tell that it came to its end."""
        code, said = self.ended.exit_code, self.ended.last_words
        return self.none(f"npm test ended before it had finished (exit code {code}): {said}")

    def none(self, reason: str) -> TestRun:
        """A run that is no evidence."""
        return TestRun(ok=False, reason=reason, runner=self.runner, seconds=round(self.ended.seconds, 3))
