"""What was begun beside the screen is told as it ended, and no longer than it holds."""

from __future__ import annotations

from pathlib import Path

from tests.output.dashboard.rows import row
from tests.support.fleet import eventually
from tests.support.locked import Lock
from tests.tui.top.hand import hands
from tmuxagents.errors import StateDamaged, Unrecorded
from tmuxagents.services.app import App, open_app
from tmuxagents.tui.top.beside import Acts, Done


def test_that_the_database_could_not_be_used_is_told_until_it_can_be(tmp_path: Path) -> None:
    told: list[Done] = []
    broke: list[BaseException] = []

    def work(app: App) -> Done:
        raise StateDamaged("it is locked", hint="fuser db")

    def opener() -> App:
        return open_app(str(tmp_path / "state"))

    with opener() as app:
        app.db.read("SELECT 1")
    lock = Lock(tmp_path / "state" / "tmuxagents.db")
    lock.take()
    Acts(opener, told.append, lambda words: None, broke.append).begin(work, lambda: "t has it still", "say")
    eventually(lambda: told)
    assert told == [Done("t has it still: it is locked; fuser db", good=False)]
    lock.give_back()

    eventually(lambda: len(told) > 1)
    assert told[1] == Done("the database can be used again; t has it still", after=told[0].words)
    assert not broke


def test_what_was_done_and_not_recorded_may_have_been_done_and_is_not_kept_to_be_done_again(tmp_path: Path) -> None:
    told: list[Done] = []

    def work(app: App) -> Done:
        raise Unrecorded("one runs; not recorded: it is locked", hint="tmuxagents ls")

    acts = Acts(lambda: open_app(str(tmp_path / "state")), told.append, lambda words: None, lambda error: None)
    acts.begin(work, lambda: "+ has it still", "start")
    eventually(lambda: told)

    assert told[0] == Done("one runs; not recorded: it is locked; tmuxagents ls", pale=True)


def test_what_is_over_takes_the_place_of_its_own_words_alone() -> None:
    made, _ = hands(row(1))
    made.finished(Done("it is locked", good=False))
    made.finished(Done("it can be used again", after="it is locked"))
    assert made.sight.view.told[0] == "it can be used again"

    made.finished(Done("stopped one"))
    made.finished(Done("it can be used again", after="it is locked"))
    assert made.sight.view.told[0] == "stopped one"
