"""The report of jest, which vitest and our reporter for mocha write as well: from its JSON to a TestRun.

https://jestjs.io/docs/configuration#testresultsprocessor-string describes it. Comes in: the file's text, or None where
the runner left none, as it is written at the very end. A report whose own count differs from its tests, or that holds
an outcome nobody knows, is damaged. A file that failed though none of its tests did (it can't be read) is an error.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tdev.core.artifacts.evaluation import TestOutcome, TestRun
from tdev.core.javascript_outcomes import Ended, JavascriptOutcomes

_OUTCOMES = {
    "passed": TestOutcome.PASSED,
    "failed": TestOutcome.FAILED,
    "error": TestOutcome.ERROR,
    **dict.fromkeys(("pending", "skipped", "todo", "disabled"), TestOutcome.SKIPPED),
}


def run_from_report(text: str | None, runner: str, project: str, ended: Ended) -> TestRun:
    """The run behind a report; `project` is the absolute folder below which the files are."""
    found = JavascriptOutcomes(runner, project, ended)
    if text is None:
        return found.unfinished()
    try:
        report = json.loads(text)
        count = sum(_take(file, found) for file in report["testResults"])
        if count != report["numTotalTests"]:
            raise ValueError(f"{count} tests of {report['numTotalTests']}")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        return found.none(f"the report of npm test is damaged: {type(error).__name__}: {str(error)[:200]}")
    return found.run()


def _take(file: Mapping[str, Any], found: JavascriptOutcomes) -> int:
    """Note the tests of one file, and return how many they are."""
    name, tests = str(file["name"]), file["assertionResults"]
    for test in tests:
        titles = [str(title) for title in (*test["ancestorTitles"], test["title"])]
        text = "\n".join(map(str, test.get("failureMessages") or ()))
        found.note(name, titles, _OUTCOMES[test["status"]], text)
    if file.get("status") == "failed" and not any(_OUTCOMES[test["status"]].bad for test in tests):
        found.note(name, [], TestOutcome.ERROR, str(file.get("message") or ""))
    return len(tests)
