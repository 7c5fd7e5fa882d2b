"""How claude is started, and that the hooks it is given reach the spool from any folder."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tmuxagents.drivers import wrapper
from tmuxagents.kinds.base import Launch, Start
from tmuxagents.kinds.claude.launch import ASK_SECONDS, HOOK_SECONDS, HOOKS, NESTING, launch, settings_files

ID = "00000000-0000-4000-8000-000000000001"

HOSTILE = [
    "plain",
    "with space",
    "it's",
    'quo"te',
    "$(touch pwned)",
    "`id`",
    "a;b",
    "-rf",
    "new\nline",
    "ünï",
    "\\",
    "*",
]

words = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)


def start(folder: Path = Path("/state/agents/a1"), **changes: Any) -> Start:
    wanted: dict[str, Any] = {
        "folder": folder,
        "scripts": Path("/state/bin"),
        "generation": 1,
        "conversation": ID,
        "resume": False,
        "task": None,
        "options": {},
        "env": {},
        **changes,
    }
    return Start(**wanted)


def settings(launched: Launch) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(launched.files["settings.json"])
    return found


def test_a_first_start_fixes_the_conversations_id() -> None:
    assert launch(start()).argv == ["claude", "--session-id", ID, "--settings", "/state/agents/a1/settings.json"]


def test_a_resumed_one_keeps_it() -> None:
    argv = launch(start(resume=True, generation=2)).argv

    assert argv[:3] == ["claude", "--resume", ID]
    assert "--session-id" not in argv


def test_one_that_is_branched_off_forks_its_copy_until_its_own_conversation_is_there() -> None:
    copy = Path("/state/agents/a1/copy.jsonl")

    forks = launch(start(copy=copy, task="go on")).argv
    assert forks[:6] == ["claude", "--resume", str(copy), "--fork-session", "--session-id", ID]
    assert launch(start(copy=copy, resume=True)).argv[:4] == ["claude", "--resume", ID, "--settings"]


def test_what_the_user_asked_for_is_given_again_at_every_start() -> None:
    options = {"model": "opus", "permission_mode": "plan", "args": ["--effort", "high"]}

    for resume in (False, True):
        argv = list(launch(start(options=options, resume=resume)).argv)
        assert argv[-6:] == ["--model", "opus", "--permission-mode", "plan", "--effort", "high"]


@given(args=st.lists(words, max_size=3), task=st.none() | words)
def test_the_users_own_arguments_come_last_and_unchanged(args: list[str], task: str | None) -> None:
    launched = launch(start(options={"args": args}, task=task))
    given_ = list(launched.argv)[5:]

    assert (given_[:-1] if given_[-1:] == ["--"] and given_ != args else given_) == args
    assert launched.task == task


@pytest.mark.parametrize("task", ["--help", "-p", "fix it", "/clear", ""])
@pytest.mark.parametrize("args", [[], ["--add-dir", "/usr"], ["--allowedTools", "Bash"]])
def test_no_task_is_taken_for_an_option_or_an_options_value(task: str, args: list[str]) -> None:
    # Measured on 2.1.197: `claude --add-dir /tmp "say: hi"` takes the task for a second folder;
    # with `--` in between it is submitted, in both versions.
    assert launch(start(options={"args": args}, task=task)).argv[-1] == "--"


def test_without_a_task_the_arguments_end_with_the_users() -> None:
    assert launch(start(options={"args": ["--verbose"]})).argv[-1] == "--verbose"


def test_a_role_adds_its_instructions_by_file_and_each_tool_as_a_word() -> None:
    made = launch(start(task="x", options={"instructions": "Be\nbrief.", "allowed_tools": ["Read", "Bash(git log:*)"]}))

    assert made.files["instructions.md"] == "Be\nbrief."
    at = list(made.argv).index("--append-system-prompt-file")
    assert list(made.argv)[at + 1 :] == [
        *("/state/agents/a1/instructions.md", "--allowedTools", "Read", "Bash(git log:*)", "--")
    ]


def test_every_hook_is_recorded_and_none_waits_long() -> None:
    hooks = settings(launch(start()))["hooks"]

    assert set(hooks) == set(HOOKS)
    for name, entries in hooks.items():
        (hook,) = entries[0]["hooks"]
        assert hook["type"] == "command"
        # The one that asks waits for its answer, and must not end before its dialog does.
        assert hook["timeout"] == (ASK_SECONDS if name == "PermissionRequest" else HOOK_SECONDS)
        script, last = ("ask.sh", "/state/agents/a1/asks") if name == "PermissionRequest" else ("hook.sh", name)
        assert shlex.split(hook["command"]) == [f"/state/bin/{script}", "/state/agents/a1/spool", "1", last]


def test_only_a_bypass_that_was_asked_for_skips_its_warning() -> None:
    asked = settings(launch(start(options={"permission_mode": "bypassPermissions"})))
    other = settings(launch(start(options={"permission_mode": "acceptEdits"})))

    assert asked["skipDangerousModePermissionPrompt"] is True
    assert "skipDangerousModePermissionPrompt" not in other


@pytest.mark.parametrize(
    ("users", "passed_on"),
    [
        ([], ""),
        ([{}, {"statusLine": {"type": "command", "command": "~/line.sh --short"}}], "~/line.sh --short"),
        ([{"statusLine": {"command": "user"}}, {"statusLine": {"command": "project"}}], "project"),
        ([{"statusLine": {"command": "user"}}, {"statusLine": {"type": "command"}}], "user"),
        ([{"statusLine": None}, {"statusLine": "x"}, {"statusLine": {"command": 3}}], ""),
    ],
)
def test_the_users_status_line_is_passed_on(users: list[dict[str, Any]], passed_on: str) -> None:
    command = settings(launch(start(settings=users)))["statusLine"]["command"]

    assert shlex.split(command) == ["/state/bin/status-line.sh", "/state/agents/a1/spool", "1", passed_on]


def test_the_environment_hides_an_outer_claude() -> None:
    launched = launch(start())

    assert set(NESTING) <= set(launched.unset)
    assert {"CLAUDECODE", "CLAUDE_CODE_CHILD_SESSION", "CLAUDE_CODE_SESSION_ID"} <= set(NESTING)
    assert not set(launched.env) & set(NESTING)


def test_the_users_settings_are_looked_for_where_claude_keeps_them() -> None:
    assert list(settings_files({"HOME": "/home/user"})) == [Path("/home/user/.claude/settings.json")]
    assert list(settings_files({"HOME": "/h", "CLAUDE_CONFIG_DIR": "/config"})) == [Path("/config/settings.json")]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hook_finds_its_spool_in_any_folder(name: str, root: Path) -> None:
    folder = root / name / "agents" / name
    (folder / "spool").mkdir(parents=True)
    scripts = root / name / "bin"
    wrapper.write_scripts(scripts)
    command = settings(launch(start(folder, scripts=scripts)))["hooks"]["Stop"][0]["hooks"][0]["command"]

    ran = _sh(command, '{"session_id": "x"}', root)

    assert (ran.returncode, ran.stdout, ran.stderr) == (0, b"", b"")
    (payload,) = (folder / "spool").iterdir()
    assert payload.name.split(".")[1:3] == ["1", "Stop"]
    assert payload.read_text() == '{"session_id": "x"}'
    assert sorted(path.name for path in root.iterdir()) == [name], "nothing else was run"


@pytest.mark.parametrize("line", ['printf "%s" "it\'s $(cat | wc -c)"', "cat", "printf 'a b' && printf c", ""])
@pytest.mark.parametrize("name", ["plain", "it's $HOME"])
def test_the_users_status_line_runs_as_the_user_wrote_it(line: str, name: str, root: Path) -> None:
    folder = root / name
    (folder / "spool").mkdir(parents=True)
    scripts = root / "bin"
    wrapper.write_scripts(scripts)
    users = [{"statusLine": {"type": "command", "command": line}}]
    command = settings(launch(start(folder, scripts=scripts, settings=users)))["statusLine"]["command"]

    ran = _sh(command, '{"cost": {}}', root)

    assert ran.stdout == _sh(line, '{"cost": {}}', root).stdout if line else ran.stdout == b""
    (payload,) = (folder / "spool").iterdir()
    assert payload.name.split(".")[1:3] == ["1", "StatusLine"]


def _sh(command: str, payload: str, folder: Path) -> subprocess.CompletedProcess[bytes]:
    # Claude Code runs a hook's command with a shell, in the agent's folder.
    return subprocess.run(
        ["/bin/sh", "-c", command],
        input=payload.encode(),
        capture_output=True,
        check=False,
        cwd=folder,
        timeout=20,
        env=dict(os.environ),
    )
