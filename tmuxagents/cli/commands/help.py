"""`tmuxagents help`"""

from __future__ import annotations

from collections.abc import Sequence

import click
from click.shell_completion import CompletionItem

from tmuxagents.cli import pages, topics
from tmuxagents.cli.main import VERBS, root
from tmuxagents.cli.sheet import WIDEST
from tmuxagents.cli.synonyms import verb_of
from tmuxagents.cli.terminal import put, terminal_width, wants_color
from tmuxagents.errors import BadValue
from tmuxagents.names import did_you_mean, nearest


def _complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    found = {**dict.fromkeys(topics.TOPICS, "A topic."), **VERBS}
    return [CompletionItem(word, help=words) for word, words in found.items() if word.startswith(incomplete)]


@click.command()
@click.argument("words", nargs=-1, metavar="[COMMAND|TOPIC]", shell_complete=_complete)
@click.pass_context
def command(ctx: click.Context, words: tuple[str, ...]) -> None:
    """Help on a COMMAND, with what belongs to it, or on a TOPIC. Without one all of them are listed."""
    topic, below = (words[0], words[1:]) if words else (None, ())
    if topic is None:
        click.echo(root.get_help(ctx.find_root()))
        sheet = ctx.make_formatter()
        with sheet.section("Topics (tmuxagents help TOPIC)"):
            sheet.write_text(", ".join(topics.TOPICS))
        click.echo(f"\n{sheet.getvalue()}", nl=False)
    elif (verb := verb_of(topic)) in VERBS:
        _command_help(ctx, verb, below)
    elif topic in topics.TOPICS and not below:
        _print(topics.TOPICS[topic])
    else:
        topic = " ".join(words)
        near = nearest(topic, [*VERBS, *topics.TOPICS])
        hint = f"tmuxagents help {near}" if near else "tmuxagents help"
        raise BadValue(f"there is no help on '{topic[:40]}'{did_you_mean(near)}", hint=hint)


def _command_help(ctx: click.Context, verb: str, below: Sequence[str]) -> None:
    chosen = root.get_command(ctx, verb)
    assert chosen is not None
    parent = click.Context(root, info_name="tmuxagents", **root.context_settings)
    shown = click.Context(chosen, info_name=verb, parent=parent)
    for word in below:
        inner = shown.command.get_command(shown, word) if isinstance(shown.command, click.Group) else None
        if inner is None:
            raise BadValue(f"there is no command '{verb} {' '.join(below)[:40]}'", hint=f"tmuxagents help {verb}")
        shown = click.Context(inner, info_name=word, parent=shown)
    click.echo(shown.command.get_help(shown))
    if below:
        return
    for topic in pages.RELATED.get(verb, ()):
        click.echo()
        _print(topics.TOPICS[topic])


def _print(markdown: str) -> None:
    """As it is meant for whoever reads it at a terminal; the text itself in a pipe."""
    width, color = terminal_width(), wants_color()
    if width is None and not color:
        put(markdown.strip())
        return
    from tmuxagents.cli import markdown_page

    put(markdown_page.text(markdown, width=min(width or WIDEST, WIDEST), color=color))
