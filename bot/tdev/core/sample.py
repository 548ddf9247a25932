"""Instances in the form of SWE-bench: a task, tests laid over the code to judge it, and which of them must pass.

One JSON object a line, with the field names of https://www.swebench.com; fields that are not named here are left alone.
`FAIL_TO_PASS` and `PASS_TO_PASS` are lists of pytest ids, or, as the published sets have it, such a list as JSON text.
"""

from __future__ import annotations

import json
from typing import Any

from pydantic import BaseModel, Field, ValidationError, field_validator

from tdev.core.artifacts.evaluation import TestOutcome, TestRun

MOST_INSTANCES = 200


class Instance(BaseModel):
    """One task with its tests."""

    instance_id: str = Field(min_length=1)
    """Its name."""
    test_patch: str = ""
    """Unified diff that brings the tests; empty = they are there already."""
    fail_to_pass: tuple[str, ...] = Field(alias="FAIL_TO_PASS", min_length=1)
    """Ids of the tests that pass when the task is done."""
    pass_to_pass: tuple[str, ...] = Field(default=(), alias="PASS_TO_PASS")
    """Ids of the tests that pass before and after."""

    @field_validator("fail_to_pass", "pass_to_pass", mode="before")
    @classmethod
    def _listed(cls, value: Any) -> Any:
        return json.loads(value) if isinstance(value, str) else value

    @property
    def tests(self) -> tuple[str, ...]:
        """Everything that has to pass."""
        return tuple(dict.fromkeys((*self.fail_to_pass, *self.pass_to_pass)))

    def resolved(self, run: TestRun) -> bool:
        """True when all its tests passed in a run that is evidence."""
        return run.ok and all(run.outcomes.get(test) is TestOutcome.PASSED for test in self.tests)


def instances_of(text: str) -> tuple[Instance, ...]:
    """The instances of a file; raises ValueError with the line that is wrong, for none, or for too many."""
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            try:
                found.append(Instance.model_validate_json(line))
            except ValidationError as error:
                first = error.errors()[0]
                where = ".".join(str(part) for part in first["loc"]) or "the line"
                raise ValueError(f"line {number}: {where}: {first['msg']}") from error
    if not found or len(found) > MOST_INSTANCES:
        raise ValueError(f"it holds {len(found)} instances; 1 to {MOST_INSTANCES} are asked")
    return tuple(found)
