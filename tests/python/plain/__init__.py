"""What expressions and conditions give, the plain way: read by a small parser, and evaluated on rows of
layout nested, one step after another. Written from the description of the notation alone."""

from __future__ import annotations

from collections import Counter

from plain.evaluation import Evaluation
from plain.reading import condition, expression
from plain.records import Record
from plain.texts import trim
from plain.types import FIELD, PAIR, TEXTS, data_type, follows_links, looked_at

__all__ = [
    "FIELD",
    "PAIR",
    "TEXTS",
    "Evaluation",
    "Record",
    "columns",
    "condition",
    "data_type",
    "expression",
    "those_that_meet",
    "trim",
]


def columns(texts: dict[str, str], rows: list[dict]) -> tuple[list[dict], Counter]:
    """What columns have for rows of layout nested, and what is told: how often, by row, code and field."""
    nodes = {name: expression(text) for name, text in texts.items()}
    patterns = set().union(*map(looked_at, nodes.values()))
    cells, findings = [], Counter()
    for number, row in enumerate(rows):
        evaluation = Evaluation(Record(row))
        cells.append({name: evaluation.column(node) for name, node in nodes.items()})
        if any(map(follows_links, nodes.values())):
            evaluation.findings += evaluation.record.findings_of_links(patterns)
        for (code, of), count in evaluation.findings.items():
            occurrence = of and evaluation.record.of_pattern(of.tag).index(of)
            findings[number, code, of and of.tag, occurrence] += count
    return cells, findings


def those_that_meet(text: str, rows: list[dict]) -> list[dict]:
    """The rows for which a condition holds."""
    truth = condition(text)
    return [row for row in rows if Evaluation(Record(row)).holds(truth)]
