"""What one file says about itself."""

from __future__ import annotations

import time
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tdev.core.scan import FileFacts, decode_facts, encode_facts, is_test_path, scan_file, symbols_of


def scan(source: str, path: str = "pkg/mod.py") -> FileFacts:
    return scan_file(path, dedent(source).encode())


def complexity(body: str) -> int:
    lines = "".join(f"    {line}\n" for line in dedent(body).strip().splitlines())
    return scan(f"def f(a, b, c):\n{lines}").functions[0].complexity


SAMPLE = '''\
"""Module."""
import os, re
from typing import Optional

class Greeter(object):
    """Greets."""

    def greet(self, name: str) -> str:
        """Say it."""
        def shout():
            return name
        return shout()

    async def _later(self, x, *rest: int) -> None:
        pass

def plain(a, b=1): return re
'''


def test_symbols_have_names_lines_and_kinds() -> None:
    facts = scan_file("pkg/mod.py", SAMPLE.encode())
    assert [(one.kind, one.name, one.line, one.end_line) for one in facts.symbols] == [
        ("module", "<module>", 1, 17),
        ("class", "Greeter", 5, 15),
        ("function", "Greeter.greet", 8, 12),
        ("function", "Greeter.greet.<locals>.shout", 10, 11),
        ("function", "Greeter._later", 14, 15),
        ("function", "plain", 17, 17),
    ]
    assert facts.lines == 17


def test_symbols_tell_public_documented_and_typed() -> None:
    symbols = {one.name: one for one in symbols_of(scan_file("pkg/mod.py", SAMPLE.encode()))}
    assert {name for name, one in symbols.items() if one.public} == {"<module>", "Greeter", "Greeter.greet", "plain"}
    assert {name for name, one in symbols.items() if not one.documented} == {
        "Greeter.greet.<locals>.shout",
        "Greeter._later",
        "plain",
    }
    assert {name for name, one in symbols.items() if one.typed} == {"<module>", "Greeter", "Greeter.greet"}


def test_nothing_in_a_test_is_public() -> None:
    assert not any(one.public for one in symbols_of(scan_file("tests/test_mod.py", SAMPLE.encode())))


@pytest.mark.parametrize(
    "path", ["tests/a.py", "a/test_b.py", "b_test.py", "conftest.py", "x/testing/y.py", "a/tests.py"]
)
def test_paths_of_tests(path: str) -> None:
    assert is_test_path(path)


@pytest.mark.parametrize("path", ["a.py", "contest.py", "latest/a.py", "testament.py", "attest.py"])
def test_paths_that_only_look_like_tests(path: str) -> None:
    assert not is_test_path(path)


@pytest.mark.parametrize(
    ("body", "number"),
    [
        ("pass", 1),
        ("return a and b or c", 1),
        ("if a:\n    pass\nelif b:\n    pass\nelse:\n    pass", 3),
        ("for x in a:\n    pass\nelse:\n    pass", 2),
        ("while a:\n    if b:\n        break", 3),
        ("try:\n    pass\nexcept A:\n    pass\nexcept B:\n    pass\nelse:\n    pass\nfinally:\n    pass", 4),
        ("with a:\n    if b: pass", 2),
        ("match a:\n    case 1: pass\n    case 2: pass\n    case _: pass", 3),
        ("match a:\n    case 1: pass\n    case x if x: pass", 3),
        ("def g():\n    if a: pass\n    return 1\nreturn g", 3),
        ("class C:\n    def m(self):\n        for x in a: pass", 3),
    ],
)
def test_complexity_is_mccabes_number(body: str, number: int) -> None:
    assert complexity(body) == number


def test_typing_of_special_methods() -> None:
    facts = scan(
        """
        class A:
            def __init__(self, x: int): ...
            @staticmethod
            def s(x) -> int: ...
            @classmethod
            def c(cls, /, x: int) -> int: ...
            def k(self, *, x, **rest: int) -> int: ...
        """
    )
    assert [one.typed for one in facts.functions] == [True, False, True, False]


def test_overloads_setters_and_overrides_need_no_docstring() -> None:
    facts = scan(
        """
        from typing import overload, override
        class A:
            @overload
            def f(self): ...
            @p.setter
            def p(self, v): ...
            @override
            def g(self): ...
            @cached
            def h(self): ...
        """
    )
    assert [one.documented for one in facts.functions] == [True, True, True, False]


def test_unused_imports() -> None:
    facts = scan(
        """
        from __future__ import annotations
        import os
        import os.path as osp
        import sys as sys
        import a.b
        from x import used, idle, exported, quoted, kept as kept
        import ignored  # noqa: F401
        from y import (
            one,
            two,  # noqa
        )
        from z import *
        try:
            import fast
        except ImportError:
            fast = None
        class C:
            import attribute
        __all__ = ["exported"]
        def f(x: "quoted[int]"):
            return used(a.b)
        """
    )
    assert [place.detail for place in facts.unused_imports] == ["os", "osp", "idle", "one"]


def test_a_computed_all_may_export_anything() -> None:
    assert scan("import os\n__all__ = [n for n in dir() if n]\n").unused_imports == ()


def test_private_definitions_and_uses() -> None:
    facts = scan(
        """
        from other import _helper
        def _idle(): ...
        def _called(): ...
        @register
        def _registered(): ...
        class _Box: ...
        class A:
            def _own(self): return self._other()
            def __dunder__(self): ...
        class B(Base):
            def _hook(self): ...
        _called()
        getattr(x, "_named")
        code = f"return pkg._in_code({x}) + 1"
        """
    )
    assert [place.detail for place in facts.private] == ["_idle", "_called", "_Box", "_own"]
    assert facts.private_used == {"_helper", "_called", "_other", "_named", "_in_code"}


def test_unreachable_statements() -> None:
    facts = scan(
        """
        def f():
            return 1
            print()
        def generator():
            return
            yield
        def g():
            for x in y:
                continue
                x()
            raise E
        """
    )
    assert facts.unreachable == (4, 11)


def test_only_real_comments_are_todo_comments() -> None:
    facts = scan(
        '''
        x = "# TODO not this"
        """
        # FIXME nor this
        """
        y = 'it\\'s'  # TODO: this one
        # XXX and this
        # TODONT
        z = f"{y}# TODO no"  # fixme is lower case
        '''
    )
    assert [(place.line, place.detail) for place in facts.todos] == [(6, "TODO: this one"), (7, "XXX and this")]


@pytest.mark.parametrize(
    ("source", "codes"),
    [
        ("from typing import List\nx: List[int]", ["typing-generic"]),
        ("from typing import Optional, Union\nx: Optional[Union[int, str]]", ["typing-union"]),
        ("import typing\nx: typing.Dict[str, int]", ["typing-generic"]),
        ("from mine import List\nx: List[int]", []),
        ("class A(object): pass", ["object-base"]),
        ("class A:\n def f(self): super(A, self).f()", ["super-arguments"]),
        ("class A:\n def f(self): super(B, self).f()", []),
        ("'%s' % x", ["percent-format"]),
        ("'{}'.format(x)", ["format-call"]),
        ("5 % x", []),
        ("# -*- coding: utf-8 -*-\nx = 1", ["coding-comment"]),
        ("#!/bin/sh\n# coding=UTF8\n", ["coding-comment"]),
        ("# coding: latin-1\n", []),
        ("import six.moves", ["six"]),
        ("from six import text_type", ["six"]),
        ("from __future__ import print_function, annotations", ["future-import"]),
        ("from __future__ import annotations", []),
        ("u'x'", ["u-prefix"]),
        ("try: pass\nexcept IOError: pass", ["error-alias"]),
    ],
)
def test_old_syntax(source: str, codes: list[str]) -> None:
    assert sorted({use.code for use in scan(source).old}) == codes


DEEP = 200_000


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (b"def f(:\n", "syntax"),
        (b"print 'two'\n", "syntax"),
        (b"x = 1\0", "null bytes"),
        ("x = 1".encode("utf-16"), "null bytes"),
        (b"x = '\xe9'\n", "not UTF-8"),
        (b"a = 1\n" * 500 + b"x = '\xe9'\n", "not utf-8 at byte"),
        (b"# coding: nonsense\n", "unknown encoding"),
        (b"# coding: rot13\nk = 1\n", "can't be used"),
        (b"# coding: utf-7\nx='+2AA-'\n", "can't be parsed"),
        (b"x=" + b"-" * DEEP + b"1", "nested too deeply"),
        (b"(" * DEEP + b")" * DEEP, "too many nested parentheses"),
        (b"a" + b".b" * DEEP, "nested too deeply"),
        (b"a" + b"+a" * DEEP, "nested too deeply"),
        (b"if a:\n pass\n" + b"elif a:\n pass\n" * DEEP, "nested too deeply"),
        (b"x=" + b"9" * 100_000, "syntax"),
        (b"import os, " + b".".join([b"a"] * 500), "absurdly long"),
        (b"from " + b".\\\n".join([b"a"] * 500) + b" import b", "absurdly long"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_read_is_a_fact(source: bytes, reason: str) -> None:
    facts = scan_file("a.py", source)
    assert reason in facts.error
    assert facts.symbols == () and facts.error_line <= facts.lines + 1


def test_long_lines_of_ordinary_imports_are_read() -> None:
    names = ", ".join(f"package.module{number}" for number in range(500))
    assert scan(f"import {names}\n'import ' '{'.' * 500}'\n").error == ""


def test_wide_and_long_files_are_read() -> None:
    source = b"x = [" + b"1," * 100_000 + b"]\n" + b"if a:\n pass\n" + b"elif a:\n pass\n" * 300
    facts = scan_file("a.py", source)
    assert not facts.error and facts.lines == 603


def test_other_encodings_and_line_ends() -> None:
    facts = scan_file("a.py", b"# coding: latin-1\r\nname = '\xe9'\r\ndef f(): pass\r\n")
    assert not facts.error and facts.lines == 3 and facts.functions[0].line == 3
    assert scan_file("a.py", b"x=1\rdef f():\r  pass\r").functions[0].line == 2
    assert scan_file("a.py", b"\xef\xbb\xbfx = 1").error == ""


def test_an_empty_file_has_no_symbol() -> None:
    assert scan_file("a/__init__.py", b"") == FileFacts("a/__init__.py")
    assert scan_file("a.py", b"# only a comment").symbols == ()


def test_facts_survive_the_cache() -> None:
    facts = scan_file("a.py", SAMPLE.encode())
    assert decode_facts("b.py", encode_facts(facts)) == scan_file("b.py", SAMPLE.encode())


@pytest.mark.parametrize("damaged", ["", "[]", "[1]", "{}", "null", "[1,2,3,4,5,6,7,8,9,10,11,12]"])
def test_damaged_facts_are_told(damaged: str) -> None:
    with pytest.raises((ValueError, TypeError)):
        decode_facts("a.py", damaged)


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")))
def test_no_bytes_make_the_scanner_fail(source: bytes) -> None:
    facts = scan_file("a.py", source)
    assert decode_facts("a.py", encode_facts(facts)) == facts


MEBIBYTE = 1024 * 1024
HOSTILE_SHAPES = {
    "hashes": b"#" * MEBIBYTE + b" TODO\n",
    "quotes": b"''" * (MEBIBYTE // 2) + b" # TODO\n",
    "returns": b"def f():\n" + b" return\n" * (MEBIBYTE // 8),
    "imports": b"from x import (\n" + b"".join(b" a%d,\n" % number for number in range(100_000)) + b")\n",
    "long class name": b"class " + b"A" * (MEBIBYTE // 2) + b":\n" + b" def f(self): 0\n" * (MEBIBYTE // 32),
    "dotted import": b"import " + b".".join([b"a"] * 50_000) + b"\n",
    "many functions": b"def f(): 0\n" * (MEBIBYTE // 44),
    "underscores": b"x = '" + b"_" * MEBIBYTE + b"'\n",
    "todos": b"# TODO\n" * (MEBIBYTE // 7),
    "coding": b"#" + b"coding:\t" * (MEBIBYTE // 8) + b"\n",
    "decorators": b"@a\n" * 100_000 + b"def f(): 0\n",
}


@pytest.mark.parametrize("shape", HOSTILE_SHAPES)
def test_no_shape_of_a_large_file_takes_long(shape: str) -> None:
    started = time.process_time()
    encoded = encode_facts(scan_file("a.py", HOSTILE_SHAPES[shape]))
    assert time.process_time() - started < 10
    assert len(encoded) < 32 * MEBIBYTE
