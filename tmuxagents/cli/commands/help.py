"""`tmuxagents help`"""

from __future__ import annotations

import click

from tmuxagents.cli import topics
from tmuxagents.cli.main import VERBS, root
from tmuxagents.cli.synonyms import verb_of


@click.command()
@click.argument("topic", required=False)
@click.pass_context
def command(ctx: click.Context, topic: str | None) -> None:
    """Help on a TOPIC (states, names, json, stream, say, exit-codes, config, files) or a command."""
    if topic is None:
        click.echo(root.get_help(ctx.find_root()))
        click.echo(f"\nTopics: {', '.join(topics.TOPICS)}   (tmuxagents help TOPIC)")
    elif topic in topics.TOPICS:
        _print(topics.TOPICS[topic])
    elif (verb := verb_of(topic)) in VERBS:
        chosen = root.get_command(ctx, verb)
        assert chosen is not None
        click.echo(chosen.get_help(click.Context(chosen, info_name=f"tmuxagents {verb}")))
    else:
        raise click.UsageError(f"there is no help on '{topic[:40]}'; topics: {', '.join(topics.TOPICS)}")


def _print(markdown: str) -> None:
    from tmuxagents.cli.terminal import wants_color

    if not wants_color():
        click.echo(markdown.strip())
        return
    from rich.console import Console
    from rich.markdown import Markdown

    Console().print(Markdown(markdown))
