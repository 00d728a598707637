"""What a case is: octets, and what each policy must make of them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from conftest import ROOT, record

FOLDER = ROOT / "tests" / "data" / "damaged"


@dataclass(frozen=True)
class Outcome:
    """What `on_error="skip"` gives; places are (start, end)."""

    control_numbers: list[str | None]
    rejects: list[tuple[int, int]]
    gaps: list[tuple[int, int]]
    octets: dict[str, int]


@dataclass(frozen=True)
class Error:
    """What `on_error="raise"` ends with."""

    code: str
    offset: int
    record: int | None
    # Records delivered before it.
    delivered: int
    # The record could be given back by pairing its entries and fields anew. Nothing does that yet, so that
    # another code may be the reason to refuse it: the error must only name the record, and a place in it.
    repairable: bool = False


@dataclass(frozen=True)
class Case:
    id: str
    title: str
    octets: bytes
    skip: Outcome
    error: Error | None

    def __str__(self) -> str:
        return f"{self.id} {self.title}"


def from_files(folder: Path = FOLDER) -> list[Case]:
    cases = []
    for id, said in json.loads((folder / "expected.json").read_text()).items():
        skip, error = said["skip"], said["raise"]["error"]
        outcome = Outcome(
            skip["control_numbers"],
            [(start, end) for start, end in skip["rejects"]],
            [(start, end) for start, end in skip["gaps"]],
            skip["octets"],
        )
        if error:
            error = Error(**error, delivered=said["raise"]["delivered"], repairable=said["raise"]["repaired"])
        cases.append(Case(id, said["title"], (folder / f"{id}.mrc").read_bytes(), outcome, error))
    return cases


@dataclass(frozen=True)
class Part:
    """A stretch of a made input, and what becomes of it under "skip"."""

    octets: bytes
    fate: str
    control_number: str | None = None
    # What "raise" says of it; `at` counts from its first octet.
    code: str | None = None
    at: int = 0
    repairable: bool = False


def delivered(control_number: str | None, octets: bytes | None = None) -> Part:
    return Part(usual(control_number or "") if octets is None else octets, "delivered", control_number)


def rejected(octets: bytes, code: str, at: int = 0, *, repairable: bool = False) -> Part:
    return Part(octets, "rejected", None, code, at, repairable)


def gap(octets: bytes) -> Part:
    return Part(octets, "gap", None, "gap")


def filler(octets: bytes) -> Part:
    return Part(octets, "filler")


def made(id: str, title: str, *parts: Part) -> Case:
    skip = Outcome([], [], [], dict.fromkeys(("delivered", "rejected", "gap", "filler", "unread"), 0))
    error, offset, records = None, 0, 0
    for part in parts:
        end = offset + len(part.octets)
        is_record = part.fate in ("delivered", "rejected")
        if part.code and error is None:
            number = records if is_record else None
            error = Error(
                part.code, offset + part.at, number, len(skip.control_numbers), repairable=part.repairable
            )
        if part.fate == "delivered":
            skip.control_numbers.append(part.control_number)
        elif part.fate == "rejected":
            skip.rejects.append((offset, end))
        elif part.fate == "gap":
            skip.gaps.append((offset, end))
        skip.octets[part.fate] += len(part.octets)
        records += is_record
        offset = end
    return Case(id, title, b"".join(part.octets for part in parts), skip, error)


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
