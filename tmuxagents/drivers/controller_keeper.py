"""The shell scripts that start the controller again when it dies."""

from __future__ import annotations

# $1 state directory, $2 the server's socket, the rest is the controller: the program of the controller's pane.
# It waits for the controller and has it started again when it dies. tmux cannot be asked to: 3.3a often does
# not reap a program that was killed until another of its children ends (a zombie, a dead pane without a status,
# no `pane-died`; 5 of 6 controllers that were killed after a second, 1 of 20 that slept).
KEEP = """\
#!/bin/sh
state=$1 socket=$2
shift 2
"$@" &
child=$!
wait "$child"
code=$?
read -r left < "$state/controller.left"
if [ "$code" -eq 0 ] || [ "$left" = "$child" ]; then
  printf '%-19s\\n' "$$" > "$state/controller.left"
  exit 0
fi
exec sh "$state/bin/revive.sh" "$state" "$socket" "$TMUX_PANE" "$child" -k
"""

# $1 state directory, $2 the server's socket, $3 pane, $4 the pid of who died there, $5 `-k` where the pane itself
# lives: the controller has died. It is started again, at once and then later each time; after five deaths within a
# minute no more. `controller.left` holds the pid of one that ended on purpose. The pane still has its arguments.
# It prints nothing: what a `run-shell` prints takes over somebody's window.
REVIVE = """\
#!/bin/sh
exec >/dev/null 2>&1
umask 077
state=$1 socket=$2 pane=$3 pid=$4
read -r left < "$state/controller.left"
[ "$left" != "$pid" ] || exit 0
deaths=$state/controller.deaths
[ ! -h "$deaths" ] || exit 0
# Seconds that nobody sets, where the system has them.
if read -r now rest < /proc/uptime; then now=${now%%.*}; else now=$(date +%s); fi
kept=$now count=1
if [ -f "$deaths" ]; then
  while read -r at; do
    if [ "$at" -le "$now" ] && [ "$((now - at))" -lt 60 ]; then
      count=$((count + 1))
      kept="$kept
$at"
    fi
  done < "$deaths"
fi
pause=1.5
if printf '%s\\n' "$kept" > "$deaths"; then
  case $count in 1) pause=0 ;; 2) pause=0.3 ;; 3) pause=0.7 ;; esac
fi
if [ "$count" -ge 5 ]; then
  [ -h "$state/controller.failing" ] || : > "$state/controller.failing"
  tmux -N -S "$socket" set-option -g @tmuxagents_trouble "the controller keeps dying: tmuxagents ls "
  exit 0
fi
sleep "$pause"
# Refused where somebody else has started it meanwhile.
tmux -N -S "$socket" respawn-pane $5 -t "$pane"
exit 0
"""
