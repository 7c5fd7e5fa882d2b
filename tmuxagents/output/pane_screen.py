"""Decide which lines of a pane are final, tmux being the terminal that drew them.

What scrolled into the history is final. What is on the screen is final once it stays. A line
that came out while it was on the screen has been paid for: it may scroll away, vanish and
come back once without coming out again.
"""

from __future__ import annotations

import zlib
from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence

from tmuxagents.output.safe_text import clean
from tmuxagents.value import Value, replace

_KEPT = 200  # lines remembered of each kind; a screen is seldom higher
_KEY_LENGTH = 120
_SURE = 3  # lines in a row that make an overlap, where as many are known
_CERTAIN = 20


class Look(Value):
    """One pane as tmux shows it, all taken in one call.

    `scrolled` begins at history line `history_seen` of the state. When it begins anywhere
    before that, `exact` is False; `wanted` says when to capture more than the new lines.
    `history_limit` 0 means not known. `joined`: the last line of the history goes on in the
    first of the screen, so `capture-pane -p -J -S -1 -E 0` is one line and not two.
    """

    history_size: int
    scrolled: tuple[str, ...]
    visible: tuple[str, ...]
    alternate: bool
    exact: bool = True
    history_limit: int = 0
    joined: bool = False


class SettleState(Value):
    """What came out so far, as far as it can meet us again. Holds keys, not lines.

    `tail` is the end of what is known of the history, `shown` what came out and is on the
    screen still, `alternate` the same for the alternate screen, and `gone` what came out and
    vanished without scrolling away. `head` is the part in the history of a line that goes on
    on the screen.
    """

    history_seen: int = 0
    tail: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()
    alternate: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    head: str = ""
    started: bool = True


def start_from(lines: Sequence[str]) -> SettleState:
    """Go on after lines that came out by another way, the last of them last."""
    return SettleState(tail=tuple(_key(line) for line in lines[-_KEPT:]), started=False)


def wanted(state: SettleState, *, history_size: int, history_limit: int) -> tuple[int, bool]:
    """How many of the last history lines to capture, and whether that is `exact`.

    Near its limit tmux drops a tenth of the history at a time, and the counter does not show
    it; then the capture must reach back over lines already seen. If `overlaps` says that it
    did not, capture the whole history.
    """
    if not state.started or not history_limit:
        return history_size, state.started and history_size >= state.history_seen
    new = history_size - state.history_seen
    tenth = max(1, history_limit // 10)
    if new >= 0 and history_size + tenth < history_limit:
        return new, True
    return min(history_size, (new if new >= 0 else new % tenth) + tenth + _KEPT // 2), False


def overlaps(state: SettleState, look: Look) -> bool:
    """Whether the look reaches back to lines already seen, so that none is missed between."""
    if _is_exact(state, look) or not state.tail:
        return True
    scrolled, visible, _ = _joined("", look)
    return _seen_end(state, look, _keys(scrolled + ([] if look.alternate else visible)))[0] > 0


def settle(state: SettleState, look: Look, *, still: bool) -> tuple[SettleState, list[str]]:
    """The lines that are final now, each once and in order.

    `still` says that the screen has not changed since the look before, or that the program
    has ended. Lines come out cleaned and without trailing blanks.
    """
    state, scrolled, visible = _align(state, look)
    primary, alternate = ([], visible) if look.alternate else (visible, [])
    page = _Page(state.gone)
    if not look.alternate and _is_redrawn(state.shown, scrolled, primary):
        known, unseen = page.let_out_frames(state.shown, scrolled), []
    else:
        known, unseen = state.shown, scrolled
    shown = page.compare(known, unseen, primary, still=still, keep=look.alternate)
    shown_there = page.compare(state.alternate, [], alternate, still=still, keep=False)
    after = SettleState(
        history_seen=look.history_size,
        tail=(*state.tail, *_keys(scrolled))[-_KEPT:],
        shown=shown,
        alternate=shown_there,
        gone=tuple(page.gone[-_KEPT:]),
        head=state.head,
    )
    return after, page.out


class _Page:
    """What comes out of one look, and what is gone after it."""

    __slots__ = ("gone", "out")

    def __init__(self, gone: Iterable[str]) -> None:
        self.gone = list(gone)
        self.out: list[str] = []

    def compare(
        self, known: Sequence[str], scrolled: list[str], visible: list[str], *, still: bool, keep: bool
    ) -> tuple[str, ...]:
        """Let out what is new and final; return what came out and is still there.

        `keep`: known lines that are not met are hidden, and not gone.
        """
        lines, top = scrolled + visible, len(scrolled)
        keys = _keys(lines)
        known = _split_at_the_edge(known, scrolled, visible)
        pairs = _common(known, keys)
        paid = {new for _, new in pairs}
        paid |= self._returned(keys, paid)
        self.out += _let_out(lines, keys, paid, len(lines) if still else top)
        met = {old for old, _ in pairs}
        missed = [key for old, key in enumerate(known) if old not in met]
        self.gone += [] if keep else missed
        there = [keys[new] for new in range(top, len(lines)) if keys[new] and (still or new in paid)]
        return (*there, *missed) if keep else tuple(there)

    def let_out_frames(self, shown: Sequence[str], scrolled: list[str]) -> tuple[str, ...]:
        """Let each line of the cleared screens out once; return all that came out by now."""
        known = dict.fromkeys(shown)
        for line, key in zip(scrolled, _keys(scrolled), strict=True):
            if key and key not in known:
                known[key] = None
                self.out.append(line.rstrip())
        return tuple(known)

    def _returned(self, keys: list[str], met: Collection[int]) -> set[int]:
        """Which new lines are ones that had vanished; each vanished line returns once."""
        hidden, back = set(self.gone), set()
        for new, key in enumerate(keys):
            if key in hidden and new not in met and key in self.gone:
                self.gone.remove(key)
                back.add(new)
        return back


def _let_out(lines: list[str], keys: list[str], paid: set[int], final: int) -> list[str]:
    """The final lines not paid for; an empty line goes with the line that follows it."""
    out: list[str] = []
    empty = 0
    for new, line in enumerate(lines):
        if not keys[new]:
            empty += new < final
        elif new in paid:
            empty = 0
        else:
            out += [""] * empty + ([line.rstrip()] if new < final else [])
            empty = 0
    return out + [""] * empty


def _align(state: SettleState, look: Look) -> tuple[SettleState, list[str], list[str]]:
    """The scrolled lines not seen before, and the screen; what moved between them accounted for."""
    scrolled, visible, head = _joined(state.head if _is_exact(state, look) else "", look)
    state = replace(state, head=head)
    if _is_exact(state, look):
        return state, scrolled, visible
    known = _keys(scrolled) + ([] if look.alternate else _keys(visible))
    end, missing = _seen_end(state, look, known)
    # Lines that were history and are on the screen: the window grew, or the lines came from
    # the plain path, which does not know where the screen begins.
    pulled = known[len(scrolled) : end]
    hidden, erased = (missing, ()) if look.alternate else ((), missing)
    aligned = replace(
        state,
        tail=state.tail[: max(0, len(state.tail) - len(missing) - len(pulled))],
        shown=(*filter(None, (*hidden, *pulled)), *state.shown),
        gone=(*state.gone, *filter(None, erased))[-_KEPT:],
    )
    return aligned, scrolled[end:], visible


def _joined(head: str, look: Look) -> tuple[list[str], list[str], str]:
    """Both parts of the look with a line that crosses their border whole; and its new head."""
    scrolled, visible = _cleaned(look.scrolled), _cleaned(_screen(look))
    joined = look.joined and bool(visible)
    if head and not scrolled and joined:
        return [], [head + visible[0], *visible[1:]], head
    if head:
        scrolled = [head + scrolled[0], *scrolled[1:]] if scrolled else [head]
    if not joined or not scrolled:
        return scrolled, visible, ""
    *scrolled, head = scrolled
    return scrolled, [head + visible[0], *visible[1:]], head


def _is_exact(state: SettleState, look: Look) -> bool:
    return look.exact and state.started and look.history_size >= state.history_seen


def _seen_end(state: SettleState, look: Look, known: list[str]) -> tuple[int, tuple[str, ...]]:
    """Where in the captured lines those of the tail end, and what of the tail is not there."""
    hint = len(look.scrolled) - _new_lines(state, look)
    for dropped in range(1 if state.started else len(state.tail)):
        tail = state.tail[: len(state.tail) - dropped]
        if end := _end_of(tail, known, hint, sure=min(_SURE, len(state.tail))):
            return end, state.tail[len(tail) :]
    return 0, () if _is_full(look) else state.tail


def _is_full(look: Look) -> bool:
    """Whether the history is at its limit, so that lines fell off it; else it was wiped."""
    return bool(look.history_limit) and look.history_size >= look.history_limit - look.history_limit // 10


def _new_lines(state: SettleState, look: Look) -> int:
    """How many lines scrolled since, by the counter; a tenth of the limit was dropped at a time."""
    new = look.history_size - state.history_seen
    return new if new >= 0 else new % max(1, look.history_limit // 10)


def _end_of(tail: Sequence[str], known: Sequence[str], hint: int, *, sure: int) -> int:
    """Where the tail ends in the known lines, 0 if it is not there.

    Output that repeats itself fits in many places: of those where all that can overlap does,
    the one nearest to the hint. Else the longest overlap.
    """
    best, best_end = (False, 0), 0
    for end in range(1, len(known) + 1):
        if not tail or known[end - 1] != tail[-1]:
            continue
        length = _overlap(tail, known, end)
        whole = length == min(len(tail), end) and length >= min(_CERTAIN, len(tail))
        rank = (whole, -abs(end - hint) if whole else length)
        if length >= sure and (not best_end or rank > best):
            best, best_end = rank, end
    return best_end


def _overlap(tail: Sequence[str], known: Sequence[str], end: int) -> int:
    length = 0
    most = min(len(tail), end)
    while length < most and tail[-1 - length] == known[end - 1 - length]:
        length += 1
    return length


def _is_redrawn(shown: tuple[str, ...], scrolled: list[str], visible: list[str]) -> bool:
    """Whether the screen was cleared and drawn again, and not scrolled by a screenful.

    tmux saves the screen in the history when a program clears it. It is a redraw if all that
    was shown went there and the screen is empty, or begins as it did. One line alone does not
    tell, nor one that was there twice: output that repeats itself begins with it too often.
    """
    filled = [key for key in _keys(scrolled) if key]
    first = next((key for key in _keys(visible) if key), None)
    whole = bool(shown) and filled[: len(shown)] == list(shown)
    return whole and (first is None or (first == shown[0] and shown.count(first) == 1 < len(shown)))


def _split_at_the_edge(known: Sequence[str], scrolled: list[str], visible: list[str]) -> Sequence[str]:
    """A long line that came out whole, and now has its head in the history, is two lines."""
    if not scrolled or not visible:
        return known
    whole = _key(scrolled[-1] + visible[0])
    if whole not in known or _key(scrolled[-1]) in known:
        return known
    at = list(known).index(whole)
    return (*known[:at], _key(scrolled[-1]), _key(visible[0]), *known[at + 1 :])


def _common(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """The longest common subsequence, as places in both; empty lines do not count.

    Hunt and Szymanski: nearly linear, because lines seldom repeat.
    """
    places: dict[str, list[int]] = {}
    for place in range(len(old) - 1, -1, -1):
        if old[place]:
            places.setdefault(old[place], []).append(place)
    ends: list[int] = []
    chains: list[_Chain] = []
    for at, key in enumerate(new):
        for place in places.get(key, ()):
            length = bisect_left(ends, place)
            chain = _Chain(place, at, chains[length - 1] if length else None)
            ends[length : length + 1] = [place]
            chains[length : length + 1] = [chain]
    return _unrolled(chains[-1] if chains else None)


class _Chain(Value):
    old: int
    new: int
    before: _Chain | None


def _unrolled(chain: _Chain | None) -> list[tuple[int, int]]:
    pairs = []
    while chain is not None:
        pairs.append((chain.old, chain.new))
        chain = chain.before
    return pairs[::-1]


def _screen(look: Look) -> tuple[str, ...]:
    """The visible lines without the empty ones at the bottom."""
    last = len(look.visible)
    while last and not look.visible[last - 1].strip():
        last -= 1
    return look.visible[:last]


def _cleaned(lines: Iterable[str]) -> list[str]:
    return [clean(line).replace("\n", " ") for line in lines]


def _keys(lines: Iterable[str]) -> list[str]:
    return [_key(line) for line in lines]


def _key(line: str) -> str:
    """What two looks at one line agree on: tmux draws tabs as blanks and pads. Short, to be kept."""
    folded = " ".join(clean(line).split())
    if len(folded) <= _KEY_LENGTH:
        return folded
    return f"{folded[: _KEY_LENGTH - 20]}…{len(folded)}:{zlib.crc32(folded.encode()):08x}"
