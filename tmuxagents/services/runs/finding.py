"""Find the files that a repeated task is repeated for."""

from __future__ import annotations

import glob
import os

from tmuxagents.errors import TmuxagentsError
from tmuxagents.model.run import Expand, Run, TaskRow
from tmuxagents.runs import groups
from tmuxagents.value import replace


def with_files(run: Run, row: TaskRow, action: Expand) -> Expand:
    """The action with the files that are there now, by their names; `TmuxagentsError` where none is."""
    each = row.task.for_each
    if each is None or each.glob is None:
        return action
    folder = row.task.dir or run.dir
    found = glob.glob(each.glob, root_dir=folder, recursive=True)
    files = sorted(path for path in found if os.path.isfile(os.path.join(folder, path)))
    odd = next((path for path in files if not path.isprintable()), None)
    if odd is not None:
        raise TmuxagentsError(f"the name of a file is no text: {odd!r}", hint="ls -b")
    if not files:
        raise TmuxagentsError(f"no file in {folder} is meant by '{each.glob}'", hint="ls")
    return replace(action, items=groups.elements(each, files))
