"""`preset`: columns that most people want, to be copied and changed."""

from __future__ import annotations

from typing import Literal

from mrrc import _mrrc


class Preset(dict[str, str]):
    """Columns by name, shown with one of them on each line."""

    def __repr__(self) -> str:
        lines = "".join(f"    {name!r}: {expression!r},\n" for name, expression in self.items())
        return f"{{\n{lines}}}"


def preset(name: Literal["bib", "codes"], /) -> dict[str, str]:
    """Return the columns of a preset: a dict of names and expressions, as `columns=` takes it.

    Args:
        name: `"bib"` for what most people want of bibliographic records: title, author, year, language, ISBN,
            subjects and more. `"codes"` for the coded values of the leader and field 008, each as it is and
            in words.

    Raises:
        ValueError: there is no preset of this name.

    Example:
        >>> import mrrc
        >>> bib = mrrc.preset("bib")
        >>> bib["title"]
        'first(trim(join(245$a$b$n$p)))'
        >>> data = mrrc.Record(fields=[mrrc.Field("001", data="A1")]).as_marc()
        >>> columns = {"id": "001", "subjects": bib["subjects"]}
        >>> mrrc.read_arrow(data, columns=columns).to_polars().rows()
        [('A1', [])]
    """
    return Preset(_mrrc._preset(name))
