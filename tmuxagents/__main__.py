"""The console script."""

from __future__ import annotations

import sys
from types import ModuleType


def main() -> int:
    """Run the command line; returns the exit code."""
    # Before anything is imported: three quarters of a short command's time are imports.
    if sys.argv[1:] in (["--version"], ["-V"]):
        from tmuxagents import __version__

        print(f"tmuxagents {__version__}")
        return 0
    for name in ("inspect", "ipaddress", "locale"):
        _put_off(name)
    from tmuxagents.cli import boundary

    return boundary.run(sys.argv[1:])


class _Later(ModuleType):
    """Stands for a module until something is asked of it."""

    def __getattr__(self, attribute: str) -> object:
        from importlib import import_module

        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(import_module(self.__name__), attribute)


def _put_off(name: str) -> None:
    """Import a module when it is first used. `dataclasses` imports `inspect`, 7 ms, and asks it nothing
    about classes that have a docstring; `pathlib` needs `ipaddress` for no path, and `subprocess` `locale`
    for no bytes, 1 ms each. (`importlib.util.LazyLoader` loads at the first `import` in 3.11.)"""
    if name not in sys.modules:
        sys.modules[name] = _Later(name)


if __name__ == "__main__":
    sys.exit(main())
