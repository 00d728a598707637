"""The documents name what there is."""

import re

from conftest import ROOT


def test_the_page_of_codes_has_every_code_and_no_other():
    source = (ROOT / "src" / "diagnostic.rs").read_text()
    codes = re.findall(r'^    \w+ "([a-z0-9-]+)" "', source, re.MULTILINE)
    page = (ROOT / "docs" / "codes.md").read_text()
    assert re.findall(r"^\| `([a-z0-9-]+)` \|", page, re.MULTILINE) == codes


def test_links_lead_somewhere():
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]:
        for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
            assert (page.parent / link).exists(), f"{page.name}: {link}"
