"""Which issues a list shows: the query of "List repository issues" as SQL.

Comes in: state, labels, creator, assignee, mentioned, since, sort and direction of the query. Goes
out: rows in order. Unknown logins and labels find nothing; milestones and types are left out, and a
query for one that can't be is answered 422.
"""

from __future__ import annotations

import re

from tdev.forge.answers import invalid
from tdev.forge.api.conversations import order_of, since_of
from tdev.forge.call import Call
from tdev.forge.store import Row

_COMMENTS = "(SELECT count(*) FROM comments c WHERE c.issue_id = issues.id) AS comments"


def matching(call: Call) -> list[Row]:
    """The issues and pull requests that the query asks for."""
    state = call.query.get("state", "open")
    if state not in ("open", "closed", "all"):
        raise invalid("Issue", "state")
    order = order_of(call, default="desc", sorts=("created", "updated", "comments"))
    conditions = ["repository_id = ?", "updated_at >= ?"]
    values: list[object] = [call.repository["id"], since_of(call)]
    for condition, more in (_state(state), _creator(call), _assignee(call), *_labels(call), _milestone(call)):
        conditions += [condition] if condition else []
        values += more
    where = " AND ".join(conditions)
    rows = call.store.all(f"SELECT *, {_COMMENTS} FROM issues WHERE {where} ORDER BY {order}", *values)  # noqa: S608
    login = call.query.get("mentioned", "")
    return [row for row in rows if not login or _mentions(call, row, login)]


def _state(state: str) -> tuple[str, list[object]]:
    return ("", []) if state == "all" else ("state = ?", [state])


def _creator(call: Call) -> tuple[str, list[object]]:
    login = call.query.get("creator")
    return ("user_id = (SELECT id FROM users WHERE login = ?)", [login]) if login else ("", [])


def _assignee(call: Call) -> tuple[str, list[object]]:
    """By login; `none` = nobody's, `*` = somebody's."""
    login = call.query.get("assignee", "")
    held = "EXISTS (SELECT 1 FROM assignees a JOIN users u ON u.id = a.user_id WHERE a.issue_id = issues.id"
    if login in ("none", "*", ""):
        return ({"none": f"NOT {held})", "*": f"{held})", "": ""}[login], [])
    return (f"{held} AND u.login = ?)", [login])


def _labels(call: Call) -> list[tuple[str, list[object]]]:
    """One condition for each label: an issue must have all of them."""
    names = [name.strip() for name in call.query.get("labels", "").split(",") if name.strip()]
    held = (
        "EXISTS (SELECT 1 FROM issue_labels x JOIN labels l ON l.id = x.label_id "
        "WHERE x.issue_id = issues.id AND l.name = ?)"
    )
    return [(held, [name]) for name in names]


def _milestone(call: Call) -> tuple[str, list[object]]:
    """Nothing has a milestone here: `none` is everything and `*` nothing; a number is 422, as for one not found."""
    word = call.query.get("milestone", "none")
    if word not in ("none", "*"):
        raise invalid("Issue", "milestone")
    return ("" if word == "none" else "0", [])


def _mentions(call: Call, issue: Row, login: str) -> bool:
    """The login is mentioned in the issue or a comment on it."""
    mention = re.compile(rf"(?<![\w@])@{re.escape(login)}(?![\w-])", re.IGNORECASE)
    texts = [issue["body"] or ""]
    texts += [row[0] for row in call.store.all("SELECT body FROM comments WHERE issue_id = ?", issue["id"])]
    return any(mention.search(text) for text in texts)
