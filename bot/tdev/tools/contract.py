"""Contract tests: the built service runs, and schemathesis asks it everything its OpenAPI document promises.

Called by the evaluate stage for `build`. Comes in: a clean checkout of the built service and the
run's OpenAPI document. Goes out: a ToolReport for the tests gate. The service is started by
service_probe.py, the answers of schemathesis are read by schemathesis_report.py; its options are in
its own documentation.

Seed and number of examples are fixed, so that the same code gives the same verdict.
"""

from __future__ import annotations

from pathlib import Path

from tdev.adapters.private_folder import private_folder
from tdev.adapters.run_dir import RunDir
from tdev.core.artifacts.finding import ToolReport
from tdev.core.artifacts.spec import BlueprintChoice, Spec
from tdev.core.openapi import operation_count
from tdev.errors import TransientError
from tdev.tools import python_environment
from tdev.tools.schemathesis_failures import TOOL, read_failures
from tdev.tools.schemathesis_report import read_summary
from tdev.tools.service_probe import running_service
from tdev.tools.toolbox import Toolbox

EXAMPLES = 10
"""Generated requests per operation and phase, on top of the boundary values that are always tried."""
SEED = 1
_PASSED, _FAILED = 0, 1


def run_contract(run: RunDir, checkout: Path, environment_folder: Path) -> ToolReport:
    """Start the service of a clean checkout and test every operation of spec/openapi.yaml against it.

    `examined` is the number of operations tested. The report is not ok when the service does not start, the tester
    does not run to its end, or an operation was left out.
    """
    spec, project = run.read(Spec), checkout / run.read(BlueprintChoice).destination
    limits, toolbox = run.policy.limits, Toolbox(run.settings)
    version = toolbox.version(TOOL)
    try:
        environment = python_environment.ensure(
            run.settings, project, environment_folder, limits.tool_seconds, run.policy.registries, run.policy.sandbox
        )
        with running_service(run.settings, environment, project, spec, limits=run.policy.sandbox) as base_url:
            document = run.path / "spec" / "openapi.yaml"
            return contract_of(toolbox, document, base_url, operation_count(spec), limits.tool_seconds)
    except TransientError as error:
        return ToolReport(tool=TOOL, version=version, ok=False, reason=error.message)


def contract_of(toolbox: Toolbox, document: Path, base_url: str, expected: int, timeout: float) -> ToolReport:
    """Test every operation of a document against a running service; `expected` is how many it must be."""
    version = toolbox.version(TOOL)
    with private_folder("contract") as folder:
        summary_file, events_file = folder / "summary.json", folder / "events.ndjson"
        done = toolbox.run(
            TOOL, "run", document.absolute(), "--url", base_url, "--checks", "all",
            "--phases", "examples,coverage,fuzzing,stateful", "--max-examples", str(EXAMPLES), "--seed", str(SEED),
            "--generation-deterministic", "--continue-on-failure", "--no-color",
            "--report", "json,ndjson", "--report-json-path", summary_file, "--report-ndjson-path", events_file,
            cwd=folder, timeout=timeout,
        )  # fmt: skip
        if done.timed_out or done.exit_code not in (_PASSED, _FAILED):
            why = f"it did not end within {timeout:g} s" if done.timed_out else f"it failed: {done.tail(4)}"
            return ToolReport(tool=TOOL, version=version, ok=False, reason=why)
        if not (summary_file.is_file() and events_file.is_file()):
            return ToolReport(tool=TOOL, version=version, ok=False, reason="it wrote no report")
        summary = read_summary(summary_file.read_text("utf-8"), expected)
        with events_file.open(encoding="utf-8") as events:
            findings = read_failures(events)
    problem = summary.problem
    if not problem and (bool(findings), summary.failures > 0) != (done.exit_code == _FAILED,) * 2:
        problem = f"it ended with {done.exit_code} but reported {summary.failures} failures"
    return ToolReport(
        tool=TOOL, version=version, ok=not problem, reason=problem, examined=summary.tested, findings=findings
    )
