"""`config`: what is set and by whom, and changing it."""

from __future__ import annotations

import json
import os
import shlex
import stat
import sys
import tomllib
from pathlib import Path

import pytest

from tests.cli.test_completion import complete
from tests.support.fleet import Fleet
from tests.support.repository import repository
from tmuxagents import config as configuration
from tmuxagents.settings import keys
from tmuxagents.settings.spawn import SETTINGS

MINE = """\
# my settings
kind = "demo"  # no account

timeout = "2h"
# called
[notices]
on = ["lost"]
webhook = "https://example.org/s3cret"

[env]
TOKEN = "s3cret"

[profile.review]
model = "sonnet"
"""


def file(fleet: Fleet) -> Path:
    return fleet.home / "config.toml"


def settings(fleet: Fleet, *args: str, **env: str) -> dict[tuple[str, bool], dict[str, object]]:
    rows = fleet.ok("config", *args, "--json", **env).json["settings"]
    return {(row["key"], row["applied"]): row for row in rows}


@pytest.fixture
def mine(fleet: Fleet) -> Fleet:
    """A fleet whose user has settings."""
    file(fleet).write_text(MINE)
    return fleet


# Listing


def test_every_setting_is_listed_with_its_default(fleet: Fleet) -> None:
    rows = settings(fleet)

    assert {key for key, _ in rows} == {"state_dir", "config", *keys.known()}
    assert all(row["source"] == "default" for (key, _), row in rows.items() if key not in ("state_dir", "config"))
    assert [rows[key, True]["source"] for key in ("state_dir", "config")] == ["environment", "environment"]
    assert set(SETTINGS) - {"env"} <= set(keys.known())


def test_each_value_says_where_it_comes_from(mine: Fleet) -> None:
    repository(mine.work, 'timeout = "1h"\nmodel = "theirs"\n\n[profile.p]\ntrust = true\n')

    rows = settings(mine)

    users, theirs = str(file(mine)), str(mine.work / ".tmuxagents.toml")
    found = {key: (row["value"], row["source"], row["file"], row["line"]) for key, row in rows.items()}
    assert found["kind", True] == ("demo", "user", users, 2)
    assert found["timeout", True] == (3600.0, "repository", theirs, 1)
    assert found["model", True] == ("", "default", None, None)
    assert found["model", False] == ("theirs", "repository", theirs, 2)
    assert found["notices.on", True] == (["lost"], "user", users, 7)
    assert found["profile.review.model", True] == ("sonnet", "user", users, 14)
    assert found["profile.p.trust", False] == (True, "repository", theirs, 5)


def test_the_list_is_read_by_a_person(mine: Fleet) -> None:
    out = mine.ok("config").out

    lines = {line.split()[0]: line.split(maxsplit=2)[1:] for line in out.splitlines()}
    assert lines["kind"] == ['"demo"', "~/config.toml line 2"]
    assert lines["confirm_s"] == ["10", "default"]
    assert lines["config"][1] == "$TMUXAGENTS_CONFIG"


def test_what_waits_for_consent_is_told_with_what_to_type(fleet: Fleet) -> None:
    repository(fleet.work, 'model = "theirs"\n')

    ran = fleet.ok("config")

    assert "line 1, not applied" in ran.out
    assert ran.err.splitlines()[1] == "hint: tmuxagents trust"


def test_no_secret_is_listed_and_one_is_shown_to_who_asks_for_it(mine: Fleet) -> None:
    assert "s3cret" not in mine.ok("config").out
    assert "s3cret" not in mine.ok("config", "--json").out

    assert mine.ok("config", "get", "env.TOKEN").out == "s3cret\n"
    assert mine.ok("config", "get", "notices.webhook", "--json").json["value"] == "https://example.org/s3cret"


def test_dashes_in_front_of_the_values_are_no_value(mine: Fleet) -> None:
    mine.ok("config", "set", "args", "--", "--verbose", "--", "-x")

    assert mine.ok("config", "get", "args").out == "--verbose\n--\n-x\n"
    mine.ok("config", "set", "args", "--")
    assert mine.ok("config", "get", "args").out == ""


@pytest.mark.parametrize(
    ("key", "out"),
    [
        ("kind", "demo\n"),
        ("timeout", "2h\n"),
        ("trust", "false\n"),
        ("notices.on", "lost\n"),
        ("paste_limit", "60000\n"),
    ],
)
def test_get_prints_the_bare_value(mine: Fleet, key: str, out: str) -> None:
    assert mine.ok("config", "get", key).out == out


@pytest.mark.parametrize(
    ("key", "code", "message", "hint"),
    [
        ("modle", 2, "there is no setting 'modle'; did you mean 'model'?", "tmuxagents config"),
        ("notices.onn", 2, "there is no setting 'notices.onn'; did you mean 'notices.on'?", "tmuxagents config"),
        (
            "profile.review.modle",
            2,
            "there is no setting 'profile.review.modle'; did you mean 'profile.review.model'?",
            "tmuxagents config",
        ),
        ("env.NONE", 1, "'env.NONE' is not set", "tmuxagents config"),
        ("profile.none.model", 1, "'profile.none.model' is not set", "tmuxagents config"),
    ],
)
def test_what_is_not_there_is_one_line_and_a_hint(mine: Fleet, key: str, code: int, message: str, hint: str) -> None:
    ran = mine("config", "get", key)

    assert (ran.code, ran.out, ran.err) == (code, "", f"tmuxagents: {message}\nhint: {hint}\n")


# Setting


@pytest.mark.parametrize(
    ("words", "before", "after"),
    [
        (["kind", "command"], 'kind = "demo"  # no account', 'kind = "command"  # no account'),
        (["timeout", "90"], 'timeout = "2h"', 'timeout = "90"'),
        (["notices.on", "needs", "failed"], 'on = ["lost"]', 'on = ["needs", "failed"]'),
        (["env.TOKEN", "-x y"], 'TOKEN = "s3cret"', 'TOKEN = "-x y"'),
        (["trust", "true"], 'timeout = "2h"\n', 'timeout = "2h"\ntrust = true\n'),
        (["confirm_s", "2.5"], 'timeout = "2h"\n', 'timeout = "2h"\nconfirm_s = 2.5\n'),
        (["clipboard", "true"], 'timeout = "2h"\n', 'timeout = "2h"\nclipboard = true\n'),
        (["args", "--add-dir", "a b"], 'timeout = "2h"\n', 'timeout = "2h"\nargs = ["--add-dir", "a b"]\n'),
        (["profile.review.trust", "true"], 'model = "sonnet"\n', 'model = "sonnet"\ntrust = true\n'),
        (["profile.new.kind", "demo"], 'model = "sonnet"\n', 'model = "sonnet"\n\n[profile.new]\nkind = "demo"\n'),
    ],
)
def test_set_changes_that_line_and_no_other_byte(mine: Fleet, words: list[str], before: str, after: str) -> None:
    ran = mine.ok("config", "set", *words)

    assert (ran.out, ran.err) == ("", "")
    assert file(mine).read_text() == MINE.replace(before, after)


def test_set_makes_the_file_and_its_folder(fleet: Fleet) -> None:
    made = fleet.home / "new" / "folder" / "config.toml"

    fleet.ok("config", "set", "model", "opus", TMUXAGENTS_CONFIG=str(made))

    assert made.read_text() == 'model = "opus"\n'
    assert stat.S_IMODE(made.stat().st_mode) == 0o600


def test_set_keeps_the_mode_and_the_link_of_the_file(mine: Fleet) -> None:
    real = mine.home / "dotfiles.toml"
    file(mine).rename(real)
    real.chmod(0o644)
    file(mine).symlink_to(real)

    mine.ok("config", "set", "kind", "command")

    assert file(mine).is_symlink()
    assert 'kind = "command"' in real.read_text()
    assert stat.S_IMODE(real.stat().st_mode) == 0o644
    assert sorted(os.listdir(mine.home)) == ["config.toml", "dotfiles.toml"]


@pytest.mark.parametrize(
    "words",
    [
        ["modle", "x"],
        ["state_dir", "/tmp"],
        ["notices", "x"],
        ["profile.review", "x"],
        ["profile.a b.model", "x"],
        ["env.A-B", "x"],
        ["", "x"],
        ["kind", "cluade"],
        ["kind", ""],
        ["kind", "demo", "claude"],
        ["kind"],
        ["timeout", "soon"],
        ["timeout", "-1"],
        ["trust", "yes"],
        ["labels", "a b"],
        ["naming", "x"],
        ["clipboard", "1"],
        ["paste_limit", "many"],
        ["paste_limit", "1.5"],
        ["paste_limit", "-1"],
        ["confirm_s", "nan"],
        ["notices.on", "neds"],
        ["notices.escalate", "ntfy"],
        ["notices.webhook", "ftp://x"],
    ],
    ids=" ".join,
)
def test_a_bad_value_is_one_line_and_a_hint_and_nothing_is_written(mine: Fleet, words: list[str]) -> None:
    ran = mine("config", "set", *words)

    assert (ran.code, ran.out) == (2, "")
    assert [line.partition(": ")[0] for line in ran.err.splitlines()] == ["tmuxagents", "hint"]
    assert file(mine).read_text() == MINE


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["naming", "slug"], "tmuxagents config set naming agent"),
        (["notices.after", "10m"], "tmuxagents config set notices.escalate desktop"),
        (["clipboard", "1"], "tmuxagents config set clipboard true"),
        (["paste_limit", "many"], "tmuxagents config set paste_limit 60000"),
        (["raw_limit_mb", "0"], "tmuxagents config set raw_limit_mb 64"),
        (["profile.review.timeout", "soon"], "tmuxagents config set profile.review.timeout 2h"),
        (["notices.ntfy", "x"], "tmuxagents config set notices.ntfy 'https://ntfy.sh/my-topic'"),
    ],
)
def test_the_hint_of_a_bad_value_is_the_command_that_sets_a_good_one(fleet: Fleet, words: list[str], hint: str) -> None:
    ran = fleet("config", "set", *words)

    assert ran.err.splitlines()[1] == f"hint: {hint}"
    fleet.ok(*shlex.split(hint)[1:])


@pytest.mark.parametrize("text", ["kind = \n", "bogus = 1\n", '[notices]\non = ["x"]\n'])
def test_a_file_that_is_wrong_already_is_told_by_its_line_and_not_changed(fleet: Fleet, text: str) -> None:
    file(fleet).write_text(text)

    ran = fleet("config", "set", "model", "x")

    assert ran.code == 1
    assert str(file(fleet)) in ran.err
    assert "line" in ran.err
    assert file(fleet).read_text() == text


@pytest.mark.parametrize("place", ["/dev/null", "."])
def test_what_is_no_file_is_not_replaced(fleet: Fleet, place: str) -> None:
    ran = fleet("config", "set", "model", "x", TMUXAGENTS_CONFIG=place)

    assert (ran.code, len(ran.err.splitlines())) == (1, 2)
    assert not Path("/dev/null").is_file()


def test_of_many_who_set_at_once_none_is_lost(mine: Fleet) -> None:
    started = [mine.start("config", "set", f"env.N{n}", str(n)) for n in range(6)]

    assert [process.wait() for process in started] == [0] * 6
    for process in started:
        process.communicate()
    assert set(tomllib.loads(file(mine).read_text())["env"]) == {"TOKEN", *(f"N{n}" for n in range(6))}


# Editing


def editor(fleet: Fleet, script: str) -> str:
    """A program that changes the file it is given as `text`."""
    code = f"import sys; p = sys.argv[1]; text = open(p).read(); {script}"
    program = fleet.root / "editor.py"
    program.write_text(code)
    return f"{shlex.quote(sys.executable)} {shlex.quote(str(program))}"


def test_a_configuration_that_is_named_and_not_there_is_said_to_be_none(mine: Fleet) -> None:
    told = mine.ok("config", TMUXAGENTS_CONFIG="/nosuch.toml").err

    assert told == "tmuxagents: $TMUXAGENTS_CONFIG is no file yet: '/nosuch.toml'\n"
    assert mine.ok("config").err == ""


def test_what_is_edited_is_checked_and_the_error_names_the_line(mine: Fleet) -> None:
    wrong = editor(mine, "open(p, 'w').write(text.replace('timeout =', 'timeuot ='))")

    ran = mine("config", "edit", VISUAL=wrong)

    assert (ran.code, ran.out) == (1, "")
    assert ran.err == (
        f"tmuxagents: '{file(mine)}' line 4: there is no setting 'timeuot'; did you mean 'timeout'?\n"
        "hint: tmuxagents config edit\n"
    )


def test_a_kind_that_is_not_there_is_found_after_editing(mine: Fleet) -> None:
    ran = mine("config", "edit", EDITOR=editor(mine, "open(p, 'w').write(text.replace('demo', 'dmo'))"))

    assert ran.code == 1
    assert "line 2: there is no kind 'dmo'" in ran.err


def test_editing_mends_a_file_that_is_wrong(fleet: Fleet) -> None:
    file(fleet).write_text("bogus = 1\n")

    fleet.ok("config", "edit", EDITOR=editor(fleet, "open(p, 'w').write('model = \"x\"')"))

    assert fleet.ok("config", "get", "model").out == "x\n"


def test_a_new_file_begins_with_every_setting_and_is_left_only_where_it_was_changed(fleet: Fleet) -> None:
    seen = fleet.root / "seen"

    ran = fleet.ok("config", "edit", EDITOR=editor(fleet, f"open({str(seen)!r}, 'w').write(text)"))
    assert ran.err == "tmuxagents: nothing was set\n"
    assert not file(fleet).exists()

    fleet.ok("config", "edit", EDITOR=editor(fleet, "open(p, 'a').write('kind = \"demo\"\\n')"))
    assert file(fleet).read_text() == seen.read_text() + 'kind = "demo"\n'


def test_the_template_is_right_with_every_sign_taken_away() -> None:
    text = "\n".join(
        line.removeprefix("# ") for line in keys.template().splitlines() if "=" in line or line.startswith("# [")
    )

    configuration.parse(text, "template")
    assert set(keys.plain()) | {key.partition(".")[0] for key in SETTINGS} <= set(tomllib.loads(text))


def test_an_editor_that_fails_is_told(mine: Fleet) -> None:
    ran = mine("config", "edit", EDITOR="false")

    assert ran.code == 1
    assert "the editor ended with 1" in ran.err


# Completion


def test_keys_and_their_values_complete(mine: Fleet) -> None:
    assert complete(mine, "config", "set", "tim") == ["timeout"]
    assert complete(mine, "config", "get", "env.") == ["env.TOKEN"]
    assert complete(mine, "config", "set", "profile.review.mo") == ["profile.review.model"]
    assert complete(mine, "config", "set", "kind", "d") == ["demo"]
    assert complete(mine, "config", "set", "profile.review.trust", "t") == ["true"]
    assert complete(mine, "config", "set", "notices.on", "f") == ["failed", "finished"]
    assert complete(mine, "spawn", "--profile", "r") == ["review"]


def test_names_of_settings_in_json_are_stable(mine: Fleet) -> None:
    row = mine.ok("config", "--json").json["settings"][0]

    assert set(row) == {"key", "value", "hidden", "source", "file", "line", "applied"}
    assert json.dumps(row)
