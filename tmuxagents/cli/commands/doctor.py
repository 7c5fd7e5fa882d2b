"""`tmuxagents doctor`"""

from __future__ import annotations

import click

from tmuxagents.cli.options import json_option, with_app
from tmuxagents.cli.terminal import print_json, wants_color
from tmuxagents.output.safe_text import one_line
from tmuxagents.services.app import App
from tmuxagents.services.repair import doctor
from tmuxagents.value import replace

_MARKS = {"ok": ("ok     ", "32"), "note": ("note   ", "33"), "problem": ("problem", "31;1")}


@click.command()
@json_option
@with_app
def command(app: App, as_json: bool) -> int:
    """Say what on this machine would break a promise, and how to mend it. Exit code 1 when something would."""
    findings = [replace(one, mend=app.addressed(one.mend)) if one.mend else one for one in doctor.examine(app)]
    if as_json:
        rows = [{"level": f.level, "about": f.about, "what": f.what, "mend": f.mend} for f in findings]
        print_json({"findings": rows})
    else:
        color = wants_color()
        for finding in findings:
            word, sgr = _MARKS[finding.level]
            mark = f"\x1b[{sgr}m{word}\x1b[0m" if color else word
            click.echo(f"{mark}  {finding.about:<11} {one_line(finding.what, 600)}", color=True)
            if finding.mend:
                click.echo(f"{'':21}{one_line(finding.mend, 600)}")
    return 1 if any(f.level == "problem" for f in findings) else 0
