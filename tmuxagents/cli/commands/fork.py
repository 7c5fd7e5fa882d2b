"""`tmuxagents fork`"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import click

from tmuxagents.cli import defaults, looking_on
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
from tmuxagents.cli.commands import spawn
from tmuxagents.cli.options import (
    Whole,
    compare_option,
    detach_option,
    folder_of,
    folder_option,
    json_option,
    name_option,
    with_app,
)
from tmuxagents.cli.tasks import given
from tmuxagents.cli.texts import checked, read_input
from tmuxagents.errors import BadValue
from tmuxagents.kinds import registry
from tmuxagents.runs import forking
from tmuxagents.runs.expressions import TemplateInvalid
from tmuxagents.runs.forking import Fork
from tmuxagents.services.app import App
from tmuxagents.services.runs import starting

USUAL = 3
"""So many agents try a prompt where nothing is said."""


@click.command(cls=spawn.Dashes)
@click.argument("words", metavar="[PROMPT]", nargs=-1)
@click.option("-n", "--count", metavar="N", type=Whole(1, 200), help=f"This many for each; {USUAL} for a PROMPT.")
@each_option("A prompt for each line of FILE; # begins a comment.")
@click.option("--join", "join", metavar="PROMPT", help="What one more agent is asked, which gets the answers.")
@click.option(
    "--need", metavar="N", type=Whole(1, 200), help="Join when this many have succeeded, not when all are over."
)
@folder_option("The folder they work in.")
@click.option("-w", "--worktree", is_flag=True, help="Each in a git worktree of its own; the join in the folder.")
@click.option("--check", metavar="CMD", help="A shell line that decides whether a try has succeeded, where it worked.")
@model_option("Their model.")
@model_option("That of the join; theirs when not given.", name="--join-model")
@kind_option("What program, as for spawn.")
@permission_mode_option
@kept_option("--role", "Settings kept by that name.")
@scope_option("What each may change (as for spawn; may be repeated).")
@env_option("Set a variable for them.")
@timeout_option("Stop each after this long (90s, 15m, 2h).")
@budget_options("Dollars for all together, split evenly (2.50).")
@click.option("--max-parallel", metavar="N", type=Whole(1, 1000), help="At most this many at once.")
@name_option("The run's name; the next run-N when not given.")
@detach_option
@compare_option
@json_option
@click.pass_context
def command(ctx: click.Context, /, **typed: Any) -> None:
    """Give one PROMPT to several agents, and their answers to one more (--join). `-` reads standard input.

    It is a run like any other: `show`, `pause`, `stop` and `run --retry-failed` know it by its name. The join gets the
    answers, and is told which are missing and why; its PROMPT may say where (`{{ join.answers }}`, `{{ join.missing
    }}`, `{{ tasks.try-1.answer }}`). `pick` lands the work of one. What stands behind `--` goes to the program, as for
    spawn.
    """
    with contextlib.ExitStack() as held:
        prompts = _prompts(held, ctx, typed)
        with_app(_begin)(ctx, prompts, typed)


def _prompts(held: contextlib.ExitStack, ctx: click.Context, typed: dict[str, Any]) -> list[str]:
    words, each, count = typed["words"], typed["each"], typed["count"]
    if len(words) > 1:
        raise click.UsageError("give one PROMPT, in quotes; --each FILE for several", ctx=ctx)
    if words and each is not None:
        raise click.UsageError("give a PROMPT or --each FILE, not both", ctx=ctx)
    if "-" in (*words, each) and typed["join"] == "-":
        raise click.UsageError("standard input is read once: for the prompts, or for --join", ctx=ctx)
    found = [prompt or "" for prompt in given(held, words, each=each, edit=False)]
    return found * (count or (USUAL if each is None else 1))


def _begin(app: App, ctx: click.Context, prompts: list[str], typed: dict[str, Any]) -> None:
    folder = folder_of(typed["folder"])
    fork = _fork(ctx, prompts, typed)
    _refuse_undoable(app, ctx, folder, fork)
    try:
        manifest = forking.manifest(fork)
    except TemplateInvalid as error:
        raise BadValue(f"--join: {error.what}", hint="tmuxagents fork --help") from error
    run = starting.begin(app, manifest, name=typed["name"], folder=str(folder))
    if not typed["as_json"]:
        tries = f"{len(prompts)} {'try' if len(prompts) == 1 else 'tries'}"
        click.echo(f"Began {run.name}: {tries}{' and a join' if fork.join is not None else ''}")
    looking_on.go_on(app, run, detach=typed["detach"], as_json=typed["as_json"], compare=typed["compare"])


def _fork(ctx: click.Context, prompts: list[str], typed: dict[str, Any]) -> Fork:
    join, need = typed["join"], typed["need"]
    if typed["timeout"] == 0:
        raise click.UsageError("--timeout 0 leaves nobody any time", ctx=ctx)
    if need is not None and join is None:
        raise click.UsageError("--need is for --join", ctx=ctx)
    if need is not None and need > len(prompts):
        raise click.UsageError(f"--need {need} of {len(prompts)} is never there", ctx=ctx)
    if typed["join_model"] is not None and join is None:
        raise click.UsageError("--join-model is for --join", ctx=ctx)
    if join is not None:
        join = read_input() if join == "-" else checked(join, "--join")
        if not join.strip():
            raise click.UsageError("--join is empty", ctx=ctx)
    same = ("kind", "model", "join_model", "permission_mode", "role", "worktree", "check", "max_parallel")
    fork = Fork(
        prompts,
        join=join,
        need=need,
        args=tuple(ctx.meta["behind_dashes"]),
        scope=tuple(spawn.glob(text) for text in typed["scope"]),
        env=spawn.variables(typed["env"]),
        timeout_s=typed["timeout"],
        budget_usd=typed["budget"],
        budget_tokens=typed["budget_tokens"],
        **{key: typed[key] for key in same},
    )
    if 0 in forking.shares(fork):
        raise click.UsageError("the budget leaves nothing for each of them", ctx=ctx)
    return fork


def _refuse_undoable(app: App, ctx: click.Context, folder: Path, fork: Fork) -> None:
    """Before anything begins: what every try would fail with."""
    from tmuxagents.services.lifecycle import asked

    said = {"kind": fork.kind, "args": tuple(fork.args) or None, "model": fork.model}
    answer = defaults.settled(
        app, folder, {k: v for k, v in said.items() if v is not None}, profile=None, role=fork.role
    )
    kind, args = answer.get("kind"), list(answer.get("args"))
    takes = registry.kind(kind).TAKES_PROGRAM
    if takes and not args:
        raise click.UsageError(f"--kind {kind} needs a program: -- PROGRAM ARG...", ctx=ctx)
    if not takes and not all(fork.prompts):
        raise click.UsageError("missing argument 'PROMPT'", ctx=ctx)
    options = {"args": args, **({"scope": list(fork.scope)} if fork.scope else {})}
    own = asked.WorktreeRequest() if fork.worktree else None
    asked.look_up(app, asked.SpawnRequest(kind=kind, folder=str(folder), options=options, given=fork.env, worktree=own))
    if not takes and own is None and len(fork.prompts) > 1:
        _tell_shared(app, folder, len(fork.prompts))


def _tell_shared(app: App, folder: Path, count: int) -> None:
    from tmuxagents.drivers.git import places

    if places.of(str(folder)) is not None:
        app.remark(f"{count} agents work in one checkout; -w gives each its own", "tmuxagents help worktrees")
