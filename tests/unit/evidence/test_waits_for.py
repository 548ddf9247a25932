"""What a probe waits for: tasks that there are, or it would wait for ever."""

from __future__ import annotations

from tdev.evidence.gather import waits_for
from tdev.evidence.table import OF_CHANGES

GENERATED = next(probe for probe in OF_CHANGES if probe.name == "generated-tests")


def test_generated_tests_wait_for_the_mutants_where_some_are_made() -> None:
    tests = ("before.pytest", "after.pytest")
    assert waits_for(GENERATED, {"mutmut", "generated-tests"}) == (*tests, "change.mutmut")
    assert waits_for(GENERATED, {"generated-tests"}) == tests


def test_what_a_probe_waits_for_is_a_probe_of_the_same_gate() -> None:
    gates = {probe.name: probe.gate for probe in OF_CHANGES}
    assert all(gates[name] == probe.gate for probe in OF_CHANGES for name in probe.after)
