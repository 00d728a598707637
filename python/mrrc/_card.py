"""What a record looks like as a card in a notebook."""

from __future__ import annotations

from html import escape

from mrrc._mrrc import Field, Record

# The names of the fields in the MARC 21 Format for Bibliographic Data.
NAMES = {
    "001": "Control number",
    "003": "Control number identifier",
    "005": "Latest transaction",
    "006": "Additional material characteristics",
    "007": "Physical description, fixed",
    "008": "Fixed-length data",
    "010": "LC control number",
    "015": "National bibliography number",
    "016": "National agency control number",
    "020": "ISBN",
    "022": "ISSN",
    "024": "Other standard identifier",
    "028": "Publisher number",
    "035": "System control number",
    "040": "Cataloging source",
    "041": "Language code",
    "043": "Geographic area code",
    "050": "LC call number",
    "082": "Dewey number",
    "100": "Main entry, personal name",
    "110": "Main entry, corporate name",
    "111": "Main entry, meeting name",
    "130": "Main entry, uniform title",
    "210": "Abbreviated title",
    "222": "Key title",
    "240": "Uniform title",
    "245": "Title statement",
    "246": "Varying form of title",
    "250": "Edition",
    "260": "Publication",
    "264": "Publication",
    "300": "Physical description",
    "336": "Content type",
    "337": "Media type",
    "338": "Carrier type",
    "440": "Series",
    "490": "Series",
    "500": "General note",
    "504": "Bibliography note",
    "505": "Contents",
    "520": "Summary",
    "546": "Language note",
    "600": "Subject, personal name",
    "610": "Subject, corporate name",
    "611": "Subject, meeting name",
    "630": "Subject, uniform title",
    "648": "Subject, chronological",
    "650": "Subject, topical term",
    "651": "Subject, geographic name",
    "653": "Index term",
    "655": "Genre or form",
    "700": "Added entry, personal name",
    "710": "Added entry, corporate name",
    "711": "Added entry, meeting name",
    "730": "Added entry, uniform title",
    "740": "Added entry, title",
    "776": "Other physical form",
    "780": "Preceding entry",
    "785": "Succeeding entry",
    "800": "Series entry, personal name",
    "810": "Series entry, corporate name",
    "830": "Series entry, uniform title",
    "852": "Location",
    "856": "Electronic location",
    "880": "Alternate graphic representation",
}
CELL = "text-align:left;vertical-align:top;white-space:pre-wrap;unicode-bidi:plaintext"


def html(record: Record) -> str:
    """A table of tags, field names, indicators and content, and below it what was repaired."""
    rows = "".join(map(_row, record.fields))
    repairs = "".join(f"<li>{escape(it)}</li>" for it in record.repairs)
    below = f"<p><small>repaired or odd:</small></p><ul>{repairs}</ul>" if repairs else ""
    leader = _cells("LDR", "Leader", "", escape(str(record.leader)))
    return f"<div><table><tbody>{leader}{rows}</tbody></table>{below}</div>"


def _row(field: Field) -> str:
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
    return _cells(escape(tag), NAMES.get(tag, ""), indicators, content)


def _cells(*cells: str) -> str:
    return "<tr>" + "".join(f'<td style="{CELL}">{cell}</td>' for cell in cells) + "</tr>"
