"""One task as it is written: its keys read, its texts found with where they stand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from tmuxagents import names
from tmuxagents.model.manifest import ForEach, Join, Place, Task
from tmuxagents.runs import forms, keys
from tmuxagents.runs.cutting import cut
from tmuxagents.runs.nodes import Fault, Node, within
from tmuxagents.value import Value

Fetch = Callable[[str], str]
"""The text of a prompt file, by the path that the manifest has for it; `Fault` without a place of its own says why
there is none."""

TEMPLATES = ("prompt", "command", "args", "check", "env", "model", "worktree", "scope", "dir")
"""The keys whose texts may be templates."""

SHELL = ("command", "check")


class Text(Value):
    """A text that may be a template. `source` is its file where that is not the manifest, `lines` are the file's."""

    key: str
    text: str
    node: Node
    lines: list[str]
    source: str | None = None

    def place(self, line: int, word: str) -> Place:
        """Where that word on that line of the text stands in its file."""
        return within(self.node.place, self.node, self.lines, line=line, word=word)


class Written(Value):
    """A task before its dependencies are known. `node` holds its own keys and the defaults that it takes."""

    task: Task
    node: Node
    texts: Sequence[Text]


class Around(Value):
    """What a task is read with: the manifest's lines, its folder as a function from a path, its prompt files, and the
    kinds that there are (none: they are not checked)."""

    lines: list[str]
    absolute: Callable[[str], str]
    fetch: Fetch
    kinds: Sequence[str]


def task(identity: str, place: Place, node: Node, around: Around) -> Written:
    """The task; `Fault` says what is wrong with a key or a value of it."""
    found = values(identity, node)
    found["id"] = identity
    _check_kind(found, node, around)
    _check_program(found, node, place)
    texts = list(_texts(node, found, around))
    return Written(_made(found, place, around), node, texts)


def values(identity: str, node: Node) -> dict[str, Any]:
    """Its keys, each read by itself."""
    return forms.table(node, f"task '{cut(identity)}'", keys.TASK, **_AT_THE_TOP)


_AT_THE_TOP = {key: "at the top" for key in keys.TOP if key not in keys.TASK}


def _check_kind(found: Mapping[str, Any], node: Node, around: Around) -> None:
    kind = found.get("kind")
    if kind is not None and around.kinds and kind not in around.kinds:
        raise Fault(node.value["kind"].place, no_kind(kind, around.kinds))


def no_kind(kind: str, kinds: Sequence[str]) -> str:
    """What is said of a kind that is none."""
    return f"there is no kind '{cut(kind)}'" + names.did_you_mean(names.nearest(kind, kinds), f": {', '.join(kinds)}")


def _made(found: Mapping[str, Any], place: Place, around: Around) -> Task:
    join: Join | None = found.get("join")
    each: ForEach | None = found.get("for_each")
    plain = {
        key: found[key]
        for key in ("id", "prompt", "args", "parallel", "kind", "model", "role", "worktree", "scope", "env")
        if key in found
    }
    bounds = {
        key: found[key]
        for key in ("max_turns", "retries", "budget_usd", "budget_tokens", "locks", "check", "permission_mode", "mode")
        if key in found
    }
    if "command" in found:
        plain |= {"kind": "command", "args": ("sh", "-c", found["command"])}
    if "prompt_file" in found:
        plain["prompt"] = around.fetch(found["prompt_file"])
    return Task(
        **plain,
        **bounds,
        depends_on=found.get("depends_on", ()),
        join=join,
        for_each=each,
        dir=around.absolute(found["dir"]) if "dir" in found else None,
        timeout_s=found.get("timeout"),
        json_schema=found.get("json_schema"),
        keep=found.get("keep", False),
        place=place,
    )


_PROMPTS = ("prompt", "prompt_file")
_PROGRAMS = ("command", "args")


def _check_program(found: Mapping[str, Any], node: Node, place: Place) -> None:
    """One prompt for an agent, one program for a command, and nothing that means nothing to it."""
    is_command = found.get("kind", "command" if "command" in found else None) == "command"
    wanted, other = (_PROGRAMS, _PROMPTS) if is_command else (_PROMPTS, _PROGRAMS)
    for key in other:
        if key in found:
            why = "is of kind command, which takes no prompt" if is_command else "is not of kind command"
            raise Fault(node.keys[key], f"'{key}' cannot stand here: task '{found['id']}' {why}")
    given = [key for key in wanted if key in found]
    if not given:
        raise Fault(place, f"task '{found['id']}' needs '{wanted[0]}' or '{wanted[1]}'")
    if len(given) > 1:
        raise Fault(node.keys[given[1]], f"'{given[1]}' cannot stand beside '{given[0]}'")
    meaningless = [key for key in found if is_command and keys.TASK[key].program]
    if meaningless:
        raise Fault(node.keys[meaningless[0]], f"'{meaningless[0]}' means nothing for a task of kind command")


def _texts(node: Node, found: Mapping[str, Any], around: Around) -> Iterator[Text]:
    for key in TEMPLATES:
        if key in node.value:
            for each in _leaves(node.value[key]):
                yield Text(key, each.value, each, around.lines)
    if "prompt_file" in found:
        path = found["prompt_file"]
        try:
            text = around.fetch(path)
        except Fault as fault:
            raise Fault(node.value["prompt_file"].place, fault.what, hint=fault.hint) from fault
        if not text.strip():
            raise Fault(node.value["prompt_file"].place, f"'{cut(path)}' is empty")
        yield Text("prompt", text, Node(text, Place(1, 1), first=1), text.split("\n"), path)


def _leaves(node: Node) -> Iterator[Node]:
    if isinstance(node.value, str):
        yield node
    elif isinstance(node.value, dict | tuple):
        for each in node.value.values() if isinstance(node.value, dict) else node.value:
            yield from _leaves(each)
