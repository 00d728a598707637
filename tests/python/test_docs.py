"""The documents name what there is."""

import re
import subprocess
import sys

from conftest import ROOT, sample


def test_the_page_of_codes_has_every_code_and_no_other():
    source = (ROOT / "src" / "diagnostic.rs").read_text()
    codes = re.findall(r'^    \w+ "([a-z0-9-]+)" "', source, re.MULTILINE)
    page = (ROOT / "docs" / "codes.md").read_text()
    assert re.findall(r"^\| `([a-z0-9-]+)` \|", page, re.MULTILINE) == codes


def test_links_lead_somewhere():
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]:
        for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
            assert (page.parent / link).exists(), f"{page.name}: {link}"


def test_the_demo_shows_a_result():
    command = [sys.executable, ROOT / "examples" / "demo.py", sample("fixture_1k")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "The ten most frequent subjects" in done.stdout
