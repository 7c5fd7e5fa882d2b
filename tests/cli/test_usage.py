"""What was used, as it is shown: an unknown cost is unknown, and a sum over it is a least."""

from __future__ import annotations

from tests.support import made
from tests.support.fleet import Fleet
from tmuxagents.cli.render import using
from tmuxagents.model.agent import Agent
from tmuxagents.model.condition import Condition, Usage
from tmuxagents.model.spending import Spent
from tmuxagents.names import AgentId
from tmuxagents.services.fleet import usage
from tmuxagents.services.fleet.usage import Line

SECOND = 10**9


def _line(name: str, microusd: int | None, *, told: bool = True) -> Line:
    used = Spent(0, output_tokens=300, cache_read_tokens=57_000, microusd=microusd or 0, worked_ns=20 * SECOND)
    return Line(name, used, microusd, told=told)


def test_a_cost_that_nobody_knows_is_a_dash_and_the_sum_is_a_least() -> None:
    found = [_line("api", 31_200), _line("web", None), _line("make", None, told=False)]

    rows = using.rows(found, "agent", width=None)

    assert [row.split()[:1] for row in rows] == [["AGENT"], ["api"], ["web"], ["make"], ["total"]]
    assert "$0.0312" in rows[1]
    assert "15.0" in rows[1]
    assert rows[3].split()[1:] == ["-"] * 6
    assert "at least $0.0312" in rows[4]
    total = using.as_json(found, usage.total(found), "agent", None)["total"]
    assert (total["cost_usd"], total["cost_is_least"]) == (0.0312, True)


def test_where_no_cost_is_known_no_sum_is_made_up() -> None:
    found = [_line("a", None), _line("b", None)]

    assert usage.total(found).microusd is None
    assert using.cost(usage.total(found)) == "-"
    assert using.as_json(found, usage.total(found), "agent", None)["rows"][0]["cost_usd"] is None


def test_what_was_told_nothing_yet_shows_the_cost_that_ls_shows_and_one_that_never_tells_is_unknown(
    fleet: Fleet,
) -> None:
    fleet.ok("spawn", "--kind", "demo", "--name", "a")
    fleet.ok("spawn", "--kind", "command", "--name", "b", "--", "sleep", "600")

    ran = fleet.ok("usage", "--json").json

    rows = {row["name"]: row for row in ran["rows"]}
    assert rows["a"]["cost_usd"] is fleet.agent("a")["usage"]["cost_usd"] is None
    assert rows["a"]["tokens"] == 0
    assert (rows["b"]["cost_usd"], rows["b"]["tokens"]) == (None, None)
    assert (ran["total"]["cost_usd"], ran["total"]["tokens_are_least"]) == (None, True)


def test_tokens_that_nobody_knows_are_no_sum_and_a_sum_over_some_is_a_least() -> None:
    make, web = _line("make", None, told=False), _line("web", 5)

    unknown = using.as_json([make, make], usage.total([make, make]), "agent", None)["total"]
    some = using.as_json([make, web], usage.total([make, web]), "agent", None)["total"]

    assert (unknown["tokens"], unknown["output_tokens"], unknown["tokens_per_s"]) == (None, None, None)
    assert (unknown["tokens_are_least"], some["tokens_are_least"], some["output_tokens"]) == (False, True, 300)
    assert using.rows([make, make], "agent", width=None)[-1].split()[1:] == ["-"] * 6
    assert "at least 57,000" in using.rows([make, web], "agent", width=None)[-1]


def test_tokens_a_second_are_of_those_alone_whose_tokens_and_time_are_known() -> None:
    untimed = Line("b", Spent(0, output_tokens=9_000), None)
    # A shell works for an hour, and tells no tokens.
    silent = Line("c", Spent(0, worked_ns=3600 * SECOND), None, told=False)

    assert usage.total([_line("a", 1), untimed, silent]).rate == 15
    assert usage.total([untimed, silent]).rate is None


def test_by_run_too_a_second_counts_the_tokens_of_those_whose_time_is_known() -> None:
    a, b = AgentId("a"), AgentId("b")
    steps = [(a, Spent(0, output_tokens=40)), (a, Spent(0, output_tokens=20, worked_ns=4 * SECOND))]

    line = usage._group("run-1", [*steps, (b, Spent(0, output_tokens=9_000))], {})

    assert (line.rate, line.used.output_tokens) == (15, 9_060)


def test_who_was_told_nothing_yet_owes_nothing_so_that_the_sum_is_no_least() -> None:
    queued = _agent(Condition())

    line = usage._of_agent(queued, [], None)

    assert (using.cost(line), using.cost(usage.total([line, _line("a", 31_200)]))) == ("-", "$0.0312")
    assert using.cost(usage.total([line, _line("a", 31_200), _line("b", None)])) == "at least $0.0312"


def _agent(condition: Condition) -> Agent:
    return made.agent("run-1-lint", condition=condition, options={"run": {"id": "x", "name": "run-1", "key": "lint"}})


def test_by_run_each_agent_of_one_counts_to_it() -> None:
    agent = _agent(Condition(usage=Usage(output_tokens=5, microusd=7)))

    assert usage._run_of(agent) == "run-1"
    assert usage._run_of(None) == ""
