"""The command `mrrc`, which a wheel installs, as a module: `python -m mrrc count catalogue.mrc`."""

import signal
import sys

from mrrc._mrrc import _run_command


def main() -> int:
    """Run the command with the arguments of the program, and return the code to exit with."""
    # The command answers Ctrl-C itself; Python would raise KeyboardInterrupt when it has ended.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    return _run_command(["mrrc", *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
