"""Write what examples print, and what expressions give, into the pages that show it.

    make pages
    python tools/pages.py --check
    python tools/pages.py docs/columns.md

All pages are meant if none is named.

A block of `text` behind a block of `python` is what that block prints; if it ends in a line `…`, its
beginning, with as many lines as there are. In a table whose last column is `it gives`, each row is an
expression, the last code before that column, and what it gives for the record `data` of the page. With
`--check`, nothing is written, and the exit code is 1 if a page shows something else.
"""

import contextlib
import difflib
import io
import os
import re
import sys
import warnings
from pathlib import Path

import mrrc

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
GIVES = re.compile(r"^\|[^\n]*\| it gives \|\n\|[-|]+\|\n((?:\|[^\n]*\n)+)", re.MULTILINE)
CODE = re.compile(r"`((?:[^`\\]|\\.)+)`")


def printed(code: str, names: dict[str, object]) -> str:
    """What a block prints; the names that it defines are added to `names`."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(code, names)
    return out.getvalue()


def given(expression: str, data: bytes) -> str:
    """What an expression gives for a record, as a Python value."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", mrrc.MarcWarning)
        table = mrrc.read_arrow(data, columns={"it": expression}).to_pyarrow()
    return repr(table["it"][0].as_py())


def beginning(shown: str, block: str) -> str:
    """As many lines of what is shown as the block has, if it ends in a line `…`."""
    if not block.endswith("\n…\n"):
        return shown
    return "".join(shown.splitlines(True)[: block.count("\n") - 1]) + "…\n"


def row(line: str, data: bytes) -> str:
    """A row of a table, with what its expression gives."""
    # A bar in a cell has a backslash before it.
    before = "|".join(re.split(r"(?<!\\)\|", line)[:-2])
    expression = CODE.findall(before)[-1].replace("\\|", "|")
    value = given(expression, data).replace("|", "\\|")
    return f"{before}| `{value}` |"


def refreshed(page: str) -> str:
    """The page, with what its examples print and its expressions give."""
    names: dict[str, object] = {}
    data: object = None
    shown = ""
    parts: list[str] = []
    end = 0

    def tables(text: str) -> str:
        def rows(table: re.Match[str]) -> str:
            head = table[0][: table.start(1) - table.start()]
            return head + "".join(f"{row(line, data)}\n" for line in table[1].splitlines())

        return GIVES.sub(rows, text) if isinstance(data, bytes) else text

    for block in BLOCK.finditer(page):
        between = page[end : block.start()]
        parts.append(tables(between))
        language, info, code = block.groups()
        if language == "text" and shown and not between.strip():
            parts.append(f"```text\n{beginning(shown, code)}```")
        else:
            parts.append(block[0])
        shown = ""
        if language == "python" and "notest" not in info:
            if "continuation" not in info:
                names = {}
            shown = printed(code, names)
            data = names.get("data", data)
        end = block.end()
    parts.append(tables(page[end:]))
    return "".join(parts)


def main(arguments: list[str]) -> int:
    """Refresh or check the pages that are named."""
    os.environ["COLUMNS"] = "110"
    named = [Path(name) for name in arguments if name != "--check"]
    differ = False
    for path in named or PAGES:
        page = path.read_text()
        new = refreshed(page)
        if new == page:
            continue
        differ = True
        if "--check" in arguments:
            lines = (text.splitlines(True) for text in (page, new))
            sys.stdout.writelines(difflib.unified_diff(*lines, str(path), "now"))
        else:
            path.write_text(new)
    return int(differ and "--check" in arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
