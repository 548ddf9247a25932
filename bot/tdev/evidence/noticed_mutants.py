"""Mutants that tests have noticed before, which need not be tried again.

Comes in: a Change and its mutants. Goes out: those that are known to be noticed. One is known as long as the text of
its file, the test files that run it, and everything else that is neither the project's own code nor a file of tests
stay the same. What no test noticed is tried each time, for a new test may notice it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence

from pydantic import BaseModel

from tdev.adapters.content_cache import open_evidence
from tdev.core.code_paths import is_own_code
from tdev.core.mutants import Mutant
from tdev.evidence.kept import key_of
from tdev.evidence.subject import AFTER, Change

NAME = "noticed mutant"


class _Noticed(BaseModel):
    """By which test files a mutant was noticed."""

    tests: dict[str, str]
    """Content id by path."""


class NoticedMutants:
    """What is kept of the mutants of one change; judged anew, nothing is."""

    def __init__(self, change: Change) -> None:
        self._change = change
        self._files = change.after.files
        tests = {self._in_repository(test.partition("::")[0]) for test in change.tests(AFTER).passed}
        around = sorted((path, blob) for path, blob in self._files.items() if path not in tests | _own(self._files))
        self._around = hashlib.sha256(json.dumps(around).encode("utf-8", "surrogatepass")).hexdigest()

    def known(self, mutants: Iterable[Mutant]) -> set[Mutant]:
        """Those that the same tests have noticed."""
        if self._change.anew:
            return set()
        keys = {mutant: self._key(mutant) for mutant in mutants}
        with open_evidence(self._change.run.settings) as cache:
            bodies = cache.find(keys.values())
        return {mutant for mutant, key in keys.items() if key in bodies and self._same_tests(bodies[key])}

    def keep(self, noticed: Iterable[tuple[Mutant, Sequence[str]]]) -> None:
        """Keep mutants with the test files, relative to the project, that have noticed them."""
        if self._change.anew:
            return
        bodies = {}
        for mutant, files in noticed:
            paths = [self._in_repository(file) for file in files]
            if paths and all(path in self._files for path in paths):
                seen = _Noticed(tests={path: self._files[path] for path in paths})
                bodies[self._key(mutant)] = seen.model_dump_json()
        with open_evidence(self._change.run.settings) as cache:
            cache.keep(bodies)

    def _same_tests(self, body: str) -> bool:
        tests = _Noticed.model_validate_json(body).tests
        return all(self._files.get(path) == blob for path, blob in tests.items())

    def _key(self, mutant: Mutant) -> str:
        blob = self._files.get(mutant.path, "")
        return key_of(self._change.run, NAME, self._around, blob, repr(mutant))

    def _in_repository(self, path: str) -> str:
        folder = self._change.after.folder
        return path if folder == "." else f"{folder}/{path}"


def _own(paths: Iterable[str]) -> set[str]:
    return {path for path in paths if is_own_code(path)}
