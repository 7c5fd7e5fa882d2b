"""What the benchmark has to know of a tool: its documented commands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from tests.bench.peers.bed import Bed

Argv = list[str]


def _no_server(_: Bed) -> AbstractContextManager[object]:
    return nullcontext()


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """None stands for what the tool cannot do. Agents are numbered from 1, in the order they start."""

    name: str
    version: str
    packages: Sequence[str]
    """What pip installs, pinned; nothing for a program that is there already."""
    cheapest: Argv
    """The shortest command there is."""
    python: tuple[int, int] = (3, 11)
    """The oldest Python that it runs on."""
    settings: dict[str, object] | None = None
    """What it wants to find in the configuration of `claude`."""
    server: Callable[[Bed], AbstractContextManager[object]] = _no_server
    """What has to run before anything else."""
    listing: Argv | None = None
    program: Callable[[Bed, int, str], Argv] | None = None
    """Start an agent that is this line of shell."""
    claude: Callable[[int, str], Argv] | None = None
    """Start an agent that is `claude`, with this task."""
    send: Callable[[str], Argv] | None = None
    """Say this to the first agent."""
    crowd: Callable[[Bed, Sequence[str]], Argv] | None = None
    """Start one agent per line of shell, where one command does that and cannot be added to."""
    stays: bool = False
    """The command that starts runs as long as what it started."""
    agents: Callable[[Bed], set[int]] | None = None
    """The processes that are agents, where their command lines do not say."""
