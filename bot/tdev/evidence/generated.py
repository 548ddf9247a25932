"""Generated tests, advisory: what Pynguin drafts for changed modules, where it runs changed lines that no test runs.

Comes in: a Change whose head's tests have run. Goes out: a report with a note for each module that gains, and the tests
themselves in the run directory, `generated-tests/`. What a draft has to do to be kept is in generated_tries.py. Nothing
is committed: such a test says what the code does, and a person has to say whether that is right.
"""

from __future__ import annotations

from tdev.adapters.run_dir import RunDir
from tdev.core.artifacts.evaluation import TestRun
from tdev.core.artifacts.finding import Finding, Severity, ToolReport
from tdev.core.changed_lines import changed_lines
from tdev.core.code_paths import is_own_code
from tdev.core.fingerprint import fingerprint
from tdev.core.generated_tests import generated_tests, module_of
from tdev.core.module_names import layout_of
from tdev.evidence.by_file import files_of
from tdev.evidence.generated_tries import Desk, Gap, useful
from tdev.evidence.subject import AFTER, Change
from tdev.evidence.tests_of import bench_in
from tdev.tools.pynguin import NAME, Subject, draft

FOLDER = "generated-tests"
MOST_TESTS = 20
"""Drafts of one module that are tried."""
LEAST_SECONDS = 5
"""A search shorter than this finds little."""
_DIFF = ("-U0", "-M", "--text", "--no-color", "--no-ext-diff", "--no-textconv", "--src-prefix=a/", "--dst-prefix=b/")


def wanted(run: RunDir) -> bool:
    """Asked for by the policy."""
    return run.policy.gates.tests.generated_seconds > 0


def generated(change: Change) -> ToolReport:
    """Which changed modules gain; raises TransientError when Pynguin can't be installed or no environment be made."""
    head = change.tests(AFTER)
    if not head.ok:
        return ToolReport(tool=NAME, ok=False, reason=f"the tests have no result: {head.reason}")
    gaps, seconds = _gaps(change, head), change.run.policy.gates.tests.generated_seconds
    chosen = gaps[: max(1, seconds // LEAST_SECONDS)]
    if not chosen:
        return ToolReport(tool=NAME, ok=True, reason="no module has changed lines that no test runs")
    clone = change.after.clone(NAME)
    desk = Desk(change.after, clone, bench_in(change.after, clone, NAME))
    told = [_look(desk, gap, max(1, seconds // len(chosen))) for gap in chosen]
    reasons = [one for one in told if isinstance(one, str)]
    if len(gaps) > len(chosen):
        reasons.append(f"{len(gaps) - len(chosen)} modules were left out for lack of time")
    findings = tuple(one for one in told if isinstance(one, Finding))
    return ToolReport(tool=NAME, ok=True, reason="; ".join(reasons), examined=len(chosen), findings=findings)


def _look(desk: Desk, gap: Gap, seconds: int) -> Finding | str:
    """What is said of one module: a finding where it gains, else why not."""
    run = desk.commit.run
    subject = Subject(desk.clone, desk.clone / gap.root, gap.module)
    drafted = draft(run.settings, subject, desk.bench.environment, seconds, run.policy.sandbox)
    if drafted.failure:
        return drafted.failure
    kept = list(useful(desk, gap, generated_tests(drafted.text)[:MOST_TESTS]))
    if not kept:
        return f"{gap.module}: no draft passes and runs a changed line that no test runs"
    file = f"{FOLDER}/test_{gap.module.replace('.', '_')}.py"
    text = module_of([one for one, _ in kept], gap.module)
    run.write_bytes(file, text.encode("utf-8", "replace"))
    return _finding(gap, file, len(kept), {line for _, lines in kept for line in lines})


def _gaps(change: Change, head: TestRun) -> list[Gap]:
    """The modules with changed lines that no test runs; those with the most of them first."""
    patch = change.patch
    diff = change.after.git.run("diff", *_DIFF, patch.base_sha, patch.head_sha).stdout
    names = layout_of(path for path in files_of(change.after) if is_own_code(path)).files
    found = []
    for path, changed in changed_lines(diff).items():
        lines = frozenset(changed) & frozenset(head.missing_lines.get(path, ()))
        if lines and path in names and path.endswith(".py"):
            found.append(Gap(path, names[path], root_of(path, names[path]), lines))
    return sorted(found, key=lambda gap: (-len(gap.lines), gap.path))


def root_of(path: str, module: str) -> str:
    """The folder from which a file is imported by this name, POSIX; `.` = the tree itself."""
    parts = path.removesuffix(".py").removesuffix("/__init__").split("/")
    return "/".join(parts[: -len(module.split("."))]) or "."


def _finding(gap: Gap, file: str, tests: int, lines: set[int]) -> Finding:
    counted = "1 generated test runs" if tests == 1 else f"{tests} generated tests run"
    return Finding(
        tool=NAME,
        rule="useful-test",
        severity=Severity.NOTE,
        message=f"{counted} {len(lines)} of {len(gap.lines)} changed lines of {gap.module} that no test runs",
        path=gap.path,
        line=min(lines),
        remedy=f"Read {file} in the run directory. Keep what says what the code should do, under a name that tells it.",
        fingerprint=fingerprint(NAME, "useful-test", gap.path),
    )
