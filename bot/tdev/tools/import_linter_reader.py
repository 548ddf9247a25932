"""Run by import-linter's own interpreter, in the sandbox: which contracts between modules are broken.

Comes in: the tree's folder, the path of its settings, and JSON with the folders that imports start from. Goes out, on
standard output: JSON with `kept` and `broken` contracts, each broken one with the imports it is broken by; or `refused`
with the reason. Packages are looked for and read, never imported: a package that is found elsewhere than in the tree,
a part of a package as root, and contract types of the project's own (they would be imported) are refused.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import io
import json
import re
import sys
from pathlib import Path
from typing import Any

_IMPORT = re.compile(r"([\w.]+) -> ([\w.]+) \(l\.\s*(\d+)")
_ABOUT = 600
_TYPES = ("forbidden", "layers", "independence", "protected", "private_modules", "acyclic_siblings")


def main() -> None:
    """Check the contracts and print what was found."""
    tree, settings, roots = Path(sys.argv[1]), sys.argv[2], json.loads(sys.argv[3])
    sys.path.extend(str(tree / root) for root in roots)
    with contextlib.redirect_stdout(io.StringIO()):
        answer = _checked(tree, str(tree / settings))
    json.dump(answer, sys.stdout)


def _checked(tree: Path, settings: str) -> dict[str, object]:
    """What becomes of each contract."""
    importlib.import_module("importlinter.configuration").configure()
    cases = importlib.import_module("importlinter.application.use_cases")
    options = cases.read_user_options(settings)
    reason = _refusal(tree, options)
    if reason:
        return {"refused": reason}
    _register()
    report = cases.create_report(options, cache_dir=None)
    invalid = ", ".join(sorted(report.invalid_contract_options))
    if invalid:
        return {"refused": f"its contracts can't be used: {invalid}"}
    checks = list(report.get_contracts_and_checks())
    kept = [contract.name for contract, check in checks if check.kept]
    return {"kept": kept, "broken": [_broken(contract, check) for contract, check in checks if not check.kept]}


def _register() -> None:
    """Make import-linter's own contract types known by their names."""
    registry = importlib.import_module("importlinter.domain.contract").registry
    for name in _TYPES:
        words = "".join(part.capitalize() for part in name.split("_"))
        module = importlib.import_module(f"importlinter.contracts.{name}")
        registry.register(getattr(module, f"{words}Contract"), name)


def _refusal(tree: Path, options: Any) -> str:
    """Why the settings are not followed; empty when they are."""
    if "contract_types" in options.session_options:
        return "its settings name contract types of their own, which are code"
    if not options.contracts_options:
        return "its settings hold no contract"
    for name in options.session_options["root_packages"]:
        if "." in name:
            return f"the root {name} is a part of a package"
        found = importlib.util.find_spec(name)
        places = list(found.submodule_search_locations or ()) if found else []
        if not places or not all(Path(place).is_relative_to(tree) for place in places):
            return f"there is no package {name} in the tree"
    return ""


def _broken(contract: Any, check: Any) -> dict[str, object]:
    """A broken contract, with the imports that import-linter names."""
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        contract.render_broken_contract(check)
    imports = [[importer, imported, int(line)] for importer, imported, line in _IMPORT.findall(text.getvalue())]
    return {"name": contract.name, "imports": imports, "about": text.getvalue().strip()[:_ABOUT]}


if __name__ == "__main__":
    main()
