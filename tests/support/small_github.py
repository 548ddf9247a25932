"""The parts of GitHub's REST API that the bot calls, on loopback, with state to look at and faults to set.

Tokens are checked as GitHub does: the App's JWT by its public key, an installation token by value, age and permissions.
A run is only a record here; tests move it on themselves. For all of GitHub see tdev.forge.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt

OWNER, NAME, BOT = "octo-org", "rooms", "tdev-test[bot]"
ROOT = f"/repos/{OWNER}/{NAME}"
Answer = tuple[int, Any]


class SmallGitHub:
    """The server and all it knows."""

    def __init__(self, public_key: str) -> None:
        self.public_key = public_key
        self.comments: list[dict[str, Any]] = []
        self.reactions: set[tuple[str, str]] = set()
        self.runs: list[dict[str, Any]] = []
        self.jobs: list[dict[str, Any]] = []
        self.pulls: list[dict[str, Any]] = []
        self.checks: list[dict[str, Any]] = []
        self.deliveries: list[dict[str, Any]] = []
        self.redelivered: list[int] = []
        self.permissions = {"mona": "write", "stranger": "read"}
        self.tokens: dict[str, tuple[dict[str, str], float]] = {}
        self.token_seconds = 3600.0
        self.workflow_missing = False
        self.run_details = True
        self.calls: Counter[str] = Counter()
        self.fault: Callable[[str, str], tuple[int, dict[str, str]] | None] = lambda method, path: None
        self.after: Callable[[str, str], None] = lambda method, path: None
        self.lock = threading.RLock()
        github = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *arguments: object) -> None:
                """Stay silent."""

            def _all(self) -> None:
                data = self.rfile.read(int(self.headers.get("content-length") or 0))
                parts = urlsplit(self.path)
                with github.lock:
                    github.calls[f"{self.command} {parts.path}"] += 1
                    more: dict[str, str] = {}
                    set_fault = github.fault(self.command, parts.path)
                    if set_fault:
                        status, more = set_fault
                        body: Any = {
                            "message": "You have exceeded a secondary rate limit" if status == 403 else "fault"
                        }
                    else:
                        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
                        given = json.loads(data) if data else {}
                        token = (self.headers.get("authorization") or " ").split(" ", 1)[1]
                        status, body = github.answer(self.command, parts.path, query, given, token)
                    github.after(self.command, parts.path)
                raw = b"" if status == 204 else json.dumps(body).encode()
                try:
                    self.send_response(status)
                    self.send_header("Content-Type", "application/json; charset=utf-8")
                    self.send_header("Content-Length", str(len(raw)))
                    for name, value in more.items():
                        self.send_header(name, value)
                    self.end_headers()
                    self.wfile.write(raw)
                except OSError:
                    self.close_connection = True

            do_GET = do_POST = do_PATCH = do_DELETE = _all

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Stop answering."""
        self.server.shutdown()
        self.server.server_close()

    def answer(self, method: str, path: str, query: dict[str, str], body: dict[str, Any], token: str) -> Answer:
        """Status and body of an answer."""
        if path.startswith("/app"):
            return self._of_app(method, path, body, token)
        kept = self.tokens.get(token)
        if kept is None or kept[1] < time.time():
            return 401, {"message": "Bad credentials"}
        for pattern, wanted, permission, handler in ROUTES:
            found = re.fullmatch(pattern, path)
            if found and wanted == method:
                name, level = permission
                if kept[0].get(name) not in (level, "write"):
                    return 403, {"message": "Resource not accessible by integration"}
                return handler(self, found.groups(), query, body)
        return 404, {"message": "Not Found"}

    def _of_app(self, method: str, path: str, body: dict[str, Any], token: str) -> Answer:
        try:
            claims = jwt.decode(token, self.public_key, ["RS256"], options={"require": ["iat", "exp", "iss"]})
        except jwt.InvalidTokenError as error:
            return 401, {"message": str(error)}
        if claims["exp"] - time.time() > 600:
            return 401, {"message": "'Expiration time' claim ('exp') is too far in the future"}
        if path == "/app":
            return 200, {"id": 1, "slug": BOT.removesuffix("[bot]")}
        if path == "/app/hook/deliveries":
            return 200, self.deliveries
        if found := re.fullmatch(r"/app/hook/deliveries/(\d+)/attempts", path):
            self.redelivered.append(int(found[1]))
            return 202, {}
        if path == "/app/installations/991/access_tokens" and body["repository_ids"] == [4201]:
            value = f"ghs_{len(self.tokens)}"
            ends = time.time() + self.token_seconds
            self.tokens[value] = (body["permissions"] | {"metadata": "read"}, ends)
            return 201, {"token": value, "expires_at": datetime.fromtimestamp(ends, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}
        return 404, {"message": "Not Found"}

    def own(self, marker: str) -> list[str]:
        """Texts of the bot's comments whose marker begins so."""
        return [text["body"] for text in self.comments if text["body"].startswith(f"<!-- tdev:{marker}")]


Parts = tuple[str, ...]


def _permission(self: SmallGitHub, parts: Parts, query: dict[str, str], body: dict[str, Any]) -> Answer:
    if parts[0] not in self.permissions:
        return 404, {"message": "Not Found"}
    return 200, {"permission": self.permissions[parts[0]], "user": {"login": parts[0], "type": "User"}}


def _react(self: SmallGitHub, parts: Parts, query: dict[str, str], body: dict[str, Any]) -> Answer:
    self.reactions.add((parts[0], body["content"]))
    return 201, {"id": 1, "content": body["content"]}


def _comments(self: SmallGitHub, parts: Parts, query: dict[str, str], body: dict[str, Any]) -> Answer:
    return 200, [comment for comment in self.comments if comment["number"] == int(parts[0])]


def _comment(self: SmallGitHub, parts: Parts, query: dict[str, str], body: dict[str, Any]) -> Answer:
    made = {"id": len(self.comments) + 1, "number": int(parts[0]), "user": {"login": BOT, "type": "Bot"}, **body}
    self.comments.append(made)
    return 201, made


def _edit(self: SmallGitHub, parts: Parts, query: dict[str, str], body: dict[str, Any]) -> Answer:
    comment = self.comments[int(parts[0]) - 1]
    comment.update(body)
    return 200, comment


def _dispatch(self: SmallGitHub, parts: Parts, query: dict[str, str], body: dict[str, Any]) -> Answer:
    if self.workflow_missing:
        return 404, {"message": "Not Found"}
    number = 777001 + len(self.runs)
    self.runs.append(
        {
            "id": number,
            "name": "tdev",
            "display_title": f"tdev {body['inputs']['run_id']}",
            "event": "workflow_dispatch",
            "status": "queued",
            "conclusion": None,
            "html_url": f"https://github.example{ROOT}/actions/runs/{number}",
            "inputs": body["inputs"],
            "ref": body["ref"],
        }
    )
    return (200, {"workflow_run_id": number}) if self.run_details else (204, None)


def _runs(self: SmallGitHub, parts: Parts, query: dict[str, str], body: dict[str, Any]) -> Answer:
    return 200, {"total_count": len(self.runs), "workflow_runs": self.runs[::-1]}


def _run(self: SmallGitHub, parts: Parts, query: dict[str, str], body: dict[str, Any]) -> Answer:
    found = [run for run in self.runs if run["id"] == int(parts[0])]
    return (200, found[0]) if found else (404, {"message": "Not Found"})


def _cancel(self: SmallGitHub, parts: Parts, query: dict[str, str], body: dict[str, Any]) -> Answer:
    run = _run(self, parts, query, body)[1]
    if run["status"] == "completed":
        return 409, {"message": "Cannot cancel a workflow run that is completed."}
    run.update(status="completed", conclusion="cancelled")
    return 202, {}


def _jobs(self: SmallGitHub, parts: Parts, query: dict[str, str], body: dict[str, Any]) -> Answer:
    return 200, {"total_count": len(self.jobs), "jobs": self.jobs}


def _pull(self: SmallGitHub, parts: Parts, query: dict[str, str], body: dict[str, Any]) -> Answer:
    found = [pull for pull in self.pulls if pull["number"] == int(parts[0])]
    return (200, found[0]) if found else (404, {"message": "Not Found"})


def _pulls(self: SmallGitHub, parts: Parts, query: dict[str, str], body: dict[str, Any]) -> Answer:
    wanted = query.get("head", "")
    return 200, [pull for pull in self.pulls if not wanted or wanted == f"{OWNER}:{pull['head']['ref']}"]


def _checks(self: SmallGitHub, parts: Parts, query: dict[str, str], body: dict[str, Any]) -> Answer:
    return 200, {"total_count": len(self.checks), "check_runs": self.checks}


ROUTES: tuple[tuple[str, str, tuple[str, str], Callable[..., Answer]], ...] = (
    (rf"{ROOT}/collaborators/([^/]+)/permission", "GET", ("metadata", "read"), _permission),
    (rf"{ROOT}/issues/(?:comments/)?(\d+)/reactions", "POST", ("issues", "write"), _react),
    (rf"{ROOT}/issues/(\d+)/comments", "GET", ("issues", "read"), _comments),
    (rf"{ROOT}/issues/(\d+)/comments", "POST", ("issues", "write"), _comment),
    (rf"{ROOT}/issues/comments/(\d+)", "PATCH", ("issues", "write"), _edit),
    (rf"{ROOT}/actions/workflows/tdev\.yml/dispatches", "POST", ("actions", "write"), _dispatch),
    (rf"{ROOT}/actions/workflows/tdev\.yml/runs", "GET", ("actions", "read"), _runs),
    (rf"{ROOT}/actions/runs/(\d+)", "GET", ("actions", "read"), _run),
    (rf"{ROOT}/actions/runs/(\d+)/cancel", "POST", ("actions", "write"), _cancel),
    (rf"{ROOT}/actions/runs/(\d+)/jobs", "GET", ("actions", "read"), _jobs),
    (rf"{ROOT}/pulls/(\d+)", "GET", ("pull_requests", "read"), _pull),
    (rf"{ROOT}/pulls", "GET", ("pull_requests", "read"), _pulls),
    (rf"{ROOT}/commits/([0-9a-f]+)/check-runs", "GET", ("checks", "read"), _checks),
)
