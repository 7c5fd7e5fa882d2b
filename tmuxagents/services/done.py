"""Say what was done, where the record of it fails."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from tmuxagents.errors import StateDamaged, Unrecorded


@contextlib.contextmanager
def done(words: str, hint: str) -> Iterator[None]:
    """Within it stands what is only recorded by now: where the database does not take it, the error says what was done
    (`words`) and where to look before it is done again."""
    try:
        yield
    except Unrecorded:
        raise
    except StateDamaged as error:
        raise Unrecorded(f"{words}; not recorded: {error.message}", hint=hint) from error
