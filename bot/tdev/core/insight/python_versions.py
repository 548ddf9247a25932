"""When each Python version stops getting security fixes.

Copied by hand from https://devguide.python.org/versions/ once a year, so that research needs no network.
A version this table does not know is treated as supported: being out of date must not produce false findings.
"""

from __future__ import annotations

from datetime import date

END_OF_LIFE: dict[tuple[int, int], date] = {
    (2, 7): date(2020, 1, 1),
    (3, 4): date(2019, 3, 18),
    (3, 5): date(2020, 9, 30),
    (3, 6): date(2021, 12, 23),
    (3, 7): date(2023, 6, 27),
    (3, 8): date(2024, 10, 7),
    (3, 9): date(2025, 10, 31),
    (3, 10): date(2026, 10, 31),
    (3, 11): date(2027, 10, 31),
    (3, 12): date(2028, 10, 31),
    (3, 13): date(2029, 10, 31),
    (3, 14): date(2030, 10, 31),
}
"""Last day, or the last day of the month that is announced. Versions not listed are older or unknown."""


def end_of_life(version: tuple[int, int]) -> date | None:
    """Last day of security fixes; None for a version this table does not know yet."""
    return date.min if version < min(END_OF_LIFE) else END_OF_LIFE.get(version)


def oldest_supported(today: date) -> tuple[int, int]:
    """The oldest version that still gets fixes on a day; the newest known one when none does."""
    alive = [version for version, last in END_OF_LIFE.items() if last >= today]
    return min(alive, default=max(END_OF_LIFE))
