"""`tmuxagents say`"""

from __future__ import annotations

from collections.abc import Sequence

import click

from tmuxagents.cli.common import DURATION, json_option, name_argument, read_text, with_app
from tmuxagents.cli.stream import command_for
from tmuxagents.cli.terminal import print_json
from tmuxagents.cli.words import Worded
from tmuxagents.drivers.tmux.snapshot import Snapshot
from tmuxagents.errors import AgentFailed, Refused, TmuxagentsError
from tmuxagents.kinds.prompts import is_blank
from tmuxagents.model.agent import Agent
from tmuxagents.output.clean import one_line
from tmuxagents.services import fleet
from tmuxagents.services.app import App
from tmuxagents.services.talk import say
from tmuxagents.services.talk.say import Verdict


@click.command(cls=Worded)
@name_argument()
@click.argument("text", metavar="TEXT...", nargs=-1)
@click.option("--file", "file", metavar="FILE", help="Say what FILE holds.")
@click.option("--when-idle", is_flag=True, help="Hold it durably until the turn has ended.")
@click.option("--interrupt", is_flag=True, help="Stop the running turn first.")
@click.option("--wait", "wait_", is_flag=True, help="Wait for the answer and print it.")
@click.option("--timeout", type=DURATION, metavar="TIME", help="With --wait: at most this long.")
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
    as_json: bool,
) -> None:
    """Deliver TEXT to NAME and say what became of it: submitted, queued, held, refused, unconfirmed or gone.

    `-` as the text reads standard input. Options end at the text's first word; where that begins with
    a dash, `--` stands in front of it.
    """
    if when_idle and interrupt:
        raise click.UsageError("--when-idle waits for the turn, --interrupt stops it: choose one")
    words = read_text(text, file)
    if is_blank(words):
        raise TmuxagentsError("there is nothing to say", hint=f'tmuxagents say {name} "…"')
    team = fleet.now(app)
    results = [
        (agent, _say(app, agent, words, when_idle=when_idle, interrupt=interrupt, panes=team.snapshot))
        for agent in team.select([name])
    ]
    if as_json:
        print_json({"results": [_as_json(agent, verdict) for agent, verdict in results]})
    answers = _answers(app, results, timeout) if wait_ else []
    for agent, verdict in results:
        if not as_json:
            _tell(agent, verdict, quiet=wait_)
    for answer in answers:
        click.echo(answer)
    _finish(results)


def _say(app: App, agent: Agent, words: str, *, when_idle: bool, interrupt: bool, panes: Snapshot | None) -> Verdict:
    from tmuxagents.services import house

    if not when_idle:
        return say.deliver(app, agent.id, words, interrupt=interrupt, panes=panes)
    # First who is to deliver it: what ends with an error is not kept, so that it may be said again.
    house.ensure_controller(app)
    verdict = say.hold(app, agent, words)
    house.nudge(app)
    return verdict


def _answers(app: App, results: Sequence[tuple[Agent, Verdict]], timeout: float | None) -> list[str]:
    from tmuxagents.output.clean import clean

    return [
        clean(say.answer(app, agent.id, verdict, within=timeout))
        for agent, verdict in results
        if verdict.word in say.GOOD
    ]


def _tell(agent: Agent, verdict: Verdict, *, quiet: bool) -> None:
    line = f"{verdict.word}: {agent.name} ({verdict.evidence}, {verdict.ms} ms)"
    click.echo(one_line(line, 400), err=quiet)


def _as_json(agent: Agent, verdict: Verdict) -> dict[str, object]:
    return {"agent": agent.name, "verdict": verdict.word, "evidence": verdict.evidence, "ms": verdict.ms}


def _finish(results: Sequence[tuple[Agent, Verdict]]) -> None:
    for agent, verdict in results:
        if verdict.dialog is not None:
            command_ = command_for(agent.name, verdict.dialog.needs)
            raise Refused(f"{agent.name} needs {verdict.dialog.needs}: {verdict.dialog.what}", hint=command_)
        if verdict.word == "refused":
            hint = verdict.hint or f"tmuxagents show {agent.name}"
            raise Refused(f"not said to {agent.name}: {verdict.evidence}", hint=hint)
        if verdict.word == "unconfirmed" and agent.kind != "command":
            raise AgentFailed(f"unconfirmed: {agent.name}: {verdict.evidence}", hint=f"tmuxagents attach {agent.name}")
        if verdict.word == "gone":
            raise Refused(verdict.evidence, hint=f"tmuxagents resume {agent.name}")
