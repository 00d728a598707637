"""Notebooks are committed as they are written: without outputs, short, and with one line to change."""

import json

import pytest
from conftest import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def cells(path, kind=None):
    """The cells of a notebook, as lines."""
    found = json.loads(path.read_text())["cells"]
    return ["".join(it["source"]).splitlines() for it in found if kind in (None, it["cell_type"])]


def test_there_is_a_notebook_for_each_subject():
    names = [path.stem for path in NOTEBOOKS]
    assert names == ["collection", "damaged", "parquet", "pymarc", "quickstart"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_has_no_outputs(path):
    for cell in json.loads(path.read_text())["cells"]:
        assert cell["metadata"] == {}
        if cell["cell_type"] == "code":
            assert (cell["outputs"], cell["execution_count"]) == ([], None)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_short(path):
    assert 10 <= len(cells(path)) <= 20
    assert max(map(len, cells(path, "code"))) <= 12
    assert len(cells(path, "markdown")[0][0].split()) <= 6
    assert cells(path)[0][0].startswith("# ")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_names_the_line_to_change_for_a_file_of_ones_own(path):
    [line] = [line for cell in cells(path, "code") for line in cell if "../target/" in line]
    assert line.endswith("  # the one line to change: the path of your own file")
