"""Every kind of damage costs the damaged record alone, and is named where it is."""

import gzip
import io
import json

import mrrc
import pytest
from conftest import ROOT, rows, skip

FOLDER = ROOT / "tests" / "data" / "damaged"
EXPECTED = json.loads((FOLDER / "expected.json").read_text())


class OctetByOctet(io.RawIOBase):
    def __init__(self, octets):
        self.inner = io.BytesIO(octets)

    def read(self, size=-1):
        return self.inner.read(1)


@pytest.mark.parametrize("case", EXPECTED)
def test_skipping_leaves_out_the_damaged_record_alone(case):
    octets = (FOLDER / f"{case}.mrc").read_bytes()
    expected = EXPECTED[case]["skip"]
    for source, options in [
        (octets, {}),
        (FOLDER / f"{case}.mrc", {"threads": 7, "batch_size": 1}),
        (OctetByOctet(octets), {"threads": 1}),
        (gzip.compress(octets), {}),
    ]:
        table = skip(source, **options)
        account = rows(table.sources)[0]
        assert [row["control_number"] for row in rows(table)] == expected["control_numbers"]
        rejects = [[it["offset"], it["offset"] + it["length"]] for it in rows(table.rejects)]
        assert rejects == expected["rejects"]
        assert account["gaps"] == len(expected["gaps"])
        assert {it: account[f"octets_{it}"] for it in expected["octets"]} == expected["octets"]


@pytest.mark.parametrize("case", EXPECTED)
def test_raising_names_the_damage_and_its_place(case):
    octets = (FOLDER / f"{case}.mrc").read_bytes()
    expected = EXPECTED[case]["raise"]
    delivered, error = 0, None
    try:
        for batch in mrrc.scan(octets, batch_size=1):
            delivered += batch.num_rows
    except mrrc.MarcError as caught:
        error = caught
    assert delivered == expected["delivered"]
    assert (error is None) == (expected["error"] is None)
    if error and not expected["repaired"]:
        code = "gap" if error.code == "not-marc" else error.code
        assert {"code": code, "offset": error.offset, "record": error.record} == expected["error"]
    elif error:
        assert error.record == expected["error"]["record"]


def test_what_is_harmless_raises_nothing():
    harmless = [case for case, expected in EXPECTED.items() if expected["harmless"]]
    assert len(harmless) > 30
    for case in harmless:
        mrrc.read_arrow(FOLDER / f"{case}.mrc")
