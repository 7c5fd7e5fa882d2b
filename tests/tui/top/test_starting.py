"""What came of a command that starts agents, in one line."""

from __future__ import annotations

import json
import sys
from typing import cast

import pytest

from tmuxagents.services.app import App
from tmuxagents.tui.top import starting


def agents(*states: str) -> str:
    """What `spawn --json` prints."""
    return json.dumps({"agents": [{"name": f"a-{n}", "id": f"i-{n}", "state": s} for n, s in enumerate(states)]})


@pytest.mark.parametrize(
    ("code", "out", "err", "words", "good", "new"),
    [
        (0, agents("starting"), "", "started a-0", True, "i-0"),
        (0, agents("queued"), "", "queued a-0", True, "i-0"),
        (0, agents("starting"), "tmuxagents: so it is\nhint: ls\n", "started a-0; so it is; ls", True, "i-0"),
        (1, "", "tmuxagents: no\nhint: tmuxagents ls\n", "no; tmuxagents ls", False, ""),
        # What was started is not to be in the line once more.
        (1, agents("failed", "starting"), "tmuxagents: a-0 failed\n", "started a-0, a-1; a-0 failed", True, "i-0"),
        (-9, "", "", "it ended with -9", False, ""),
        (0, "Usage: spawn\n  Start", "", "Usage: spawn Start", True, ""),
        (1, "[1]", "no\x1b[2J", "no", False, ""),
    ],
)
def test_one_line_tells_it(code: int, out: str, err: str, words: str, good: bool, new: str) -> None:
    done = starting.told(code, out, err)

    assert (done.words, done.good, done.new) == (words, good, new)
    assert done.pale == (good and code != 0)


def test_a_task_that_is_too_long_to_be_handed_over_is_refused() -> None:
    nobody = cast("App", None)
    done = starting.spawn([sys.executable, "-c", "pass", "x" * 3_000_000])(nobody)

    assert not done.good
    assert "Argument list too long" in done.words
