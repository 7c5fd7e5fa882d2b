"""Where things stand around the line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prompt_toolkit.filters import Condition
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.layout import BufferControl, ConditionalContainer, FormattedTextControl, HSplit, Layout, Window
from prompt_toolkit.layout.dimension import Dimension
from prompt_toolkit.layout.menus import CompletionsMenu
from prompt_toolkit.widgets import SearchToolbar

from tmuxagents.tui.chat import styling

if TYPE_CHECKING:
    from tmuxagents.tui.chat.shell import Shell

MENU = 6
"""Rows of what Tab offers."""


def layout(shell: Shell) -> Layout:
    """The rows above the line, the line, what Tab offers, the word that is searched."""

    def above() -> StyleAndTextTuples:
        return styling.fragments(shell.above.rows, shell.signs)

    def before(line: int, wrapped: int) -> StyleAndTextTuples:
        row = shell.before_line()
        if line or wrapped:
            # What is typed stands under its beginning.
            return [("", " " * min(4, sum(len(text) for _, text in row)))]
        return styling.pieces(row, shell.signs)

    search = SearchToolbar()
    # What is found is shown while it is searched: it is what Enter takes.
    control = BufferControl(buffer=shell.buffer, search_buffer_control=search.control, preview_search=True)
    line = Window(
        control,
        wrap_lines=True,
        get_line_prefix=before,
        height=lambda: Dimension(min=1, max=max(1, shell.size.rows // 2)),
        dont_extend_height=True,
    )
    rows = Window(FormattedTextControl(above), dont_extend_height=True, wrap_lines=False)
    top = ConditionalContainer(rows, filter=Condition(lambda: bool(shell.above.rows)))
    return Layout(HSplit([top, line, CompletionsMenu(max_height=MENU), search]), focused_element=line)
