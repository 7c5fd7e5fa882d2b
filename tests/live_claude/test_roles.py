"""What a role says reaches the real program, at every start."""

from __future__ import annotations

import json

from tests.conftest import either_version
from tests.support.fleet import Fleet
from tests.support.messages_api import MessagesApi


@either_version
def test_the_instructions_of_a_role_stand_in_the_system_prompt_also_after_a_resume(
    claude: Fleet, api: MessagesApi
) -> None:
    (claude.home / "config.toml").write_text('[role.reviewer]\ninstructions = "You are the ninth reviewer."\n')

    claude.ok("spawn", "--name", "api", "--role", "reviewer", "say: hello")
    claude.wait_state("api", "idle")
    claude.ok("stop", "api")
    claude.ok("resume", "api")
    claude.ok("say", "api", "--wait", "say: again")

    said = [request for request in api.requests if request.prompt in ("say: hello", "say: again")]
    assert len(said) >= 2
    assert all("You are the ninth reviewer." in json.dumps(request.body["system"]) for request in said)
    assert claude.agent("api")["role"] == "reviewer"
