"""The console script."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command line; returns the exit code."""
    # Before anything is imported: three quarters of a short command's time are imports.
    if sys.argv[1:] in (["--version"], ["-V"]):
        from tmuxagents import __version__

        print(f"tmuxagents {__version__}")
        return 0
    from tmuxagents.cli import boundary

    return boundary.run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
