"""The table `[notices]` of the user's settings."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tmuxagents import config, config_notices
from tmuxagents.config import Config
from tmuxagents.config_notices import CHANNELS, KINDS, Notices
from tmuxagents.errors import ConfigInvalid

FULL = """
kind = "demo"

[notices]
on = ["needs", "finished", "needs"]
channels = ["tmux", "command"]
command = ["notify-me", "--now"]
ntfy = "https://user:pass@ntfy.example/topic"
cooldown = "2m"
after = 90
escalate = ["ntfy"]
include = "text"
osc = "777"
"""


def read(tmp_path: Path, text: str) -> Notices:
    (tmp_path / "c.toml").write_text(text)
    return config.notices(tmp_path / "c.toml")


def refused(text: str) -> ConfigInvalid:
    with pytest.raises(ConfigInvalid) as caught:
        config.parse(text, "c")
    return caught.value


def test_without_a_file_or_a_table_a_message_in_tmux_tells_of_what_needs_a_person(tmp_path: Path) -> None:
    assert config.notices(tmp_path / "none.toml") == Notices() == read(tmp_path, 'kind = "demo"\n')
    assert (Notices().channels, Notices().on) == (("tmux",), ("needs", "failed", "limited", "lost", "budget"))


def test_what_is_set_is_read_and_the_other_settings_stay(tmp_path: Path) -> None:
    assert read(tmp_path, FULL) == Notices(
        on=("needs", "finished"),
        channels=("tmux", "command"),
        command=("notify-me", "--now"),
        ntfy="https://user:pass@ntfy.example/topic",
        cooldown=120.0,
        after=90.0,
        escalate=("ntfy",),
        include="text",
        osc="777",
    )
    assert config.load(tmp_path / "c.toml") == Config(kind="demo")


@given(
    on=st.lists(st.sampled_from(KINDS), unique=True),
    channels=st.lists(st.sampled_from(CHANNELS), unique=True),
    cooldown=st.integers(0, 10**6),
    command=st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\x7f")), min_size=1),
)
def test_any_good_table_is_read_back(on: list[str], channels: list[str], cooldown: int, command: list[str]) -> None:
    pairs = {"on": on, "channels": channels, "cooldown": cooldown, "command": command}
    pairs |= {"webhook": "http://a/", "ntfy": "http://b/"}
    text = "[notices]\n" + "\n".join(f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in pairs.items())

    made = config_notices.parse(dict(pairs), text, "c")

    assert (made.on, made.channels, made.cooldown, made.command) == (
        tuple(on),
        tuple(channels),
        float(cooldown),
        tuple(command),
    )
    assert config.parse(text, "c") == Config()


@pytest.mark.parametrize(
    ("line", "message", "would"),
    [
        ('chanels = ["tmux"]', "there is no setting 'chanels' in [notices]", "; did you mean 'channels'?"),
        ('zzz = "x"', "there is no setting 'zzz'", ": on, channels"),
        ('on = ["need"]', "'on' knows no 'need'", "did you mean 'needs'?"),
        ('on = ["x"]', "'on' knows no 'x'", "'x': needs, failed, limited, lost, budget, finished"),
        ('on = "needs"', "'on' must be a list", "on = ["),
        ("channels = [1]", "'channels' must be a list", 'channels = ["tmux"]'),
        ('cooldown = "soon"', "'cooldown' must be a duration", 'cooldown = "60s"'),
        ("cooldown = true", "'cooldown' must be a duration", 'cooldown = "60s"'),
        ("cooldown = nan", "'cooldown' must be a duration", 'cooldown = "60s"'),
        ("cooldown = -1", "'cooldown' must be a duration", 'cooldown = "60s"'),
        ('include = "paths"', "'include' knows no 'paths'", "'paths': text"),
        ("osc = 9", "'osc' must be a text", 'osc = "auto"'),
        ('webhook = "file:///etc/passwd"', "'webhook' must be an http or https URL", "webhook ="),
        ('ntfy = "https://"', "'ntfy' must be an http or https URL", "ntfy ="),
        ('ntfy = "https://a:port/x"', "'ntfy' must be an http or https URL", "ntfy ="),
        ('command = ["a\\u0000b"]', "'command' must be a list", "command ="),
        ('after = "10m"', "'after' needs 'escalate'", "escalate ="),
    ],
)
def test_a_setting_that_means_nothing_names_its_line_and_what_would(line: str, message: str, would: str) -> None:
    # The words stand elsewhere too: the line is that of the table.
    error = refused(f'kind = "demo"\n\n[notices]\n# a comment\n{line}\n')

    assert f"'c' line 5: {message}" in error.message
    assert would in error.message
    assert error.hint == "tmuxagents config edit"


@pytest.mark.parametrize("channel", ["command", "webhook", "ntfy"])
@pytest.mark.parametrize("key", ["channels", "escalate"])
def test_a_channel_without_what_it_needs_is_an_error(channel: str, key: str) -> None:
    error = refused(f'[notices]\n{key} = ["{channel}"]\n')

    assert error.message.startswith(f"'c' line 1: the channel '{channel}' needs its setting, as in: {channel} = ")


def test_an_address_is_never_repeated_in_an_error() -> None:
    error = refused('[notices]\nwebhook = "ftp://hooks.example/secret-token"\n')

    assert "secret-token" not in f"{error.message} {error.hint}"


def test_what_is_no_table_is_an_error() -> None:
    assert refused("notices = 3").message == "'c' line 1: 'notices' must be a table, as in: [notices]"


def test_a_table_that_is_misspelt_names_this_one() -> None:
    assert refused("[notice]\non = []\n").message.endswith("; did you mean 'notices'?")
