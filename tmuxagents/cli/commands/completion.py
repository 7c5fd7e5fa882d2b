"""`tmuxagents completion`"""

from __future__ import annotations

import click


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> None:
    """Print the completion script: source it from your shell's start-up file."""
    click.echo(script(shell), nl=False)


def script(shell: str) -> str:
    """The script that lets a shell complete commands, options and agents' names."""
    from click.shell_completion import get_completion_class

    from tmuxagents.cli.main import root

    made = get_completion_class(shell)
    assert made is not None
    text = made(root, {}, "tmuxagents", "_TMUXAGENTS_COMPLETE").source()
    # click's fish script takes what stands before the second comma: of `idle,failed`, and of a description, the
    # first part.
    text = text.replace('string split ","', 'string split -m 1 ","')
    return text.rstrip() + "\n"
