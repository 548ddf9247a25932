"""Certificates and public keys are told from what only calls itself one."""

from __future__ import annotations

import base64

import pytest

from tdev.core.public_pem import public_spans


def pem(label: str, data: bytes) -> str:
    body = base64.encodebytes(data).decode().replace("\n", "")
    lines = [body[start : start + 64] for start in range(0, len(body), 64)]
    return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----"])


PUBLIC = b"\x30\x81\x90\x30\x0d" + bytes(142)
PRIVATE = b"\x30\x81\x90\x02\x01" + bytes(142)


@pytest.mark.parametrize("label", ["CERTIFICATE", "PUBLIC KEY"])
def test_what_is_public(label: str) -> None:
    block = pem(label, PUBLIC)
    assert public_spans(f"# ours\n{block}\nmore\n{block}") == (
        (7, 7 + len(block)),
        (13 + len(block), 13 + 2 * len(block)),
    )


@pytest.mark.parametrize(
    "text",
    [
        pem("PUBLIC KEY", PRIVATE),
        pem("PRIVATE KEY", PUBLIC),
        pem("CERTIFICATE", PUBLIC + b"and a secret behind it"),
        pem("CERTIFICATE", b"a password that is written in base64"),
        pem("CERTIFICATE", PUBLIC).replace("-----END CERTIFICATE", "-----END PUBLIC KEY"),
        pem("CERTIFICATE", PUBLIC).replace("\n", "\n!", 2),
        "",
    ],
)
def test_what_only_calls_itself_so(text: str) -> None:
    assert public_spans(text) == ()
