"""A vulnerability service on loopback that answers as OSV does: /v1/query, /v1/querybatch, /v1/vulns/<id>."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_PURLS = {"PyPI": "pypi", "npm": "npm", "Go": "golang", "crates.io": "cargo"}


def record(
    ident: str, package: str, fixed: str, summary: str, aliases: tuple[str, ...] = (), ecosystem: str = "PyPI"
) -> dict[str, Any]:
    """One vulnerability, in the OSV schema."""
    events = [{"introduced": "0"}, *([{"fixed": fixed}] if fixed else [])]
    return {
        "schema_version": "1.7.3",
        "id": ident,
        "modified": "2024-11-18T16:26:18.913043Z",
        "published": "2020-03-24T15:06:32Z",
        "aliases": list(aliases),
        "summary": summary,
        "details": f"{summary}.\n\nMore about it.",
        "affected": [
            {
                "package": {
                    "ecosystem": ecosystem,
                    "name": package,
                    "purl": f"pkg:{_PURLS[ecosystem]}/{package.replace('@', '%40')}",
                },
                "ranges": [{"type": "ECOSYSTEM" if ecosystem == "PyPI" else "SEMVER", "events": events}],
                "versions": [],
                "database_specific": {"source": f"https://osv.dev/{ident}"},
            }
        ],
        "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
        "references": [{"type": "WEB", "url": f"https://example.org/{ident}"}],
    }


RECORDS = (
    record("GHSA-6757-jp84-gxfx", "pyyaml", "5.3.1", "full_load runs code", ("CVE-2020-1747", "PYSEC-2020-96")),
    record("GHSA-8q59-q68h-6hv4", "pyyaml", "5.4", "FullLoader runs code", ("CVE-2020-14343", "PYSEC-2021-142")),
    record("GHSA-x84v-xcm2-53pg", "requests", "2.20.0", "Credentials are sent on", ("CVE-2018-18074",)),
    record("GHSA-hopeless", "leftpadpy", "", "It can't be mended"),
)


@dataclass
class OsvApi:
    """The running service."""

    url: str
    """Its root."""
    asked: list[tuple[str, str]] = field(default_factory=list)
    """(package, version) of every query."""
    broken_for: set[str] = field(default_factory=set)
    """Packages it answers with an internal error."""
    records: Sequence[dict[str, Any]] = RECORDS
    """What it knows."""
    page: int = 0
    """Records on one page of a portion's answer; 0 = all."""


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))


def known(
    package: str, version: str, records: Sequence[dict[str, Any]] = RECORDS, ecosystem: str = "PyPI"
) -> list[dict[str, Any]]:
    """The records about one version."""
    found = []
    for entry in records:
        affected = entry["affected"][0]
        fixed = [event["fixed"] for event in affected["ranges"][0]["events"] if "fixed" in event]
        same = affected["package"]["name"] == package and affected["package"]["ecosystem"] == ecosystem
        if same and not (fixed and _numbers(version) >= _numbers(fixed[0])):
            found.append(entry)
    return found


class _Handler(BaseHTTPRequestHandler):
    api: OsvApi

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", "0"))) or b"{}")
        if self.path == "/v1/query":
            self._query(body)
        elif self.path == "/v1/querybatch":
            self._batch(body.get("queries", []))
        else:
            self._send(404, {"code": 5, "message": "Not Found"})

    def _batch(self, queries: list[dict[str, Any]]) -> None:
        if any(query["package"]["name"] in self.api.broken_for for query in queries):
            self._send(500, {"code": 13, "message": "internal"})
            return
        self._send(200, {"results": [self._page(query) for query in queries]})

    def _page(self, query: dict[str, Any]) -> dict[str, Any]:
        found = self._answer(query).get("vulns", [])
        start = int(query.get("page_token", "0"))
        end = start + self.api.page if self.api.page else len(found)
        brief = [{"id": entry["id"], "modified": entry["modified"]} for entry in found[start:end]]
        return {**({"vulns": brief} if brief else {}), **({"next_page_token": str(end)} if end < len(found) else {})}

    def do_GET(self) -> None:
        ident = self.path.removeprefix("/v1/vulns/")
        found = [entry for entry in self.api.records if entry["id"] == ident]
        self._send(200 if found else 404, found[0] if found else {"code": 5, "message": "Bug not found."})

    def _query(self, body: dict[str, Any]) -> None:
        package = body.get("package", {}).get("name", "")
        if not package:
            self._send(400, {"code": 3, "message": "Invalid query."})
        elif package in self.api.broken_for:
            self._send(500, {"code": 13, "message": "internal"})
        else:
            self._send(200, self._answer(body))

    def _answer(self, query: dict[str, Any]) -> dict[str, Any]:
        package, version = query["package"]["name"], query.get("version", "")
        self.api.asked.append((package, version))
        found = known(package, version, self.api.records, query["package"].get("ecosystem", "PyPI"))
        return {"vulns": found} if found else {}

    def _send(self, status: int, document: object) -> None:
        data = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def osv_api(records: Sequence[dict[str, Any]] = RECORDS) -> Iterator[OsvApi]:
    """The service, as long as the block runs."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    api = OsvApi(f"http://127.0.0.1:{server.server_port}", records=records)
    server.RequestHandlerClass = type("Handler", (_Handler,), {"api": api})
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield api
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
