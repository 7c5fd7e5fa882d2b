"""`tmuxagents review`"""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path

import click

from tmuxagents.cli import editor
from tmuxagents.cli.options import json_option, name_argument, with_app
from tmuxagents.cli.render import verdicts
from tmuxagents.cli.render.stream import as_told
from tmuxagents.cli.render.waited import raise_worst
from tmuxagents.cli.terminal import print_json, put, tell
from tmuxagents.cli.texts import read_input
from tmuxagents.errors import TmuxagentsError, word
from tmuxagents.kinds.prompts import is_blank
from tmuxagents.model.agent import Agent
from tmuxagents.output.review_text import MARK
from tmuxagents.output.safe_text import clean, one_line
from tmuxagents.services.app import App
from tmuxagents.services.fleet.now import fleet_now
from tmuxagents.services.review import drafts, reviewing
from tmuxagents.services.review.reviewing import Written
from tmuxagents.services.talk import say
from tmuxagents.services.talk.say import Verdict
from tmuxagents.value import Value


def _has_worktree(agent: Agent) -> bool:
    return agent.worktree is not None


class _Way(Value):
    """What is to be done with comments, and how it is told."""

    dry_run: bool
    as_json: bool


@click.command()
@name_argument(_has_worktree)
@click.argument("source", metavar="[-]", required=False, type=click.Choice(["-"]))
@click.option("--again", is_flag=True, help="Only what has changed since the last round.")
@click.option("--print", "print_", is_flag=True, help="Print the text, and send nothing.")
@click.option("--dry-run", is_flag=True, help="Print what would be sent, and send nothing.")
@json_option
@with_app
def command(app: App, name: str, source: str | None, again: bool, print_: bool, dry_run: bool, as_json: bool) -> None:
    """Comment on what NAME has done in its worktree. The diff opens in $VISUAL or $EDITOR; lines that begin with >>
    are comments, each below the line that it is about, or above the first file. On leaving they go to NAME as one
    prompt, each with its file, its line and the lines that it is about. Without one nothing is sent.

    Into a file or a pipe the text is printed (`review api > api.review`); from one (`-`, or `review api <
    api.review`) it is read, and its comments are sent. Until they have arrived they are kept in a file that is named.
    """
    if print_ and (source or dry_run or as_json):
        raise click.UsageError("--print sends nothing: give it alone, or with --again")
    agent = _one(app, name)
    way = _Way(dry_run, as_json)
    if print_:
        _print(agent, again=again)
    elif source is not None:
        _take(app, agent, _given(), way)
    elif editor.can_open() and sys.stdout.isatty():
        _edit(app, agent, way, again=again)
    elif editor.can_open() or is_blank(given := _given()):
        _print(agent, again=again)
    else:
        _take(app, agent, given, way)


def _given() -> str:
    """The rows of a file that is no UTF-8 stand in its diff, and are sent with a comment as they can be read."""
    return read_input(exactly=False)


def _one(app: App, name: str) -> Agent:
    chosen = fleet_now(app).select([name])
    if len(chosen) != 1:
        raise click.UsageError(f"one agent is reviewed at a time, and '{name[:60]}' means {len(chosen)}")
    return chosen[0]


def _shown(agent: Agent, *, again: bool) -> str | None:
    text = reviewing.show(agent, again=again)
    if text is None:
        tell(f"tmuxagents: {agent.name} has changed nothing{' since the last round' if again else ''}")
    return text


def _print(agent: Agent, *, again: bool) -> None:
    text = _shown(agent, again=again)
    if text is not None:
        sys.stdout.buffer.write(text.encode())
        sys.stdout.buffer.flush()


def _edit(app: App, agent: Agent, way: _Way, *, again: bool) -> None:
    _tell_before(app, agent)
    text = _shown(agent, again=again)
    if text is None:
        return
    path = drafts.begin(app, agent, text)
    try:
        editor.edit(path, undone="nothing is sent")
    except BaseException:
        if _is_written(drafts.read(path), text):
            _tell_kept(app, agent, path)
        else:
            path.unlink(missing_ok=True)
        raise
    _take(app, agent, drafts.read(path), way)


def _tell_before(app: App, agent: Agent) -> None:
    """Comments of before that are kept, in one line: the newest is named."""
    known = [path for path in drafts.known(app, agent) if _has_comments(drafts.read(path))]
    if known:
        more = f", and {len(known) - 1} more beside it" if len(known) > 1 else ""
        _tell_kept(app, agent, known[-1], what=f"what was written before is kept{more}")


def _has_comments(text: str) -> bool:
    return any(row.startswith(MARK) for row in text.split("\n"))


def _is_written(text: str, shown: str) -> bool:
    """Whether there is a row that was not shown; an editor may have changed how they end."""
    return not {row.rstrip("\r") for row in text.split("\n")} <= {"", *(row.rstrip("\r") for row in shown.split("\n"))}


def _take(app: App, agent: Agent, text: str, way: _Way) -> None:
    """Send the comments, and keep the text until they have arrived."""
    done = False
    try:
        what = reviewing.written(agent, text)
        _tell_strays(what)
        if what.strays and not what.comments:
            words = f"nothing is sent: no line that was written begins with {MARK}"
            raise TmuxagentsError(words, hint=f"tmuxagents review {agent.name}")
        verdict = reviewing.send(app, agent, what) if what.comments and not way.dry_run else None
        # Of a kind that confirms nothing the text may be all that is left.
        done = not what.comments if verdict is None else verdict.word in say.GOOD
        if done and verdict is not None:
            _drop_sent(app, agent, what)
    finally:
        if done:
            drafts.drop(app, agent, text)
        elif not way.dry_run or drafts.holds(app, agent, text):
            _tell_kept(app, agent, drafts.keep(app, agent, text))
    _told(agent, what, verdict, way)


def _drop_sent(app: App, agent: Agent, what: Written) -> None:
    """Whatever is kept of the same comments, as from a `--dry-run` before."""
    for path in drafts.known(app, agent):
        with contextlib.suppress(TmuxagentsError):
            if reviewing.written(agent, drafts.read(path)).text == what.text:
                path.unlink(missing_ok=True)


def _tell_strays(what: Written) -> None:
    if what.strays and what.comments:
        more = f" and {len(what.strays) - 1} more" if len(what.strays) > 1 else ""
        tell(f"tmuxagents: neither the diff's nor a comment: '{one_line(what.strays[0], 60)}'{more}")
    for path in sorted(what.changed):
        tell(f"tmuxagents: '{one_line(path)}' has changed since it was shown; the quoted lines are as they were")


def _tell_kept(app: App, agent: Agent, path: Path, *, what: str = "what was written is kept") -> None:
    again = app.addressed(f"tmuxagents review {agent.name} - < {word(path)}")
    tell(f"tmuxagents: {what}: {again}")


def _told(agent: Agent, what: Written, verdict: Verdict | None, way: _Way) -> None:
    if way.as_json:
        print_json({"results": [_as_json(agent, what, verdict)]})
    elif not what.comments:
        tell("tmuxagents: no comments: nothing is sent")
    elif verdict is None:
        put(clean(what.text))
    else:
        verdicts.tell(agent, verdict, quiet=False)
    if verdict is not None:
        raise_worst([verdicts.error(agent, verdict, told=not way.as_json)])


def _as_json(agent: Agent, what: Written, verdict: Verdict | None) -> dict[str, object]:
    comments = [
        {
            "file": one.path,
            "line": one.line,
            "removed": one.removed,
            "quoted": list(one.quoted),
            "text": one.text,
            "changed": one.path in what.changed,
        }
        for one in what.comments
    ]
    known: dict[str, object] = {"verdict": None, "evidence": None, "ms": None}
    if verdict is not None:
        known = {"verdict": verdict.word, "evidence": as_told(verdict.evidence), "ms": verdict.ms}
    return {"agent": agent.name, "id": agent.id, **known, "comments": comments, "text": what.text if comments else None}
