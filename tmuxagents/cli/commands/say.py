"""`tmuxagents say`"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence

import click

from tmuxagents import clock
from tmuxagents.cli import completing
from tmuxagents.cli.options import DURATION, json_option, name_argument, with_app
from tmuxagents.cli.render import verdicts
from tmuxagents.cli.render.stream import as_told
from tmuxagents.cli.render.waited import error_of, no_dialog_option, noticing, raise_worst
from tmuxagents.cli.scope import everywhere_option, meant
from tmuxagents.cli.terminal import print_json
from tmuxagents.cli.texts import read_input, read_text
from tmuxagents.cli.words import Worded
from tmuxagents.drivers.tmux.snapshot import Snapshot
from tmuxagents.errors import BadValue, Refused, StateDamaged, TmuxagentsError, TmuxUnreachable, Unrecorded
from tmuxagents.kinds.prompts import is_blank
from tmuxagents.model.agent import Agent
from tmuxagents.names import AgentId
from tmuxagents.output.safe_text import clean
from tmuxagents.services.app import App
from tmuxagents.services.fleet.now import fleet_now, is_there
from tmuxagents.services.talk import say
from tmuxagents.services.talk.delivery import Verdict, Word
from tmuxagents.store import agents
from tmuxagents.value import Value


@click.command(cls=Worded)
@name_argument(is_there)
@click.argument("text", metavar="[TEXT]...", nargs=-1)
@click.option("--file", "file", metavar="FILE", shell_complete=completing.file, help="Say what FILE holds.")
@click.option("--when-idle", is_flag=True, help="Hold it durably until the turn has ended.")
@click.option("--interrupt", is_flag=True, help="Stop the running turn first.")
@click.option("--wait", "wait_", is_flag=True, help="Wait for the answer and print it.")
@click.option("--timeout", type=DURATION, metavar="TIME", help="With --wait: at most this long; exit code 4.")
@no_dialog_option
@everywhere_option
@json_option
@with_app
def command(
    app: App,
    name: str,
    text: tuple[str, ...],
    file: str | None,
    when_idle: bool,
    interrupt: bool,
    wait_: bool,
    timeout: float | None,
    no_dialog: bool,
    everywhere: bool,
    as_json: bool,
) -> None:
    """Deliver TEXT to NAME and say what became of it: submitted, queued, held, refused, unconfirmed or gone.

    Options end at the text's first word; where that begins with a dash, `--` stands in front of it.
    Without TEXT, and with `-` as the text, standard input is read; at a terminal $VISUAL or $EDITOR opens.
    A text is UTF-8: what is none is refused, and nothing is said.

    --wait prints the answer when the turn has ended; a command such as /compact has none. A dialog is
    told at once and waited through (--no-dialog: exit code 3). Exit code 4 when the time limit of the
    wait or of the agent has passed, 5 when the turn failed or was interrupted, or the agent is over.
    """
    if when_idle and interrupt:
        raise click.UsageError("--when-idle waits for the turn, --interrupt stops it: choose one")
    if timeout is not None and not wait_:
        raise click.UsageError("--timeout is how long --wait waits: give both")
    # Before it is read or written: what was written to nobody would be lost, what was written to one is not another's.
    before = _meant_now(app, name) if file is None and text in ((), ("-",)) else {}
    with _text(text, file) as words:
        if is_blank(words):
            raise BadValue("there is nothing to say", hint=f"tmuxagents say {name}")
        _carry_out(
            app,
            name,
            words,
            before=before,
            when_idle=when_idle,
            interrupt=interrupt,
            wait=_Wait(timeout, no_dialog) if wait_ else None,
            everywhere=everywhere,
            as_json=as_json,
        )


class _Wait(Value):
    """How an answer is waited for."""

    timeout: float | None
    no_dialog: bool


def _meant_now(app: App, name: str) -> Mapping[str, AgentId]:
    """Whose each name is, before a text for them is there."""
    return {agent.name: agent.id for agent in fleet_now(app).select([name])}


def _refuse_others(chosen: Sequence[Agent], before: Mapping[str, AgentId]) -> None:
    """A name may be given again while a text is written, which takes minutes."""
    for agent in chosen:
        if before.get(agent.name, agent.id) != agent.id:
            raise Refused(
                f"nothing was said: {agent.name} is another agent than when the text was begun",
                hint=f"tmuxagents show {agent.name}",
            )


@contextlib.contextmanager
def _text(text: tuple[str, ...], file: str | None) -> Iterator[str]:
    """What is to be said: given, else written in an editor by whoever sits at the terminal, else read."""
    if text or file is not None:
        yield read_text(text, file)
        return
    # It imports three compressors; a text that is given waits for none.
    from tmuxagents.cli import editor

    if editor.can_open():
        with editor.written() as words:
            yield words
    else:
        yield read_input()


def _carry_out(
    app: App,
    name: str,
    words: str,
    *,
    before: Mapping[str, AgentId],
    when_idle: bool,
    interrupt: bool,
    wait: _Wait | None,
    everywhere: bool,
    as_json: bool,
) -> None:
    team = fleet_now(app)
    chosen = meant(team, [name], is_there, everywhere=everywhere, does="runs")
    _refuse_others(chosen, before)
    results = [
        (agent, _attempt(app, agent, words, when_idle, interrupt, team.snapshot, alone=len(chosen) == 1))
        for agent in chosen
    ]
    for agent, verdict in results:
        if not as_json:
            verdicts.tell(agent, verdict, quiet=wait is not None)
    errors = [verdicts.error(agent, verdict, told=not as_json) for agent, verdict in results]
    answers: dict[str, str] = {}
    try:
        if wait is not None:
            errors += _wait(app, results, words, wait, answers)
    finally:
        if as_json:
            rows = [_as_json(app, agent, verdict, wait is not None, answers) for agent, verdict in results]
            print_json({"results": rows})
    for name_, said in answers.items() if not as_json else ():
        _print_answer(name_ if len(results) > 1 else None, said)
    raise_worst(errors)


def _print_answer(name: str | None, said: str) -> None:
    """Of several each row carries its speaker."""
    rows = clean(said).splitlines()
    click.echo("\n".join(f"[{name}] {row}" if name is not None else row for row in rows))


def _attempt(
    app: App, agent: Agent, words: str, when_idle: bool, interrupt: bool, panes: Snapshot | None, *, alone: bool
) -> Verdict:
    """What keeps one from being told is its own verdict: what became of those before it is told all the same."""
    try:
        return _say(app, agent, words, when_idle=when_idle, interrupt=interrupt, panes=panes)
    except (StateDamaged, TmuxUnreachable) as error:
        if alone:
            raise
        word: Word = "unconfirmed" if isinstance(error, Unrecorded) else "refused"
        return Verdict(word, error.message, hint=error.hint or "")


def _say(app: App, agent: Agent, words: str, *, when_idle: bool, interrupt: bool, panes: Snapshot | None) -> Verdict:
    if not when_idle:
        return say.deliver(app, agent.id, words, interrupt=interrupt, panes=panes)
    from tmuxagents.services.talk.later import later

    return later(app, agent, words)


def _wait(
    app: App,
    results: Sequence[tuple[Agent, Verdict]],
    words: str,
    wait: _Wait,
    answers: dict[str, str],
) -> list[TmuxagentsError | None]:
    """Put the answers of those who have the text into `answers`, by name; the errors of the others."""
    from tmuxagents.services.fleet import waiting

    deadline = clock.monotonic() + wait.timeout if wait.timeout is not None else None
    judges = {
        agent.id: waiting.answers(app, verdict.mark, verdict.digest, is_command=_is_command(words))
        for agent, verdict in results
        if verdict.word in say.GOOD
    }
    found = waiting.until(app, judges, deadline=deadline, notice=noticing(no_dialog=wait.no_dialog))
    for agent, outcome in found.values():
        if outcome is not None and outcome.how == "there" and outcome.said:
            answers[agent.name] = outcome.said
    return [error_of(agent, outcome, timeout=wait.timeout) for agent, outcome in found.values()]


def _is_command(words: str) -> bool:
    first = (words.split() or [""])[0]
    return first.startswith("/") and "/" not in first[1:]


def _as_json(app: App, agent: Agent, verdict: Verdict, waited: bool, answers: Mapping[str, str]) -> dict[str, object]:
    after = {"answer": answers.get(agent.name), **_state_now(app, agent)} if waited else {}
    return {
        "agent": agent.name,
        "verdict": verdict.word,
        "evidence": as_told(verdict.evidence),
        "ms": verdict.ms,
        **after,
    }


def _state_now(app: App, agent: Agent) -> dict[str, object]:
    now = (agents.by_id(app.db, agent.id) or agent).condition
    return {"state": now.state, "needs": now.needs}
