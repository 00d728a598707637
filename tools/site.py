"""Lay out the pages of the site in target/site-pages: those of docs/, and what is made of other sources.

    make site
    python tools/site.py target/checked/mrrc

The pages of docs/ stay readable where the repository is browsed, so they need a little change here:

* A link to another file of the repository leads to a page that shows it: Markdown as it is, a notebook with
  what its cells gave when `make notebooks` ran it, a program in a block.
* A block of code names its language alone. `continuation`, `notest` and `no_run` are for the tests.
* `help.md` is what the command prints about itself.
"""

import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PAGES = ROOT / "target" / "site-pages"
RUN_NOTEBOOKS = ROOT / "target" / "notebooks"
LINK = re.compile(r"\]\(([^)#:\s]+)")
FENCE = re.compile(r"^```(\w+)[ ,].*$", re.MULTILINE)
BLOCK = re.compile(r"(^```.*?^```$)", re.DOTALL | re.MULTILINE)
LINES = re.compile(r"\s*\n\s*")
VERB = re.compile(r"^  ([a-z-]+)(?=  |$)", re.MULTILINE)


def place(file: Path) -> Path:
    """Where the page of a file is, in the folder of pages."""
    if file.is_relative_to(DOCS):
        return file.relative_to(DOCS)
    path = file.relative_to(ROOT)
    return path if path.suffix == ".md" else path.with_name(f"{path.name}.md")


def shown(file: Path) -> str:
    """What the page of a file shows."""
    text = file.read_text()
    match file.suffix:
        case ".md":
            return text
        case ".ipynb":
            notebook = json.loads((RUN_NOTEBOOKS / file.name).read_text())
            return "\n\n".join(of_cell(cell) for cell in notebook["cells"])
        case suffix:
            return f"# {file.relative_to(ROOT)}\n\n```{suffix[1:]}\n{text}```\n"


def of_cell(cell: dict[str, Any]) -> str:
    """A cell of a notebook with what it printed and gave."""
    source = "".join(cell["source"])
    if cell["cell_type"] == "markdown":
        return source
    parts = [f"```python\n{source}\n```"]
    streams = itertools.groupby(cell["outputs"], lambda output: output.get("name"))
    for stream, outputs in streams:
        if stream:
            text = on_screen("".join("".join(output["text"]) for output in outputs)).rstrip()
            parts += [f"```text\n{text}\n```"] if text else []
        else:
            parts += map(of_output, outputs)
    return "\n\n".join(parts)


def of_output(output: dict[str, Any]) -> str:
    """What a cell gives, in the richest form that it has."""
    forms = {form: "".join(content) for form, content in output["data"].items()}
    if "text/html" in forms:
        table = forms["text/html"].replace(' border="1" class="dataframe"', "")
        return f'<div class="output">{LINES.sub(" ", table)}</div>'
    if "image/png" in forms:
        image = LINES.sub("", forms["image/png"])
        return f'<img alt="What the cell draws" src="data:image/png;base64,{image}">'
    return f"```text\n{forms['text/plain'].rstrip()}\n```"


def on_screen(printed: str) -> str:
    """What stays on a screen: progress is written over again and again, and then cleared."""
    return "\n".join(line.rpartition("\r")[2] for line in printed.split("\n"))


def lay_out(file: Path, done: set[Path]) -> None:
    """Write the page of a file, and those of the files that it links to."""
    if file in done:
        return
    done.add(file)
    to = PAGES / place(file)
    to.parent.mkdir(parents=True, exist_ok=True)
    if file.suffix in {".css", ".png", ".svg"}:
        shutil.copy(file, to)
        return

    def moved(link: re.Match[str]) -> str:
        target = (file.parent / link[1]).resolve()
        if not target.is_file() or not target.is_relative_to(ROOT):
            return link[0]
        lay_out(target, done)
        return f"]({os.path.relpath(PAGES / place(target), to.parent)}"

    parts = BLOCK.split(shown(file))
    parts[::2] = [LINK.sub(moved, prose) for prose in parts[::2]]
    parts[1::2] = [FENCE.sub(r"```\1", block) for block in parts[1::2]]
    to.write_text("".join(parts))


def of_help(command: str) -> str:
    """The page of what the command prints about itself and each of its verbs."""

    def told(*arguments: str) -> str:
        environment = os.environ | {"COLUMNS": "88", "NO_COLOR": "1"}
        done = subprocess.run(
            [command, *arguments], env=environment, check=True, capture_output=True, text=True
        )
        return f"```text\n{done.stdout.rstrip()}\n```\n"

    verbs = VERB.findall(told("--help").partition("Commands:\n")[2])
    parts = [f"## {verb}\n\n{told(verb, '--help')}" for verb in verbs if verb != "help"]
    about = "What the command prints about itself. [The command](command.md) shows it at work."
    return "\n".join(["# mrrc --help\n", f"{about}\n", told("--help"), *parts])


def named(nav: object) -> list[str]:
    """The pages that the navigation names."""
    if isinstance(nav, str):
        return [nav]
    entries = nav.values() if isinstance(nav, dict) else nav
    return [page for entry in entries for page in named(entry)]


def main(command: str) -> None:
    """Lay out all pages; the navigation must lead to each page of docs/."""
    shutil.rmtree(PAGES, ignore_errors=True)
    pages = named(tomllib.loads((ROOT / "zensical.toml").read_text())["project"]["nav"])
    done: set[Path] = set()
    for file in [*DOCS.rglob("*.*"), *(ROOT / page for page in pages if (ROOT / page).exists())]:
        lay_out(file, done)
    (PAGES / "help.md").write_text(of_help(command))
    of_docs = {str(place(file)) for file in DOCS.rglob("*.md")}
    lost = of_docs.difference(pages) | {page for page in pages if not (PAGES / page).exists()}
    if lost:
        raise SystemExit(f"zensical.toml: nav and docs/ do not agree about {', '.join(sorted(lost))}")


if __name__ == "__main__":
    main(*sys.argv[1:])
