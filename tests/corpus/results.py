"""What all cases come to: figures for the report, and one row per rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table

from bench.report import Bar
from tests.corpus.judged import BROKEN, CAUGHT, FALSE_ALARM, MISSED, RIGHT, Ended

LEAST_CASES = 120
METHOD: Mapping[str, str] = {
    "cases": "Pull requests that the gates judged, each a real repository: bad ones, and clean ones of the same look.",
    "recall": "Share of the bad ones that were stopped by a check that answers for what is wrong, at the right file.",
    "false_positive_rate": "Share of the clean ones that were stopped, whatever the reason.",
    "case_s": "Median wall clock of one case, two side by side.",
}


def bars(*, whole: bool) -> tuple[Bar, ...]:
    """What the figures are held against; a selection is not held to the number of cases."""
    truth = (Bar("recall", at_least=0.95), Bar("false_positive_rate", at_most=0.05))
    return (Bar("cases", at_least=LEAST_CASES), *truth) if whole else truth


def figures(ended: Sequence[Ended]) -> dict[str, float]:
    """The figures of the report; a case without a verdict is a bad one missed or a clean one stopped."""
    if not ended:
        return {}
    clean = [each for each in ended if each.case.endswith(".clean")]
    bad = [each for each in ended if not each.case.endswith(".clean")]
    seconds = sorted(each.seconds for each in ended)
    found: dict[str, float] = {"cases": len(ended), "case_s": seconds[len(seconds) // 2]}
    if bad:
        found["recall"] = sum(each.outcome == CAUGHT for each in bad) / len(bad)
    if clean:
        found["false_positive_rate"] = sum(each.outcome != RIGHT for each in clean) / len(clean)
    return found


def rows(ended: Sequence[Ended]) -> list[tuple[str, ...]]:
    """Per family and rule: cases, caught, missed, clean, false alarms, without a verdict."""
    table = []
    for family, rule in sorted({(each.case.partition("/")[0], each.rule) for each in ended}):
        own = [each for each in ended if each.case.startswith(f"{family}/") and each.rule == rule]
        count = Counter(each.outcome for each in own)
        clean = sum(each.case.endswith(".clean") for each in own)
        numbers = (len(own), count[CAUGHT], count[MISSED], clean, count[FALSE_ALARM], count[BROKEN])
        table.append((family, rule, *(str(number) if number else "" for number in numbers)))
    return table


def show(ended: Sequence[Ended], console: Console) -> None:
    """Print the table of rules, and each case that did not end as it must."""
    table = Table(title="gates-corpus", title_justify="left")
    table.add_column("family")
    table.add_column("rule")
    for name in ("cases", "caught", "missed", "clean", "false alarms", "broken"):
        table.add_column(name, justify="right")
    for row in rows(ended):
        table.add_row(*row)
    console.print(table)
    for each in ended:
        if each.outcome not in (CAUGHT, RIGHT):
            console.print(line_of(each), markup=False, highlight=False, soft_wrap=True)


def line_of(ended: Ended) -> str:
    """One case in one line."""
    reasons = "; ".join(ended.reasons)[:600]
    return f"{ended.outcome:11} {ended.case} [{ended.rule}] ({ended.seconds:.1f} s){f': {reasons}' if reasons else ''}"
