"""`ls` in its plainest forms, answered without click.

It is what status bars and `watch` ask every second. Importing click costs as much as all the rest
(30 ms beside a bare interpreter's 11). Every other spelling goes through click, to the same `listing.show`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

_PLAIN: Mapping[tuple[str, ...], str] = {
    ("ls",): "",
    ("ls", "--json"): "as_json",
    ("ls", "-q"): "quiet",
    ("ls", "--quiet"): "quiet",
    ("ls", "--summary"): "summary",
}


def answers(argv: Sequence[str]) -> bool:
    """Carry the command out if it is one of these; False, and nothing done, if not."""
    form = _PLAIN.get(tuple(argv))
    if form is None:
        return False
    from tmuxagents.cli import terminal
    from tmuxagents.cli.render import listing
    from tmuxagents.services.app import open_app

    with open_app(None) as app:
        app.tell = terminal.remark
        listing.show(app, (), as_json=form == "as_json", quiet=form == "quiet", summary=form == "summary")
    return True
