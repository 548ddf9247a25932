"""What a manual prints is no credential; what only looks like it is."""

from __future__ import annotations

import pytest

from tdev.core.documented_keys import DOCUMENTED, is_documented
from tdev.core.patch_guard.rules.secrets import secret_kinds


@pytest.mark.parametrize("value", sorted(DOCUMENTED))
@pytest.mark.parametrize("form", ["export AWS_ACCESS_KEY_ID=%s\n", "aws_secret_access_key = '%s'\n"])
def test_a_key_of_the_manual_passes_and_one_beside_it_does_not(value: str, form: str) -> None:
    assert is_documented(value) and not is_documented(value[1:])
    assert secret_kinds(form % value) == ()
    assert secret_kinds(form % value + form % (value[:4] + "Q7" + value[6:])) != ()
    assert secret_kinds(form % (value + "Q7w")) != ()
