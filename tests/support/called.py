"""A person who is to be called: the configuration, the programs that would call them, and what has arrived."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.fleet import Fleet, eventually

_NOTIFY_SEND = """#!/bin/sh
if [ "$1" = --help ]; then echo "  -A, --action=[NAME=]Text..."; exit; fi
for word; do printf '%s\\n' "$word"; done > "{root}/desktop.$$"
mv "{root}/desktop.$$" "{root}/desktop/$$"
while [ -e "{root}/stands" ]; do sleep 0.05; done
cat "{root}/pressed" 2>/dev/null || :
"""

_COMMAND = """#!/bin/sh
cat > "{root}/command.$$"
mv "{root}/command.$$" "{root}/command/$$"
"""


@dataclass(frozen=True, slots=True)
class Called:
    """What has arrived over each channel of a fleet."""

    fleet: Fleet

    def command(self) -> list[dict[str, Any]]:
        """What the user's command was given."""
        return [json.loads(path.read_text()) for path in sorted((self.fleet.root / "command").iterdir())]

    def desktop(self) -> list[list[str]]:
        """The arguments of each `notify-send`."""
        return [path.read_text().splitlines() for path in sorted((self.fleet.root / "desktop").iterdir())]

    def recorded(self) -> list[dict[str, Any]]:
        """The table of notices, less those of a kind that nobody asked for."""
        return self._rows("SELECT * FROM notices WHERE why IS NOT 'not asked for' ORDER BY number")

    def sendings(self) -> list[dict[str, Any]]:
        """What became of each on each channel."""
        return self._rows(
            "SELECT s.*, n.id FROM notice_sendings s JOIN notices n ON n.number = s.notice ORDER BY notice"
        )

    def settled(self, count: int) -> list[dict[str, Any]]:
        """The sendings when so many notices are recorded, all of them decided upon and none under way."""

        def done() -> list[dict[str, Any]] | None:
            known, sendings = self.recorded(), self.sendings()
            decided = len(known) == count and all(row["stage"] != "due" for row in known)
            return (
                sendings if decided and all(row["state"] in ("sent", "failed", "dropped") for row in sendings) else None
            )

        found: list[dict[str, Any]] = eventually(lambda: done() is not None, explain=self._explain) and self.sendings()
        return found

    def _explain(self) -> str:
        log = self.fleet.state / "controller.log"
        return f"{self.recorded()}\n{self.sendings()}\n{log.read_text() if log.exists() else ''}"

    def _rows(self, sql: str) -> list[dict[str, Any]]:
        connection = sqlite3.connect(self.fleet.state / "tmuxagents.db")
        connection.row_factory = sqlite3.Row
        try:
            return [dict(row) for row in connection.execute(sql)]
        finally:
            connection.close()


def configure(fleet: Fleet, **settings: Any) -> Called:
    """Write the table `[notices]`; before the fleet's first command, so that its server finds the programs."""
    lines = [f"{key} = {json.dumps(value)}" for key, value in settings.items()]
    Path(fleet.env["TMUXAGENTS_CONFIG"]).write_text("\n".join(["[notices]", *lines]) + "\n")
    folder = fleet.root / "programs"
    if not folder.exists():
        folder.mkdir()
        for name, text in (("notify-send", _NOTIFY_SEND), ("call-me", _COMMAND)):
            (folder / name).write_text(text.format(root=fleet.root))
            (folder / name).chmod(0o755)
        for name in ("command", "desktop"):
            (fleet.root / name).mkdir()
        fleet.env["PATH"] = f"{folder}:{fleet.env['PATH']}"
    return Called(fleet)
