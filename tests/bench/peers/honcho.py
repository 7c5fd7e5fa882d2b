"""honcho: runs what a Procfile lists, with one merged log; nobody can be talked to."""

from __future__ import annotations

from collections.abc import Sequence

from tests.bench.peers.bed import Bed
from tests.bench.peers.peer import Argv, Peer

VERSION = "2.0.0"


def _start(bed: Bed, shells: Sequence[str]) -> Argv:
    procfile = bed.root / "Procfile"
    procfile.write_text("".join(f"agent{number}: {shell}\n" for number, shell in enumerate(shells, 1)))
    return ["honcho", "start", "--app-root", str(bed.fleet.work), "--procfile", str(procfile)]


# `honcho help start`. It runs as long as its programs do and none can be added.
PEER = Peer(
    name="honcho",
    version=VERSION,
    packages=[f"honcho=={VERSION}"],
    cheapest=["honcho", "--version"],
    program=lambda bed, number, shell: _start(bed, [shell]),
    crowd=_start,
    stays=True,
)
