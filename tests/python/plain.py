"""What expressions and conditions give, the plain way: read by a small parser, and evaluated on rows of
layout nested, one step after another. Written from the description of the notation alone."""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

import pyarrow as pa

# What Unicode calls white space.
BLANKS = (
    "\t\n\v\f\r \x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"
)
UNREPEATABLE = {"LDR", "001", "003", "005", "008"}


class Span(NamedTuple):
    """Places from one to another, both included; negative ones count from the end."""

    first: int
    last: int

    def of(self, length: int) -> range:
        first = self.first if self.first >= 0 else max(length + self.first, 0)
        last = self.last if self.last >= 0 else length + self.last
        return range(first, min(last, length - 1) + 1)

    @property
    def is_one(self) -> bool:
        return self.first == self.last


class Codes(NamedTuple):
    codes: str
    turns: Span | None
    characters: Span | None


class Test(NamedTuple):
    what: tuple
    sign: str
    value: str


@dataclass
class Path:
    tag: str
    index: Span | None
    conditions: list[list[Test]]
    characters: Span | None = None
    indicator: int | None = None
    codes: list[Codes] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        return self.characters is None and self.indicator is None and not self.codes

    @property
    def takes_fields(self) -> bool:
        return self.is_whole and self.tag != "LDR" and not self.tag.startswith("00")

    @property
    def names_one_field(self) -> bool:
        return self.tag in UNREPEATABLE or bool(self.index and self.index.is_one)

    @property
    def names_one_place(self) -> bool:
        if not self.codes:
            return self.names_one_field
        turns = self.codes[0].turns
        return self.names_one_field and len(self.codes) == 1 and bool(turns and turns.is_one)


class Union(NamedTuple):
    paths: list[Path]


class Call(NamedTuple):
    name: str
    arguments: list
    options: dict


class Compared(NamedTuple):
    node: Union | Call
    sign: str
    literal: object


class Junction(NamedTuple):
    word: str
    parts: list


# Reading.


class Reader:
    """A place in a text that moves on."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0

    def take(self, pattern: str) -> re.Match | None:
        found = re.compile(pattern).match(self.text, self.at)
        if found:
            self.at = found.end()
        return found

    def need(self, pattern: str) -> re.Match:
        found = self.take(pattern)
        assert found, f"{pattern} expected at {self.at} of {self.text}"
        return found

    def span(self) -> Span:
        first, _, last = self.need(r"(?:\d+|#)(?:-(?:\d+|#))?")[0].partition("-")
        if first == "#":
            return Span(-1 - int(last or 0) if last != "#" else -1, -1)
        return Span(int(first), -1 if last == "#" else int(last or first))

    def index(self) -> Span | None:
        if not self.take(r"\["):
            return None
        span = self.span()
        self.need(r"\]")
        return span

    def characters(self) -> Span | None:
        return self.span() if self.take("/") else None

    def code(self) -> Codes:
        first, last = self.need(r"([a-z])-([a-z])|([0-9])-([0-9])|([!-~])").group(0, 0)
        codes = first if len(first) == 1 else "".join(map(chr, range(ord(first[0]), ord(last[2]) + 1)))
        return Codes(codes, self.index(), self.characters())

    def conditions(self) -> list[list[Test]]:
        conditions = []
        while self.take(r"\{"):
            tests = [self.test()]
            while self.take(r"\s*\|"):
                tests.append(self.test())
            self.need(r"\s*\}")
            conditions.append(tests)
        return conditions

    def test(self) -> Test:
        sign = self.need(r"\s*([!?]?)\s*")[1]
        what = self.what()
        if not sign:
            sign = self.need(r"\s*(!=|!~|==?|~|)\s*")[1]
            if sign:
                return Test(what, sign.replace("==", "="), self.value(what))
        return Test(what, sign or "?", "")

    def what(self) -> tuple:
        if found := self.take(r"\^([12])"):
            return ("indicator", int(found[1]) - 1)
        if found := self.take(r"\$([!-~])"):
            return ("subfield", found[1], self.characters())
        if self.take("/"):
            return ("characters", self.span())
        return ("control", self.need("LDR|00[0-9]")[0], self.characters())

    def value(self, what: tuple) -> str:
        if self.text[self.at] in "'\"":
            return self.quoted()
        if self.take(r"\\"):
            literal = self.need(r"(?:\\.|[^\\}|])*")[0]
            return re.sub(r"\\(.)", lambda found: " " if found[1] == "s" else found[1], literal)
        value = self.need(r"[^}|{$=~\\]+")[0].rstrip()
        return " " if value == "#" and what[0] == "indicator" else value

    def quoted(self) -> str:
        quote, text = self.need("['\"]")[0], ""
        while not self.take(rf"{quote}(?!{quote})"):
            text += quote if self.take(rf"[\\{quote}]{quote}") else self.need("(?s).")[0]
        return text

    def path(self) -> Path:
        path = Path(self.need("[0-9A-Za-z.]{3}")[0], self.index(), self.conditions(), self.characters())
        if found := self.take(r"\^([12])"):
            path.indicator = int(found[1]) - 1
        while self.take(r"\$"):
            path.codes.append(self.code())
        path.conditions += self.conditions()
        return path

    def node(self) -> Union | Call:
        self.take(r"\s*")
        if found := self.take(r"([a-z]\w*)\s*\("):
            return self.call(found[1])
        paths = [self.path()]
        while self.take(r"\s*:\s*"):
            paths.append(self.path())
        return Union(paths)

    def call(self, name: str) -> Call:
        arguments, options = [self.node()], {}
        while self.take(r"\s*,\s*"):
            if found := self.take(r"(sep|order)\s*=\s*"):
                options[found[1]] = self.quoted()
            elif self.text[self.at] in "'\"":
                options["sep"] = self.quoted()
            elif found := self.take(r"\d+(?=\s*[,)])"):
                options["length"] = int(found[0])
            else:
                arguments.append(self.node())
        self.need(r"\s*\)")
        return Call(name, arguments, options)

    def truth(self):
        return self.junction("or", lambda: self.junction("and", self.negation))

    def junction(self, word: str, part):
        parts = [part()]
        while self.take(rf"\s*{word}\b"):
            parts.append(part())
        return Junction(word, parts) if len(parts) > 1 else parts[0]

    def negation(self):
        if self.take(r"\s*not\b"):
            return Junction("not", [self.negation()])
        if self.take(r"\s*\("):
            truth = self.truth()
            self.need(r"\s*\)")
            return truth
        return self.comparison()

    def comparison(self):
        node = self.node()
        found = self.take(r"\s*(==|!=|<=|>=|!~|=|<|>|~|matches\b|in\b|not\s+in\b)\s*")
        sign = re.sub(r"\s+", " ", found[1]) if found else "?"
        if sign == "?":
            return Compared(node, sign, None)
        if not sign.endswith("in"):
            return Compared(node, sign, self.literal(node))
        self.need(r"\(\s*")
        literals = [self.literal(node)]
        while self.take(r"\s*,\s*"):
            literals.append(self.literal(node))
        self.need(r"\s*\)")
        return Compared(node, sign, literals)

    def literal(self, node) -> object:
        if found := self.take(r"-?\d+"):
            return int(found[0])
        text = self.quoted()
        return datetime.date.fromisoformat(text) if element(node) == pa.date32() else text


def expression(text: str) -> Union | Call:
    reader = Reader(text)
    node = reader.node()
    assert not text[reader.at :].strip(), text[reader.at :]
    return node


def condition(text: str):
    reader = Reader(text)
    truth = reader.truth()
    assert not text[reader.at :].strip(), text[reader.at :]
    return truth


# Types.

TEXTS = pa.list_(pa.field("element", pa.string()))
SUBFIELD = pa.struct([("code", pa.string()), ("value", pa.string())])
FIELD = pa.struct(
    [
        *((name, pa.string()) for name in ("tag", "ind1", "ind2", "value")),
        ("subfields", pa.list_(pa.field("element", SUBFIELD))),
    ]
)
PAIR = pa.struct([(name, pa.string()) for name in ("value", "alt", "script")])
ELEMENTS = {
    "year": pa.int32(),
    "date": pa.date32(),
    "int": pa.int64(),
    "count": pa.int64(),
    "exists": pa.bool_(),
    "pair": PAIR,
}
OF_ELEMENTS = {"first", "last", "unique", "coalesce"}


def element(node: Union | Call) -> pa.DataType:
    if isinstance(node, Union):
        return FIELD if any(path.takes_fields for path in node.paths) else pa.string()
    if node.name == "struct":
        return pa.struct([(code, TEXTS) for code in codes_of_struct(node)])
    if node.name in OF_ELEMENTS:
        return element(node.arguments[0])
    return ELEMENTS.get(node.name, pa.string())


def codes_of_struct(node: Call) -> list[str]:
    return list(
        dict.fromkeys(
            code for path in node.arguments[0].paths for codes in path.codes for code in codes.codes
        )
    )


def is_list(node: Union | Call) -> bool:
    if isinstance(node, Union):
        return len(node.paths) > 1 or not node.paths[0].names_one_place
    match node.name:
        case "first" | "last" | "concat" | "count" | "exists":
            return False
        case "coalesce":
            return any(map(is_list, node.arguments))
        case "join" | "struct":
            return not is_of_one_field(node.arguments[0])
    return is_list(node.arguments[0])


def is_of_one_field(node: Union | Call) -> bool:
    if isinstance(node, Union):
        return len(node.paths) == 1 and node.paths[0].names_one_field
    if node.name in {"coalesce", "concat", "count", "exists", "first", "join", "last"}:
        return not is_list(node)
    return is_of_one_field(node.arguments[0])


def data_type(node: Union | Call) -> pa.DataType:
    return pa.list_(pa.field("element", element(node))) if is_list(node) else element(node)


def looked_at(node: Union | Call) -> set[str]:
    """The tags that an expression looks at, as patterns."""
    if isinstance(node, Call):
        links = {"880"} if node.name in ("alt", "pair") else set()
        return links.union(*map(looked_at, node.arguments))
    tests = [test.what for path in node.paths for tests in path.conditions for test in tests]
    return {path.tag for path in node.paths} | {what[1] for what in tests if what[0] == "control"}


def follows_links(node: Union | Call) -> bool:
    return isinstance(node, Call) and (
        node.name in ("alt", "pair") or any(map(follows_links, node.arguments))
    )


# Records.


class Field:
    """A field of a row of layout nested."""

    def __init__(self, row: dict, place: int) -> None:
        self.row, self.tag, self.place = row, row["tag"], place
        self.is_data = row["subfields"] is not None
        self.subfields = [(it["code"], it["value"]) for it in row["subfields"] or []]
        self.indicators = (row["ind1"], row["ind2"])
        self.linkage_text = next((value for code, value in self.subfields if code == "6"), None)
        found = re.fullmatch(LINKAGE, (self.linkage_text or "").strip(BLANKS), re.DOTALL)
        self.linkage = Linkage(*found.groups()) if found else None


LINKAGE = r"(.{3})-([0-9]{2})(?:/([^/]*).*)?"


class Linkage(NamedTuple):
    tag: str
    number: str
    script: str | None


class Record:
    """A row of layout nested."""

    def __init__(self, row: dict) -> None:
        self.leader = row["leader"]
        self.fields = [Field(it, place) for place, it in enumerate(row["fields"])]
        self.of_patterns: dict[str, list[Field]] = {}

    def of_pattern(self, pattern: str) -> list[Field]:
        if pattern not in self.of_patterns:
            self.of_patterns[pattern] = [it for it in self.fields if matches(it.tag, pattern)]
        return self.of_patterns[pattern]

    def linked(self, field: Field) -> list[Field]:
        """The fields 880 that belong to a field."""
        linkage = field.linkage
        if field.tag == "880" or not linkage or linkage.tag != "880" or linkage.number == "00":
            return []
        others = (it for it in self.of_pattern("880") if it.linkage)
        return [it for it in others if it.linkage[:2] == (field.tag, linkage.number)]

    def findings_of_links(self, patterns: set[str]) -> Counter:
        """What is wrong with linkages, of the fields that are looked at."""

        def is_looked_at(tag: str) -> bool:
            return any(matches(tag, pattern) for pattern in patterns)

        found = Counter()
        linking = [it for it in self.fields if it.linkage_text is not None and is_looked_at(it.tag)]
        for of in linking:
            if not of.linkage:
                found["linkage-unreadable", of] += 1
            elif of.linkage.number == "00":
                pass
            elif of.tag == "880":
                partners = [it for it in linking if of in self.linked(it)]
                found["linkage-missing", of] += is_looked_at(of.linkage.tag) and not partners
            elif of.linkage.tag == "880":
                found["linkage-missing", of] += not self.linked(of)
        return +found


# Evaluation.


class Value(NamedTuple):
    """What an expression has at one place; None if a function could not take what is there."""

    held: object
    field: Field | None


def matches(tag: str, pattern: str) -> bool:
    return len(tag) == 3 and all(it in (".", other) for it, other in zip(pattern, tag, strict=True))


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
    """What a path takes of a field, each after its place in the field."""
    if of is None or not of.is_data:
        text = record.leader if of is None else of.row["value"]
        if path.takes_fields:
            return [((), of)]
        if path.codes or path.indicator is not None:
            return []
        places = path.characters.of(len(text)) if path.characters else range(len(text))
        return (
            [((places.start, places.stop), text[places.start : places.stop])]
            if places or not path.characters
            else []
        )
    if path.is_whole:
        return [((), of)]
    if path.indicator is not None:
        return [((-2 + path.indicator,), of.indicators[path.indicator])]
    found = []
    for place, (_, value) in enumerate(of.subfields):
        for number, codes in enumerate(path.codes):
            of_code = [at for at, (its, _) in enumerate(of.subfields) if its and its in codes.codes]
            if place not in of_code or (
                codes.turns and of_code.index(place) not in codes.turns.of(len(of_code))
            ):
                continue
            text = part(value, codes.characters)
            if text is not None:
                places = codes.characters.of(len(value)) if codes.characters else range(len(value))
                found.append((number, (place, places.start, places.stop), text))
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
                numbers = (Value(oclc(value.held), value.field) for value in values if value.held is not None)
                return [value for value in numbers if value.held is not None]
        return [Value(self.of_value(name, value), value.field) for value in values]

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
                values += [Value(held, source) for _, held in found]
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
        for held, of in values:
            text = (held or "").strip(BLANKS)
            found = re.fullmatch(f"(?:[0-9A-Za-z]{{{length}}}){'+' if is_cut else ''}", text)
            if found:
                pieces += [Value(text[at : at + length], of) for at in range(0, len(text), length)]
                continue
            if (held or "").strip(" |"):
                self.findings["not-a-code", of] += 1
            pieces.append(Value(None, of))
        return pieces

    def pairs(self, of: Union | Call) -> list[Value]:
        values, others = self.values(of), self.values(of, is_alternate=True)
        turns = Counter()
        pairs = []
        for value in values:
            turn, turns[id(value.field)] = turns[id(value.field)], turns[id(value.field)] + 1
            linked = self.record.linked(value.field) if value.field else []
            alternates = [it.held for it in others if linked and it.field is linked[0]]
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
        return [(place, codes.codes, text) for place, text in taken(alone, of, self.record, "field")]

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


# Functions of one text.


def is_mark(character: str) -> bool:
    return unicodedata.category(character).startswith("M")


def trim(text: str) -> str:
    """Without the punctuation of ISBD at the end."""
    while True:
        before = text
        text = text.strip(BLANKS).rstrip(BLANKS + ",/;:=")
        if text.endswith("."):
            letters = [it for it in text[:-1].rstrip(BLANKS) if not is_mark(it)][-3:]
            if len(letters) == 3 and all(map(str.isalpha, letters)):
                text = text[:-1].rstrip(BLANKS)
        for opening, closing in ("[]", "()"):
            if closing not in text:
                text = text.lstrip(opening)
            elif opening not in text:
                text = text.rstrip(closing)
        if text == before:
            return text


FIRST_INDICATOR = {"130", "630", "730", "740"}
SECOND_INDICATOR = {"222", "240", "242", "243", "245", "440", "830"}


def filing(text: str, of: Field | None) -> str:
    """Without the characters that are not filed."""
    tag = of.tag if of else ""
    if of and tag == "880":
        tag = of.linkage.tag if of.linkage else ""
    which = 0 if tag in FIRST_INDICATOR else 1 if tag in SECOND_INDICATOR else None
    digit = (of.indicators[which] or "")[:1] if of and which is not None else ""
    skipped = int(digit) if digit in set("0123456789") else 0
    # They are counted from where the text of the field begins.
    first = next((value for code, value in of.subfields if not code.isdigit()), "") if of else ""
    if len(text) > skipped and text[:skipped].lower() == first[:skipped].lower():
        text = text[skipped:]
    for opening, closing in (("\x98", "\x9c"), ("<<", ">>")):
        if opening in text:
            out = ""
            while opening in text and closing in text[text.index(opening) + len(opening) :]:
                before, _, rest = text.partition(opening)
                text = rest.partition(closing)[2]
                out, text = out + before, text if before else text.lstrip(BLANKS)
            return out + text
    return text


def year(text: str) -> int | None:
    found = re.fullmatch(r"[0-9]{4}", text.strip(BLANKS))
    return int(found[0]) if found else None


def whole_number(text: str) -> int | None:
    found = re.fullmatch(r"[+-]?[0-9]+", text.strip(BLANKS))
    return int(found[0]) if found and -(2**63) <= int(found[0]) < 2**63 else None


def date(text: str) -> datetime.date | None:
    """yyyymmdd and what may follow, yyyy-mm-dd, or yymmdd from 1960 to 2059."""
    text = text.strip(BLANKS)
    if re.fullmatch("[0-9]{6}", text):
        text = ("20" if text < "60" else "19") + text
    found = re.match(r"([0-9]{4})-([0-9]{2})-([0-9]{2})|([0-9]{4})([0-9]{2})([0-9]{2})", text)
    try:
        return datetime.date(*(int(it) for it in found.groups() if it)) if found else None
    except ValueError:
        return None


def isbn(text: str) -> str | None:
    for digits in re.findall(r"[0-9][0-9Xx-]*", text):
        found = re.fullmatch(r"[0-9]{9}[0-9X]|97[89][0-9]{10}", digits.replace("-", "").upper())
        if found:
            return found[0]
    return None


def isbn13(text: str) -> str | None:
    found = isbn(text)
    if found is None:
        return None
    if len(found) == 10:
        weighted = sum((10 if it == "X" else int(it)) * (10 - place) for place, it in enumerate(found))
        return with_check_digit("978" + found[:9]) if weighted % 11 == 0 else None
    return found if with_check_digit(found[:12]) == found else None


def with_check_digit(twelve: str) -> str:
    return twelve + str(-sum(int(it) * (1, 3)[place % 2] for place, it in enumerate(twelve)) % 10)


def oclc(text: str) -> str | None:
    found = re.match(
        rf"(\(ocolc\))?[{BLANKS}]*(ocm|ocn|on)?[{BLANKS}]*0*([1-9][0-9]*)", text.lstrip(BLANKS), re.I
    )
    return found[3] if found and (found[1] or found[2]) else None


CONVERSIONS = {
    "year": (year, "not-a-year"),
    "date": (date, "not-a-date"),
    "int": (whole_number, "not-a-number"),
    "isbn": (isbn, "not-an-isbn"),
    "isbn13": (isbn13, "not-an-isbn"),
}


def columns(texts: dict[str, str], rows: list[dict]) -> tuple[list[dict], Counter]:
    """What columns have for rows of layout nested; and what is odd about it: how often, by row, code and field."""
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
