"""A page of our own Markdown as it is read at a terminal, laid out by rich: filled, and code as it stands."""

from __future__ import annotations

import io

from rich.console import Console, ConsoleOptions, RenderResult
from rich.markdown import CodeBlock, Heading, ListItem, Markdown
from rich.segment import Segment
from rich.text import Text
from rich.theme import Theme

from tmuxagents.output import hues

_CODE = f"color({hues.QUOTES.rpartition(';')[2]})"
_THEME = Theme({"markdown.code": _CODE, "markdown.code_block": _CODE})


def text(markdown: str, *, width: int, color: bool) -> str:
    """The page, no row of it wider than `width`: but for code, which is there to be copied and not broken."""
    console = Console(
        file=io.StringIO(),
        width=width,
        color_system="256" if color else None,
        force_terminal=color,
        highlight=False,
        theme=_THEME,
        legacy_windows=False,
        _environ={},
    )
    with console.capture() as page:
        console.print(_Page(markdown, hyperlinks=False), crop=False)
    return "\n".join(row.rstrip() for row in page.get().strip("\n").split("\n"))


class _Code(CodeBlock):
    """Neither broken at the edge nor on a ground of its own."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for row in str(self.text).rstrip().split("\n"):
            yield Segment("    ")
            yield Segment(row, console.get_style("markdown.code_block"))
            yield Segment.line()


class _Heading(Heading):
    """At the left, as all the rest."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield Text(str(self.text), style="bold")


class _Item(ListItem):
    """Its mark stands at the left edge."""

    def render_bullet(self, console: Console, options: ConsoleOptions) -> RenderResult:
        lines = console.render_lines(self.elements, options.update(width=options.max_width - 2))
        for at, line in enumerate(lines):
            yield Segment("  " if at else "• ")
            yield from line
            yield Segment.line()


class _Page(Markdown):
    elements = {  # noqa: RUF012 - rich declares it so
        **Markdown.elements,
        "fence": _Code,
        "code_block": _Code,
        "heading_open": _Heading,
        "list_item_open": _Item,
    }
