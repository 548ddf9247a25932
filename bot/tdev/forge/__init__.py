"""A GitHub on loopback, for the demo, development and tests."""
