"""Reports of measuring: bars, JSON, table, page."""

from __future__ import annotations

import importlib
import json
import math
from pathlib import Path
from typing import Any

import pytest

from tdev.core.scan import scan_file
from tdev.errors import ConfigurationError

ROOT = Path(__file__).parents[2]


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A function that imports a module of the folder bench/."""
    monkeypatch.syspath_prepend(str(ROOT))
    return lambda name: importlib.import_module(f"bench.{name}")


def test_a_report_says_what_was_missed_and_what_was_not_run(
    bench: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = bench("report")
    bars = (report.Bar("fast", at_most=1), report.Bar("slow", at_most=1), report.Bar("gone", at_least=2))
    missed = report.publish("suite", {"fast": 1.0, "slow": 1.5, "free": 9.0}, bars, notes=["[a note]"], folder=tmp_path)
    document = json.loads((tmp_path / "suite.json").read_text())
    assert missed == document["missed"] == ["slow", "gone: not run"]
    assert document["figures"] == {"fast": 1.0, "slow": 1.5, "free": 9.0}
    assert set(document["machine"]) == {"processor", "cores", "memory", "system", "python"}
    printed = capsys.readouterr().out
    assert "not run" in printed and "[a note]" in printed and "<= 1" in printed


@pytest.mark.parametrize(("value", "holds"), [(1.0, True), (0.9, False), (3.1, False), (math.nan, False)])
def test_bars(bench: Any, value: float, holds: bool) -> None:
    assert bench("report").Bar("x", at_least=1, at_most=3).holds(value) is holds


def test_the_short_form_forgives_a_busy_machine_and_no_more(bench: Any, capsys: pytest.CaptureFixture[str]) -> None:
    main = bench("__main__")
    bars = [bar for part in main.PARTS if part.short for bar in part.bars]
    figures = {bar.figure: bar.at_most * 1.4 for bar in bars}
    assert main.far_off(figures) == []
    slow = {**figures, "version_s": 0.31}
    del slow["research_100k_s"]
    assert sorted(main.far_off(slow)) == ["research_100k_s: not run", "version_s"]
    assert "version_s" in capsys.readouterr().err


def test_a_figure_that_is_no_number_is_not_written(bench: Any, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="JSON"):
        bench("report").publish("suite", {"x": math.nan}, (), folder=tmp_path)
    assert not list(tmp_path.iterdir())


def test_the_page_of_all_reports(bench: Any, tmp_path: Path) -> None:
    report = bench("report")
    for suite in ("b", "a"):
        bars = (report.Bar("x", at_most=1), report.Bar("y", at_most=1), report.Bar("z", at_most=1))
        report.publish(suite, {"x": 1234.5, "y": 0.25}, bars, method={"x": "How."}, folder=tmp_path / report.REPORTS)
    page = bench("figures").write_figures(tmp_path).read_text()
    assert page.index("## a") < page.index("## b")
    assert "| x | 1,234.5 | <= 1 | missed |" in page
    assert "| y | 0.25 | <= 1 | held |" in page
    assert "| z | not run | <= 1 | missed |" in page
    assert "- `x`: How." in page and "Measured on " in page


@pytest.mark.parametrize("content", [None, "{", "[]", '{"figures": 1}'])
def test_no_report_or_a_broken_one_is_said(bench: Any, tmp_path: Path, content: str | None) -> None:
    if content is not None:
        folder = tmp_path / bench("report").REPORTS
        folder.mkdir(parents=True)
        (folder / "x.json").write_text(content)
    with pytest.raises(ConfigurationError):
        bench("figures").write_figures(tmp_path)


def test_the_synthetic_tree_is_valid_varied_and_always_the_same(bench: Any, tmp_path: Path) -> None:
    write_tree = bench("synthetic").write_tree
    lines = write_tree(tmp_path / "one", 5000)
    write_tree(tmp_path / "two", 5000)
    files = sorted(file.relative_to(tmp_path / "one") for file in (tmp_path / "one").rglob("*.py"))
    assert all((tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes() for file in files)
    facts = [scan_file(str(file), (tmp_path / "one" / file).read_bytes()) for file in files]
    assert not [one.error for one in facts if one.error]
    assert sum(one.lines for one in facts) == lines and 5000 <= lines < 5500
    assert len({one.code for seen in facts for one in seen.old}) >= 3
    assert any(seen.todos for seen in facts) and any(seen.unused_imports for seen in facts)


def test_the_slope_of_growth(bench: Any) -> None:
    slope = bench("research").slope
    assert slope([(10, 1.0), (100, 10.0), (1000, 100.0)]) == pytest.approx(1)
    assert slope([(10, 1.0), (100, 100.0)]) == pytest.approx(2)
