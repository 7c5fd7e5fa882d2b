"""The settings of notices that counted last: they go on counting while the user's file is wrong.

An edit that is half done, or one mistyped word, must not cost a call: what was decided over the wrong channels is not
decided again.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from tmuxagents import config
from tmuxagents.drivers import files
from tmuxagents.errors import ConfigInvalid
from tmuxagents.services.app import CONFIG_WRONG, App

if TYPE_CHECKING:
    from tmuxagents.config_notices import Notices

KEPT = "notices.json"
_LONGEST = 65_536


def notices(app: App, *, keep: bool) -> tuple[Notices, str]:
    """The user's, and what is wrong with the file: then those that counted last hold, or the defaults. With `keep` that
    is written down for whoever comes next: only one may at a time."""
    try:
        wanted, wrong = config.notices(config.path()), ""
    except ConfigInvalid as error:
        wanted, wrong = _last(app), error.message
    if keep:
        # On a full disk what was written down before stays.
        with contextlib.suppress(OSError):
            _note(app, wanted, wrong)
    return wanted, wrong


def remark(app: App) -> None:
    """Tell whoever reads that the file was wrong when somebody was to be called, unless it was changed since."""
    seen = files.read_from(app.state / CONFIG_WRONG, 0, _LONGEST).decode(errors="replace")
    when, _, words = seen.partition(" ")
    if words and when == _changed():
        app.remark(f"{words}; notices go by what was set before", "tmuxagents config edit")


def _last(app: App) -> Notices:
    import json

    from tmuxagents.config_notices import Notices
    from tmuxagents.model import codec

    try:
        return codec.decode(Notices, json.loads(files.read_from(app.state / KEPT, 0, _LONGEST)))
    except (ValueError, TypeError):
        return Notices()


def _note(app: App, wanted: Notices, wrong: str) -> None:
    if wrong:
        _put(app, CONFIG_WRONG, f"{_changed()} {wrong}")
        return
    import json

    from tmuxagents.model import codec

    (app.state / CONFIG_WRONG).unlink(missing_ok=True)
    _put(app, KEPT, json.dumps(codec.encode(wanted)))


def _put(app: App, name: str, text: str) -> None:
    if files.read_from(app.state / name, 0, _LONGEST) != text.encode(errors="surrogateescape"):
        files.write_whole(app.state / name, text)


def _changed() -> str:
    try:
        return str(config.path().stat().st_mtime_ns)
    except OSError:
        return ""
