"""The tasks of a run side by side, from what `--json` tells of them."""

from __future__ import annotations

from typing import Any

from tmuxagents.cli.render import comparing
from tmuxagents.output.safe_text import is_clean
from tmuxagents.output.widths import width_of


def one(key: str, **more: Any) -> dict[str, Any]:
    plain = dict.fromkeys(("answer", "error", "duration_s", "cost_usd", "tokens", "check", "work", "of", "item"))
    return {**plain, "key": key, "state": "done", "agent": f"run-1-{key}", "attempts": 1, "picked": False, **more}


def work(*files: tuple[str, int | None, int | None], **more: Any) -> dict[str, Any]:
    told = [{"path": path, "before": None, "status": "M", "insertions": a, "deletions": d} for path, a, d in files]
    sums = {"insertions": sum(a or 0 for _, a, _ in files), "deletions": sum(d or 0 for _, _, d in files)}
    usual = {"branch": "b", "into": "main", "commits": 1, "merges": True, "conflicts": [], "trouble": None}
    return {**usual, "files": told, **sums, **more}


THREE = [
    one("try-1", answer="quick", duration_s=1.25, cost_usd=0.0312, check="passed", work=work(("a.py", 3, 1))),
    one("try-2", answer="thorough", picked=True, work=work(("a.py", 9, 9), merges=False, conflicts=["a.py"])),
    one("try-3", state="failed", error="its check failed: exit 1", check="failed", work=work()),
]


def test_figures_stand_in_a_table_and_answers_below_it() -> None:
    assert comparing.rows(THREE, 80) == [
        "TASK   STATE   TIME  COST     CHECK   LINES             MERGES",
        "try-1  done    1.2s  $0.0312  passed  +3 -1 in 1 file   into main",
        "try-2  picked  -     -        -       +9 -9 in 1 file   conflicts: a.py",
        "try-3  failed  -     -        failed  +0 -0 in 0 files  into main",
        "",
        f"{'## try-1':38} | ## try-2",
        f"{'':38} |",
        f"{'quick':38} | thorough",
        f"{'':38} |",
        f"{'M +3 -1 a.py':38} | M +9 -9 a.py",
        "",
        "## try-3",
        "",
        "(failed: its check failed: exit 1)",
    ]


def test_a_long_answer_ends_with_how_the_rest_is_read() -> None:
    rows = comparing.rows([one("try-1", answer="line\n" * 100)], 80)

    assert rows.count("line") == comparing.LINES
    assert rows[-1] == "… 40 more lines: tmuxagents last run-1-try-1"


def test_what_cannot_be_looked_at_says_why() -> None:
    gone = {**work(), **dict.fromkeys(("files", "branch", "into", "merges")), "trouble": "it is in the trash"}

    assert comparing.rows([one("try-1", work=gone)], 80)[1] == "try-1  done   it is in the trash"


def test_hostile_texts_act_on_no_terminal_and_fit_in_every_one() -> None:
    evil = "\x1b]0;x\x07a\u202eb\x9b31m\r\n"
    rows = [one("try-1", answer=evil * 9, work=work((evil, 1, None))), one("try-2", state="failed", error=evil)]

    for width in (20, 40, 80, 200):
        shown = comparing.rows(rows, width)
        assert all(is_clean(row) and width_of(row) <= width for row in shown), width
