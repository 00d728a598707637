"""The documents name what there is."""

import re
import subprocess
import sys

import mrrc
from conftest import ROOT, sample


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
    assert ways_out == mrrc._errors._WAYS_OUT


def test_the_first_example_prints_what_the_readme_shows():
    shown = re.search(r"```text\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert shown[1] == f"{mrrc.read_arrow(sample('fixture_10k'))}\n"


def test_links_lead_somewhere():
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]:
        for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
            assert (page.parent / link).exists(), f"{page.name}: {link}"


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
