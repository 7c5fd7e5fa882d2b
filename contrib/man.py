"""Write the manual pages from the help of the commands: python contrib/man.py FOLDER

One page a command and one for all, with the topics. They say what `--help` says, so that nothing is written twice.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from tmuxagents import __version__
from tmuxagents.cli import pages, topics
from tmuxagents.cli.main import GROUPS, VERBS, root

_MARKS = re.compile(r"\*\*(?P<bold>[^*]+)\*\*|`(?P<code>[^`]+)`")


def written() -> dict[str, str]:
    """The pages by their file names."""
    found = {"tmuxagents.1": "\n".join(_whole()) + "\n"}
    for verb in VERBS:
        found[f"tmuxagents-{verb}.1"] = "\n".join(_page(verb)) + "\n"
    return found


def _whole() -> Iterator[str]:
    yield from _head("tmuxagents", "run a team of coding agents in a private tmux server")
    yield from [".SH SYNOPSIS", _bold("tmuxagents") + " [OPTIONS] COMMAND [ARGS]..."]
    yield from [".SH DESCRIPTION", *_prose(root.help or "")]
    yield ".SH OPTIONS"
    yield from _options(root)
    for group, verbs in GROUPS.items():
        yield f".SH {_text(group.upper())}"
        for verb, words in verbs.items():
            yield from [".TP", f"{_bold(f'tmuxagents-{verb}')}(1)", _text(words)]
    for name, topic in topics.TOPICS.items():
        yield f".SH {_text(name.upper())}"
        yield from _markdown(topic)


def _page(verb: str) -> Iterator[str]:
    command = root.get_command(click.Context(root), verb)
    assert command is not None
    yield from _head(f"tmuxagents-{verb}", VERBS[verb].rstrip("."))
    yield from _command(command, f"tmuxagents {verb}")
    if isinstance(command, click.Group):
        for name, part in command.commands.items():
            if not part.hidden:
                yield f".SS {_text(f'tmuxagents {verb} {name}')}"
                yield from [*_prose(part.help or ""), *_options(part)]
    yield ".SH EXAMPLES"
    for line, does in pages.EXAMPLES.get(verb, ()):
        yield from [".TP", _bold(line), _text(does)]
    yield from [".SH SEE ALSO", f"{_bold('tmuxagents')}(1)"]


def _head(name: str, words: str) -> Sequence[str]:
    title = f'.TH "{name.upper()}" "1" "" "tmuxagents {__version__}" "tmuxagents"'
    return [title, ".SH NAME", f"{_text(name)} \\- {_text(words)}"]


def _command(command: click.Command, path: str) -> Iterator[str]:
    usage = " ".join(command.collect_usage_pieces(click.Context(command, info_name=path)))
    yield from [".SH SYNOPSIS", f"{_bold(path)} {_text(usage)}"]
    yield from [".SH DESCRIPTION", *_prose(command.help or "")]
    yield ".SH OPTIONS"
    yield from _options(command)


def _options(command: click.Command) -> Iterator[str]:
    ctx = click.Context(command, **root.context_settings)
    for param in command.get_params(ctx):
        record = param.get_help_record(ctx) if isinstance(param, click.Option) else None
        if record is not None:
            yield from [".TP", _bold(record[0]), _text(record[1])]


def _prose(text: str) -> Iterator[str]:
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        yield from [".PP", _text(" ".join(paragraph.split()))]


def _markdown(topic: str) -> Iterator[str]:
    """The subset that the topics are written in: a heading, paragraphs, items, indented samples."""
    sample = False
    for line in topic.strip().splitlines()[1:]:
        is_sample = line.startswith("    ")
        if is_sample != sample and (line.strip() or not sample):
            yield ".nf" if is_sample else ".fi"
            sample = is_sample
        if sample:
            yield _text(line)
        elif line.startswith("- "):
            yield from [".IP \\(bu 2", _marked(line[2:])]
        else:
            yield _marked(line.strip()) if line.strip() else ".PP"
    if sample:
        yield ".fi"


def _marked(line: str) -> str:
    parts, start = list[str](), 0
    for found in _MARKS.finditer(line):
        parts += [_text(line[start : found.start()]), _bold(found["bold"] or found["code"])]
        start = found.end()
    return _guarded("".join([*parts, _text(line[start:])]))


def _bold(text: str) -> str:
    return f"\\fB{_escaped(text)}\\fR"


def _text(text: str) -> str:
    return _guarded(_escaped(text))


def _escaped(text: str) -> str:
    return text.replace("\\", "\\e").replace("-", "\\-")


def _guarded(text: str) -> str:
    """A line that begins with a dot or a quote would be a request."""
    return f"\\&{text}" if text.startswith((".", "'")) else text


def main(folder: Path) -> None:
    """Write them all."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in written().items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
