"""The OSV vulnerability service: its address, and whether it answers at all.

Used by pip_audit.py and dependencies.py. The service's interface is described at osv.dev; a mirror
or a test server is named by TDEV_OSV_URL. It is asked once before pip-audit is, because pip-audit
has been seen to end with 0 when an address it needs could not be reached.
"""

from __future__ import annotations

import sys
from urllib.parse import urlsplit

from tdev.adapters import process
from tdev.adapters.private_folder import private_folder
from tdev.settings import Settings

PUBLIC = "https://api.osv.dev/v1/query"
PROBE_SECONDS = 10.0
"""Longest the service may take to answer at all, name look-up included."""

_PROBE = (
    "import sys, urllib.error, urllib.request\n"
    "request = urllib.request.Request(sys.argv[1], b'{}', {'Content-Type': 'application/json'})\n"
    "try:\n"
    "    urllib.request.urlopen(request, timeout=float(sys.argv[2]))\n"
    "except urllib.error.HTTPError:\n"
    "    pass\n"
    "except urllib.error.URLError as error:\n"
    "    sys.exit(str(error.reason))\n"
    "except OSError as error:\n"
    "    sys.exit(str(error))\n"
)


def osv_query_url(settings: Settings) -> str:
    """Where to ask about one package: `TDEV_OSV_URL` (the service's root or its query address) or the public one."""
    given = settings.osv_url.rstrip("/")
    if not given:
        return PUBLIC
    return given if given.endswith("/query") else f"{given}/v1/query"


def why_unreachable(settings: Settings) -> str:
    """Why the service does not answer, or an empty string; takes at most PROBE_SECONDS.

    A process of its own asks, because looking up a name can't be given a time limit.
    """
    url = osv_query_url(settings)
    if urlsplit(url).scheme not in ("http", "https"):
        return f"{url} is no web address"
    with private_folder("osv") as folder:
        done = process.run(
            (sys.executable, "-I", "-c", _PROBE, url, str(PROBE_SECONDS / 2)),
            cwd=folder,
            environment={**settings.child_environment, **settings.installer_environment},
            timeout=PROBE_SECONDS,
        )
    if done.timed_out:
        return f"{urlsplit(url).netloc} did not answer within {PROBE_SECONDS:g} s"
    return "" if done.ok else f"{urlsplit(url).netloc}: {done.tail(1) or 'no answer'}"
