"""The hook that decides whether a tool call may change a file, run by sh as the agent's program runs it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tmuxagents.drivers import scope_check, wrapper
from tmuxagents.kinds.base import Guarded, Start
from tmuxagents.kinds.claude.launch import CHANGING, launch

pytestmark = pytest.mark.slow

GLOBS = ("src/auth/**", "docs/*.md")


@pytest.fixture
def top(tmp_path: Path) -> Path:
    """A checkout with links that lead in and out of the scope, below a folder with a hostile name."""
    top = tmp_path / "it's $(a) checkout"
    for name in ("src/auth", "lib", "docs"):
        (top / name).mkdir(parents=True)
    (top / "lib" / "file").write_text("x")
    (top / "src" / "auth" / "out").symlink_to("../../lib")
    (top / "src" / "auth" / "away").symlink_to("/etc")
    (top / "src" / "auth" / "file").symlink_to("../../lib/file")
    (top / "lib" / "in").symlink_to("../src/auth")
    wrapper.write_scripts(tmp_path / "bin")
    (tmp_path / "agent" / "spool").mkdir(parents=True)
    return top


def run(top: Path, path: str, *, tool: str = "Write", python: str = sys.executable, **changes: Any) -> dict[str, Any]:
    """What the hook does about a call, as the settings that the program is given have it."""
    base = top.parent
    check = (python, "-I", "-S", "-X", "utf8", scope_check.__file__)
    start = Start(
        folder=base / "agent",
        scripts=base / "bin",
        generation=3,
        conversation="c",
        resume=False,
        task=None,
        options={},
        env={"HOME": str(base / "home")},
        scope=Guarded(GLOBS, str(top), check),
    )
    entries = json.loads(launch(start).files["settings.json"])["hooks"]["PreToolUse"]
    assert [entry.get("matcher") for entry in entries] == [None, CHANGING]
    (hook,) = entries[1]["hooks"]
    key = "notebook_path" if tool == "NotebookEdit" else "file_path"
    payload = {"tool_name": tool, "cwd": str(top), "tool_input": {key: path, "content": 'a"\\\n$(x)'}, **changes}
    done = subprocess.run(
        ["/bin/sh", "-c", hook["command"]],
        input=json.dumps(payload).encode(),
        capture_output=True,
        check=False,
        cwd="/",
    )
    said = json.loads(done.stdout)["hookSpecificOutput"] if done.stdout else {}
    return {"code": done.returncode, "told": done.stderr.decode(), **said}


def left(top: Path) -> list[str]:
    """The events that it left in the spool."""
    return [path.name.split(".")[2] for path in (top.parent / "agent" / "spool").glob("*.json")]


@pytest.mark.parametrize(
    "path",
    [
        "src/auth/a",
        "src/auth/new/folder/a",
        "docs/a.md",
        "lib/in/a",
        "./src/../src/auth/a",
        "src/auth/$(touch x) 'a'",
        "docs/ü.md",
    ],
)
def test_what_is_within_is_allowed_without_a_word(top: Path, path: str) -> None:
    assert run(top, str(top / path)) == {"code": 0, "told": ""}
    assert left(top) == []


@pytest.mark.parametrize(
    "path",
    [
        *(
            "lib/file",
            "a",
            "src/auth",
            "src/Auth/a",
            "docs/deep/a.md",
            "src/auth/../../lib/file",
            "../beside",
            ".git/config",
        ),
        *("src/auth/out/new", "src/auth/file", "src/auth/away/passwd", "src/auth/out/../a", "~/a"),
    ],
)
def test_what_is_outside_is_refused_with_one_sentence_for_the_agent(top: Path, path: str) -> None:
    said = run(top, f"{top}/{path}")

    assert (said["code"], said["permissionDecision"], said["told"]) == (0, "deny", "")
    assert f"outside the scope of this agent ({', '.join(GLOBS)})" in said["permissionDecisionReason"]
    assert left(top) == ["ScopeRefused"]


@pytest.mark.parametrize("tool", CHANGING.split("|"))
def test_every_tool_that_names_what_it_changes_is_asked(top: Path, tool: str) -> None:
    assert run(top, str(top / "src" / "auth" / "a"), tool=tool)["code"] == 0
    assert run(top, str(top / "lib" / "file"), tool=tool)["permissionDecision"] == "deny"


def test_a_relative_path_is_meant_from_where_the_program_stands(top: Path) -> None:
    assert run(top, "a", cwd=str(top / "src" / "auth"))["code"] == 0
    assert run(top, "a", cwd=str(top))["permissionDecision"] == "deny"


def test_the_programs_own_plans_are_no_change_of_the_work(top: Path) -> None:
    assert run(top, str(top.parent / "home" / ".claude" / "plans" / "a.md")) == {"code": 0, "told": ""}


@pytest.mark.parametrize("gone", ["python", "script", "program", "path", "payload", "agent"])
def test_what_cannot_be_decided_is_refused_and_told(top: Path, gone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path, more = str(top / "src" / "auth" / "a"), dict[str, Any]()
    if gone == "python":
        more["python"] = "/nowhere/python"
    elif gone == "script":
        (top.parent / "bin" / "scope.sh").unlink()
    elif gone == "program":
        monkeypatch.setattr(scope_check, "__file__", "/nowhere/scope_check.py")
    elif gone == "path":
        path = "a\0b"
    elif gone == "payload":
        more["tool_input"] = {"something": "else"}
    else:
        # Its folder is gone with all that is in it: nothing can be left to be told, and nothing is let through.
        shutil.rmtree(top.parent / "agent")
        path = str(top / "lib" / "file")

    said = run(top, path, **more)

    if gone == "agent":
        assert said["permissionDecision"] == "deny"
        return
    assert said["code"] == 2
    assert "nothing was changed" in said["told"]
    assert left(top) == ([] if gone == "script" else ["ScopeUndecided"])


def test_it_imports_nothing_from_where_it_is_run(top: Path) -> None:
    for name in ("json.py", "sitecustomize.py", "os.py"):
        (top / name).write_text("raise SystemExit('canary')")
    check = [sys.executable, "-I", "-S", "-X", "utf8", scope_check.__file__, str(top), "", "**"]
    payload = json.dumps({"cwd": str(top), "tool_input": {"file_path": "a"}})
    env = {**os.environ, "PYTHONPATH": str(top), "PYTHONSTARTUP": str(top / "json.py")}

    done = subprocess.run(check, input=payload, capture_output=True, text=True, cwd=top, env=env, check=False)

    assert (done.stdout, done.returncode) == ("allowed\n", 0)
