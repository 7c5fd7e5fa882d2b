"""`tmuxagents spawn`"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import click

from tmuxagents.cli import completing, defaults
from tmuxagents.cli.agent_options import (
    budget_options,
    each_option,
    env_option,
    kept_option,
    kind_option,
    model_option,
    permission_mode_option,
    scope_option,
    timeout_option,
)
from tmuxagents.cli.options import Whole, folder_of, folder_option, labels_option, name_option, with_app
from tmuxagents.cli.tasks import given
from tmuxagents.cli.terminal import print_json, tell
from tmuxagents.errors import AgentFailed, BadValue, TmuxagentsError
from tmuxagents.kinds import registry
from tmuxagents.model.agent import Agent
from tmuxagents.names import AgentId
from tmuxagents.services.app import App
from tmuxagents.services.lifecycle.spawn import SpawnRequest, WorktreeRequest, over_already, spawn
from tmuxagents.services.settings import chosen
from tmuxagents.settings.layers import Answer
from tmuxagents.settings.spawn import is_label
from tmuxagents.store import agents
from tmuxagents.value import replace

_KINDS = " or ".join([", ".join(registry.NAMES[:-1]), registry.NAMES[-1]])


class Dashes(click.Command):
    """Keeps what stands behind `--` apart from the tasks before it."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        at = args.index("--") if "--" in args else len(args)
        ctx.meta["behind_dashes"] = args[at + 1 :]
        return super().parse_args(ctx, [_named_branch(word) for word in args[:at]])


def _named_branch(word: str) -> str:
    """A branch stands behind `=` alone: a word behind `-w` is the task."""
    option, equals, branch = word.partition("=")
    return f"--worktree-branch={branch}" if equals and option == "--worktree" else word


def _forks(agent: Agent) -> bool:
    return registry.kind(agent.kind).FORKS


@click.command(cls=Dashes)
@click.argument("tasks", metavar="[TASK]...", nargs=-1)
@name_option("Its name; the next agent-N when not given.")
@kind_option(f"What program: {_KINDS}.")
@folder_option("The folder it works in.")
@click.option(
    "-w",
    "--worktree",
    is_flag=True,
    help="In a git worktree of its own, on a new branch; --worktree=BRANCH on one of yours.",
)
@click.option("--worktree-branch", metavar="BRANCH", hidden=True)
@click.option("--base", metavar="REF", help="The commit that its branch begins with; HEAD when not given.")
@click.option(
    "--branch-off",
    "branch_off",
    metavar="AGENT",
    shell_complete=completing.agents(_forks, several=False),
    help="Go on with a copy of that one's conversation, in a worktree that begins with its work as it is now.",
)
@scope_option("It may change only these paths of its checkout, and read everything ('src/auth/**'; may be repeated).")
@kept_option("--profile", "Settings kept by that name (tmuxagents help config).")
@kept_option("--role", "What it is: settings and instructions kept by that name (tmuxagents help config).")
@model_option("The model, as the program names it.")
@permission_mode_option
@click.option(
    "--print", "print_", is_flag=True, help="Without a terminal: it does its task, ends, and last prints its answer."
)
@click.option(
    "--json-schema",
    "schema",
    metavar="FILE",
    shell_complete=completing.file,
    help="With --print: the JSON Schema that its answer has to satisfy.",
)
@timeout_option("Stop it after this long (90s, 15m, 2h).")
@budget_options("Begin no turn once it has cost so many dollars (2.50).")
@click.option("--budget-interrupt", is_flag=True, default=None, help="Stop the turn that passes its budget.")
@click.option("--count", metavar="N", type=Whole(1, 200), default=1, help="This many agents with the same task.")
@each_option("An agent for each line of FILE; # begins a comment.")
@click.option("--edit", is_flag=True, help="Write the task in $VISUAL or $EDITOR.")
@click.option(
    "--trust/--no-trust", default=None, help="Record the folder as trusted in Claude Code's configuration, or do not."
)
@labels_option("A word to find it by (ls -l WORD).")
@env_option("Set a variable for it.")
@click.option("--now", is_flag=True, help="At once, whatever bounds there are (tmuxagents help queue).")
@click.option("--wait", "wait_", is_flag=True, help="Wait until its first turn has ended (exit codes as of wait).")
@click.option("--no-dialog", is_flag=True, help="With --wait: end with exit code 3 when it needs you.")
@click.option("-q", "--quiet", is_flag=True, help="Print the bare name.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON (tmuxagents help json).")
@click.pass_context
def command(
    ctx: click.Context,
    tasks: tuple[str, ...],
    name: str | None,
    kind: str | None,
    folder: str,
    worktree: bool,
    worktree_branch: str | None,
    base: str | None,
    branch_off: str | None,
    scope: tuple[str, ...],
    profile: str | None,
    role: str | None,
    model: str | None,
    permission_mode: str | None,
    print_: bool,
    schema: str | None,
    timeout: float | None,
    budget: float | None,
    budget_tokens: int | None,
    budget_interrupt: bool | None,
    count: int,
    each: str | None,
    edit: bool,
    trust: bool | None,
    labels: tuple[str, ...],
    env: tuple[str, ...],
    now: bool,
    wait_: bool,
    no_dialog: bool,
    quiet: bool,
    as_json: bool,
) -> None:
    """Start an agent for each TASK, detached; `-` as the task reads standard input. Without room
    for it it is queued.

    What stands behind `--` goes to the program: extra arguments, or, for --kind command, the
    program itself, whose last argument is the TASK.
    """
    if ctx.meta.get("typed") == "start":
        with_app(_refuse_names)(tasks)
    typed = {
        "kind": kind,
        "model": model,
        "permission_mode": permission_mode,
        "timeout": timeout,
        "budget_usd": budget,
        "budget_tokens": budget_tokens,
        "budget_interrupt": budget_interrupt,
        "args": tuple(ctx.meta["behind_dashes"]) or None,
        "trust": trust,
        "labels": tuple(_label(word) for word in labels) or None,
        **{f"env.{key}": value for key, value in variables(env).items()},
    }
    if role is not None and profile is not None:
        raise click.UsageError("--role and --profile: choose one", ctx=ctx)
    within = [glob(text) for text in scope]
    asked_for = _schema(schema) if schema is not None else None
    kept = {key: value for key, value in typed.items() if value is not None}
    origin = with_app(_origin)(branch_off) if branch_off is not None else None
    if origin is not None:
        _refuse_of_its_own(ctx, origin, kind)
        folder, kept = origin.dir, {**_as_it_was(origin, profile or role), **kept}
        within = within or list(origin.scope)
    answer = with_app(_settled)(folder, kept, profile, role)
    kind = answer.get("kind")
    if answer.get("max_turns") and not print_:
        tell("tmuxagents: max_turns counts without a terminal alone (--print)")
    if registry.kind(kind).TAKES_PROGRAM and not answer.get("args"):
        raise click.UsageError(f"--kind {kind} needs a program: -- PROGRAM ARG...", ctx=ctx)
    with contextlib.ExitStack() as held:
        wanted = given(held, tasks, each=each, edit=edit) * count
        if name is not None and len(wanted) > 1:
            raise click.UsageError("--name is for one agent", ctx=ctx)
        own = _worktree(ctx, worktree or origin is not None, worktree_branch, base, len(wanted), answer)
        if own is not None:
            own = replace(own, follow=own.follow and trust is not False, profile=profile or role)
        told = {"scope": within, "role": role, "mode": "print" if print_ else None, "json_schema": asked_for}
        extra = {key: value for key, value in told.items() if value is not None and value != []}
        with_app(_spawn_all)(wanted, name, folder, own, origin, extra, answer, now, wait_, no_dialog, quiet, as_json)


def _origin(app: App, name: str) -> Agent:
    from tmuxagents.services.fleet.now import fleet_now

    return fleet_now(app).one(name)


def _refuse_of_its_own(ctx: click.Context, origin: Agent, kind: str | None) -> None:
    """What --branch-off has from the agent that it names."""
    given = [param for param in ("folder", "worktree_branch", "base") if _is_typed(ctx, param)]
    if given or kind not in (None, origin.kind):
        named = {"folder": "-C", "worktree_branch": "--worktree=BRANCH", "base": "--base"}
        word = named[given[0]] if given else "--kind"
        raise click.UsageError(f"--branch-off goes on where {origin.name} is: leave {word} out", ctx=ctx)


def _is_typed(ctx: click.Context, param: str) -> bool:
    return ctx.get_parameter_source(param) is click.core.ParameterSource.COMMANDLINE


def _as_it_was(origin: Agent, profile: str | None) -> Mapping[str, Any]:
    """What the new one is started with where neither the command line nor a profile says it."""
    if profile is not None:
        return {"kind": origin.kind}
    had = {key: origin.options.get(key) for key in ("model", "permission_mode", "instructions")}
    lists = {key: tuple(map(str, origin.options.get(key, ()))) or None for key in ("args", "allowed_tools")}
    return {key: value for key, value in {"kind": origin.kind, **had, **lists}.items() if value is not None}


def _worktree(
    ctx: click.Context, wanted: bool, branch: str | None, base: str | None, count: int, answer: Answer
) -> WorktreeRequest | None:
    if branch is not None and count > 1:
        raise click.UsageError("--worktree=BRANCH is for one agent; -w gives each its own", ctx=ctx)
    if branch is None and not wanted:
        if base is not None:
            raise click.UsageError("--base is for -w", ctx=ctx)
        return None
    ready = {key: answer.get(f"worktree.{key}") for key in ("copy", "link", "setup")}
    return WorktreeRequest(branch, base, **ready, follow=answer.get("worktree.trust") == "follow")


def _settled(app: App, folder: str, typed: Mapping[str, Any], profile: str | None, role: str | None) -> Answer:
    return defaults.settled(app, folder_of(folder), typed, profile=profile, role=role)


def _refuse_names(app: App, tasks: Sequence[str]) -> None:
    """`start agent-1` means that agent to whoever knows docker: a new one with that task helps nobody."""
    from tmuxagents.store import agents

    known = [agent.name for agent in agents.known(app.db)]
    if tasks and all(task in known for task in tasks):
        raise TmuxagentsError(
            f"'{tasks[0]}' is an agent, and start begins new ones", hint=f"tmuxagents resume {tasks[0]}"
        )


def _spawn_all(
    app: App,
    tasks: Sequence[str | None],
    name: str | None,
    folder: str,
    own: WorktreeRequest | None,
    origin: Agent | None,
    extra: Mapping[str, Any],
    answer: Answer,
    now: bool,
    wait_: bool,
    no_dialog: bool,
    quiet: bool,
    as_json: bool,
) -> None:
    started: list[Agent] = []
    try:
        for task in tasks:
            request = SpawnRequest(
                task=task,
                name=name,
                kind=answer.get("kind"),
                folder=folder,
                naming=answer.get("naming"),
                options={**chosen.options(answer), **extra},
                given=answer.variables,
                path=os.environ.get("PATH"),
                worktree=own,
                branch_off=origin,
            )
            started.append(agent := spawn(app, request, now=now))
            if not as_json:
                _tell(app, agent, quiet=quiet)
    except BaseException:
        if as_json and started:
            _print_json(app, started)
        raise
    _tell_login(app, started, answer.variables)
    _tell_unkept(app, started[0])
    if own is None:
        _tell_shared(app, started[0])
    try:
        _follow_set_up(app, started)
        if wait_:
            _wait(app, started, no_dialog=no_dialog)
            return
    finally:
        if as_json:
            _print_json(app, started)
    errors = [error for agent in started if (error := _failed(app, agent)) is not None]
    if errors:
        from tmuxagents.cli.render.waited import raise_worst

        raise_worst(errors)


def _follow_set_up(app: App, started: Sequence[Agent]) -> None:
    """For whoever looks on: in a script `--wait` waits for it, and nothing else has to."""
    if started[-1].condition.set_up and sys.stderr.isatty():
        from tmuxagents.cli.render import set_ups

        set_ups.follow(app, started)


def _tell_login(app: App, started: Sequence[Agent], given: Mapping[str, str]) -> None:
    from tmuxagents.services.lifecycle import login

    kind = registry.kind(started[0].kind)
    if kind.PROGRAM and login.is_missing(kind, {**os.environ, **given}):
        app.remark(*_without_login(kind.PROGRAM, started[0].name, headless=started[0].is_headless))


def _without_login(program: str, name: str, *, headless: bool) -> tuple[str, str]:
    """What comes of it, and the command that helps. Without a terminal Claude Code ends at once (2.1.197: `Not logged
    in · Please run /login`, exit code 1)."""
    if headless:
        return f"nobody is logged in to {program}: without a terminal it cannot ask, and will fail", program
    return f"nobody is logged in to {program}: it will ask first", f"tmuxagents attach {name}"


def _tell_unkept(app: App, agent: Agent) -> None:
    """A budget that nobody can keep is no budget."""
    has_one = agent.options.get("budget_usd") or agent.options.get("budget_tokens")
    if has_one and not registry.kind(agent.kind).TELLS_USAGE:
        app.remark(
            f"what an agent of kind {agent.kind} spends is not known: no budget is kept", "tmuxagents help usage"
        )


def _tell_shared(app: App, agent: Agent) -> None:
    """Each would find its files changed by the other."""
    from tmuxagents.services.worktrees import shared

    others = shared.others(app, agent)
    if others:
        names = ", ".join(others[:3]) + (" …" if len(others) > 3 else "")
        app.remark(f"{names} and {agent.name} work in one checkout; -w gives each its own", "tmuxagents help worktrees")


def _failed(app: App, agent: Agent) -> AgentFailed | None:
    """Where its program has failed already, with its last words."""
    now = over_already(app, agent)
    if now is None or now.condition.state != "failed":
        return None
    return AgentFailed(f"{now.name} failed: {now.condition.reason}", hint=f"tmuxagents show {now.name}")


def _tell(app: App, agent: Agent, *, quiet: bool) -> None:
    from tmuxagents.output.safe_text import one_line

    if quiet:
        click.echo(agent.name)
        return
    verb, place = ("Queued", _place(app, agent)) if agent.phase == "queued" else ("Spawned", "")
    what = f": {one_line(agent.purpose, 100)}" if agent.purpose else ""
    click.echo(f"{verb} {agent.name}{what}{place}")


def _place(app: App, agent: Agent) -> str:
    from tmuxagents.services.fleet import lined_up

    place = lined_up.place(app, agent.id)
    return f" ({place})" if place else ""


def _print_json(app: App, started: Sequence[Agent]) -> None:
    from tmuxagents.services.fleet import listing

    now = [agents.by_id(app.db, agent.id) or agent for agent in started]
    if any(agent.phase == "queued" for agent in now):
        from tmuxagents.services.fleet import lined_up

        now = lined_up.told(app, now)
    print_json({"agents": listing.team_json(app, now)})


def _wait(app: App, started: Sequence[Agent], *, no_dialog: bool) -> None:
    from tmuxagents.cli.render.waited import error_of, noticing, raise_worst
    from tmuxagents.services.fleet import waiting

    judges: dict[AgentId, waiting.Judge] = {agent.id: waiting.does_its_task for agent in started}
    found = waiting.until(app, judges, deadline=None, notice=noticing(no_dialog=no_dialog))
    raise_worst(error_of(agent, outcome, timeout=None) for agent, outcome in found.values())


def _label(word: str) -> str:
    if "," in word:
        raise click.UsageError(f"--label '{word[:40]}' holds a comma: give --label once for each label")
    if not is_label(word):
        raise click.UsageError(f"--label '{word[:40]}' is not a label: a-z, A-Z, 0-9, then . _ / - too, at most 40")
    return word


def _schema(file: str) -> Mapping[str, Any]:
    import json

    from tmuxagents.errors import word
    from tmuxagents.model import json_schema

    hint, look = f"ls -l {word(file)}", f"cat {word(file)}"
    try:
        with open(file, "rb") as opened:
            raw = opened.read(_LONGEST_SCHEMA + 1)
        found = json.loads(raw)
    except OSError as error:
        raise BadValue(f"'{file[:200]}' cannot be read: {error.strerror}", hint=hint) from error
    except (ValueError, RecursionError) as error:
        raise BadValue(f"'{file[:200]}' is not JSON: {error}", hint=look) from error
    if len(raw) > _LONGEST_SCHEMA or not isinstance(found, dict):
        raise BadValue(f"'{file[:200]}' is no JSON object of at most {_LONGEST_SCHEMA} bytes", hint=hint)
    wrong = json_schema.fault(found)
    if wrong is not None:
        raise BadValue(f"'{file[:200]}' is no JSON Schema: {wrong[:200]}", hint=look)
    return found


_LONGEST_SCHEMA = 60_000
"""Bytes: it is an argument of the program."""


def glob(text: str) -> str:
    from tmuxagents.model import scope

    try:
        return scope.parsed(text)
    except ValueError as error:
        raise click.UsageError(f"--scope '{text[:80]}' {error}") from error


def variables(pairs: Sequence[str]) -> dict[str, str]:
    found = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name.isidentifier() or not name.isascii():
            # The value may be a secret, and without `=` all of it may be the value: it is not repeated.
            what = f"'{name[:40]}' is not a variable's name" if equals else "takes NAME=VALUE; there is no '=' in it"
            raise click.UsageError(f"--env {what}")
        found[name] = value
    return found
