"""A command line for bash, read into a Script by the tree-sitter grammar of bash.

Only a small part of the language is understood, and all else is a problem: programs with words, quotes, `&&`, `||`,
`;`, `|`, `!`, subshells, `$(...)`, redirections. Two readers of one text may see different things in its corners, so
each piece must also be spelled plainly: no newline or backslash outside of quotes, no comment, no bare character with a
meaning, and nothing but blanks between the pieces. What is left has one reading.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from tdev.core.shell.problems import NOT_HERE, Unknown, shown
from tdev.core.shell.script import Command, Redirection, Script, Word
from tdev.core.shell.words import bare, double_quoted, single_quoted
from tdev.core.untrusted import hidden_characters

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

LONGEST = 8192
"""Longest command line, in characters."""
_DEEPEST = 40
_JOINTS = frozenset({"&&", "||", ";", "|", "|&", "(", ")", "!", "$("})
_WRITING = frozenset({">", ">>", ">|", "&>", "&>>", ">&"})


@functools.lru_cache(maxsize=256)
def read_script(text: str) -> Script:
    """The script of a command line; with problems, and nothing else, where not all of it is known."""
    if not text.strip():
        return Script(problems=("Give a command.",))
    if len(text) > LONGEST:
        return Script(problems=(f"The command is longer than {LONGEST} characters.",))
    if hidden_characters(text) or "\r" in text:
        return Script(problems=("The command holds characters that can't be seen.",))
    source = text.strip(" \t\n").encode()
    root = _parser().parse(source).root_node
    reader = _Reader(source)
    if root.has_error:
        return Script(problems=(NOT_HERE["ERROR"],))
    try:
        reader.check_gaps(root)
        reader.statement(root, 0)
    except Unknown as problem:
        return Script(problems=(str(problem),))
    return Script(tuple(reader.commands), tuple(reader.redirections))


@functools.cache
def _parser() -> Parser:
    import tree_sitter_bash
    from tree_sitter import Language, Parser

    return Parser(Language(tree_sitter_bash.language()))


class _Reader:
    """Collects what the tree of one text says."""

    def __init__(self, source: bytes) -> None:
        self.source = source
        self.commands: list[Command] = []
        self.redirections: list[Redirection] = []

    def check_gaps(self, root: Node) -> None:
        """Between the pieces that were recognised nothing but blanks may stand."""
        end = 0
        for start, stop in _pieces(root, 0):
            if self.source[end:start].strip(b" \t"):
                raise Unknown("Give one line; newlines and other unusual characters belong into quotes.")
            end = max(end, stop)
        if self.source[end:].strip(b" \t"):
            raise Unknown(NOT_HERE["ERROR"])

    def statement(self, node: Node, depth: int) -> None:
        """Everything a statement starts and opens."""
        if depth > _DEEPEST:
            raise Unknown("The command is nested too deeply.")
        if node.is_error or node.is_missing:
            raise Unknown(NOT_HERE["ERROR"])
        if not node.is_named and node.type in _JOINTS:
            return
        read = _STATEMENTS.get(node.type) if node.is_named else None
        if read is None:
            raise Unknown(NOT_HERE.get(node.type, f"`{shown(self.text(node))}` is not available here."))
        read(self, node, depth)

    def parts(self, node: Node, depth: int) -> None:
        """A statement made of statements."""
        for child in node.children:
            self.statement(child, depth + 1)

    def command(self, node: Node, depth: int) -> None:
        """One program with its words."""
        assignments: list[tuple[str, Word]] = []
        words: list[Word] = []
        for child in node.children:
            if child.type == "variable_assignment":
                assignments.append(self.assignment(child, depth))
            elif child.type in ("file_redirect", "herestring_redirect"):
                self.statement(child, depth + 1)
            else:
                words.append(self.word(child.children[0] if child.type == "command_name" else child, depth))
        if not words:
            raise Unknown(NOT_HERE["variable_assignment"])
        self.commands.append(Command(words[0], tuple(words[1:]), tuple(assignments)))

    def assignment(self, node: Node, depth: int) -> tuple[str, Word]:
        """`NAME=value` before a program."""
        kinds = [child.type for child in node.children]
        if kinds[:2] != ["variable_name", "="] or len(kinds) > 3:
            raise Unknown(NOT_HERE["variable_assignment"])
        value = self.word(node.children[2], depth) if len(kinds) == 3 else Word("")
        return self.text(node.children[0]), value

    def redirect(self, node: Node, depth: int) -> None:
        """A file that is opened, or a descriptor that is joined to another."""
        kinds = [child for child in node.children if child.type != "file_descriptor"]
        if len(kinds) != 2 or kinds[0].is_named:
            raise Unknown("Write each redirection as `> file` at the end of its command.")
        operator, target = kinds[0].type, self.word(kinds[1], depth)
        if not target.known:
            raise Unknown("Write the name of the file that is redirected to.")
        if operator in (">&", "<&") and target.text in ("0", "1", "2"):
            return
        if operator not in _WRITING and operator != "<":
            raise Unknown(f"The redirection {operator} is not available here.")
        self.redirections.append(Redirection(target, writes=operator in _WRITING))

    def here_string(self, node: Node, depth: int) -> None:
        """`<<< word`: only what it says matters."""
        for child in node.children:
            if child.is_named:
                self.word(child, depth)

    def word(self, node: Node, depth: int) -> Word:
        """One word; commands inside it are collected as well."""
        read = _WORDS.get(node.type) if node.is_named and not node.is_missing else None
        if read is None or depth > _DEEPEST:
            raise Unknown(NOT_HERE.get(node.type, f"`{shown(self.text(node))}` can't be used as a word; quote it."))
        return read(self, node, depth + 1)

    def bare(self, node: Node, depth: int) -> Word:
        """A word without quotes."""
        return Word(bare(self.text(node)))

    def single_quoted(self, node: Node, depth: int) -> Word:
        """`'…'`."""
        return Word(single_quoted(self.text(node)))

    def double_quoted(self, node: Node, depth: int) -> Word:
        """`"…"`: text, and commands whose output stands in for them."""
        known = True
        for child in node.children:
            if child.type == "command_substitution":
                self.substitution(child, depth + 1)
                known = False
            elif child.type not in ('"', "string_content"):
                raise Unknown(NOT_HERE.get(child.type, "`$` in double quotes has a meaning; use single quotes."))
        text = self.text(node)
        return Word(double_quoted(text) if known else text, known)

    def joined(self, node: Node, depth: int) -> Word:
        """Pieces without blanks between them."""
        words = [self.word(child, depth) for child in node.children]
        if any(one.end_byte != other.start_byte for one, other in itertools.pairwise(node.children)):
            raise Unknown(NOT_HERE["ERROR"])
        return Word("".join(word.text for word in words), all(word.known for word in words))

    def substitution(self, node: Node, depth: int) -> Word:
        """`$(…)`: the commands are collected; what they print can't be known."""
        self.parts(node, depth)
        return Word(self.text(node), known=False)

    def text(self, node: Node) -> str:
        """How the node is spelled."""
        return self.source[node.start_byte : node.end_byte].decode("utf-8", "replace")


def _pieces(node: Node, depth: int) -> Iterator[tuple[int, int]]:
    """Start and end of each piece of the text; what is in quotes is one piece."""
    if depth > 2 * _DEEPEST:
        raise Unknown("The command is nested too deeply.")
    if node.type in ("string", "raw_string") or node.child_count == 0:
        yield node.start_byte, node.end_byte
        return
    for child in node.children:
        yield from _pieces(child, depth + 1)


_STATEMENTS: dict[str, Callable[[_Reader, Node, int], None]] = {
    "program": _Reader.parts,
    "list": _Reader.parts,
    "pipeline": _Reader.parts,
    "subshell": _Reader.parts,
    "negated_command": _Reader.parts,
    "redirected_statement": _Reader.parts,
    "command": _Reader.command,
    "file_redirect": _Reader.redirect,
    "herestring_redirect": _Reader.here_string,
}
_WORDS: dict[str, Callable[[_Reader, Node, int], Word]] = {
    "word": _Reader.bare,
    "number": _Reader.bare,
    "raw_string": _Reader.single_quoted,
    "string": _Reader.double_quoted,
    "concatenation": _Reader.joined,
    "command_substitution": _Reader.substitution,
}
