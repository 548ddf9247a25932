"""What of a command line is known before it runs; bash itself is asked whether it sees the same words."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.machine import lacks
from tdev.core.shell.parse import LONGEST, read_script
from tdev.core.shell.script import Command, Redirection, Word

PLAIN = [
    ("ls", [["ls"]]),
    ("git log -n 3 -- src/a.py", [["git", "log", "-n", "3", "--", "src/a.py"]]),
    ("echo 'a b' \"c d\" e'f'\"g\"", [["echo", "a b", "c d", "efg"]]),
    ("cat a && wc -l b || true; pwd", [["cat", "a"], ["wc", "-l", "b"], ["true"], ["pwd"]]),
    ("cat a | sort |& uniq -c", [["cat", "a"], ["sort"], ["uniq", "-c"]]),
    ("(cat a; cat b)", [["cat", "a"], ["cat", "b"]]),
    ("! grep -q x y", [["grep", "-q", "x", "y"]]),
    ("grep '$(id) `x` $y *' a", [["grep", "$(id) `x` $y *", "a"]]),
    (r'grep "a\.b\"c\\d\$" x', [["grep", 'a\\.b"c\\d$', "x"]]),
    ("git log HEAD~3..HEAD", [["git", "log", "HEAD~3..HEAD"]]),
    ("'ls' -a", [["ls", "-a"]]),
    ("cat <<< 'x' 2>&1", [["cat"]]),
    ("  ls  \n", [["ls"]]),
    ("echo 'two\nlines'", [["echo", "two\nlines"]]),
]


@pytest.mark.parametrize(("text", "commands"), PLAIN)
def test_plain_lines_are_known(text: str, commands: list[list[str]]) -> None:
    script = read_script(text)
    assert script.problems == ()
    assert [[each.program.text, *(word.text for word in each.arguments)] for each in script.commands] == commands


def test_files_that_a_line_opens() -> None:
    script = read_script("sort < in > out 2>> errors; cat a &> both")
    assert script.redirections == (
        Redirection(Word("in"), writes=False),
        Redirection(Word("out"), writes=True),
        Redirection(Word("errors"), writes=True),
        Redirection(Word("both"), writes=True),
    )


def test_commands_inside_a_word_are_found_and_the_word_is_not_known() -> None:
    script = read_script('echo "at $(git rev-parse HEAD)" $(pwd)')
    assert [each.program.text for each in script.commands] == ["git", "pwd", "echo"]
    assert [word.known for word in script.commands[2].arguments] == [False, False]


def test_variables_in_front_of_a_program() -> None:
    assert read_script("A=1 B='x y' ls").commands == (Command(Word("ls"), (), (("A", Word("1")), ("B", Word("x y")))),)


UNKNOWN = [
    "",
    " ",
    "\n",
    "$x",
    "ls $x",
    "ls ${x}",
    "ls $HOME",
    'ls "$x"',
    "ls $((1+1))",
    "ls $@",
    "ls $'a'",
    'ls $"a"',
    "ls *",
    "=ls",
    "ls ?.py",
    "ls [ab]",
    "ls {a,b}",
    "ls {1..3}",
    "ls ~",
    "ls ~root/x",
    "X=~/y ls",
    "ls a\\ b",
    "l\\s",
    "ls \\\n-a",
    "ls\nid",
    "ls\r\nid",
    "ls\rid",
    "ls & id",
    "ls &",
    "coproc ls &",
    "ls #x",
    "#",
    "ls;;ls",
    "f() { id; }; f",
    "function f { id; }",
    "A=1",
    "a=(1 2)",
    "a=(1 2) ls",
    "a[0]=1 ls",
    "a+=1 ls",
    "export A=1",
    "declare -x A",
    "local x",
    "readonly a=1",
    "unset x",
    "[ -f x ]",
    "[[ -f x ]]",
    "((id))",
    "(( a[$(id)] ))",
    "if true; then id; fi",
    "for x in a; do id; done",
    "while true; do id; done",
    "case a in a) id;; esac",
    "{ id; }",
    "until false; do id; done",
    "select x in a; do id; done",
    "cat <<E\n$(id)\nE",
    "cat <<'E'\nx\nE",
    "cat <<-E\nx\nE",
    "cat <(id)",
    "tee >(id)",
    "ls > $x",
    'ls > "$(id)"',
    "ls >",
    "ls |",
    "| ls",
    "&& ls",
    "ls '",
    'ls "',
    "ls `id",
    "ls $(id",
    "echo `id`",
    'echo "`id`"',
    "ls )",
    "(ls",
    "ls > a b",
    "ls 3<>x",
    "ls >&-",
    "ls\0id",
    "ls \x1b[0m",
    "ls \u200b",
    "ls \u202e",
    "ls\u2028id",
    "ls \U000e0041",
    "ls\x0bid",
    "ls\x0cid",
    'echo "a\\\nb"',
    "echo !x",
    "echo a^b!c",
    "time",
    "x" * (LONGEST + 1),
    "(" * 60 + "ls" + ")" * 60,
    'echo "$(echo "$(echo $x)")"',
    "echo $(cat <<E\nE\n)",
    "ls %1 #",
    "echo $(",
    "echo `echo \\`id\\``",
]


@pytest.mark.parametrize("text", [text for text in UNKNOWN if text != "time"])
def test_all_else_is_a_problem(text: str) -> None:
    script = read_script(text)
    assert script.problems
    assert script.commands == ()
    assert script.redirections == ()


_SAFE = "ab1._/:@%+,^=~-"
_PIECE = st.one_of(
    st.text(_SAFE, min_size=1, max_size=6),
    st.text('ab $`"\\*?[]{}~!#&|;<>()\n\té', max_size=8).map(lambda text: f"'{text}'"),
    st.text("ab '*?[]{}~#&|;<>()\\$`\"é\n", max_size=8).map(lambda text: f'"{text}"'),
)
_WORD = st.lists(_PIECE, min_size=1, max_size=3).map("".join)


@given(words=st.lists(_WORD, min_size=1, max_size=4))
@settings(max_examples=150, deadline=None)
def test_bash_sees_the_same_words(words: list[str]) -> None:
    """Where a line is known, bash passes exactly these words; it only runs a builtin that prints them."""
    text = f"printf '%s\\0' {' '.join(words)}"
    script = read_script(text)
    if script.problems or len(script.commands) != 1:  # quotes inside may make several commands of it
        return
    bash = shutil.which("bash") or lacks("there is no bash")
    done = subprocess.run(
        (bash, "--norc", "--noprofile", "-r", "-c", text), capture_output=True, env={"LC_ALL": "C.UTF-8", "PATH": ""}
    )
    assert done.returncode == 0, done.stderr
    [command] = script.commands
    assert done.stdout.decode().split("\0")[:-1] == [word.text for word in command.arguments[1:]]


@given(text=st.text("ab '\"\\$`|&;<>(){}[]*?~#!=\n\t\r-/.0\u00a0", max_size=40))
@settings(max_examples=300, deadline=None)
def test_nothing_makes_the_reader_fail(text: str) -> None:
    script = read_script(text)
    assert bool(script.problems) != bool(script.commands or script.redirections)
