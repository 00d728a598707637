"""What a case is: bytes, and what each policy must make of them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from conftest import ROOT, record

FOLDER = ROOT / "tests" / "data" / "damaged"
FATES = ("delivered", "rejected", "gap", "filler", "unread")


@dataclass(frozen=True)
class Outcome:
    """What `on_error="skip"` or `"recover"` gives; places are (start, end)."""

    control_numbers: list[str | None] = field(default_factory=list)
    rejects: list[tuple[int, int]] = field(default_factory=list)
    gaps: list[tuple[int, int]] = field(default_factory=list)
    raw: dict[str, int] = field(default_factory=lambda: dict.fromkeys(FATES, 0))
    # How records were given back, by their numbers.
    repairs: dict[int, str] = field(default_factory=dict)
    # Record, code, severity, offset (none: anywhere), entry, tag; in the order in which they are found.
    findings: list[tuple] | None = None


@dataclass(frozen=True)
class Error:
    """What `on_error="raise"` ends with."""

    code: str
    offset: int
    record: int | None
    # Records delivered before it.
    delivered: int


@dataclass(frozen=True)
class Case:
    id: str
    title: str
    raw: bytes
    skip: Outcome
    recover: Outcome
    error: Error | None
    # By control number and column: some of what is delivered.
    values: dict[str, dict[str, list[str | int]]] = field(default_factory=dict)
    # How it is read.
    options: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.id} {self.title}"


def from_files(folder: Path = FOLDER) -> list[Case]:
    cases = []
    for id, said in json.loads((folder / "expected.json").read_text()).items():
        error = said["raise"]["error"]
        if error:
            error = Error(**error, delivered=said["raise"]["delivered"])
        data = file(id, folder).read_bytes()
        skip, recover = outcome(said["skip"]), outcome(said["recover"])
        cases.append(Case(id, said["title"], data, skip, recover, error, said.get("values", {})))
    return cases


def file(id: str, folder: Path = FOLDER) -> Path:
    """The file of a case: its id, and in words what it is."""
    (path,) = folder.glob(f"{id}-*.mrc")
    return path


def outcome(said: dict) -> Outcome:
    findings = said.get("findings")
    return Outcome(
        said["control_numbers"],
        [(start, end) for start, end in said["rejects"]],
        [(start, end) for start, end in said["gaps"]],
        said["bytes"],
        {int(record): repair for record, repair in said.get("repairs", {}).items()},
        None if findings is None else [tuple(finding) for finding in findings],
    )


@dataclass(frozen=True)
class Part:
    """A stretch of a made input, and what becomes of it under "skip"."""

    raw: bytes
    fate: str
    control_number: str | None = None
    # What "raise" says of it; `at` counts from its first byte.
    code: str | None = None
    at: int = 0
    # Under "recover" it is delivered all the same, and so its structure given back.
    recovered: bool = False
    repair: str | None = None

    @property
    def is_record(self) -> bool:
        return self.fate in ("delivered", "rejected")


def delivered(control_number: str | None, data: bytes | None = None) -> Part:
    return Part(usual(control_number or "") if data is None else data, "delivered", control_number)


def rejected(data: bytes, code: str, at: int = 0) -> Part:
    return Part(data, "rejected", None, code, at)


def repaired(control_number: str, data: bytes, code: str, repair: str) -> Part:
    return Part(data, "rejected", control_number, code, recovered=True, repair=repair)


def undecodable(control_number: str, data: bytes, code: str, at: int) -> Part:
    return Part(data, "rejected", control_number, code, at, recovered=True)


def gap(data: bytes) -> Part:
    return Part(data, "gap", None, "gap")


def filler(data: bytes) -> Part:
    return Part(data, "filler")


def made(id: str, title: str, *parts: Part, findings: list[tuple] | None = None, **more: dict) -> Case:
    skip, recover = Outcome(), Outcome(findings=findings)
    error, offset, records = None, 0, 0
    for part in parts:
        number = records if part.is_record else None
        if part.code and error is None:
            error = Error(part.code, offset + part.at, number, len(skip.control_numbers))
        place = (offset, offset + len(part.raw))
        enter(skip, part, part.fate, place)
        enter(recover, part, "delivered" if part.recovered else part.fate, place)
        if part.repair:
            recover.repairs[records] = part.repair
        records += part.is_record
        offset = place[1]
    return Case(id, title, b"".join(part.raw for part in parts), skip, recover, error, **more)


def enter(outcome: Outcome, part: Part, fate: str, place: tuple[int, int]) -> None:
    if fate == "delivered":
        outcome.control_numbers.append(part.control_number)
    elif fate == "rejected":
        outcome.rejects.append(place)
    elif fate == "gap":
        outcome.gaps.append(place)
    outcome.raw[fate] += len(part.raw)


def usual_fields(control_number: str) -> list[tuple[str, bytes]]:
    name = control_number.encode()
    return [
        ("001", name),
        ("008", b"200101s2020    xx            000 0 eng d"),
        ("245", b"10\x1faTitle " + name + b" /\x1fcNobody."),
        ("650", b" 0\x1faSubject " + name),
    ]


def usual(control_number: str, *more: tuple[str, bytes]) -> bytes:
    """A sound record in UTF-8."""
    return record(*usual_fields(control_number), *more, leader=b"00000nam a2200000 a 4500")
