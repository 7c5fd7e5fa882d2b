"""What is said to the real `claude` arrives as it was given, or is refused with the reason."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

from tests.support.chair import Seat
from tests.support.fleet import Fleet, eventually, person
from tests.support.messages_api import MessagesApi, as_claude_shows, as_said

pytestmark = pytest.mark.claude

# In front, behind and inside: what the input box takes for something else than text.
EXACT = [
    "# note C:\\dir\\",
    "? what two \\\\",
    "& run\nrows that end\\",
    "> quoted, see @",
    "!ls see @no",
    "/a/b is a path, a smile :sm",
    "@notes.txt",
    "/clear/now",
    "then\n/clear",
    "  a -- b, it ends with /cl  ",
]


def test_texts_that_mean_something_to_the_input_box_arrive_exactly(claude: Fleet, api: MessagesApi) -> None:
    (claude.work / "notes.txt").write_text("notes\n")
    agent = _idle(claude)

    for text in EXACT:
        claude.ok("say", agent, "--wait", "--", text)

    assert [as_said(request.prompt) for request in api.requests] == [as_claude_shows(text) for text in EXACT]


def test_a_command_that_the_menu_does_not_show_is_refused_and_the_box_left_empty(seat: Seat) -> None:
    claude, api, agent = seat

    for text in ("/cl", "/", "/zzz with words", " /co"):
        ran = claude("say", agent, text)
        assert ran.code == 3, text
        assert f"'{text.split()[0]}' is not among its commands" in ran.out + ran.err
        assert "put a word in front" in ran.out + ran.err
        assert re.search(r"❯\s*\n─", claude.screen(agent)), text

    assert "/clear" in claude("say", agent, "/cl").out
    assert api.requests == []


@pytest.mark.soak
def test_a_command_of_one_s_own_is_sent_with_its_arguments(claude: Fleet, api: MessagesApi) -> None:
    commands = claude.home / ".claude" / "commands"
    commands.mkdir(parents=True)
    (commands / "mine.md").write_text("do mine $ARGUMENTS")
    agent = _idle(claude)

    claude.ok("say", agent, "--wait", "/mine with words")

    assert [as_said(request.prompt) for request in api.requests] == ["do mine with words"]


@pytest.mark.soak
def test_the_commands_of_plugins_and_servers_are_known_by_the_names_that_the_program_takes(
    claude: Fleet, api: MessagesApi
) -> None:
    agent = claude.ok("spawn", "-q", "--", *_plugin(claude.root), *_server(claude.root)).out.strip()
    claude.wait_state(agent, "idle")

    claude.ok("say", agent, "--wait", "/plug:hey you")
    # A server's prompts are in the menu when it has been asked for them.
    eventually(lambda: claude("say", agent, "--wait", "/mcp__srv__greet").code == 0, 20)
    shown = claude("say", agent, "/srv:greet")

    assert [as_said(request.prompt) for request in api.requests] == ["hey from the plugin you", "the server greets"]
    assert shown.code == 3
    assert "/mcp__srv__greet" in shown.out


def test_the_panel_of_a_command_is_told_and_closed_and_needs_nobody(seat: Seat) -> None:
    claude, _, agent = seat

    ran = claude.ok("say", agent, "/cost")

    assert "/cost opened a panel, which was closed again" in ran.out
    assert any("/cost showed:" in e["text"] and "cost" in e["text"] for e in claude.entries(agent, "--only", "note"))
    claude.wait_state(agent, "idle")
    assert claude.ok("say", agent, "--wait", "say: still here").out == "still here\n"


@pytest.mark.soak
def test_panels_of_commands_said_in_a_turn_are_closed_and_neither_stop_it_nor_swallow_what_follows(seat: Seat) -> None:
    claude, _, agent = seat
    claude.ok("say", agent, "slow: 4 late")

    at_once = claude.ok("say", agent, "/cost")
    at_the_end = claude.ok("say", agent, "/help")
    claude.ok("say", agent, "--when-idle", "say: behind")

    # On a busy machine it goes a moment after the verdict: a second Escape would interrupt the turn.
    assert "/cost opened a panel, which " in at_once.out
    assert "queued" in at_the_end.out
    claude.wait_for(agent, lambda a: a["last_text"] == "behind")
    assert "late" in [entry["text"] for entry in claude.entries(agent, "--only", "text")]


@pytest.mark.soak
def test_a_panel_that_nobody_closes_is_waited_on_and_left_by_deny(seat: Seat) -> None:
    claude, _, agent = seat
    claude.tmux("send-keys", "-t", claude.pane(agent), "-l", "/help")
    eventually(lambda: "/help  " in claude.screen(agent))
    claude.tmux("send-keys", "-t", claude.pane(agent), "Enter")
    claude.wait_state(agent, "waiting")

    approved = claude("approve", agent)
    claude.ok("deny", agent)

    assert approved.code == 3
    assert f"tmuxagents deny {agent}" in approved.err
    claude.wait_state(agent, "idle")
    assert claude.ok("say", agent, "--wait", "say: still here").out == "still here\n"


def test_a_command_that_ends_it_says_so(claude: Fleet) -> None:
    agent = _idle(claude)

    ran = claude.ok("say", agent, "/exit")

    assert "it ended its program" in ran.out
    claude.wait_state(agent, "ended")


def test_a_picture_s_path_that_would_become_the_picture_is_refused(seat: Seat) -> None:
    claude, api, agent = seat
    path = claude.work / "picture.png"
    _picture(path)

    ran = claude("say", agent, str(path))

    assert ran.code == 3
    assert "did not take the text as it is" in ran.out + ran.err
    assert re.search(r"❯\s*\n─", claude.screen(agent))
    assert api.requests == []


def test_a_small_terminal_changes_nothing_and_keeps_its_size(seat: Seat) -> None:
    claude, api, agent = seat
    long = " ".join(f"word{n:03}" for n in range(90))

    with person(claude, agent, columns=40, rows=10):
        eventually(lambda: _size(claude, agent) == "40x9", 10)
        claude.ok("say", agent, "--wait", long)
        eventually(lambda: _size(claude, agent) == "40x9", 10)
    eventually(lambda: claude.tmux("list-clients") == "", 10)
    claude.ok("say", agent, "--wait", f"{long} again")

    assert [as_said(request.prompt) for request in api.requests] == [long, f"{long} again"]
    assert _size(claude, agent) == "200x50"


def _size(claude: Fleet, agent: str) -> str:
    return claude.tmux("display-message", "-p", "-t", claude.pane(agent), "#{pane_width}x#{pane_height}").strip()


def _idle(claude: Fleet) -> str:
    agent = claude.ok("spawn", "-q").out.strip()
    claude.wait_state(agent, "idle")
    return agent


def _plugin(root: Path) -> list[str]:
    plugin = root / "plug"
    for name, text in {
        ".claude-plugin/plugin.json": '{"name": "plug", "version": "1.0.0", "description": "a plugin"}',
        "commands/hey.md": "---\ndescription: says hey\n---\nhey from the plugin $ARGUMENTS",
    }.items():
        (plugin / name).parent.mkdir(parents=True)
        (plugin / name).write_text(text)
    return ["--plugin-dir", str(plugin)]


_SERVER = """
import json, sys
ANSWERS = {
    "initialize": {"protocolVersion": "2025-06-18", "capabilities": {"prompts": {}},
                   "serverInfo": {"name": "srv", "version": "1"}},
    "prompts/list": {"prompts": [{"name": "greet", "description": "greets"}]},
    "prompts/get": {"messages": [{"role": "user", "content": {"type": "text", "text": "the server greets"}}]},
}
for line in sys.stdin:
    asked = json.loads(line)
    if "id" in asked:
        answer = {"jsonrpc": "2.0", "id": asked["id"], "result": ANSWERS.get(asked["method"], {})}
        print(json.dumps(answer), flush=True)
"""


def _server(root: Path) -> list[str]:
    program, configured = root / "server.py", root / "mcp.json"
    program.write_text(_SERVER)
    server = {"command": sys.executable, "args": [str(program)]}
    configured.write_text(json.dumps({"mcpServers": {"srv": server}}))
    return ["--mcp-config", str(configured)]


def _picture(path: Path) -> None:
    """A red square, as PNG."""
    import struct
    import zlib

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    rows = zlib.compress(b"".join(b"\0" + b"\xff\0\0" * 16 for _ in range(16)))
    head = struct.pack(">IIBBBBB", 16, 16, 8, 2, 0, 0, 0)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b""))
