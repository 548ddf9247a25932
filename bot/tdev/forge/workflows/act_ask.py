"""The program `forge-step` of jobs that act runs: a stand-in for an action asks the runner to do it.

Comes in: the action's name as the argument; its inputs as JSON in GIVEN, and the variables of act_service.py. Goes out:
what the runner says, and exit code 0 only when it did what was asked. Uses the standard library alone.
"""

from __future__ import annotations

import http.client
import json
import os
import sys
import urllib.error
import urllib.request

_SECONDS = 3600


def main() -> int:
    """Ask, print the answer, and say whether it was done."""
    asked = {"inputs": json.loads(os.environ["GIVEN"]), "workspace": os.environ["GITHUB_WORKSPACE"]}
    request = urllib.request.Request(  # noqa: S310
        os.environ["ACTIONS_RESULTS_URL"] + sys.argv[1],
        json.dumps(asked).encode(),
        {"Authorization": f"Bearer {os.environ['ACTIONS_RUNTIME_TOKEN']}", "Content-Type": "application/json"},
    )
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(request, timeout=_SECONDS) as answer:
            print(answer.read().decode("utf-8", "replace"), end="")
            return 0
    except urllib.error.HTTPError as error:
        print(error.read().decode("utf-8", "replace"), end="")
    except (OSError, http.client.HTTPException) as error:
        print(f"::error::The runner does not answer: {error}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
