"""Claude Code: how it is started, what its hooks, transcript and screen mean, how it is spoken to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tmuxagents.kinds.base import Channel, Conversation, Sources, Start
from tmuxagents.kinds.claude import hooks, identity, queue, requests, selfreport, transcript, turns, unhooked
from tmuxagents.kinds.claude.launch import config_folder, launch, settings_files
from tmuxagents.kinds.claude.replies import reply
from tmuxagents.kinds.claude.requests import questions, shown_by
from tmuxagents.kinds.claude.screen import read_screen
from tmuxagents.kinds.claude.words import QUITS, command_of, typed
from tmuxagents.kinds.prompts import digest
from tmuxagents.model.condition import Condition, Usage
from tmuxagents.model.entry import Draft
from tmuxagents.model.observation import Exit, Hook, Observation, Record, Screen, SelfReport, Tick, Told

__all__ = [
    "QUITS",
    "command_of",
    "digest",
    "due_ns",
    "launch",
    "observe",
    "questions",
    "read_screen",
    "reply",
    "settings_files",
    "shown_by",
    "sources",
    "typed",
]

PROGRAM = "claude"
INSTALL = "npm install -g @anthropic-ai/claude-code"
CHANNEL: Channel = "keyboard"
INTERRUPT = "Escape"
SUBMIT = "Enter"
# Both ways: the cursor may stand at the start of the text, where 2.1.197 also leaves it when it puts
# a prompt back into the box; C-u alone then deletes nothing for ever (twenty senders, 13 refused).
# The backspace leaves the mode that takes shell commands.
CLEAR = "C-u C-u C-k C-k BSpace"
QUIT = "/exit"
FOOTER = (
    "(Enter|Esc) to (confirm|cancel|select)|to approve with this feedback|Exit plan mode"
    "|^ *search prompts:|^❯.describe a task for|enter to (return|open) · space to reply"
)
# The blank behind the mark is none that is typed: a prompt that is shown again has an ordinary one.
BOX = "^[❯!]\u00a0"
CONFIRMS = True


def due_ns(condition: Condition) -> int | None:
    """When an entry or a report that waits for something better must do."""
    asked = (turns.due_ns, selfreport.due_ns, selfreport.untaken_ns, queue.due_ns, identity.due_ns, unhooked.due_ns)
    moments = (due(condition) for due in asked)
    return min((moment for moment in moments if moment is not None), default=None)


def sources(condition: Condition, folder: Path) -> Sources:
    """The transcripts that hooks have named or that must be there, their subagents' ones, and
    sessions/PID.json beside them."""
    named = identity.paths(condition)
    if not named:
        return Sources()
    # <config>/projects/<folder>/<conversation>.jsonl
    projects = named[-1].parent.parent
    found = {f"transcript:{path.stem}": path for path in named}
    return Sources(transcripts=found, self_reports=projects.parent / "sessions", elsewhere=projects)


def conversations(condition: Condition, folder: Path) -> Sequence[Conversation]:
    """The present one and those it came from."""
    return identity.known(condition)


gone_back = identity.gone_back


def observe(condition: Condition, seen: Observation) -> tuple[Condition, list[Draft]]:
    """Fold one observation in: hooks before the transcript before the self-report before the screen."""
    before = condition
    condition, corrected = requests.observe(condition, seen)
    drafts: list[Draft] = []
    match seen:
        case Hook():
            condition, drafts = hooks.observe(unhooked.heard(condition, seen), seen)
        case Record():
            condition, drafts = identity.proven(condition, seen)
            if identity.is_ours(condition, seen):
                condition, unheard = unhooked.observe(condition, seen)
                condition, told = transcript.observe(condition, seen)
                drafts += [*unheard, *told]
        case SelfReport():
            condition, drafts = selfreport.observe(unhooked.reported(identity.reported(condition, seen), seen), seen)
        case Screen():
            condition, drafts = selfreport.look(condition, seen)
        case Exit():
            condition, drafts = turns.settle(queue.emptied(condition), seen.at_ns, now=True)
        case Tick():
            condition, drafts = selfreport.settle(condition, seen.at_ns)
        case Told():
            pass
    condition, moved = identity.settle(condition, seen.at_ns)
    condition, unheard = unhooked.settle(condition, seen.at_ns)
    moved += unheard
    condition, asked = requests.present(before, condition, seen)
    condition, needs = turns.tell_needs(condition, seen.at_ns)
    condition, ended = turns.settle(condition, seen.at_ns)
    condition, lost = queue.settle(selfreport.give_up_task(condition, seen.at_ns), seen.at_ns)
    return condition, [*drafts, *moved, *corrected, *asked, *needs, *ended, *lost]


def prepared(condition: Condition, start: Start, at_ns: int) -> Condition:
    """Where its transcript will be is known before a hook tells, or none does."""
    projects = config_folder(start.env) / "projects"
    placed = {**condition.own, "projects": str(projects), "slug": identity.slug(start.dir)}
    return unhooked.launched(replace(condition, own={"folder": start.dir, **placed}), at_ns)


_PLACES = ("transcripts", "spans", "moving", "projects", "slug", "folder")
_TURN = ("ending", "ended_at", "began_at", "unsure", "session_at", "status")
_HOOKS = ("launched", "heard_at", "unhooked", "unhooked_told")
_KEPT = (*_PLACES, *_TURN, *_HOOKS, "cost_last", "cost_base", "cost_at", "cost_told")


def anew(condition: Condition) -> Condition:
    """Its transcript tells texts and tokens again; turns and money only hooks and status line told."""
    own = {key: value for key, value in condition.own.items() if key in _KEPT}
    return replace(condition, own=own, requests=(), queued=0, usage=Usage(microusd=condition.usage.microusd))
