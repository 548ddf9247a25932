"""One file per GitHub event: payload -> Intent or None, listed in one TRIGGERS table."""
