"""Who is pinned stands first, and who is dismissed is in nobody's way, until something comes of it."""

from __future__ import annotations

from tests.support.fleet import Fleet


def named(fleet: Fleet, *words: str) -> list[str]:
    return fleet.ok("ls", "-q", *words).out.split()


def test_who_is_dismissed_is_left_out_where_that_is_asked_for_and_shows_when_it_begins_something(three: Fleet) -> None:
    assert three.ok("dismiss", "idle-1").out == "dismissed idle-1\n"

    assert named(three, "--undismissed") == ["needy-1", "over-1"]
    assert sorted(named(three)) == ["idle-1", "needy-1", "over-1"]
    assert three.agent("idle-1")["dismissed"]
    assert "idle-1 -" in three.ok("ls").out

    three.ok("say", "--wait", "idle-1", "say: again")

    assert "idle-1" in named(three, "--undismissed")


def test_dismiss_all_means_those_that_have_finished_and_off_takes_it_back(three: Fleet) -> None:
    assert sorted(three.ok("dismiss", "all").out.split()) == ["dismissed", "dismissed", "idle-1", "over-1"]
    again = three.ok("dismiss", "--json", "over-1").json["results"]
    assert again == [{"agent": "over-1", "verdict": "dismissed already"}]
    assert named(three, "--undismissed") == ["needy-1"]

    assert sorted(three.ok("dismiss", "--off", "all").out.split()) == ["back", "back", "idle-1", "over-1"]
    assert three.ok("dismiss", "--off", "over-1").out == "over-1 is not dismissed\n"


def test_both_are_kept_over_a_rebuild_from_the_folders_alone(three: Fleet) -> None:
    three.ok("dismiss", "over-1")
    three.ok("pin", "needy-1")
    three.ok("controller", "stop")
    for file in three.state.glob("tmuxagents.db*"):
        file.unlink(missing_ok=True)

    three("ls")  # it mends what is gone

    assert three.agent("over-1")["dismissed"]
    assert three.agent("needy-1")["pinned"]
    three.ok("pin", "--off", "needy-1")
    three.ok("dismiss", "--off", "over-1")


def test_the_later_of_the_two_counts(three: Fleet) -> None:
    three.ok("dismiss", "over-1")
    three.ok("pin", "over-1")
    assert (three.agent("over-1")["pinned"], three.agent("over-1")["dismissed"]) == (True, False)

    three.ok("dismiss", "over-1")
    assert (three.agent("over-1")["pinned"], three.agent("over-1")["dismissed"]) == (False, True)
    three.ok("dismiss", "--off", "over-1")
