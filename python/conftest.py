"""The examples of docstrings run in a folder of their own, so that they may write files."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a new folder."""
    monkeypatch.chdir(tmp_path)
