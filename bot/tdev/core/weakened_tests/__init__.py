"""Tests made weaker: what a change takes away from the evidence on which it will be judged.

In go the changed files as pairs of texts; out come places. Python's tests are compared as syntax trees, test by test:
gone, skipped, fewer or weaker assertions, exceptions caught more broadly, the code under test replaced. Tests of other
languages are compared by their lines, settings of test runners and checkers by what they leave out.
Pure, and used by the patch guard and by whatever else judges a change. A test that moved or was renamed whole is the
same test. Nothing here raises for what a file holds.
"""

from tdev.core.weakened_tests.compare import TextPair, Weakening, weakened

__all__ = ["TextPair", "Weakening", "weakened"]
