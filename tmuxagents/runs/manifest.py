"""Read a manifest: from its bytes to a run that is checked whole, or to what is wrong with it."""

from __future__ import annotations

import os.path
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from tmuxagents.errors import ManifestInvalid, word
from tmuxagents.model.manifest import Manifest, Place, Task
from tmuxagents.runs import forms, keys, scalars, shares, using, written
from tmuxagents.runs.cutting import cut
from tmuxagents.runs.faults import MOST, Faults
from tmuxagents.runs.nodes import Fault, Node
from tmuxagents.runs.written import Around, Written

LARGEST = 1 << 20
"""Bytes: a manifest of 10,000 tasks has less, and YAML of that size takes some seconds to read."""

Listed = Callable[[], tuple[str, Place, Node]]
"""One task with its id and where that stands; `Fault` where it has none."""

TOLD = 20
"""So many faults are told; of the others how many they are."""

Bytes = Callable[[str], bytes]
"""The content of a file by its path, up to `LARGEST` bytes and one; OSError says why there is none."""


def read(
    data: bytes, source: str, *, base: str, fetch: Bytes, kinds: Sequence[str] = (), there: Sequence[Task] = ()
) -> Manifest:
    """The manifest in those bytes, or `ManifestInvalid` with the place of each fault.

    `source` is how its file is called: one that ends in `.toml` is TOML, one in `.md` a squad, every other YAML. `base`
    is the absolute folder that its paths are relative to, `fetch` reads its prompt files, `kinds` are those that a task
    may be of (none: they are not checked). `there` are tasks of a live run that are to be added to, which it may use.
    """
    try:
        text = decoded(data)
        return _manifest(text, source, base, fetch, kinds, there)
    except Fault as fault:
        raise invalid(fault, source) from fault


def invalid(fault: Fault, source: str) -> ManifestInvalid:
    """The fault as a person gets it, and the others beside it."""
    first, *others = dict.fromkeys(_line(each, source) for each in (fault, *fault.also))
    more = len(others) + 1 - TOLD
    if more > 0:
        others[TOLD - 1 :] = [f"and {more} more" + (" at least" if more + TOLD >= MOST else "")]
    return ManifestInvalid(first, hint=fault.hint or "tmuxagents help manifest", also=others)


def _line(fault: Fault, source: str) -> str:
    return f"{fault.source or source}:{fault.place.line}:{fault.place.column}: {fault.what}"


def decoded(data: bytes) -> str:
    """The text of a file; `Fault` where it is none."""
    if len(data) > LARGEST:
        raise Fault(Place(1, 1), f"more than {LARGEST >> 10:,} KiB")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        place = Place(before.count(b"\n") + 1, error.start - before.rfind(b"\n"))
        raise Fault(place, f"this is not UTF-8: the byte 0x{data[error.start]:02x}") from error
    return text


def _manifest(text: str, source: str, base: str, fetch: Bytes, kinds: Sequence[str], there: Sequence[Task]) -> Manifest:
    if source.lower().endswith(".md"):
        from tmuxagents.runs.squad import reading

        return _of_known_kinds(reading.read(text, source), kinds)
    top = _parsed(text, source)
    if top.value is None or (top.value == {} and not top.keys):
        raise Fault(top.place, "nothing is in it: a manifest has at least 'tasks'")
    if not isinstance(top.value, dict):
        raise Fault(top.place, "a manifest must be a table of keys, one of them 'tasks'")
    faults, found = Faults(), {}
    with faults:
        forms.refuse_unknown(top, keys.TOP, "a manifest", **_IN_A_TASK)
    if "tasks" not in top.value:
        # One that is spelled wrong is told as such.
        faults.tell()
        raise Fault(top.place, "a manifest needs 'tasks'")
    for key in top.value:
        with faults:
            if key in keys.TOP and key not in ("defaults", "tasks"):
                found[key] = forms.read(top.value[key], key, keys.TOP[key])
    around = Around(text.split("\n"), lambda path: _absolute(base, path), _Prompts(base, fetch), kinds)
    linked = using.linked(_tasks(top, around, there, faults), there)
    made = Manifest(
        name=found.get("name") or _stem(source),
        tasks=[one.task for one in linked],
        max_parallel=found.get("max_parallel"),
        budget_usd=found.get("budget_usd"),
        budget_tokens=found.get("budget_tokens"),
        timeout_s=found.get("timeout"),
        source=source,
    )
    if found.get("split", "even") == "none":
        return made
    return shares.split(made, {key: node.place for key, node in top.value.items()})


def _of_known_kinds(made: Manifest, kinds: Sequence[str]) -> Manifest:
    faults = Faults()
    for task in made.tasks:
        with faults:
            if task.kind is not None and kinds and task.kind not in kinds:
                raise Fault(task.place, written.no_kind(task.kind, kinds))
    faults.tell()
    return made


def _parsed(text: str, source: str) -> Node:
    if source.endswith(".toml"):
        from tmuxagents.runs import toml_text

        return toml_text.read(text)
    from tmuxagents.runs import yaml_text

    return yaml_text.read(text)


def _stem(source: str) -> str:
    return os.path.splitext(os.path.basename(source))[0].strip() or "run"


def _absolute(base: str, path: str) -> str:
    return os.path.normpath(os.path.join(base, os.path.expanduser(path)))


class _Prompts:
    """Prompt files, each read once."""

    def __init__(self, base: str, fetch: Bytes) -> None:
        self._base = base
        self._fetch = fetch
        self._known: dict[str, str] = {}

    def __call__(self, path: str) -> str:
        if path not in self._known:
            whole = _absolute(self._base, path)
            try:
                self._known[path] = decoded(self._fetch(whole))
            except OSError as error:
                why = (error.strerror or str(error)).lower()
                raise Fault(Place(), f"cannot read '{cut(path)}': {why}", hint=f"ls -ld {word(whole)}") from error
            except Fault as fault:
                raise Fault(fault.place, f"'{cut(path)}': {fault.what}", hint=f"ls -ld {word(whole)}") from fault
        return self._known[path]


_IN_A_TASK = {key: "in a task, or in 'defaults'" for key in keys.TASK if key not in keys.TOP}


def _tasks(top: Node, around: Around, there: Sequence[Task], faults: Faults) -> list[Written]:
    """The tasks, each by itself. Where one of them is at fault, or anything before them, the ids that the others name
    are looked at too, and nothing else: it may follow from that."""
    defaults, is_read = None, False
    with faults:
        defaults = _defaults(top)
        is_read = True
    found: dict[str, Written] = {}
    places: dict[str, Place] = {}
    listed: list[Listed] = []
    with faults:
        listed = _listed(top.value["tasks"])
    named = 0
    for each in listed:
        with faults:
            identity, place, node = each()
            named += 1
            _take_id(identity, place, places)
            if is_read:
                found[identity] = written.task(identity, place, _with(defaults, node), around)
            else:
                written.values(identity, node)
    if faults and named == len(listed):
        for one in found.values():
            with faults:
                using.check_ids(one, {**places, **{task.id: task.place for task in there}})
    faults.tell()
    return list(found.values())


def _take_id(identity: str, place: Place, places: dict[str, Place]) -> None:
    before = places.get(identity)
    places.setdefault(identity, place)
    scalars.check_id(identity, place)
    if before is not None:
        raise Fault(place, f"'{identity}' is the id of the task on line {before.line} already")


def _defaults(top: Node) -> Node | None:
    node: Node | None = top.value.get("defaults")
    if node is None:
        return None
    common = {key: keys.TASK[key] for key in keys.COMMON}
    own = next((key for key in node.value if key in keys.TASK and key not in common), None) if _is_table(node) else None
    if own is not None:
        raise Fault(node.keys[own], f"'{own}' cannot stand in 'defaults': every task has its own")
    forms.table(node, "'defaults'", common)
    return node


def _is_table(node: Node) -> bool:
    return isinstance(node.value, dict)


def _listed(node: Node) -> list[Listed]:
    """Each task with its id, whichever way they are written, or its `Fault`."""
    if not isinstance(node.value, dict | tuple) or not node.value:
        raise Fault(node.place, "'tasks' must be a list of tables with 'id', or a table of tables by id; at least one")
    if isinstance(node.value, dict):
        return [partial(_by_key, identity, node.keys[identity], each) for identity, each in node.value.items()]
    return [partial(_by_id, number, each) for number, each in enumerate(node.value, 1)]


def _by_key(identity: str, place: Place, node: Node) -> tuple[str, Place, Node]:
    if not _is_table(node):
        raise Fault(node.place, f"task '{cut(identity)}' must be a table of keys")
    if "id" in node.value and node.value["id"].value != identity:
        raise Fault(node.value["id"].place, f"this task is called '{cut(identity)}' by its key already")
    return identity, place, node


def _by_id(number: int, node: Node) -> tuple[str, Place, Node]:
    if not _is_table(node):
        raise Fault(node.place, f"task {number} must be a table of keys, one of them 'id'")
    if "id" not in node.value:
        raise Fault(node.place, f"task {number} needs 'id'")
    given = node.value["id"]
    return forms.read(given, "id", keys.TASK["id"]), given.place, node


def _with(defaults: Node | None, node: Node) -> Node:
    """The task's own keys, and the defaults that it does not have; variables are put together."""
    if defaults is None:
        return node
    common = _fitting(defaults.value, node)
    merged: dict[str, Any] = {**common, **node.value}
    places: Mapping[str, Place] = {**{key: defaults.keys[key] for key in common}, **node.keys}
    if "env" in common and "env" in node.value and _is_table(node.value["env"]):
        env, own = common["env"], node.value["env"]
        merged["env"] = Node({**env.value, **own.value}, own.place, keys={**env.keys, **own.keys})
    return Node(merged, node.place, keys=places, size=node.size)


def _fitting(defaults: Mapping[str, Node], node: Node) -> dict[str, Node]:
    """What is meant for agents' programs does not reach a command, nor a kind a task that says its program."""
    kind = node.value.get("kind", defaults.get("kind"))
    is_command = "command" in node.value or (kind is not None and kind.value == "command")
    return {
        key: each
        for key, each in defaults.items()
        if not (is_command and (keys.TASK[key].program or key == "mode"))
        and not (key == "kind" and "command" in node.value)
    }
