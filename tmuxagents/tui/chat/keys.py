"""The keys of the chat."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING

from prompt_toolkit.application.current import get_app
from prompt_toolkit.filters import Always, Condition, Filter, has_completions, is_searching
from prompt_toolkit.key_binding import KeyBindings
from prompt_toolkit.keys import Keys
from prompt_toolkit.search import SearchDirection, accept_search, start_search, stop_search

from tmuxagents.chat import offers
from tmuxagents.tui.chat import framed

if TYPE_CHECKING:
    from tmuxagents.tui.chat.shell import Shell


ALWAYS = Always()


def bindings(shell: Shell) -> KeyBindings:
    """The chat's own; those of readline are prompt_toolkit's."""
    made = KeyBindings()
    typing = ~is_searching
    completes = Condition(lambda: offers.is_offered(shell.buffer.document.text_before_cursor))
    empty = Condition(lambda: not shell.buffer.text)

    def add(*pressed: Keys | str, does: Callable[[], object], when: Filter = ALWAYS) -> None:
        made.add(*pressed, filter=when)(lambda event: does() and None)

    add("enter", does=lambda: _enter(shell), when=typing)
    for newline in (("escape", "enter"), ("c-j",)):
        add(*newline, does=lambda: shell.buffer.insert_text("\n"), when=typing)
    for arrow in ("left", "right"):
        add(arrow, does=accept_search, when=is_searching)
    for search, direction in (("c-r", SearchDirection.BACKWARD), ("c-s", SearchDirection.FORWARD)):
        add(search, does=functools.partial(_search, shell, direction), when=typing)
    for abort in ("c-g", "c-c", framed.ALONE):
        add(abort, does=lambda: _stop_searching(shell), when=is_searching)
    add("tab", does=lambda: _complete(shell), when=typing & completes)
    add("tab", does=lambda: shell.room.turn(1), when=typing & ~completes)
    add("s-tab", does=lambda: shell.room.turn(-1), when=typing & ~has_completions)
    add("s-tab", does=shell.buffer.complete_previous, when=typing & has_completions)
    add(framed.YES, does=lambda: shell.settle("approve"))
    add(framed.NO, does=lambda: shell.settle("deny"))
    add(framed.ALL, does=shell.fold)
    add(framed.ALONE, does=shell.buffer.cancel_completion, when=typing)
    add("c-d", does=lambda: shell.leave(0), when=empty)
    for interrupt in ("c-c", Keys.SIGINT):
        add(interrupt, does=lambda: _drop(shell), when=typing)
    add("c-x", "c-e", does=shell.edit, when=typing)
    add("c-z", does=lambda: get_app().suspend_to_background())
    return made


def _enter(shell: Shell) -> None:
    state = shell.buffer.complete_state
    if state is not None and state.current_completion is not None:
        shell.buffer.apply_completion(state.current_completion)
    else:
        shell.enter()


def _search(shell: Shell, direction: SearchDirection) -> None:
    shell.searched_from = shell.buffer.working_index, shell.buffer.cursor_position
    start_search(direction=direction)


def _stop_searching(shell: Shell) -> None:
    """The line is as it was before: prompt_toolkit would leave what was found last."""
    stop_search()
    shell.buffer.working_index, shell.buffer.cursor_position = shell.searched_from


def _drop(shell: Shell) -> None:
    """The line is given up, and is in the history. While another program has the terminal Ctrl-C is that one's."""
    if shell.app.away:
        return
    if not shell.buffer.text:
        shell.say("Ctrl-D leaves; every agent goes on")
        return
    shell.buffer.append_to_history()
    shell.drop()


def _complete(shell: Shell) -> None:
    """What all offers have in common, then one after the other."""
    buffer = shell.buffer
    if buffer.complete_state is not None:
        buffer.complete_next()
        return
    found = shell.offered(buffer.document.text_before_cursor)
    if len(found) == 1:
        buffer.delete_before_cursor(found[0].length)
        buffer.insert_text(f"{found[0].word} ")
        return
    buffer.start_completion(insert_common_part=True)
