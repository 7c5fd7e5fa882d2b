"""Every text goes to exactly the agents that are named, or is refused as it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.chat.made import member, roster
from tmuxagents.chat import line
from tmuxagents.chat.line import Nothing, Refused, Run, Say
from tmuxagents.chat.verbs import VERBS
from tmuxagents.names import AgentId
from tmuxagents.value import replace

TEAM = roster(
    member("agent-1"),
    member("agent-2", "working"),
    member("api-1"),
    member("api-2", here=False),
    member("old", "ended"),
    member("api"),
)
NAMES = [one.name for one in TEAM.members]
FOCUS = AgentId("agent-1")

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)
spoken = texts.filter(lambda text: text.strip() and text.lstrip()[0] not in "/@")


def read(text: str, focus: AgentId | None = FOCUS) -> line.Meant:
    return line.read(text, TEAM, focus, {"s": {"--name": True, "-w": False, "--count": True}})


@given(st.text())
def test_nothing_is_dropped(text: str) -> None:
    meant = read(text)

    match meant:
        case Nothing():
            assert not text.strip()
        case Say(to, words, _):
            assert to
            assert text.endswith(words)
            assert words.strip()
        case Run(word):
            assert text.lstrip().startswith(f"/{word}")
        case Refused(why):
            assert why


@given(spoken)
def test_a_bare_text_goes_whole_to_the_focus_alone(text: str) -> None:
    assert read(text) == Say((FOCUS,), text)


@given(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4), spoken)
def test_a_named_text_goes_to_exactly_those_who_are_named(names: list[str], text: str) -> None:
    wanted = tuple(AgentId(name) for name in dict.fromkeys(names))

    assert read(f"@{','.join(names)} {text}") == Say(wanted, text.lstrip())


@given(st.text(st.characters(categories=["L", "N", "P", "S"]), max_size=12), texts)
def test_a_name_that_is_nobodys_refuses_the_text(name: str, text: str) -> None:
    meant = read(f"@{name} {text}")

    if isinstance(meant, Say):
        parts = [part.removeprefix("@") for part in name.rstrip(":,").split(",") if part]
        assert all(
            part in NAMES
            or f"agent-{part}" in NAMES
            or part == "all"
            or set(part) & set("*?[")
            or sum(name.startswith(part) for name in NAMES) == 1
            for part in parts
        )
    else:
        assert isinstance(meant, Refused)


@pytest.mark.parametrize(
    ("cut", "why"),
    [
        ("agent", "'agent' could be agent-1, agent-2"),
        ("a", "'a' could be agent-1, agent-2, api-1, api-2, api"),
        ("agent-11", "no agent is named 'agent-11'; did you mean 'agent-1'?"),
        ("11", "no agent is named '11'"),
        ("ol-d", "no agent is named 'ol-d'; did you mean 'old'?"),
        ("agent-2,agent", "'agent' could be agent-1, agent-2"),
        ("gone", "'gone' was removed"),
        ("go", "no agent is named 'go'"),
        ("ol", "'ol' was removed"),
    ],
)
def test_a_name_that_could_be_several_or_nobodys_is_refused_as_on_the_command_line(cut: str, why: str) -> None:
    team = replace(TEAM, removed=frozenset({"gone", "ol"}))

    assert line.read(f"@{cut} go on", team, FOCUS) == Refused(why)


def test_the_name_of_a_run_means_its_agents_and_no_name_that_begins_so() -> None:
    team = roster(*(replace(member(f"run-1-{each}"), run="run-1") for each in ("lint", "test")), member("run-1-other"))

    assert line.read("@run-1 go on", team, None) == Say((AgentId("run-1-lint"), AgentId("run-1-test")), "go on")
    assert line.read("/stop run-1", team, None) == Run("stop", ("stop", "run-1"))
    assert line.read("/stop run-1-", team, None) == Refused("'run-1-' could be run-1-lint, run-1-test, run-1-other")


@pytest.mark.parametrize("text", ["/show gone", "/stop nobody", "/stop --now a", "/diff"])
def test_whom_the_chat_does_not_know_the_command_may_know(text: str) -> None:
    assert isinstance(read(text), Run)


@pytest.mark.parametrize("cut", ["o", "ol", "@ol:"])
def test_how_one_name_alone_begins_stands_for_it(cut: str) -> None:
    assert read(f"@{cut} go on") == Say((AgentId("old"),), "go on")


@pytest.mark.parametrize("name", ["agent-2:", "agent-2,", "2", "@agent-2"])
def test_a_name_is_read_as_people_write_it(name: str) -> None:
    assert read(f"@{name} go on") == Say((AgentId("agent-2"),), "go on")


def test_all_and_globs_mean_those_who_run_in_this_project() -> None:
    assert read("@all go on") == Say(tuple(map(AgentId, ("agent-1", "agent-2", "api-1", "api"))), "go on", ("api-2",))
    assert read("@api-* go on") == Say((AgentId("api-1"),), "go on", ("api-2",))


def test_a_text_of_several_lines_is_one_text() -> None:
    assert read("@agent-2 one\n  two\n\nthree") == Say((AgentId("agent-2"),), "one\n  two\n\nthree")


@pytest.mark.parametrize(
    "text", ["@agent-2", "@agent-2   ", "@", "@ agent-2 hi", "/", "/ s x", "/nope x", "/S x", "//x"]
)
def test_what_is_neither_text_nor_command_is_refused(text: str) -> None:
    assert isinstance(read(text), Refused)


def test_a_near_command_is_told() -> None:
    assert read("/aprove agent-1") == Refused(
        "'/aprove' is no command; did you mean '/approve'?; /help, or as a text: @NAME /aprove"
    )


@pytest.mark.parametrize("focus", [None, AgentId("gone"), AgentId("old")])
def test_a_bare_text_is_refused_where_nobody_has_it(focus: AgentId | None) -> None:
    assert isinstance(read("hello", focus), Refused)


@given(spoken.filter(lambda text: not text.lstrip().startswith("-")))
def test_a_task_is_taken_as_it_stands(text: str) -> None:
    meant = read(f"/s -w --name 'x y' --count=2 {text}")

    assert isinstance(meant, Run)
    assert meant.argv[:5] == ("spawn", "-w", "--name", "x y", "--count=2")
    assert meant.argv[5] == text.lstrip(" \t").lstrip() or meant.argv[5] == text.lstrip()


@pytest.mark.parametrize(
    ("text", "argv"),
    [
        ("/s don't break \"it", ("spawn", "don't break \"it")),
        ("/s two\nlines", ("spawn", "two\nlines")),
        ("/s --kind command -- make 'a b'", ("spawn", "--kind", "command", "--", "make", "a b")),
        ("/deny agent-1 don't do -that", ("deny", "agent-1", "don't do -that")),
        ("/deny agent-1 -no", ("deny", "agent-1", "--", "-no")),
        ("/answer @agent-1 'Two words' 3", ("answer", "agent-1", "Two words", "3")),
        ("/stop @agent-1 api", ("stop", "agent-1", "api")),
        ("/run plan.yaml", ("run", "--detach", "plan.yaml")),
        ("/usage", ("usage",)),
    ],
)
def test_a_command_is_that_of_the_command_line(text: str, argv: tuple[str, ...]) -> None:
    meant = line.read(text, TEAM, FOCUS, {"s": {"--kind": True}})

    assert isinstance(meant, Run)
    assert meant.argv == argv


@pytest.mark.parametrize("text", ["/stop 'agent-1", "/s --name", '/s --name "x', "/s - x"])
def test_a_command_that_cannot_be_read_is_refused(text: str) -> None:
    assert isinstance(read(text), Refused)


@given(st.sampled_from(sorted(VERBS)), st.text())
def test_every_command_with_anything_behind_it_is_read_or_refused(word: str, rest: str) -> None:
    assert isinstance(read(f"/{word} {rest}"), Run | Refused)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("/s --bogus do it", "/s: there is no option --bogus"),
        ("/s -x do it", "/s: there is no option -x"),
        ("/s", "/s needs a task: /s TASK"),
        ("/quit x", "/quit takes nothing"),
        ("/quiet agent-1", "/quiet takes nothing"),
    ],
)
def test_a_command_that_cannot_be_carried_out_stays_in_the_line(text: str, why: str) -> None:
    assert read(text) == Refused(why)


def test_an_option_may_carry_its_value() -> None:
    assert read("/s --name=x -w do it") == Run("s", ("spawn", "--name=x", "-w", "do it"))


def test_a_line_for_tasks_alone_is_read_as_behind_s() -> None:
    takes = {"--name": True, "-w": False}
    for text in ("look", "--name api -w look\nat --it", "-w -- make 'a b'", "/s look", "@all look"):
        assert line.task(text, takes) == line.read(f"/s {text}", roster(), None, {"s": takes})

    for text in ("--nam api look", "--name", "'", "-", "a\0b"):
        meant = line.read(f"/s {text}", roster(), None, {"s": takes})
        assert isinstance(meant, line.Refused) or text == "'"
        if isinstance(meant, line.Refused):
            assert line.task(text, takes) == line.Refused(meant.why.removeprefix("/s: "))
