from __future__ import annotations

import pytest

from tdev.tools.ghostwriter.candidates import candidates
from tdev.tools.ghostwriter.module_facts import read_module
from tdev.tools.ghostwriter.pure_functions import why_impure, why_impure_import


def module(text: str, name: str = "pkg.mod"):
    return read_module(name, False, text.encode())


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("def f(a: str): return a.upper()", ""),
        ("import re\ndef f(a: str): return re.sub('x', 'y', a)", ""),
        ("def f(a): return open(a)", "uses open"),
        ("import os\ndef f(a): os.remove(a)", "uses os"),
        ("import os.path\ndef f(a): os.remove(a)", "uses os"),
        ("import subprocess as s\ndef f(a): s.run(a)", "uses subprocess"),
        ("from shutil import rmtree as r\ndef f(a): r(a)", "uses shutil.rmtree"),
        ("import os\ndef g(a): os.remove(a)\ndef f(a): g(a)", "uses os"),
        ("import os\nclass C:\n    def g(self): os.remove('a')\ndef f(a): C().g()", "uses os"),
        ("from pathlib import Path\ndef f(a): Path(a).unlink()", "uses"),
        ("X = []\ndef f(a): X.append(a)", "changes X"),
        ("X = {}\ndef f(a): X[a] = 1", "changes X"),
        ("def f(a):\n    global x\n    x = a", "changes a global variable"),
        ("async def f(a): return a", "is asynchronous"),
        ("import datetime\ndef f(a): return datetime.datetime.now()", "uses .now"),
        ("import random\ndef f(a): return random.random()", "uses random"),
        ("import socket\ndef f(a): return [socket.create_connection(b) for b in a]", "uses socket"),
        ("def f(a): return __import__('os').remove(a)", "uses __import__"),
    ],
)
def test_side_effects_are_seen(text: str, reason: str) -> None:
    one = module(text)
    found = why_impure(one, one.functions["f"], {"pkg.mod": one})
    assert found.startswith(reason) if reason else found == ""


def test_other_modules_of_the_project_are_looked_into() -> None:
    store = module("import os\ndef save(a): os.remove(a)\ndef fine(a): return a", "pkg.store")
    one = module("from .store import save, fine\ndef f(a): save(a)\ndef g(a): return fine(a)")
    project = {"pkg.mod": one, "pkg.store": store}
    assert why_impure(one, one.functions["f"], project) == "uses os"
    assert why_impure(one, one.functions["g"], project) == ""


def test_a_module_that_acts_at_import_is_seen() -> None:
    project = {}
    assert why_impure_import(module("import os\nos.mkdir('a')"), project).endswith("at import")
    assert why_impure_import(module("import re\nX = re.compile('a')"), project) == ""
    assert why_impure_import(module("import os\nif __name__ == '__main__':\n    os.mkdir('a')"), project) == ""


def test_which_properties_are_tried() -> None:
    one = module(
        "def encode(a: str) -> bytes: return a.encode()\n"
        "def decode(a: bytes) -> str: return a.decode()\n"
        "def strip_all(a: str) -> str: return a.strip()\n"
        "def total(a: list[int]) -> int: return sum(a)\n"
        "def total_fast(a: list[int]) -> int: return sum(a)\n"
        "def untyped(a): return a\n"
        "def odd(a: object) -> str: return ''\n"
        "def _private(a: str) -> str: return a\n"
        "def checked(a: int) -> int:\n    if a: raise KeyError(a)\n    return a\n"
    )
    found = [(c.writer, c.functions, c.result) for c in candidates(one, {"pkg.mod": one})]
    assert found == [
        ("roundtrip", ("encode", "decode"), ""),
        ("equivalent", ("total", "total_fast"), ""),
        ("idempotent", ("strip_all",), ""),
        ("fuzz", ("encode",), "bytes"),
        ("fuzz", ("decode",), "str"),
        ("fuzz", ("strip_all",), "str"),
        ("fuzz", ("total",), "int"),
        ("fuzz", ("total_fast",), "int"),
        ("fuzz", ("checked",), "int"),
    ]
    assert [c.raises for c in candidates(one, {"pkg.mod": one})][-1] == ("KeyError",)
