"""The whole difference of one agent, as the user's own git shows it."""

from __future__ import annotations

import os
from collections.abc import Mapping

from tmuxagents.drivers.git import call, copied, differences, held
from tmuxagents.errors import TmuxagentsError
from tmuxagents.model.agent import Agent
from tmuxagents.services.review import figures
from tmuxagents.services.review.sides import Side
from tmuxagents.value import Value

_MAY_PAINT = {"GIT_PAGER_IN_USE": "true"}
"""By this programs that show a diff in git's place (difftastic) know that they are read at a terminal."""

TO_BE_APPLIED = (
    *("--binary", "--full-index", "--no-ext-diff", "--no-textconv", "--submodule=short"),
    *("--src-prefix=a/", "--dst-prefix=b/"),
)
"""What makes a patch that `git apply` takes, whatever their settings show in its place: as `format-patch` does."""


class Patch(Value):
    """`plain` is what git writes into a file; `colored` the same with its colours, None where none were wanted.
    `within` are the repositories of their own that are not in it, `doing` what is under way there, in words."""

    plain: bytes
    colored: bytes | None
    within: tuple[bytes, ...]
    doing: str | None


def of(side: Side, *words: str, colors: bool) -> Patch:
    """From the base to what lies there now, with the settings, filters and programs of who asked."""
    with copied.opened(side.checkout) as git:
        holds = held.look(git, side.checkout.top)
        before = side.base or differences.empty(holds.tree)

        def run(color: str, env: Mapping[str, str]) -> bytes:
            return git.run("diff", color, *words, before, holds.tree, "--", env=env)

        colored = run("--color", _MAY_PAINT) if colors else None
        return Patch(run("--no-color", {}), colored, tuple(holds.within), figures.under_way(side.checkout, holds))


def unasked(agent: Agent) -> str:
    """What the agent has done, as a patch, looked at with nothing of its repository's settings, filters or programs."""
    with figures.looked([agent], one_by_one=True) as found:
        now = found[0][1]
        if isinstance(now, TmuxagentsError):
            raise now
        before = now.side.base or differences.empty(now.held.tree)
        raw = now.git.run("diff", "--no-color", *TO_BE_APPLIED, before, now.held.tree, "--")
    return raw.decode("utf-8", "replace")


def pager(side: Side) -> str:
    """The command that their git shows a diff through; empty where it shows it as it is."""
    top = side.checkout.top
    chosen = call.asked(top, "config", "--get", "pager.diff", good=(0, 1)).decode(errors="replace").strip()
    if chosen.lower() in ("false", "no", "off", "0"):
        return ""
    if chosen and chosen.lower() not in ("true", "yes", "on", "1") and not os.environ.get("GIT_PAGER"):
        return chosen
    return call.asked(top, "var", "GIT_PAGER").decode(errors="replace").strip()


def wants_color(side: Side) -> bool:
    """Whether their git would paint a diff at a terminal."""
    return call.asked(side.checkout.top, "config", "--get-colorbool", "color.diff", "true").strip() == b"true"
