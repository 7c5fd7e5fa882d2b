"""Who begins when there is room: within every bound, in a fair order, and nobody waits for ever."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tmuxagents.model import room
from tmuxagents.model.room import RESERVE, Bounds, Load, Waiting
from tmuxagents.value import replace

FREE, IDLE = Bounds(), Load()
OWNERS = st.sampled_from([room.PERSON, "run-1", "run-2", "run-3"])


class Line:
    """A queue as it is kept: who comes is given a round, who begins leaves."""

    def __init__(self) -> None:
        self.waiting: list[Waiting] = []
        self.round = self.count = 0

    def come(self, owner: str, *, now: bool = False) -> str:
        self.count += 1
        turn = room.round_for(owner, self.waiting, self.round)
        self.waiting.append(Waiting(f"id-{self.count}", owner, turn, self.count, now))
        return self.waiting[-1].agent_id

    def begin(self, bounds: Bounds = FREE, load: Load = IDLE) -> Waiting | None:
        chosen = room.next_one(self.waiting, bounds, load)
        if chosen is not None:
            self.waiting.remove(chosen)
            self.round = max(self.round, chosen.round)
        return chosen


@given(st.lists(st.one_of(OWNERS, st.just("begin")), max_size=60))
def test_whoever_waits_is_overtaken_by_each_other_owner_once_a_round(steps: list[str]) -> None:
    line = Line()
    before: dict[str, Counter[str]] = {}
    ahead: dict[str, int] = {}
    for step in steps:
        if step == "begin":
            begun = line.begin()
            for one in line.waiting:
                if begun is not None and begun.owner != one.owner:
                    before[one.agent_id][begun.owner] += 1
        else:
            own = sum(one.owner == step for one in line.waiting)
            agent = line.come(step)
            before[agent], ahead[agent] = Counter(), own
    # Once in the round that had begun when it came, then once in each round of its own owner's up to its own.
    assert all(count <= ahead[agent] + 2 for agent in before for count in before[agent].values())


@given(st.lists(OWNERS, min_size=1, max_size=30))
def test_those_of_one_owner_begin_in_the_order_in_which_they_came(owners: list[str]) -> None:
    line = Line()
    came = [(owner, line.come(owner)) for owner in owners]
    begun = [(one.owner, one.agent_id) for _ in owners if (one := line.begin()) is not None]

    assert len(begun) == len(owners)
    for owner in set(owners):
        assert [i for o, i in begun if o == owner] == [i for o, i in came if o == owner]


def test_a_flood_of_new_owners_keeps_nobody_from_beginning() -> None:
    line = Line()
    mine = [line.come(room.PERSON) for _ in range(3)]
    for number in range(60):
        line.come(f"run-{number}")
        line.come(f"run-{number}")
        if (begun := line.begin()) is not None and begun.agent_id in mine:
            mine.remove(begun.agent_id)

    assert mine == []


@given(
    st.integers(1, 4),
    st.lists(st.one_of(OWNERS, st.just("ends")), min_size=1, max_size=80),
)
def test_two_runs_and_a_person_share_the_room_and_nobody_starves(bound: int, steps: list[str]) -> None:
    line, bounds, working, begun = Line(), Bounds(max_agents=bound), 0, list[str]()
    waited: dict[str, int] = {}

    def begin_who_can() -> None:
        nonlocal working
        while (one := line.begin(bounds, Load(busy=working))) is not None:
            working += 1
            begun.append(one.agent_id)
            for other in line.waiting:
                waited[other.agent_id] = waited.get(other.agent_id, 0) + 1
            assert working <= bound

    asked, ahead = [], {}
    for step in [*steps, *["ends"] * len(steps)]:
        if step == "ends":
            working = max(0, working - 1)
        else:
            own = sum(one.owner == step for one in line.waiting)
            asked.append(line.come(step))
            # The owners that there are, once a round: those of its own before it, it, and the round that had begun.
            ahead[asked[-1]] = 4 * (own + 2)
        begin_who_can()

    assert sorted(begun) == sorted(asked)
    assert all(waited.get(agent, 0) <= ahead[agent] for agent in asked)


LOADS = st.builds(
    Load,
    busy=st.integers(0, 9),
    starting=st.integers(0, 4),
    free=st.none() | st.integers(0, 10 * RESERVE),
    unreviewed=st.integers(0, 5),
)
BOUNDS = st.builds(
    Bounds, max_agents=st.integers(0, 6), min_free=st.integers(0, 5 * RESERVE), max_unreviewed=st.integers(0, 4)
)


@given(BOUNDS, LOADS)
def test_nobody_begins_above_a_bound(bounds: Bounds, load: Load) -> None:
    line = Line()
    line.come(room.PERSON)

    if line.begin(bounds, load) is not None:
        assert not bounds.max_agents or load.busy < bounds.max_agents
        assert not bounds.max_unreviewed or load.unreviewed < bounds.max_unreviewed
        assert not load.busy or load.free is None or load.free - load.starting * RESERVE >= bounds.min_free
    else:
        assert room.held_by(bounds, load)


@given(BOUNDS, st.integers(0, 10 * RESERVE))
def test_where_nothing_works_neither_memory_nor_a_number_holds_back(bounds: Bounds, free: int) -> None:
    assert room.held_by(replace(bounds, max_unreviewed=0), Load(free=free)) == ""


@given(BOUNDS, LOADS)
def test_what_is_to_begin_now_waits_for_no_bound(bounds: Bounds, load: Load) -> None:
    line = Line()
    line.come("run-1")
    urgent = line.come(room.PERSON, now=True)

    begun = line.begin(bounds, load)
    assert begun is not None
    assert begun.agent_id == urgent


def test_who_is_held_back_alone_keeps_nobody_from_beginning() -> None:
    line = Line()
    first, second = line.come("run-1"), line.come(room.PERSON)
    line.waiting[0] = replace(line.waiting[0], held="its run is paused")

    begun = line.begin()
    assert (begun and begun.agent_id, [one.agent_id for one in line.waiting]) == (second, [first])
    assert line.begin() is None


def test_on_a_full_disk_nobody_begins() -> None:
    line = Line()
    line.come(room.PERSON, now=True)

    assert line.begin(load=Load(full=True)) is None


@given(st.lists(OWNERS, min_size=1, max_size=12), st.data())
def test_who_is_moved_stands_there_and_the_others_keep_their_order(owners: list[str], data: st.DataObject) -> None:
    line = Line()
    for owner in owners:
        line.come(owner)
    one = data.draw(st.sampled_from(line.waiting)).agent_id
    to = data.draw(st.integers(1, len(owners)))
    before = [each.agent_id for each in room.in_order(line.waiting) if each.agent_id != one]

    after = [each.agent_id for each in room.in_order(room.moved(line.waiting, one, to))]

    assert after[to - 1] == one
    assert [each for each in after if each != one] == before


@pytest.mark.parametrize(
    ("number", "word"),
    [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (12, "12th"), (21, "21st"), (111, "111th")],
)
def test_a_place_is_said_as_one_says_it(number: int, word: str) -> None:
    assert room.ordinal(number) == word


def test_what_is_said_of_one_that_waits() -> None:
    why = room.held_by(Bounds(max_agents=4), Load(busy=4))

    assert room.told(3, why) == "3rd in the queue: max_agents = 4"
    assert room.told(1, "") == "1st in the queue"
    assert room.held_by(Bounds(min_free=500 * 2**20), Load(busy=1, free=1)) == "min_free_memory = 500M"
