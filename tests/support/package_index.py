"""A package index on loopback that answers as the simple repository API says, in JSON, with real wheels and sdists."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import threading
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

FORM = "application/vnd.pypi.simple.v1+json"


def metadata(name: str, version: str, fields: Sequence[str]) -> str:
    """The text of a METADATA file."""
    return "\n".join(("Metadata-Version: 2.4", f"Name: {name}", f"Version: {version}", *fields, ""))


def wheel(name: str, version: str, fields: Sequence[str] = (), contents: Mapping[str, str] | None = None) -> bytes:
    """A wheel with its metadata and what else is given; `entry_points.txt` is part of the metadata."""
    info = f"{name.replace('-', '_')}-{version}.dist-info"
    given = {f"{info}/{path}" if path == "entry_points.txt" else path: text for path, text in (contents or {}).items()}
    files = {
        f"{info}/METADATA": metadata(name, version, fields),
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        **given,
    }
    files[f"{info}/RECORD"] = "".join(f"{file},,\n" for file in [*files, f"{info}/RECORD"])
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for file, text in files.items():
            archive.writestr(file, text)
    return buffer.getvalue()


def sdist(name: str, version: str, fields: Sequence[str] = ()) -> bytes:
    """A source distribution that would fail if anybody ran its setup.py."""
    buffer = io.BytesIO()
    files = {"PKG-INFO": metadata(name, version, fields), "setup.py": "raise SystemExit('nobody runs this')\n"}
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for file, text in files.items():
            entry = tarfile.TarInfo(f"{name}-{version}/{file}")
            entry.size = len(text.encode())
            archive.addfile(entry, io.BytesIO(text.encode()))
    return buffer.getvalue()


@dataclass
class PackageIndex:
    """The running index."""

    url: str
    """Address of its root, as installers want it."""
    files: dict[str, bytes] = field(default_factory=dict)
    """Content by path."""
    rows: dict[str, list[dict[str, object]]] = field(default_factory=dict)
    """What the page of each project lists."""
    status: int = 0
    """Answer everything with this status; 0 = as it should be."""
    asked: list[str] = field(default_factory=list)
    """Every path that was asked for."""

    def add(
        self,
        name: str,
        version: str,
        *fields: str,
        uploaded: str = "2020-03-01T12:00:00Z",
        source_only: bool = False,
        beside: bool = False,
        yanked: bool = False,
        contents: Mapping[str, str] | None = None,
    ) -> None:
        """Put a release there; `beside` gives its METADATA by itself, an empty `uploaded` no day."""
        data = sdist(name, version, fields) if source_only else wheel(name, version, fields, contents)
        file = f"{name}-{version}.tar.gz" if source_only else f"{name.replace('-', '_')}-{version}-py3-none-any.whl"
        self.files[f"/files/{file}"] = data
        row: dict[str, object] = {
            "filename": file,
            "url": f"../../files/{file}",
            "hashes": {"sha256": hashlib.sha256(data).hexdigest()},
            "yanked": yanked,
            **({"upload-time": uploaded} if uploaded else {}),
        }
        if beside:
            self.files[f"/files/{file}.metadata"] = metadata(name, version, fields).encode()
            row["core-metadata"] = True
        self.rows.setdefault(name, []).append(row)


class _Handler(BaseHTTPRequestHandler):
    index: PackageIndex

    def do_HEAD(self) -> None:
        self._send(200 if self.path in self.index.files else 404, "application/octet-stream", b"")

    def do_GET(self) -> None:
        self.index.asked.append(self.path)
        project = self.path.removeprefix("/simple/").strip("/")
        if self.index.status:
            self._send(self.index.status, "text/plain", b"")
        elif self.path in self.index.files:
            self._send(200, "application/octet-stream", self.index.files[self.path])
        elif project in self.index.rows:
            page = {"meta": {"api-version": "1.1"}, "name": project, "files": self.index.rows[project]}
            self._send(200, FORM, json.dumps(page).encode())
        else:
            self._send(404, "text/plain", b"")

    def _send(self, status: int, form: str, data: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", form)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def package_index() -> Iterator[PackageIndex]:
    """The index, as long as the block runs."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    index = PackageIndex(f"http://127.0.0.1:{server.server_port}/simple")
    server.RequestHandlerClass = type("Handler", (_Handler,), {"index": index})
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield index
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
