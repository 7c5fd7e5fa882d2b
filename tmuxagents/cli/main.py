"""The command tree. A verb's module is imported when the verb is typed."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from tmuxagents.cli import groups
from tmuxagents.cli.sheet import WIDEST, Sheet
from tmuxagents.cli.synonyms import likely, verb_of

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

GROUPS: Mapping[str, Mapping[str, str]] = {
    "Start": {
        "spawn": "Start an agent.",
        "resume": "Start again with the same conversation.",
        "queue": "Who waits for room to begin; reorder, drop.",
        "attach": "The real tmux, at that agent's window.",
        "demo": "Three scripted agents, no account needed.",
    },
    "See": {
        "ls": "The team at a glance, those who need you first.",
        "top": "The dashboard: who needs you, and its window.",
        "tail": "The merged, coloured stream of all agents.",
        "catchup": "What happened since you last looked.",
        "last": "The last answer of an agent, whole.",
        "show": "Everything known of an agent, with the evidence.",
        "usage": "Tokens and cost, against budgets.",
        "search": "Full text over the journal of all agents.",
        "pin": "Keep agents first in ls and top.",
        "dismiss": "Have a finished agent leave the list; its record stays.",
        "wait": "Wait until agents are idle, or in another state.",
    },
    "Run": {
        "run": "Tasks with an order, limits and one answer, from a file.",
        "fork": "One prompt for several agents, and their answers for one.",
        "pick": "Land the work of one task of a run.",
        "runs": "The runs, and how far each is.",
        "pause": "Begin no more tasks of a run.",
    },
    "Review": {
        "diff": "What agents have done in their worktrees.",
        "review": "Comment on an agent's work in your editor.",
        "conflicts": "Whose work would conflict, while they work.",
        "merge": "Land the work of agents in their branch.",
        "pr": "Open pull requests; watch their checks and comments.",
    },
    "Talk": {
        "chat": "One conversation with all agents, in one terminal.",
        "say": "Deliver text to an agent and prove it.",
        "approve": "Say yes to the dialog that an agent waits on.",
        "deny": "Say no to it.",
        "answer": "Choose an answer in it.",
        "interrupt": "Stop the turn, keep the agent.",
    },
    "Share": {
        "lock": "Hold a named lock while a command runs.",
        "locks": "Who holds which lock, and who waits for it.",
        "note": "Small facts that agents and people share.",
    },
    "End": {
        "stop": "End agents; conversation and journal stay.",
        "rm": "Remove an ended agent; its record can still be read.",
        "restore": "Bring a removed agent's worktree back.",
        "prune": "What is left of removed agents; delete by id.",
    },
    "Keep house": {
        "rename": "Give an agent another name.",
        "budget": "What an agent may spend; raise it.",
        "config": "Every setting, and where it comes from; set and edit.",
        "trust": "Consent to what a repository sets for new agents.",
        "notify": "Try how you are called when an agent needs you.",
        "doctor": "What on this machine would break a promise.",
        "controller": "Start, stop or look at the controller.",
        "completion": "Print the completion script of a shell.",
        "help": "Help on a command or a topic.",
    },
}
"""The commands by what one wants to do."""

VERBS: Mapping[str, str] = {verb: words for group in GROUPS.values() for verb, words in group.items()}


class _Root(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        verb = verb_of(name)
        if verb not in VERBS:
            return None
        command: click.Command = import_module(f"tmuxagents.cli.commands.{verb}").command
        # Not a class of their own: the commands have several, and most are never asked for help.
        command.format_epilog = functools.partial(_epilog, verb)  # type: ignore[method-assign]
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[Any, Any, list[str]]:
        ctx.meta["typed"] = args[0]
        try:
            # By its own name from here on, so that what is said of it teaches that.
            return super().resolve_command(ctx, [verb_of(args[0]), *args[1:]])
        except click.UsageError as error:
            raise groups.no_command(args[0], likely(args[0], VERBS), ctx) from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        # Without this click would import every verb to ask for its help line.
        for group, verbs in GROUPS.items():
            with formatter.section(group):
                formatter.write_dl(list(verbs.items()), col_max=12)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        # For the same reason, and with the whole of the line.
        verbs = [CompletionItem(verb, help=words) for verb, words in VERBS.items() if verb.startswith(incomplete)]
        return [*verbs, *click.Command.shell_complete(self, ctx, incomplete)]


def _folder(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from tmuxagents.cli import completing

    return completing.folder(ctx, param, incomplete)


def _epilog(verb: str, ctx: click.Context, formatter: click.HelpFormatter) -> None:
    from tmuxagents.cli import pages

    pages.write_examples(formatter, verb)


# Of every command, and of those below another: each has a context of its own.
click.Context.formatter_class = Sheet


@click.group(cls=_Root, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": WIDEST})
@click.option(
    "--state-dir",
    metavar="DIR",
    shell_complete=_folder,
    help="In place of $TMUXAGENTS_STATE_DIR, the fleet's state directory.",
)
@click.option("-v", "--verbose", is_flag=True, help="Say what an error was caused by.")
@click.version_option(package_name="tmuxagents", message="tmuxagents %(version)s")
@click.pass_context
def root(ctx: click.Context, state_dir: str | None, verbose: bool) -> None:
    """Run a team of coding agents, each in a window of a private tmux server.

    Spawn over SSH, walk away, come back, read one merged stream, answer who needs an answer.
    """
    ctx.obj = state_dir
