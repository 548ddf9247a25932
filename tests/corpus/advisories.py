"""What the vulnerability service on loopback knows while the corpus is judged: real advisories, shortened."""

from __future__ import annotations

from tests.support.osv_api import record

ADVISORIES = (
    record("GHSA-9wx4-h78v-vm56", "requests", "2.32.0", "A session goes on without verifying", ("CVE-2024-35195",)),
    record("GHSA-q2x7-8rv6-6q7h", "jinja2", "3.1.5", "The sandbox is left through str.format", ("CVE-2024-56326",)),
    record("GHSA-jjg7-2v4v-x38h", "idna", "3.7", "Encoding takes very long", ("CVE-2024-3651",)),
    record("GHSA-2g68-c3qc-8985", "werkzeug", "3.0.3", "The debugger answers others", ("CVE-2024-34069",)),
    record("GHSA-35jh-r3h4-6jhm", "lodash", "4.17.21", "Templates run commands", ("CVE-2021-23337",), ecosystem="npm"),
    record(
        "GO-2023-1988", "golang.org/x/net", "0.13.0", "Text nodes are not escaped", ("CVE-2023-3978",), ecosystem="Go"
    ),
    record(
        "RUSTSEC-2021-0003", "smallvec", "1.6.1", "insert_many overflows", ("CVE-2021-25900",), ecosystem="crates.io"
    ),
)
