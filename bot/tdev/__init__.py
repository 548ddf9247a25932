"""T-Developer: label an issue, get a small, gated, explained pull request."""

__version__ = "0.1.0"
