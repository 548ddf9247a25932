"""Instances in the form of SWE-bench."""

from __future__ import annotations

import json

import pytest

from support.evaluations import outcomes_of
from tdev.core.sample import MOST_INSTANCES, instances_of

ONE = {"instance_id": "a-1", "FAIL_TO_PASS": ["t.py::test_a"], "PASS_TO_PASS": ["t.py::test_b"], "repo": "x/y"}


def test_lists_and_lists_as_text_and_fields_that_are_not_ours() -> None:
    other = {"instance_id": "a-2", "FAIL_TO_PASS": '["t.py::test_a", "t.py::test_c"]', "test_patch": "diff"}
    first, second = instances_of(f"{json.dumps(ONE)}\n\n{json.dumps(other)}\n")
    assert first.tests == ("t.py::test_a", "t.py::test_b") and first.test_patch == ""
    assert second.tests == ("t.py::test_a", "t.py::test_c") and second.test_patch == "diff"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "holds 0 instances"),
        ("nonsense", "line 1: the line: Invalid JSON"),
        (json.dumps(ONE) + '\n{"instance_id": "b"}', "line 2: FAIL_TO_PASS"),
        (json.dumps({**ONE, "FAIL_TO_PASS": []}), "line 1: FAIL_TO_PASS"),
        (json.dumps({**ONE, "FAIL_TO_PASS": "[not json"}), "line 1: FAIL_TO_PASS"),
        ("\n".join([json.dumps(ONE)] * (MOST_INSTANCES + 1)), "holds 201 instances"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        instances_of(text)


def test_resolved_is_all_of_its_tests_in_a_run_that_is_evidence() -> None:
    (instance,) = instances_of(json.dumps(ONE))
    good = outcomes_of({"t.py::test_a": "passed", "t.py::test_b": "passed", "t.py::test_z": "failed"})
    assert instance.resolved(good)
    assert not instance.resolved(good.model_copy(update={"ok": False}))
    assert not instance.resolved(outcomes_of({"t.py::test_a": "passed"}))
    assert not instance.resolved(outcomes_of({"t.py::test_a": "passed", "t.py::test_b": "skipped"}))
