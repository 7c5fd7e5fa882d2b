"""How `claude` is started: its arguments, its settings file, the environment it may see.

Facts: measured on 2.1.197 and 2.1.330. `--settings` adds hooks to the user's own and replaces
a status line; `--session-id` fixes the conversation's id, `--resume` keeps it.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tmuxagents.kinds.base import Guarded, Launch, Start
from tmuxagents.kinds.claude import headless

SETTINGS = "settings.json"
"""The settings that we give it, in the agent's own folder."""

INSTRUCTIONS = "instructions.md"
"""What a role adds to its system prompt, in the agent's own folder."""

HOOKS = (
    "SessionStart",
    "UserPromptSubmit",
    "PreToolUse",
    "PermissionRequest",
    "PostToolUse",
    "PostToolUseFailure",
    "Notification",
    "Stop",
    "StopFailure",
    "SubagentStop",
    "PreCompact",
    "PostCompact",
    "SessionEnd",
)

HOOK_SECONDS = 5

CHANGING = "Write|Edit|MultiEdit|NotebookEdit"
"""The tools that say which file they change."""

SCOPE_SECONDS = 600
"""How long the hook that decides on them may take. Each takes some 40 ms, but one that is cut off decides nothing, and
then the call goes on: a machine that stands still must not open what is closed."""

ASK_SECONDS = 2_000_000
"""How long the hook of a dialog waits for its answer: 23 days. A timer of JavaScript's holds 24."""

# What a claude inside a claude would take for its own: with CLAUDE_CODE_CHILD_SESSION set it
# writes no transcript at all.
NESTING = (
    "CLAUDECODE",
    "CLAUDE_CODE_ENTRYPOINT",
    "CLAUDE_CODE_CHILD_SESSION",
    "CLAUDE_CODE_SESSION_ID",
    "CLAUDE_CODE_EXECPATH",
    "CLAUDE_CODE_SSE_PORT",
    "CLAUDE_CODE_MESSAGING_SOCKET",
    "CLAUDE_CODE_MESSAGING_TOKEN",
    "CLAUDE_CODE_EXPERIMENTAL_AGENT_TEAMS",
    "CLAUDE_PID",
    "CLAUDE_JOB_DIR",
    "CLAUDE_EFFORT",
    "AI_AGENT",
)

_FIXED = {
    # A suggestion in the input box looks like a draft.
    "CLAUDE_CODE_ENABLE_PROMPT_SUGGESTION": "false",
    # Keeps the talk in tmux's history, and the fullscreen upsell away.
    "CLAUDE_CODE_DISABLE_ALTERNATE_SCREEN": "1",
    "CLAUDE_CODE_DISABLE_MOUSE": "1",
    "CLAUDE_CODE_FORCE_SESSION_PERSISTENCE": "1",
    # Left in the empty input box moves the conversation into a daemon of Claude's own: 2.1.330 forks it,
    # 2.1.197 shows its list of sessions, and the box that stands there starts another one.
    "CLAUDE_CODE_DISABLE_AGENT_VIEW": "1",
    "DISABLE_AUTOUPDATER": "1",
}


def launch(start: Start) -> Launch:
    """The arguments put what the user gave (`-- ARG…`) behind ours, so that theirs win."""
    settings = start.folder / SETTINGS
    argv = ["claude", *_conversation(start), "--settings", str(settings)]
    for option in ("model", "permission_mode"):
        if start.options.get(option):
            argv += [f"--{option.replace('_', '-')}", str(start.options[option])]
    argv += _role(start)
    argv += [str(word) for word in start.options.get("args", ())]
    if start.task is not None:
        # An option of the user's that takes several values (`--add-dir`) would take the task for one.
        argv.append("--")
    files = {SETTINGS: json.dumps(_settings(start), indent=1), **_instructions(start), **headless.files(start)}
    return Launch(
        argv=headless.wrapped(start, argv) if headless.is_headless(start) else argv,
        env=_FIXED,
        unset=NESTING,
        files=files,
        task=start.task,
    )


def _instructions(start: Start) -> Mapping[str, str]:
    text = str(start.options.get("instructions") or "")
    return {INSTRUCTIONS: text} if text else {}


def _role(start: Start) -> Sequence[str]:
    """Measured on 2.1.197 and 2.1.330, with a terminal and without: what the file holds stands at the end of every
    request's system prompt, after `--resume` too; it is no argument, of which tmux takes 16 KB. A tool that is allowed
    may hold commas and blanks (`Bash(git log:*)`), so each is a word of its own."""
    words = ["--append-system-prompt-file", str(start.folder / INSTRUCTIONS)] if _instructions(start) else []
    tools = [str(tool) for tool in start.options.get("allowed_tools", ())]
    return [*words, *(["--allowedTools", *tools] if tools else [])]


def _conversation(start: Start) -> Sequence[str]:
    """Measured on 2.1.197 and 2.1.330, with the first agent in the middle of a turn: a conversation is also found by
    the path of its file, whatever that is called and wherever one stands (by its id 2.1.197 finds it from its own
    folder only). `--fork-session` writes all of it into a new file of the folder that one stands in, under the id of
    `--session-id` and with the old times, and leaves the first file as it is. What the first one was just doing is
    not done: a tool without its result counts as interrupted."""
    if start.resume:
        return "--resume", start.conversation
    if start.copy is not None:
        return "--resume", str(start.copy), "--fork-session", "--session-id", start.conversation
    return "--session-id", start.conversation


def settings_files(env: Mapping[str, str]) -> Sequence[Path]:
    """The user's settings alone. A project's may be anybody's, and its status line is a program: what we
    pass on in `--settings` would be run as if the user had asked for it."""
    return (config_folder(env) / "settings.json",)


def configuration(env: Mapping[str, str]) -> Path:
    """Where Claude notes the folders that are trusted."""
    return Path(env.get("CLAUDE_CONFIG_DIR") or env.get("HOME", "/")) / ".claude.json"


def config_folder(env: Mapping[str, str]) -> Path:
    """Where Claude keeps what is the user's."""
    return Path(env.get("CLAUDE_CONFIG_DIR") or Path(env.get("HOME", "/")) / ".claude")


def _settings(start: Start) -> dict[str, Any]:
    def command(script: str, *words: str) -> dict[str, Any]:
        argv = [str(start.scripts / script), str(start.folder / "spool"), str(start.generation), *words]
        return {"type": "command", "command": shlex.join(argv)}

    hooks: dict[str, list[dict[str, Any]]] = {
        name: [{"hooks": [{**command("hook.sh", name), "timeout": HOOK_SECONDS}]}] for name in HOOKS
    }
    ask = {**command("ask.sh", str(start.folder / "asks")), "timeout": ASK_SECONDS}
    hooks["PermissionRequest"] = [{"hooks": [ask]}]
    if headless.is_headless(start):
        # Nobody answers: it would wait for the hook (2.1.330).
        del hooks["PermissionRequest"]
    if start.scope is not None:
        hooks["PreToolUse"].append({"matcher": CHANGING, "hooks": [_deciding(start, start.scope)]})
    settings: dict[str, Any] = {
        "hooks": hooks,
        "statusLine": command("status-line.sh", _users_status_line(start.settings)),
    }
    if start.options.get("permission_mode") == "bypassPermissions":
        # The person asked for it by name; the warning would wait for a key in an unwatched window.
        settings["skipDangerousModePermissionPrompt"] = True
    return settings


def _deciding(start: Start, scope: Guarded) -> dict[str, Any]:
    """Measured on 2.1.197 and 2.1.330, also with `bypassPermissions`: what a PreToolUse hook denies is not done, and
    the reason is what the model reads; one that ends with 2 refuses too, and any other error lets the call go on. So
    what is missing or fails ends with 2 here, in the command itself: the script may be what is missing."""
    own = str(config_folder(start.env) / "plans")
    argv = [str(start.scripts / "scope.sh"), str(start.folder / "spool"), str(start.generation), *scope.check]
    words = shlex.join([*argv, scope.top, own, *scope.globs])
    told = "This agent has a scope, and whether the change is within it cannot be told just now: nothing was changed."
    return {"type": "command", "command": f"{words} || {{ echo '{told}' >&2; exit 2; }}", "timeout": SCOPE_SECONDS}


def _users_status_line(settings: Sequence[Mapping[str, Any]]) -> str:
    lines = [s["statusLine"] for s in settings if isinstance(s.get("statusLine"), dict)]
    commands = [str(line["command"]) for line in lines if isinstance(line.get("command"), str)]
    return commands[-1] if commands else ""
