"""Which paths lines of gitignore syntax mean, and where those have to be looked for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from tmuxagents.value import Value


class Pattern(Value):
    """One line. `place` is the folder, or the very path, below which everything lies that it can mean; empty where
    that is anywhere."""

    regex: str
    negated: bool
    folder: bool
    place: str


def parse(lines: Iterable[str]) -> tuple[Pattern, ...]:
    """The patterns in the lines, as git reads them; comments and empty lines are none."""
    return tuple(found for line in lines if (found := _pattern(line)) is not None)


def matches(patterns: Sequence[Pattern], path: str, *, folder: bool = False) -> bool:
    """Whether the path is meant, itself or by a folder that it is in. As with git, what is in a folder that is meant
    cannot be taken out again."""
    parts = path.split("/")
    above = ("/".join(parts[:count]) for count in range(1, len(parts)))
    return any(_last(patterns, one, folder=True) for one in above) or _last(patterns, path, folder=folder)


def stays_inside(line: str) -> bool:
    """Whether it can only mean what lies in the checkout, and nothing of git's own."""
    plain = line.removeprefix("!")
    within = not plain.startswith(("/", "~")) and not {"..", ".git"} & set(plain.split("/"))
    return bool(plain.strip("/ ")) and within and not re.search(r"[\0\r\n]", plain)


def _last(patterns: Sequence[Pattern], path: str, *, folder: bool) -> bool:
    found = (p for p in reversed(patterns) if (folder or not p.folder) and re.fullmatch(p.regex, path, re.DOTALL))
    last = next(found, None)
    return last is not None and not last.negated


def _pattern(line: str) -> Pattern | None:
    text = _without_blanks(line.removesuffix("\n").removesuffix("\r"))
    if not text or text.startswith("#"):
        return None
    negated = text.startswith("!")
    text = text.removeprefix("!") if negated else text
    folder = text.endswith("/")
    text = text.removesuffix("/")
    if not text:
        return None
    if "/" not in text:
        return Pattern(f"(?:.*/)?{_regex(text)}", negated, folder, "")
    text = text.removeprefix("/")
    return Pattern(_regex(text), negated, folder, _place(text))


def _without_blanks(text: str) -> str:
    """Blanks at the end count only behind a backslash."""
    while text.endswith(" ") and not text.endswith("\\ "):
        text = text[:-1]
    return text


def _place(text: str) -> str:
    parts = text.split("/")
    plain = next((at for at, part in enumerate(parts) if re.search(r"[*?\[\\]", part)), len(parts))
    return "/".join(parts[:plain])


def _regex(text: str) -> str:
    """`**` between slashes is any number of folders; `*` and `?` are never a slash."""
    made, at = "", 0
    while at < len(text):
        if text.startswith("**/", at) and at in (0, text.rfind("/", 0, at) + 1):
            made, at = made + "(?:.*/)?", at + 3
        elif text[at:] == "**" and text[:at].endswith("/"):
            made, at = made + ".+", len(text)
        elif text[at] == "*":
            made, at = made + "[^/]*", at + 1
        elif text[at] == "?":
            made, at = made + "[^/]", at + 1
        elif text[at] == "[" and (found := re.match(r"\[([!^]?)(\]?[^\]]*)\]", text[at:])):
            kept = re.sub(r"([\\\[&~|^])", r"\\\1", found[2])
            made, at = made + f"(?!/)[{'^' if found[1] else ''}{kept}]", at + found.end()
        elif text[at] == "\\" and at + 1 < len(text):
            made, at = made + re.escape(text[at + 1]), at + 2
        else:
            made, at = made + re.escape(text[at]), at + 1
    return made
