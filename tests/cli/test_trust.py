"""`trust`: what is shown, asked and recorded."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import pty
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.fleet import Fleet, Ran, eventually
from tests.support.repository import repository

TEXT = '# ours\ntimeout = "1h"\nmodel = "m"  # fast\n\n[profile.p]\nargs = ["--x", "a b"]\n'


def at_a_terminal(fleet: Fleet, typed: str, *args: str, meanwhile: Callable[[], object] = lambda: None) -> Ran:
    """Run a command for a person who answers its question."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        fleet.argv(*args), env=fleet.env, cwd=fleet.work, stdin=theirs, stdout=subprocess.PIPE, stderr=theirs
    )
    os.close(theirs)
    drawn = bytearray()

    def asked() -> bool:
        with contextlib.suppress(OSError):
            drawn.extend(os.read(ours, 65536))
        return b"[y/N]" in drawn

    try:
        eventually(asked)
        meanwhile()
        os.write(ours, typed.encode())
        out, _ = process.communicate(timeout=100)
    finally:
        os.close(ours)
    return Ran(process.returncode, out.decode(), drawn.decode())


@pytest.fixture
def asking(fleet: Fleet) -> Fleet:
    """A fleet whose folder is a repository that wants something."""
    repository(fleet.work, TEXT)
    return fleet


def digest(text: str = TEXT) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def test_a_yes_at_a_terminal_consents_to_what_was_shown(asking: Fleet) -> None:
    ran = at_a_terminal(asking, "y\n", "trust")

    assert (ran.code, ran.out) == (0, f"Consented: {asking.work}/.tmuxagents.toml\n")
    shown = ran.err.replace("\r\n", "\n")
    assert '    model = "m"  # fast\n' in shown
    assert 'line 3: model = "m"\n' in shown
    assert 'line 6: profile.p.args = ["--x", "a b"]\n' in shown
    assert "line 2" not in shown
    assert digest() in shown
    listed = asking.ok("trust", "--list", "--json").json["consents"]
    assert [(one["digest"], one["state"]) for one in listed] == [(digest(), "current")]


def test_a_file_that_changes_while_it_is_asked_about_is_not_what_was_consented_to(asking: Fleet) -> None:
    file = asking.work / ".tmuxagents.toml"

    ran = at_a_terminal(asking, "y\n", "trust", meanwhile=lambda: file.write_text('model = "swapped"\n'))

    assert (ran.code, ran.out) == (0, f"Consented to the text that was shown: {file}\n")
    [listed] = asking.ok("trust", "--list", "--json").json["consents"]
    assert (listed["digest"], listed["state"]) == (digest(), "changed")


@pytest.mark.parametrize("typed", ["n\n", "\n"])
def test_anything_but_a_yes_records_nothing(asking: Fleet, typed: str) -> None:
    ran = at_a_terminal(asking, typed, "trust")

    assert ran.code == 1
    assert not (asking.state / "consents.json").exists()


def test_without_a_terminal_the_digest_is_the_answer(asking: Fleet) -> None:
    ran = asking("trust", stdin="y\n")

    assert ran.code == 1
    assert ran.err.splitlines()[-1] == f"hint: tmuxagents trust '{asking.work}' --digest {digest()}"
    asking.ok("trust", "--digest", digest())
    assert asking.ok("trust").out == f"Consented already: {asking.work}/.tmuxagents.toml\n"


@pytest.mark.parametrize("given", ["", "abc123", digest()[:40], digest("another")])
def test_another_digest_records_nothing(asking: Fleet, given: str) -> None:
    ran = asking("trust", "--digest", given)

    assert (ran.code, ran.out, len(ran.err.splitlines())) == (1, "", 2)
    assert not (asking.state / "consents.json").exists()


def test_an_agent_that_follows_the_hint_consents_to_nothing(asking: Fleet) -> None:
    ran = asking("trust", "--digest", digest(), TMUXAGENTS_NAME="agent-1")

    assert (ran.code, ran.out) == (1, "")
    assert ran.err.splitlines()[0] == "tmuxagents: consent is a person's to give: this is an agent's shell"
    assert not (asking.state / "consents.json").exists()


def test_an_agent_that_hides_its_name_consents_to_nothing(asking: Fleet) -> None:
    trust = shlex.join(asking.argv("trust", "--digest", digest()))

    asking.ok("spawn", "--kind", "command", "--name", "robot", "--", "sh", "-c", f"unset TMUXAGENTS_NAME; {trust}")

    asking.wait_state("robot", "failed")
    assert "consent is a person's to give: this is an agent's shell" in " ".join(asking.printed("robot"))
    assert not (asking.state / "consents.json").exists()


def test_json_says_what_is_needed_and_records_nothing(asking: Fleet) -> None:
    told = asking.ok("trust", "--json").json

    assert told == {
        "v": 1,
        "file": f"{asking.work}/.tmuxagents.toml",
        "digest": digest(),
        "needs": [
            {"key": "model", "line": 3, "value": '"m"'},
            {"key": "profile.p.args", "line": 6, "value": '["--x", "a b"]'},
        ],
        "consented": False,
    }
    assert asking.ok("trust", "--json", "--digest", digest()).json["consented"] is True


def test_the_list_says_what_became_of_each_text(asking: Fleet) -> None:
    file = asking.work / ".tmuxagents.toml"
    asking.ok("trust", "--digest", digest())

    file.write_text(TEXT + "#\n")
    assert asking.ok("trust", "--list").out.startswith("changed ")
    file.unlink()
    assert asking.ok("trust", "--list").out.startswith("missing ")


def test_a_consent_is_revoked_also_when_its_repository_is_gone(asking: Fleet, tmp_path: Path) -> None:
    other = repository(tmp_path / "other", TEXT)
    for folder in (asking.work, other):
        asking.ok("trust", str(folder), "--digest", digest())

    asking.ok("trust", "--revoke")
    (tmp_path / "other").rename(tmp_path / "moved")
    asking.ok("trust", str(other), "--revoke")

    assert asking.ok("trust", "--list", "--json").json["consents"] == []
    assert asking("trust", "--revoke").code == 1


@pytest.mark.parametrize("args", [["trust"], ["trust", "--revoke"], ["config"]], ids=" ".join)
def test_in_a_folder_that_is_gone_it_is_one_line_and_a_hint(fleet: Fleet, args: list[str]) -> None:
    ran = in_a_folder_that_is_gone(fleet, *args)

    assert (ran.code, ran.out, len(ran.err.splitlines())) == (1, "", 2)


def test_a_spawn_elsewhere_from_a_folder_that_is_gone_names_the_repository(fleet: Fleet) -> None:
    repository(fleet.work, TEXT)

    ran = in_a_folder_that_is_gone(
        fleet, "spawn", "--kind", "demo", "say: x", "-C", str(fleet.work), "--", "--speed", "0"
    )

    assert ran.code == 0
    assert ran.err.splitlines()[-1] == f"hint: tmuxagents trust '{fleet.work}'"


def in_a_folder_that_is_gone(fleet: Fleet, *args: str) -> Ran:
    gone = fleet.root / "gone"
    gone.mkdir()
    argv = ["sh", "-c", 'rmdir "$PWD"; exec "$@"', "sh", *fleet.argv(*args)]
    done = subprocess.run(argv, env=fleet.env, cwd=gone, capture_output=True, text=True, check=False)
    return Ran(done.returncode, done.stdout, done.stderr)


def test_the_file_itself_may_be_named(asking: Fleet) -> None:
    assert asking.ok("trust", ".tmuxagents.toml", "--digest", digest()).out.startswith("Consented: ")


def test_what_needs_no_consent_is_not_asked_for(fleet: Fleet) -> None:
    repository(fleet.work, 'timeout = "1h"\n')

    assert fleet.ok("trust").out == f"Needs no consent: {fleet.work}/.tmuxagents.toml\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [(None, "has no .tmuxagents.toml"), ("modle = 1", "line 1: there is no setting 'modle'"), ("=", "is not TOML")],
)
def test_what_cannot_be_consented_to_is_one_line_and_a_hint(fleet: Fleet, text: str | None, said: str) -> None:
    repository(fleet.work, text)

    ran = fleet("trust")

    assert (ran.code, ran.out, len(ran.err.splitlines())) == (1, "", 2)
    assert said in ran.err
    assert "\nhint: " in ran.err


def test_what_a_hostile_file_holds_does_not_act_on_the_terminal(fleet: Fleet) -> None:
    wanted = json.dumps("a\u202eb" + chr(27) + "[2J")
    text = f"model = {wanted}\nargs = ['\u200b']  # \u2066\n"
    repository(fleet.work, text)

    ran = fleet("trust")

    assert all(c.isprintable() or c == "\n" for c in ran.err)
    assert "\\u200b" in ran.err
