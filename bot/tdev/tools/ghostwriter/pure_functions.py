"""Which functions look pure: what they do follows from their arguments alone. Pure itself.

Comes in: syntax trees. Goes out: reasons against purity; candidates.py and who drafts take only what
has none. Modules outside the project count as impure unless they are on the list, and what a function
calls inside the project is followed.

It is a filter, not a proof: Python allows no proof. It keeps drafts from deleting files or calling
servers; limits on memory and time are set around them in recorder.py.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping

from tdev.tools.ghostwriter.module_facts import Function, Module, words

PURE_MODULES = words(
    """__future__ abc array ast base64 binascii bisect calendar cmath codecs collections collections.abc colorsys copy
    csv dataclasses datetime decimal difflib enum fnmatch fractions functools hashlib heapq hmac html html.entities
    ipaddress itertools json keyword locale math numbers operator os.path posixpath pprint re shlex statistics string
    stringprep struct textwrap token tokenize types typing typing_extensions unicodedata urllib.parse warnings zlib
    """
)
"""Modules a pure-looking function may use."""

_IMPURE_BUILTINS = words(
    "__import__ breakpoint compile delattr eval exec exit globals help id input memoryview open print quit setattr vars"
)
_IMPURE_ATTRIBUTES = words(
    """commit connect execute executemany fromtimestamp mkdir now open popen Popen recv rename request rmdir rmtree send
    sendall setlocale simplefilter filterwarnings system today touch truncate unlink urlopen utcnow uuid1 uuid4 write
    write_bytes write_text writelines
    """
)
_CHANGING_METHODS = words("add append clear discard extend insert pop popitem remove reverse setdefault sort update")


def why_impure(module: Module, node: ast.AST, project: Mapping[str, Module], seen: set[int] | None = None) -> str:
    """Why a function, class or statement does not look pure, as `uses os`; empty when it does.

    What it uses of the project is looked into as well, in every module of `project`.
    """
    seen = set() if seen is None else seen
    if id(node) in seen:
        return ""
    seen.add(id(node))
    for child in ast.walk(node):
        reason = _of_node(child, module) or _of_name(child, module, project, seen)
        if reason:
            return reason
    return ""


def _of_node(node: ast.AST, module: Module) -> str:
    if isinstance(node, ast.Global):
        return "changes a global variable"
    if isinstance(node, ast.AsyncFunctionDef | ast.Await):
        return "is asynchronous"
    if isinstance(node, ast.Attribute):
        if node.attr in _IMPURE_ATTRIBUTES:
            return f"uses .{node.attr}"
        owner = node.value.id if isinstance(node.value, ast.Name) else ""
        changes = node.attr in _CHANGING_METHODS or isinstance(node.ctx, ast.Store | ast.Del)
        return f"changes {owner}" if changes and owner in module.variables | module.classes.keys() else ""
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del):
        owner = node.value.id if isinstance(node.value, ast.Name) else ""
        return f"changes {owner}" if owner in module.variables else ""
    return ""


def _of_name(node: ast.AST, module: Module, project: Mapping[str, Module], seen: set[int]) -> str:
    """Why a name that is read makes its reader impure: what it stands for is looked into."""
    if not isinstance(node, ast.Name) or not isinstance(node.ctx, ast.Load):
        return ""
    name = node.id
    own = module.functions.get(name) or module.classes.get(name)
    if own is not None:
        return why_impure(module, own, project, seen)
    origin = module.imported.get(name)
    if origin is not None:
        return _of_import(origin, project, seen)
    return f"uses {name}" if name in _IMPURE_BUILTINS and name not in module.variables else ""


def _of_import(origin: str, project: Mapping[str, Module], seen: set[int]) -> str:
    if origin in PURE_MODULES or origin.rpartition(".")[0] in PURE_MODULES:
        return ""
    if origin in project:
        return f"uses the module {origin} as a whole"
    home, _, name = origin.rpartition(".")
    other = project.get(home)
    if other is None:
        return f"uses {origin}"
    target = other.functions.get(name) or other.classes.get(name)
    if target is not None:
        return why_impure(other, target, project, seen)
    again = other.imported.get(name)
    return _of_import(again, project, seen) if again is not None and again != origin else ""


def why_impure_import(module: Module, project: Mapping[str, Module]) -> str:
    """Why merely importing a module may do something, as `uses os at import`; empty when it looks harmless."""
    for node in module.tree.body:
        if isinstance(node, Function | ast.ClassDef | ast.Import | ast.ImportFrom) or _is_main_guard(node):
            continue
        for call in ast.walk(node):
            if isinstance(call, ast.Call) and (reason := why_impure(module, call.func, project)):
                return f"{reason} at import"
    return ""


def _is_main_guard(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and "__name__" in ast.unparse(node.test)
