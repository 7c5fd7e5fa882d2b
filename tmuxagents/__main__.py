"""The console script."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command line; returns the exit code."""
    from tmuxagents.cli import boundary

    return boundary.run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
