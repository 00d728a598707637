"""Progress of long tasks: a callable of the caller, or a progress bar."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from mrrc import Scan, Table

T = TypeVar("T")

# After this number of seconds, a task shows a bar of its own accord, if somebody can see it.
_PATIENCE = 2.0


class _Bar:
    """A bar of `tqdm.auto`, made at the first call and closed at the last."""

    def __init__(self, bar: Callable[..., Any], patience: float) -> None:
        self._make = bar
        self._bar: Any = None
        self._due = time.monotonic() + patience

    def __call__(self, done: int, total: int | None, records: int) -> None:
        if self._bar is None:
            if time.monotonic() < self._due:
                return
            self._bar = self._make(total=total, unit="B", unit_scale=True, desc="MARC")
        self._bar.total = total
        self._bar.set_postfix_str(f"{records:,} records", refresh=False)
        self._bar.update(done - self._bar.n)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()

    def __del__(self) -> None:
        self.close()


def _tqdm() -> Callable[..., Any]:
    import warnings

    with warnings.catch_warnings():
        # Without ipywidgets tqdm falls back to text, which is fine.
        warnings.simplefilter("ignore")
        from tqdm.auto import tqdm
    make: Callable[..., Any] = tqdm
    return make


def callback(progress: Any) -> Any:
    """Return the callable for `progress=`, which takes (bytes_done, bytes_total, records); called by Rust."""
    if progress is False:
        return _nobody
    if progress is not True:
        return progress
    try:
        return _Bar(_tqdm(), patience=0)
    except ImportError as missing:
        raise ImportError("tqdm is not installed: pip install tqdm") from missing


def _is_watched() -> bool:
    return "ipykernel" in sys.modules or sys.stderr.isatty()


def to_parquet(scan: Scan, path: str | bytes | os.PathLike[str]) -> None:
    """`Scan.to_parquet`, with a bar if it takes long."""
    _with_bar(scan, partial(scan._write_parquet, path))


def to_csv(scan: Scan, *arguments: Any) -> str | None:
    """`Scan.to_csv`, with a bar if it takes long."""
    return _with_bar(scan, partial(scan._write_csv, *arguments))


def write_marc(scan: Scan, *arguments: Any) -> Table:
    """`Scan.write_marc`, with a bar if it takes long."""
    return _with_bar(scan, partial(scan._write_marc, *arguments))


def write_text(scan: Scan, *arguments: Any) -> Table:
    """`Scan.to_marcxml`, `Scan.to_json` and `Scan.to_mrk`, with a bar if it takes long."""
    return _with_bar(scan, partial(scan._write_text, *arguments))


def _nobody(done: int, total: int | None, records: int) -> None:
    """Tell nobody."""


@contextmanager
def telling(progress: Any, total: int) -> Iterator[Callable[[int, int], None]]:
    """What takes the bytes and the records of each part of a work, and tells how far the work is."""
    tell: Callable[[int, int | None, int], object] = _nobody
    done = [0, 0]
    if progress is not None:
        tell = callback(progress)
    elif _is_watched():
        with suppress(ImportError):
            tell = _Bar(_tqdm(), _PATIENCE)

    def add(size: int, records: int) -> None:
        done[:] = done[0] + size, done[1] + records
        tell(done[0], total, done[1])

    try:
        yield add
    finally:
        if isinstance(tell, _Bar):
            tell.close()


def _with_bar(scan: Scan, write: Callable[..., T]) -> T:
    """Call `write`, with a bar if it takes long, somebody can see it, and tqdm is installed."""
    if scan._has_progress or not _is_watched():
        return write()
    try:
        bar = _Bar(_tqdm(), _PATIENCE)
    except ImportError:
        return write()
    try:
        return write(bar)
    finally:
        bar.close()
