"""`tmuxagents lock`"""

from __future__ import annotations

import errno
import os

import click

from tmuxagents import clock
from tmuxagents.cli import completing
from tmuxagents.cli.options import DURATION, with_app
from tmuxagents.cli.terminal import tell
from tmuxagents.errors import ProgramMissing, TmuxagentsError
from tmuxagents.model.lock import Lock
from tmuxagents.output.safe_text import one_line
from tmuxagents.services.app import App

_NOT_FOUND, _NOT_RUN = 127, 126
"""What a shell ends with then."""


class _Behind(click.Command):
    """Keeps the command behind NAME, or behind `--`, as it is."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        at = args.index("--") if "--" in args else len(args)
        ctx.meta["behind_dashes"] = args[at + 1 :]
        return super().parse_args(ctx, args[:at])


@click.command(cls=_Behind)
@click.argument("name", metavar="NAME", shell_complete=completing.locks)
@click.option("--wait", "within", type=DURATION, metavar="TIME", help="Give up after this long (0: do not wait).")
@click.pass_context
@with_app
def command(app: App, ctx: click.Context, name: str, within: float | None) -> int:
    """Run a command while the lock NAME is held: tmuxagents lock NAME -- CMD ARG...

    Nobody else has the lock meanwhile; who waits has it in the order in which they came. It is free when the command
    has ended, or when both it and this were killed; what the command leaves in the background does not hold it. Ends
    with the exit code of the command, 128 + N for signal N, and with 4 where the lock was not had in time, or never
    would be: its holder waits for one that is held here.
    """
    argv = ctx.meta["behind_dashes"]
    if not argv:
        raise click.UsageError("what is to be run stands behind --, as in: tmuxagents lock NAME -- make test", ctx=ctx)
    from tmuxagents.drivers import in_turn, process
    from tmuxagents.services.fleet import speaker
    from tmuxagents.services.locks import holding

    holding.named(name)
    # Before anybody is kept waiting for it.
    if process.on_path(argv[0], None) is None:
        raise _cannot(argv[0], errno.EACCES if os.path.lexists(argv[0]) else errno.ENOENT)
    agent = speaker.record(app)
    asker = holding.Asker(speaker.name(app), agent.id if agent is not None else None, argv)
    with holding.held(app, name, asker, within=within, waits=_say) as ticket:
        try:
            return in_turn.run(argv, ticket.keep if ticket is not None else lambda: True)
        except OSError as error:
            raise _cannot(argv[0], error.errno or 0) from error


def _cannot(program: str, number: int) -> TmuxagentsError:
    shown = one_line(program, 60)
    words = f"there is no program '{shown}'" if number == errno.ENOENT else f"'{shown}': {os.strerror(number)}"
    told = ProgramMissing(f"{words}: nothing was run", hint="tmuxagents lock --help")
    told.exit_code = _NOT_FOUND if number == errno.ENOENT else _NOT_RUN
    return told


def _say(lock: Lock) -> None:
    one = lock.holder
    if one is None:
        return
    had = "have had" if one.agent is None and one.who.split()[:1] == ["you"] else "has had"
    since = f" for {clock.ago(one.since_ns, clock.now_ns())}" if one.since_ns else ""
    what = f": {one_line(one.command, 80)}" if one.command else f", for its task in {one.run}" if one.run else ""
    tell(f"tmuxagents: waiting for '{lock.name}', which {one_line(one.who, 60)} {had}{since}{what}")
