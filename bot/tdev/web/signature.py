"""X-Hub-Signature-256: was this body signed with our secret?

In go the secret, the body's bytes as they came, and the header; out comes yes or no, in constant time.
After https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries. SHA-1 is not accepted at all.
"""

from __future__ import annotations

import hashlib
import hmac
import re

_FORM = re.compile(r"sha256=([0-9a-f]{64})")


def sign(secret: str, body: bytes) -> str:
    """The header's value for a body."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def is_signed(secret: str, body: bytes, header: str) -> bool:
    """True when the header is the body's signature."""
    return _FORM.fullmatch(header) is not None and hmac.compare_digest(header, sign(secret, body))
