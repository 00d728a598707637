"""The documents name what there is."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import mrrc
import pyarrow as pa
import pyarrow.parquet
import pytest
from conftest import ROOT, sample
from mrrc._errors import _WAYS_OUT


def test_the_page_of_codes_has_every_code_and_no_other():
    source = (ROOT / "src" / "diagnostic.rs").read_text()
    table = source[source.index("\ncodes! {") :]
    rows = re.findall(r'^    \w+ "([a-z0-9-]+)" "([^"]*)" (\w+);$', table, re.MULTILINE)
    page = (ROOT / "docs" / "codes.md").read_text()
    page = page[page.index("| code |") : page.index("\n## Records that")]
    written = re.findall(r"^\| `([a-z0-9-]+)` \| (.*?) \| (.+) \|$", page, re.MULTILINE)
    assert [row[:2] for row in written] == [row[:2] for row in rows]

    words = dict(re.findall(r'Advice::(\w+) => (?:\{\s*)?"((?:[^"\\]|\\.)*)"', source))
    binding = (ROOT / "python" / "src" / "error.rs").read_text()
    words |= dict(re.findall(r'Advice::(\w+) => (?:\{\s*)?"((?:[^"\\]|\\.)*)"', binding))
    for (code, _, advice), (_, _, shown) in zip(rows, written, strict=True):
        told = words[advice].replace('\\"', '"').replace("=...", "=")
        assert shown.replace("`", "") == told or advice == "Nothing", code


def test_the_page_of_codes_has_every_code_of_a_record_that_is_refused_and_no_other():
    source = (ROOT / "src" / "error" / "write.rs").read_text()
    rows = re.findall(r'^    \w+ "([a-z0-9-]+)" "([^"]*)";$', source, re.MULTILINE)
    page = (ROOT / "docs" / "codes.md").read_text()
    page = page[page.index("| refused as |") : page.index("\nSome things are no good MARC")]
    written = re.findall(r"^\| `([a-z0-9-]+)` \| (.*?) \| (.+) \|$", page, re.MULTILINE)
    assert [row[:2] for row in written] == rows
    ways_out = {code: shown.replace("`", "") for code, _, shown in written}
    assert ways_out == _WAYS_OUT


def test_pages_show_what_their_examples_print():
    command = [sys.executable, ROOT / "tools" / "pages.py", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_flat_file_and_a_plot_take_the_lines_of_the_readme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    page = (ROOT / "README.md").read_text()
    code = re.search(r"```python notest\n(.*?)```", page, re.DOTALL)[1]
    assert len(code.strip().splitlines()) <= 10
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "agg")
    shutil.copy(sample("fixture_1k"), "catalogue.mrc")
    exec(code, {})
    table = pa.parquet.read_table("catalogue.parquet")
    names = ["control_number", "title", "author", "year", "language", "isbn", "subjects"]
    assert (table.column_names, table.num_rows) == (names, 1000)
    assert Path("years.png").stat().st_size > 1000


def test_links_lead_somewhere():
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]:
        for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
            assert (page.parent / link).exists(), f"{page.name}: {link}"


def test_every_public_name_has_a_place_in_the_reference():
    pages = "".join(page.read_text() for page in (ROOT / "docs" / "api").glob("*.md"))
    described = re.findall(r"^::: mrrc\.(\w+)$", pages, re.MULTILINE)
    ours = [name for name in dir(mrrc) if getattr(getattr(mrrc, name), "__module__", "").startswith("mrrc")]
    assert sorted(described) == sorted(ours)


def test_the_demo_shows_a_result():
    command = [sys.executable, ROOT / "examples" / "demo.py", sample("fixture_1k")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "The ten most frequent subjects" in done.stdout


def test_the_page_of_performance_has_what_the_benches_wrote():
    command = [sys.executable, ROOT / "benches" / "performance.py", "--print"]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    page = (ROOT / "docs" / "PERFORMANCE.md").read_text()
    shown = re.findall(r"<!-- table: benches/\w+\.py -->\n\n(.*?)\n\n<!-- end -->", page, re.DOTALL)
    assert printed == "\n\n".join(shown) + "\n"


def conditions(begin: str, end: str) -> list[str]:
    """The codes in the first cells of the tables between two headings of the page of columns."""
    page = (ROOT / "docs" / "columns.md").read_text()
    part = page[page.index(begin) : page.index(end)]
    cells = re.findall(r"^\|((?:[^|\\]|\\.)*)\|", part, re.MULTILINE)
    found = [code.replace("\\|", "|") for cell in cells for code in re.findall(r"`([^`]+)`", cell)]
    assert len(found) > 10
    return found


def test_the_conditions_on_the_page_are_conditions():
    for condition in conditions("### In braces", "### where="):
        tag = "007" if condition.startswith("{/") else "650"
        mrrc.scan(b"", columns=[f"{tag}{condition}"])
    operators = {"!=", "<", "<=", ">", ">="}
    for condition in conditions("### where=", "## What people write"):
        if condition in operators:
            mrrc.scan(b"", where=f"LDR/06 {condition} 'a'")
        elif condition == "not in":
            mrrc.scan(b"", where="008/35-37 not in ('fre')")
        elif condition == "!~":
            mrrc.scan(b"", where="245$a !~ 'railway'")
        else:
            mrrc.scan(b"", where=condition)


def test_what_people_write_elsewhere_is_answered_with_what_to_write_here():
    page = (ROOT / "docs" / "columns.md").read_text()
    part = page[page.index("| in other tools | here |") : page.index("## Presets")]
    rows = re.findall(r"^\| (.*) \| `([^`]+)`.* \|$", part, re.MULTILINE)
    assert len(rows) > 7
    for written, here in rows:
        mrrc.scan(b"", columns=[here])
        for expression in re.findall(r"`([^`]+)`", written):
            with pytest.raises(ValueError) as refused:
                mrrc.scan(b"", columns=[expression.replace("\\|", "|")])
            assert here in str(refused.value), expression
