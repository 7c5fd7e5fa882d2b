"""A copy of the real `claude`'s conversation goes on beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import either_version
from tests.support.fleet import Fleet
from tests.support.messages_api import MessagesApi
from tests.support.worktrees import commit, everything, git, make, truth

pytestmark = pytest.mark.claude


def _asked(api: MessagesApi, prompt: str) -> dict[str, Any]:
    """What the model was sent with that prompt last."""
    return next(request.body for request in reversed(api.requests) if request.prompt == prompt)


def _prompts(api: MessagesApi, prompt: str) -> list[str]:
    return next(request.prompts for request in reversed(api.requests) if request.prompt == prompt)


def _is_whole(body: dict[str, Any]) -> bool:
    """Whether every tool that was called has a result."""
    blocks = [b for m in body["messages"] if isinstance(m["content"], list) for b in m["content"]]
    called = {b["id"] for b in blocks if b["type"] == "tool_use"}
    return called == {b["tool_use_id"] for b in blocks if b["type"] == "tool_result"}


def _transcript(claude: Fleet, name: str) -> bytes:
    (path,) = (claude.home / ".claude" / "projects").glob(f"*/{claude.agent(name)['conversation']}.jsonl")
    return path.read_bytes()


@either_version
@pytest.mark.soak
def test_both_go_on_their_histories_part_and_nothing_of_the_first_changes(claude: Fleet, api: MessagesApi) -> None:
    main = make(claude.root / "project").main
    options = ("--trust", "--permission-mode", "default")
    claude.ok("spawn", "-w", *options, "-C", str(main), "--name", "api", "say: one")
    claude.wait_for("api", lambda a: a["turns"] == 1)
    tree = Path(claude.agent("api")["dir"])
    (tree / "committed").write_text("x\n")
    commit(tree)
    (tree / "text").write_text("staged\n")
    git(tree, "add", "text")
    (tree / "new").write_text("untracked\n")
    (tree / "other").unlink()
    claude.ok("say", "api", "bash: touch approved")
    claude.wait_for("api", lambda a: a["needs"] == "permission")
    before = everything(tree), git(tree, "for-each-ref"), _transcript(claude, "api"), claude.agent("api")
    admin = everything(Path(git(tree, "rev-parse", "--absolute-git-dir")))

    claude.ok("spawn", "--branch-off", "api", "--trust", "--name", "alt", "say: two")
    alt = claude.wait_for("alt", lambda a: a["turns"] == 1)

    # What was copied was neither said nor paid by the new one.
    told = [
        (entry["kind"], entry["text"]) for entry in claude.entries("alt") if entry["kind"] in ("prompt", "text", "tool")
    ]
    assert told == [("prompt", "say: two"), ("text", "two")]
    assert alt["usage"]["output_tokens"] == api.usage.output_tokens
    assert _prompts(api, "say: two") == ["say: one", "bash: touch approved", "say: two"]
    assert _is_whole(_asked(api, "say: two"))
    new = Path(alt["dir"])
    assert (alt["branch"], alt["worktree"]["into"]) == ("tmuxagents/alt", "main")
    assert alt["conversation"] != before[3]["conversation"]
    assert truth(new) == truth(tree)
    assert git(new, "rev-parse", "HEAD") == git(tree, "rev-parse", "HEAD")
    assert sorted(git(new, "status", "--short").split("\n")) == sorted(["D other", " M text", "?? new"])

    assert everything(tree) == before[0]
    assert everything(Path(git(tree, "rev-parse", "--absolute-git-dir"))) == admin
    refs = git(tree, "for-each-ref").split("\n")
    assert [ref for ref in refs if "/alt" not in ref] == before[1].split("\n")
    # It goes on writing there itself.
    assert _transcript(claude, "api").startswith(before[2])
    now = claude.agent("api")
    same = ("state", "turns", "conversation", "dir", "worktree", "branch", "generation", "pane", "pid")
    assert [now[key] for key in same] == [before[3][key] for key in same]

    claude.ok("approve", "api")
    claude.wait_for("api", lambda a: a["turns"] == 2)
    assert ((tree / "approved").exists(), (new / "approved").exists()) == (True, False)
    claude.ok("say", "--wait", "api", "say: three of api")
    claude.ok("stop", "alt")
    claude.ok("resume", "alt")
    assert claude.ok("say", "--wait", "alt", "say: three of alt").out == "three of alt\n"
    assert _prompts(api, "say: three of api") == ["say: one", "bash: touch approved", "say: three of api"]
    # Behind them it is put that the program was left meanwhile.
    *first, last = _prompts(api, "say: three of alt")
    assert first[:3] == ["say: one", "bash: touch approved", "say: two"]
    assert last.split("\n")[-1] == "say: three of alt"
