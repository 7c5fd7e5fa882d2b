"""What every command works with: one state directory, its database, its tmux server."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tmuxagents.drivers import files
from tmuxagents.drivers.tmux.call import Server
from tmuxagents.errors import StateGone, TmuxagentsError, addressed, advised, word
from tmuxagents.names import AgentId
from tmuxagents.store.database import Database
from tmuxagents.value import Value

if TYPE_CHECKING:
    from tmuxagents.config import Config

_OURS = ("tmuxagents.db", "socket")
"""What is in every state directory that was used."""

CONFIG_WRONG = "config.wrong"
"""There while the user's configuration was wrong when somebody was to be called (see `settings.counted`)."""

SOCKET_LIMIT = 100
"""Bytes that a Unix socket's path may have everywhere (104 on macOS)."""


class App(Value, frozen=False):
    """One fleet. Opened once a command and passed first; nothing here is global."""

    state: Path
    server: Server
    # What `--state-dir` said: suggested commands have to say it too.
    named: str | None = None
    # Gets what the user has to be told beside the answer, and the command to type.
    tell: Callable[[str, str], None] | None = None
    _db: Database | None = None
    _config: Config | None = None
    _told: bool = False
    # Where it lies for this command alone.
    passing: Path | None = None

    @property
    def db(self) -> Database:
        """The database, opened when first needed."""
        if self._db is None:
            self._db = Database(self.state / "tmuxagents.db")
        return self._db

    @property
    def config(self) -> Config:
        """The user's settings, read when first needed."""
        from tmuxagents import config as configuration

        if self._config is None:
            self._config = configuration.load(configuration.path())
        return self._config

    @property
    def scripts(self) -> Path:
        """Where the shell scripts are."""
        return self.state / "bin"

    def folder(self, agent_id: AgentId) -> Path:
        """An agent's own folder."""
        return self.state / "agents" / agent_id

    def own_folder(self, agent_id: AgentId) -> Path:
        """The same, made when it is missing, and never what it lies in."""
        files.private_folder(self.state / "agents")
        return files.private_folder(self.folder(agent_id))

    def remark(self, words: str, hint: str) -> None:
        """Tell whoever reads, once a command: it may look again and again."""
        if self.tell is not None and not self._told:
            self._told = True
            self.tell(words, hint)

    def tell_anew(self) -> None:
        """Have a remark told once more: for who looks again and again, and shows what holds now."""
        self._told = False

    def addressed(self, command: str) -> str:
        """A suggested command, so that it means this fleet."""
        return addressed(command, self.named)

    def advised(self, text: str | None) -> str | None:
        """What is recorded of an agent, as it is told: its advice means this fleet."""
        return advised(text, self.named) if text else text

    def close(self) -> None:
        """Close what was opened."""
        if self._db is not None:
            self._db.close()
            self._db = None
        if self.passing is not None:
            import shutil

            shutil.rmtree(self.passing, ignore_errors=True)

    def __enter__(self) -> App:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def state_path(given: str | None) -> Path:
    """`--state-dir`, else `$TMUXAGENTS_STATE_DIR`, else the platform's place."""
    chosen = given or _from_environment()
    return Path(chosen).expanduser().absolute() if chosen else _usual()


def is_usual(app: App) -> bool:
    """Whether it is the fleet that a command means where nothing names another."""
    return app.state == _usual()


def _usual() -> Path:
    import platformdirs

    return Path(platformdirs.user_state_path("tmuxagents"))


def _from_environment() -> str | None:
    """The variable is set once and read wherever one stands: a relative path would be a fleet in each folder."""
    chosen = os.environ.get("TMUXAGENTS_STATE_DIR")
    if chosen and not os.path.isabs(os.path.expanduser(chosen)):
        raise TmuxagentsError(
            f"TMUXAGENTS_STATE_DIR is relative: '{chosen[:200]}' would be another fleet in every folder",
            hint=f"export TMUXAGENTS_STATE_DIR={word(os.path.abspath(chosen))}",
        )
    return chosen


def missing(given: str | None) -> TmuxagentsError | None:
    """What is wrong where a state directory was typed that is not there, and could be made; None where all is well."""
    try:
        state = state_path(given) if given else None
    except RuntimeError:
        # A `~user` that nobody is: who opens it says so.
        return None
    if state is None or os.path.lexists(state):
        return None
    nearest = next(place for place in state.parents if os.path.lexists(place))
    words = f"the state directory '{state}' does not exist"
    return TmuxagentsError(words, hint=f"ls -ld {word(nearest)}") if nearest.is_dir() else None


def open_nothing() -> App:
    """A fleet of nobody, for a command that asks one which is not there: nothing of it is left."""
    import tempfile

    passing = Path(tempfile.mkdtemp(prefix="tmuxagents-"))
    app = open_app(str(passing / "s"))
    app.passing = passing
    return app


def check_there(given: str | None) -> None:
    """`StateGone` where it is not there any more: whoever opened it would make another."""
    state = state_path(given)
    if not os.path.isdir(state):
        raise StateGone(state)


def open_again(given: str | None) -> App:
    """The same once more, for what goes on: `StateGone` where it is not there any more."""
    check_there(given)
    return open_app(given)


def open_app(given: str | None) -> App:
    """The fleet of that state directory, which is made when it is missing."""
    try:
        state = state_path(given)
    except RuntimeError as error:
        raise TmuxagentsError(
            f"the state directory '{given}' cannot be found: {error}", hint="tmuxagents help environment"
        ) from error
    try:
        own(state)
    except OSError as error:
        reason = error.strerror or str(error)
        raise TmuxagentsError(
            f"the state directory '{state}' cannot be used: {reason}", hint="tmuxagents help environment"
        ) from error
    files.refuse_links(state)
    files.refuse_links(state / "agents")
    return App(state=state, server=Server(socket=_socket(state), config=state / "tmux.conf"))


def own(state: Path) -> None:
    """Have the state directory, its owner's alone. One that is another user's, or that others may look into and
    that we did not make, is refused as it is: it may be anything."""
    try:
        found = state.stat()
    except FileNotFoundError:
        found = None
    if found is not None and found.st_uid != os.geteuid():
        raise TmuxagentsError(f"the state directory '{state}' belongs to another user", hint=f"ls -ld {word(state)}")
    if found is not None and found.st_mode & 0o077 and not any((state / name).exists() for name in _OURS):
        if any(state.iterdir()):
            raise TmuxagentsError(
                f"'{state}' is no state directory: others may look into it, and it holds other files",
                hint="tmuxagents help environment",
            )
        raise TmuxagentsError(f"others may look into the state directory '{state}'", hint=f"chmod 700 {word(state)}")
    # The directory itself may be a link: whoever named it chose it.
    files.private_folder(state, link=True, above=True)


def _socket(state: Path) -> Path:
    """Where the server listens. Once chosen it is written down: `XDG_RUNTIME_DIR` is set in a
    login and not in a cron job, and both must find the same server."""
    note = state / "socket"
    try:
        noted = Path(os.fsdecode(files.read_whole(note)).strip())
        if noted.parent.is_dir():
            files.refuse_link(noted)
            return noted
    except OSError:
        pass
    chosen = _choose_socket(state)
    files.write_whole(note, f"{chosen}\n")
    return chosen


def _choose_socket(state: Path) -> Path:
    # The state directory first: logind removes XDG_RUNTIME_DIR with the last logout, and the
    # socket in it, while the server lives on.
    beside = state / "tmux.sock"
    if len(os.fsencode(beside)) < SOCKET_LIMIT:
        return beside
    import hashlib

    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    short = hashlib.sha256(os.fsencode(state)).hexdigest()[:12]
    path = Path(runtime) / "tmuxagents" / f"{short}.sock"
    if runtime and _is_ours(Path(runtime)) and len(os.fsencode(path)) < SOCKET_LIMIT:
        if path.parent.exists() and not _is_ours(path.parent):
            raise TmuxagentsError(f"'{path.parent}' belongs to another user", hint=f"ls -ld {word(path.parent)}")
        files.private_folder(path.parent, above=True)
        return path
    raise TmuxagentsError(
        f"'{state}' is too long for a socket's path: 90 bytes are", hint="tmuxagents help environment"
    )


def _is_ours(folder: Path) -> bool:
    """Whether it is a folder of this user's: in another's the socket could be replaced."""
    return folder.is_dir() and folder.stat().st_uid == os.geteuid()
