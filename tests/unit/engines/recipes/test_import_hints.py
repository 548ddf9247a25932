from __future__ import annotations

from tdev.engines.recipes.import_hints import hints


def test_ruff_settings_are_taken_as_data() -> None:
    text = (
        'tool.ruff.line-length = 100\ntool.ruff.src = ["lib", "../out", 3]\n'
        'tool.ruff.lint.isort.known-first-party = ["mine", "no spaces"]\n'
        "tool.ruff.lint.isort.force-single-line = true\n"
        'tool.ruff.lint.select = ["ALL"]\ntool.ruff.extend = "/etc/evil.toml"\n'
    )
    assert hints("pyproject.toml", text) == {
        "line-length": 100,
        "src": ["lib"],
        "lint.isort.known-first-party": ["mine"],
        "lint.isort.force-single-line": True,
    }


def test_isort_settings_of_each_kind_of_file() -> None:
    expected = {"lint.isort.known-first-party": ["a", "b"], "lint.isort.force-single-line": True}
    assert hints("setup.cfg", "[isort]\nknown_first_party = a, b\nforce_single_line = true\n") == expected
    assert hints(".isort.cfg", "[settings]\nknown_first_party = a\n    b\nforce_single_line = 1\n") == expected
    assert hints("pyproject.toml", '[tool.isort]\nknown_first_party = ["b", "a"]\nforce_single_line = true') == expected


def test_what_can_not_be_read_gives_nothing() -> None:
    assert hints("pyproject.toml", "not toml") == {}
    assert hints("setup.cfg", "no section") == {}
    assert hints("ruff.toml", "line-length = 'wide'\nlint = 3") == {}
