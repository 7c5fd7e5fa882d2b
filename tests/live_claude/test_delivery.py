"""Delivery to the real `claude`: every text is one prompt, and the verdict is true."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.conftest import either_chair, either_version
from tests.support.chair import Seat
from tests.support.fleet import Fleet, Ran, eventually, person
from tests.support.messages_api import MessagesApi, as_claude_shows, as_said

pytestmark = pytest.mark.claude


@either_chair
def test_texts_of_every_size_arrive_whole_as_one_prompt(seat: Seat) -> None:
    claude, api, agent = seat
    sizes = [1, 40, 900, 2_000, 20_000]
    texts = [_words(size) for size in sizes] + ["\n".join(f"line {n} of four hundred" for n in range(1, 401))]

    before = claude.agent(agent)["turns"]
    seen = [_delivered(claude, api, agent, text) for text in texts]

    assert claude.agent(agent)["turns"] == before + len(texts)
    assert seen == texts


@either_chair
def test_awkward_texts_arrive_exactly_as_one_prompt(seat: Seat) -> None:
    claude, api, agent = seat
    texts = [
        "-leading dash, and it ends with a semicolon;",
        ";",
        "--file looks like an option, please read the notes of @word",
        "Enter",
        "C-c",
        "cost is $(x) and `y` in #{pane_id} #(date) %1, quotes ' and \" and \\ and ''' too,\ta tab, and\ttwo, "
        "emoji 👩‍👩‍👧‍👦 🏳️‍🌈 and e\u0301 combined, wide 漢字かな交じり文 한국어",
        "a \x1b[201~ paste end and \x1b[A an arrow, \x07 a bell",
        "!important, this is no shell command\r\nwith the line ends of another system",
    ]

    before = claude.agent(agent)["turns"]
    seen = [_delivered(claude, api, agent, text) for text in texts]

    assert claude.agent(agent)["turns"] == before + len(texts)
    assert seen == [as_claude_shows(text) for text in texts]


@either_chair
def test_a_text_over_the_paste_limit_goes_by_file(seat: Seat) -> None:
    claude, api, agent = seat
    text = "first line\n\ttabbed 漢字\n" + _words(200_000)

    prompt = _delivered(claude, api, agent, text)

    path = re.search(r"/\S+\.md", prompt)
    assert path is not None
    assert Path(path[0]).read_bytes() == text.encode()


@pytest.mark.soak
@either_chair
def test_a_text_just_under_the_paste_limit_is_pasted(seat: Seat) -> None:
    claude, api, agent = seat
    text = _words(60_000)

    assert _delivered(claude, api, agent, text) == text


def test_a_busy_agent_queues_and_gets_it(seat: Seat) -> None:
    claude, api, agent = seat
    _busy(claude, agent)

    verdict = _say(claude, agent, "and then this")
    api.release()

    assert verdict["verdict"] == "queued"
    _reaches_the_model(api, "and then this")
    claude.wait_for(agent, lambda a: a["state"] == "idle" and "and then this" in _prompts(claude, agent))
    assert _prompts(claude, agent).count("and then this") == 1


def test_an_open_permission_dialog_refuses_and_the_tool_does_not_run(claude: Fleet, api: MessagesApi) -> None:
    target = claude.work / "made.txt"
    agent = _spawn(claude, f"write: {target}", "--permission-mode", "default")
    claude.wait_for(agent, lambda a: a["needs"] == "permission")

    ran = claude("say", agent, "--json", "no wait, use another name")

    assert ran.code == 3
    assert ran.json["results"][0]["verdict"] == "refused"
    assert "needs permission: Write(made.txt)" in ran.err
    assert f"tmuxagents approve {agent}" in ran.err
    assert claude.agent(agent)["needs"] == "permission"
    assert not target.exists()
    assert "no wait" not in "\n".join(api.prompts)


@pytest.mark.soak
@either_chair
def test_after_an_interrupt_the_new_text_alone_arrives(seat: Seat) -> None:
    claude, api, agent = seat
    old = _busy(claude, agent)
    claude.ok("interrupt", agent)
    # Claude has put the interrupted prompt back into its input box.
    eventually(lambda: old in _box(claude, agent), 5, lambda: claude.screen(agent))

    seen = _delivered(claude, api, agent, "something else")

    assert seen == "something else"
    assert any(old in note for note in _notes(claude, agent))


def test_an_interrupting_say_stops_the_turn_and_arrives_alone(seat: Seat) -> None:
    claude, api, agent = seat
    _busy(claude, agent)

    verdict = _say(claude, agent, "now this", "--interrupt")

    assert verdict["verdict"] == "submitted"
    _reaches_the_model(api, "now this")


def test_a_half_typed_draft_is_kept_in_the_journal_and_cleared(seat: Seat) -> None:
    claude, api, agent = seat
    drafts = ["half a thought", "one\\\ntwo\\\nthree " + "long " * 80]

    for number, draft in enumerate(drafts):
        _type(claude, agent, draft)
        claude.tmux("send-keys", "-t", claude.pane(agent), "C-a" if number else "C-e")
        assert _delivered(claude, api, agent, f"instead {number}") == f"instead {number}"

    # On a busy machine it reads the end of a line as a part of the text, and draws what would have broken it.
    kept = " ".join(" ".join(note.replace("\\", " ").split()) for note in _notes(claude, agent))
    assert "half a thought" in kept
    assert "one two three long long" in kept


@either_version
def test_a_person_who_is_typing_is_not_disturbed(claude: Fleet, api: MessagesApi) -> None:
    agent = _idle(claude)
    with person(claude, agent) as keyboard:
        keyboard.type("half a sentence")
        eventually(lambda: "half a sentence" in _box(claude, agent), 10, lambda: claude.screen(agent))

        verdict = _say(claude, agent, "do not mix me in")

        assert verdict["verdict"] == "held"
        assert "half a sentence" in _box(claude, agent)
        assert api.requests == []


@either_chair
@pytest.mark.parametrize("count", [6, pytest.param(20, marks=pytest.mark.soak)])
def test_many_senders_at_once_are_as_many_whole_prompts(seat: Seat, count: int) -> None:
    claude, api, agent = seat
    texts = [f"sender {n:02} says {'x' * 50} and stops" for n in range(count)]

    senders = [claude.start("say", agent, "--json", text) for text in texts]
    said = [json.loads(sender.communicate(timeout=100)[0])["results"][0]["verdict"] for sender in senders]

    assert set(said) <= {"submitted", "queued"}
    claude.wait_for(agent, lambda a: a["state"] == "idle" and sorted(_prompts(claude, agent)) == texts)
    whole = "\n".join(api.requests[-1].prompts)
    assert all(whole.count(text) == 1 for text in texts)


@either_chair
def test_when_idle_holds_and_delivers_in_order_once(seat: Seat) -> None:
    claude, api, agent = seat
    before = claude.agent(agent)["turns"]
    _busy(claude, agent)

    said = [_say(claude, agent, text, "--when-idle")["verdict"] for text in ("first held", "second held")]
    assert claude.ok("show", agent, "--json").json["agents"][0]["held"] != []
    api.release()

    assert said == ["held", "held"]
    claude.wait_for(agent, lambda a: a["turns"] == before + 3)
    assert _prompts(claude, agent)[-2:] == ["first held", "second held"]
    assert claude.ok("show", agent, "--json").json["agents"][0]["held"] == []


@either_chair
def test_wait_prints_the_answer(seat: Seat) -> None:
    claude, _, agent = seat

    answers = [claude.ok("say", agent, "--wait", f"say: the answer is {n}").out for n in (41, 42)]

    assert answers == ["the answer is 41\n", "the answer is 42\n"]


@pytest.mark.soak
@either_version
def test_an_agent_that_was_stopped_is_gone(claude: Fleet) -> None:
    agent = _idle(claude)
    claude.ok("stop", agent)

    ran = claude("say", agent, "--json", "are you there")

    assert ran.code == 3
    assert ran.json["results"][0]["verdict"] == "gone"
    assert f"tmuxagents resume {agent}" in ran.err


def _spawn(claude: Fleet, *args: str) -> str:
    return claude.ok("spawn", "-q", *args).out.strip()


def _idle(claude: Fleet) -> str:
    """An agent that waits for its first prompt."""
    agent = _spawn(claude)
    claude.wait_state(agent, "idle")
    return agent


def _busy(claude: Fleet, agent: str) -> str:
    """Give the agent a turn that lasts; its prompt."""
    prompt = "slow: 60 the slow answer"
    assert _say(claude, agent, prompt)["verdict"] == "submitted"
    claude.wait_state(agent, "working")
    return prompt


def _say(claude: Fleet, agent: str, text: str, *options: str) -> dict[str, str]:
    ran: Ran = claude.ok("say", agent, "--json", *options, "-", stdin=text)
    verdict: dict[str, str] = ran.json["results"][0]
    return verdict


def _delivered(claude: Fleet, api: MessagesApi, agent: str, text: str) -> str:
    """Say it to an agent whose turn has ended: exactly one prompt, which the model saw like this.

    Claude may be busy with its Stop hook for a moment longer, and queue it.
    """
    before = len(api.requests)

    ran = claude.ok("say", agent, "--json", "--wait", "-", stdin=text)

    [said] = ran.json["results"]
    assert said["verdict"] in ("submitted", "queued"), (said, text[:80])
    assert said["answer"].startswith("ok "), (said, text[:80])
    assert len(api.requests) == before + 1, text[:80]
    return as_said(api.requests[-1].prompt)


def _reaches_the_model(api: MessagesApi, text: str) -> None:
    def there() -> bool:
        return any(text in prompt for prompt in api.prompts)

    eventually(there, 20, lambda: str(api.prompts))
    assert sum(prompt.count(text) for prompt in api.prompts) == 1


def _words(size: int) -> str:
    """A text of that many characters whose places can be told apart."""
    return "".join(f"{n:06} words " for n in range(size // 13 + 1))[: size - 1] + "."


def _prompts(claude: Fleet, agent: str) -> list[str]:
    return [e["text"] for e in claude.entries(agent, "--only", "prompt")]


def _notes(claude: Fleet, agent: str) -> list[str]:
    return [e["text"] for e in claude.entries(agent, "--only", "note")]


def _box(claude: Fleet, agent: str) -> str:
    """What stands between the last two rules of the screen."""
    return claude.screen(agent).rpartition("❯")[2]


def _shows(claude: Fleet, agent: str, text: str) -> None:
    eventually(lambda: text in claude.screen(agent), 10, lambda: claude.screen(agent))


def _type(claude: Fleet, agent: str, text: str) -> None:
    """Type as a program without a client does; `\\` and Return make a new row."""
    rows = text.split("\n")
    for number, row in enumerate(rows):
        claude.tmux("send-keys", "-t", claude.pane(agent), "-l", row)
        _shows(claude, agent, row[:20])
        if number + 1 < len(rows):
            claude.tmux("send-keys", "-t", claude.pane(agent), "Enter")
