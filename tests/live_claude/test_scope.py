"""The real `claude` with a scope."""

from __future__ import annotations

import json
import os

import pytest

from tests.conftest import either_version
from tests.support.fleet import Fleet, eventually
from tests.support.messages_api import MessagesApi
from tests.support.repository import repository

pytestmark = pytest.mark.claude


def _call(claude: Fleet, tool: str, **arguments: str) -> None:
    claude.ok("say", "--wait", "api", f"call: {tool} {json.dumps(arguments)}")


def _notes(claude: Fleet) -> list[str]:
    return [entry["text"] for entry in claude.entries("api") if entry["kind"] == "note"]


@either_version
def test_what_its_tools_would_change_outside_is_refused_and_what_a_shell_does_is_noticed(
    claude: Fleet, api: MessagesApi
) -> None:
    work = repository(claude.work)
    for name in ("in", "out"):
        (work / name).mkdir()
    (work / "out" / "old").write_text("old\n")
    # Also where nothing is asked, and with nobody there to control.
    claude.ok("spawn", "--name", "api", "--scope", "in/**", "--permission-mode", "bypassPermissions", "say: hello")
    claude.wait_for("api", lambda a: a["turns"] == 1)
    claude.ok("controller", "stop")

    claude.ok("say", "--wait", "api", f"write: {work}/out/new")
    results = [result for request in api.requests for result in request.results]
    _call(claude, "Read", file_path=str(work / "out" / "old"))
    _call(claude, "Edit", file_path=str(work / "out" / "old"), old_string="old", new_string="new")
    claude.ok("say", "--wait", "api", f"write: {work}/in/new/file")

    assert not (work / "out" / "new").exists()
    assert (work / "out" / "old").read_text() == "old\n"
    assert (work / "in" / "new" / "file").read_text() == "scripted\n"
    assert "'out/new' is outside the scope of this agent (in/**)" in str(results)
    refused = "refused, it is outside its scope: "
    eventually(lambda: _notes(claude) == [f"{refused}Write: out/new", f"{refused}Edit: out/old"])

    claude.ok("controller", "start")
    os.mkfifo(claude.root / "held")
    claude.ok("say", "api", f"bash: echo x > out/by-shell; cat {claude.root}/held")
    assert claude.wait_for("api", lambda a: a["outside_scope"])["state"] == "working", "noticed while the command runs"
    assert "changed outside its scope: out/by-shell" in str(_notes(claude))
