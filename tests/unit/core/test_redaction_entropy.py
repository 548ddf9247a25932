"""What looks random is guessed to be a secret; digests, ids and code are not."""

from __future__ import annotations

import random
import string
from pathlib import Path

import pytest

from tdev.core.redaction import redact_likely
from tdev.core.redaction_entropy import entropy, likely_secrets

ROOT = Path(__file__).parents[3]


def random_token(length: int, seed: int, alphabet: str = string.ascii_letters + string.digits) -> str:
    return "".join(random.Random(seed).choices(alphabet, k=length))


@pytest.mark.parametrize("length", [32, 40, 64])
def test_most_random_tokens_are_found(length: int) -> None:
    tokens = [random_token(length, seed) for seed in range(300)]
    found = sum(any(likely_secrets(f"value {token} end")) for token in tokens)
    assert found >= 270, "nine of ten"


@pytest.mark.parametrize("before", ["token = ", "API_KEY: ", "password is ", "Authorization "])
def test_next_to_a_word_for_a_secret_shorter_ones_and_hexadecimal_count(before: str) -> None:
    found = sum(any(likely_secrets(f"{before}'{random_token(24, seed)}'")) for seed in range(100))
    assert found >= 90
    assert any(likely_secrets(f"{before}{random_token(32, 1, '0123456789abcdef')}"))


@pytest.mark.parametrize(
    "text",
    [
        "commit 3f786850e387550fdab836ed7e6dc881de23001b",
        "3f786850e387550fdab836ed7e6dc881de23001b",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  file.tar.gz",
        "    --hash=sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        '"integrity": "sha512-' + random_token(86, 3) + '=="',
        "golang.org/x/net v0.13.0/go.mod h1:" + random_token(43, 5) + "=",
        "id 123e4567-e89b-12d3-a456-426614174000",
        "test_that_a_long_function_name_is_no_secret_at_all_2",
        "ThisIsAClassNameThatIsQuiteLongIndeed2Times",
        "https://github.com/owner/repository/blob/main/docs/Some-Page_V2.md",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "token: 0123456789abcdef",
        "password = os.environ['DATABASE_PASSWORD_FOR_TESTS']",
        "![x](data:image/png;base64," + random_token(120, 4) + ")",
        "secret_key_of_the_application_settings",
    ],
)
def test_ordinary_text_is_no_secret(text: str) -> None:
    assert not list(likely_secrets(text))


def test_our_own_code_and_lock_files_hold_nothing_that_looks_random() -> None:
    files = [*(ROOT / "bot").rglob("*.py"), *ROOT.glob("*.lock"), *(ROOT / "docs").rglob("*.md")]
    assert len(files) > 300
    found = [(file.name, guess.reason) for file in files for guess in likely_secrets(file.read_text(encoding="utf-8"))]
    assert len(found) <= 1, found


def test_a_likely_secret_is_taken_out_of_what_is_posted() -> None:
    token = random_token(40, 7)
    assert redact_likely(f"it is {token}.") == "it is [redacted:likely]."
    guess = next(likely_secrets(f"it is {token}."))
    assert (guess.start, guess.end) == (6, 46) and token not in guess.reason
    once = redact_likely(f"it is {token}.")
    assert redact_likely(once) == once


def test_entropy_is_counted_in_bits() -> None:
    assert entropy("aaaa") == 0 and entropy("ab") == 1 and entropy("abcd") == 2 and entropy("") == 0
