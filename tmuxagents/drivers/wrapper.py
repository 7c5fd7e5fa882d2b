"""The shell scripts that stand around an agent's program: its starter and its hook.

Both are POSIX sh, because a Python interpreter in their place would cost 4.5 MB a window and
30 ms a hook. Both are written to the state directory and take paths as arguments, so that no
name or path is ever part of a script's text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from tmuxagents.drivers.controller_keeper import KEEP, REVIVE

# $1 agent folder, $2 generation, $3 working folder, the rest is the program, which a file `argv` sets where it is more
# than tmux takes; with a file `task` its content is the last argument (a dot keeps `$(…)` from eating line breaks at
# the end).
# The starter goes to the folder itself: tmux starts elsewhere without a word when it is missing.
# The program's pid is recorded by the shell that becomes it. That shell alone reads the agent's
# variables: here a variable `agent` or a PATH without coreutils would lose the exit record. Without
# their file it ends. Before anything runs `begun` is made, by us or by who gives the start up, and never by both:
# a window that opens late is harmless, and who gives up knows whether it did. Where a full disk has no room for
# it we go on: then it is not there.
# The traps are caught, not ignored, so that the program starts with the default actions. HUP is not
# trapped: the kernel sends it to us alone when the server dies, and to the program when we die of it.
# What stands in `setup` is carried out first (`drivers/setting_up`); where it fails, that is how the agent ends.
# After it has ended the terminal is drained:
# tmux answers ESC[5n only when it has parsed everything before, and a program that exits right
# after printing otherwise loses its tail (10 of 1,200; with the drain 0 of 1,800). A tmux that is stopped or stuck is
# waited for, a minute at most: until then nobody knows what the program has printed. The exit
# status is written here because tmux 3.3a leaves it empty in 30-50 % of exits. `hangup` says that
# the machine was shut down under the program: it did not end by itself. A full disk is waited out:
# an empty record would say that the program failed.
STARTER = """\
#!/bin/sh
agent=$1 generation=$2 folder=$3
shift 3
mask=$(umask)
umask 077
unset TMUX TMUX_PANE
if [ -f "$agent/argv.$generation" ]; then
  . "$agent/argv.$generation"
fi
if [ -f "$agent/task.$generation" ]; then
  task=$(cat "$agent/task.$generation"; printf .)
  set -- "$@" "${task%.}"
fi
hangup=false
trap : INT QUIT
trap 'hangup=true' TERM
code=0
begun="$agent/begun.$generation"
(set -C; : > "$begun") 2>/dev/null || [ ! -e "$begun" ] || code=75
[ "$code" -ne 0 ] || cd -- "$folder" || code=126
if [ "$code" -eq 0 ] && [ -f "$agent/setup.$generation" ]; then
  /bin/sh "$agent/setup.$generation" "$agent" "$generation" "$mask"
  code=$?
fi
if [ "$code" -eq 0 ]; then
  /bin/sh -c 'printf "%s" "$$" > "$0/pid.$1" || rm -f "$0/pid.$1"; umask "$2"; . "$0/env.$1"; shift 2; exec "$@"' \\
    "$agent" "$generation" "$mask" "$@"
  code=$?
fi
{
  stty -icanon -echo min 0 time 20
  tries=30
  while [ "$tries" -gt 0 ] && printf '\\033[5n' && [ -z "$(dd bs=16 count=1)" ]; do
    tries=$((tries - 1))
  done
} </dev/tty >/dev/tty 2>/dev/null
# A hook that waits for an answer outlives a program that was killed.
for pipe in "$agent"/asks/*; do
  if [ -p "$pipe" ]; then echo 1<>"$pipe"; rm -f "$pipe"; fi
done 2>/dev/null
until printf '{"code": %d, "hangup": %s}\\n' "$code" "$hangup" > "$agent/.exit.$generation" &&
  mv -f "$agent/.exit.$generation" "$agent/exit.$generation.json"
do
  [ -d "$agent" ] || break
  sleep 1
done 2>/dev/null
exit "$code"
"""

# macOS's date knows no %N and prints the letter.
_NOW = """\
now=$(date +%s%N)
case $now in *N) now=${now%N}000000000 ;; esac
part="$1/.$now.$$"
"""

# $1 spool folder, $2 generation, $3 event. Always exits 0 and prints nothing: exit code 2 would
# block the agent, and what it prints could become the model's context. The payload appears whole
# by the rename; the time in its name is the order. What cannot be kept is read all the same.
HOOK = f"""\
#!/bin/sh
exec 2>/dev/null
umask 077
{_NOW}cat > "$part" && mv -f "$part" "$1/$now.$2.$3.$$.json" || {{ rm -f "$part"; cat > /dev/null; }}
exit 0
"""

# $1 spool folder, $2 generation, $3 the folder of pipes. The hook of a PermissionRequest: it leaves its
# payload and waits, while the program shows its dialog, for a line on its pipe: the decision, which the
# program takes as if its dialog had been answered (2.1.197, 2.1.330; measured with both in a race).
# What was answered at the keyboard meanwhile stands, and an empty line is no decision. Opened for
# reading and writing the pipe has a reader as long as the hook lives, so that who writes knows.
# `command` keeps dash from ending with 2, which would block the agent, where it cannot be opened.
# A program that is killed leaves its hooks behind (2.1.197): this one looks for it every two seconds, and
# holds its end of the pipe, because the folder may be gone by then. It holds none for reading.
ASK = f"""\
#!/bin/sh
exec 2>/dev/null
umask 077
{_NOW}pipe="$3/$now.$$"
watch=
trap 'rm -f "$pipe"; kill $watch; exit 0' HUP INT TERM
asks=
if mkfifo "$pipe"; then command exec 3<>"$pipe" 4>"$pipe" && asks=yes; fi
if cat > "$part" && mv -f "$part" "$1/$now.$2.PermissionRequest.$$.json"; then
  if [ -n "$asks" ]; then
    program=$(cat "${{1%/*}}/pid.$2")
    (
      while [ -d "$3" ] && {{ [ -z "$program" ] || kill -0 "$program"; }}; do sleep 2; done
      echo >&4
    ) </dev/null >/dev/null 3>&- &
    watch=$!
    if IFS= read -r answer <&3 && [ -n "$answer" ]; then printf '%s\\n' "$answer"; fi
    kill "$watch"
  fi
else
  rm -f "$part"
  cat > /dev/null
fi
rm -f "$pipe"
exit 0
"""

# $1 spool folder, $2 generation, the rest is the program that decides (`scope_check.py`) with its arguments. The hook
# of what changes files, for an agent with a scope. It ends with 0 only where the program has said that the call is
# allowed, or has refused it; whoever runs it refuses otherwise: a hook that fails lets the call go on. So it holds
# with the controller dead, Python gone and the disk full. What was refused is left in the spool, to be told.
SCOPE = f"""\
#!/bin/sh
exec 2>/dev/null
umask 077
{_NOW}spool=$1 generation=$2
shift 2
payload=$(cat)
said=$(printf '%s' "$payload" | "$@")
case $said in
  allowed) exit 0 ;;
  '{{"hookSpecificOutput"'*) event=ScopeRefused ;;
  *) event=ScopeUndecided ;;
esac
printf '%s' "$payload" > "$part" && mv -f "$part" "$spool/$now.$generation.$event.$$.json" || rm -f "$part"
[ "$event" = ScopeRefused ] && printf '%s\\n' "$said"
"""

# $1 spool folder, $2 generation, $3 the user's own status line command, or nothing.
# The user's command gets the same input and its output is what is shown.
STATUS_LINE = f"""\
#!/bin/sh
umask 077
{_NOW}if {{ cat > "$part"; }} 2>/dev/null; then
  if [ -n "$3" ]; then /bin/sh -c "$3" < "$part"; fi
  mv -f "$part" "$1/$now.$2.StatusLine.$$.json" 2>/dev/null || rm -f "$part" 2>/dev/null
else
  rm -f "$part" 2>/dev/null
  /bin/sh -c "${{3:-cat > /dev/null}}"
fi
exit 0
"""

SCRIPTS: Mapping[str, str] = {
    "starter.sh": STARTER,
    "hook.sh": HOOK,
    "ask.sh": ASK,
    "scope.sh": SCOPE,
    "status-line.sh": STATUS_LINE,
    "keep.sh": KEEP,
    "revive.sh": REVIVE,
}

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")

# A shell that is told to assign one of these complains or ends.
_SHELLS_OWN = frozenset({"PPID", "UID", "EUID", "GROUPS", "OPTIND", "SHELLOPTS", "BASHOPTS", "BASH_VERSINFO"})


def environment(variables: Mapping[str, str]) -> str:
    """A file for sh to read that exports exactly these variables.

    Names that a shell cannot assign (exported bash functions, its own) are left out.
    """
    lines = [f"export {name}={_quoted(value)}" for name, value in variables.items() if _is_assignable(name)]
    return "\n".join([*lines, ""])


def arguments(words: Sequence[str]) -> str:
    """A file for sh to read that sets exactly these arguments."""
    return " ".join(["set", "--", *map(_quoted, words)]) + "\n"


def parse_environment(text: str) -> dict[str, str]:
    """The variables of a file that `environment` wrote."""
    import shlex

    pairs = (word.partition("=") for word in shlex.split(text) if "=" in word)
    return {name: value for name, _, value in pairs if _VARIABLE.match(name)}


def write_scripts(folder: Path) -> None:
    """Put the scripts into the state directory, again only when they differ."""
    from tmuxagents.drivers import files

    files.private_folder(folder)
    for name, text in SCRIPTS.items():
        path = folder / name
        if not files.exists(path) or files.read_whole(path) != text.encode():
            files.write_whole(path, text, mode=0o700)


def _is_assignable(name: str) -> bool:
    return _VARIABLE.match(name) is not None and name not in _SHELLS_OWN


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "'\\''") + "'"
