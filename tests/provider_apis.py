"""messages_api.py as Bedrock and Vertex have it: the same scripts, other paths, other framing, real signatures checked.

    with MessagesApi(script, handler=BedrockHandler) as api: ...

A request whose credential is wrong gets the provider's 403.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import struct
from collections.abc import Iterable
from urllib.parse import unquote

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from messages_api import Json, MessagesHandler, Reply, Request, events_of

AWS = {
    "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "secret+of/the+account",
    "AWS_SESSION_TOKEN": "session",
}
REGION = "eu-central-1"
AWS_BEARER = "bedrock-api-key-of-the-account"
GOOGLE_TOKEN = "ya29.token-of-the-project"
PROJECT, PLACE = "the-project", "europe-west1"
_INVOKE = re.compile(r"/model/(?P<model>[^/]+)/invoke(?P<stream>-with-response-stream)?")
_PREDICT = re.compile(
    rf"/v1/projects/{PROJECT}/locations/{PLACE}/publishers/anthropic/models/(?P<model>[^/:]+):(?P<stream>streamR|r)awPredict"
)


class BedrockHandler(MessagesHandler):
    """Bedrock's runtime."""

    stream_type = "application/vnd.amazon.eventstream"

    def do_POST(self) -> None:
        data = self.rfile.read(int(self.headers.get("content-length") or 0))
        found = _INVOKE.fullmatch(self.path)
        body = json.loads(data)
        if not found or "model" in body or "stream" in body or body["anthropic_version"] != "bedrock-2023-05-31":
            return self._refuse(400, "ValidationException")
        if not self._is_signed(data):
            return self._refuse(403, "InvalidSignatureException")
        body |= {"model": unquote(found["model"]), "stream": bool(found["stream"])}
        request = Request(self.path, {k.lower(): v for k, v in self.headers.items()}, body)
        return self._answer(request, self.server.api.answer(request))

    def _is_signed(self, data: bytes) -> bool:
        """The signature, made again with the secret that only the account and its owner have."""
        given = self.headers["authorization"] or ""
        if given.startswith("Bearer "):
            return given == f"Bearer {AWS_BEARER}"
        names = re.search("SignedHeaders=([^,]+)", given)
        if not names:
            return False
        headers = {name: self.headers[name] for name in names[1].split(";")}
        request = AWSRequest("POST", f"http://{self.headers['host']}{self.path}", headers=headers, data=data)
        request.context["timestamp"] = self.headers["x-amz-date"]
        key = Credentials(AWS["AWS_ACCESS_KEY_ID"], AWS["AWS_SECRET_ACCESS_KEY"], AWS["AWS_SESSION_TOKEN"])
        signer = SigV4Auth(key, "bedrock", REGION)
        canonical = signer.canonical_request(request)
        signature = signer.signature(signer.string_to_sign(request, canonical), request)
        return given.endswith(f"Signature={signature}") and self.headers["x-amz-security-token"] == "session"

    def _refuse(self, status: int, kind: str) -> None:
        self._send(status, json.dumps({"message": kind}).encode(), ("x-amzn-errortype", kind))

    def framed(self, reply: Reply, model: str) -> Iterable[bytes]:
        return (frame_of({"type": name, **data}) for name, data in events_of(reply, model))


class VertexHandler(MessagesHandler):
    """Vertex AI; its base address ends in /v1."""

    def do_POST(self) -> None:
        data = self.rfile.read(int(self.headers.get("content-length") or 0))
        found = _PREDICT.fullmatch(self.path)
        body = json.loads(data)
        if not found or "model" in body or body["anthropic_version"] != "vertex-2023-10-16":
            return self._send(400, b'{"error": {"code": 400, "status": "INVALID_ARGUMENT"}}')
        if self.headers["authorization"] != f"Bearer {GOOGLE_TOKEN}":
            return self._send(403, b'{"error": {"code": 403, "status": "PERMISSION_DENIED"}}')
        body |= {"model": found["model"]}
        request = Request(self.path, {k.lower(): v for k, v in self.headers.items()}, body)
        return self._answer(request, self.server.api.answer(request))


def frame_of(event: Json) -> bytes:
    """One event in a frame of Amazon's event stream."""
    payload = json.dumps({"bytes": base64.b64encode(json.dumps(event).encode()).decode()}).encode()
    pairs = {":event-type": "chunk", ":content-type": "application/json", ":message-type": "event"}
    headers = b"".join(
        bytes([len(name)]) + name.encode() + b"\x07" + struct.pack(">H", len(value)) + value.encode()
        for name, value in pairs.items()
    )
    prelude = struct.pack(">II", 12 + len(headers) + len(payload) + 4, len(headers))
    frame = prelude + struct.pack(">I", binascii.crc32(prelude)) + headers + payload
    return frame + struct.pack(">I", binascii.crc32(frame))
