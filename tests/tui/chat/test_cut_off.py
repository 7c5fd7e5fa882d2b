"""A chat ends with texts on their way, in every way in which one can: each text is delivered once, or told by the next
chat."""

from __future__ import annotations

import fcntl
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.support.fleet import Fleet, eventually
from tests.support.keyboard import Window, window
from tmuxagents.drivers import process

TEXTS = [f"say: n{number}" for number in range(1, 6)]
WHOM = {"bare": "", "name": "@d1 ", "all": "@all "}


def closed(chat: Window) -> None:
    """As where an SSH connection drops: SIGHUP comes, and nothing can be read or written any more."""
    chat._ask("kill-window")


def ctrl_d(chat: Window) -> None:
    chat.press("C-d")


def by(number: signal.Signals) -> Callable[[Window], None]:
    return lambda chat: chat.send(number)


ENDS = {"closed": closed, "hup": by(signal.SIGHUP), "term": by(signal.SIGTERM), "eof": ctrl_d}


@contextmanager
def chatting(fleet: Fleet, whom: str, *more: str) -> Iterator[tuple[Window, list[str]]]:
    """A chat, and the agents who are meant, all idle."""
    names = ["d1", "d2"] if whom == "all" else ["d1"]
    for name in names:
        fleet.ok("spawn", "--kind", "demo", "--name", name, "say: hello", "--", "--speed", "0")
    for name in names:
        fleet.wait_for(name, lambda agent: agent["turns"] == 1)
    with window(fleet, fleet.argv("chat", *more)) as chat:
        for name in names:
            chat.shows(f"-- {name} done")
        # Its prompt is there, or with `--plain` the line that says so.
        chat.shows("what you type goes to" if more else " idle")
        yield chat, names


def enter(chat: Window, whom: str) -> None:
    for text in TEXTS:
        chat.enter(f"{WHOM[whom]}{text}")
        eventually(lambda text=text: text not in chat.line, explain=chat.screen)  # type: ignore[misc]


def kept(fleet: Fleet) -> str:
    """What chats have written down of what was entered and has not ended."""
    return "".join(path.read_text() for path in (fleet.state / "chats").glob("*.jsonl"))


def is_gone(pid: int) -> bool:
    return process.known(pid) is None


def prompts(fleet: Fleet, name: str) -> list[str]:
    return [entry["text"] for entry in fleet.entries("--only", "prompt") if entry["agent"] == name]


def has_all(fleet: Fleet, name: str) -> None:
    """Wait until that agent has as many texts as were entered."""

    def what() -> str:
        kept = [path.read_text() for path in (fleet.state / "chats").iterdir()]
        return f"{prompts(fleet, name)} {kept}"

    eventually(lambda: len(prompts(fleet, name)) >= 1 + len(TEXTS), explain=what)


@pytest.mark.parametrize(
    ("end", "whom", "more"),
    [
        ("closed", "bare", ()),
        *(
            pytest.param(end, whom, more, marks=pytest.mark.soak)
            for end in ENDS
            for whom in WHOM
            for more in ((), ("--plain",))
            if (end, whom, more) != ("closed", "bare", ())
        ),
    ],
)
def test_each_text_is_delivered_once_where_the_chat_hears_of_its_end(
    fleet: Fleet, end: str, whom: str, more: tuple[str, ...]
) -> None:
    with chatting(fleet, whom, *more) as (chat, names):
        pid = chat.pid
        enter(chat, whom)
        ENDS[end](chat)
        eventually(lambda: is_gone(pid))

        for name in names:
            has_all(fleet, name)
            fleet.wait_state(name, "idle")
            assert prompts(fleet, name) == ["say: hello", *TEXTS]
    assert list((fleet.state / "chats").iterdir()) == []


@contextmanager
def talking(fleet: Fleet, name: str) -> Iterator[None]:
    """Somebody else talks to that agent: a delivery waits."""
    with (fleet.state / "agents" / fleet.agent(name)["id"] / "say.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.mark.parametrize(
    "whom", ["name", pytest.param("bare", marks=pytest.mark.soak), pytest.param("all", marks=pytest.mark.soak)]
)
def test_what_a_killed_chat_has_not_delivered_is_told_by_the_next_and_sent_by_none(fleet: Fleet, whom: str) -> None:
    with chatting(fleet, whom) as (chat, names):
        with talking(fleet, "d1"):
            enter(chat, whom)
            eventually(lambda: '"mark"' in next((fleet.state / "chats").iterdir()).read_text())
            chat.send(signal.SIGKILL)
            chat.code()
        with window(fleet, fleet.argv("chat")) as again:
            for text in TEXTS[1:]:
                again.shows(f"  not sent: d1 (the chat was cut off before): {text}")
            again.shows(f"  unconfirmed: d1 (the chat was cut off before it was known): {TEXTS[0]}")
            again.shows(" idle $")
            again.press("C-d")
            assert again.code() == 0
        with window(fleet, fleet.argv("chat")) as third:
            third.shows(" idle $")
            assert "not sent" not in third.everything()

    assert prompts(fleet, "d1") == ["say: hello"]
    for name in names[1:]:
        told = prompts(fleet, name)
        assert len(set(told)) == len(told)


@pytest.mark.soak
@pytest.mark.parametrize("whom", WHOM)
def test_a_killed_chat_doubles_nothing_and_leaves_nothing_unsaid(fleet: Fleet, whom: str) -> None:
    with chatting(fleet, whom) as (chat, names):
        enter(chat, whom)
        chat.send(signal.SIGKILL)
        chat.code()
        with window(fleet, fleet.argv("chat"), columns=200) as again:
            again.shows(" idle $")
            for name in names:
                fleet.wait_state(name, "idle")
            said = again.everything()
    for name in names:
        had = prompts(fleet, name)
        assert len(set(had)) == len(had)
        for text in TEXTS:
            unsent = f"not sent: {name} (the chat was cut off before): {text}" in said
            unknown = f"unconfirmed: {name} (the chat was cut off before it was known): {text}" in said
            assert unsent + unknown + (text in had) == 1 or (unknown and text in had), (name, text, had, said)


@pytest.mark.soak
@pytest.mark.parametrize("more", [(), ("--plain",)])
def test_what_was_not_begun_when_the_terminal_went_is_handed_to_the_controller(
    fleet: Fleet, more: tuple[str, ...]
) -> None:
    with chatting(fleet, "bare", *more) as (chat, _):
        pid = chat.pid
        with talking(fleet, "d1"):
            for text in TEXTS:
                chat.enter(text)
                # None has ended, and of a plain chat the terminal keeps the line.
                eventually(lambda text=text: text in kept(fleet))  # type: ignore[misc]
            closed(chat)
            eventually(lambda: "4 messages" in fleet.look("show", "d1").out)
            assert not is_gone(pid)
        eventually(lambda: is_gone(pid))
        has_all(fleet, "d1")

        assert prompts(fleet, "d1") == ["say: hello", *TEXTS]
