"""What catchup counts is what the entries say, whatever they are and whatever stands in them."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.output.test_rendering import HOSTILE
from tmuxagents.cli.render import catchup as page
from tmuxagents.cli.render import catchup_html
from tmuxagents.model.condition import Condition, Dialog
from tmuxagents.model.entry import Entry
from tmuxagents.names import AgentId, AgentName
from tmuxagents.output.safe_text import is_clean
from tmuxagents.output.widths import width_of
from tmuxagents.services.fleet import catchup
from tmuxagents.services.fleet.catchup import Account, Catchup
from tmuxagents.value import replace

KINDS = ["spawned", "prompt", "text", "output", "tool", "needs", "decision", "turn", "exit", "note", "gap", "error"]
TOOLS = ["Bash: cargo test", "Bash: make", "Bash", "Read: a.py", "Write: a.py", "Edit: b.py", "Task: look"]
ENDS = ["ended (0)", "failed (exit 3)", "lost: its window is gone"]
NOW = 1_800_000_000_000_000_000


@st.composite
def entries(draw: st.DrawFn) -> list[Entry]:
    found = []
    for number in range(draw(st.integers(1, 30))):
        kind = draw(st.sampled_from(KINDS))
        text = draw(
            st.sampled_from({"tool": TOOLS, "exit": ENDS}.get(kind, [])) if kind in ("tool", "exit") else HOSTILE
        )
        detail = _ended(draw) if kind == "turn" else {}
        found.append(Entry(number + 1, NOW + number, AgentId("id"), AgentName("api"), 0, 1, kind, text, detail))
    return found


def _ended(draw: st.DrawFn) -> dict[str, object]:
    return {"cost_usd": draw(st.none() | st.integers(0, 5)), "how": draw(st.sampled_from(["done", "interrupted"]))}


def told(found: list[Entry]) -> Account:
    made = catchup.account(found)
    assert made is not None
    return made


def of(found: list[Entry], *kinds: str) -> list[str]:
    return [entry.text for entry in found if entry.kind in kinds]


@pytest.mark.slow
@given(entries())
def test_each_count_is_that_of_the_entries(found: list[Entry]) -> None:
    account = told(found)

    tools = of(found, "tool")
    costs = [e.detail["cost_usd"] for e in found if e.kind == "turn" and e.detail["cost_usd"] is not None]
    assert account.entries == len(found)
    assert list(account.asked) == of(found, "prompt")
    assert account.tools == {name: sum(t.partition(":")[0] == name for t in tools) for name in account.tools}
    assert sum(account.tools.values()) == len(tools)
    assert set(account.files) == {t.split(": ")[1] for t in tools if t.startswith(("Write: ", "Edit: "))}
    assert set(account.commands) == {t.split(": ")[1] for t in tools if t.startswith("Bash: ")}
    assert account.tests == tools.count("Bash: cargo test")
    assert account.turns == len(of(found, "turn"))
    assert account.interrupted == sum(e.detail.get("how") == "interrupted" for e in found if e.kind == "turn")
    assert account.cost_usd == (sum(costs) if costs else None)
    assert list(account.decisions) == of(found, "decision")
    assert len(account.failures) + len(account.ends) == len(of(found, "error", "exit"))
    assert account.said == len(of(found, "text", "output"))
    assert account.says == next(iter(reversed(of(found, "text", "output"))), None)
    assert (account.first, account.last) == (found[0].seq, found[-1].seq)


@pytest.mark.slow
@given(entries(), st.integers(0, 30))
def test_two_readings_tell_as_much_as_one(found: list[Entry], cut: int) -> None:
    parts = [made for part in (found[:cut], found[cut:]) if (made := catchup.account(part)) is not None]
    whole = told(found)

    assert sum(part.entries for part in parts) == whole.entries
    assert sum(part.turns for part in parts) == whole.turns
    assert [text for part in parts for text in part.asked] == list(whole.asked)
    assert sum(sum(part.tools.values()) for part in parts) == sum(whole.tools.values())


def waiting(what: str) -> Condition:
    return Condition("waiting", NOW, dialog=Dialog("question", what, (what, "No"), text=what))


@pytest.mark.slow
@given(entries(), HOSTILE, st.integers(20, 200))
def test_nothing_hostile_reaches_the_terminal_and_no_row_is_too_wide(found: list[Entry], what: str, width: int) -> None:
    account = replace(told(found), now=waiting(what))

    text = page.page(Catchup(NOW, [account]), now_ns=NOW, width=width, color=False)

    assert is_clean(text)
    assert all(width_of(row) <= width for row in text.split("\n"))
    coloured = page.page(Catchup(NOW, [account]), now_ns=NOW, width=width, color=True)
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == text


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}


MARKUP = st.sampled_from(
    ["<script>alert(1)</script>", "<img src=x onerror=y>", '"><a href="http://x">', "</dd>", "&lt;"]
)
TAGS = {"html", "head", "meta", "title", "style", "body", "h1", "section", "h2", "span", "dl", "dt", "dd"}


@given(st.lists(HOSTILE | MARKUP, min_size=1, max_size=8), MARKUP)
def test_nothing_of_an_agents_making_is_markup(texts: list[str], what: str) -> None:
    kinds = ["prompt", "text", "tool", "error", "decision", "note"]
    found = [
        Entry(n + 1, NOW, AgentId("id"), AgentName("api"), 0, 1, kinds[n % len(kinds)], text)
        for n, text in enumerate([*texts, what])
    ]
    account = replace(told(found), now=waiting(what))

    made = catchup_html.page(Catchup(NOW, [account]), now_ns=NOW)

    reader = _Reader()
    reader.feed(made)
    assert reader.tags <= TAGS
    assert reader.attributes <= {"lang", "charset", "http-equiv", "content", "name", "class"}
    assert is_clean(made)
    assert html.escape(what) in made


def test_those_who_wait_stand_first_then_the_failures() -> None:
    one = told([Entry(1, NOW, AgentId("id"), AgentName("api"), 0, 1, "text", "x")])
    accounts = [one, replace(one, failures=("x",)), replace(one, now=waiting("x"))]

    assert catchup.in_order(accounts) == accounts[::-1]


def test_where_nothing_happened_that_is_told() -> None:
    assert page.page(Catchup(None, []), now_ns=NOW, width=80, color=False) == "Nothing new"
