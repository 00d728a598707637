"""What the site shows of docstrings: examples as code, and each public name as a link to what it is."""

import re
from pathlib import Path
from typing import Any

import griffe

API = Path(__file__).resolve().parent.parent / "docs" / "api"
NAMES = [
    name for page in API.glob("*.md") for name in re.findall(r"^::: mrrc\.(\w+)$", page.read_text(), re.M)
]
NAME = re.compile(rf"(?<!\[)`(?:mrrc\.)?({'|'.join(NAMES)})`")


class Docstrings(griffe.Extension):
    """Changes what was read."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """`Examples` is the heading of a section that is shown as code; a link is written with its target."""
        if obj.docstring:
            text = re.sub(r"^( *)Example:$", r"\1Examples:", obj.docstring.value, flags=re.M)
            text = text.replace("docs/columns.md", "[Columns](../columns.md)")
            obj.docstring.value = NAME.sub(r"[`\1`][mrrc.\1]", text)

    def on_class_members(self, *, cls: griffe.Class, **_: Any) -> None:
        """A method that has overloads alone is there as the last of them, which has the docstring."""
        for name, overloads in cls.overloads.items():
            if name not in cls.members and overloads[-1].docstring:
                cls.set_member(name, overloads[-1])
        cls.members = dict(sorted(cls.members.items(), key=lambda member: member[1].lineno or 0))
