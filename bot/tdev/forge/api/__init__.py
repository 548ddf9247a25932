"""Handlers of the REST API, one file per noun of GitHub's documentation."""
