"""`tmuxagents run`"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import click

from tmuxagents import clock
from tmuxagents.cli import completing, consenting, looking_on
from tmuxagents.cli.options import (
    compare_option,
    detach_option,
    folder_of,
    folder_option,
    json_option,
    name_option,
    with_app,
)
from tmuxagents.cli.terminal import print_json, put, tell
from tmuxagents.cli.words import no_word
from tmuxagents.errors import BadValue
from tmuxagents.model.manifest import Manifest
from tmuxagents.runs import words as words_of
from tmuxagents.services.app import App
from tmuxagents.services.runs import starting, viewing

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


def _complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """A file; behind `add` a run first."""
    if tuple(ctx.params.get("words") or ()) == ("add",):
        return completing.runs(ctx, param, incomplete)
    return completing.file(ctx, param, incomplete)


@click.command()
@click.argument("words", metavar="MANIFEST", nargs=-1, shell_complete=_complete)
@name_option("Its name; the next run-N when not given.")
@folder_option("The folder its tasks work in.", default=None)
@detach_option
@click.option(
    "--takes", "takes", multiple=True, metavar="[TASK=]TIME", help="With --plan: each task, or that one, takes so long."
)
@click.option("--plan", is_flag=True, help="Say what would be done, and do nothing.")
@click.option(
    "--retry-failed",
    "again",
    metavar="RUN",
    shell_complete=completing.runs,
    help="Try again what of that run has not succeeded.",
)
@click.option("--schema", is_flag=True, help="Print the JSON Schema of a MANIFEST, for editors.")
@compare_option
@json_option
@with_app
def command(
    app: App,
    words: tuple[str, ...],
    name: str | None,
    folder: str | None,
    detach: bool,
    plan: bool,
    takes: tuple[str, ...],
    again: str | None,
    schema: bool,
    compare: bool,
    as_json: bool,
) -> None:
    """Carry out the tasks of a MANIFEST (YAML, TOML or SQUAD.md), each by an agent of its own.

    `run add RUN MANIFEST` takes more tasks into a run that is not over. Exit code 5 where a task did not succeed.
    ^C asks whether the run is to go on by itself.
    """
    if schema:
        from tmuxagents.runs import schema as made

        put(made.text().rstrip("\n"))
        return
    if takes and not plan:
        raise click.UsageError("--takes is for --plan")
    if again is not None:
        _refuse_beside("--retry-failed RUN", MANIFEST=words, name=name, dir=folder, plan=plan)
        run = starting.named(app, again)
        count = starting.retry(app, run)
        tell(f"{run.name}: {words_of.count(count, 'task')} tried again")
        looking_on.go_on(app, run, detach=detach, as_json=as_json, compare=compare)
        return
    if words[:1] == ("add",) and len(words) == 3:
        _refuse_beside("run add", name=name, dir=folder, compare=compare)
        _add(app, words[1], words[2], plan=plan, takes=takes, as_json=as_json)
        return
    if words[:1] == ("add",) and not (len(words) == 1 and os.path.exists("add")):
        raise click.UsageError("run add takes a RUN and a MANIFEST")
    if len(words) != 1:
        raise click.UsageError("give one MANIFEST")
    from tmuxagents.services.runs import fitting, manifests

    read: dict[str, bytes] = {}
    manifest = manifests.read(words[0], read)
    base = folder_of(folder) if folder is not None else manifests.folder_of(words[0])
    fitting.refuse_unfit(app, manifest, str(base))
    if plan:
        from tmuxagents.cli.render import plans

        plans.put_plan(app, manifest, _given(manifest, takes), as_json=as_json)
        return
    consenting.ask(app, manifest, read)
    run = starting.begin(app, manifest, name=name, folder=str(base))
    if not as_json:
        click.echo(f"Began {run.name}: {words_of.count(len(manifest.tasks), 'task')}")
    looking_on.go_on(app, run, detach=detach, as_json=as_json, compare=compare)


def _given(manifest: Manifest, takes: Sequence[str]) -> Mapping[str, float]:
    """How long the tasks take, as it was typed."""
    found: dict[str, float] = {}
    known = [task.id for task in manifest.tasks]
    for text in takes:
        task, equals, time = text.rpartition("=")
        if equals and task not in known:
            raise no_word("--takes", task, "task", known, "tmuxagents run --help")
        try:
            found.update(dict.fromkeys([task] if equals else known, clock.duration(time)))
        except ValueError as error:
            raise click.UsageError(f"--takes '{text[:60]}' is not a duration: 90s, 15m, lint=2h") from error
    return found


def _refuse_beside(what: str, **given: object) -> None:
    """What is for a new run alone."""
    for key, value in given.items():
        if value:
            word = key if key.isupper() else f"--{key}"
            raise click.UsageError(f"{what} takes no {word}")


def _add(app: App, name: str, path: str, *, plan: bool, takes: Sequence[str], as_json: bool) -> None:
    from tmuxagents.services.runs import manifests

    run = starting.named(app, name)
    whole = starting.whole(app, run)
    read: dict[str, bytes] = {}
    added = manifests.read(path, read, there=whole.manifest.tasks)
    bounds = {key: getattr(added, key) for key in ("max_parallel", "budget_usd", "budget_tokens", "timeout_s")}
    given = next((key.removesuffix("_s") for key, value in bounds.items() if value is not None), None)
    if given is not None:
        raise BadValue(f"'{given}' is of the whole run: what is added has none", hint=f"tmuxagents show {run.name}")
    if plan:
        from tmuxagents.cli.render import plans

        plans.put_plan(app, added, _given(added, takes), as_json=as_json)
        return
    consenting.ask(app, added, read)
    starting.add(app, whole, added.tasks, source=added.source)
    if as_json:
        now = viewing.view(app, run.id)
        assert now is not None, "it was there just now"
        print_json({"run": viewing.as_json(now)})
    else:
        click.echo(f"Added {words_of.count(len(added.tasks), 'task')} to {run.name}")
