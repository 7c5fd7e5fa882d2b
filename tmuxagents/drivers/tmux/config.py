"""The private server's configuration: generated, safe to delete, none of the user's."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from tmuxagents.drivers.tmux import call

_FIXED = """\
# Written by tmuxagents at every start of the server; changes here are lost.
set -g default-terminal "tmux-256color"
set -g default-shell /bin/sh
set -g default-size 200x50
# Before the first window: a pane keeps the limit it was born with. 50,000 lines are 30 MB a pane.
set -g history-limit 5000
# A program that ends leaves its last screen and its exit status.
set -g remain-on-exit on
# "Pane is dead" would scroll the screen and read as the program's last line.
set -g remain-on-exit-format ""
set -g base-index 0
set -g pane-base-index 0
# Names are ours: neither the program nor tmux changes them.
set -g automatic-rename off
set -g allow-rename off
set -g set-titles off
# `window-size manual` is never set globally: with it tmux 3.3a crashes at the next window.
set -g window-size latest
# When somebody left a window whose program goes on: a draft of theirs may stand there, and with the client goes
# what tmux knew of their typing (3.3a: `client_activity`, and the view's `session_activity`, whether they detach, hang
# up or are killed; `client_activity` is empty here already). Commands of ours move none of these.
set -g @tmuxagents_seconds "%s"
set-hook -g session-window-changed { if-shell -F '#{session_attached}' {
  set-option -gF @tmuxagents_left '#{T:@tmuxagents_seconds}' } }
set-hook -g client-session-changed { set-option -gF @tmuxagents_left '#{T:@tmuxagents_seconds}' }
# A window keeps the size of the terminal that left it: with the last one gone each gets its room back.
# The jobs of a server find it by themselves ($TMUX). With its place, because `attach` has another hook beside it.
set-hook -g client-detached[0] { set-option -gF @tmuxagents_left '#{T:@tmuxagents_seconds}' ; run-shell -b '
  [ -n "$(tmux list-clients)" ] || for w in $(tmux list-windows -a -F "##{window_id}"); do
    tmux resize-window -t "$w" -x 200 -y 50 \\; set-option -w -u -t "$w" window-size
  done' }
set -g destroy-unattached off
set -s exit-unattached off
set -s exit-empty on
set -s escape-time 20
set -s set-clipboard off
set -g update-environment ""
set -g mouse on
set -g visual-activity off
set -g monitor-bell off
set -g status on
set -g status-interval 0
set -g status-style "bg=default,fg=default"
# Who needs a person stands first: the list of windows behind it is cut where it is too long, and our own name
# gives way where twenty columns have no room for both.
set -g status-left "#{?#{e|<:#{client_width},40},,#[bold]tmuxagents#[default] }#[fg=black,bg=yellow]#{@tmuxagents_needy}#[default] "
set -g status-left-length 80
set -g @tmuxagents_prefix "C-b"
set -g status-right " #[reverse]#{@tmuxagents_trouble}#[default] leave: #{@tmuxagents_prefix} d  next: #{@tmuxagents_prefix} n "
set -g status-right-length 60
# A window without a mark of ours was opened by a person.
set -g @tmuxagents_label "#W #{?@tmuxagents_id,#{@tmuxagents_state},#{?@tmuxagents_role,,(yours)}} "
set -g @tmuxagents_hue "#{?#{m:needs*,#{@tmuxagents_state}},fg=yellow,#{?#{m/r:failed|lost|unknown,#{@tmuxagents_state}},fg=red,default}}"
set -g window-status-format "#[#{E:@tmuxagents_hue}]#{E:@tmuxagents_label}#[default]"
set -g window-status-current-format "#[reverse]#{E:@tmuxagents_label}#[default]"
"""  # noqa: E501 - tmux joins no lines within quotes


# The controller's pane keeps its mark, its arguments and its pid when its program dies (3.3a). What is to be
# run is an option: `run-shell` reads formats, and what one gives is not read again.
_ON_DEATH = (
    "if-shell -F '#{==:#{@tmuxagents_role},controller}' 'run-shell -b \"#{@tmuxagents_revive} #{pane_id} #{pane_pid}\"'"
)


def read(file: Path) -> Sequence[str]:
    """The command that has a server that runs take what is in the file: every line may be said twice."""
    # The path is a pattern to tmux.
    return ("source-file", re.sub(r"([\\*?\[\]{}])", r"\\\1", str(file)))


def text(jump: Sequence[str], revive: Sequence[str]) -> str:
    """The configuration; `jump` is the program that moves a client to who needs the person next,
    `revive` the one that starts a controller again which has died."""
    # `run-shell` reads formats: a `#(…)` in the state directory's name would be run.
    words = call.unexpanded(_shell(jump)) + " '#{client_name}'"
    return "\n".join(
        [
            f"{_FIXED}set -g @tmuxagents_revive {_quoted(_shell(revive))}",
            f"set-hook -g pane-died {_quoted(_ON_DEATH)}",
            f"bind n run-shell -b {_quoted(words)}",
            "",
        ]
    )


def _shell(words: Sequence[str]) -> str:
    import shlex

    return shlex.join(words)


def _quoted(text: str) -> str:
    """The text as one word of a configuration file."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$") + '"'
