"""One real `claude` is stuck: the others are on time, and what was held for it arrives when it can."""

from __future__ import annotations

import json

import pytest

from tests.conftest import either_version
from tests.live_claude.test_delivery import _idle
from tests.support.fleet import Fleet, eventually
from tests.survival.test_one_stuck import AT_SPEED, ON_TIME_S, Others

pytestmark = pytest.mark.claude


@pytest.mark.soak
@either_version
def test_while_a_person_reads_its_transcript_the_others_are_on_time_and_it_gets_its_message_after(
    claude: Fleet,
) -> None:
    others = _others(claude)
    name = _idle(claude)
    usual = others.lateness("before")
    pane = claude.pane(name)
    claude.tmux("send-keys", "-t", pane, "C-o")
    eventually(lambda: "ctrl+o to toggle" in claude.screen(name), explain=lambda: claude.screen(name))
    claude.ok("say", name, "--when-idle", "held for you")

    late = others.lateness("first")

    assert late < usual + ON_TIME_S
    assert claude.agent(name)["turns"] == 0
    claude.tmux("send-keys", "-t", pane, "C-o")
    claude.wait_for(name, lambda agent: agent["turns"] == 1)
    assert [entry["text"] for entry in claude.entries(name, "--only", "prompt")] == ["held for you"]


@pytest.mark.soak
@either_version
def test_while_a_hook_of_the_users_hangs_the_others_are_on_time(claude: Fleet) -> None:
    hang = {"hooks": [{"type": "command", "command": "sleep 1000"}]}
    folder = claude.home / ".claude"
    folder.mkdir(exist_ok=True)
    (folder / "settings.json").write_text(json.dumps({"hooks": {"UserPromptSubmit": [hang]}}))
    others = _others(claude)
    name = _idle(claude)
    usual = others.lateness("before")
    claude.ok("say", name, "--when-idle", "the hook hangs")
    eventually(lambda: "the hook hangs" in claude.screen(name))

    late = others.lateness("first")

    assert late < usual + ON_TIME_S


def _others(claude: Fleet) -> Others:
    claude.ok("spawn", "--kind", "demo", "--name", "shows", *AT_SPEED)
    claude.ok("spawn", "--kind", "demo", "--name", "takes", *AT_SPEED)
    claude.ok("wait")
    return Others(claude, shows="shows", takes="takes")
