"""The tables of the forge, as plain SQL.

One SQLite file holds everything but git objects; the store runs this text each time it opens the
file, so every statement says IF NOT EXISTS. Documents that are only handed back (permissions, rules,
outputs) are JSON text; whatever is looked up has a column of its own. Times are ISO 8601 in UTC.
"""

from __future__ import annotations

SCHEMA = """
CREATE TABLE IF NOT EXISTS kept (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS users (
  id INTEGER PRIMARY KEY AUTOINCREMENT, login TEXT NOT NULL UNIQUE COLLATE NOCASE, type TEXT NOT NULL,
  name TEXT, email TEXT, site_admin INTEGER NOT NULL DEFAULT 0, created_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS tokens (
  hash TEXT PRIMARY KEY, user_id INTEGER, installation_id INTEGER, permissions TEXT, repository_ids TEXT,
  created_at TEXT NOT NULL, expires_at TEXT, app_id INTEGER);
CREATE TABLE IF NOT EXISTS apps (
  id INTEGER PRIMARY KEY AUTOINCREMENT, slug TEXT NOT NULL UNIQUE COLLATE NOCASE, name TEXT NOT NULL,
  owner_id INTEGER NOT NULL, bot_id INTEGER NOT NULL, description TEXT, external_url TEXT NOT NULL,
  client_id TEXT NOT NULL UNIQUE, client_secret TEXT NOT NULL, public_key TEXT NOT NULL, permissions TEXT NOT NULL,
  events TEXT NOT NULL, webhook_url TEXT NOT NULL, webhook_secret TEXT NOT NULL, callback_urls TEXT NOT NULL
  DEFAULT '[]', created_at TEXT NOT NULL, updated_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS oauth_codes (
  hash TEXT PRIMARY KEY, app_id INTEGER NOT NULL, user_id INTEGER NOT NULL, redirect_uri TEXT NOT NULL,
  challenge TEXT, expires_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS manifest_codes (
  hash TEXT PRIMARY KEY, user_id INTEGER NOT NULL, document TEXT NOT NULL, expires_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS installations (
  id INTEGER PRIMARY KEY AUTOINCREMENT, app_id INTEGER NOT NULL, account_id INTEGER NOT NULL,
  repository_selection TEXT NOT NULL, permissions TEXT NOT NULL, events TEXT NOT NULL, created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL, suspended_at TEXT, UNIQUE (app_id, account_id));
CREATE TABLE IF NOT EXISTS installation_repositories (
  installation_id INTEGER NOT NULL, repository_id INTEGER NOT NULL, PRIMARY KEY (installation_id, repository_id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS repositories (
  id INTEGER PRIMARY KEY AUTOINCREMENT, owner_id INTEGER NOT NULL, name TEXT NOT NULL COLLATE NOCASE,
  private INTEGER NOT NULL, description TEXT, default_branch TEXT NOT NULL, last_number INTEGER NOT NULL DEFAULT 0,
  allow_merge_commit INTEGER NOT NULL DEFAULT 1, allow_squash_merge INTEGER NOT NULL DEFAULT 1,
  allow_rebase_merge INTEGER NOT NULL DEFAULT 1, delete_branch_on_merge INTEGER NOT NULL DEFAULT 0,
  created_at TEXT NOT NULL, updated_at TEXT NOT NULL, pushed_at TEXT NOT NULL, UNIQUE (owner_id, name));
CREATE TABLE IF NOT EXISTS collaborators (
  repository_id INTEGER NOT NULL, user_id INTEGER NOT NULL, role TEXT NOT NULL, PRIMARY KEY (repository_id, user_id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS issues (
  id INTEGER PRIMARY KEY AUTOINCREMENT, repository_id INTEGER NOT NULL, number INTEGER NOT NULL, title TEXT NOT NULL,
  body TEXT, user_id INTEGER NOT NULL, app_id INTEGER, state TEXT NOT NULL DEFAULT 'open', state_reason TEXT,
  locked INTEGER NOT NULL DEFAULT 0, lock_reason TEXT, created_at TEXT NOT NULL, updated_at TEXT NOT NULL,
  closed_at TEXT, closed_by INTEGER, UNIQUE (repository_id, number));
CREATE TABLE IF NOT EXISTS pulls (
  issue_id INTEGER PRIMARY KEY, repository_id INTEGER NOT NULL, head_ref TEXT NOT NULL, head_sha TEXT NOT NULL,
  base_ref TEXT NOT NULL, base_sha TEXT NOT NULL, draft INTEGER NOT NULL DEFAULT 0,
  maintainer_can_modify INTEGER NOT NULL DEFAULT 0, merged_at TEXT, merged_by INTEGER, merge_commit_sha TEXT);
CREATE TABLE IF NOT EXISTS labels (
  id INTEGER PRIMARY KEY AUTOINCREMENT, repository_id INTEGER NOT NULL, name TEXT NOT NULL COLLATE NOCASE,
  color TEXT NOT NULL, description TEXT, preset INTEGER NOT NULL DEFAULT 0, UNIQUE (repository_id, name));
CREATE TABLE IF NOT EXISTS issue_labels (
  issue_id INTEGER NOT NULL, label_id INTEGER NOT NULL, PRIMARY KEY (issue_id, label_id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS assignees (
  issue_id INTEGER NOT NULL, user_id INTEGER NOT NULL, PRIMARY KEY (issue_id, user_id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS requested_reviewers (
  issue_id INTEGER NOT NULL, user_id INTEGER NOT NULL, PRIMARY KEY (issue_id, user_id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS comments (
  id INTEGER PRIMARY KEY AUTOINCREMENT, repository_id INTEGER NOT NULL, issue_id INTEGER NOT NULL,
  user_id INTEGER NOT NULL, app_id INTEGER, body TEXT NOT NULL, created_at TEXT NOT NULL, updated_at TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS comments_of_issue ON comments (issue_id);
CREATE TABLE IF NOT EXISTS issue_events (
  id INTEGER PRIMARY KEY AUTOINCREMENT, repository_id INTEGER NOT NULL, issue_id INTEGER NOT NULL, event TEXT NOT NULL,
  actor_id INTEGER NOT NULL, document TEXT NOT NULL, created_at TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS issue_events_of_issue ON issue_events (issue_id);
CREATE TABLE IF NOT EXISTS reactions (
  id INTEGER PRIMARY KEY AUTOINCREMENT, subject TEXT NOT NULL, subject_id INTEGER NOT NULL, user_id INTEGER NOT NULL,
  content TEXT NOT NULL, created_at TEXT NOT NULL, UNIQUE (subject, subject_id, user_id, content));
CREATE TABLE IF NOT EXISTS reviews (
  id INTEGER PRIMARY KEY AUTOINCREMENT, issue_id INTEGER NOT NULL, user_id INTEGER NOT NULL, body TEXT NOT NULL,
  state TEXT NOT NULL, commit_id TEXT NOT NULL, submitted_at TEXT);
CREATE TABLE IF NOT EXISTS statuses (
  id INTEGER PRIMARY KEY AUTOINCREMENT, repository_id INTEGER NOT NULL, sha TEXT NOT NULL, context TEXT NOT NULL,
  state TEXT NOT NULL, description TEXT, target_url TEXT, user_id INTEGER NOT NULL, created_at TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS statuses_of_commit ON statuses (repository_id, sha);
CREATE TABLE IF NOT EXISTS analyses (
  id INTEGER PRIMARY KEY AUTOINCREMENT, repository_id INTEGER NOT NULL, sarif_id TEXT NOT NULL, sha TEXT NOT NULL,
  ref TEXT NOT NULL, sarif TEXT NOT NULL, created_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS check_suites (
  id INTEGER PRIMARY KEY AUTOINCREMENT, repository_id INTEGER NOT NULL, app_id INTEGER NOT NULL,
  head_sha TEXT NOT NULL, created_at TEXT NOT NULL, UNIQUE (repository_id, app_id, head_sha));
CREATE TABLE IF NOT EXISTS check_runs (
  id INTEGER PRIMARY KEY AUTOINCREMENT, suite_id INTEGER NOT NULL, repository_id INTEGER NOT NULL,
  app_id INTEGER NOT NULL, head_sha TEXT NOT NULL, name TEXT NOT NULL, status TEXT NOT NULL, conclusion TEXT,
  external_id TEXT NOT NULL, details_url TEXT NOT NULL, started_at TEXT, completed_at TEXT, title TEXT, summary TEXT,
  text TEXT);
CREATE INDEX IF NOT EXISTS check_runs_of_commit ON check_runs (repository_id, head_sha);
CREATE TABLE IF NOT EXISTS annotations (
  id INTEGER PRIMARY KEY AUTOINCREMENT, check_run_id INTEGER NOT NULL, document TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS annotations_of_run ON annotations (check_run_id);
CREATE TABLE IF NOT EXISTS protections (
  repository_id INTEGER NOT NULL, branch TEXT NOT NULL, document TEXT NOT NULL, PRIMARY KEY (repository_id, branch)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS rulesets (
  id INTEGER PRIMARY KEY AUTOINCREMENT, repository_id INTEGER NOT NULL, name TEXT NOT NULL, target TEXT NOT NULL,
  enforcement TEXT NOT NULL, document TEXT NOT NULL, created_at TEXT NOT NULL, updated_at TEXT NOT NULL,
  UNIQUE (repository_id, name));
CREATE TABLE IF NOT EXISTS faults (
  id INTEGER PRIMARY KEY AUTOINCREMENT, target TEXT NOT NULL, document TEXT NOT NULL, times INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS spent (key TEXT PRIMARY KEY, used INTEGER NOT NULL, resets_at INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS hook_deliveries (
  id INTEGER PRIMARY KEY AUTOINCREMENT, guid TEXT NOT NULL, app_id INTEGER NOT NULL, installation_id INTEGER,
  repository_id INTEGER, event TEXT NOT NULL, action TEXT, payload TEXT NOT NULL, redelivery INTEGER NOT NULL DEFAULT 0,
  state TEXT NOT NULL DEFAULT 'queued', queued_at TEXT NOT NULL, delivered_at TEXT, duration REAL, status TEXT,
  status_code INTEGER, request_headers TEXT, response_headers TEXT, response_body TEXT);
CREATE INDEX IF NOT EXISTS hook_deliveries_waiting ON hook_deliveries (state, id);
CREATE TABLE IF NOT EXISTS workflows (
  id INTEGER PRIMARY KEY AUTOINCREMENT, repository_id INTEGER NOT NULL, path TEXT NOT NULL, name TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'active', created_at TEXT NOT NULL, updated_at TEXT NOT NULL, last_run_number INTEGER
  NOT NULL DEFAULT 0, UNIQUE (repository_id, path));
CREATE TABLE IF NOT EXISTS workflow_runs (
  id INTEGER PRIMARY KEY AUTOINCREMENT, repository_id INTEGER NOT NULL, workflow_id INTEGER NOT NULL,
  run_number INTEGER NOT NULL, run_attempt INTEGER NOT NULL DEFAULT 1, event TEXT NOT NULL, head_branch TEXT NOT NULL,
  head_sha TEXT NOT NULL, display_title TEXT NOT NULL, actor_id INTEGER NOT NULL, triggering_actor_id INTEGER NOT NULL,
  ref TEXT NOT NULL, sha TEXT NOT NULL, inputs TEXT NOT NULL, payload TEXT NOT NULL, concurrency TEXT NOT NULL
  DEFAULT '', began INTEGER NOT NULL DEFAULT 0, kept TEXT NOT NULL DEFAULT '[]',
  status TEXT NOT NULL, conclusion TEXT, cancel INTEGER NOT NULL DEFAULT 0, check_suite_id INTEGER NOT NULL,
  created_at TEXT NOT NULL, updated_at TEXT NOT NULL, run_started_at TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS workflow_runs_of_repository ON workflow_runs (repository_id, id);
CREATE INDEX IF NOT EXISTS workflow_runs_open ON workflow_runs (status) WHERE status <> 'completed';
CREATE TABLE IF NOT EXISTS run_attempts (
  run_id INTEGER NOT NULL, run_attempt INTEGER NOT NULL, conclusion TEXT, triggering_actor_id INTEGER NOT NULL,
  kept TEXT NOT NULL, run_started_at TEXT NOT NULL, updated_at TEXT NOT NULL, PRIMARY KEY (run_id, run_attempt)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS workflow_jobs (
  id INTEGER PRIMARY KEY AUTOINCREMENT, run_id INTEGER NOT NULL, run_attempt INTEGER NOT NULL, key TEXT NOT NULL,
  name TEXT NOT NULL, environment_id INTEGER, outputs TEXT NOT NULL DEFAULT '{}', token_hash TEXT,
  check_run_id INTEGER NOT NULL, status TEXT NOT NULL, conclusion TEXT, labels TEXT NOT NULL, steps TEXT NOT NULL,
  id_token_hash TEXT, created_at TEXT NOT NULL, started_at TEXT, completed_at TEXT);
CREATE INDEX IF NOT EXISTS workflow_jobs_of_run ON workflow_jobs (run_id);
CREATE TABLE IF NOT EXISTS environments (
  id INTEGER PRIMARY KEY AUTOINCREMENT, repository_id INTEGER NOT NULL, name TEXT NOT NULL COLLATE NOCASE,
  reviewers TEXT NOT NULL DEFAULT '[]', prevent_self_review INTEGER NOT NULL DEFAULT 0, created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL, UNIQUE (repository_id, name));
CREATE TABLE IF NOT EXISTS deployment_reviews (
  id INTEGER PRIMARY KEY AUTOINCREMENT, run_id INTEGER NOT NULL, environment_id INTEGER NOT NULL,
  user_id INTEGER NOT NULL, state TEXT NOT NULL, comment TEXT NOT NULL, created_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS actions_settings (
  kind TEXT NOT NULL, repository_id INTEGER NOT NULL, environment_id INTEGER NOT NULL, name TEXT NOT NULL,
  value TEXT NOT NULL, created_at TEXT NOT NULL, updated_at TEXT NOT NULL,
  PRIMARY KEY (kind, repository_id, environment_id, name)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS artifacts (
  id INTEGER PRIMARY KEY AUTOINCREMENT, repository_id INTEGER NOT NULL, run_id INTEGER NOT NULL,
  run_attempt INTEGER NOT NULL, name TEXT NOT NULL,
  size INTEGER NOT NULL, sha256 TEXT NOT NULL, created_at TEXT NOT NULL, updated_at TEXT NOT NULL,
  expires_at TEXT NOT NULL);
"""
