"""What makes each runner of JavaScript tests write down how they ended, and how that is read.

Comes in: a runner's name and a folder of ours. Goes out: words and variables for `npm test`, and later a TestRun. jest
and vitest write a report of their own; for Node's runner and mocha there are reporters of ours. Node's works in the
runner's process and not in those of the tests, the others in the same as tests or beside their workers. A new runner
gets a line in each of the functions here and one in core/npm_project.py.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from tdev.adapters.sandbox.left import read_left
from tdev.core.artifacts.evaluation import TestRun
from tdev.core.javascript_outcomes import Ended
from tdev.core.jest_report import run_from_report
from tdev.core.node_record import RUNNER as NODE
from tdev.core.node_record import run_from_events
from tdev.core.npm_project import JEST, MOCHA, VITEST

RECORD = "record.json"
"""Name of the file that the runner leaves in our folder."""

_NODE_REPORTER = """\
export default async function* reporter(source) {
  for await (const { type, data } of source) {
    if (!['test:start', 'test:pass', 'test:fail'].includes(type)) continue;
    const { name, nesting, file, skip, todo, details } = data;
    const error = details?.error?.cause ?? details?.error;
    const text = String(error?.stack ?? error ?? '').slice(0, 20000);
    yield JSON.stringify({ type, name, nesting, file, skip, todo, kind: details?.type, text }) + '\\n';
  }
  yield '{"kind": "finish"}\\n';
}
"""
_MOCHA_REPORTER = """\
module.exports = function Reporter(runner) {
  const testResults = [];
  const note = (status) => (test, error) => {
    const titles = test.titlePath();
    testResults.push({
      name: String(test.file ?? test.parent?.file ?? test.ctx?.currentTest?.file ?? ''),
      assertionResults: [{
        ancestorTitles: titles.slice(0, -1),
        title: titles.at(-1),
        status: status === 'failed' && test.type === 'hook' ? 'error' : status,
        failureMessages: error ? [String(error.stack ?? error.message ?? error).slice(0, 20000)] : [],
      }],
    });
  };
  runner.on('pass', note('passed')).on('pending', note('pending')).on('fail', note('failed'));
  runner.on('end', () => {
    const report = JSON.stringify({ numTotalTests: testResults.length, testResults });
    require('node:fs').writeFileSync(RECORD, report);
  });
};
"""


@dataclass(frozen=True)
class Told:
    """What `npm test` is told."""

    words: tuple[str, ...] = ()
    """Words for the runner."""
    variables: dict[str, str] | None = None
    """Variables on top of the usual ones."""


def told(runner: str, record: Path, reporters: Path) -> Told:
    """What makes a runner write the record; `reporters` is an empty folder, which no test may change later."""
    if runner == JEST:
        return Told(("--json", f"--outputFile={record}"))
    if runner == VITEST:
        return Told(("--run", "--reporter=json", f"--outputFile.json={record}"))
    if runner == MOCHA:
        reporter = reporters / "reporter.cjs"
        reporter.write_text(f"const RECORD = {json.dumps(str(record))};\n{_MOCHA_REPORTER}", "utf-8")
        return Told(("--reporter", str(reporter)))
    reporter = reporters / "reporter.mjs"
    reporter.write_text(_NODE_REPORTER, "utf-8")
    return Told((), {"NODE_OPTIONS": f"--test-reporter={reporter} --test-reporter-destination={record}"})


def result(runner: str, folder: Path, project: str, ended: Ended) -> TestRun:
    """The run that the record in `folder` tells of; `project` is the absolute folder of the project."""
    content = read_left(folder, RECORD)
    text = None if content is None else content.decode("utf-8", "replace")
    if runner == NODE:
        return run_from_events((text or "").splitlines(), project, ended)
    return run_from_report(text, runner, project, ended)
