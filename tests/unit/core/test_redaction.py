from __future__ import annotations

import base64
import json
import time
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tdev.core.redaction import kinds_in, redact
from tdev.core.redaction_kinds import TOKEN_KINDS, TokenKind

# Every sample is put together here, so that no credential-like text stands in this repository.
A, H, D = "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7" * 12, "0123456789abcdef" * 12, "1234567890" * 4
L = "qwertyuiopasdfghjklzxcvbnm" * 4
U = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567" * 3

SAMPLES = {
    "private-key": "-----BEGIN RSA "
    + "PRIVATE KEY-----\n"
    + A[:64]
    + "\n"
    + A[:40]
    + "==\n-----END RSA PRIVATE KEY-----",
    "age-key": "AGE-SECRET-KEY-1" + U[:58],
    "github-token": "gh" + "p_" + A[:36],
    "github-fine-grained-token": "github_" + "pat_" + A[:82],
    "gitlab-token": "gl" + "pat-" + A[:20],
    "anthropic-key": "sk-" + "ant-api03-" + A[:90],
    "openrouter-key": "sk-" + "or-v1-" + H[:64],
    "openai-key": "sk-" + "proj-" + A[:48],
    "xai-key": "xai" + "-" + A[:80],
    "groq-key": "gsk" + "_" + A[:52],
    "perplexity-key": "pplx" + "-" + A[:48],
    "replicate-token": "r8" + "_" + A[:37],
    "huggingface-token": "hf" + "_" + L[:34],
    "aws-access-key-id": "AK" + "IA" + U[:16],
    "aws-secret-key": "aws_secret_access_key = " + A[:40],
    "google-api-key": "AI" + "za" + A[:35],
    "google-oauth-token": "ya29" + "." + A[:60],
    "google-oauth-secret": "GOC" + "SPX-" + A[:28],
    "azure-key": "AccountName=x;Account" + "Key=" + A[:86] + "==",
    "azure-client-secret": "abc8" + "Q~" + A[:34],
    "slack-token": "xo" + "xb-" + D[:11] + "-" + D[:11] + "-" + A[:24],
    "slack-app-token": "xa" + "pp-1-A01234567-" + D[:13] + "-" + H[:64],
    "slack-webhook": "https://hooks." + "slack.com/services/T00000000/B00000000/" + A[:24],
    "discord-webhook": "https://discord" + ".com/api/webhooks/" + D[:18] + "/" + A[:68],
    "discord-token": "M" + A[:23] + "." + A[:6] + "." + A[:38],
    "telegram-token": D[:10] + ":A" + "A" + A[:33],
    "stripe-key": "sk" + "_live_" + A[:24],
    "stripe-webhook-secret": "whsec" + "_" + A[:32],
    "square-token": "sq0" + "atp-" + A[:22],
    "shopify-token": "shp" + "at_" + H[:32],
    "sendgrid-key": "SG" + "." + A[:22] + "." + A[:43],
    "mailgun-key": "key" + "-" + H[:32],
    "mailchimp-key": H[:32] + "-" + "us12",
    "twilio-key": "S" + "K" + H[:32],
    "npm-token": "npm" + "_" + A[:36],
    "pypi-token": "py" + "pi-AgEIcHlwaS5vcmc" + A[:120],
    "rubygems-key": "rubygems" + "_" + H[:48],
    "docker-token": "dckr" + "_pat_" + A[:27],
    "digitalocean-token": "dop" + "_v1_" + H[:64],
    "databricks-token": "da" + "pi" + H[:32],
    "heroku-key": "HR" + "KU-" + A[:60],
    "vault-token": "hv" + "s." + A[:90],
    "terraform-token": A[:14] + ".atlas" + "v1." + A[:67],
    "pulumi-token": "pul" + "-" + H[:40],
    "doppler-token": "dp" + ".pt." + A[:43],
    "grafana-token": "gl" + "sa_" + A[:32] + "_" + H[:8],
    "sentry-token": "sntry" + "s_" + A[:100],
    "newrelic-key": "NR" + "AK-" + U[:27],
    "postman-key": "PM" + "AK-" + H[:24] + "-" + H[:34],
    "linear-key": "lin" + "_api_" + A[:40],
    "notion-token": "nt" + "n_" + A[:46],
    "atlassian-token": "ATA" + "TT3" + A[:180],
    "supabase-key": "sb" + "p_" + H[:40],
    "planetscale-token": "pscale" + "_tkn_" + A[:43],
    "json-web-token": "ey" + "J" + A[:30] + ".ey" + "J" + A[:60] + "." + A[:43],
    "authorization-header": "Authorization: Bea" + "rer " + A[:20],
    "api-key-header": '"x-api' + '-key": "' + A[:20] + '"',
    "password-in-url": "postgresql://app:" + A[:12] + "@db.example.org/x",
    "assigned-secret": "client_" + 'secret = "' + A[:18] + '"',
    "secret-variable": "export DB_PASS" + "WORD=" + A[:14],
}


@pytest.mark.parametrize("kind", TOKEN_KINDS, ids=lambda kind: kind.name)
def test_each_sample_holds_a_hint_of_its_kind(kind: TokenKind) -> None:
    sample = SAMPLES[kind.name].lower() if kind.any_case else SAMPLES[kind.name]
    assert any(hint in sample for hint in kind.hints)
    assert all(hint == hint.lower() for hint in kind.hints if kind.any_case)


def test_a_megabyte_of_prose_is_quick() -> None:
    text = "An ordinary line of a log says what happened, and when: 2026-11-29T23:01:37Z ok.\n" * 12_500
    started = time.process_time()
    assert redact(text, ["a-value-of-this-run-0001"]) == text
    assert time.process_time() - started < 1.5, "0.2 s on a quiet machine"


def test_every_kind_has_a_sample() -> None:
    assert set(SAMPLES) == {kind.name for kind in TOKEN_KINDS}
    assert len(TOKEN_KINDS) >= 20


@pytest.mark.parametrize("name", SAMPLES)
def test_each_kind_is_taken_out_of_plain_text_and_of_json(name: str) -> None:
    sample = SAMPLES[name]
    secret = max(sample.split("=", 1)[-1].split(), key=len).strip("\"'")[:14] if name.startswith("aws-s") else ""
    core = secret or A[1:13]
    for text in (f"before {sample} after", json.dumps({"text": f"before {sample} after"})):
        out = redact(text)
        assert f"[redacted:{name}]" in out, out
        assert "before" in out and "after" in out
        assert redact(out) == out
        if core in sample:
            assert core not in out
    assert name in kinds_in(f"x {sample} y")
    assert json.loads(redact(json.dumps({"text": sample})))


def test_a_key_that_was_cut_off_is_taken_out_too() -> None:
    text = "-----BEGIN " + "PRIVATE KEY-----\n" + A[:64] + "\n" + A[:64]
    assert redact(text) == "[redacted:private-key]"


@pytest.mark.parametrize(
    "text",
    [
        "token: str = ''",
        'password = os.environ["DB_PASSWORD"]',
        "secret = secrets.token_hex(32)",
        "def check(password: str, token: str | None = None) -> bool:",
        'api_key = ""',
        "https://example.org:8080/a@b",
        "sha256:" + H[:64],
        "3f786850e387550fdab836ed7e6dc881de23001b",
        "uv pip install --require-hashes -r requirements.lock",
        "eyJ is how a JSON web token starts",
        "git clone ssh://git@example.org:22/x.git",
        "sk-learn is not a key; task-force-of-many-people-here is not one either",
        'if "-----BEGIN ' + 'PRIVATE KEY-----" in text: raise ValueError(text)',
        "postgresql://app:${DB_PASSWORD}@db/x",
        "PASSWORD=$DB_PASSWORD",
    ],
)
def test_ordinary_text_stays(text: str) -> None:
    if "PRIVATE KEY" in text:
        assert "raise ValueError(text)" in redact(text)
    else:
        assert redact(text) == text


@pytest.mark.parametrize("form", ["plain", "percent", "base64", "json"])
def test_own_values_are_taken_out_in_every_form(form: str) -> None:
    value = 'odd/"value +of ours'
    written = {
        "plain": value,
        "percent": quote(value, safe=""),
        "base64": base64.b64encode(value.encode()).decode(),
        "json": json.dumps(value),
    }[form]
    out = redact(f"<{written}>", own=[value, "", "abc"])
    assert "[redacted:own]" in out and written not in out


def test_short_own_values_do_not_shred_the_text() -> None:
    assert redact("a cat sat", own=["a", "at"]) == "a cat sat"


@given(st.text(max_size=300), st.sampled_from(sorted(SAMPLES)), st.text(max_size=50))
def test_redacting_twice_changes_nothing_more(before: str, name: str, after: str) -> None:
    once = redact(before + SAMPLES[name] + after)
    assert redact(once) == once


@pytest.mark.parametrize(
    "piece",
    [
        "a",
        " ",
        "eyJ",
        "-----BEGIN " + 'PRIVATE KEY-----"',
        "password=",
        "aws secret ",
        "http://",
        "sk-",
        "A_",
        "=\"'\\",
    ],
)
def test_hostile_text_takes_no_longer_than_its_length(piece: str) -> None:
    text = (piece * (300_000 // len(piece) + 1))[:300_000]
    started = time.process_time()
    redact(text)
    assert time.process_time() - started < 6
