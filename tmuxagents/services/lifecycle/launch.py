"""Start an agent's program in a window of its own."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tmuxagents import clock
from tmuxagents.drivers import files, process, wrapper
from tmuxagents.drivers.tmux import window
from tmuxagents.drivers.tmux.call import NoServer
from tmuxagents.errors import FolderMissing, ProgramMissing, StateDamaged, TmuxUnreachable, Unrecorded, word
from tmuxagents.kinds import environment, registry, setting_up
from tmuxagents.kinds.base import Guarded, Kind, Launch, Start
from tmuxagents.model.agent import Agent, PaneAddress
from tmuxagents.services import agent_folder
from tmuxagents.services.app import App
from tmuxagents.services.ingest import agent_file
from tmuxagents.services.lifecycle import login
from tmuxagents.services.server import startup
from tmuxagents.store import agents
from tmuxagents.value import replace

_BY_TMUX = 8_000
"""Bytes of a program's arguments that are given through tmux, which takes 16 KB of all that it is told at once."""


def check_folder(text: str) -> Path:
    """The folder, absolute; `FolderMissing` when it cannot be worked in."""
    try:
        folder = Path(text).expanduser().absolute()
        found, there = folder.is_dir(), folder.exists()
        str(folder).encode()
    except (OSError, RuntimeError, ValueError) as error:
        if text == "." and isinstance(error, FileNotFoundError):
            raise FolderMissing("the folder that you stand in does not exist any more", hint="cd") from error
        # A name too long, a `~user` that nobody is, bytes that are no UTF-8: JSON could not tell of it.
        raise FolderMissing(f"'{text[:80]}' cannot be a folder to work in", hint="tmuxagents help spawn") from error
    if not found:
        leads = "is a link that leads nowhere" if folder.is_symlink() else "does not exist"
        raise FolderMissing(f"'{folder}' {'is not a folder' if there else leads}", hint=_way_to(folder))
    if not os.access(folder, os.R_OK | os.X_OK):
        raise FolderMissing(f"'{folder}' cannot be entered", hint=f"ls -ld {word(folder)}")
    return folder


def _way_to(folder: Path) -> str:
    """It can be made, unless a file, or a link that leads nowhere, stands in its place or on the way."""
    nearest = _nearest(folder)
    return f"mkdir -p {word(folder)}" if nearest.is_dir() else f"ls -l {word(nearest)}"


def _nearest(path: Path) -> Path:
    """The last part of the way that is there, be it a link that leads nowhere."""
    return next((place for place in (path, *path.parents) if os.path.lexists(place)), path)


def _no_program(path: Path) -> ProgramMissing:
    """A path is looked for on no PATH."""
    if not path.exists():
        return ProgramMissing(f"'{str(path)[:200]}' does not exist", hint=f"ls -ld {word(_nearest(path))}")
    what = "is a folder" if path.is_dir() else "is not executable"
    return ProgramMissing(f"'{str(path)[:200]}' {what}", hint=f"ls -ld {word(path)}")


def check_program(kind: str, options: Mapping[str, Any], path: str | None, folder: str) -> None:
    """`ProgramMissing` when the kind's program is not there, with how to install it. `folder` is where it is started:
    a relative path is one from there."""
    adapter = registry.kind(kind)
    program = str((options.get("args") or [""])[0]) if adapter.TAKES_PROGRAM else adapter.PROGRAM
    if adapter.TAKES_PROGRAM and not program:
        raise ProgramMissing(f"a {kind} agent needs a program behind --", hint="tmuxagents spawn --help")
    if (
        program
        and process.on_path(os.path.join(folder, program) if os.path.dirname(program) else program, path) is None
    ):
        if os.path.dirname(program):
            raise _no_program(Path(folder, program))
        hint = adapter.INSTALL or f"command -v {word(program[:60])}"
        raise ProgramMissing(f"'{program[:60]}' is not on the PATH", hint=hint)


def start(
    app: App,
    agent: Agent,
    *,
    resume: bool,
    given: Mapping[str, str],
    caller: Mapping[str, str] | None = None,
    text: str | None = None,
) -> None:
    """Start the program of a claimed agent; records its place, where tmux tells it in time. Raises with nothing
    started. `caller` is the environment of who asked for it, where that is not this process. `text` is its first prompt
    in place of its task."""
    kind = registry.kind(agent.kind)
    folder = app.own_folder(agent.id)
    files.private_folder(folder / "spool")
    files.private_folder(folder / "asks")
    if caller is None:
        caller = _caller(folder, agent.options.get("given", ())) if agent.generation > 1 else dict(os.environ)
    if agent.is_headless:
        from tmuxagents.services.lifecycle import headless

        headless.refuse_untrusted(agent, {**caller, **given})
    commands = _set_up(app, agent)
    request = Start(
        folder=folder,
        scripts=app.scripts,
        generation=agent.generation,
        conversation=agent.condition.conversation or str(agent.id),
        resume=resume,
        task=text if text is not None or resume else agent.task,
        options=agent.options,
        env={**caller, **given},
        settings=login.decoded(kind.settings_files({**caller, **given})),
        dir=os.path.realpath(agent.dir),
        scope=_scope(app, agent, commands),
        copy=_copy(app, agent),
    )
    launch = kind.launch(request)
    _write(folder, agent, launch, caller, given)
    _prepare(app, kind, agent, request, commands)
    startup.ensure(app)
    # A server that an older version started has that version's scripts.
    wrapper.write_scripts(app.scripts)
    words = () if _is_long(launch.argv) else launch.argv
    argv = [str(app.scripts / "starter.sh"), str(folder), str(agent.generation), agent.dir, *words]
    try:
        opened = _open(app, agent, argv, folder)
    except BaseException as error:
        # A tmux that did not answer in time may open the window yet: then the starter ends, unless it has begun.
        if agent_folder.give_up(folder, agent.generation) or not isinstance(error, TmuxUnreachable):
            raise
        # Whoever asks tmux next finds its window, and records it (`fleet.claims`).
        app.remark(f"{agent.name} runs; where is not known yet: {error.message}", f"tmuxagents show {agent.name}")
    else:
        place = PaneAddress(server=opened.server, window=opened.window, pane=opened.pane, pid=opened.pid)
        _record(app, agent, place)
    agent_file.keep(app, agent.id)
    startup.nudge(app)


def _record(app: App, agent: Agent, place: PaneAddress) -> None:
    try:
        with app.db.write() as tx:
            agents.place(tx, agent.id, place, phase="running")
    except StateDamaged as error:
        # Where the starter has begun nothing but tmux ends it now, and whoever asks tmux next records it.
        if agent_folder.give_up(app.folder(agent.id), agent.generation):
            raise
        raise Unrecorded(f"{agent.name} runs; not recorded: {error.message}", hint="tmuxagents ls") from error


def _copy(app: App, agent: Agent) -> Path | None:
    if not agent.options.get("branch_off"):
        return None
    from tmuxagents.services.lifecycle import branch_off

    return branch_off.copy_of(app, agent)


def _scope(app: App, agent: Agent, commands: Sequence[str]) -> Guarded | None:
    """How its checkout is before anything runs in it is noted with it; what a set-up makes is noted behind that."""
    if not agent.scope:
        return None
    from tmuxagents.services.worktrees import scoped

    if not commands:
        scoped.begin(app, agent)
    return scoped.guarded(agent)


def _set_up(app: App, agent: Agent) -> Sequence[str]:
    if not (agent.options.get("worktree") or {}).get("setup"):
        return ()
    from tmuxagents.services.lifecycle import set_up

    return set_up.planned(app, agent)


def _prepare(app: App, kind: Kind, agent: Agent, request: Start, commands: Sequence[str]) -> None:
    with app.db.write() as tx:
        before = agents.condition_of(tx, agent.id)
        after = setting_up.begins(kind.prepared(before, request, clock.now_ns()), commands)
        after = replace(after, account=kind.account(request.env, request.settings))
        if after != before:
            agents.set_condition(tx, agent.id, after)


def _open(app: App, agent: Agent, argv: Sequence[str], folder: Path) -> window.Opened:
    raw = agent_folder.raw_path(folder, agent.generation)
    # Of one that was given up before it could have had a window.
    agent_folder.begun_file(folder, agent.generation).unlink(missing_ok=True)
    files.write_whole(raw, b"")

    def open_() -> window.Opened:
        return window.open_window(
            app.server,
            name=agent.name,
            agent_id=agent.id,
            generation=agent.generation,
            argv=argv,
            folder=Path(agent.dir),
            raw=raw,
        )

    try:
        return open_()
    except NoServer:
        # The server went away between the look and the call; once more with a new one.
        startup.ensure(app)
        return open_()


def _write(folder: Path, agent: Agent, launch: Launch, caller: Mapping[str, str], given: Mapping[str, str]) -> None:
    # A lead agent that runs tmuxagents itself finds the fleet it belongs to.
    own = {
        "TMUXAGENTS_NAME": agent.name,
        "TMUXAGENTS_GENERATION": str(agent.generation),
        "TMUXAGENTS_STATE_DIR": str(folder.parent.parent),
    }
    if "port" in agent.options:
        own["TMUXAGENTS_PORT"] = str(agent.options["port"])
    env = environment.agent(caller, unset=launch.unset, fixed=launch.env, given=given, own=own)
    files.write_whole(agent_folder.environment_file(folder, agent.generation), wrapper.environment(env))
    for name, text in launch.files.items():
        files.write_whole(folder / name, text)
    if _is_long(launch.argv):
        files.write_whole(folder / f"argv.{agent.generation}", wrapper.arguments(launch.argv))
    if launch.task is not None:
        files.write_whole(folder / f"task.{agent.generation}", launch.task)


def _is_long(argv: Sequence[str]) -> bool:
    return sum(len(os.fsencode(word)) for word in argv) > _BY_TMUX


def _caller(folder: Path, given: Sequence[str]) -> dict[str, str]:
    """What the agent had at its first start, under what the caller has now: after a reboot the
    caller is a login service that knows no API key. What it was `given` by name stays: it may be another account."""
    written = [path for path in folder.glob("env.*") if path.suffix[1:].isdecimal()]
    try:
        newest = max(written, key=lambda path: int(path.suffix[1:]))
        stored = wrapper.parse_environment(files.read_whole(newest).decode(errors="surrogateescape"))
    except (OSError, ValueError):
        # It was queued, and dropped or not started when its turn came.
        asked = agent_folder.asked(folder) or {}
        stored = {**asked.get("caller", {}), **asked.get("given", {})}
    # Except the PATH: the agent's program was found on the one it had.
    return {**stored, **os.environ, **{name: stored[name] for name in ("PATH", *given) if name in stored}}
