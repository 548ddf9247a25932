"""The findings of a judged pull request, given to GitHub's code scanning.

Comes in: a run directory that the judging job left behind, and the pull request. Goes out: verdict.sarif, uploaded for
the head, and one sentence for the log. Nothing depends on it: the checks are posted by another job. Where there is
nothing to upload, or code scanning is off, the sentence says so; any other trouble is an error.
https://docs.github.com/en/rest/code-scanning/code-scanning#upload-an-analysis-as-sarif-data
"""

from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path

from tdev.adapters.github_http import GitHubRefusal
from tdev.adapters.github_publish import access
from tdev.adapters.run_dir import RunDir
from tdev.core.artifacts.patch import Patch
from tdev.core.job import Proposed
from tdev.errors import Refused
from tdev.settings import Settings
from tdev.stages.checked_patch import check_whole
from tdev.stages.gate import SARIF_FILE

_OFF = (403, 404)
_TOO_LARGE = 413
_MOST_PACKED = 10 * 1024 * 1024
"""Bytes that GitHub takes, compressed."""


async def upload(settings: Settings, wanted: Proposed, folder: Path) -> str:
    """Upload the findings; what came of it, in one sentence.

    Raises Refused when the run directory was changed or is about another commit, or GitHub does not take the findings;
    TransientError when GitHub can't be reached.
    """
    run = RunDir(folder, settings)
    if not (folder / SARIF_FILE).is_file():
        return "There are no findings to upload: the commit was judged in another run, or could not be judged."
    check_whole(run, wanted.repository)
    patch = run.read(Patch)
    if patch.head_sha != wanted.head_sha:
        raise Refused(f"Commit {patch.head_sha[:12]} was judged, not {wanted.head_sha[:12]}.")
    document = (folder / SARIF_FILE).read_bytes()
    found = _results(document)
    packed = gzip.compress(document, mtime=0)
    if len(packed) > _MOST_PACKED:
        return "The findings were not uploaded: they are more than code scanning takes."
    body = {
        "commit_sha": wanted.head_sha,
        "ref": f"refs/pull/{wanted.number}/head",
        "sarif": base64.b64encode(packed).decode(),
    }
    async with access(settings, wanted.repository, {"security_events": "write"}, own_token=True) as there:
        try:
            await there.client.call("POST", "/code-scanning/sarifs", body=body, repeatable=True)
        except GitHubRefusal as refusal:
            if refusal.status not in (*_OFF, _TOO_LARGE):
                raise
            return f"The findings were not uploaded; the checks stand all the same. {refusal.message}"
    return f"{found} findings were uploaded for commit {wanted.head_sha[:12]}."


def _results(document: bytes) -> int:
    """How many results a SARIF document has; raises Refused for what is none."""
    try:
        return sum(len(one["results"]) for one in json.loads(document)["runs"])
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise Refused(f"{SARIF_FILE} is no SARIF document.") from error
