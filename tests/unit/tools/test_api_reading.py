from __future__ import annotations

import pytest

from tdev.tools.api_reading import ANYTHING, lost_bases, narrower, same_default

CLASSES = {"Dog": {"Dog", "Animal"}, "Animal": {"Animal"}, "Alias": {ANYTHING}, "OwnError": {"OwnError", "ValueError"}}


@pytest.mark.parametrize(
    ("old", "new", "fine"),
    [
        ("float", "Decimal", False),
        ("str", "str | None", False),
        ("str | None", "str", True),
        ("Optional[str]", "str | None", True),
        ("Union[int, str]", "int", True),
        ("str | None", "int", False),
        ("List[int]", "list[int]", True),
        ("list[int]", "list[str]", False),
        ("Iterable[int]", "list[int]", True),
        ("Animal", "Dog", True),
        ("Dog", "Animal", False),
        ("int", "bool", True),
        ("'Dog'", "Dog", True),
        ("dict[str, int]", "Alias", True),
        ("None", "int", True),
        ("int", "None", False),
        ("object", "int", True),
        ("int", "Any", True),
        ("typing.Dict[str, int]", "dict[str, int]", True),
        ("a b", "c", True),
    ],
)
def test_results_that_callers_can_live_with(old: str, new: str, fine: bool) -> None:
    assert narrower(old, new, CLASSES.get) is fine


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("'EUR'", "'CHF'", False),
        ("1000", "1_000", True),
        ("'a'", '"a"', True),
        ("[]", "None", True),
        ("60", "TIMEOUT", True),
        ("None", "5", False),
        ("True", "False", False),
    ],
)
def test_defaults_that_are_others(old: str, new: str, same: bool) -> None:
    assert same_default(old, new) is same


def test_bases_that_are_lost() -> None:
    assert lost_bases(["ValueError"], ["KeyError"], CLASSES.get) == {"ValueError"}
    assert lost_bases(["KeyError"], ["LookupError"], CLASSES.get) == {"KeyError"}
    assert lost_bases(["LookupError"], ["KeyError"], CLASSES.get) == set()
    assert lost_bases(["ValueError"], ["OwnError"], CLASSES.get) == set()
    assert lost_bases(["ValueError"], ["library.Error"], CLASSES.get) == set()
    assert lost_bases(["abc.ABC"], [], CLASSES.get) == {"ABC"}
