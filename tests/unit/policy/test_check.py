"""What is wrong with a policy, by key, with what is allowed and the nearest key."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tdev.policy.check import checked, overlaid, validated
from tdev.policy.document import read_document
from tdev.policy.keys import keys
from tdev.policy.model import Policy
from tdev.policy.problems import PolicyProblems


def problems(text: str) -> list[str]:
    with pytest.raises(PolicyProblems) as caught:
        checked(read_document(text))
    return [each.at("f") for each in caught.value.problems]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "gates:\n  tests:\n    coverge: 3\n",
            "f:3:5: unknown key 'coverge' in gates.tests; nearest: 'coverage_drop'. "
            "Allowed: changed_coverage, paths, coverage_drop",
        ),
        ("gate: 1\n", "f:1:1: unknown key 'gate' at the top level; nearest: 'gates'. Allowed: version, engine"),
        ("coverage_drop: 3\n", "nearest: 'gates.tests.coverage_drop'"),
        ("zzz: 3\n", "f:1:1: unknown key 'zzz' at the top level. Allowed:"),
        ("engine: claud\n", "f:1:1: engine is 'claud'; nearest: 'claude'. Allowed: auto, claude, recipes"),
        ("engine: 3\n", "f:1:1: engine is 3. Allowed: auto, claude, recipes"),
        ("version: 2\n", "f:1:1: version is 2. Allowed: 1"),
        ("limits:\n  tasks: 0\n", "f:2:3: limits.tasks is 0. Allowed: a whole number of at least 1"),
        ("limits: {tasks: '3'}\n", "f:1:10: limits.tasks is '3'. Allowed: a whole number"),
        ("limits: {tasks: 1.5}\n", "limits.tasks is 1.5. Allowed: a whole number"),
        ("limits: {tasks: true}\n", "limits.tasks is True. Allowed: a whole number"),
        ("limits: {task_attempts: 11}\n", "limits.task_attempts is 11. Allowed: a whole number from 1 to 10"),
        ("budget: {minutes: 0}\n", "budget.minutes is 0. Allowed: a number above 0"),
        ("gates: {tests: {changed_coverage: 101}}\n", "Allowed: a number from 0 to 100"),
        ("gates: {security: {semgrep: 1}}\n", "gates.security.semgrep is 1. Allowed: true or false"),
        ("gates: {security: {block: high}}\n", "Allowed: error, warning, note"),
        ("gates: 3\n", "f:1:1: gates is 3. Allowed: the keys security, tests, quality, sample below it"),
        ("scope: {write: src}\n", "scope.write is 'src'. Allowed: a list of globs"),
        ("scope:\n  write:\n", "f:2:3: scope.write is empty. Allowed: a list of globs"),
        ("scope:\n  write:\n    - a\n    - 3\n", "f:4:7: scope.write[1] is 3. Allowed: a glob"),
        ("scope:\n  write: ['/a']\n", "f:2:11: scope.write[0]: '/a' must be relative"),
        ("scope:\n  protect: ['*.{py,md}']\n", "holds one of [ ] { }"),
        ("scope:\n  protect: ['!a']\n", "must be relative"),
        ("scope:\n  protect: ['a/../b']\n", "has empty, . or .. parts"),
        ("scope:\n  protect: ['src**']\n", "must stand between slashes"),
        (
            "waivers:\n  - check: no-tests\n",
            "f:2:5: waivers[0] needs the key 'reason': a text of at least 10 characters",
        ),
        (
            "waivers:\n  - check: a\n    reason: it is well so\n    reson: 1\n",
            "f:4:5: unknown key 'reson' in waivers[0]; nearest: 'reason'",
        ),
        ("waivers: [3]\n", "f:1:11: waivers[0] is 3. Allowed: an entry with check, reason"),
        ("waivers: {a: 1}\n", "waivers is {'a': 1}. Allowed: a list of entries"),
        ("'a\\u202eb': 1\n", "unknown key"),
    ],
)
def test_a_problem_names_place_key_allowed_values_and_the_nearest(text: str, message: str) -> None:
    assert message in problems(text)[0]


def test_problems_come_in_the_order_of_the_file() -> None:
    found = problems("zzz: 1\nengine: x\nlimits:\n  tasks: no1\nbudget:\n  usd: -1\n")
    assert [line.split(":")[1] for line in found] == ["1", "2", "4", "6"]


@pytest.mark.parametrize("text", ["", "gates:\n", "gates:\n  tests:\n", "scope: {}\n", "waivers: []\n"])
def test_empty_sections_leave_the_defaults(text: str) -> None:
    assert validated(checked(read_document(text))) == Policy()


def test_mappings_merge_and_lists_are_replaced() -> None:
    below = {"a": {"b": 1, "c": [1, 2]}, "d": 1}
    assert overlaid(below, {"a": {"c": [3]}, "e": 2}) == {"a": {"b": 1, "c": [3]}, "d": 1, "e": 2}
    assert below == {"a": {"b": 1, "c": [1, 2]}, "d": 1}


nested = st.recursive(st.integers(), lambda inner: st.dictionaries(st.sampled_from("abc"), inner), max_leaves=8)
mappings = st.dictionaries(st.sampled_from("abc"), nested)


@given(mappings, mappings, mappings)
def test_overlaying_is_associative_and_keeps_what_the_upper_one_says(
    one: dict[str, object], two: dict[str, object], three: dict[str, object]
) -> None:
    assert overlaid({}, one) == one
    assert overlaid(one, one) == one
    top = overlaid(overlaid(one, two), three)
    for name, value in three.items():
        if not isinstance(value, dict):
            assert top[name] == value


@given(st.sampled_from([key for key in keys() if not key.section and "[]" not in key.name]), st.data())
def test_each_default_may_be_written_out(key: object, data: st.DataObject) -> None:
    text = (
        f"{{{key.name.replace('.', ': {')}: {data.draw(st.just(_flow(key.default)))}{'}' * (key.name.count('.') + 1)}"
    )
    assert validated(checked(read_document(text))) == Policy()


def _flow(value: object) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(json.dumps(item) for item in value) + "]"
    if isinstance(value, str):
        return json.dumps(value)
    return str(value).lower() if isinstance(value, bool) else str(value)
