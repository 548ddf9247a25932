"""Languages by file name: Python is judged, the others are counted.

Used for the table of sizes in insights alone. Endings and a few fixed names decide; files are not opened for it, so
`.h` is C and `.m` is Objective-C. Paths that say nothing belong to no language and are not counted.
"""

from __future__ import annotations

PYTHON = "Python"

_BY_EXTENSION: dict[str, str] = {
    **dict.fromkeys(("py", "pyi", "pyw"), PYTHON),
    **dict.fromkeys(("js", "mjs", "cjs", "jsx"), "JavaScript"),
    **dict.fromkeys(("ts", "tsx", "mts", "cts"), "TypeScript"),
    **dict.fromkeys(("c", "h"), "C"),
    **dict.fromkeys(("cc", "cpp", "cxx", "hh", "hpp", "hxx"), "C++"),
    **dict.fromkeys(("md", "markdown"), "Markdown"),
    **dict.fromkeys(("yml", "yaml"), "YAML"),
    **dict.fromkeys(("htm", "html"), "HTML"),
    **dict.fromkeys(("css", "scss", "sass", "less"), "CSS"),
    **dict.fromkeys(("sh", "bash", "zsh"), "Shell"),
    **dict.fromkeys(("kt", "kts"), "Kotlin"),
    **dict.fromkeys(("ex", "exs"), "Elixir"),
    **dict.fromkeys(("pyx", "pxd", "pxi"), "Cython"),
    **dict.fromkeys(("tf", "hcl"), "Terraform"),
    "cs": "C#",
    "dart": "Dart",
    "erl": "Erlang",
    "go": "Go",
    "graphql": "GraphQL",
    "hs": "Haskell",
    "ini": "INI",
    "cfg": "INI",
    "ipynb": "Jupyter",
    "java": "Java",
    "jl": "Julia",
    "json": "JSON",
    "lua": "Lua",
    "m": "Objective-C",
    "ml": "OCaml",
    "php": "PHP",
    "pl": "Perl",
    "proto": "Protocol Buffers",
    "ps1": "PowerShell",
    "r": "R",
    "rb": "Ruby",
    "rs": "Rust",
    "rst": "reStructuredText",
    "scala": "Scala",
    "sql": "SQL",
    "svelte": "Svelte",
    "swift": "Swift",
    "toml": "TOML",
    "vue": "Vue",
    "xml": "XML",
    "zig": "Zig",
}
_BY_NAME = {"Makefile": "Make", "Dockerfile": "Docker", "Jenkinsfile": "Groovy", "CMakeLists.txt": "CMake"}


def language_of(path: str) -> str:
    """The language a path stands for; empty when its name does not say."""
    name = path.rpartition("/")[2]
    return _BY_NAME.get(name) or _BY_EXTENSION.get(name.rpartition(".")[2].lower() if "." in name else "", "")
