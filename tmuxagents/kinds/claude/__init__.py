"""Claude Code: how it is started, what its hooks, transcript and screen mean, how it is spoken to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tmuxagents.kinds import settling
from tmuxagents.kinds.base import (
    Conversation,
    Folded,
    Health,
    Kind,
    Launch,
    Lines,
    Login,
    Reader,
    Reports,
    Start,
    TrustFile,
)
from tmuxagents.kinds.choices import Question
from tmuxagents.kinds.claude import (
    decisions,
    headless,
    health,
    hooks,
    identity,
    limits,
    order,
    queue,
    requests,
    screen,
    selfreport,
    transcript,
    trust,
    turns,
    unhooked,
    words,
)
from tmuxagents.kinds.claude import launch as launching
from tmuxagents.kinds.claude import login as logging_in
from tmuxagents.kinds.claude.memory import remember
from tmuxagents.model.condition import Condition, Dialog, Request, Usage
from tmuxagents.model.decision import Decision
from tmuxagents.model.entry import EntryKind, NewEntry
from tmuxagents.model.observation import (
    Denied,
    Exit,
    Hook,
    Observation,
    Record,
    Screen,
    SelfReport,
    Settling,
    Tick,
    Told,
)
from tmuxagents.model.reading import Reading
from tmuxagents.value import replace

_PLACES = ("transcripts", "spans", "branched", "moving", "moved", "reported", "projects", "slug", "folder")
_TURN = ("ending", "ended_at", "began_at", "unsure", "session_at", "status")
_HOOKS = ("launched", "heard_at", "unhooked", "unhooked_told")
_KEPT = (*headless.KEPT, *_PLACES, *_TURN, *_HOOKS, "cost_last", "cost_base", "cost_at", "cost_told", "cost_owed")


class Claude(Kind):
    """Claude Code, 2.1.197 to 2.1.330."""

    PROGRAM = "claude"
    MODELS = ("opus", "sonnet", "haiku", "fable")
    # `default` is what older versions call `manual`.
    PERMISSION_MODES = ("acceptEdits", "auto", "bypassPermissions", "default", "dontAsk", "manual", "plan")
    INSTALL = "npm install -g @anthropic-ai/claude-code"
    INTERRUPT = "Escape"
    # Both ways: the cursor may stand at the start of the text, where 2.1.197 also leaves it when it puts
    # a prompt back into the box; C-u alone then deletes nothing for ever (twenty senders, 13 refused).
    # The backspace leaves the mode that takes shell commands.
    CLEAR = "C-u C-u C-k C-k BSpace"
    QUIT = "/exit"
    QUITS = words.QUITS
    FOOTER = (
        "(Enter|Esc) to (confirm|cancel|select|close)|to approve with this feedback|Exit plan mode"
        "|^ *search prompts:|^❯.describe a task for|enter to (return|open) · space to reply"
    )
    LEAVE = screen.LEAVE
    # The blank behind the mark is none that is typed: a prompt that is shown again has an ordinary one.
    BOX = "^[❯!]\u00a0"
    GUARDS = True
    FORKS = True
    HEADLESS = True
    TAKES = frozenset(("instructions", "allowed_tools", "max_turns", "json_schema"))
    CONFIRMS = True
    TELLS_USAGE = True
    MARK = launching.SETTINGS
    RETOLD: frozenset[EntryKind] = frozenset(("text", "tool", "prompt", "receipt", "exit"))
    NOT_RETOLD = "ends of turns, their costs and what it needed, where they could not be read"

    def launch(self, start: Start) -> Launch:
        return launching.launch(start)

    def settings_files(self, env: Mapping[str, str]) -> Sequence[Path]:
        return launching.settings_files(env)

    def health(self, settings: Mapping[Path, Mapping[str, Any]]) -> Sequence[Health]:
        return health.health(settings)

    def login(self, env: Mapping[str, str], settings: Sequence[Mapping[str, Any]]) -> Login | None:
        return logging_in.login(env, settings)

    def account(self, env: Mapping[str, str], settings: Sequence[Mapping[str, Any]]) -> str:
        return logging_in.account(env, settings)

    def trust(self, env: Mapping[str, str]) -> TrustFile:
        return TrustFile(launching.configuration(env), trust.is_trusted, trust.with_trust)

    def prepared(self, condition: Condition, start: Start, at_ns: int) -> Condition:
        """Where its transcript will be is known before a hook tells, or none does."""
        projects = launching.config_folder(start.env) / "projects"
        placed = {**condition.kind_state, "projects": str(projects), "slug": identity.slug(start.dir)}
        if start.copy is not None and not start.resume:
            placed = {**placed, **identity.branched(start.conversation, at_ns)}
        placed_so = replace(condition, kind_state={"folder": start.dir, **placed})
        return unhooked.launched(headless.prepared(placed_so, start), at_ns)

    def limited_until(self, condition: Condition) -> int | None:
        """As its last word says."""
        until = condition.kind_state.get("limited_until")
        return int(until) if until is not None else None

    def readers(self, condition: Condition, folder: Path) -> Sequence[Reader]:
        """The transcripts that hooks have named or that must be there, their subagents' ones, and
        sessions/PID.json beside them."""
        named = identity.paths(condition)
        if not named:
            return headless.readers(condition)
        # <config>/projects/<folder>/<conversation>.jsonl
        projects = named[-1].parent.parent
        lines = [
            Lines(f"transcript:{path.stem}", path, projects, (path.parent / path.stem / "subagents", "agent-*.jsonl"))
            for path in named
        ]
        return (*lines, *headless.readers(condition), Reports(projects.parent / "sessions"))

    def conversations(self, condition: Condition, folder: Path) -> Sequence[Conversation]:
        """The present one and those it came from."""
        return identity.known(condition)

    def guards(self, condition: Condition) -> bool:
        """Not where the user's own settings switch hooks off."""
        return not unhooked.is_unhooked(condition)

    def copied(self, raw: bytes, conversation: str) -> bytes:
        return identity.copied(raw, conversation)

    def gone_back(self, condition: Condition, conversation: str, at_ns: int) -> Condition:
        return identity.gone_back(condition, conversation, at_ns)

    def due_ns(self, condition: Condition) -> int | None:
        """When an entry or a report that waits for something better must do."""
        asked = (
            turns.due_ns,
            order.due_ns,
            selfreport.due_ns,
            selfreport.untaken_ns,
            selfreport.left_open_due_ns,
            selfreport.list_open_due_ns,
            queue.due_ns,
            identity.due_ns,
            unhooked.due_ns,
            settling.due_ns,
        )
        moments = (due(condition) for due in asked)
        return min((moment for moment in moments if moment is not None), default=None)

    def in_order(self, observations: Sequence[Observation]) -> Sequence[Observation]:
        return order.in_order(observations)

    def observe(self, condition: Condition, seen: Observation) -> Folded:
        """Hooks before the transcript before the self-report before the screen."""
        if isinstance(seen, Record) and headless.is_last_word(condition, seen):
            return headless.observe(condition, seen)
        after, told = _observe(condition, seen)
        return headless.steady(condition, after), told

    def reset_for_replay(self, condition: Condition) -> Condition:
        """Its transcript tells texts and tokens again; turns and money only hooks and status line told."""
        own = {key: value for key, value in condition.kind_state.items() if key in _KEPT}
        return replace(condition, kind_state=own, requests=(), queued=0, usage=Usage(microusd=condition.usage.microusd))

    def read_screen(self, rows: Sequence[str]) -> Reading:
        return screen.read_screen(rows)

    def as_prompt(self, text: str) -> str:
        return words.as_prompt(text)

    def command_of(self, text: str) -> str | None:
        return words.command_of(text)

    def shown_by(self, dialog: Dialog, waiting: Sequence[Request]) -> Request | None:
        return requests.shown_by(dialog, waiting)

    def questions(self, request: Request) -> Sequence[Question]:
        return requests.questions(request)

    def reply(self, request: Request, decision: Decision) -> str:
        return decisions.reply(request, decision)

    def is_busy(self, report: Mapping[str, Any]) -> bool:
        return report.get("status") == "busy"


def _observe(condition: Condition, seen: Observation) -> Folded:
    before = condition
    condition, corrected = requests.observe(condition, seen)
    drafts: list[NewEntry] = []
    match seen:
        case Hook():
            condition, drafts = hooks.observe(unhooked.heard(condition, seen), seen)
        case Record():
            condition, proof = identity.proven(condition, seen)
            if identity.is_ours(condition, seen):
                condition, unheard = unhooked.observe(condition, seen)
                condition, told = transcript.observe(headless.keeps_cost(condition, seen), seen)
                drafts = [*unheard, *told]
            # `/clear` stands in the conversation that it began.
            by_command = any(each.detail.get("local") for each in drafts)
            drafts = [*drafts, *proof] if by_command else [*proof, *drafts]
        case SelfReport():
            condition, drafts = selfreport.observe(unhooked.reported(identity.reported(condition, seen), seen), seen)
        case Screen():
            condition, drafts = selfreport.look(condition, seen)
        case Exit():
            condition, drafts = turns.settle(queue.emptied(remember(condition, list_open=None)), seen.at_ns, now=True)
        case Tick():
            condition, drafts = selfreport.settle(condition, seen.at_ns)
        case Told() | Denied() | Settling():
            pass
    condition = limits.stands(condition)
    condition, moved = identity.settle(condition, seen.at_ns)
    condition, unheard = unhooked.settle(condition, seen.at_ns)
    moved += unheard
    condition, asked = requests.present(before, condition, seen)
    condition, left = selfreport.wait_on_panel(condition, seen.at_ns)
    condition, listed = selfreport.wait_on_list(condition, seen.at_ns)
    over = isinstance(seen, Exit)
    told = [*drafts, *moved, *corrected, *asked, *left, *listed]
    condition, due = order.settle(condition, told, seen.at_ns, now=over)
    condition, needs = turns.tell_needs(condition, seen.at_ns, now=over)
    condition, decided = settling.requests(condition, seen.at_ns, untold=turns.untold(condition), now=over)
    condition, needs = order.settle(condition, [*needs, *decided], seen.at_ns, now=over)
    condition, ended = turns.settle(condition, seen.at_ns)
    condition, lost = queue.settle(selfreport.give_up_task(condition, seen.at_ns), seen.at_ns)
    return condition, [*due, *needs, *ended, *lost]


KIND = Claude()
