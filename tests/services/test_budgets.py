"""No turn of ours begins past a budget; how far the last one went over is told; raising it continues."""

from __future__ import annotations

from tests.support.called import configure
from tests.support.fleet import Fleet, eventually, person

QUICK = ("--", "--speed", "0")


def _spawn(fleet: Fleet, name: str, *args: str) -> None:
    fleet.ok("spawn", "--kind", "demo", "--name", name, *args)


def _notes(fleet: Fleet, name: str) -> list[str]:
    return [e["text"] for e in fleet.entries("--only", "note") if e["agent"] == name]


def test_what_is_reached_begins_nothing_more_and_raising_it_delivers_what_was_held(fleet: Fleet) -> None:
    called = configure(fleet, channels=["command"], command=["call-me"], include="text")
    _spawn(fleet, "usd", "--budget", "0.05", "spend: 0.0401 10", *QUICK)
    _spawn(fleet, "tokens", "--budget-tokens", "100k", "spend: 0 57617\nthink: 600", "--", "--speed", "1")
    fleet.wait_for("usd", lambda a: a["turns"] == 1)
    # While its turn runs nobody knows what that will have spent.
    held = fleet.ok("say", "tokens", "say: held")
    fleet.ok("say", "--wait", "usd", "spend: 0.0201 10")

    refused = fleet("say", "usd", "more")
    kept = fleet("say", "--when-idle", "usd", "more")
    listed = fleet.agent("usd")

    assert held.out.startswith("held: tokens (it has a budget")
    assert (refused.code, kept.code) == (3, 3)
    assert refused.out.startswith("refused: usd (its budget is reached: $0.06")
    assert refused.err == "hint: tmuxagents budget usd 0.1\n"
    assert listed["reason"].startswith("its budget is reached: $0.06")
    assert (listed["budget_usd"], listed["budget_reached"]) == (0.05, True)
    assert [n.partition(":")[0] for n in _notes(fleet, "usd")] == [
        "its budget is nearly spent",
        "its budget is reached, no turn of ours begins any more",
        f"the last turn went ${listed['usage']['cost_usd'] - 0.05:.4f} over the budget",
    ]
    eventually(lambda: [row["kind"] for row in called.recorded()] == ["budget", "budget"])
    fleet.ok("budget", "tokens", "--tokens", "57k")
    fleet.ok("interrupt", "tokens")
    assert fleet.agent("tokens")["budget_reached"]
    assert "> @tokens say: held" not in fleet.look("tail", "--no-follow").out
    assert fleet.ok("budget", "tokens", "--tokens", "200k").out.startswith("tokens: 57,6")
    fleet.wait_for("tokens", lambda a: a["last_text"] == "held")
    fleet.ok("budget", "usd", "5")
    assert fleet.ok("say", "--wait", "usd", "say: on").out == "on\n"


def test_a_turn_that_passes_it_is_stopped_where_that_is_wanted_and_a_persons_own_is_not(fleet: Fleet) -> None:
    _spawn(
        fleet,
        "a",
        "--budget",
        "0.01",
        "--budget-interrupt",
        "think: 2\nspend: 0.02 10\nthink: 600",
        "--",
        "--speed",
        "1",
    )
    fleet.wait_for("a", lambda a: a["turns"] == 1)
    eventually(lambda: "stopped: its budget is reached" in _notes(fleet, "a"))

    with person(fleet, "a") as keyboard:
        keyboard.type("say: mine\r")
        fleet.wait_for("a", lambda a: a["last_text"] == "mine")

    assert any(n.startswith("a turn that is not ours begins past the budget") for n in _notes(fleet, "a"))


def test_one_that_is_set_to_what_is_spent_or_to_little_more_is_told_at_once_and_once(fleet: Fleet) -> None:
    called = configure(fleet, channels=["command"], command=["call-me"], include="text")
    _spawn(fleet, "a", "spend: 0 7000", *QUICK)
    fleet.wait_for("a", lambda a: a["turns"] == 1)
    spent = fleet.ok("budget", "a", "--json").json["results"][0]["tokens"]
    assert "budget" not in fleet.ok("show", "a").out

    for limit in (2 * spent, spent + spent // 10, spent, spent):
        fleet.ok("budget", "a", "--tokens", str(limit))

    assert [n.partition(":")[0] for n in _notes(fleet, "a")] == [
        "its budget is nearly spent",
        "its budget is reached, no turn of ours begins any more",
    ]
    eventually(lambda: [row["kind"] for row in called.recorded()] == ["budget", "budget"])
    assert f"budget        {spent:,} of {spent:,} tokens: 100.0 % (reached)" in fleet.ok("show", "a").out


def test_a_budget_that_cannot_be_kept_is_told(fleet: Fleet) -> None:
    ran = fleet.ok("spawn", "--kind", "command", "--name", "a", "--budget", "1", "--", "sleep", "600")

    assert "what an agent of kind command spends is not known: no budget is kept" in ran.err


def test_what_was_spent_stays_counted_once_when_who_spent_it_is_removed(fleet: Fleet) -> None:
    for name in ("a", "b"):
        _spawn(fleet, name, "spend: 0.01 500", *QUICK)
        fleet.wait_for(name, lambda a: a["turns"] == 1)
    before = fleet.ok("usage", "--by", "day", "--json").json
    # The database is lost, and read again from what the agents wrote.
    fleet.ok("controller", "stop")
    for path in fleet.state.glob("tmuxagents.db*"):
        path.unlink(missing_ok=True)
    fleet.ok("ls")

    rebuilt = fleet.ok("usage", "--by", "day", "--json").json
    fleet.ok("stop", "b")
    fleet.ok("rm", "b")
    after = fleet.ok("usage", "--by", "day", "--json").json

    assert (before["total"]["cost_usd"], before["total"]["output_tokens"]) >= (0.02, 1000)
    for one in (rebuilt, after):
        assert {**one["total"], "tokens_per_s": None} == {**before["total"], "tokens_per_s": None}
    assert [row["name"] for row in fleet.ok("usage", "--json").json["rows"]] == ["a"]
