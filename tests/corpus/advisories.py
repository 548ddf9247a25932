"""What the vulnerability service on loopback knows while the corpus is judged: real advisories, shortened."""

from __future__ import annotations

from tests.support.osv_api import record

ADVISORIES = (
    record("GHSA-9wx4-h78v-vm56", "requests", "2.32.0", "A session goes on without verifying", ("CVE-2024-35195",)),
    record("GHSA-q2x7-8rv6-6q7h", "jinja2", "3.1.5", "The sandbox is left through str.format", ("CVE-2024-56326",)),
    record("GHSA-jjg7-2v4v-x38h", "idna", "3.7", "Encoding takes very long", ("CVE-2024-3651",)),
    record("GHSA-2g68-c3qc-8985", "werkzeug", "3.0.3", "The debugger answers others", ("CVE-2024-34069",)),
)
