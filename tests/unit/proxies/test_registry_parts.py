"""The registry proxy's parts: requests, TLS names, addresses, indexes of the machine."""

from __future__ import annotations

import contextlib
import ssl
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tdev.errors import ConfigurationError
from tdev.proxies.addresses import is_public
from tdev.proxies.client_hello import RECORD_HEAD, NotTls, record_length, server_name
from tdev.proxies.index_files import public_index
from tdev.proxies.outward import machine_proxy
from tdev.proxies.proxy_request import proxy_request
from tdev.proxies.registry_hosts import Destination, destinations, index_environment, simple_indexes, without_logins
from tdev.proxies.traffic import Flow, NotLet, Passed
from tdev.proxies.traffic_counter import SENT_BYTES, SENT_BYTES_PER_CONNECTION, Counter
from tdev.settings import Settings


def hello(name: str | None) -> bytes:
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    context = ssl.create_default_context()
    context.check_hostname = False
    with contextlib.suppress(ssl.SSLWantReadError):
        context.wrap_bio(incoming, outgoing, server_hostname=name).do_handshake()
    return outgoing.read()


def test_a_fetch_is_made_anew_with_a_few_headers() -> None:
    line = b"GET http://Index.Example:8080/simple/?a=b HTTP/1.1\r\n"
    request = proxy_request(line + b"Host: evil\r\nCookie: x\r\nAccept: */*\r\nVia: y\r\n\r\n")
    assert (request.place, request.is_tunnel) == ("index.example:8080", False)
    assert request.head == (
        b"GET /simple/?a=b HTTP/1.1\r\nhost: index.example:8080\r\nconnection: close\r\naccept: */*\r\n\r\n"
    )


def test_a_tunnel_is_told_by_host_and_port() -> None:
    assert proxy_request(b"CONNECT Index.example:443 HTTP/1.1\r\nhost: evil\r\n\r\n").place == "index.example:443"
    assert proxy_request(b"CONNECT [::1]:443 HTTP/1.1\r\n\r\n").host == "::1"


@pytest.mark.parametrize(
    "head",
    [
        b"GET http://a/ b HTTP/1.1\r\n\r\n",
        b"GET\thttp://a/ HTTP/1.1\r\n\r\n",
        b"GET http://a/\xff HTTP/1.1\r\n\r\n",
        b"GET http://a:99999/ HTTP/1.1\r\n\r\n",
        b"GET http:///x HTTP/1.1\r\n\r\n",
        b"GET http://[a/ HTTP/1.1\r\n\r\n",
        b"CONNECT a:b HTTP/1.1\r\n\r\n",
        b"CONNECT a:443/x HTTP/1.1\r\n\r\n",
        b"GET http://a/ HTTP/1.1\r\nx: y\nz: w\r\n\r\n",
        b"GET http://a/ HTTP/1.1\r\nx : y\r\n\r\n",
        b"\r\n\r\n",
    ],
)
def test_what_may_be_read_in_two_ways_is_refused(head: bytes) -> None:
    with pytest.raises(NotLet):
        proxy_request(head)


@pytest.mark.parametrize(
    ("asked", "read"), [("index.example", "index.example"), ("Index.example", "index.example"), (None, "")]
)
def test_the_name_a_tls_client_asks_for(asked: str | None, read: str) -> None:
    data = hello(asked)
    assert record_length(data[:RECORD_HEAD]) == len(data) - RECORD_HEAD
    assert server_name(data[RECORD_HEAD:]) == read


def test_a_hello_cut_short_anywhere_is_none() -> None:
    data = hello("index.example")[RECORD_HEAD:]
    for end in range(0, len(data), 5):
        with pytest.raises(NotTls):
            server_name(data[:end])
    for head in (b"", b"\x16\x03", b"GET /", b"\x17\x03\x03\x00\x10"):
        with pytest.raises(NotTls):
            record_length(head)


def test_an_encrypted_name_is_refused() -> None:
    record = hello("index.example")[RECORD_HEAD:]
    hidden = record.replace(b"\x00\x17\x00\x00", b"\xfe\x0d\x00\x00", 1)
    assert hidden != record
    with pytest.raises(NotTls, match="encrypted"):
        server_name(hidden)


@pytest.mark.parametrize(
    "address",
    [
        *(
            "127.0.0.1",
            "10.1.2.3",
            "172.31.0.1",
            "192.168.0.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
        ),
        *(
            "::1",
            "::",
            "fe80::1%eth0",
            "fd00::1",
            "::ffff:127.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "ff02::1",
            "x",
        ),
    ],
)
def test_addresses_of_this_machine_and_its_networks(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["151.101.0.223", "172.32.0.1", "2a04:4e42::223", "::ffff:151.101.0.223"])
def test_public_addresses(address: str) -> None:
    assert is_public(address)


PUBLIC = urlsplit(public_index()).hostname or "none"


def machine(tmp_path: Path, **variables: str) -> Settings:
    return replace(Settings.from_environment({"HOME": str(tmp_path)}), installer_environment=variables)


def test_without_any_setting_the_public_index_is_reached(tmp_path: Path) -> None:
    assert destinations(machine(tmp_path)) == (Destination(PUBLIC, 443, True, False),)
    assert destinations(machine(tmp_path), ["npm.example"])[-1] == Destination("npm.example", 443, True, False)


@pytest.mark.parametrize("name", ["UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL"])
def test_an_index_of_the_machine_takes_the_public_ones_place(tmp_path: Path, name: str) -> None:
    settings = machine(tmp_path, **{name: "https://user:secret@mirror.example:8443/simple"})
    assert destinations(settings) == (Destination("mirror.example", 8443, True, True),)


def test_further_indexes_stand_beside_it(tmp_path: Path) -> None:
    settings = machine(
        tmp_path,
        UV_INDEX="torch=https://torch.example/whl https://b.example/simple?x=1",
        PIP_FIND_LINKS="/opt/wheels http://127.0.0.1:9/wheels",
    )
    hosts = [(place.host, place.port, place.tls) for place in destinations(settings)]
    assert hosts == [
        ("torch.example", 443, True),
        ("b.example", 443, True),
        ("127.0.0.1", 9, False),
        (PUBLIC, 443, True),
    ]


def test_uv_toml_of_the_user_is_read(tmp_path: Path) -> None:
    folder = tmp_path / ".config" / "uv"
    folder.mkdir(parents=True)
    (folder / "uv.toml").write_text(
        'extra-index-url = ["https://a.example/simple"]\n[pip]\nindex-url = "https://b.example/simple"\n'
    )
    settings = machine(tmp_path)
    assert {place.host for place in destinations(settings)} == {"a.example", "b.example"}
    assert index_environment(settings) == {
        "UV_INDEX": "https://a.example/simple",
        "UV_DEFAULT_INDEX": "https://b.example/simple",
    }
    (folder / "uv.toml").write_text("[[")
    with pytest.raises(ConfigurationError, match=r"uv\.toml"):
        destinations(settings)


def test_the_indexes_that_are_asked_about_a_project_in_uvs_order(tmp_path: Path) -> None:
    here = machine(
        tmp_path,
        UV_INDEX="ours=https://a.example/simple",
        UV_EXTRA_INDEX_URL="https://b.example/simple",
        UV_INDEX_URL="https://c.example/simple",
        UV_FIND_LINKS="https://links.example/",
        PIP_INDEX_URL="https://pip.example/simple",
    )
    assert simple_indexes(here) == ("https://a.example/simple", "https://b.example/simple", "https://c.example/simple")
    assert simple_indexes(machine(tmp_path, UV_DEFAULT_INDEX="/srv/wheels")) == ()
    assert simple_indexes(machine(tmp_path)) == (public_index(),)


def test_logins_are_taken_out_of_addresses() -> None:
    given = "a=https://user:pa@ss@a.example/simple?x=@y http://b.example/@c /opt/wheels https://token@c.example"
    assert without_logins(given) == "a=https://a.example/simple?x=@y http://b.example/@c /opt/wheels https://c.example"


def test_the_machines_proxy_is_read_as_curl_reads_it(tmp_path: Path) -> None:
    settings = machine(
        tmp_path,
        HTTPS_PROXY="http://p.example:1",
        http_proxy="http://q.example",
        NO_PROXY="x, .inner.example,y.example",
    )
    assert machine_proxy(settings, "https://index.example/") == "http://p.example:1"
    assert machine_proxy(settings, "http://index.example/") == "http://q.example"
    for url in ("https://a.inner.example/", "https://y.example", "https://127.0.0.1:1/", "http://localhost/"):
        assert machine_proxy(settings, url) is None
    assert machine_proxy(settings, "https://ay.example") == "http://p.example:1"
    assert machine_proxy(machine(tmp_path, HTTPS_PROXY="http://p", no_proxy="*"), "https://a.example") is None


def test_counting_and_its_limits() -> None:
    counter, flow = Counter(), Flow("a:443")
    counter.connect(flow)
    counter.send(flow, 100)
    counter.receive(flow, 7)
    with pytest.raises(NotLet):
        counter.send(flow, SENT_BYTES_PER_CONNECTION)
    assert counter.traffic().hosts == {"a:443": Passed(1, 100, 7)}
    with pytest.raises(NotLet):
        for _ in range(SENT_BYTES // 1_000_000 + 1):
            counter.send(Flow("b:443"), 1_000_000)
    for number in range(1100):
        counter.refuse(str(number))
    assert (len(counter.traffic().refused), counter.traffic().refused["others"]) == (1001, 100)


def test_registries_of_another_language_take_the_place_of_the_indexes(settings: Settings, tmp_path: Path) -> None:
    ours = replace(settings, installer_environment={"UV_DEFAULT_INDEX": "https://index.example"}, user_home=tmp_path)
    named = ("http://127.0.0.1:4873/", "https://registry.example/npm/")
    assert destinations(ours, ("more.example",), named) == (
        Destination("127.0.0.1", 4873, False, True),
        Destination("registry.example", 443, True, True),
        Destination("more.example", 443, True, False),
    )
