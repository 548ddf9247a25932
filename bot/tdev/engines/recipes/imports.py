"""imports: ruff sorts imports and removes unused ones, but none that someone else may import from here.

Comes in: a Job. Goes out: edited files; ruff does the editing (rules I001 and F401). What ruff
can't know is added here: whether another file, a plug-in table or pytest takes a name from this
file although the file itself does not use it. In doubt the import stays.

Names in dotted texts count as uses, because frameworks import by text.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterable, Mapping

from tdev.core.scan import FileFacts, is_test_path, scan_file
from tdev.engines.engine import Job, Work
from tdev.engines.recipes import ruff, snapshot, summary
from tdev.engines.recipes.feedback import implicated, module_names
from tdev.engines.recipes.import_hints import import_options
from tdev.engines.recipes.python_support import python_support
from tdev.engines.recipes.source_files import Sources, sources, tracked_files
from tdev.errors import Refused

SORT = frozenset({"I001"})
REMOVE = frozenset({"F401"})
_RE_EXPORTING = re.compile(r"(?:^|/)(?:__init__|conftest|api|compat|_compat|compatibility|six|plugins?)\.pyi?$|\.pyi$")


def perform(job: Job) -> Work:
    """Sort the imports of the task's files and remove unused ones.

    A second attempt removes nothing from the files that the failing tests point at, a third only sorts and leaves
    those files out. Raises Refused when nothing is left to try.
    """
    found = sources(job)
    target = ruff.target_version(python_support(job).lowest)
    options = import_options(job)
    before = snapshot.take(found)
    fixes: Counter[str] = Counter()
    for part, rules in _parts(job, found):
        fixes += ruff.fix(job, snapshot.take(part), rules, target, options)
    broken = before.restore_broken()
    changed = before.changed()
    alone = summary.left_alone([*found.left_alone, *broken])
    if changed:
        return Work(summary=summary.joined(f"ruff made {summary.fixes_in(fixes, len(changed))}.", alone))
    if job.attempt > 1:
        raise Refused("Every change of the recipe imports breaks a test.", next_step="The failing tests say which.")
    reason = f"The imports of {summary.counted(len(found.files), 'file')} are sorted and used, as far as is certain."
    return Work(summary=summary.joined("Nothing was changed.", alone), nothing_to_do=summary.joined(reason, alone))


def _parts(job: Job, found: Sources) -> Iterable[tuple[Sources, frozenset[str]]]:
    """Which rules this attempt uses on which files."""
    blamed = implicated(job, found)
    if job.attempt >= 3:
        return [(found.only(path for path in found.files if path not in blamed), SORT)]
    if job.attempt == 2 and not blamed:
        return [(found, SORT)]
    removable = removable_from(job, found) - blamed
    sort_only = [path for path in found.files if path not in removable]
    return [(found.only(removable), SORT | REMOVE), (found.only(sort_only), SORT)]


def removable_from(job: Job, found: Sources) -> frozenset[str]:
    """Files whose unused imports really are unused: nobody in the project takes them from there.

    Packages' `__init__.py`, stubs, compatibility modules and conftest.py are left out, and so are test files that
    import a name which is also a parameter: pytest hands fixtures over by name.
    """
    everything = {path: scan_file(path, (job.project / path).read_bytes()) for path in _python_files(job)}
    taken = _names_taken(everything)
    return frozenset(path for path in found.files if _is_removable(path, found.bytes_of(path), everything[path], taken))


def _python_files(job: Job) -> list[str]:
    return [path for path in tracked_files(job) if path.endswith((".py", ".pyi"))]


def _names_taken(everything: Mapping[str, FileFacts]) -> set[tuple[str, str]]:
    """(last part of a module, name) of every `from module import name` in the project, and of every dotted text."""
    taken = {(fact.module.rpartition(".")[2], fact.name) for facts in everything.values() for fact in facts.imports}
    for facts in everything.values():
        for dotted in facts.dotted:
            module, _, name = dotted.rpartition(".")
            taken.add((module.rpartition(".")[2], name))
    return taken


def _is_removable(path: str, content: bytes, facts: FileFacts, taken: set[tuple[str, str]]) -> bool:
    if _RE_EXPORTING.search(path):
        return False
    unused = {place.detail for place in facts.unused_imports}
    stems = {name.rpartition(".")[2] for name in module_names(path)}
    if any((stem, name) in taken or (stem, "*") in taken for stem in stems for name in unused):
        return False
    return not (is_test_path(path) and unused & _parameters(content))


def _parameters(content: bytes) -> set[str]:
    """Names of all parameters of all functions of a file."""
    return {node.arg for node in ast.walk(ast.parse(content)) if isinstance(node, ast.arg)}
