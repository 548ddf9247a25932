"""The rows of the REST API's table for Actions, environments and an App's webhook.

Each row is method, path as in GitHub's OpenAPI description, the permission it needs (`app` = the App's JSON Web Token)
and its handler. forge/routes.py holds the other nouns.
"""

from __future__ import annotations

from tdev.forge.api import actions, actions_settings, artifacts, environments, hook_deliveries
from tdev.forge.call import Handler

_HOOK = "/app/hook"

ROUTES: tuple[tuple[str, str, str, Handler], ...] = (
    *actions.ROUTES,
    *artifacts.ROUTES,
    *environments.ROUTES,
    *actions_settings.ROUTES,
    ("GET", f"{_HOOK}/config", "app", hook_deliveries.get_config),
    ("PATCH", f"{_HOOK}/config", "app", hook_deliveries.update_config),
    ("GET", f"{_HOOK}/deliveries", "app", hook_deliveries.list_deliveries),
    ("GET", f"{_HOOK}/deliveries/{{delivery_id}}", "app", hook_deliveries.get_delivery),
    ("POST", f"{_HOOK}/deliveries/{{delivery_id}}/attempts", "app", hook_deliveries.redeliver),
)
"""Every row."""
