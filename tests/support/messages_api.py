"""A scripted Messages API on loopback, so that the real `claude` runs without an account.

It speaks the public streaming protocol (`message_start`, `content_block_*`, `message_delta`,
`message_stop`). What it answers follows from the words of the newest prompt, so that a test
says in one place what the person types and what the model does about it:

    say: TEXT          answer TEXT
    bash: COMMAND      call the Bash tool, then answer "ran"
    write: PATH        call the Write tool, then answer "wrote"
    ask: A|B           ask the user with AskUserQuestion
    task: TEXT         start a subagent with TEXT as its prompt
    plan: TEXT         propose TEXT with ExitPlanMode
    call: NAME JSON    call any tool with that input, then answer "called"
    calls: JSON        call several in one message, [[NAME, {…}], …], then answer "called"
    slow: SECONDS TEXT stream TEXT after SECONDS
    err: STATUS        fail with STATUS until `api.heal()`
    tools: N           call Bash N times, one after another, then answer "N tools"
    tools: N held      the same, but after the first call nothing comes until `api.release()`

Anything else is answered with "ok N", N counting the conversation's answers.
"""

from __future__ import annotations

import json
import math
import re
import threading
import time
import unicodedata
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_ERRORS = {401: "authentication_error", 429: "rate_limit_error", 529: "overloaded_error"}
Reply = tuple[list[dict[str, Any]], str]
"""Content blocks, and why the model stopped."""

Call = tuple[str, dict[str, Any]]
"""A tool, and what it is called with."""

REMINDER = re.compile(r"<system-reminder>.*?</system-reminder>\s*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens that every answer claims to have cost."""

    input_tokens: int = 1000
    output_tokens: int = 200
    cache_creation_input_tokens: int = 300
    cache_read_input_tokens: int = 4000


@dataclass(slots=True)
class Request:
    """One request of a conversation, as the model would see it."""

    body: dict[str, Any]
    prompt: str
    results: list[dict[str, Any]]

    @property
    def prompts(self) -> list[str]:
        """Every prompt in the conversation so far, reminders stripped, oldest first."""
        return [text for message in self.body["messages"] if (text := _prompt_of(message))]


@dataclass(slots=True)
class MessagesApi:
    """The server. `with MessagesApi() as api: api.url`."""

    usage: Usage = field(default_factory=Usage)
    orders: dict[str, str] = field(default_factory=dict)
    """What to do about a prompt that holds these words, where the prompt is not the test's own."""
    requests: list[Request] = field(default_factory=list)
    others: list[dict[str, Any]] = field(default_factory=list)
    limits: list[float] = field(default_factory=list)
    """For so many seconds each, from the request that meets it, a usage limit of the account refuses every request."""
    subscriber: bool = False
    """It is told as a subscriber is, by headers, and not in the error's message."""
    resets: list[float] = field(default_factory=list)
    """When each of those ended, or is to end."""
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _healed: threading.Event = field(default_factory=threading.Event)
    _released: threading.Event = field(default_factory=threading.Event)
    _summaries: threading.Event = field(default_factory=threading.Event)
    _server: ThreadingHTTPServer | None = None
    _thread: threading.Thread | None = None

    def __enter__(self) -> MessagesApi:
        api = self
        self._summaries.set()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])) or b"{}")
                if not self.path.startswith("/v1/messages") or "count_tokens" in self.path:
                    self._send_json(200, {"input_tokens": 10})
                    return
                api._answer(self, body)

            def do_GET(self) -> None:
                self._send_json(404, {"type": "error", "error": {"type": "not_found_error", "message": "no"}})

            def _send_json(self, status: int, body: dict[str, Any], headers: Mapping[str, str] | None = None) -> None:
                raw = json.dumps(body).encode()
                self.send_response(status)
                for name, value in (headers or {}).items():
                    self.send_header(name, value)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._healed.set()
        self._released.set()
        self._summaries.set()
        assert self._server is not None
        assert self._thread is not None
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        """Where `ANTHROPIC_BASE_URL` points."""
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def heal(self) -> None:
        """Let `err:` prompts succeed from now on."""
        self._healed.set()

    def hold_summaries(self) -> None:
        """Let no compaction get its summary before `release()`."""
        self._summaries.clear()

    def release(self) -> None:
        """Let every `slow:` and `held` answer, and every summary, go out at once."""
        self._summaries.set()
        self._released.set()

    def forget(self) -> None:
        """Be as new: what is held goes out, what was asked is forgotten."""
        self.release()
        self._healed.clear()
        self._released.clear()
        with self._lock:
            self.requests.clear()
            self.others.clear()

    @property
    def prompts(self) -> list[str]:
        """Every distinct prompt that reached the model, in order of arrival."""
        with self._lock:
            seen: list[str] = []
            for request in self.requests:
                for text in request.prompts:
                    if text not in seen:
                        seen.append(text)
            return seen

    def _answer(self, http: Any, body: dict[str, Any]) -> None:
        if not body.get("tools"):
            with self._lock:
                self.others.append(body)
            self._stream(http, body, [{"type": "text", "text": '{"title": "a session"}'}], "end_turn")
            return
        prompt, results = _newest(body["messages"])
        with self._lock:
            self.requests.append(Request(body, prompt, results))
        if (reset := self._limited()) is not None:
            message = "limited" if self.subscriber else f"usage limit reached|{reset:.0f}"
            error = {"type": "rate_limit_error", "message": message}
            # As for a limit of hours: nothing is gained by another try.
            headers = {"x-should-retry": "false", **(_unified(reset) if self.subscriber else {})}
            http._send_json(429, {"type": "error", "error": error}, headers)
            return
        words = next((order for part, order in self.orders.items() if part in prompt), None) or _last_order(prompt)
        if words.startswith("err:") and not self._healed.is_set():
            status = int(words[4:].split()[0])
            error = {"type": _ERRORS.get(status, "api_error"), "message": f"scripted {status}"}
            http._send_json(status, {"type": "error", "error": error})
            return
        if prompt.startswith("CRITICAL: Respond with TEXT ONLY"):
            self._summaries.wait()
        blocks, stop = _reply(words, len(results), body)
        if words.startswith("slow:"):
            self._released.wait(float(words[5:].split()[0]))
        if words.startswith("tools:") and words.endswith(" held") and results:
            self._released.wait()
        self._stream(http, body, blocks, stop)

    def _limited(self) -> float | None:
        """When the limit ends that is met now; None where none is."""
        with self._lock:
            now = time.time()
            if self.resets and now < self.resets[-1]:
                return self.resets[-1]
            if not self.limits:
                return None
            self.resets.append(float(math.ceil(now + self.limits.pop(0))))
            return self.resets[-1]

    def _stream(self, http: Any, body: dict[str, Any], blocks: list[dict[str, Any]], stop: str) -> None:
        http.close_connection = True
        try:
            http.send_response(200)
            http.send_header("Content-Type", "text/event-stream")
            http.send_header("Connection", "close")
            http.end_headers()
            for name, event in _events(body.get("model", "scripted"), blocks, stop, self.usage):
                http.wfile.write(f"event: {name}\ndata: {json.dumps(event)}\n\n".encode())
            http.wfile.flush()
        except (BrokenPipeError, ConnectionResetError):
            pass  # the person interrupted the turn


def _unified(reset: float) -> dict[str, str]:
    """The headers by which a subscriber's limit is told."""
    name = "anthropic-ratelimit-unified"
    return {
        f"{name}-status": "rejected",
        f"{name}-reset": f"{reset:.0f}",
        f"{name}-representative-claim": "five_hour",
        f"{name}-5h-status": "rejected",
        f"{name}-5h-reset": f"{reset:.0f}",
        f"{name}-overage-status": "rejected",
        f"{name}-overage-disabled-reason": "org_level_disabled",
    }


def as_said(prompt: str) -> str:
    """A prompt that reached the model without the wrapper that 2.1.330 puts around what was pasted."""
    wrapped = re.search(r'<pasted_content id="[^"]*">(.*)</pasted_content[^>]*>', prompt, re.DOTALL)
    return (wrapped[1] if wrapped else prompt).strip()


def as_claude_shows(text: str) -> str:
    """What `claude` makes of a pasted text: less the control characters, tabs as it renders them,
    characters composed as it does."""
    plain = re.sub(r"[\x00-\x08\x0b-\x1f\x7f\x80-\x9f]", "", text.replace("\r\n", "\n"))
    return unicodedata.normalize("NFC", plain.replace("\t", "    ")).strip()


def _reply(words: str, results: int, body: dict[str, Any]) -> Reply:
    """What the model does about an order, given how many tool results have come since."""
    order, _, rest = words.partition(":")
    rest = rest.strip()
    if order == "tools":
        wanted = int(rest.split()[0])
        one_more = ("Bash", _bash(f"echo tool {results + 1}"))
        return _text(f"{wanted} tools") if results >= wanted else _tools(set(), [one_more])
    if order in _CALLS and not results:
        known = {tool["name"] for tool in body["tools"]}
        return _tools(known, [_CALLS[order](rest)])
    if order == "calls" and not results:
        known = {tool["name"] for tool in body["tools"]}
        return _tools(known, [(name, arguments) for name, arguments in json.loads(rest)])
    said = {"say": rest, "slow": rest.partition(" ")[2] or "slow done", "bash": "ran", "write": "wrote"}
    said |= {"call": "called", "calls": "called"}
    answers = sum(1 for message in body["messages"] if message["role"] == "assistant")
    return _text(said.get(order, f"ok {answers + 1}"))


def _text(words: str) -> Reply:
    return [{"type": "text", "text": words}], "end_turn"


def _tools(known: Set[str], calls: Sequence[Call]) -> Reply:
    # The tool that starts a subagent has had two names.
    named = [("Agent" if name == "Task" and name not in known else name, arguments) for name, arguments in calls]
    blocks = [
        {"type": "tool_use", "id": f"toolu_{uuid.uuid4().hex[:24]}", "name": name, "input": arguments}
        for name, arguments in named
    ]
    return [{"type": "text", "text": f"I will use {', '.join(name for name, _ in named)}."}, *blocks], "tool_use"


def _bash(command: str) -> dict[str, Any]:
    return {"command": command, "description": "scripted"}


def _any(rest: str) -> Call:
    name, _, arguments = rest.partition(" ")
    return name, json.JSONDecoder().raw_decode(arguments)[0]


def _question(rest: str) -> dict[str, Any]:
    options = [{"label": label, "description": label} for label in rest.split("|")]
    return {"questions": [{"question": "Which one?", "header": "Pick", "options": options, "multiSelect": False}]}


_CALLS: Mapping[str, Callable[[str], Call]] = {
    "call": _any,
    "bash": lambda rest: ("Bash", _bash(rest)),
    "write": lambda rest: ("Write", {"file_path": rest, "content": "scripted\n"}),
    "plan": lambda rest: ("ExitPlanMode", {"plan": rest}),
    "ask": lambda rest: ("AskUserQuestion", _question(rest)),
    "task": lambda rest: ("Task", {"description": "scripted", "prompt": rest, "subagent_type": "general-purpose"}),
}


def _events(model: str, blocks: list[dict[str, Any]], stop: str, usage: Usage) -> Iterator[tuple[str, dict[str, Any]]]:
    start = {
        "input_tokens": usage.input_tokens,
        "output_tokens": 1,
        "cache_creation_input_tokens": usage.cache_creation_input_tokens,
        "cache_read_input_tokens": usage.cache_read_input_tokens,
    }
    message: dict[str, Any] = {
        "id": f"msg_{uuid.uuid4().hex[:24]}",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": start,
    }
    yield "message_start", {"type": "message_start", "message": message}
    for index, block in enumerate(blocks):
        empty = {"type": "text", "text": ""} if block["type"] == "text" else {**block, "input": {}}
        yield "content_block_start", {"type": "content_block_start", "index": index, "content_block": empty}
        delta = (
            {"type": "text_delta", "text": block["text"]}
            if block["type"] == "text"
            else {"type": "input_json_delta", "partial_json": json.dumps(block["input"])}
        )
        yield "content_block_delta", {"type": "content_block_delta", "index": index, "delta": delta}
        yield "content_block_stop", {"type": "content_block_stop", "index": index}
    final = {"output_tokens": usage.output_tokens}
    yield (
        "message_delta",
        {"type": "message_delta", "delta": {"stop_reason": stop, "stop_sequence": None}, "usage": final},
    )
    yield "message_stop", {"type": "message_stop"}


def _newest(messages: list[dict[str, Any]]) -> tuple[str, list[dict[str, Any]]]:
    """The newest prompt, and the tool results that have come since it."""
    prompt, results = "", []
    for message in messages:
        if message["role"] != "user":
            continue
        content = message["content"]
        for block in [{"type": "text", "text": content}] if isinstance(content, str) else content:
            if block.get("type") == "tool_result":
                results.append(block)
            elif block.get("type") == "text" and (text := REMINDER.sub("", block["text"]).strip()):
                prompt, results = text, []
    return prompt, results


def _prompt_of(message: dict[str, Any]) -> str:
    if message["role"] != "user":
        return ""
    content = message["content"]
    texts = [content] if isinstance(content, str) else [b["text"] for b in content if b.get("type") == "text"]
    # Reminders wear a wrapper of their own; what is left is what a person said.
    return "\n".join(text for raw in texts if (text := REMINDER.sub("", raw)).strip())


def _last_order(prompt: str) -> str:
    """The last line of the prompt that starts like an order, else the prompt."""
    orders = re.findall(r"(?m)^\s*((?:say|bash|write|ask|task|slow|err|tools|plan|calls?):.*)$", prompt)
    return str(orders[-1]).strip() if orders else prompt
