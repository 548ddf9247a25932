"""Whatever a change holds, the guard gives a verdict with a decision per rule, and that can be written down."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tdev.core.artifacts.verdict import Verdict
from tdev.core.patch_guard import RULES, Bounds, Change, CommitText, FileChange, Side, judge_patch

MODES = st.sampled_from(["100644", "100755", "120000", "160000", "040000", "100664", ""])
NASTY = st.sampled_from(
    [
        "",
        "\0",
        "../..",
        ".git/config",
        "a/",
        "//",
        "CON",
        "\ud800",
        "\u202e",
        "tests/test_x.py",
        ".gitattributes",
        "~",
        ".",
    ]
)
PATHS = st.one_of(NASTY, st.text(max_size=30), st.lists(st.text(max_size=6), max_size=4).map("/".join))
PYTHON = st.sampled_from(
    [
        "def test_a():\n    assert True\n",
        "(" * 300,
        "x = 1\n" * 3,
        "def test_a(: pass",
        "class TestA:\n def test_b(self): 0\n",
        "pytestmark = pytest.mark.skip\n",
        "try:\n def test_q(): assert 1==1\nexcept: pass\n",
        "\x0c\r\n\ufeff",
        "'" * 50,
        "[tool.x]\nomit = ['a']\nfail_under = 9\n",
        "if 1:\n def test_z():\n  with pytest.raises((A, B)): f()\n",
    ]
)
TEXTS = st.one_of(st.none(), PYTHON, st.text(max_size=80), st.lists(PYTHON, max_size=3).map("\n".join))
SIDES = st.none() | st.builds(
    Side,
    mode=MODES,
    size=st.integers(0, 10**9),
    text=TEXTS,
    binary=st.booleans(),
    invalid=st.booleans(),
    head=st.binary(max_size=12),
    unread=st.booleans(),
)
FILES = st.builds(FileChange, path=PATHS, status=st.sampled_from("AMDRCT"), before=SIDES, after=SIDES, old_path=PATHS)
COMMITS = st.builds(CommitText, sha=st.text(max_size=12), message=st.text(max_size=60), people=st.text(max_size=20))
CHANGES = st.builds(
    Change,
    files=st.lists(FILES, max_size=4).map(tuple),
    paths=st.lists(PATHS, max_size=4).map(tuple),
    history=st.lists(FILES, max_size=2).map(tuple),
    commits=st.lists(COMMITS, max_size=2).map(tuple),
    branch=st.text(max_size=20),
    diff_bytes=st.integers(0, 10**10),
)


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(CHANGES, st.sampled_from(["", ".", "a", "services/x"]))
def test_any_change_gets_a_verdict(made: Change, own_folder: str) -> None:
    verdict = judge_patch(made, Bounds(own_folder=own_folder))
    assert [child.name for child in verdict.children] == [rule.name for rule in RULES]
    assert Verdict.model_validate_json(verdict.model_dump_json()) == verdict
