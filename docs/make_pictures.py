"""Writes docs/pictures/: demo.svg from what `tdev demo` really printed, forge-*.png from the browser test of its pages.

A demo or a test that did not pass makes no picture.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

from tdev.settings import Settings

FILE = Path(__file__).parent / "pictures" / "demo.svg"
WIDTH = 118
_PASSED = "Every case ended as it should."
_BROWSER_TEST = "tests/e2e/test_forge_browser.py"
_TERMINAL = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{
  font-family: "Fira Code", "DejaVu Sans Mono", Menlo, Consolas, monospace;
  font-size: {char_height}px; line-height: {line_height}px; font-variant-east-asian: full-width;
}}
.{unique_id}-title {{ font-size: 18px; font-weight: bold; font-family: arial, sans-serif; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def main(words: list[str]) -> int:
    """Run the demo and draw it; 0, or 1 when it did not pass."""
    if "--no-pictures" in words:
        return 0
    with tempfile.TemporaryDirectory(prefix="tdev-picture-") as folder:
        print("docs/pictures/demo.svg: running tdev demo", flush=True)
        printed = demo(Path(folder, "demo"))
    if _PASSED not in printed:
        print(printed, file=sys.stderr)
        print("The demo did not pass, so there is no picture.", file=sys.stderr)
        return 1
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(svg(printed), "utf-8")
    print("docs/pictures/forge-*.png: asking Chromium", flush=True)
    command = (sys.executable, "-m", "pytest", "-q", _BROWSER_TEST)
    return subprocess.run(command, env={**os.environ, "TDEV_PICTURES": str(FILE.parent)}, check=False).returncode


def demo(folder: Path) -> str:
    """What `tdev demo` prints, colours included, with this machine's folders shortened."""
    command = (Path(sys.executable).with_name("tdev"), "demo", "--folder", folder)
    environment = {**os.environ, "COLUMNS": str(WIDTH), "FORCE_COLOR": "1", "TERM": "xterm-256color"}
    done = subprocess.run(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    text = done.stdout.replace(str(folder), "demo")
    return text.replace(str(Settings.from_environment().home), "~/.local/state/tdev")


def svg(printed: str) -> str:
    """The text as a drawing of a terminal that fetches nothing from anywhere."""
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    console.print(Text.assemble(("$ ", "bold green"), ("tdev demo", "bold")))
    console.print(Text.from_ansi(printed.rstrip()), no_wrap=True, overflow="ellipsis")
    drawn = console.export_svg(title="tdev demo", code_format=_TERMINAL, unique_id="demo")
    return "\n".join(line.rstrip() for line in drawn.splitlines()) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
