"""How the text of expressions and conditions is read."""

from __future__ import annotations

import datetime
import re

import pyarrow as pa

from plain.syntax import Call, Codes, Compared, Junction, Path, Span, Test, Union
from plain.types import element


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
