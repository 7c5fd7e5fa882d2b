"""What a template uses, found before anything begins: which tasks, which of their fields, and nothing it may not."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tmuxagents import names
from tmuxagents.runs.sandbox import FILTERS, TESTS, environment
from tmuxagents.value import Value

if TYPE_CHECKING:
    from jinja2 import Template, nodes

FIELDS = ("answer", "diff", "branch", "state", "error", "duration")
"""What a template finds of every task."""

REPEATED = ("answers", "each")
"""What it finds of a repeated one as well."""

EACH = ("id", "item", "index")
"""What one of `each` has beside the fields."""

JOINED = ("answers", "each", "missing")
LONGEST = 65_536
"""How many characters a template may have: the rest of a long prompt belongs into a file that the agent reads."""


class TemplateInvalid(Exception):
    """A text is no template that can be filled in. `line` counts in the text, `word` is what it is about."""

    def __init__(self, what: str, line: int = 1, word: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.line = line
        self.word = word


class Use(Value):
    """A field of a task (`task` is empty for the own join and the own item), and where in the text it is used."""

    name: str
    task: str
    field: str
    line: int
    word: str


def is_template(text: str) -> bool:
    """Whether something in it is filled in."""
    return "{{" in text or "{%" in text


def uses(text: str) -> tuple[Use, ...]:
    """Everything that the text uses, in its order: `tasks`, `item`, `index` and `join`. Empty for a literal text."""
    return read(text)[0] if is_template(text) else ()


@functools.lru_cache(maxsize=256)
def read(text: str) -> tuple[tuple[Use, ...], Template]:
    """What a template uses, and the template made ready; `TemplateInvalid` where it is none."""
    from jinja2 import TemplateSyntaxError

    if len(text) > LONGEST:
        raise TemplateInvalid(f"a template of more than {LONGEST:,} characters")
    if "\0" in text:
        raise TemplateInvalid("a template holds a NUL character")
    try:
        tree = environment().parse(_hyphenated(text))
        found = tuple(_Scan().of(tree))
        return found, environment().from_string(_counted(tree))
    except TemplateSyntaxError as error:
        raise TemplateInvalid(f"cannot read the template: {_told(error.message)}", error.lineno) from error
    except (RecursionError, MemoryError, SyntaxError) as error:
        # The last is Python's own, of what jinja2 has made of the text: loops in loops, 20 deep.
        raise TemplateInvalid("the template is nested too deep") from error


def _counted(tree: nodes.Template) -> nodes.Template:
    """The same with every loop counting its rounds."""
    from jinja2 import nodes

    for loop in tree.find_all(nodes.For):
        loop.iter = nodes.Filter(loop.iter, "_counted", [], [], None, None)
    return tree


def _hyphenated(text: str) -> str:
    """`tasks.api-tests.answer` as it is meant: a hyphen of an id is no minus."""
    tokens = [(str(kind), str(word)) for _, kind, word in environment().lex(text)]
    made, at = [], 0
    while at < len(tokens):
        made.append(tokens[at][1])
        at += 1
        if tokens[at - 1] == ("name", "tasks") and tokens[at : at + 1] == [("operator", ".")]:
            last = at + 1
            while tokens[last + 1 : last + 2] == [("operator", "-")] and _is_word(tokens[last + 2 : last + 3]):
                last += 2
            made.append('["' + "".join(word for _, word in tokens[at + 1 : last + 1]) + '"]')
            at = last + 1
    return "".join(made)


def _is_word(tokens: Sequence[tuple[str, str]]) -> bool:
    return bool(tokens) and tokens[0][0] in ("name", "integer", "float")


def _told(message: str | None) -> str:
    return " ".join((message or "").split())[:100].rstrip(".").lower()


_PARTS = ("Template", "Output", "TemplateData", "If", "For", "Const", "List", "Tuple")
_VALUES = ("Name", "Getattr", "Getitem", "Filter", "Test", "Compare", "Operand", "And", "Or", "Not", "CondExpr")
_ALLOWED = frozenset((*_PARTS, *_VALUES))
_TAGS = {"FromImport": "from", "CallBlock": "call", "FilterBlock": "filter", "Assign": "set", "AssignBlock": "set"}


class _Scan:
    """Walks the tree. What a loop names is known within it: one of `each`, or anything."""

    def __init__(self) -> None:
        self._found: list[Use] = []

    def of(self, tree: Any) -> list[Use]:
        self._node(tree, {})
        return self._found

    def _node(self, node: Any, local: Mapping[str, str]) -> None:
        kind = type(node).__name__
        if kind not in _ALLOWED:
            raise _refused(kind, node.lineno)
        if kind in ("Name", "Getattr", "Getitem"):
            self._chain(node, local)
        elif kind == "For":
            self._loop(node, local)
        else:
            _known_word(node, kind)
            for child in node.iter_child_nodes():
                self._node(child, local)

    def _loop(self, node: Any, local: Mapping[str, str]) -> None:
        if node.recursive or type(node.target).__name__ != "Name":
            raise TemplateInvalid("a loop has one name, and is not recursive", node.lineno)
        self._node(node.iter, local)
        over = _chain(node.iter)
        one = "result" if over and over[0] in ("tasks", "join") and over[-1] in ("each", "missing") else "any"
        if node.target.name in ("tasks", "item", "index", "join", "loop") or node.target.name.startswith("_"):
            raise TemplateInvalid(f"'{node.target.name}' cannot be what a loop names", node.lineno, node.target.name)
        inner = {**local, node.target.name: one, "loop": "any"}
        for child in [*node.body, *([node.test] if node.test else [])]:
            self._node(child, inner)
        for child in node.else_:
            self._node(child, local)

    def _chain(self, node: Any, local: Mapping[str, str]) -> None:
        words = _chain(node)
        if words is None:
            # An expression in brackets, or an index that is one: both are read for themselves.
            for child in node.iter_child_nodes():
                self._node(child, local)
            return
        name, rest = words[0], words[1:]
        if any(str(word).startswith("_") for word in words):
            raise TemplateInvalid(
                f"a template knows no '{'.'.join(map(str, words))[:60]}'", node.lineno, str(words[-1])
            )
        if name in local:
            self._result(local[name], rest, node.lineno)
            return
        used = {"tasks": _task, "item": _item, "index": _index, "join": _join}.get(str(name))
        if used is None:
            known = ["tasks", "item", "index", "join", *local]
            meant = names.did_you_mean(names.nearest(str(name), known), "; {% raw %} keeps braces as they are")
            raise TemplateInvalid(f"a template knows no '{str(name)[:40]}'{meant}", node.lineno, str(name))
        self._found.append(used(rest, node.lineno))

    def _result(self, kind: str, rest: Sequence[Any], line: int) -> None:
        if kind == "result" and rest and rest[0] not in (*FIELDS, *EACH):
            raise _no_field(rest[0], (*FIELDS, *EACH), line)


def _chain(node: Any) -> list[Any] | None:
    """`tasks.a["b"]` as its words; None where it is more than that."""
    from jinja2 import nodes

    words: list[Any] = []
    while not isinstance(node, nodes.Name):
        if isinstance(node, nodes.Getattr):
            words.append(node.attr)
        elif isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const):
            words.append(node.arg.value)
        else:
            return None
        node = node.node
    return [node.name, *reversed(words)]


def _task(rest: Sequence[Any], line: int) -> Use:
    if not rest or not isinstance(rest[0], str):
        raise TemplateInvalid("'tasks' needs an id and a field, as in tasks.ID.answer", line, "tasks")
    if len(rest) == 1:
        raise TemplateInvalid(f"say what of it: tasks.{rest[0][:40]}.answer", line, rest[0])
    if rest[1] not in (*FIELDS, *REPEATED):
        raise _no_field(rest[1], (*FIELDS, *REPEATED), line)
    return Use("tasks", rest[0], str(rest[1]), line, rest[0])


def _item(rest: Sequence[Any], line: int) -> Use:
    field = str(rest[0]) if rest else ""
    return Use("item", "", field, line, field or "item")


def _index(rest: Sequence[Any], line: int) -> Use:
    if rest:
        raise TemplateInvalid("'index' is a number and has no fields", line, "index")
    return Use("index", "", "", line, "index")


def _join(rest: Sequence[Any], line: int) -> Use:
    if not rest:
        raise TemplateInvalid("say what of it: join.answers, join.each or join.missing", line, "join")
    if rest[0] not in JOINED:
        raise _no_field(rest[0], JOINED, line)
    return Use("join", "", str(rest[0]), line, "join")


def _no_field(field: Any, known: Sequence[str], line: int) -> TemplateInvalid:
    meant = names.did_you_mean(names.nearest(str(field), known), f": {', '.join(known)}")
    return TemplateInvalid(f"there is no field '{str(field)[:40]}'{meant}", line, str(field))


def _known_word(node: Any, kind: str) -> None:
    among: Any = {"Filter": FILTERS, "Test": TESTS}.get(kind)
    if among is not None and node.name not in among:
        meant = names.did_you_mean(names.nearest(node.name, among), f": {', '.join(among)}")
        raise TemplateInvalid(f"there is no {kind.lower()} '{node.name[:40]}'{meant}", node.lineno, node.name)


def _refused(kind: str, line: int) -> TemplateInvalid:
    from jinja2 import nodes

    made = getattr(nodes, kind)
    if issubclass(made, nodes.Stmt):
        tag = _TAGS.get(kind, re.sub(r"(?<!^)(?=[A-Z])", " ", kind).lower())
        return TemplateInvalid(f"'{{% {tag} %}}' is not read in a template: only if and for are", line, tag)
    what = "a call" if kind == "Call" else "arithmetic" if issubclass(made, nodes.BinExpr | nodes.UnaryExpr) else kind
    return TemplateInvalid(f"{what} is not read in a template: only fields, comparisons and filters are", line)
