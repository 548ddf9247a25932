"""MCP server `fs`: read, list, search, write and edit files of the checkout.

Files are opened without following links, part by part of their path, and written by renaming a finished file into
place. What may be written is said by the policy's write scope.
"""

from __future__ import annotations

from collections.abc import Iterator

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError

from tdev.adapters.confined_files import files_below, list_folder, read_file, write_file
from tdev.errors import Refused
from tdev.mcp.service import Service, answer, explained, inside, limit_use, serve

MOST_READ = 8 * 1024 * 1024
"""Largest file that is read."""
MOST_WRITTEN = 1024 * 1024
"""Largest file that is written, in bytes of UTF-8."""
MOST_LINES = 2000
MOST_ENTRIES = 2000
MOST_MATCHES = 200
MOST_FILES = 20_000
MOST_SEARCHED = 64 * 1024 * 1024
"""What one search reads, in characters."""
_LONGEST_LINE = 2000


def add_tools(server: MCPServer, service: Service) -> None:
    """The server's tools."""

    @server.tool(structured_output=False)
    def read(path: str, first_line: int = 1, lines: int = MOST_LINES) -> str:
        """Read lines of a UTF-8 text file of the repository, each with its number."""
        call = service.check("read", path=path)
        with explained():
            return answer(_page(_text(service, inside(call, path)), first_line, lines))

    @server.tool(name="list", structured_output=False)
    def list_entries(path: str = ".") -> str:
        """List a folder of the repository: kind, size in bytes and name of each entry."""
        call = service.check("list", path=path)
        with explained():
            entries = list_folder(service.root, inside(call, path))
        rows = [f"{entry.kind:7}{entry.size:>10} {entry.name}" for entry in entries if entry.name != ".git"]
        more = [f"({len(rows) - MOST_ENTRIES} more)"] if len(rows) > MOST_ENTRIES else []
        return answer("\n".join(rows[:MOST_ENTRIES] + more))

    @server.tool(structured_output=False)
    def search(text: str, path: str = ".", ignore_case: bool = False) -> str:
        """Find a literal text in the repository's files; one `path:line: text` per line that holds it."""
        call = service.check("search", path=path)
        if not text or "\n" in text:
            raise ToolError("Give a text of one line to search for.")
        with explained():
            return answer("\n".join(_matches(service, inside(call, path), text, ignore_case)) or "No line holds it.")

    @server.tool(structured_output=False)
    def write(path: str, content: str) -> str:
        """Write a whole file of the repository; folders are made as needed."""
        call = service.check("write", path=path)
        with explained():
            return _written(service, inside(call, path), content)

    @server.tool(structured_output=False)
    def edit(path: str, old: str, new: str, every: bool = False) -> str:
        """Replace a text that stands once in a file, or every time it stands there."""
        call = service.check("edit", path=path)
        with explained():
            before = _text(service, inside(call, path))
            found = before.count(old) if old else 0
            if not found or (found > 1 and not every):
                raise ToolError(f"The text stands {found} times in {path}; it must stand there once, or give `every`.")
            return _written(service, inside(call, path), before.replace(old, new))


def _text(service: Service, path: str) -> str:
    try:
        return read_file(service.root, path, MOST_READ).decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refused(f"{path} is no UTF-8 text.") from error


def _page(text: str, first: int, count: int) -> str:
    """The lines asked for, and where to go on."""
    all_lines = text.splitlines()
    start = max(first, 1)
    shown = all_lines[start - 1 : start - 1 + min(max(count, 1), MOST_LINES)]
    rows = [f"{start + number:6} {line[:_LONGEST_LINE]}" for number, line in enumerate(shown)]
    after = start + len(shown)
    rest = [f"({len(all_lines)} lines in all; go on with first_line={after})"] if after <= len(all_lines) else []
    return "\n".join(rows + rest)


def _written(service: Service, path: str, content: str) -> str:
    data = content.encode("utf-8", "surrogatepass")
    if len(data) > MOST_WRITTEN:
        raise ToolError(f"The file would be larger than {MOST_WRITTEN} bytes.")
    write_file(service.root, path, data)
    return f"Wrote {len(data)} bytes to {path}."


def _matches(service: Service, path: str, text: str, ignore_case: bool) -> Iterator[str]:
    """Lines that hold the text, at most MOST_MATCHES; files that are no text or too large are passed over."""
    wanted, found, size = text.casefold() if ignore_case else text, 0, 0
    for number, name in enumerate(_searched(service, path)):
        lines = _lines(service, name)
        size += sum(map(len, lines))
        if number >= MOST_FILES or size > MOST_SEARCHED:
            yield f"(stopped after {number} files; give a path)"
            return
        for line_number, line in enumerate(lines, 1):
            if wanted in (line.casefold() if ignore_case else line):
                found += 1
                yield f"{name}:{line_number}: {line.strip()[:200]}"
                if found == MOST_MATCHES:
                    yield f"(stopped after {MOST_MATCHES} lines)"
                    return


def _searched(service: Service, path: str) -> Iterator[str]:
    """The files to search: all below a folder, or the one file."""
    try:
        list_folder(service.root, path)
    except Refused:
        yield path
        return
    yield from files_below(service.root, path)


def _lines(service: Service, path: str) -> list[str]:
    try:
        return _text(service, path).splitlines()
    except Refused:
        return []


def main() -> int:
    """Serve."""
    limit_use()
    return serve("fs", add_tools)


if __name__ == "__main__":
    raise SystemExit(main())
