"""A registry of npm on loopback with packages made on the spot, and locks that name them."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import io
import json
import tarfile
import threading
from collections.abc import Iterator, Mapping
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


def tarball(files: Mapping[str, str]) -> bytes:
    """A package as npm packs it."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, text in files.items():
            member = tarfile.TarInfo(f"package/{name}")
            member.size, member.mode = len(text.encode()), 0o644
            archive.addfile(member, io.BytesIO(text.encode()))
    return buffer.getvalue()


def entry(url: str, content: bytes) -> dict[str, str]:
    """What a lock says of a package of version 1.0.0 at an address."""
    digest = base64.b64encode(hashlib.sha512(content).digest()).decode()
    return {"version": "1.0.0", "resolved": url, "integrity": f"sha512-{digest}"}


def lock(wanted: Mapping[str, str], packages: Mapping[str, object]) -> str:
    """A package-lock.json for a root that asks for `wanted`; `packages` are its entries by folder."""
    root = {"name": "x", "version": "1.0.0", "dependencies": dict(wanted)}
    return json.dumps({**root, "lockfileVersion": 3, "requires": True, "packages": {"": root, **packages}})


@contextlib.contextmanager
def registry(folder: Path, files: Mapping[str, bytes]) -> Iterator[tuple[str, list[str]]]:
    """Its address, and the paths that were asked for so far."""
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    asked: list[str] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Noting, asked, directory=str(folder)))
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/", asked
    finally:
        server.shutdown()
        server.server_close()


class _Noting(SimpleHTTPRequestHandler):
    def __init__(self, asked: list[str], *arguments: object, **more: object) -> None:
        self._asked = asked
        super().__init__(*arguments, **more)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        self._asked.append(self.path)
        super().do_GET()

    def log_message(self, *_: object) -> None: ...
