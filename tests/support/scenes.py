"""What is played to make the real claude show its dialogs. Each act is one or more starts of it."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.messages_api import Usage
from tests.support.record import Stage

MCP = """
import json, sys
for line in sys.stdin:
    asked = json.loads(line)
    answer = {
        "initialize": {"protocolVersion": "2024-11-05", "capabilities": {"tools": {}},
                       "serverInfo": {"name": "probe", "version": "1"}},
        "tools/list": {"tools": [{"name": "touch", "description": "touch a file",
                                  "inputSchema": {"type": "object", "properties": {"path": {"type": "string"}}}}]},
        "tools/call": {"content": [{"type": "text", "text": "touched"}]},
    }.get(asked.get("method"))
    if "id" in asked:
        print(json.dumps({"jsonrpc": "2.0", "id": asked["id"], "result": answer or {}}), flush=True)
"""


def _options(*labels: str) -> list[dict[str, str]]:
    return [{"label": label, "description": f"{label} it is"} for label in labels]


def _question(text: str, header: str, *labels: str, several: bool = False) -> dict[str, Any]:
    return {"question": text, "header": header, "options": _options(*labels), "multiSelect": several}


COLOUR = _question("Which colour?", "Colour", "Red", "Green")
TOPPINGS = _question("Which toppings?", "Toppings", "Ham", "Oil", "Egg", several=True)
SIZE = _question("Which size?", "Size", "Small", "Large")


def tools(stage: Stage) -> None:
    """A permission for each tool."""
    (stage.work / "notes.txt").write_text("one\ntwo\nthree\n")
    cell: dict[str, Any] = {"cell_type": "code", "id": "c1", "metadata": {}, "source": ["1"]}
    cell |= {"outputs": [], "execution_count": None}
    book = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (stage.work / "book.ipynb").write_text(json.dumps(book))
    skill = stage.work / ".claude" / "skills" / "demo"
    skill.mkdir(parents=True)
    (skill / "SKILL.md").write_text("---\nname: demo\ndescription: a demonstration\n---\nSay hello.\n")
    (stage.work / "mcp.py").write_text(MCP)
    servers = {"mcpServers": {"probe": {"command": "python3", "args": [str(stage.work / "mcp.py")]}}}
    stage.start("--permission-mode", "default", "--mcp-config", json.dumps(servers))
    long = "touch one && touch two && touch three && touch four && touch five && touch six && touch seven"
    _each(
        stage,
        {
            "permission-bash-long": ("Bash", {"command": long, "description": "touch many files"}),
            "permission-bash-lines": ("Bash", {"command": "touch a\ntouch b\ntouch c", "description": "three lines"}),
            "permission-bash-pipe": ("Bash", {"command": "rm -rf ./x | tee {a,b} #1", "description": "two commands"}),
            "permission-bash-wide": ("Bash", {"command": "touch 漢字 ä 🎉 'q' \"q\"", "description": "wide"}),
            "permission-read": ("Read", {"file_path": "/etc/hostname"}),
            "permission-write": ("Write", {"file_path": str(stage.work / "new.txt"), "content": "1\n2\n3\n"}),
            "permission-webfetch": ("WebFetch", {"url": "https://example.com/a?b=c", "prompt": "what is it"}),
            "permission-websearch": ("WebSearch", {"query": "tmux formats"}),
            "permission-mcp": ("mcp__probe__touch", {"path": "a.txt"}),
            "permission-task": ("Task", {"description": "s", "prompt": "bash: touch s", "subagent_type": "Explore"}),
        },
    )
    stage.call("Read", {"file_path": str(stage.work / "notes.txt")})
    edit = {"file_path": str(stage.work / "notes.txt"), "old_string": "two", "new_string": "2"}
    _each(stage, {"permission-edit": ("Edit", edit)})
    stage.call("Read", {"file_path": str(stage.work / "book.ipynb")})
    cell_edit = {"notebook_path": str(stage.work / "book.ipynb"), "cell_id": "c1", "new_source": "2"}
    _each(stage, {"permission-notebook": ("NotebookEdit", cell_edit)})
    long_text = "\n".join(f"line {n} of a file that is longer than the screen" for n in range(80))
    whole = {"file_path": str(stage.work / "long.txt"), "content": long_text}
    _each(stage, {"permission-write-long": ("Write", whole)})


def _each(stage: Stage, calls: Mapping[str, tuple[str, Any]]) -> None:
    for name, (tool, arguments) in calls.items():
        stage.call(tool, arguments)
        stage.shot(name)
        stage.keys("Escape")


def permission(stage: Stage) -> None:
    """One permission in all its shapes: the pointer, the text to amend it, the explanation."""
    stage.start("--permission-mode", "default")
    stage.call("Bash", {"command": "touch a", "description": "touch it"})
    stage.keys("Down")
    stage.shot("permission-pointer-2")
    stage.keys("Up", "Tab")
    stage.shot("permission-amend-empty")
    stage.type("and tell me")
    stage.shot("permission-amend")
    stage.keys("Escape")
    stage.shot("permission-amend-left")
    stage.keys("Escape")
    stage.call("Bash", {"command": "touch a", "description": "touch it"})
    stage.keys("C-e")
    stage.shot("permission-explain")


def queued(stage: Stage) -> None:
    """Several dialogs behind each other."""
    stage.start("--permission-mode", "default")
    reads = [["Read", {"file_path": f"/etc/{name}"}] for name in ("hostname", "hosts", "passwd", "group")]
    _queue(stage, "queued-reads", reads)
    bash = [["Bash", {"command": f"touch {name}", "description": "touch it"}] for name in "abc"]
    _queue(stage, "queued-bash", bash)
    fetches = [["WebFetch", {"url": f"https://example.com/{name}", "prompt": "what"}] for name in "abc"]
    _queue(stage, "queued-fetches", fetches)
    agents = [
        ["Task", {"description": f"sub {name}", "prompt": f"bash: touch {name}", "subagent_type": "general-purpose"}]
        for name in "ABC"
    ]
    _queue(stage, "queued-subagents", agents)


def _queue(stage: Stage, name: str, calls: list[Any]) -> None:
    stage.opens(f"calls: {json.dumps(calls)}")
    stage.shot(name)
    stage.keys("1")
    stage.settle(0.7)
    stage.shot(f"{name}-second")
    stage.keys("Escape", "Escape", "Escape", "Escape")
    stage.start("--permission-mode", "default")


def questions(stage: Stage) -> None:
    """AskUserQuestion in its forms."""
    stage.start("--permission-mode", "default")
    stage.call("AskUserQuestion", {"questions": [COLOUR]})
    stage.shot("question-one")
    stage.keys("Down", "Down")
    stage.shot("question-one-free-empty")
    stage.type("Blue")
    stage.shot("question-one-free")
    stage.keys("Escape")
    stage.call("AskUserQuestion", {"questions": [TOPPINGS]})
    stage.shot("question-ticks")
    stage.keys("1", "Down", "Down", "Down")
    stage.shot("question-ticks-ticked")
    stage.type("Salt")
    stage.shot("question-ticks-free")
    stage.keys("Down")
    stage.shot("question-ticks-submit")
    stage.keys("Enter")
    stage.shot("question-ticks-review")
    stage.keys("Escape")
    stage.call("AskUserQuestion", {"questions": [COLOUR, TOPPINGS, SIZE]})
    stage.shot("question-three")
    stage.keys("1")
    stage.shot("question-three-second")
    stage.keys("2", "Right")
    stage.shot("question-three-third")
    stage.keys("Right")
    stage.shot("question-three-review-open")
    stage.keys("Left", "2")
    stage.shot("question-three-review")
    stage.keys("Left", "Left", "Left")
    stage.shot("question-three-back")
    stage.keys("Escape")
    words = [f"{word} and a longer text that goes on to tell what this is about" for word in ("One", "Two", "Three")]
    long = _question("Which of these rather long ways should be taken, all things considered?", "Way", *words)
    stage.call("AskUserQuestion", {"questions": [long]})
    stage.shot("question-long")
    stage.keys("Escape")
    shown = [{**option, "preview": f"+---+\n| {option['label']} |\n+---+"} for option in _options("Left", "Right")]
    stage.call("AskUserQuestion", {"questions": [{**COLOUR, "question": "Which layout?", "options": shown}]})
    stage.shot("question-preview")
    stage.keys("n")
    stage.type("because")
    stage.shot("question-preview-notes")
    stage.keys("Escape", "Escape")
    many = _question("Which ones?", "Many", "Alpha", "Beta", "Gamma", "Delta", several=True)
    stage.call("AskUserQuestion", {"questions": [many, COLOUR]})
    stage.shot("question-ticks-first")
    stage.keys("Escape")


def plans(stage: Stage) -> None:
    """A plan that is short, and one that is longer than the screen."""
    stage.start("--permission-mode", "plan")
    stage.opens("plan: go")
    stage.shot("plan")
    stage.keys("Down")
    stage.shot("plan-pointer-2")
    stage.keys("Escape")
    stage.shot("plan-rejected")
    stage.say("say: thinking")
    # The program tells the model into which file the plan goes.
    told = re.findall(r"[^\s\"`]*/\.claude/plans/[\w-]+\.md", json.dumps([r.body for r in stage.api.requests]))
    plan = Path(told[-1])
    plan.parent.mkdir(exist_ok=True)
    plan.write_text("# The plan\n\n1. Write the test.\n2. Make it pass.\n")
    stage.opens("plan: go")
    stage.shot("plan-file")
    stage.keys("Down", "Down")
    stage.shot("plan-file-pointer-3")
    stage.type("use two files")
    stage.shot("plan-file-feedback")
    stage.keys("Escape")
    plan.write_text("".join(f"{n}. Step number {n} of the plan.\n" for n in range(1, 60)))
    stage.opens("plan: go")
    stage.shot("plan-file-long")


def trust(stage: Stage) -> None:
    """A folder that is not known, alone and with things in it that want to run."""
    stage.configure(trusted=False)
    stage.start()
    stage.shot("trust")
    stage.keys("Down")
    stage.shot("trust-pointer-2")
    settings = stage.work / ".claude"
    settings.mkdir()
    hooks = {"SessionStart": [{"hooks": [{"type": "command", "command": "true"}]}]}
    (settings / "settings.json").write_text(json.dumps({"hooks": hooks, "permissions": {"allow": ["Bash(ls:*)"]}}))
    _servers(stage, "one")
    stage.start()
    stage.shot("trust-hooks")


def _servers(stage: Stage, *names: str) -> None:
    servers = {name: {"command": "true"} for name in names}
    (stage.work / ".mcp.json").write_text(json.dumps({"mcpServers": servers}))


def servers(stage: Stage) -> None:
    """The MCP servers of a repository."""
    _servers(stage, "one")
    stage.start()
    stage.shot("mcp-one")
    _servers(stage, "one", "two", "three")
    stage.start()
    stage.shot("mcp-three")
    stage.keys("Space", "Down")
    stage.shot("mcp-three-ticked")


def first_start(stage: Stage) -> None:
    """What comes before the first prompt."""
    stage.configure(known=False)
    stage.start()
    stage.shot("theme-first")
    stage.keys("Down")
    stage.shot("theme-first-pointer")
    stage.keys("Enter")
    stage.settle(1.0)
    stage.shot("first-second")
    stage.keys("Enter")
    stage.settle(1.0)
    stage.shot("first-third")
    stage.configure(key=False)
    stage.start()
    stage.shot("api-key")
    stage.configure()
    stage.start("--dangerously-skip-permissions")
    stage.shot("bypass")
    stage.start("--permission-mode", "auto")
    stage.shot("auto-mode")
    stage.start("--permission-mode", "default")
    stage.keys("BTab", "BTab", "BTab", "BTab")
    stage.shot("modes-cycled")
    (stage.work / "CLAUDE.md").write_text("See @/etc/hostname and @/etc/hosts\n")
    stage.start()
    stage.shot("external-imports")
    (stage.work / "CLAUDE.md").unlink()
    (stage.work / ".claude").mkdir(exist_ok=True)
    (stage.work / ".claude" / "settings.json").write_text('{"hooks": 3, "permissions": {"allow": "x"}}')
    stage.start()
    stage.shot("settings-error")
    (stage.work / ".claude" / "settings.json").unlink()
    stage.configure()
    stage.start(env={"ANTHROPIC_API_KEY": ""})
    stage.shot("no-key")
    stage.say("hi")
    stage.shot("no-key-said")
    stage.say("/login")
    stage.shot("login")


def boxes(stage: Stage) -> None:
    """The input box in its states: none of these is a dialog."""
    stage.start("--permission-mode", "default")
    stage.shot("box-idle")
    stage.type("/")
    stage.shot("box-slash-menu")
    stage.keys("BSpace", "Escape")
    stage.type("look at @")
    stage.shot("box-at-menu")
    stage.keys("C-u", "Escape")
    stage.keys("?")
    stage.shot("box-shortcuts")
    stage.keys("Escape", "C-u")
    stage.type("\n".join(f"row {n}" for n in range(30)))
    stage.shot("box-tall-draft")
    stage.keys("C-c")
    stage.shot("box-interrupt-once")
    stage.settle(2)
    stage.type("word " * 30)
    stage.shot("box-wide-draft")
    stage.keys("C-u", "C-u", "C-u")
    stage.say("say: Do you want to proceed? ❯ 1. Yes  2. No  Esc to cancel")
    text = "\\n".join((" Do you want to proceed?", " ❯ 1. Yes", "   2. No", "", " Esc to cancel · Tab to amend"))
    stage.say(f"bash: printf '{text}'")
    stage.shot("box-imitation")
    stage.say("slow: 600 never")
    stage.shot("box-busy")
    stage.say("say: queued")
    stage.shot("box-busy-queued")
    stage.keys("Escape")
    stage.shot("box-interrupted")


PANELS = (
    "add-dir bashes config cost diff effort export fast help hooks ide login memory mobile model passes permissions "
    "plugin resume rewind sandbox skills stats status theme usage workflows"
)


def panels(stage: Stage) -> None:
    """The commands that open something."""
    stage.start("--permission-mode", "default")
    stage.say("say: a plain answer")
    for name in PANELS.split():
        stage.opens(f"/{name}")
        stage.shot(f"panel-{name}")
        stage.keys("Escape", "Escape")
        if not stage.has_box():
            stage.start("--permission-mode", "default", "--continue")


def busy_panels(stage: Stage) -> None:
    """The commands whose panel opens at once although a turn runs, over the input box; and after the turn."""
    stage.start("--permission-mode", "default")
    stage.say("say: a plain answer")
    stage.say("slow: 40 a late answer")
    for name in ("cost", "status"):
        stage.type(f"/{name}")
        stage.keys("Enter")
        stage.settle(0.8)
        stage.shot(f"busy-panel-{name}")
        stage.keys("Escape")
    stage.type("/cost")
    stage.keys("Enter")
    stage.ends_turn()
    stage.shot("busy-panel-cost-after")


def views(stage: Stage) -> None:
    """What keys open."""
    stage.start("--permission-mode", "default")
    stage.say("say: a plain answer")
    stage.say("say: another answer that is here")
    _view(stage, "view-transcript", "C-o", leave="C-o")
    stage.keys("C-r")
    stage.settle(1.0)
    stage.shot("view-history-search")
    stage.type("plain")
    stage.shot("view-history-search-typed")
    stage.keys("Escape")
    stage.settle(1.0)
    stage.keys("C-u")
    _view(stage, "view-todos", "C-t", leave="C-t")
    stage.together("Escape", "Escape")
    stage.settle(1.0)
    stage.shot("view-rewind")
    stage.keys("Enter")
    stage.start("--permission-mode", "default", "--continue")
    _view(stage, "view-model", "M-p")
    stage.start("--resume")
    stage.shot("view-resume")
    stage.keys("Escape")
    stage.start("--permission-mode", "default")
    stage.call("Bash", {"command": "sleep 300", "description": "sleep", "run_in_background": True})
    stage.settle(1.0)
    stage.shot("box-background")
    _view(stage, "view-background", "Down", "Enter")
    stage.say("/tasks")
    stage.shot("view-tasks")
    stage.keys("Escape")
    stage.say("/exit")
    stage.shot("exit-background")
    stage.start("--permission-mode", "default", env={"CLAUDE_CODE_DISABLE_AGENT_VIEW": ""})
    stage.say("say: an answer")
    stage.keys("Left")
    stage.settle(1.0)
    stage.shot("agents-view")


def _view(stage: Stage, name: str, *keys: str, leave: str = "Escape") -> None:
    stage.keys(*keys)
    stage.settle(0.6)
    stage.shot(name)
    stage.keys(leave)


def upsells(stage: Stage) -> None:
    """What the program offers by itself, and its full screen."""
    stage.start(env={"CLAUDE_CODE_DISABLE_ALTERNATE_SCREEN": ""})
    stage.say("say: an answer")
    stage.settle(1.0)
    stage.shot("upsell-fullscreen")
    stage.keys("Escape")
    stage.say("/tui fullscreen")
    stage.shot("fullscreen-idle")
    subprocess.run(["git", "init", "-q", str(stage.work)], check=True)
    commit = ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "--allow-empty", "-m", "a"]
    subprocess.run(["git", "-C", str(stage.work), *commit], check=True)
    stage.start("--permission-mode", "default", "--worktree", "probe")
    stage.say("bash: touch a")
    stage.keys("1")
    stage.settle(1.0)
    stage.say("/exit")
    stage.shot("exit-worktree")
    stage.start("--permission-mode", "default")


def full(stage: Stage) -> None:
    """A conversation that is too long, and dear."""
    stage.start("--permission-mode", "default", env={"DISABLE_AUTO_COMPACT": "1"})
    stage.say("say: an answer")
    stage.settle(1.0)
    stage.shot("context-limit")
    stage.say("say: another")
    stage.settle(1.0)
    stage.shot("context-limit-second")


@dataclass(frozen=True, slots=True)
class Act:
    """What is played, and how many tokens each answer claims."""

    play: Callable[[Stage], None]
    usage: Usage | None = None


ACTS: Mapping[str, Act] = {
    "permission": Act(permission),
    "queued": Act(queued),
    "questions": Act(questions),
    "plans": Act(plans),
    "trust": Act(trust),
    "servers": Act(servers),
    "first-start": Act(first_start),
    "boxes": Act(boxes),
    "views": Act(views),
    "permissions": Act(tools),
    "upsells": Act(upsells),
    "full": Act(full, Usage(input_tokens=199_000, output_tokens=400_000)),
    "panels": Act(panels),
    "busy_panels": Act(busy_panels),
}
