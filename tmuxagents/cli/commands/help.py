"""`tmuxagents help`"""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem

from tmuxagents.cli import pages, topics
from tmuxagents.cli.main import VERBS, root
from tmuxagents.cli.synonyms import verb_of
from tmuxagents.errors import BadValue
from tmuxagents.names import did_you_mean, nearest


def _complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    found = {**dict.fromkeys(topics.TOPICS, "A topic."), **VERBS}
    return [CompletionItem(word, help=words) for word, words in found.items() if word.startswith(incomplete)]


@click.command()
@click.argument("topic", required=False, metavar="[COMMAND|TOPIC]", shell_complete=_complete)
@click.pass_context
def command(ctx: click.Context, topic: str | None) -> None:
    """Help on a COMMAND, with what belongs to it, or on a TOPIC. Without one all of them are listed."""
    if topic is None:
        click.echo(root.get_help(ctx.find_root()))
        click.echo(f"\nTopics: {', '.join(topics.TOPICS)}   (tmuxagents help TOPIC)")
    elif (verb := verb_of(topic)) in VERBS:
        _command_help(ctx, verb)
    elif topic in topics.TOPICS:
        _print(topics.TOPICS[topic])
    else:
        near = nearest(topic, [*VERBS, *topics.TOPICS])
        raise BadValue(f"there is no help on '{topic[:40]}'", hint=did_you_mean(near, "tmuxagents help"))


def _command_help(ctx: click.Context, verb: str) -> None:
    chosen = root.get_command(ctx, verb)
    assert chosen is not None
    parent = click.Context(root, info_name="tmuxagents", **root.context_settings)
    click.echo(chosen.get_help(click.Context(chosen, info_name=verb, parent=parent)))
    for topic in pages.RELATED.get(verb, ()):
        click.echo()
        _print(topics.TOPICS[topic])


def _print(markdown: str) -> None:
    from tmuxagents.cli.terminal import wants_color

    if not wants_color():
        click.echo(markdown.strip())
        return
    from rich.console import Console
    from rich.markdown import Markdown

    Console().print(Markdown(markdown))
