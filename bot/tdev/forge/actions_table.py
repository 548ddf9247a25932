"""The rows of the REST API's table for Actions and for an App's webhook.

Each row is method, path as in GitHub's OpenAPI description, the permission it needs (`app` = the App's JSON Web Token)
and its handler. forge/routes.py holds the other nouns.
"""

from __future__ import annotations

from tdev.forge.api import actions, hook_deliveries
from tdev.forge.call import Handler

_ACTIONS = "/repos/{owner}/{repo}/actions"
_HOOK = "/app/hook"

ROUTES: tuple[tuple[str, str, str, Handler], ...] = (
    ("GET", f"{_ACTIONS}/workflows", "actions:read", actions.list_workflows),
    ("GET", f"{_ACTIONS}/workflows/{{workflow_id}}", "actions:read", actions.get_workflow),
    ("POST", f"{_ACTIONS}/workflows/{{workflow_id}}/dispatches", "actions:write", actions.dispatch),
    ("GET", f"{_ACTIONS}/workflows/{{workflow_id}}/runs", "actions:read", actions.list_runs_of_workflow),
    ("GET", f"{_ACTIONS}/runs", "actions:read", actions.list_runs),
    ("GET", f"{_ACTIONS}/runs/{{run_id}}", "actions:read", actions.get_run),
    ("POST", f"{_ACTIONS}/runs/{{run_id}}/cancel", "actions:write", actions.cancel_run),
    ("GET", f"{_ACTIONS}/runs/{{run_id}}/jobs", "actions:read", actions.list_jobs),
    ("GET", f"{_ACTIONS}/runs/{{run_id}}/logs", "actions:read", actions.run_logs),
    ("GET", f"{_ACTIONS}/runs/{{run_id}}/artifacts", "actions:read", actions.list_artifacts_of_run),
    ("GET", f"{_ACTIONS}/jobs/{{job_id}}", "actions:read", actions.get_job),
    ("GET", f"{_ACTIONS}/jobs/{{job_id}}/logs", "actions:read", actions.job_logs),
    ("GET", f"{_ACTIONS}/artifacts", "actions:read", actions.list_artifacts),
    ("GET", f"{_ACTIONS}/artifacts/{{artifact_id}}", "actions:read", actions.get_artifact),
    ("DELETE", f"{_ACTIONS}/artifacts/{{artifact_id}}", "actions:write", actions.delete_artifact),
    ("GET", f"{_ACTIONS}/artifacts/{{artifact_id}}/{{archive_format}}", "actions:read", actions.download_artifact),
    ("GET", f"{_HOOK}/config", "app", hook_deliveries.get_config),
    ("PATCH", f"{_HOOK}/config", "app", hook_deliveries.update_config),
    ("GET", f"{_HOOK}/deliveries", "app", hook_deliveries.list_deliveries),
    ("GET", f"{_HOOK}/deliveries/{{delivery_id}}", "app", hook_deliveries.get_delivery),
    ("POST", f"{_HOOK}/deliveries/{{delivery_id}}/attempts", "app", hook_deliveries.redeliver),
)
"""Every row."""
