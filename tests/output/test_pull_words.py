"""A pull request in words: whatever people write in it, it is a quotation, and never much."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tmuxagents.model.pull import Check, Pull, Remark
from tmuxagents.output import pull_words
from tmuxagents.output.safe_text import is_clean
from tmuxagents.value import replace

PULL = Pull("https://github.com/o/n/pull/12", 12, "github.com/o/n", "x", watched=True, looked_ns=1)
REMARKS = st.builds(
    Remark,
    key=st.just("k"),
    author=st.text(),
    association=st.just("OWNER"),
    text=st.text(st.characters() | st.sampled_from("\n\r\x1b>"), max_size=5_000),
    place=st.text(),
    at_ns=st.just(0),
    url=st.text() | st.just("https://github.com/o/n/pull/12#x"),
)
CHECKS = st.builds(Check, name=st.text(), verdict=st.just("fail"), said=st.text(), url=st.text(), at_ns=st.none())


@given(st.lists(CHECKS, max_size=30), st.lists(REMARKS, max_size=30))
def test_what_people_wrote_is_quoted_and_bounded(checks: list[Check], remarks: list[Remark]) -> None:
    said = pull_words.prompt(PULL, "1" * 40, checks, remarks)

    assert is_clean(said)
    rows = said.split("\n")
    ours = [row for row in rows if row and not row.startswith((">", "- ", "(cut; the rest: "))]
    assert len(ours) <= 5 + pull_words.MOST
    assert ours[0] == f"Pull request #12 of your branch 'x' ({PULL.url}):"
    assert ours[-1] == "See to it and commit what you change. Push that branch if you may; without force."
    assert len(said) <= 40 + pull_words.MOST * (2 * pull_words.LONGEST_REMARK + 1_500)


@given(st.text(st.sampled_from('@ab/. \n\t("\u200b\x1b'), max_size=40))
def test_nothing_that_people_wrote_is_a_file_to_be_taken_in(text: str) -> None:
    remark = Remark("k", f"a {text}", "OWNER", text, f"wrote on {text}", 0, "")
    check = Check(text or "x", "fail", text, "", None)

    said = pull_words.prompt(replace(PULL, branch=text), "1" * 40, [check], [remark])

    assert re.search(r"""(^|[\s'("`])@[\w./~"]""", said) is None


def test_an_address_and_a_version_stay_as_they_are() -> None:
    remark = Remark("k", "bob", "OWNER", "write to a@b.org, pin x@1.2, see @types/node and `@x`", "wrote", 0, "")

    said = pull_words.prompt(PULL, "1" * 40, [], [remark])

    assert "> write to a@b.org, pin x@1.2, see @ types/node and `@ x`" in said


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"checks": "fail", "told": 1}, "pr #12: checks fail, 1 of 3 rounds"),
        ({"checks": "pending"}, "pr #12: checks run, 0 of 3 rounds"),
        ({"checks": "stopped"}, "pr #12: checks wait for somebody, 0 of 3 rounds"),
        ({"checks": "pass", "paused": True}, "pr #12: checks pass, 0 of 3 rounds, paused"),
        ({"trouble": "gh did not answer"}, "pr #12: GitHub cannot be asked, 0 of 3 rounds"),
        ({"looked_ns": None}, "pr #12: not looked at yet, 0 of 3 rounds"),
        ({"watched": False}, "pr #12"),
        ({"watched": False, "told": 3}, "pr #12: 3 of 3 rounds, not watched any more"),
        ({"watched": False, "state": "merged"}, "pr #12: merged"),
    ],
)
def test_the_list_says_how_it_is(changes: dict[str, object], said: str) -> None:
    assert pull_words.summary(replace(PULL, **changes)) == said


def test_those_left_out_are_counted() -> None:
    assert pull_words.left_out(PULL) == ""
    assert pull_words.left_out(replace(PULL, others=1)) == "1 comment of others is not told to it"
    assert pull_words.left_out(replace(PULL, others=2)) == "2 comments of others are not told to it"
