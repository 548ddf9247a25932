"""Run by Pynguin's own interpreter, in the sandbox: Pynguin with the project's packages behind its own.

`python -I pynguin_runner.py PACKAGES... -- WORDS...`: the folders come last on the path, so that Pynguin has its own
versions of what it needs; a project that needs others of these can't be imported, and Pynguin says so.

tools/pynguin.py starts it.
"""

from __future__ import annotations

import runpy
import sys


def main() -> None:
    """Run Pynguin with the words behind `--`."""
    middle = sys.argv.index("--")
    sys.path += sys.argv[1:middle]
    sys.argv = ["pynguin", *sys.argv[middle + 1 :]]
    runpy.run_module("pynguin", run_name="__main__")


if __name__ == "__main__":
    main()
