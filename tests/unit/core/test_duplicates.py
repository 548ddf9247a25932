from __future__ import annotations

import time

from tdev.core.duplicates import copies, lines_of


def block(name: str, count: int = 12) -> str:
    shapes = ("{0}_{1} = compute({1})", "check({0}_{1}, {1}, 2)", "total += {0}_{1}", "{0}_{1}.close()")
    return "".join(f"    {shapes[number % 4].format(name, number)}\n" for number in range(count))


ONE = f"def one():\n{block('a')}    return a_1\n"


def places(found: object) -> list[tuple[str, int, int, str]]:
    return [(copy.path, copy.first, copy.last, copy.other) for copy in found]  # type: ignore[attr-defined]


def test_a_block_that_stands_elsewhere_is_a_copy_however_it_is_indented_and_commented() -> None:
    new = f"class Two:\n    def two(self):\n        # as in one\n{block('a').replace('    ', '            ')}"
    found = copies({}, {"a.py": ONE, "b.py": new}, {"b.py": range(1, 40)}, 12)
    assert places(found) == [("b.py", 4, 15, "a.py")]
    assert (found[0].other_first, found[0].lines) == (2, 12)


def test_shorter_blocks_and_those_not_wholly_added_are_none() -> None:
    short = f"def two():\n{block('a', 10)}"
    assert not copies({}, {"a.py": ONE, "b.py": short}, {"b.py": range(1, 40)}, 12)
    assert not copies({"b.py": ONE}, {"a.py": ONE, "b.py": ONE}, {"b.py": (2, 3, 4)}, 12)


def test_what_was_moved_is_no_copy_and_what_was_copied_twice_is_told_twice() -> None:
    assert not copies({"a.py": ONE}, {"b.py": ONE}, {"b.py": (0,)}, 12)
    twice = f"{ONE}\n\n{ONE.replace('one', 'two')}"
    found = copies({"a.py": ONE}, {"a.py": ONE, "b.py": twice}, {"b.py": range(1, 40)}, 12)
    assert len(found) == 2


def test_a_copy_in_the_same_file_is_told_once() -> None:
    both = f"{ONE}\n\n{ONE.replace('one', 'two')}"
    assert len(copies({}, {"a.py": both}, {"a.py": range(1, 40)}, 12)) == 1


def test_imports_comments_and_lines_that_repeat_themselves_do_not_count() -> None:
    imports = "".join(f"import module{number}\n" for number in range(20))
    many = f"from a import (\n{''.join(f'    name{number},' + chr(10) for number in range(20))})\n"
    rows = "    None,\n    1,\n    2,\n    ),\n" * 10
    for text in (imports, many, rows, "# words\n" * 30):
        assert not copies({}, {"a.py": text, "b.py": text}, {"b.py": (0,)}, 12), text[:30]
    (line,) = lines_of("import a\nfrom b import (\n  c,\n)\nx = 1\n")
    assert (line.number, line.text) == (5, "x = 1")


def test_other_names_hide_no_copy_but_half_of_it_must_be_equal() -> None:
    renamed = ONE.replace("a_1 ", "b_1 ").replace("a_5", "b_5").replace("one", "two")
    assert len(copies({}, {"a.py": ONE, "b.py": renamed}, {"b.py": (0,)}, 12)) == 1
    assert not copies({}, {"a.py": ONE, "b.py": f"def two():\n{block('z')}"}, {"b.py": (0,)}, 12)


def test_time_grows_with_the_text_alone() -> None:
    same = "".join(f"x = {number}\ny({number})\nz += y\n" for number in range(7)) * 1_000
    started = time.monotonic()
    copies({}, {"a.py": same, "b.py": same}, {"b.py": (0,)}, 12)
    assert time.monotonic() - started < 20
