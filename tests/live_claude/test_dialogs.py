"""Dialogs of the real `claude`: what is told is what is asked, and a decision settles that and nothing else.

A round is a prompt that opens several requests at once, a verb, and a person's key. What it must show is
an account: the tools that ran are those that were told approved, those that the person's key approved and
those that were told unconfirmed. The rounds of one version share one agent.
"""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import claude_program, either_version
from tests.support import fleet as fleets
from tests.support.fleet import Fleet, Keyboard, Roots, eventually, person
from tests.support.messages_api import MessagesApi
from tmuxagents.kinds import registry

pytestmark = pytest.mark.claude

SHAPES = ("reads", "fetches", "subagents")
VERBS = ("approve", "deny", "answer")


@dataclass(slots=True)
class Desk:
    """One agent, its API, and somebody at its keyboard."""

    fleet: Fleet
    api: MessagesApi
    keyboard: Keyboard
    agent: str
    rounds: Iterator[int] = field(default_factory=itertools.count)

    def clear(self) -> None:
        """Settle and close what an earlier round has left: one that fails is one failure."""
        for _ in range(12):
            if self.open():
                self.fleet("deny", self.agent, "not that one")
            elif registry.kind("claude").read_screen(self.fleet.screen(self.agent).splitlines()).draft is None:
                # A late key of the person's may have opened a list, and two do.
                self.keyboard.type("\x1b")
                time.sleep(0.5)
            else:
                break
        self.fleet("wait", self.agent, "--timeout", "60")

    def ask(self, shape: str) -> list[str]:
        """Have three requests opened; returns the words that tell them apart."""
        self.clear()
        number = next(self.rounds)
        words = [f"{shape}{number}x{i}" for i in range(3)]
        outside = self.fleet.root / "outside"
        outside.mkdir(exist_ok=True)
        calls: list[tuple[str, dict[str, Any]]] = []
        for word in words:
            if shape == "reads":
                (outside / word).write_text("secret")
                calls.append(("Read", {"file_path": str(outside / word)}))
            elif shape == "fetches":
                calls.append(("WebFetch", {"url": f"http://127.0.0.1:9/{word}", "prompt": "read it"}))
            else:
                task = {"description": word, "prompt": f"bash: touch {word}", "subagent_type": "general-purpose"}
                calls.append(("Task", task))
        self.give(calls)
        eventually(lambda: self.open() == 3, 30, lambda: self.fleet.screen(self.agent))
        return words

    def give(self, calls: list[tuple[str, dict[str, Any]]]) -> None:
        """Have it make these calls."""
        ran = self.fleet("say", self.agent, "-", stdin=f"calls: {json.dumps(calls)}")
        assert ran.code == 0, ran.err

    def open(self) -> int:
        """How many requests wait."""
        found: int = self.fleet.agent(self.agent)["open_requests"]
        return found

    def press(self, key: str) -> bool:
        """The person's key, where a dialog is on the screen for it."""
        shown = "1. Yes" in self.fleet.screen(self.agent)
        if shown:
            self.keyboard.type(key)
        return shown

    def ran(self, words: list[str]) -> set[str]:
        """Which of the calls were carried out, by the program's own transcripts, those of subagents too. What the
        model was sent does not tell: a turn that a person ends with Escape sends nothing more."""
        inputs: dict[str, str] = {}
        results: dict[str, str] = {}
        for transcript in self.fleet.home.glob(".claude/projects/**/*.jsonl"):
            for line in transcript.read_text().splitlines():
                message = json.loads(line).get("message") or {}
                for block in message["content"] if isinstance(message.get("content"), list) else []:
                    if block.get("type") == "tool_use":
                        inputs[block["id"]] = json.dumps(block["input"])
                    elif block.get("type") == "tool_result":
                        results[block["tool_use_id"]] = json.dumps(block.get("content"))
        refused = ("doesn't want to", "said no", "denied", "not that one")
        done = {i for i, result in results.items() if not any(word in result for word in refused)}
        own = {i: text for i, text in inputs.items() if "subagent_type" not in text}
        return {word for word in words if any(word in own.get(i, "") for i in done)}


@pytest.fixture(scope="module", params=["oldest", "newest"])
def desk(request: pytest.FixtureRequest, roots: Roots) -> Iterator[Desk]:
    with ExitStack() as stack:
        folder, api = stack.enter_context(roots()), stack.enter_context(MessagesApi())
        fleet = fleets.make_claude(folder, program=claude_program(str(request.param)), url=api.url)
        stack.callback(fleet.end)
        fleet.ok("spawn", "--permission-mode", "default")
        fleet.wait_state("agent-1", "idle")
        keyboard = stack.enter_context(person(fleet, "agent-1"))
        yield Desk(fleet, api, keyboard, "agent-1")


def _verb(desk: Desk, verb: str) -> list[str]:
    return {
        "approve": ["approve", desk.agent, "--json"],
        "deny": ["deny", "--json", desk.agent, "not that one"],
        "answer": ["answer", desk.agent, "1", "--json"],
    }[verb]


def _account(desk: Desk, words: list[str], verb: str, key: str, after: float) -> None:
    """Play the round, settle what is left, and compare what was told with what ran."""
    asked = len(desk.api.prompts)
    deciding = desk.fleet.start(*_verb(desk, verb))
    time.sleep(after)  # the shifted moment is what the round is about
    shown = desk.press(key)
    try:
        out, err = deciding.communicate(timeout=60)
    finally:
        deciding.kill()
    told: list[tuple[str, str]] = []  # verdict, what
    told += [(r["verdict"], str(r["what"])) for r in json.loads(out)["results"]] if out else []
    for left in itertools.count():
        if not desk.open():
            break
        assert left < 9, told
        more = desk.fleet("deny", "--json", desk.agent, "not that one")
        told += [(r["verdict"], str(r["what"])) for r in more.json["results"]]
    desk.fleet.ok("wait", desk.agent, "--timeout", "60")

    ran = desk.ran(words)
    named = {w for w in words for verdict, what in told if verdict in ("approved", "answered", "began") and w in what}
    unsure = {w for w in words for verdict, what in told if verdict == "unconfirmed" and w in what}
    by_key = ran - named - unsure
    assert named <= ran, f"told approved and did not run: {named - ran}\n{told}\n{err}"
    assert len(by_key) <= (1 if shown and key == "1" else 0), f"ran and nobody said so: {by_key}\n{told}\n{err}"
    assert not any(verdict == "denied" and w in what for w in ran for verdict, what in told), told
    _nothing_strayed(desk, asked)


def _nothing_strayed(desk: Desk, asked: int) -> None:
    """Nothing was submitted, and nothing of ours stands in the input box."""
    assert [p for p in desk.api.prompts[asked:] if not p.startswith(("bash: touch", "<task", "calls:"))] == []
    box = [row for row in desk.fleet.screen(desk.agent).splitlines() if row.startswith("❯")][-1]
    assert box.strip("❯ \xa0") == ""


@pytest.mark.parametrize(
    ("desk", "shape", "verb"),
    [
        # Each shape and each verb once, half of them on either version: the soak has every one at every moment.
        pytest.param(
            ("oldest", "newest")[version],
            SHAPES[shape],
            VERBS[verb],
            marks=[] if shape == verb and shape % 2 == version else pytest.mark.soak,
        )
        for version, shape, verb in itertools.product(range(2), range(3), range(3))
    ],
    indirect=["desk"],
    scope="module",
)
def test_what_ran_is_what_was_told_with_a_persons_key_in_between(desk: Desk, shape: str, verb: str) -> None:
    words = desk.ask(shape)
    _account(desk, words, verb, "1", 0.15)


@pytest.mark.soak
@pytest.mark.parametrize("key", ["1", "\x1b"])
@pytest.mark.parametrize("moment", range(12))
@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("shape", SHAPES)
def test_at_every_moment(desk: Desk, shape: str, verb: str, moment: int, key: str) -> None:
    words = desk.ask(shape)
    _account(desk, words, verb, key, moment * 0.06)


@pytest.mark.soak
def test_what_a_round_leaves_open_is_settled_before_the_next(desk: Desk) -> None:
    desk.ask("subagents")
    desk.ask("reads")
    words = desk.ask("fetches")

    _account(desk, words, "deny", "1", 2.0)


@pytest.mark.soak
@pytest.mark.parametrize("shape", ["one after another", "at once", "subagents"])
def test_the_same_thing_asked_three_times_is_settled_one_by_one(desk: Desk, shape: str) -> None:
    """Each is told as it was decided, and by whom."""
    desk.clear()
    word = f"same{next(desk.rounds)}"
    since = max((entry["seq"] for entry in desk.fleet.entries()), default=0)
    bash = f"echo ran >> {word}"
    outside = desk.fleet.root / "outside"
    outside.mkdir(exist_ok=True)
    (outside / word).write_text("secret")
    desk.give(
        {
            "one after another": [("Bash", {"command": bash, "description": "the same"})] * 3,
            "at once": [("Read", {"file_path": str(outside / word)})] * 3,
            "subagents": [
                ("Task", {"description": "same", "prompt": f"bash: {bash}", "subagent_type": "general-purpose"})
            ]
            * 3,
        }[shape]
    )

    told = []
    for decided in (["approve", desk.agent], ["deny", desk.agent, "not that one"], ["approve", desk.agent]):
        eventually(lambda: desk.open() > 0, 30, lambda: desk.fleet.screen(desk.agent))
        told += desk.fleet.ok(decided[0], "--json", *decided[1:]).json["results"]
    desk.fleet.ok("wait", desk.agent, "--timeout", "60")

    verdicts = [one["verdict"].replace("began", "approved") for one in told]
    assert verdicts == ["approved", "denied", "approved"], told
    if shape != "at once":
        assert (desk.fleet.work / word).read_text().splitlines() == ["ran"] * 2
    new = [entry for entry in desk.fleet.entries("--only", "decision,note") if entry["seq"] > since]
    assert [(e["kind"], e["detail"].get("how"), e["detail"].get("by")) for e in new] == [
        ("decision", how, "you") for how in ("approved", "denied", "approved")
    ]


@pytest.mark.soak
def test_a_subagents_tool_that_ran_and_failed_is_told_approved(desk: Desk) -> None:
    desk.clear()
    task = {"description": "fails", "prompt": "bash: touch failing && exit 3", "subagent_type": "general-purpose"}
    desk.give([("Task", task)])
    eventually(lambda: desk.open() == 1, 30, lambda: desk.fleet.screen(desk.agent))

    ran = desk.fleet("approve", desk.agent, "--json").json["results"][0]
    desk.fleet.ok("wait", desk.agent, "--timeout", "60")

    assert ran["verdict"] in ("approved", "began"), ran
    assert (desk.fleet.work / "failing").exists()
    assert desk.fleet.entries("--only", "decision")[-1]["detail"]["how"] == "approved"


@pytest.mark.soak
def test_a_subagents_request_that_escape_refused_is_told_denied_at_the_window(desk: Desk) -> None:
    words = desk.ask("subagents")
    if not desk.press("\x1b"):
        pytest.skip("2.1.330 shows no dialog for a subagent in the background")

    eventually(lambda: desk.open() == 2, 30, lambda: desk.fleet.screen(desk.agent))
    (denied,) = eventually(
        lambda: [e for e in desk.fleet.entries("--only", "decision") if any(w in e["text"] for w in words)]
    )

    assert denied["text"].startswith("denied: ")
    assert denied["text"].endswith(", at its window")


@pytest.mark.soak
def test_a_subagents_request_that_is_denied_for_a_reason_is_told_denied(desk: Desk) -> None:
    words = desk.ask("subagents")

    told = []
    for _ in words:
        told += desk.fleet.ok("deny", "--json", desk.agent, "not that one").json["results"]
    desk.fleet.ok("wait", desk.agent, "--timeout", "60")

    assert [one["verdict"] for one in told] == ["denied"] * 3
    assert desk.ran(words) == set()


@pytest.mark.soak
def test_each_approval_names_the_one_that_runs_until_none_is_left(desk: Desk) -> None:
    words = desk.ask("reads")

    told = []
    for left in (3, 2, 1):
        assert desk.open() == left
        told.append(desk.fleet.ok("approve", desk.agent, "--json").json["results"][0]["what"])
    desk.fleet.ok("wait", desk.agent, "--timeout", "60")

    assert [sum(word in what for what in told) for word in words] == [1, 1, 1]
    assert desk.ran(words) == set(words)


def test_what_is_told_is_the_dialog_on_the_screen_and_the_others_are_counted(desk: Desk) -> None:
    words = desk.ask("reads")

    def agrees() -> bool:
        told = desk.fleet.agent(desk.agent)["reason"]
        (word,) = [w for w in words if w in told]
        return f"/{word})" in desk.fleet.screen(desk.agent).partition("Do you want")[0].rpartition("Read file")[2]

    eventually(agrees, 10, lambda: desk.fleet.screen(desk.agent))
    assert "needs permission (1 of 3)" in desk.fleet.ok("ls").out
    while desk.open():
        desk.fleet.ok("approve", desk.agent)
    desk.fleet.ok("wait", desk.agent, "--timeout", "60")
    entries = desk.fleet.entries("--only", "needs")
    assert [sum(word in e["text"] for e in entries) for word in words] == [1, 1, 1]


def test_a_tool_that_takes_a_minute_is_told_to_have_begun(desk: Desk, tmp_path: Path) -> None:
    wanted = tmp_path / "go"
    command = f"touch begun; until [ -e {wanted} ]; do sleep 0.1; done"
    desk.fleet.ok("say", desk.agent, f"bash: {command}")
    eventually(lambda: desk.open() == 1, 30)

    # tmux tells a person's keys in whole seconds, and to attach is one.
    clients = ("list-clients", "-F", "#{client_activity}")
    eventually(lambda: time.time() - int(desk.fleet.tmux(*clients).split()[0]) > 2.5, 20)

    settled = desk.fleet.ok("approve", desk.agent, "--json").json["results"][0]
    state = desk.fleet.agent(desk.agent)["state"]
    wanted.touch()

    assert settled["verdict"] == "began"
    assert command[:20] in settled["what"]
    assert (settled["next"], state) == (None, "working")
    desk.fleet.ok("wait", desk.agent, "--timeout", "60")


def test_of_a_repositorys_servers_only_those_that_were_named_are_started(claude: Fleet) -> None:
    servers = {name: {"command": "touch", "args": [f"started-{name}"]} for name in ("one", "two", "three")}
    (claude.work / ".mcp.json").write_text(json.dumps({"mcpServers": servers}))
    claude.ok("spawn", "say: hello")
    asked = claude.wait_for("agent-1", lambda a: a["needs"] == "trust")
    assert asked["reason"] == "3 new MCP servers found in this project"

    claude.ok("answer", "agent-1", "one,three")

    claude.wait_for("agent-1", lambda a: a["turns"] == 1)
    eventually(lambda: len(list(claude.work.glob("started-*"))) == 2)
    assert sorted(path.name for path in claude.work.glob("started-*")) == ["started-one", "started-three"]


@either_version
def test_a_server_that_is_not_offered_is_refused_and_none_is_started(claude: Fleet) -> None:
    servers = {name: {"command": "touch", "args": [f"started-{name}"]} for name in ("one", "two", "three")}
    (claude.work / ".mcp.json").write_text(json.dumps({"mcpServers": servers}))
    claude.ok("spawn", "say: hello")
    claude.wait_for("agent-1", lambda a: a["needs"] == "trust")
    before = claude.screen("agent-1")

    for choice in ("4", "four"):
        refused = claude("answer", "agent-1", choice)
        assert (refused.code, claude.screen("agent-1")) == (3, before), choice

    assert list(claude.work.glob("started-*")) == []
