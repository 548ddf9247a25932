from __future__ import annotations

from tdev.core.module_names import layout_of, module_name, top_packages


def test_packages_are_named_from_the_folder_above_them() -> None:
    layout = layout_of(["src/pk/__init__.py", "src/pk/a.py", "src/pk/sub/__init__.py", "src/pk/sub/b.py", "run.py"])
    assert layout.roots == (".", "src")
    assert layout.files == {
        "run.py": "run",
        "src/pk/__init__.py": "pk",
        "src/pk/a.py": "pk.a",
        "src/pk/sub/__init__.py": "pk.sub",
        "src/pk/sub/b.py": "pk.sub.b",
    }


def test_no_name_is_given_twice() -> None:
    layout = layout_of(["one/app/__init__.py", "one/app/m.py", "two/app/__init__.py", "two/app/m.py"])
    assert layout.roots == (".", "one")
    assert layout.files["one/app/m.py"] == "app.m"
    assert layout.files["two/app/m.py"] == "two.app.m"
    stubs = layout_of(["pk/__init__.py", "pk/a.py", "pk/a.pyi", "pk/c.pyi"])
    assert sorted(stubs.files) == ["pk/__init__.py", "pk/a.py", "pk/c.pyi"]


def test_what_can_not_be_imported_is_left_out() -> None:
    layout = layout_of(["my-scripts/a.py", "scripts/do-it.py", "scripts/b.py", "data.txt"])
    assert layout.files == {"scripts/b.py": "scripts.b"}
    assert module_name("src/pk/__init__.py", "src") == "pk"
    assert module_name("a b/c.py") == ""


def test_the_outermost_packages() -> None:
    paths = {"pk/__init__.py", "pk/sub/__init__.py", "src/qk/__init__.py", "plain/a.py"}
    assert top_packages(paths) == {"pk": ".", "qk": "src"}
