from __future__ import annotations

from pathlib import Path

import pytest

from tdev.core.manifests import normalised
from tdev.core.package_names import popular_names, taken_for

LIST = Path(__file__).parents[3] / "policies" / "popular-packages.txt"
POPULAR = popular_names(LIST.read_text("utf-8"))


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("reqeusts", "requests"),
        ("request", "requests"),
        ("requestss", "requests"),
        ("requezts", "requests"),
        ("colourama", "colorama"),
        ("python-dateutils", "python-dateutil"),
        ("pythondateutil", "python-dateutil"),
        ("scikitlearn", "scikit-learn"),
        ("djang0", "django"),
        ("nurnpy", "numpy"),
        ("f1ask", "flask"),
        ("crypt0graphy", "cryptography"),
        ("urlib3", "urllib3"),
        ("beautifulsoup5", "beautifulsoup"),
    ],
)
def test_slips_and_lookalikes_are_told(name: str, meant: str) -> None:
    assert taken_for(name, POPULAR) == meant


@pytest.mark.parametrize(
    "name", ["requests", "pyaml", "pyyaml", "meeting-rooms", "tdev", "flash", "toml2", "ab", "", "dask"]
)
def test_other_names_and_popular_ones_are_left_alone(name: str) -> None:
    assert taken_for(name, POPULAR) == ""


def test_the_list_is_sorted_and_written_as_indexes_compare_names() -> None:
    lines = [line for line in LIST.read_text("utf-8").splitlines() if not line.startswith("#")]
    assert len(lines) > 500
    assert lines == sorted(set(lines))
    assert lines == [normalised(line) for line in lines]
