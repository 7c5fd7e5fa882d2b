"""Send a notice over one channel, once."""

from __future__ import annotations

import json

from tmuxagents import __version__
from tmuxagents.config_notices import Notices
from tmuxagents.drivers.notices.outcome import Outcome
from tmuxagents.model.notice import Notice
from tmuxagents.services.app import App, is_usual
from tmuxagents.services.notices import words

_PRIORITIES = {"needs": "high", "failed": "high", "lost": "high"}
_NOT_SET = Outcome(False, "it is not configured any more")


def send(app: App, channel: str, notice: Notice, wanted: Notices, *, escalated: bool = False) -> Outcome:
    """Have it arrive there; takes as long as that channel may take."""
    with_text = wanted.include == "text"
    fleet = "" if is_usual(app) else str(app.state)
    # Where the fleet's files are leaves the machine only where what is asked may.
    away = fleet if with_text else ""
    match channel:
        case "tmux":
            from tmuxagents.drivers.notices import tmux_message

            return tmux_message.send(app.server, lambda width: words.line(notice, fleet, width=width))
        case "osc":
            from tmuxagents.drivers.notices import osc

            return osc.send(app.server, words.for_terminal(notice, with_text=with_text, fleet=fleet), wanted.osc)
        case "desktop":
            from tmuxagents.drivers.notices import desktop

            return desktop.send(words.for_desktop(notice, str(app.state), fleet))
        case "command":
            return _by_command(notice, wanted, escalated, fleet)
        case "webhook":
            return _by_webhook(notice, wanted, escalated, with_text, away)
        case "ntfy":
            return _by_ntfy(notice, wanted, with_text, away)
        case _:
            return Outcome(False, f"this version knows no channel '{channel}'")


def _by_command(notice: Notice, wanted: Notices, escalated: bool, fleet: str) -> Outcome:
    """It runs here, as the user: it is told what is asked."""
    from tmuxagents.drivers.notices import child

    if not wanted.command:
        return _NOT_SET
    told = words.as_json(notice, escalated=escalated, with_text=True, fleet=fleet)
    return child.run(wanted.command, json.dumps(told).encode() + b"\n")


def _by_webhook(notice: Notice, wanted: Notices, escalated: bool, with_text: bool, fleet: str) -> Outcome:
    from tmuxagents.drivers.notices import http

    if not wanted.webhook:
        return _NOT_SET
    told = json.dumps(words.as_json(notice, escalated=escalated, with_text=with_text, fleet=fleet)).encode()
    headers = {"Content-Type": "application/json", "Idempotency-Key": notice.id, "User-Agent": _AGENT}
    return http.post(wanted.webhook, told, headers)


def _by_ntfy(notice: Notice, wanted: Notices, with_text: bool, fleet: str) -> Outcome:
    from tmuxagents.drivers.notices import http

    if not wanted.ntfy:
        return _NOT_SET
    headers = {
        "Title": words.headline(notice),
        "Priority": _PRIORITIES.get(notice.new.kind, "default"),
        "Tags": notice.new.kind,
        # Newer servers update a message that comes again with the same one.
        "X-Sequence-ID": notice.id,
        "User-Agent": _AGENT,
    }
    return http.post(
        wanted.ntfy, words.body(notice, with_text=with_text, fleet=fleet).encode("utf-8", "replace"), headers
    )


_AGENT = f"tmuxagents/{__version__}"
