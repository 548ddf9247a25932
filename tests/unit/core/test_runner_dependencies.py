"""What tox, nox and hatch install, read from their files; what can't be read is told."""

from __future__ import annotations

from tdev.core.project_dependencies import project_dependencies
from tdev.core.runner_dependencies import runner_dependencies

TOX = """\
[tox]
envlist = py311

[testenv]
deps =
    pytest>=8
    responses  # answers
    py311: tomli
    -rrequirements-ci.txt
    {[base]deps}
    git+https://example.org/x.git
commands = pytest

[testenv:docs]
deps = sphinx
"""
NOX = """\
import nox

VERSION = "1.0"


@nox.session(python=["3.11"])
def tests(session):
    session.install("pytest", "--upgrade", "respx==0.22")
    session.install("-r", "ci.txt")
    session.install(f"thing=={VERSION}")
    session.install("-e", ".")
    session.run("pytest")


def helper(session):
    session.install("never")
"""
HATCH = """\
[project]
name = "x"
version = "1"
[tool.hatch.envs.hatch-test]
extra-dependencies = ["freezegun", "local @ file:///x"]
[tool.hatch.envs.docs]
dependencies = ["mkdocs"]
"""


def test_tox() -> None:
    found = runner_dependencies({"tox.ini": TOX})
    assert found.requirements == ("pytest>=8", "responses", "tomli")
    assert found.unread == tuple(
        f"{each} (tox.ini)" for each in ("-rrequirements-ci.txt", "{[base]deps}", "git+https://example.org/x.git")
    )
    assert runner_dependencies({"setup.cfg": TOX}) == found
    legacy = f"[tool.tox]\nlegacy_tox_ini = '''\n{TOX}'''\n"
    assert runner_dependencies({"pyproject.toml": legacy}).requirements == found.requirements
    modern = "[tool.tox.env_run_base]\ndeps = ['respx', {replace = 'ref'}]\n"
    assert runner_dependencies({"pyproject.toml": modern}).requirements == ("respx",)


def test_nox() -> None:
    found = runner_dependencies({"noxfile.py": NOX})
    assert found.requirements == ("pytest", "respx==0.22")
    assert found.unread == ("-r ci.txt (noxfile.py)", "<f'thing=={VERSION}'> (noxfile.py)")
    assert runner_dependencies({"noxfile.py": "def (:"}) == ((), ())


def test_hatch() -> None:
    found = runner_dependencies({"pyproject.toml": HATCH})
    assert found.requirements == ("freezegun",)
    assert found.unread == ("local @ file:///x (pyproject.toml)",)


def test_they_count_where_the_project_says_nothing_itself() -> None:
    assert project_dependencies({"tox.ini": TOX}).requirements == ("pytest>=8", "responses", "tomli")
    assert project_dependencies({"pyproject.toml": HATCH}).requirements == ("freezegun",)
    own = {"tox.ini": TOX, "requirements-test.txt": "pytest\n"}
    assert project_dependencies(own).requirements == project_dependencies(own).unread == ()
    extra = HATCH + "[project.optional-dependencies]\ntest = ['pytest']\n"
    assert project_dependencies({"pyproject.toml": extra}).requirements == ()
