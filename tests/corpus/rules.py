"""What each rule of the corpus is caught by: patterns for `gate/check:rule of the finding`.

A bad case is caught only by a check that is named here. A new check of the gates that answers for a rule is one more
pattern.
"""

from __future__ import annotations

from collections.abc import Mapping

_CODE = ("security/static-analysis:*",)
_WORKFLOW = ("security/static-analysis:*", "security/workflows:*")
_SECRET = ("security/secrets:*", "security/guard:secrets")
_STRICT = ("tests/tests-as-strict:*",)
_GONE = ("tests/tests-as-strict:*", "tests/tests-kept:*", "tests/tests-ran:*")
_PROOF = ("tests/tests-prove-change:*", "tests/tests-as-strict:*", "tests/changed-mutants:*")
_SOURCE = (
    "security/dependencies:dependency-from-address",
    "security/dependencies:foreign-index",
    "security/new-dependencies:not-on-index",
)
_UNUSED = ("quality/*dependenc*:*", "security/new-dependencies:*unused*", "security/new-dependencies:*not-imported*")

RULES: Mapping[str, tuple[str, ...]] = {
    # vulnerable
    "archive-extraction": _CODE,
    "code-injection": _CODE,
    "command-injection": _CODE,
    "cookie-flags": _CODE,
    "cors": _CODE,
    "debug-mode": _CODE,
    "deserialisation": _CODE,
    "jwt": _CODE,
    "open-redirect": _CODE,
    "path-traversal": _CODE,
    "permissions": _WORKFLOW,
    "redos": _CODE,
    "secret-logged": _CODE,
    "sql-injection": _CODE,
    "ssrf": _CODE,
    "template-injection": _CODE,
    "temporary-file": _CODE,
    "timing": _CODE,
    "tls-verification": _CODE,
    "weak-crypto": _CODE,
    "weak-random": _CODE,
    "xss": _CODE,
    "xxe": _CODE,
    # deployment
    "credentials-kept": _WORKFLOW,
    "environment-injection": _WORKFLOW,
    "permissions-in-image": _CODE,
    "remote-script": _WORKFLOW,
    "root-container": _CODE,
    "script-injection": _WORKFLOW,
    "secret-in-image": (*_CODE, *_SECRET),
    "secrets-exposed": _WORKFLOW,
    "unpinned-action": _WORKFLOW,
    "unpinned-image": _CODE,
    "untrusted-checkout": _WORKFLOW,
    # secret
    "cloud-key": _SECRET,
    "environment-file": _SECRET,
    "hard-coded-key": (*_CODE, *_SECRET),
    "password": _SECRET,
    "password-in-address": _SECRET,
    "private-key": _SECRET,
    "token": _SECRET,
    # weakened
    "assertion-gone": _STRICT,
    "ci-configuration": (*_STRICT, *_WORKFLOW, "security/guard:tests"),
    "comparison-weakened": _STRICT,
    "coverage-configuration": _STRICT,
    "fixture-neutralised": _STRICT,
    "lint-configuration": (*_STRICT, "quality/lint:*", "quality/types:*"),
    "raises-broadened": _STRICT,
    "skip": _GONE,
    "suppressions": (
        *_STRICT,
        "security/guard:suppressions",
        "tests/changed-coverage:*",
        "quality/lint:*",
        "quality/types:*",
    ),
    "test-configuration": _GONE,
    "test-gone": _GONE,
    "tolerance": _STRICT,
    # vacuous
    "asserts-mock": _PROOF,
    "no-assertion": _PROOF,
    "no-test": _PROOF,
    "passes-on-base": _PROOF,
    # dependency
    "dead-dependency": _UNUSED,
    "dependency-source": _SOURCE,
    "licence": ("security/licen[cs]es:*",),
    "typosquat": ("security/new-dependencies:lookalike-name",),
    "vulnerable-dependency": ("security/dependencies:*",),
    # api
    "api-break": ("quality/*api*:*",),
    # quality
    "complexity": ("quality/complexity:*",),
    "coverage": ("tests/changed-coverage:*", "tests/coverage:*"),
    "dead-code": ("quality/dead-code:*", "quality/lint:*"),
    "docstrings": ("quality/docstrings:*",),
    "duplication": ("quality/duplication:*",),
    "lint": ("quality/lint:*",),
    "tests-fail": ("tests/tests-kept:*", "tests/no-new-failures:*"),
    "types": ("quality/types:*",),
}
