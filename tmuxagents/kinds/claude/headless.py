"""Claude Code without a terminal (`claude -p`): how it is started, and what it says at its end.

Measured on 2.1.197 and 2.1.330, with the standard output in a file and the terminal as standard input:

- hooks come as with a terminal (SessionStart, UserPromptSubmit, tools, Stop or StopFailure, SessionEnd), and so does
  the transcript; there is no status line. A Stop is not the end: with a schema that the answer has missed there is
  another round. `--max-turns` that are used up fire no Stop.
- what needs leave is denied at once and told in `permission_denials`. 2.1.330 asks the PermissionRequest hook first,
  and would wait for it; so it is given none. `AskUserQuestion` and plans are errors to the model.
- it ends with 0 and one line of JSON. With 1 and that line, `is_error`, where the API failed for good (`result` says
  it) or the turns are used up (`errors`, `subtype` error_max_turns); with 1 and words on standard error where it could
  not begin. A 401, 429 or 529 is tried again inside, for minutes, as with a terminal. A usage limit, which is a 429
  that says not to, ends it at once, with 1, `api_error_status` 429 and in `result` when it is over.
- `total_cost_usd` of a conversation that is gone on with begins with what that had cost in 2.1.330, at 0 in 2.1.197.
- with `--json-schema` the model is given a tool, StructuredOutput; what it was called with is `structured_output`.
  Where it was not, or only with what does not fit, it ends with 0 and a text: so we look ourselves. 2.1.197 says
  nothing of a schema that is none.
- SIGINT ends it within half a second, with 0, `is_error`, `subtype` error_during_execution, and for an error what is
  for its makers alone (`[ede_diagnostic] …`). Its conversation can be gone on with.
- it keeps a sessions/PID.json too, in which it is `busy` and `idle` as with a terminal, some moments later on a busy
  machine. Nobody can give it a prompt or press Esc, so that says nothing: between its last turn and its end it works.
- a folder that is not trusted is not asked about: whoever starts it has to know.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from tmuxagents.kinds.base import Folded, Lines, Start
from tmuxagents.kinds.claude import limits, tools
from tmuxagents.kinds.claude.memory import remember
from tmuxagents.model.condition import Condition
from tmuxagents.model.entry import NewEntry
from tmuxagents.model.observation import Record
from tmuxagents.value import replace

SCHEMA = "schema.json"
"""What its answer has to satisfy, in the agent's own folder."""

_RUN = 'out=$1; shift; exec "$@" > "$out"'
# A schema may be longer than tmux takes of arguments.
_RUN_WITH = 'out=$1 schema=$(cat "$2") program=$3; shift 3; exec "$program" --json-schema "$schema" "$@" > "$out"'

KEPT = ("result", "schema", "cost_begun", "cost_kept", "answered", "limited_until")


_CUT = "error_during_execution"
"""What it says where somebody has stopped it with SIGINT."""


def is_headless(start: Start) -> bool:
    """Whether it is to be started so."""
    return start.options.get("mode") == "print"


def wrapped(start: Start, argv: Sequence[str]) -> Sequence[str]:
    """The program's arguments, with its output in a file: what it says at its end is for us."""
    program, *words = argv
    turns = start.options.get("max_turns")
    words = ["-p", "--output-format", "json", *(["--max-turns", str(turns)] if turns else []), *words]
    schema = [str(start.folder / SCHEMA)] if start.options.get("json_schema") is not None else []
    return ["/bin/sh", "-c", _RUN_WITH if schema else _RUN, program, _result(start), *schema, program, *words]


def runs_so(condition: Condition) -> bool:
    """Whether it was started so."""
    return bool(condition.kind_state.get("result"))


def files(start: Start) -> Mapping[str, str]:
    """The files that it needs."""
    schema = start.options.get("json_schema")
    return {SCHEMA: json.dumps(schema)} if schema is not None and is_headless(start) else {}


def _result(start: Start) -> str:
    return str(start.folder / f"result.{start.generation}.jsonl")


def prepared(condition: Condition, start: Start) -> Condition:
    """The condition of one that is about to be started, so or with a terminal."""
    if not is_headless(start):
        return remember(condition, **dict.fromkeys(KEPT))
    kept = condition.kind_state.get("cost_kept")
    begun = condition.usage.microusd or 0
    schema = start.options.get("json_schema")
    own = {"result": _result(start), "schema": schema, "cost_begun": begun, "cost_kept": kept}
    return remember(condition, **own, answered=None, limited_until=None)


def readers(condition: Condition) -> Sequence[Lines]:
    """The file with its last word."""
    from pathlib import Path

    path = condition.kind_state.get("result")
    return [Lines(f"result:{Path(path).stem}", Path(path))] if path else []


def is_last_word(condition: Condition, seen: Record) -> bool:
    """Whether that line is what it says at its end."""
    path = condition.kind_state.get("result")
    return bool(path) and str(path).endswith(f"/{seen.file}.jsonl")


def observe(condition: Condition, seen: Record) -> Folded:
    """Fold its last word in: what it cost, what was denied, its answer, or why there is none."""
    line = seen.line
    if line.get("type") != "result":
        return condition, []
    condition = _with_cost(condition, line, seen.at_ns)
    denied = _denied(condition, line, seen.at_ns)
    answer, told = _answer(line, seen.at_ns)
    wrong = _wrong(condition, line, answer)
    if line.get("is_error") and line.get("api_error_status") == 429:
        condition = remember(condition, limited_until=limits.told(str(line.get("result") or ""), seen.at_ns))
    # It knows best how its last turn has ended; hook and transcript may be read later, or never.
    ended = "done" if not wrong else "interrupted" if line.get("subtype") == _CUT else condition.ended
    condition = replace(
        condition, last_text=answer or condition.last_text, ending=condition.ending or wrong, ended=ended
    )
    return remember(condition, answered=True), [*told, *denied]


def _with_cost(condition: Condition, line: Mapping[str, Any], at_ns: int) -> Condition:
    total = line.get("total_cost_usd")
    if not isinstance(total, int | float):
        return condition
    spent, before = round(total * 1_000_000), int(condition.kind_state.get("cost_begun") or 0)
    # A record of the transcript says whether the conversation keeps what it has cost.
    goes_on = bool(condition.kind_state.get("cost_kept")) and spent >= before
    usage = replace(condition.usage, microusd=spent if goes_on else before + spent)
    return remember(replace(condition, usage=usage), cost_at=max(at_ns, _ended(condition) + 1))


def _ended(condition: Condition) -> int:
    return int((condition.kind_state.get("ending") or {}).get("at") or 0)


def _denied(condition: Condition, line: Mapping[str, Any], at_ns: int) -> list[NewEntry]:
    """What it was not let do, each once: nobody is there to be asked."""
    calls = line.get("permission_denials")
    folder = str(condition.kind_state.get("folder") or "")
    shown = [
        tools.line(str(call.get("tool_name", "")), call["tool_input"], folder)
        for call in (calls if isinstance(calls, list) else [])
        if isinstance(call, Mapping) and isinstance(call.get("tool_input"), Mapping)
    ]
    words = "denied, for nobody can be asked without a terminal"
    return [NewEntry("note", f"{words}: {each}", at_ns) for each in dict.fromkeys(shown)]


def _answer(line: Mapping[str, Any], at_ns: int) -> tuple[str | None, list[NewEntry]]:
    """Its answer; what it gave as data has not been told as a text."""
    made, said = line.get("structured_output"), line.get("result")
    if made is not None:
        text = json.dumps(made, ensure_ascii=False)
        return text, [NewEntry("text", text, at_ns)]
    return (said if isinstance(said, str) and said else None), []


def _wrong(condition: Condition, line: Mapping[str, Any], answer: str | None) -> str:
    """Why it has failed, whatever it ends with; empty where it has not."""
    if line.get("is_error"):
        errors = line.get("errors")
        listed = [str(error) for error in errors] if isinstance(errors, list) else []
        listed = [error for error in listed if not error.startswith("[ede_diagnostic]")]
        cut = "interrupted" if line.get("subtype") == _CUT else ""
        told = "; ".join(listed) or answer or cut or str(line.get("subtype") or "an error")
        return " ".join(told.split())[:300]
    schema = condition.kind_state.get("schema")
    if schema is None:
        return ""
    from tmuxagents.model import json_schema

    problem = json_schema.validate(answer or "", schema)
    return f"its answer is not as asked: {problem}" if problem else ""


def steady(before: Condition, after: Condition) -> Condition:
    """The condition as it is without a terminal: between its last turn and its end no prompt is waited for, and its
    answer, with how it has ended, is what it has said at its end."""
    own = after.kind_state
    if not runs_so(after):
        return after
    if own.get("answered") and before.kind_state.get("answered"):
        after = replace(after, last_text=before.last_text, ended=before.ended)
    if after.state in ("idle", "limited", "waiting"):
        since = before.since_ns if before.state == "working" else after.since_ns
        after = replace(after, state="working", since_ns=since, dialog=None)
    return after


def keeps_cost(condition: Condition, seen: Record) -> Condition:
    """2.1.330 writes what a conversation has cost into its transcript, and goes on from there."""
    told = seen.line.get("type") == "cost-state" and not condition.kind_state.get("cost_kept")
    return remember(condition, cost_kept=True) if told else condition
