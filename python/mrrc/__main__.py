"""The command `mrrc`, which a wheel installs, as a module: `python -m mrrc count catalogue.mrc`."""

import os
import signal
import sys

from mrrc._mrrc import _run_command


def main() -> int:
    """Run the command with the arguments of the program, and return the code to exit with."""
    open_what_is_closed()
    # The command answers Ctrl-C itself; Python would raise KeyboardInterrupt when it has ended.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    return _run_command(["mrrc", *sys.argv[1:]])


def open_what_is_closed() -> None:
    """Give away none of the standard descriptors: a file that is opened as 1 would get what is printed."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


if __name__ == "__main__":
    sys.exit(main())
