"""What expressions and conditions give for a record, one step after another."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

from plain.records import Field, Record
from plain.syntax import BLANKS, Call, Codes, Junction, Path, Span, Test, Union
from plain.texts import date, filing, isbn, isbn13, oclc, trim, whole_number, year
from plain.types import PAIR, codes_of_struct, element, is_list

CONVERSIONS = {
    "year": (year, "not-a-year"),
    "date": (date, "not-a-date"),
    "int": (whole_number, "not-a-number"),
    "isbn": (isbn, "not-an-isbn"),
    "isbn13": (isbn13, "not-an-isbn"),
}


class Value(NamedTuple):
    """What an expression has at one place; None if a function could not take what is there."""

    held: object
    field: Field | None
    # That of its subfield, if it is of one.
    code: str | None = None


def part(text: str, span: Span | None) -> str | None:
    """Some characters of a text; None if it does not have the first of them."""
    if span is None:
        return text
    places = span.of(len(text))
    return text[places.start : places.stop] if places else None


def holds_for(test: Test, of: Field | None, record: Record) -> bool:
    """Whether a test in braces holds for a field."""
    match test.what:
        case ("indicator", which):
            values = [of.indicators[which]] if of and of.is_data else []
        case ("subfield", code, characters):
            values = [part(value, characters) for its, value in (of.subfields if of else []) if its == code]
        case ("characters", span):
            text = record.leader if of is None else of.row["value"]
            values = [part(text, span)] if of is None or not of.is_data else []
        case ("control", "LDR", characters):
            values = [part(record.leader, characters)]
        case ("control", tag, characters):
            values = [part(it.row["value"], characters) for it in record.fields if it.tag == tag]
    values = [value for value in values if value is not None]
    match test.sign:
        case "?":
            return bool(values)
        case "!":
            return not values
        case "=":
            return test.value in values
        case "!=":
            return test.value not in values
        case "~":
            return any(test.value in value for value in values)
        case "!~":
            return not any(test.value in value for value in values)
    raise AssertionError(test)


def chosen(path: Path, record: Record) -> list[Field | None]:
    """The fields of a path; None stands for the leader."""
    fields = [None] if path.tag == "LDR" else record.of_pattern(path.tag)
    fields = [
        it
        for it in fields
        if all(any(holds_for(test, it, record) for test in tests) for tests in path.conditions)
    ]
    return fields if path.index is None else [fields[it] for it in path.index.of(len(fields))]


def taken(path: Path, of: Field | None, record: Record, order: str) -> list[tuple]:
    """What a path takes of a field: places in the field, what is there, and the codes of subfields."""
    if of is None or not of.is_data:
        text = record.leader if of is None else of.row["value"]
        if path.takes_fields:
            return [((), of, None)]
        if path.codes or path.indicator is not None:
            return []
        places = path.characters.of(len(text)) if path.characters else range(len(text))
        return (
            [((places.start, places.stop), text[places.start : places.stop], None)]
            if places or not path.characters
            else []
        )
    if path.is_whole:
        return [((), of, None)]
    if path.indicator is not None:
        return [((-2 + path.indicator,), of.indicators[path.indicator], None)]
    found = []
    for place, (its, value) in enumerate(of.subfields):
        for number, codes in enumerate(path.codes):
            of_code = [at for at, (code, _) in enumerate(of.subfields) if code and code in codes.codes]
            if place not in of_code or (
                codes.turns and of_code.index(place) not in codes.turns.of(len(of_code))
            ):
                continue
            text = part(value, codes.characters)
            if text is not None:
                places = codes.characters.of(len(value)) if codes.characters else range(len(value))
                found.append((number, (place, places.start, places.stop), text, its))
            break
    return [it[1:] for it in (sorted(found) if order == "spec" else found)]


@dataclass
class Evaluation:
    record: Record
    findings: Counter = field(default_factory=Counter)

    def values(self, node: Union | Call, order: str = "field", is_alternate: bool = False) -> list[Value]:
        """The values of an expression; of the linked fields 880 if `is_alternate`."""
        if isinstance(node, Union):
            return self.of_union(node, order, is_alternate)
        name, options = node.name, node.options
        match name:
            case "alt":
                return self.values(node.arguments[0], order, True)
            case "pair":
                return self.pairs(node.arguments[0])
            case "struct":
                return self.structs(node)
            case "coalesce":
                for of in node.arguments:
                    values = self.values(of, order, is_alternate)
                    if any(value.held is not None for value in values):
                        break
                return values
            case "join":
                values = self.values(node.arguments[0], options.get("order", "field"), is_alternate)
                return join(values, options.get("sep", " "))
        values = self.values(node.arguments[0], order, is_alternate)
        match name:
            case "first":
                return values[:1]
            case "last":
                return values[-1:]
            case "concat":
                return [Value(joined(values, options.get("sep", " ")), None)] if values else []
            case "unique":
                firsts = {}
                for value in values:
                    firsts.setdefault(value.held, value)
                return list(firsts.values())
            case "count":
                of_elements = element(node.arguments[0]) == PAIR
                return [Value(sum(of_elements or value.held is not None for value in values), None)]
            case "exists":
                return [Value(any(value.held is not None for value in values), None)]
            case "code":
                return self.codes(values, options["length"], is_list(node.arguments[0]))
            case "oclc":
                numbers = (it._replace(held=oclc(it.held)) for it in values if it.held is not None)
                return [value for value in numbers if value.held is not None]
        return [value._replace(held=self.of_value(name, value)) for value in values]

    def of_union(self, node: Union, order: str, is_alternate: bool) -> list[Value]:
        paths: dict[int, list[Path]] = {}
        for path in node.paths:
            for of in chosen(path, self.record):
                paths.setdefault(of.place if of else -1, []).append(path)
        values = []
        for place in sorted(paths):
            of = self.record.fields[place] if place >= 0 else None
            for source in (self.record.linked(of) if of else []) if is_alternate else [of]:
                found = [it for path in paths[place] for it in taken(path, source, self.record, order)]
                # Each once; in the field's order unless it is that of the expression.
                found = list(dict.fromkeys(found))
                if order == "field":
                    found.sort(key=lambda it: it[0])
                values += [Value(held, source, code) for _, held, code in found]
        return values

    def of_value(self, function: str, value: Value) -> object:
        if isinstance(value.held, Field):
            assert function == "text"
            return text_of(value.held)
        if value.held is None or function == "text":
            return value.held
        match function:
            case "trim":
                return trim(value.held)
            case "lower":
                return value.held.lower()
            case "filing":
                return filing(value.held, value.field)
        convert, code = CONVERSIONS[function]
        converted = convert(value.held)
        if converted is None and value.held.strip(" |"):
            self.findings[code, value.field] += 1
        return converted

    def codes(self, values: list[Value], length: int, is_cut: bool) -> list[Value]:
        pieces = []
        for value in values:
            held = value.held
            text = (held or "").strip(BLANKS)
            found = re.fullmatch(f"(?:[0-9A-Za-z]{{{length}}}){'+' if is_cut else ''}", text)
            if found:
                cut = (text[at : at + length] for at in range(0, len(text), length))
                pieces += [value._replace(held=piece) for piece in cut]
                continue
            if (held or "").strip(" |"):
                self.findings["not-a-code", value.field] += 1
            pieces.append(value._replace(held=None))
        return pieces

    def pairs(self, of: Union | Call) -> list[Value]:
        values, others = self.values(of), self.values(of, is_alternate=True)
        turns = Counter()
        pairs = []
        for value in values:
            key = (id(value.field), value.code)
            turn, turns[key] = turns[key], turns[key] + 1
            linked = self.record.linked(value.field) if value.field else []
            alternates = [
                it.held for it in others if linked and it.field is linked[0] and it.code == value.code
            ]
            held = {
                "value": value.held,
                "alt": alternates[turn] if turn < len(alternates) else None,
                "script": (linked[0].linkage.script or None) if linked else None,
            }
            pairs.append(Value(held, value.field))
        return pairs

    def structs(self, node: Call) -> list[Value]:
        """One for each field that any of the paths takes."""
        paths = node.arguments[0].paths
        of_paths = [(path, chosen(path, self.record)) for path in paths]
        structs = []
        for of in self.record.fields:
            its = [path for path, fields in of_paths if any(it is of for it in fields)]
            if its and of.is_data:
                found = sorted(
                    {it for path in its for codes in path.codes for it in self.of_codes(path, codes, of)}
                )
                struct = {
                    code: [text for _, its, text in found if its == code] for code in codes_of_struct(node)
                }
                structs.append(Value(struct, of))
        return structs

    def of_codes(self, path: Path, codes: Codes, of: Field) -> list[tuple]:
        alone = Path(path.tag, None, [], codes=[codes])
        return [(place, codes.codes, text) for place, text, _ in taken(alone, of, self.record, "field")]

    def column(self, node: Union | Call) -> object:
        """The cell of a column."""
        cells = [cell(value.held) for value in self.values(node)]
        return cells if is_list(node) else next(iter(cells), None)

    def holds(self, truth) -> bool:
        if isinstance(truth, Junction):
            parts = [self.holds(it) for it in truth.parts]
            return {"and": all(parts), "or": any(parts), "not": not parts[0]}[truth.word]
        values = [value.held for value in self.values(truth.node)]
        if not is_list(truth.node):
            values = values[:1]
        values = [held for held in values if held is not None]
        if truth.sign == "?":
            return any(held is not False for held in values)
        if truth.sign in ("!~", "not in"):
            return not any(
                compares(held, truth.sign.removeprefix("not ").removeprefix("!"), truth.literal)
                for held in values
            )
        return any(compares(held, truth.sign, truth.literal) for held in values)


def compares(held, sign: str, literal) -> bool:
    match sign:
        case "==" | "=":
            return held == literal
        case "!=":
            return held != literal
        case "<":
            return held < literal
        case "<=":
            return held <= literal
        case ">":
            return held > literal
        case ">=":
            return held >= literal
        case "~":
            return literal in held
        case "in":
            return held in literal
        case "matches":
            return re.search(literal, held) is not None
    raise AssertionError(sign)


def cell(held: object) -> object:
    return held.row if isinstance(held, Field) else held


def joined(values: list[Value], separator: str) -> str | None:
    """The texts that are not empty, as one; None if there is no text at all."""
    texts = [value.held for value in values if value.held is not None]
    return separator.join(filter(None, texts)) if texts else None


def join(values: list[Value], separator: str) -> list[Value]:
    """The values of each field as one text."""
    groups: list[list[Value]] = []
    for value in values:
        if groups and groups[-1][0].field is value.field:
            groups[-1].append(value)
        else:
            groups.append([value])
    return [Value(joined(group, separator), group[0].field) for group in groups]


def text_of(of: Field) -> str:
    texts = [of.row["value"] or "", *(value for _, value in of.subfields)]
    return " ".join(filter(None, texts))
