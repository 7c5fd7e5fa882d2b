"""Draw the frames of a cast as one SVG that plays by itself, without a script and without a font of its own."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence

from tests.support import cast
from tests.support.cast import Frame, Row, Span, Style
from tmuxagents.output.widths import width_of

CELL, LINE, SIZE = 8.4, 18, 14
MARGIN, BAR = 14, 34
GROUND, EDGE, INK, FAINT = "#0d1117", "#30363d", "#e6edf3", "#8b949e"

# Where a reader wants no motion, and where nothing can move, the still stands.
_FONTS = 'ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace'
_CSS = """text{{font:{size}px {fonts};fill:{ink};white-space:pre}}
.film{{animation:go {seconds:g}s step-end infinite}}
@keyframes go{{{steps}}}
@media (prefers-reduced-motion:reduce){{.film{{animation:none}}}}"""


def drawn(frames: Sequence[Frame], *, columns: int, rows: int, title: str, still: int, moves: bool = True) -> str:
    """The SVG. `still` is the frame that is shown where nothing moves; without `moves` it alone is drawn."""
    shown = frames if moves else [frames[still]]
    width, height = columns * CELL, rows * LINE
    known: dict[Row, str] = {}
    pictures = [_frame(frame, known, columns) for frame in shown]
    strip = "".join(f'<g transform="translate({_x(n * width)} 0)">{one}</g>' for n, one in enumerate(pictures))
    defined = "".join(f'<g id="{name}">{_row(row)}</g>' for row, name in known.items())
    middle = _x(width / 2 + MARGIN)
    all_wide, all_high = _x(width + 2 * MARGIN), height + BAR + MARGIN
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xml:space="preserve" viewBox="0 0 {all_wide} {all_high}" role="img">'
        f"<title>{html.escape(title)}</title>\n<style>{_style(shown, width, moves=moves)}</style>\n"
        f'<rect x=".5" y=".5" width="{_x(width + 2 * MARGIN - 1)}" height="{all_high - 1}" rx="8" '
        f'fill="{GROUND}" stroke="{EDGE}"/>\n'
        + "".join(f'<circle cx="{18 + 18 * n}" cy="17" r="5" fill="{EDGE}"/>' for n in range(3))
        + f'<text x="{middle}" y="22" text-anchor="middle" style="fill:{FAINT}">{html.escape(title)}</text>\n'
        f"<defs>{defined}</defs>\n"
        f'<svg x="{MARGIN}" y="{BAR}" width="{_x(width)}" height="{height}" overflow="hidden">'
        f'<g class="film" transform="translate({_x(-width * still) if moves else 0} 0)">\n{strip}\n</g></svg></svg>\n'
    )


def _style(frames: Sequence[Frame], width: float, *, moves: bool) -> str:
    total = sum(frame.seconds for frame in frames)
    steps, at = [], 0.0
    for number, frame in enumerate(frames):
        steps.append(f"{100 * at / total:.4g}%{{transform:translateX({_x(-width * number)}px)}}")
        at += frame.seconds
    style = _CSS.format(size=SIZE, fonts=_FONTS, ink=INK, seconds=round(total, 3), steps="".join(steps))
    return style if moves else style.partition("\n")[0]


def _frame(frame: Frame, known: dict[Row, str], columns: int) -> str:
    """Rows that were drawn before are named: most of a screen is that of the screen before."""
    parts = []
    if frame.cursor is not None:
        x, y = frame.cursor
        parts.append(f'<rect x="{_x(x * CELL)}" y="{y * LINE + 2}" width="{CELL}" height="{LINE - 2}" fill="{FAINT}"/>')
    for number, row in enumerate(cast.spans(frame.rows)):
        if any(span.text.strip() for span in row):
            name = known.setdefault(row, f"r{len(known)}")
            parts.append(f'<use href="#{name}" y="{number * LINE}"/>')
    return "".join(parts) + (_key(frame.pressed, columns) if frame.pressed else "")


def _key(pressed: str, columns: int) -> str:
    """The key that led to this frame: on a screen it is not to be seen."""
    wide = (len(pressed) + 2) * CELL
    left = columns * CELL - wide
    return (
        f'<rect x="{_x(left)}" y="0" width="{_x(wide)}" height="22" rx="4" fill="{EDGE}"/>'
        f'<text x="{_x(left + CELL)}" y="16">{html.escape(pressed)}</text>'
    )


def _row(row: Row) -> str:
    found, at = [], 0
    for span in row:
        cells = width_of(span.text)
        found.append(_text(span, at, cells))
        at += cells
    return "".join(found)


def _text(span: Span, at: int, cells: int) -> str:
    """Each text where its cells are, and as wide as they: whatever font there is."""
    style, x, wide = span.style, _x(at * CELL), _x(cells * CELL)
    ink, ground = style.color or INK, style.ground
    if style.reverse:
        ink, ground = ground or GROUND, ink
    elif not ground:
        ink = _lifted(ink)
    under = f'<rect x="{x}" y="0" width="{wide}" height="{LINE}" fill="{ground}"/>' if ground else ""
    if not span.text.strip():
        return under
    told, blank = span.text.rstrip(), len(span.text) - len(span.text.lstrip())
    first, long = at + blank, width_of(told) - blank
    return (
        f'{under}<text x="{_x(first * CELL)}" y="{LINE - 4}" textLength="{_x(long * CELL)}"{_css(style, ink)}>'
        f"{html.escape(told.lstrip(), quote=False)}</text>"
    )


def _lifted(color: str) -> str:
    """That colour, or a lighter one that can be read here (4.5:1), as terminals with a least contrast show it: the 256
    colours are chosen for light and dark grounds alike."""
    parts = [int(color[at : at + 2], 16) for at in (1, 3, 5)]
    while _light(parts) + 0.05 < 4.5 * 0.055:
        parts = [part + (255 - part) // 10 for part in parts]
    return "#" + "".join(f"{part:02x}" for part in parts)


def _light(parts: Sequence[int]) -> float:
    """Relative luminance, about: sRGB's curve as a power. The ground's is 0.005."""
    return sum(share * math.pow(part / 255, 2.2) for share, part in zip((0.2126, 0.7152, 0.0722), parts, strict=True))


def _css(style: Style, ink: str) -> str:
    parts = [
        f"fill:{ink}" if ink != INK else "",
        "font-weight:700" if style.bold else "",
        "opacity:.6" if style.dim else "",
        "font-style:italic" if style.italic else "",
        "text-decoration:underline" if style.underlined else "",
    ]
    said = ";".join(part for part in parts if part)
    return f' style="{said}"' if said else ""


def _x(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
