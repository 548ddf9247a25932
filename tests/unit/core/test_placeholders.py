from __future__ import annotations

import pytest

from tdev.core.placeholders import holds_no_credential

LOGIN = "me:" + "s3same7"


@pytest.mark.parametrize(
    "line",
    [
        "DESK_SECRET_KEY=change-me",
        'password = "changeme"',
        "api_key: <your key>",
        "  TOKEN: your-api-token",
        "SECRET=xxxxxxxx",
        'password: "${DB_PASSWORD}"',
        "password: ${{ secrets.PASSWORD }}",
        "password = 'please-change-me',",
        "token = placeholder  # set it in production",
        f"export DATABASE=postgresql://{LOGIN}@localhost/desk",
        f'url = "redis://{LOGIN}@127.0.0.1:6379/0"',
        f"URL=amqp://{LOGIN}@[::1]/",
        'TOKEN_HEADER = "X-Desk-Token"',
        'PASSWORD_FIELD = "password"',
        "secret_name: session_secret",
    ],
)
def test_placeholders_and_local_logins(line: str) -> None:
    assert holds_no_credential(line)


@pytest.mark.parametrize(
    "line",
    [
        'password = "changeme-Xk29"',
        'password = "my example 42"',
        "token = your-9f8e7d6c5b4a",
        "password = hunter2",
        'TOKEN_HEADER = "aZ3-kQ9xLm2"',
        'PASSWORD = "password"',
        'NAMED_PASSWORD = "swordfish"',
        "<your key>",
        f"DATABASE=postgresql://{LOGIN}@db.example.org/desk",
        f"A=redis://{LOGIN}@localhost B=redis://{LOGIN}@db.internal",
        f"A=redis://{LOGIN}@localhost.example.org/",
        "password = change-me" + " " * 1000,
        "",
    ],
)
def test_anything_else_may_be_one(line: str) -> None:
    assert not holds_no_credential(line)
