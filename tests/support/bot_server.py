"""A real `tdev serve` in a process of its own, and deliveries sent to it."""

from __future__ import annotations

import http.client
import json
import re
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from typing import Any

from support.command import command_environment
from support.deliveries import SECRET, headers, payload
from tdev.settings import Settings


class Server:
    """A running `tdev serve`."""

    def __init__(self, settings: Settings, private_key: str, *, port: int = 0, **more: str) -> None:
        self.file = settings.inbox
        self.log = settings.home / "bot.log"
        """What all the bots of this database have logged."""
        environment = command_environment(settings) | {
            "TDEV_WEBHOOK_SECRET": SECRET,
            "TDEV_APP_ID": "Iv23test",
            "TDEV_APP_PRIVATE_KEY": private_key,
            **more,
        }
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                (sys.executable, "-m", "tdev.cli.main", "serve", "--port", str(port)),
                env=environment,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:(\d+)/webhook", line)
        assert found, line
        self.port = int(found[1])

    def send(self, body: bytes, given: dict[str, str], path: str = "/webhook", method: str = "POST") -> int:
        """Send a request; its status."""
        return self.ask(body, given, path, method)[0]

    def ask(self, body: bytes, given: dict[str, str], path: str, method: str) -> tuple[int, bytes]:
        """Send a request; status and body of the answer."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)) as connection:
            connection.request(method, path, body, given)
            answer = connection.getresponse()
            return answer.status, answer.read()

    def deliver(self, event: str, case: str, delivery: str = "") -> int:
        """Send a recorded payload, signed."""
        return self.deliver_data(event, payload(event, case), delivery)

    def deliver_data(self, event: str, data: dict[str, Any], delivery: str = "") -> int:
        """Send a payload, signed."""
        body = json.dumps(data).encode()
        return self.send(body, headers(event, body, delivery=delivery))

    def rows(self) -> list[tuple[str, str, str]]:
        """Delivery id, event and state of what is stored."""
        with closing(sqlite3.connect(self.file)) as connection:
            return connection.execute("SELECT delivery_id, event, state FROM deliveries ORDER BY sequence").fetchall()

    def stop(self, number: int = signal.SIGTERM) -> int:
        """End the process by a signal; its exit code."""
        self.process.send_signal(number)
        code = self.process.wait(20)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code
