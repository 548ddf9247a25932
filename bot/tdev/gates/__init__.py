"""One file per gate: evidence -> Verdict, pure; GATES lists them in the order they are asked.

stages/gate.py hands over evaluation.json, the policy and patch.json; nothing else is looked at, so the same files give
the same verdict anywhere. Each check is a function that returns a Verdict with its reason and figures.
No evidence is an ERROR and blocks. A check that had nothing to look at is SKIPPED and says why.
Beside the gates stand what several of their checks share: baseline.py and reports.py for findings, coverage.py and
symbols.py for larger groups of checks.
Pages for users, with the remedy for each rule: docs/gates/.
"""
