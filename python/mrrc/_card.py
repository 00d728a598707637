"""What a record looks like as a card in a notebook."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from mrrc._mrrc import Field, Record, _field_name

# Leader/06 of the other formats (authorities, holdings, classification, community information).
OTHER_FORMATS = set("quvwxyz")
# The number of fields that a card shows before it is unfolded.
SHOWN = 25
CELL = "text-align:left;vertical-align:top;white-space:pre-wrap;unicode-bidi:plaintext"
# The first columns are as wide in both parts of a folded card.
WIDTHS = (f"{CELL};min-width:2.5em", f"{CELL};width:19em;min-width:19em", f"{CELL};min-width:1.5em", CELL)


def html(record: Record) -> str:
    """A table of tags, field names, indicators and content; what was repaired stands above it."""
    leader = str(record.leader)
    is_bibliographic = leader[6:7] not in OTHER_FORMATS
    rows = [_cells("LDR", "Leader", "", escape(leader))]
    rows += [_row(field, is_bibliographic) for field in record.fields]
    if len(rows) <= SHOWN + 1:
        return f"<div>{_repairs(record)}{_table(rows)}</div>"
    folded = _table(rows[SHOWN + 1 :])
    summary = f"<summary>{len(rows) - SHOWN - 1} more fields</summary>"
    details = f"<details>{summary}{folded}</details>"
    return f"<div>{_repairs(record)}{_table(rows[: SHOWN + 1])}{details}</div>"


def _repairs(record: Record) -> str:
    if not record.repairs:
        return ""
    repairs = "".join(f"<li>{escape(it)}</li>" for it in record.repairs)
    return f"<p>Repaired or odd in this record:</p><ul>{repairs}</ul>"


def _row(field: Field, is_bibliographic: bool) -> str:
    tag = str(field.tag)
    if field.control_field:
        indicators, content = "", escape(str(field.data or ""))
    else:
        indicators = "".join("#" if it == " " else escape(str(it)) for it in field.indicators or ())
        stray = [f"<bdi>{escape(str(field._stray))}</bdi>"] if field._stray else []
        content = " ".join(
            stray
            + [
                f'<span style="opacity:.6">${escape(str(code))}</span> <bdi>{escape(str(value))}</bdi>'
                for code, value in field.subfields
            ]
        )
    name = _field_name(tag) if is_bibliographic else None
    return _cells(escape(tag), name or "", indicators, content)


def _cells(*cells: str) -> str:
    styled = zip(WIDTHS, cells, strict=True)
    return "<tr>" + "".join(f'<td style="{style}">{cell}</td>' for style, cell in styled) + "</tr>"


def _table(rows: Iterable[str]) -> str:
    return f"<table><tbody>{''.join(rows)}</tbody></table>"
