"""All evidence about a change, or about one commit: what the gates ask for, gathered side by side.

Comes in: a run, its clean checkouts, and the gates that will be asked. Goes out: a Measurement of base and head. Each
program's start and end are told as events. What was measured before (a baseline of the same commit) is not measured
again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from tdev.adapters.run_dir import RunDir
from tdev.adapters.source_scan import SourceScan
from tdev.core.artifacts.evaluation import Measurement, TestRun
from tdev.core.artifacts.finding import ToolReport
from tdev.core.artifacts.patch import Patch
from tdev.core.artifacts.verdict import Verdict
from tdev.core.metrics import tally
from tdev.evidence.guard_patch import NAME as GUARD
from tdev.evidence.guard_patch import guard_of
from tdev.evidence.measurement import measurement, tasks_for
from tdev.evidence.pool import Answers, Listener, Task, run_all
from tdev.evidence.probe import Probe, looked
from tdev.evidence.subject import BEFORE, Change, Commit
from tdev.evidence.table import CONTRACT, OF_CHANGES, OF_COMMITS
from tdev.tools.radon import Maintainability

CHANGE = "change"


@dataclass
class Evidence:
    """What is known of a change; `gather` adds to it, gate by gate or for all at once."""

    run: RunDir
    """The run it is gathered for."""
    patch: Patch
    """The commits."""
    before: Commit
    """The base."""
    after: Commit
    """The head."""
    baseline: Measurement | None = None
    """The base's measurement, where it is there already."""
    answers: dict[str, object] = field(default_factory=dict)
    """Answers of tasks, by `side.name`."""
    own_folder: str = ""
    """Folder that a build makes; empty for everything that is no build."""
    at_once: int = 0
    """How many programs run at a time; 0 = one for each processor."""

    def gather(self, gates: Collection[str]) -> None:
        """Ask what these gates need and what is not known yet."""
        known = dict(self.answers)
        if self.baseline is not None:
            known[f"{BEFORE}.pytest"] = self.baseline.tests
        sides = (self.before, self.after) if self.baseline is None else (self.after,)
        probes = [probe for probe in OF_COMMITS if probe.gate in gates and probe.wanted(self.run)]
        tasks = [task for side in sides for task in tasks_for(side, probes, gates)]
        asked = [probe for probe in OF_CHANGES if probe.gate in gates and probe.wanted(self.run)]
        tasks += [self._task(probe, {one.name for one in asked}) for probe in asked]
        tasks.append(Task(f"{CHANGE}.{GUARD}", lambda answers: guard_of(self._change(answers), self.own_folder)))
        waiting = [task for task in tasks if task.name not in known]
        self.answers = run_all(waiting, telling(self.run), known, self.at_once)

    def measured_before(self) -> Measurement:
        """The base's side."""
        return self.baseline or measurement(self.before, self.answers)

    def measured_after(self) -> Measurement:
        """The head's side, with what was said of the change."""
        said = [answer for name, answer in sorted(self.answers.items()) if name.startswith(f"{CHANGE}.")]
        contract = self.contract()
        return measurement(
            self.after, self.answers, [one for one in said if isinstance(one, ToolReport) and one is not contract]
        )

    def contract(self) -> ToolReport | None:
        """How the built service kept its contract; None where it was not asked."""
        found = self.answers.get(f"{CHANGE}.{CONTRACT}")
        return found if isinstance(found, ToolReport) else None

    def guard(self) -> Verdict | None:
        """What the patch guard says; None where nothing was gathered."""
        found = self.answers.get(f"{CHANGE}.{GUARD}")
        return found if isinstance(found, Verdict) else None

    def _change(self, answers: Answers) -> Change:
        return Change(self.run, self.patch, self.before, self.after, answers)

    def _task(self, probe: Probe[Change], asked: Collection[str]) -> Task:
        return Task(f"{CHANGE}.{probe.name}", self._looking(probe), waits_for(probe, asked), probe.seconds)

    def _looking(self, probe: Probe[Change]) -> Callable[[Answers], ToolReport]:
        content = f"{self.before.sha} {self.after.sha}"

        def look(answers: Answers) -> ToolReport:
            return looked(probe, self._change(answers), content)

        return look


def waits_for(probe: Probe[Change], asked: Collection[str]) -> tuple[str, ...]:
    """Names of the tasks that a probe of the change waits for, where probes of these names are asked."""
    sides = (f"{side}.{name}" for name in probe.needs for side in ("before", "after"))
    return (*sides, *(f"{CHANGE}.{name}" for name in probe.after if name in asked))


def measure(commit: Commit, gates: Collection[str]) -> Measurement:
    """Measure one commit by itself."""
    probes = [probe for probe in OF_COMMITS if probe.gate in gates and probe.wanted(commit.run)]
    return measurement(commit, run_all(tasks_for(commit, probes, gates), telling(commit.run)))


def telling(run: RunDir) -> Listener:
    """Write the start and the end of each program to the run's events."""

    def tell(task: Task, seconds: float | None, answer: object) -> None:
        side, _, tool = task.name.partition(".")
        facts: Mapping[str, str] = {"tool": tool, "side": side}
        if seconds is None:
            run.emit("tdev.tool.start", f"{tool} ({side})", **facts)
        else:
            ok, said = _said(answer)
            run.emit("tdev.tool.end", f"{tool} ({side}): {said}", **facts, seconds=seconds, ok=ok)

    return tell


def _said(answer: object) -> tuple[bool, str]:
    """Whether a task gave evidence, and what, in a few words."""
    report = answer.report if isinstance(answer, Maintainability) else answer
    if isinstance(report, TestRun):
        return report.ok, report.reason or tally(report)
    if isinstance(report, ToolReport):
        return report.ok, report.reason or f"{len(report.findings)} findings in {report.examined}"
    if isinstance(answer, Verdict):
        return True, answer.outcome.value
    return True, f"{len(answer.python)} Python files" if isinstance(answer, SourceScan) else "done"
