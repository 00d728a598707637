"""The accounts of an export: those of each part in a folder, and their sums, as one read would have them."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

from mrrc._back import from_arrow
from mrrc._errors import _warn

if TYPE_CHECKING:
    from mrrc import _mrrc
    from mrrc._export import Done
    from mrrc._folder import Folder

ACCOUNTS, PARTS = "accounts", "accounts/parts"
KINDS = ("sources", "findings", "diagnostics", "rejects")
_KEYS = {"sources": ["source"], "findings": ["source", "code", "severity"]}
"""What is added up, and what tells its rows apart."""
_TOLD = ("repaired", "rejected", "filtered")


def of_part(read: _mrrc.Scan) -> dict[str, _mrrc.Table]:
    """The accounts of a part that was read: of its source, and the others if there is anything in them."""
    accounts: dict[str, _mrrc.Table] = {kind: getattr(read, kind) for kind in KINDS}
    return {kind: it for kind, it in accounts.items() if kind == "sources" or it.num_rows}


def sum_up(folder: Folder, done: list[Done], of_nothing: _mrrc.Table) -> _mrrc.Table:
    """Write the accounts of all parts as those of one read, and return that of the sources.

    The parts of a source are in the order of their bytes. `of_nothing` is a table without rows that was read
    with the same options.
    """
    pa, pq = arrow_and_parquet()
    there = set(folder.names(PARTS))
    before = _records_before(done)
    summed = {}
    for kind in KINDS:
        tables = [pa.table(getattr(of_nothing, kind)).slice(0, 0)]
        for it in done:
            name = f"{PARTS}/{it.key}.{kind}.parquet"
            if name in there:
                table = pq.read_table(BytesIO(folder.read(name)))
                tables.append(_numbered(table, before[it.key]))
        table = pa.concat_tables(tables)
        if kind in _KEYS:
            table = _added_up(table, _KEYS[kind])
        summed[kind] = table
        pq.write_table(table, sink := BytesIO(), compression="zstd")
        folder.put(f"{ACCOUNTS}/{kind}.parquet", sink.getvalue())
    return from_arrow(summed["sources"])


def _added_up(table: Any, keys: list[str]) -> Any:
    """The rows with the same keys as one, in the order of the first of each, whose text it has."""
    pa, _ = arrow_and_parquet()
    how = {
        it.name: "sum" if pa.types.is_integer(it.type) else "first"
        for it in table.schema
        if it.name not in keys
    }
    grouped = table.group_by(keys, use_threads=False).aggregate(list(how.items()))
    columns = [grouped[f"{name}_{how[name]}" if name in how else name] for name in table.column_names]
    return pa.table(columns, schema=table.schema)


def _records_before(done: list[Done]) -> dict[str, int | None]:
    """For each part, the number of records in its source before it; None if a part before it is missing."""
    seen: dict[str, tuple[int, int]] = {}
    before: dict[str, int | None] = {}
    for it in done:
        end, records = seen.get(it.source, (0, 0))
        before[it.key] = records if it.begin == end else None
        if it.begin == end:
            seen[it.source] = it.end, records + it.records
    return before


def _numbered(table: Any, before: int | None) -> Any:
    """The rows of a part with the numbers that its records have in the source, as far as they are known."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if "record" not in table.column_names:
        return table
    place = table.column_names.index("record")
    numbers = pc.add(table["record"], pa.scalar(before, pa.int64()))
    return table.set_column(place, table.schema.field(place), numbers)


def warn_of(account: _mrrc.Table) -> None:
    """Warn if not all was delivered as it was."""
    if any(sum(account[name]) for name in ("repaired", "rejected", "gaps")):
        _warn(f"{told(account)}; the folder accounts has diagnostics and rejects")


def told(account: _mrrc.Table) -> str:
    """What became of all records, in words."""
    counts = {name: sum(account[name]) for name in ("records", "delivered", *_TOLD, "gaps")}
    others = [f"{counts[name]:,} {name}" for name in _TOLD if counts[name]]
    if counts["gaps"]:
        others.append(counted(counts["gaps"], "gap"))
    return ", ".join([f"{counted(counts['records'], 'record')}; {counts['delivered']:,} delivered", *others])


def counted(number: int, noun: str) -> str:
    """A number of things, in words."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def arrow_and_parquet() -> tuple[Any, Any]:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise ImportError("pyarrow is not installed, which export needs: pip install pyarrow") from None
    return pa, pq
