"""The settings of `spawn` in a file, and the user's file that holds them."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tmuxagents import config
from tmuxagents.config import Config
from tmuxagents.errors import ConfigInvalid
from tmuxagents.settings import spawn
from tmuxagents.settings.spawn import SETTINGS, Settings


def parse(text: str) -> Settings:
    return spawn.parse(tomllib.loads(text), text, "c")


def plain(key: str) -> str:
    """`env` for each variable."""
    return key if key in SETTINGS else key.partition(".")[0]


@pytest.mark.parametrize("key", SETTINGS)
def test_the_example_of_every_setting_is_read(key: str) -> None:
    values = parse(SETTINGS[key].example).layer.values

    assert {plain(name) for name in values} == {key}


def test_every_setting_may_stand_in_a_profile() -> None:
    text = "[profile.p]\n" + "\n".join(setting.example for setting in SETTINGS.values())

    assert {plain(key) for key in parse(text).profiles["p"].values} == set(SETTINGS)


def test_a_role_is_a_profile_by_another_word() -> None:
    found = parse("[profile.p]\n[role.r]\ninstructions = 'Be brief.'")

    assert set(found.profiles) == {"p", "r"}
    assert (found.table("p"), found.table("r")) == ("profile.p", "role.r")
    assert found.profiles["r"].line("instructions") == 3


def test_variables_are_settings_of_their_own_with_their_lines() -> None:
    layer = parse('[env]\nA = "1"\nB = "2"\n').layer

    assert layer.values == {"env.A": "1", "env.B": "2"}
    assert (layer.line("env.A"), layer.line("env.B")) == (2, 3)


def test_a_profiles_settings_know_their_lines() -> None:
    layer = parse('kind = "demo"\n[profile.p]\nmodel = "x"\nenv = { A = "1" }').profiles["p"]

    assert (layer.line("model"), layer.line("env.A"), layer.line("trust")) == (3, 4, 2)


def test_the_users_file_knows_every_setting() -> None:
    text = "\n".join(setting.example for setting in SETTINGS.values())

    assert config.parse(text, "c") == Config(naming="task")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("model = 1", 1),
        ('\nmodel = "a\\u0000b"', 2),
        ('timeout = "soon"', 1),
        ("timeout = -1", 1),
        ("timeout = true", 1),
        ("timeout = nan", 1),
        ("timeout = inf", 1),
        ('trust = "yes"', 1),
        ("trust = 1", 1),
        ('args = "x"', 1),
        ("args = [1]", 1),
        ('args = ["\\u0000"]', 1),
        ('naming = "x"', 1),
        ("naming = [1]", 1),
        ('labels = "x"', 1),
        ('labels = ["a b"]', 1),
        ('labels = ["-x"]', 1),
        ("env = 1", 1),
        ("env = { A = 1 }", 1),
        ('env = { "A-B" = "1" }', 1),
        ('env = { "" = "1" }', 1),
        ("worktree = 1", 1),
        ("[worktree]\ncopy = 1", 2),
        ('[worktree]\ncopy = ["/etc/passwd"]', 2),
        ('[worktree]\n\ncopy = [".env", "../.env"]', 3),
        ('[worktree]\nlink = ["node_*"]', 2),
        ('[worktree]\nlink = [".git"]', 2),
        ('[worktree]\nlink = ["."]', 2),
        ('[worktree]\nsetup = "npm ci"', 2),
        ('[worktree]\nsetup = [" "]', 2),
        ('[worktree]\ntrust = "always"', 2),
        ("[worktree]\ntrust = true", 2),
        ('[worktree]\nsteup = ["npm ci"]', 2),
        ("profile = 1", 1),
        ("[profile]\nx = 1", 2),
        ('[profile."a b"]', 1),
        ("[role]\nx = 1", 2),
        ("[profile.p]\n[role.p]", 2),
        ("max_turns = -1", 1),
        ("[profile.p]\nmodel = 1", 2),
        ("[profile.p]\n\nmodle = 'x'", 3),
        ("[profile.p]\npaste_limit = 1", 2),
        ("[profile.p]\nprofile = 1", 2),
    ],
)
def test_a_wrong_value_is_an_error_with_its_line_and_a_hint(text: str, line: int) -> None:
    with pytest.raises(ConfigInvalid, match=rf"^'c' line {line}: ") as caught:
        parse(text)

    assert caught.value.hint


def test_an_error_repeats_no_value() -> None:
    with pytest.raises(ConfigInvalid) as caught:
        parse('env = { TOKEN = ["s3cret"] }')

    assert "s3cret" not in f"{caught.value.message}{caught.value.hint}"


def test_the_users_file_holds_them_beside_all_others(tmp_path: Path) -> None:
    file = tmp_path / "c.toml"
    file.write_text('kind = "demo"\nconfirm_s = 2\nmodel = "m"\n[notices]\non = ["lost"]\n[profile.p]\ntrust = true\n')

    found = config.spawn(file)

    assert config.load(file) == Config(kind="demo", confirm_s=2.0)
    assert config.notices(file).on == ("lost",)
    assert found is not None
    assert found.layer.values == {"kind": "demo", "model": "m"}
    assert found.profiles["p"].values == {"trust": True}


def test_without_a_file_there_are_none(tmp_path: Path) -> None:
    assert config.spawn(tmp_path / "none.toml") is None


@pytest.mark.parametrize("text", ["model = 1", "[profile.p]\nmodle = 'x'", "env = 1", "paste_limit = 'x'"])
def test_whoever_reads_the_users_file_is_told_of_any_wrong_setting(tmp_path: Path, text: str) -> None:
    file = tmp_path / "c.toml"
    file.write_text(text)

    for read in (config.load, config.spawn, config.notices):
        with pytest.raises(ConfigInvalid, match="line"):
            read(file)


def test_the_nearest_setting_is_named_also_for_those_of_spawn() -> None:
    with pytest.raises(ConfigInvalid) as caught:
        config.parse('modell = "x"', "c")

    assert caught.value.message.endswith("; did you mean 'model'?")
