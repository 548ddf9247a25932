"""The drafts of tests that a run keeps, read from its directory for the pages that show them.

Comes in: a run and its verdict. Goes out: texts by file name. The files are outside text in a directory that may come
from another job: no link is followed, nothing large is read, and what is not there is left out, for it is advice.
"""

from __future__ import annotations

import contextlib

from tdev.adapters.confined_files import read_file
from tdev.adapters.run_dir import RunDir
from tdev.core.artifacts.verdict import Verdict
from tdev.core.drafted_parts import drafts_in
from tdev.core.generated_tests import FOLDER
from tdev.errors import Refused

_LARGEST = 256 * 1024


def kept_drafts(run: RunDir, verdict: Verdict) -> dict[str, str]:
    """Text by name of each file that the verdict speaks of and that can be read."""
    found = {}
    for name in drafts_in(verdict):
        with contextlib.suppress(Refused):
            found[name] = read_file(run.path, f"{FOLDER}/{name}", _LARGEST).decode("utf-8", "replace")
    return found
