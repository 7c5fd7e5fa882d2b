"""What Tab offers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.chat.made import asked, member, roster
from tmuxagents.chat import offers

TEAM = roster(member("api"), member("docs", dialog=asked()), member("old", "ended"))
OPTIONS = {"s": {"--model": "The model.", "--name": "Its name.", "-w": ""}}


def words(before: str) -> list[str]:
    return [one.word for one in offers.offers(before, TEAM, OPTIONS)]


@pytest.mark.parametrize(
    ("before", "found"),
    [
        ("/ap", ["/approve"]),
        ("/approve ", ["docs", "all"]),
        ("/stop a", ["api", "all"]),
        ("/stop api,", ["docs", "old"]),
        ("/attach ", ["api", "docs", "old"]),
        ("/s --m", ["--model"]),
        ("/s fix the d", []),
        ("/deny docs d", []),
        ("@", ["api", "docs", "old", "all"]),
        ("@d", ["docs"]),
        ("@api,@d", ["docs"]),
        ("@api d", []),
        ("say /ap", []),
        ("", []),
    ],
)
def test_it_offers_what_can_stand_there(before: str, found: list[str]) -> None:
    assert words(before) == found


@given(st.text(max_size=20))
def test_what_is_offered_takes_the_place_of_what_was_typed(before: str) -> None:
    for one in offers.offers(before, TEAM, OPTIONS):
        assert 0 <= one.length <= len(before)
        typed = before[len(before) - one.length :]
        assert one.word.startswith(typed)


@pytest.mark.parametrize(
    ("before", "is_it"), [("/", True), ("@a", True), ("@a b", False), ("hello", False), ("", False)]
)
def test_elsewhere_tab_moves_the_focus(before: str, is_it: bool) -> None:
    assert offers.is_offered(before) is is_it
