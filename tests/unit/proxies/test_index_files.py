"""Where indexes keep their files: read from their pages, and from nothing else."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

from tdev.proxies.index_files import file_hosts, hosts_in, public_index
from tdev.settings import Settings

PAGE = b"""<html><body>
<a href="https://Files.example/a-1.0-py3-none-any.whl#sha256=00">a</a>
<a href='https://cdn.example:443/b.tar.gz'>b</a>
<a href="https://odd.example:8443/c.whl">another port</a>
<a href="http://plain.example/d.whl">no TLS</a>
<a href="/relative/e.whl">here</a>
https://text.example/f.whl
</body></html>"""


def test_hosts_of_links_by_tls_at_its_own_port() -> None:
    assert set(hosts_in(PAGE)) == {"files.example", "cdn.example"}
    assert set(hosts_in(b"")) == set()


def test_uv_says_which_index_it_uses() -> None:
    parts = urlsplit(public_index())
    assert parts.scheme == "https" and parts.hostname


def test_an_index_that_cannot_be_asked_names_no_host() -> None:
    places = ["https://127.0.0.1:9/simple", "http://127.0.0.1:9/simple", "not an address"]
    assert asyncio.run(file_hosts(Settings.from_environment({}), places)) == frozenset()
