"""A stand-in for `gh`: the commands that we give it, with the flags, JSON and errors of the real one.

gh 2.23, which Debian has, was asked by each of these command lines with a scripted API behind it, and was understood as
this one is. It answers from a file (its first argument), as GitHub would, and looks into the bare repository for what
was pushed.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NoReturn

VIEW = {"number", "url", "state", "headRefOid", "statusCheckRollup", "comments", "reviews", "isDraft", "title"}
REFUSALS = {
    403: "Must have push access to view collaborator permission. (HTTP 403)",
    404: "Not Found (HTTP 404)",
    429: "API rate limit exceeded for user ID 1. (HTTP 403)",
}
LIST = {"number", "url", "state", "isCrossRepository", "headRepositoryOwner", "baseRefName", "headRefName"}


def fail(words: str, code: int = 1) -> NoReturn:
    """As it does: on standard error."""
    print(words, file=sys.stderr)
    sys.exit(code)


class Flags(argparse.ArgumentParser):
    """Those of one command; an unknown one is an error, as with gh."""

    def error(self, message: str) -> NoReturn:
        """`unknown flag: --nope`"""
        fail(f"unknown flag: {message}")


def flags(argv: list[str], *names: str, words: int = 0, switches: tuple[str, ...] = ()) -> argparse.Namespace:
    """What was given of a command that takes these."""
    parser = Flags(allow_abbrev=False)
    for name in names:
        parser.add_argument(f"--{name}")
    for name in switches:
        parser.add_argument(f"--{name}", action="store_true")
    for number in range(words):
        parser.add_argument(f"word{number}")
    return parser.parse_args(argv)


def chosen(one: dict[str, Any], fields: str, known: set[str]) -> dict[str, Any]:
    """`--json`: an unknown field is an error."""
    wanted = fields.split(",")
    for field in wanted:
        if field not in known:
            fail(f'Unknown JSON field: "{field}"')
    return {field: one[field] for field in wanted}


def of_bare(hub: dict[str, Any], branch: str) -> str:
    """The commit of a branch there; empty where it is not."""
    argv = ["git", "-C", hub["bare"], "rev-parse", "--verify", "--quiet", f"refs/heads/{branch}"]
    return subprocess.run(argv, capture_output=True, text=True, check=False).stdout.strip()


def create(hub: dict[str, Any], argv: list[str]) -> None:
    """`gh pr create`"""
    given = flags(argv, "repo", "head", "base", "title", "body", switches=("draft",))
    if given.title is None or given.body is None:
        fail("must provide `--title` and `--body` (or `--fill`) when not running interactively")
    owner, _, branch = given.head.rpartition(":")
    base = given.base or hub["default"]
    for one in hub["prs"].values():
        if one["headRefName"] == branch and one["state"] == "OPEN":
            fail(f'a pull request for branch "{branch}" into branch "{base}" already exists:\n{one["url"]}')
    head = of_bare(hub, branch)
    if not owner and not head:
        fail("pull request create failed: GraphQL: Head ref must be a branch (createPullRequest)")
    if not of_bare(hub, base):
        fail("pull request create failed: GraphQL: Base ref must be a branch (createPullRequest)")
    number = max((int(key) for key in hub["prs"]), default=11) + 1
    hub["prs"][number] = {
        "number": number,
        "url": f"{hub['url']}/pull/{number}",
        "state": "OPEN",
        "isDraft": given.draft,
        "title": given.title,
        "body": given.body,
        "headRefName": branch,
        "baseRefName": base,
        "headRefOid": head,
        "isCrossRepository": bool(owner),
        "headRepositoryOwner": {"login": owner or hub["url"].split("/")[3]},
        "statusCheckRollup": [],
        "comments": [],
        "reviews": [],
        "lines": [],
    }
    print(f"\nCreating pull request for {given.head} into {base} in o/n\n", file=sys.stderr)
    print(hub["prs"][number]["url"])


def api(hub: dict[str, Any], argv: list[str]) -> None:
    """`gh api`"""
    given = flags(argv, "hostname", words=1, switches=("paginate",))
    parts = given.word0.partition("?")[0].split("/")
    if parts == ["user"]:
        print(json.dumps({"login": hub["login"], "type": "User"}))
    elif parts[3] == "pulls" and parts[5] == "comments":
        rows = hub["prs"][parts[4]]["lines"]
        # Page by page, an array each.
        print("".join(json.dumps([row]) for row in rows) or "[]")
    elif parts[3] == "collaborators" and parts[5] == "permission":
        said = hub["permissions"].get(parts[4], 404)
        if isinstance(said, int):
            print(json.dumps({"message": "no"}))
            fail(f"gh: {REFUSALS[said]}")
        print(json.dumps({"permission": said, "role_name": said, "user": {"login": parts[4]}}))
    else:
        fail("gh: Not Found (HTTP 404)")


def main(path: Path, argv: list[str]) -> None:
    """One command."""
    with path.with_suffix(".calls").open("a") as file:
        file.write(json.dumps({"argv": argv, "cwd": os.getcwd(), "env": dict(os.environ)}) + "\n")
    hub = json.loads(path.read_text())
    if hub["hangs"] and argv[:2] == ["pr", "view"]:
        subprocess.Popen(["sh", "-c", "sleep 1000; :", str(path)])
        time.sleep(1000)
    if hub["token_only"] and not os.environ.get("GH_TOKEN"):
        fail("To get started with GitHub CLI, please run:  gh auth login", 4)
    if hub["fails"]:
        fail(hub["fails"])
    match argv[:2]:
        case ["repo", "view"]:
            if not subprocess.run(["git", "remote"], capture_output=True, check=False).stdout:
                fail("no git remotes found")
            print(json.dumps(chosen({"url": hub["url"]}, flags(argv[2:], "json").json, {"url"})))
        case ["pr", "list"]:
            given = flags(argv[2:], "repo", "head", "state", "limit", "json")
            found = [one for one in hub["prs"].values() if one["headRefName"] == given.head]
            print(json.dumps([chosen(one, given.json, LIST) for one in found if one["state"] == "OPEN"]))
        case ["pr", "view"]:
            given = flags(argv[2:], "repo", "json", words=1)
            if given.word0 not in hub["prs"]:
                fail("GraphQL: Could not resolve to a PullRequest with the number of 1. (repository.pullRequest)")
            print(json.dumps(chosen(hub["prs"][given.word0], given.json, VIEW)))
        case ["pr", "create"]:
            create(hub, argv[2:])
            path.write_text(json.dumps(hub))
        case ["api", _]:
            api(hub, argv[1:])
        case _:
            fail(f'unknown command "{argv[0]}" for "gh"')


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
