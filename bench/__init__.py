"""Measuring: `python -m bench` writes build/reports/bench.json, prints one table, and tells which bars did not hold."""
