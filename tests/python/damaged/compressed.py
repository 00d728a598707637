"""K: sources that are compressed, or say so, or nearly are."""

from __future__ import annotations

import bz2
import gzip
import lzma
from dataclasses import dataclass

from damaged.cases import usual

A, B, C = map(usual, "abc")
ABC = A + B + C
GZIP = gzip.compress(ABC)
STORED = gzip.compress(ABC, 0)
# A header, then the head of the stored block, then bytes as they are.
STORED_A_AND_100 = STORED[: 10 + 5 + len(A) + 100]


@dataclass(frozen=True)
class Packed:
    """A source, and what every policy makes of it: the bytes in it are sound as far as they go."""

    id: str
    title: str
    raw: bytes
    delivered: str = "abc"
    # Of a record that is cut short, and of filler.
    cut: int = 0
    filler: int = 0
    # What is told of the source, as an error unless it is a warning.
    code: str | None = None
    is_error: bool = True
    name: str = "case.mrc"

    def __str__(self) -> str:
        return f"{self.id} {self.title}"


PACKED = [
    Packed("K01", "gzip", GZIP, name="case.mrc.gz"),
    Packed("K02", "gzip of several members", b"".join(map(gzip.compress, (A, B[:40], B[40:] + C)))),
    Packed("K03", "gzip, name says nothing", GZIP),
    Packed("K04", "plain, name says gzip", ABC, name="case.mrc.gz"),
    Packed("K05", "gzip followed by zeros", GZIP + bytes(512)),
    Packed("K06", "gzip, then garbage", GZIP + b"not a member", code="compressed-trailing", is_error=False),
    Packed("K07", "gzip cut in the middle", STORED_A_AND_100, "a", cut=100, code="compressed-truncated"),
    Packed("K08", "gzip without its last 8 bytes", GZIP[:-8], code="compressed-truncated"),
    Packed(
        "K09", "gzip with a wrong checksum", GZIP[:-8] + b"\1\2\3\4" + GZIP[-4:], code="compressed-damaged"
    ),
    Packed("K10", "gzip with a wrong size", GZIP[:-4] + b"\1\2\3\4", code="compressed-damaged"),
    Packed("K11", "gzip of nothing", gzip.compress(b""), "", code="empty-source", is_error=False),
    Packed("K12", "gzip header, then nothing", GZIP[:10], "", code="compressed-truncated"),
    Packed("K14", "bzip2", bz2.compress(ABC)),
    Packed("K15", "bzip2 cut in the middle", bz2.compress(ABC)[:100], "", code="compressed-truncated"),
    Packed("K16", "xz", lzma.compress(ABC)),
    Packed("K17", "gzip of 1 MiB of zeros", gzip.compress(bytes(1 << 20)), "", filler=1 << 20),
    Packed("K18", "two bytes: 1F 8B", b"\x1f\x8b", "", code="compressed-truncated"),
]
