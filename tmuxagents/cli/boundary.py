"""Where every error ends: one line, one hint, the right exit code; a bug leaves a report."""

from __future__ import annotations

import errno
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from tmuxagents import errors
from tmuxagents.cli import controlling, fast_ls, streams
from tmuxagents.cli.streams import Answer
from tmuxagents.cli.synonyms import verb_of
from tmuxagents.errors import DatabaseDamaged, DatabaseReplaced, StateGone, TmuxagentsError, addressed, advised

BUG = 70
INTERRUPTED = 130
_PIPE = 128 + signal.SIGPIPE


def run(argv: Sequence[str]) -> int:
    """Run one command; returns its exit code."""
    heard, before = streams.stand_in(), (sys.stdout, sys.stderr)
    answer = streams.guard(goes_on=_verb(argv) not in _READ)
    try:
        return _told(_run(argv, answer, heard=heard), answer)
    finally:
        streams.release(before)


def carry_out(argv: Sequence[str]) -> int:
    """The same with the streams as they are, inside a program that goes on: it ends nothing but the command."""
    try:
        return _run(argv, None, heard=True)
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 1


def guarded(argv: Sequence[str], job: Callable[[], None]) -> str:
    """Do it, and say in one line what was wrong, "" where nothing was; a bug leaves a report."""
    try:
        job()
    except TmuxagentsError as error:
        return _printable(error.message)
    except Exception as error:  # noqa: BLE001 - as below: of a thread of a program that goes on
        told = _disks(error, argv)
        return _printable(told.message) if told is not None else _printable(_reported(error, argv, anew=False)[0])
    return ""


def _run(argv: Sequence[str], answer: Answer | None, *, heard: bool) -> int:
    verbose = "-v" in argv or "--verbose" in argv
    try:
        if not heard and _verb(argv) in _ANSWERS:
            raise TmuxagentsError("standard output is closed: nobody would read the answer", hint="tmuxagents help")
        try:
            return _main(argv)
        except DatabaseDamaged as error:
            return _mend(error, argv)
        except DatabaseReplaced:
            if not _only_asks(argv):
                raise
            from tmuxagents.services.app import check_there

            check_there(_state_dir(argv))
            return _main(argv)
    except TmuxagentsError as error:
        named = _state_dir(argv)
        message = advised(error.message, named) if not error.is_told else None
        cause = error if verbose else None
        return _say(message, addressed(error.hint or "", named), error.exit_code, cause, error.also)
    except KeyboardInterrupt:
        return INTERRUPTED
    except SystemExit:
        # click's own end where a pipe is not read any more; its 1 would be an error of the user's.
        if answer is None or answer.failed is None:
            raise
        return _unread(answer.failed)
    except Exception as error:  # noqa: BLE001 - the one boundary: what ends here is a bug, and is reported
        if answer is not None and answer.failed is not None and not answer.goes_on:
            return _unread(answer.failed)
        code = _usage(error, argv)
        if code is None:
            told = _disks(error, argv)
            code = _said(told, error if verbose else None) if told is not None else _bug(error, argv)
        return code


def _unread(failed: OSError) -> int:
    """The exit code of a command that only answers, and whose answer cannot be written."""
    streams.silence(1)
    if failed.errno == errno.EPIPE:
        # Whoever read our output has read enough.
        return _PIPE
    return _say(f"standard output cannot be written to: {failed.strerror}", "df -h .", 1, None)


def _told(code: int, answer: Answer) -> int:
    """The exit code of a command that has gone on although its answer was not taken: what it did is said."""
    if answer.failed is None or not answer.goes_on:
        return code
    if answer.failed.errno == errno.EPIPE:
        return code or _PIPE
    said = answer.lost.decode("utf-8", "replace").strip()
    return _say(f"{said}; standard output: {answer.failed.strerror}", "" if code else "df -h .", code or 1, None)


def _usage(error: Exception, argv: Sequence[str]) -> int | None:
    """What click says of the command line, and its exit code; None when the error is not click's."""
    if "click" not in sys.modules:
        return None
    import click

    match error:
        case click.exceptions.Exit():
            return error.exit_code
        case click.Abort():
            return INTERRUPTED
        case click.exceptions.NoArgsIsHelpError():
            print(error.format_message(), file=sys.stderr)
            return 2
        case click.NoSuchOption() if error.ctx is not None:
            from tmuxagents.cli.words import no_option, options_of

            known = options_of(error.ctx.command, error.ctx)
            told = no_option(error.option_name, known, error.ctx.command_path, _as_task(error.option_name, argv))
            return _say_usage(argv, told.message, told.hint, told.exit_code)
        case click.MissingParameter() if error.ctx is not None and error.ctx.params.get("everywhere"):
            return _say_usage(argv, "-A says where, not who: give a NAME, or all", "tmuxagents ls", 2)
        case click.UsageError():
            # An option without its value is told by click's parser, which knows no command.
            command = error.ctx.command_path if error.ctx is not None else f"tmuxagents {_known_verb(argv)}".strip()
            return _say_usage(argv, _lower(error.format_message()), f"{command} --help", 2)
        case click.ClickException():
            return _say(_lower(error.format_message()), None, 1, None)
        case _:
            return None


def _as_task(option: str, argv: Sequence[str]) -> str:
    """How a task is given that looks like an option: behind `--` stands what the program itself is to get."""
    is_text = any(word.startswith(option) and any(map(str.isspace, word)) for word in argv)
    return "; a task that begins so is read from standard input: -" if is_text and _verb(argv) in _TASKED else ""


# What has a task in words.
_TASKED = frozenset({"spawn", "fork"})


def _say_usage(argv: Sequence[str], message: str, hint: str | None, code: int) -> int:
    return _say(message, addressed(hint or "", _state_dir(argv)), code, None)


def _known_verb(argv: Sequence[str]) -> str:
    from tmuxagents.cli.main import VERBS

    verb = _verb(argv)
    return verb if verb in VERBS else ""


def _main(argv: Sequence[str]) -> int:
    if fast_ls.answers(argv) or controlling.runs(argv):
        return 0
    if list(argv) in (["--version"], ["-V"]):
        from tmuxagents import __version__
        from tmuxagents.cli.terminal import put

        put(f"tmuxagents {__version__}")
        return 0
    from tmuxagents.cli.main import root

    code = root.main(args=list(argv), prog_name="tmuxagents", standalone_mode=False)
    sys.stdout.flush()
    return code if isinstance(code, int) else 0


# What does nothing but answer; `wait` answers with its exit code too.
_ANSWERS = frozenset({"", "ls", "show", "tail", "search", "locks", "runs", "usage", "doctor", "help", "completion"})

# What ends where its answer is not read. The others do what they began.
_READ = _ANSWERS | {"catchup", "last", "diff", "conflicts"}

# `tail` goes on by itself once it has told a part.
_LOOKS_ON = {"tail", "chat", "top"}
_ASKING = frozenset({"ls", "show", "search", "locks", "wait", "doctor", "controller", "runs", "usage"}) | _LOOKS_ON


def _only_asks(argv: Sequence[str]) -> bool:
    """Whether the command may be carried out a second time."""
    return _verb(argv) in _ASKING


def _verb(argv: Sequence[str]) -> str:
    words = iter(argv)
    for word in words:
        if word == "--state-dir":
            next(words, None)
        elif not word.startswith("-"):
            return verb_of(word)
    return ""


def _mend(error: DatabaseDamaged, argv: Sequence[str]) -> int:
    """Rebuild the database, say what became of it, and answer the question that met the damage."""
    from tmuxagents.cli.mending import mend
    from tmuxagents.services.app import open_again

    with open_again(_state_dir(argv)) as app:
        mend(app)
    if not _only_asks(argv):
        raise TmuxagentsError(f"not done: {error.message}, and is mended now", hint="tmuxagents ls") from error
    return _main(argv)


def _say(
    message: str | None, hint: str | None, code: int, cause: BaseException | None, also: Sequence[str] = ()
) -> int:
    for line in (message, *also) if message is not None else also:
        print(f"tmuxagents: {_printable(line)}", file=sys.stderr)
    if hint:
        print(f"hint: {_printable(hint)}", file=sys.stderr)
    while cause is not None and (cause := cause.__cause__) is not None:
        print(f"because: {_printable(f'{type(cause).__name__}: {cause}')}", file=sys.stderr)
    return code


def _disks(error: Exception, argv: Sequence[str]) -> TmuxagentsError | None:
    """A disk without room, or one that is not to be written to, is nobody's bug; nor is it that a state directory was
    taken away."""
    told = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.ENOENT, errno.ENOTDIR)
    if not isinstance(error, OSError) or error.errno not in told:
        return None
    from tmuxagents.drivers import disk
    from tmuxagents.services import app

    state = app.state_path(_state_dir(argv))
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return None if state.is_dir() else StateGone(state)
    if error.errno == errno.EROFS:
        return disk.read_only(state)
    return disk.full(state)


def _said(told: TmuxagentsError, cause: BaseException | None) -> int:
    told.__cause__ = cause
    return _say(told.message, told.hint, told.exit_code, told)


def _bug(error: Exception, argv: Sequence[str]) -> int:
    return _say(*_reported(error, argv), BUG, None)


def _reported(error: Exception, argv: Sequence[str], *, anew: bool = True) -> tuple[str, str]:
    """What is told of a bug, and the command that shows its report; `anew`: in a new state directory where none is."""
    import platform
    import traceback

    from tmuxagents import __version__, clock
    from tmuxagents.drivers import files
    from tmuxagents.output.safe_text import clean
    from tmuxagents.services import app

    # The words of the command line stay out: a task may be confidential.
    lines = [
        f"tmuxagents {__version__}, Python {platform.python_version()}, {platform.platform()}",
        f"command: {_verb(argv)}",
        "",
        "".join(traceback.format_exception(error)),
    ]
    path: Path | None = None
    try:
        state = app.state_path(_state_dir(argv))
        path = state / "bugs" / f"{clock.now_ns()}.txt"
        if anew:
            app.own(state)
        files.private_folder(path.parent)
        files.write_whole(path, clean("\n".join(lines)))
    except (OSError, TmuxagentsError):
        path = None
    where = "" if path else "; the report could not be saved"
    hint = f"cat {errors.word(path)}" if path else "tmuxagents doctor"
    return f"a bug: {type(error).__name__}: {str(error)[:200]}{where}", hint


def _state_dir(argv: Sequence[str]) -> str | None:
    """What `--state-dir` said, read by hand: the parser may be what failed."""
    for word, following in zip(argv, [*argv[1:], ""], strict=True):
        if word.startswith("--state-dir="):
            return word.partition("=")[2]
        if word == "--state-dir":
            return following
    return None


def _lower(message: str) -> str:
    return (message[:1].lower() + message[1:]).rstrip(".")


def _printable(text: str) -> str:
    from tmuxagents.output.safe_text import one_line

    return one_line(text, 600)
