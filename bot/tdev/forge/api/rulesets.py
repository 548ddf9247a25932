"""Rulesets of a repository, and the rules that hold on a branch.

Follows "REST API endpoints for rules". Goes out: `repository-ruleset` documents. The rules bind pushes
(forge/git/push_rules.py) and merges (forge/pulls/mergeability.py). Rulesets of organisations, rule suites, the
history and enforcement `evaluate` are left out.
"""

from __future__ import annotations

import json
from typing import Any

from tdev.forge.answers import Answer, not_found
from tdev.forge.api import ruleset_body
from tdev.forge.api.repositories import api_url, full_name, html_url
from tdev.forge.call import Call, Handler, role_of
from tdev.forge.git.branch_rules import BRANCHES, rules_on
from tdev.forge.store import Json, Row, Store, repository_by_id

_LISTS = {"rules": ruleset_body.rules_in, "bypass_actors": ruleset_body.bypass_in}


def ruleset_document(store: Store, ruleset: Row, *, full: bool = True, bypass: bool = True) -> Json:
    """A ruleset (`repository-ruleset`); lists show it without rules and conditions."""
    repository = repository_by_id(store, ruleset["repository_id"])
    kept = json.loads(ruleset["document"])
    more = {name: kept[name] for name in ("conditions", "rules")}
    if bypass:
        more["bypass_actors"] = kept["bypass_actors"]
    return {
        **{name: ruleset[name] for name in ("id", "name", "target", "enforcement", "created_at", "updated_at")},
        "source_type": "Repository",
        "source": full_name(store, repository),
        "node_id": f"RRS_forge{ruleset['id']}",
        "_links": {
            "self": {"href": f"{api_url(store, repository)}/rulesets/{ruleset['id']}"},
            "html": {"href": f"{html_url(store, repository)}/rules/{ruleset['id']}"},
        },
        **(more if full else {}),
    }


def _shown(call: Call, row: Row, *, full: bool = True) -> Json:
    """A ruleset for the caller; only who may change it sees who may pass it."""
    role = role_of(call.store, call.repository, call.actor.user_id)
    installed = call.actor.kind == "installation" and call.actor.permissions.get("administration") == "write"
    return ruleset_document(call.store, row, full=full, bypass=role == "admin" or installed)


def _ruleset(call: Call) -> Row:
    """The ruleset of the path."""
    return _by_id(call, call.number("ruleset_id"))


def _by_id(call: Call, number: int) -> Row:
    """A ruleset of the repository."""
    row = call.store.one("SELECT * FROM rulesets WHERE id = ? AND repository_id = ?", number, call.repository["id"])
    if row is None:
        raise not_found()
    return row


def _word(call: Call, name: str, allowed: tuple[str, ...], default: str) -> str:
    """A word of the body that must be one of some."""
    value = call.document.get(name, default)
    if value not in allowed:
        raise ruleset_body.wrong(f"Invalid {name}: must be one of {', '.join(allowed)}")
    return str(value)


def _name(call: Call, default: str, own: int = 0) -> str:
    """The name, which no other ruleset of the repository has."""
    name = call.document.get("name", default)
    if not isinstance(name, str) or not name.strip():
        raise ruleset_body.wrong("Name can't be blank")
    sql = "SELECT 1 FROM rulesets WHERE repository_id = ? AND name = ? AND id <> ?"
    if call.store.value(sql, call.repository["id"], name, own):
        raise ruleset_body.wrong("Name must be unique")
    return name


def _content(call: Call, before: Json) -> str:
    """Rules, conditions and bypass actors of the body; what it leaves out stays."""
    given: dict[str, Any] = call.document
    kept = {name: check(given[name]) if name in given else before[name] for name, check in _LISTS.items()}
    conditions = given.get("conditions")
    kept["conditions"] = before["conditions"] if conditions is None else ruleset_body.conditions_in(conditions)
    return json.dumps(kept)


async def list_rulesets(call: Call) -> Answer:
    """The rulesets of a repository, without their rules."""
    rows = call.store.all("SELECT * FROM rulesets WHERE repository_id = ? ORDER BY id", call.repository["id"])
    if targets := call.query.get("targets"):
        rows = [row for row in rows if row["target"] in targets.split(",")]
    return call.page(rows, lambda row: _shown(call, row, full=False))


async def get_ruleset(call: Call) -> Answer:
    """A ruleset with its rules."""
    return Answer(_shown(call, _ruleset(call)))


async def create_ruleset(call: Call) -> Answer:
    """Make a ruleset."""
    now = call.store.now()
    empty: Json = {"ref_name": {"include": [], "exclude": []}}
    number = call.store.insert(
        "rulesets",
        repository_id=call.repository["id"],
        name=_name(call, ""),
        target=_word(call, "target", ruleset_body.TARGETS, "branch"),
        enforcement=_word(call, "enforcement", ruleset_body.ENFORCEMENTS, ""),
        document=_content(call, {"rules": [], "bypass_actors": [], "conditions": empty}),
        created_at=now,
        updated_at=now,
    )
    return Answer(_shown(call, _by_id(call, number)), 201)


async def update_ruleset(call: Call) -> Answer:
    """Change a ruleset."""
    row = _ruleset(call)
    call.store.update(
        "rulesets",
        row["id"],
        name=_name(call, row["name"], row["id"]),
        target=_word(call, "target", ruleset_body.TARGETS, row["target"]),
        enforcement=_word(call, "enforcement", ruleset_body.ENFORCEMENTS, row["enforcement"]),
        document=_content(call, json.loads(row["document"])),
        updated_at=call.store.now(),
    )
    return Answer(_shown(call, _by_id(call, row["id"])))


async def delete_ruleset(call: Call) -> Answer:
    """Delete a ruleset; its rules hold no longer."""
    call.store.run("DELETE FROM rulesets WHERE id = ?", _ruleset(call)["id"])
    return Answer(status=204)


async def rules_of_branch(call: Call) -> Answer:
    """The rules of active rulesets on a branch, which need not exist."""
    rules = rules_on(call.store, call.repository, f"{BRANCHES}{call.path['branch']}")
    source = {"ruleset_source_type": "Repository", "ruleset_source": full_name(call.store, call.repository)}
    rows = [
        {
            "type": rule.kind,
            **({"parameters": rule.parameters} if rule.parameters else {}),
            **source,
            "ruleset_id": rule.ruleset_id,
        }
        for rule in rules
        if rule.ruleset_id
    ]
    return call.page(rows, lambda row: row)


_RULESETS = "/repos/{owner}/{repo}/rulesets"

ROUTES: tuple[tuple[str, str, str, Handler], ...] = (
    ("GET", _RULESETS, "metadata:read", list_rulesets),
    ("POST", _RULESETS, "administration:write", create_ruleset),
    ("GET", f"{_RULESETS}/{{ruleset_id}}", "metadata:read", get_ruleset),
    ("PUT", f"{_RULESETS}/{{ruleset_id}}", "administration:write", update_ruleset),
    ("DELETE", f"{_RULESETS}/{{ruleset_id}}", "administration:write", delete_ruleset),
    ("GET", "/repos/{owner}/{repo}/rules/branches/{branch}", "metadata:read", rules_of_branch),
)
"""Every row."""
