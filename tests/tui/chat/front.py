"""A front of the chat that keeps what it is told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tmuxagents.services.app import App
from tmuxagents.tui.chat.front import Given, Ran
from tmuxagents.tui.chat.room import Room


@dataclass(slots=True)
class Looker:
    """A front that keeps what it is told, and commands that are noted and not carried out."""

    rows: list[str] = field(default_factory=list)
    ran: list[list[str]] = field(default_factory=list)
    open_app: Callable[[], App] | None = None
    late: bool = False
    columns: int = 80
    printed: int = 0

    def put(self, rows: Sequence[str]) -> int:
        self.rows += rows
        return 1

    def changed(self) -> None:
        pass

    def run(self, argv: Sequence[str]) -> Ran:
        self.ran.append(list(argv))
        return Ran(3, "", "no longer waits") if self.late else Ran(0, "", "")

    @property
    def given(self) -> Given:
        """What the command line would give."""

        def guarded(job: Callable[[], None]) -> str:
            try:
                job()
            except Exception as error:  # noqa: BLE001 - as the command line's own
                return f"{type(error).__name__}: {error}"
            return ""

        nothing: object = None
        return Given(
            open_app=self.open_app,  # type: ignore[arg-type]
            run=self.run,
            argv=list,
            options=lambda word: {},
            edit=nothing,  # type: ignore[arg-type]
            mend=nothing,  # type: ignore[arg-type]
            guarded=guarded,
            color=False,
            unicode=True,
        )

    def room(self, *, always: bool = False) -> Room:
        """A room that has it for its front."""
        return Room(self.given, self, always=always)
