"""JSON as a person or a script wants it: by a template, or by jq."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any

import click

from tmuxagents.cli.terminal import JSON_VERSION, json_text, put
from tmuxagents.errors import BadValue, TmuxagentsError
from tmuxagents.names import did_you_mean, nearest
from tmuxagents.output import template
from tmuxagents.output.safe_text import clean, one_line


def parts_of(text: str, row: Mapping[str, Any]) -> list[template.Part]:
    """The template of `--format`; a usage error where it asks for what `row` has not."""
    keys = template.keys_of(row)
    try:
        return template.parse(text, keys)
    except template.TemplateInvalid as error:
        near = nearest(error.key, sorted(keys)) if error.key else None
        otherwise = f": {', '.join(sorted(keys))}" if error.key else ""
        raise BadValue(f"--format {error}{did_you_mean(near, otherwise)}", hint="tmuxagents ls --help") from error


def by_template(parts: list[template.Part], rows: Sequence[Mapping[str, Any]]) -> None:
    """A line an object."""
    for row in rows:
        put(template.fill(parts, row))


def by_jq(expression: str, value: Mapping[str, Any]) -> None:
    """What the installed jq makes of the JSON; strings are printed bare, as gh does."""
    program = shutil.which("jq")
    if program is None:
        raise TmuxagentsError("--jq needs jq, which is not installed", hint="tmuxagents ls --format '{name} {state}'")
    done = subprocess.run(
        # jq 1.6 knows no `--`; behind a blank nothing is an option.
        [program, "-r", f" {expression}"],
        input=json_text({"v": JSON_VERSION, **value}).encode("utf-8", "replace"),
        capture_output=True,
        check=False,
    )
    if done.returncode != 0:
        said = one_line(done.stderr.decode("utf-8", "replace").removeprefix("jq: "), 300)
        raise click.UsageError(f"--jq '{one_line(expression, 60)}' failed: {said}")
    # Bare strings may hold what the JSON had escaped.
    text = clean(done.stdout.decode("utf-8", "replace")).removesuffix("\n")
    if text:
        put(text)
