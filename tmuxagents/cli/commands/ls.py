"""`tmuxagents ls`"""

from __future__ import annotations

import click

from tmuxagents.cli.options import Real, json_option, names_argument, with_app
from tmuxagents.cli.render import listing
from tmuxagents.cli.scope import narrowed
from tmuxagents.services.app import App
from tmuxagents.services.fleet.selection import Applies, Narrowing

_EVERY = "2"


class _Watching(click.Command):
    """`--watch` and `--watch 5`: what follows it is its value only where that is a number."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        given = list(args)
        for at in reversed([at for at, word in enumerate(args) if word == "--watch" and "--" not in args[:at]]):
            if not given[at + 1 : at + 2] or not _is_number(given[at + 1]):
                given.insert(at + 1, _EVERY)
        return super().parse_args(ctx, given)


def _is_number(word: str) -> bool:
    return word.replace(".", "", 1).isdecimal()


@click.command(cls=_Watching)
@names_argument()
@json_option
@click.option("--jq", "expression", metavar="EXPR", help="Print what jq makes of the JSON.")
@click.option("--format", "template", metavar="TEMPLATE", help="Print a line an agent: '{name} {state:<12} {doing}'.")
@click.option("-q", "--quiet", is_flag=True, help="Print the bare names.")
@click.option("-a", "all_", is_flag=True, hidden=True, help="Nothing more: all are listed anyway.")
@click.option("--undismissed", is_flag=True, help="Leave out those that were dismissed (tmuxagents dismiss).")
@click.option("--summary", is_flag=True, help="Print one short line, for a status bar.")
@click.option(
    "--watch",
    type=Real(0.1, 3600),
    metavar="[N]",
    help="Draw it anew on every change, and every N seconds (default 2), until Ctrl-C.",
)
@narrowed
@with_app
def command(
    app: App,
    names: tuple[str, ...],
    narrow: Narrowing,
    as_json: bool,
    expression: str | None,
    template: str | None,
    quiet: bool,
    all_: bool,
    undismissed: bool,
    summary: bool,
    watch: float | None,
) -> None:
    """List the agents, those who need you first."""
    _one_form(as_json or expression is not None, template is not None, quiet, summary, watch is not None)
    takes = _shown(narrow) if undismissed else narrow.takes
    if watch is not None:
        from tmuxagents.cli.render import watching

        watching.watch(app, lambda: listing.screenful(app, names, takes), every=watch)
    elif expression is not None:
        from tmuxagents.cli.render import chosen

        chosen.by_jq(expression, {"agents": listing.team_json(app, names, takes)})
    elif template is not None:
        _by_template(app, template, names, takes)
    else:
        listing.show(app, names, as_json=as_json, quiet=quiet, summary=summary, takes=takes)


def _shown(narrow: Narrowing) -> Applies:
    return lambda agent: not agent.is_dismissed and narrow.takes(agent)


def _one_form(*forms: bool) -> None:
    if sum(forms) > 1:
        raise click.UsageError("--json or --jq, --format, -q, --summary, --watch: choose one")


def _by_template(app: App, template: str, names: tuple[str, ...], takes: Applies) -> None:
    from tmuxagents.cli.render import chosen
    from tmuxagents.services.fleet import listing as team

    # Before the agents are asked: what is wrong with it is told also where there are none.
    parts = chosen.parts_of(template, team.nobody_json(app))
    chosen.by_template(parts, listing.team_json(app, names, takes))
