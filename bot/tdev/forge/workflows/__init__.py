"""Actions: workflow files, runs and their jobs, the runner, artifacts, secrets, identity tokens."""
