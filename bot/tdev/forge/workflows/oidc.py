"""OpenID Connect: short-lived tokens that say which job of which workflow asks.

Follows GitHub's "OpenID Connect reference" and, for the addresses, GitHub Enterprise Server, whose issuer
is <server>/_services/token. Comes in: a job's request token and an audience. Goes out: a JWT signed RS256 that
holds for five minutes, and the configuration and key set to check it with.

A job gets a request token only when its workflow says `id-token: write`; it ends with the job. Custom
subject templates and reusable workflows in claims are left out.
"""

from __future__ import annotations

import json
import secrets
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

import jwt
from aiohttp import hdrs, web
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from tdev.adapters.files import write_atomically
from tdev.forge.api.repositories import full_name
from tdev.forge.store import Json, Row, Store, hash_of, repository_by_id, user_by_id
from tdev.forge.workflows import environments
from tdev.forge.workflows.job_contexts import variables
from tdev.forge.workflows.job_states import run_by_id

SECONDS = 300
_EARLIER = 600
_KEY = "oidc.pem"


def issuer(store: Store) -> str:
    """The issuer's address, as it stands in `iss`."""
    return f"{store.base_url}/_services/token"


@lru_cache(maxsize=8)
def signing_key(root: Path) -> rsa.RSAPrivateKey:
    """The forge's own key, made when the state folder is new."""
    file = root / _KEY
    if not file.is_file():
        made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        write_atomically(file, made.private_bytes(*form))
        file.chmod(0o600)
    key = serialization.load_pem_private_key(file.read_bytes(), password=None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError(f"{file} holds no RSA key")
    return key


def key_set(store: Store) -> Json:
    """The public key as a JSON Web Key Set."""
    key = json.loads(RSAAlgorithm.to_jwk(signing_key(store.root).public_key()))
    return {"keys": [{**key, "use": "sig", "alg": "RS256", "kid": _key_id(store)}]}


def _key_id(store: Store) -> str:
    """A name of the key that changes with it."""
    return hash_of(str(signing_key(store.root).public_key().public_numbers().n))[:16]


def claims(store: Store, run: Row, job: Row, audience: str) -> Json:
    """The claims about a job, named as GitHub names them."""
    repository = repository_by_id(store, run["repository_id"])
    owner, actor = user_by_id(store, repository["owner_id"]), user_by_id(store, run["actor_id"])
    name, ref = full_name(store, repository), run["ref"]
    workflow = store.one("SELECT * FROM workflows WHERE id = ?", run["workflow_id"])
    path = workflow["path"] if workflow else ""
    names = variables(store, run)
    environment = environments.by_id(store, job["environment_id"])["name"] if job["environment_id"] else ""
    protected = store.value(
        "SELECT 1 FROM protections WHERE repository_id = ? AND branch = ?", repository["id"], run["head_branch"]
    )
    now = int(store.clock())
    return {
        "iss": issuer(store),
        "aud": audience or f"{store.base_url}/{owner['login']}",
        "sub": f"repo:{name}:{_subject(run, environment)}",
        **({"environment": environment} if environment else {}),
        "jti": secrets.token_hex(16),
        "iat": now,
        "nbf": now - _EARLIER,
        "exp": now + SECONDS,
        "actor": actor["login"],
        "actor_id": str(actor["id"]),
        "base_ref": names["GITHUB_BASE_REF"],
        "check_run_id": str(job["check_run_id"]),
        "event_name": run["event"],
        "head_ref": names["GITHUB_HEAD_REF"],
        "job_workflow_ref": f"{name}/{path}@{ref}",
        "job_workflow_sha": run["sha"],
        "ref": ref,
        "ref_protected": "true" if protected else "false",
        "ref_type": "tag" if ref.startswith("refs/tags/") else "branch",
        "repository": name,
        "repository_id": str(repository["id"]),
        "repository_owner": owner["login"],
        "repository_owner_id": str(owner["id"]),
        "repository_visibility": "private" if repository["private"] else "public",
        "run_attempt": str(run["run_attempt"]),
        "run_id": str(run["id"]),
        "run_number": str(run["run_number"]),
        "runner_environment": "self-hosted",
        "sha": run["sha"],
        "workflow": workflow["name"] if workflow else "",
        "workflow_ref": f"{name}/{path}@{ref}",
        "workflow_sha": run["sha"],
    }


def _subject(run: Row, environment: str) -> str:
    """What stands in `sub` after the repository."""
    if environment:
        return f"environment:{quote(environment, safe='')}"
    return "pull_request" if run["event"] == "pull_request" else f"ref:{run['ref']}"


def request_variables(store: Store, job: Row) -> dict[str, str]:
    """A new request token for a job, as the two variables its programs look for."""
    token = secrets.token_urlsafe(32)
    store.update("workflow_jobs", job["id"], id_token_hash=hash_of(token))
    return {
        "ACTIONS_ID_TOKEN_REQUEST_URL": f"{issuer(store)}/request?job={job['id']}",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": token,
    }


def routes(store: Store) -> list[web.RouteDef]:
    """The issuer's addresses."""

    async def configuration(request: web.Request) -> web.Response:
        return web.json_response(
            {
                "issuer": issuer(store),
                "jwks_uri": f"{issuer(store)}/.well-known/jwks",
                "subject_types_supported": ["public", "pairwise"],
                "response_types_supported": ["id_token"],
                "claims_supported": sorted(_CLAIMS),
                "id_token_signing_alg_values_supported": ["RS256"],
                "scopes_supported": ["openid"],
            }
        )

    async def keys(request: web.Request) -> web.Response:
        return web.json_response(key_set(store))

    async def token(request: web.Request) -> web.Response:
        scheme, _, given = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
        job = store.one(
            "SELECT * FROM workflow_jobs WHERE id = ? AND id_token_hash = ? AND status = 'in_progress'",
            request.query.get("job", ""),
            hash_of(given.strip()),
        )
        if job is None or scheme.lower() != "bearer":
            raise web.HTTPUnauthorized(text="The request token is not that of a job at work.")
        run = run_by_id(store, job["run_id"])
        content = claims(store, run, job, request.query.get("audience", ""))
        value = jwt.encode(content, signing_key(store.root), algorithm="RS256", headers={"kid": _key_id(store)})
        return web.json_response({"count": len(value), "value": value})

    root = "/_services/token"
    return [
        web.get(f"{root}/.well-known/openid-configuration", configuration),
        web.get(f"{root}/.well-known/jwks", keys),
        web.get(f"{root}/request", token),
    ]


_CLAIMS = (
    "sub", "aud", "exp", "iat", "iss", "jti", "nbf", "ref", "sha", "repository", "repository_id", "repository_owner",
    "repository_owner_id", "run_id", "run_number", "run_attempt", "actor", "actor_id", "workflow", "workflow_ref",
    "workflow_sha", "head_ref", "base_ref", "event_name", "ref_type", "ref_protected", "job_workflow_ref",
    "job_workflow_sha", "repository_visibility", "runner_environment", "check_run_id",
)  # fmt: skip
