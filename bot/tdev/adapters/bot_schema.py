"""The tables of the bot's SQLite file, as plain SQL.

`deliveries` is written by the webhook and read by the worker (adapters/inbox.py); `runs` is written by the flows
(adapters/run_ledger.py). Statements are such that running them again changes nothing.
`subject` is the number of the issue that a request is about, or minus the id of the workflow run that is reported on;
`shown` is the digest of what the run's comment says, so that saying the same again costs no request.
"""

from __future__ import annotations

SCHEMA = """
CREATE TABLE IF NOT EXISTS deliveries (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    delivery_id TEXT NOT NULL UNIQUE,
    key TEXT NOT NULL UNIQUE,
    event TEXT NOT NULL,
    repository_id INTEGER NOT NULL,
    subject INTEGER NOT NULL,
    intent TEXT NOT NULL,
    received_at REAL NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'done', 'failed')),
    attempts INTEGER NOT NULL DEFAULT 0,
    not_before REAL NOT NULL DEFAULT 0,
    error TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS deliveries_waiting ON deliveries (repository_id, subject, sequence) WHERE state = 'waiting';
CREATE TABLE IF NOT EXISTS runs (
    run_id TEXT PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    repository_id INTEGER NOT NULL,
    number INTEGER NOT NULL,
    request TEXT NOT NULL,
    job TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('starting', 'dispatching', 'running', 'ended')),
    workflow_run_id INTEGER NOT NULL DEFAULT 0,
    conclusion TEXT NOT NULL DEFAULT '',
    comment_id INTEGER NOT NULL DEFAULT 0,
    shown TEXT NOT NULL DEFAULT '',
    started_at REAL NOT NULL,
    changed_at REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS runs_of_issue ON runs (repository_id, number, run_id);
CREATE INDEX IF NOT EXISTS runs_by_workflow_run ON runs (repository_id, workflow_run_id);
"""
