"""Pull requests as `gh` tells of them: its JSON, and GitHub's."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from tmuxagents import clock
from tmuxagents.errors import GhFailed
from tmuxagents.model.pull import Check, Remark, Seen, Stage, Verdict
from tmuxagents.value import Value

Ask = Callable[..., str]
"""Runs `gh` with these words."""

_URL = re.compile(r"(https?)://([^/\s]+)/([\w.-]+)/([\w.-]+)/pull/(\d+)")
_VIEW = "state,headRefOid,statusCheckRollup,comments,reviews"
_LIST = "number,url,isCrossRepository,headRepositoryOwner,baseRefName"

_FAILED = frozenset(("FAILURE", "ERROR", "TIMED_OUT", "STARTUP_FAILURE"))
_STOPPED = frozenset(("CANCELLED", "ACTION_REQUIRED", "STALE"))
_PASSED = frozenset(("SUCCESS", "NEUTRAL", "SKIPPED"))
_DENIED = re.compile(r"\bHTTP (403|404)\b")


class Address(Value):
    """Where a pull request is."""

    url: str
    repo: str
    number: int


def address(text: str) -> Address | None:
    """The last address of a pull request in a text; None where there is none."""
    found = list(_URL.finditer(text))
    if not found:
        return None
    _, host, owner, name, number = found[-1].groups()
    return Address(found[-1].group(0), f"{host}/{owner}/{name}", int(number))


def repository(ask: Ask) -> str:
    """The repository that pull requests of this folder go to, as `gh` has it."""
    return str(_object(ask("repo", "view", "--json=url")).get("url", "")).partition("://")[2].rstrip("/")


def of_branch(ask: Ask, repo: str, branch: str, owner: str | None) -> Address | None:
    """The open pull request of a branch; `owner` says whose, where that is another repository's than `repo`."""
    raw = ask("pr", "list", f"--repo={repo}", f"--head={branch}", "--state=open", "--limit=100", f"--json={_LIST}")
    for one in _rows(raw):
        whose = (one.get("headRepositoryOwner") or {}).get("login")
        if one.get("isCrossRepository") is (owner is not None) and (owner is None or whose == owner):
            return address(str(one.get("url")))
    return None


def create(ask: Ask, repo: str, head: str, *, base: str | None, title: str, body: str, draft: bool) -> Address:
    """Open one."""
    said = ask("pr", "create", *create_words(repo, head, base=base, title=title, body=body, draft=draft))
    found = address(said)
    if found is None:
        raise GhFailed("gh pr create gave no address", hint="gh pr list", code=0)
    return found


def create_words(repo: str | None, head: str, *, base: str | None, title: str, body: str, draft: bool) -> list[str]:
    """What is typed behind `gh pr create`."""
    where = [f"--repo={repo}"] if repo else []
    into = [f"--base={base}"] if base else []
    return [*where, f"--head={head}", *into, f"--title={title}", f"--body={body}", *(["--draft"] if draft else [])]


def me(ask: Ask, host: str) -> str:
    """The account that it is logged in with."""
    return str(_object(ask("api", f"--hostname={host}", "user")).get("login", ""))


def see(ask: Ask, repo: str, number: int) -> Seen:
    """Everything that is known of it now. `GhFailed` also where the answer has another shape."""
    try:
        return _seen(ask, repo, number)
    except (AttributeError, TypeError) as error:
        raise GhFailed("gh answered with JSON of another shape", hint="gh --version", code=0) from error


def _seen(ask: Ask, repo: str, number: int) -> Seen:
    said = _object(ask("pr", "view", str(number), f"--repo={repo}", f"--json={_VIEW}"))
    host, _, name = repo.partition("/")
    lines = ask("api", f"--hostname={host}", "--paginate", f"repos/{name}/pulls/{number}/comments?per_page=100")
    comments = (_comment(one) for one in said.get("comments") or [] if not one.get("isMinimized"))
    reviews = (_review(one) for one in said.get("reviews") or [] if one.get("state") != "PENDING")
    remarks = [*comments, *reviews, *(_on_line(one) for one in _rows(lines))]
    stage: Stage = {"MERGED": "merged", "CLOSED": "closed"}.get(str(said.get("state")), "open")  # type: ignore[assignment]
    return Seen(
        stage,
        str(said.get("headRefOid", "")),
        _checks(said.get("statusCheckRollup") or []),
        [one for one in remarks if one.text.strip()],
    )


def permission(ask: Ask, repo: str, login: str) -> str | None:
    """What that person may do there: admin, write, read or none; None where it is not told to us."""
    host, _, name = repo.partition("/")
    if not re.fullmatch(r"[A-Za-z0-9_-]+", login):
        # `dependabot[bot]`: a program.
        return "none"
    try:
        said = _object(ask("api", f"--hostname={host}", f"repos/{name}/collaborators/{login}/permission"))
    except GhFailed as error:
        denied = _DENIED.search(error.message)
        # A limit on how much is asked is a 403 too, and says nothing of anybody.
        if denied is None or "rate limit" in error.message.lower():
            raise
        # 404: nobody of that name is there. 403: only who may push may ask.
        return "none" if denied[1] == "404" else None
    return str(said.get("permission", "none"))


def _checks(raw: Sequence[Mapping[str, Any]]) -> list[Check]:
    """The last run of each."""
    found: dict[str, tuple[str, Check]] = {}
    for one in raw:
        check, started = _check(one), str(one.get("startedAt") or "")
        if check.name not in found or started >= found[check.name][0]:
            found[check.name] = (started, check)
    return [check for _, check in found.values()]


def _check(raw: Mapping[str, Any]) -> Check:
    workflow, name = raw.get("workflowName"), str(raw.get("name") or raw.get("context") or "?")
    # A check run has a conclusion when it is completed, a commit's status a state.
    word = str((raw.get("conclusion") if "status" in raw else raw.get("state")) or "")
    return Check(
        f"{workflow} / {name}" if workflow else name,
        _verdict(word),
        word.lower().replace("_", " "),
        str(raw.get("detailsUrl") or raw.get("targetUrl") or ""),
        _moment(raw.get("completedAt")),
    )


def _verdict(word: str) -> Verdict:
    if word in _FAILED:
        return "fail"
    return "pass" if word in _PASSED else "stopped" if word in _STOPPED else "pending"


def _comment(raw: Mapping[str, Any]) -> Remark:
    return _remark(raw, "wrote", _moment(raw.get("createdAt")))


def _review(raw: Mapping[str, Any]) -> Remark:
    state = str(raw.get("state") or "").lower().replace("_", " ")
    return _remark(raw, f"reviewed ({state})" if state else "reviewed", _moment(raw.get("submittedAt")))


def _remark(raw: Mapping[str, Any], place: str, at_ns: int | None) -> Remark:
    author = (raw.get("author") or {}).get("login") or "ghost"
    text, association = str(raw.get("body") or ""), str(raw.get("authorAssociation") or "")
    return Remark(f"remark:{raw.get('id')}", author, association, text, place, at_ns or 0, str(raw.get("url") or ""))


def _on_line(raw: Mapping[str, Any]) -> Remark:
    line = raw.get("line") or raw.get("original_line")
    place = f"wrote on {raw.get('path')}" + (f" line {line}" if line else "")
    return Remark(
        f"remark:{raw.get('node_id') or raw.get('id')}",
        (raw.get("user") or {}).get("login") or "ghost",
        str(raw.get("author_association") or ""),
        str(raw.get("body") or ""),
        place,
        _moment(raw.get("created_at")) or 0,
        str(raw.get("html_url") or ""),
    )


def _moment(raw: object) -> int | None:
    """`gh` prints the year 1 for what has not happened."""
    try:
        at_ns = clock.moment(str(raw))
    except ValueError:
        return None
    return at_ns if at_ns > 0 else None


def _object(raw: str) -> dict[str, Any]:
    found = next(_values(raw), None)
    if not isinstance(found, dict):
        raise GhFailed("gh answered with no JSON object", hint="gh --version", code=0)
    return found


def _rows(raw: str) -> list[dict[str, Any]]:
    return [one for value in _values(raw) if isinstance(value, list) for one in value if isinstance(one, dict)]


def _values(raw: str) -> Iterator[Any]:
    """Of several pages older versions print one array behind the other."""
    decoder, at = json.JSONDecoder(), 0
    while at < len(raw := raw.rstrip()):
        at += len(raw[at:]) - len(raw[at:].lstrip())
        try:
            value, at = decoder.raw_decode(raw, at)
        except ValueError as error:
            raise GhFailed("gh answered with something that is no JSON", hint="gh --version", code=0) from error
        yield value
