"""Ctrl-C while an engine reads: the engine only gets the text of an error, and raises one of its own."""

from __future__ import annotations

import _thread
import atexit
import threading

# An engine's error that nobody catches is printed within this time; an interrupt would break up the text.
_A_MOMENT = 0.1


def interrupt_soon() -> None:
    """Raise KeyboardInterrupt in the main thread, after the engine's own error."""
    timer = threading.Timer(_A_MOMENT, _thread.interrupt_main)
    timer.daemon = True
    atexit.register(timer.cancel)
    timer.start()
