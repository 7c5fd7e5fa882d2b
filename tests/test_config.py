"""The user's settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tmuxagents import config
from tmuxagents.config import Config
from tmuxagents.errors import ConfigInvalid


def toml(value: Any) -> str:
    import json

    return json.dumps(value)


def test_without_a_file_every_setting_has_its_default(tmp_path: Path) -> None:
    assert config.load(tmp_path / "none.toml") == Config()


def test_what_is_set_is_read_and_the_rest_stays(tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_text('kind = "demo"\nconfirm_s = 2\n')

    assert config.load(tmp_path / "c.toml") == Config(kind="demo", confirm_s=2.0)


@given(
    kind=st.text(st.characters(codec="ascii", categories=["L", "N"]), max_size=10),
    paste_limit=st.integers(1, 10**7),
    confirm_s=st.floats(0.1, 3600),
)
def test_any_good_settings_are_read_back(kind: str, paste_limit: int, confirm_s: float) -> None:
    wanted = Config(kind=kind, paste_limit=paste_limit, confirm_s=confirm_s)

    text = "\n".join(f"{key} = {toml(value)}" for key, value in config.values(wanted).items())

    assert config.parse(text, "c") == wanted


def test_a_setting_of_a_few_words_takes_no_other() -> None:
    assert config.parse('naming = "task"', "c").naming == "task"
    with pytest.raises(ConfigInvalid, match="line 2: 'naming' cannot be 'tsk'") as caught:
        config.parse('kind = "demo"\nnaming = "tsk"', "c")
    assert "it may be agent or task" in caught.value.message
    assert caught.value.example == 'naming = "agent"'


def test_an_unknown_setting_names_the_line_and_the_nearest_one() -> None:
    with pytest.raises(ConfigInvalid, match=r"'c' line 3: there is no setting 'paste_limt'") as caught:
        config.parse('# mine\nkind = "demo"\npaste_limt = 1\n', "c")

    assert caught.value.message.endswith("; did you mean 'paste_limit'?")


def test_an_unknown_setting_that_is_like_none_lists_them_all() -> None:
    with pytest.raises(ConfigInvalid) as caught:
        config.parse("zzz = 1", "c")

    assert all(key in caught.value.message for key in config.defaults())


@pytest.mark.parametrize(
    "text",
    [
        "kind = 1",
        'paste_limit = "1"',
        "paste_limit = true",
        "paste_limit = 1.5",
        "paste_limit = -1",
        'confirm_s = "2"',
        "confirm_s = true",
        "confirm_s = -1",
        "confirm_s = nan",
        "confirm_s = inf",
        "[kind]\na = 1",
    ],
)
def test_a_value_of_the_wrong_kind_is_an_error_with_the_default_as_example(text: str) -> None:
    with pytest.raises(ConfigInvalid, match=r"line 1") as caught:
        config.parse(text, "c")

    assert str(caught.value.example).startswith(text.strip("[").split(" ")[0].split("]")[0])


@pytest.mark.parametrize(
    ("text", "told", "line"),
    [
        ("clipboard = 1", "'clipboard' must be true or false", "clipboard = false"),
        ('paste_limit = "1"', "'paste_limit' must be a whole number", "paste_limit = 60000"),
        ('confirm_s = "1"', "'confirm_s' must be a number", "confirm_s = 10"),
        ("worktree_dir = 1", "'worktree_dir' must be a text", 'worktree_dir = ""'),
        ("paste_limit = 0", "'paste_limit' must be from 1 to 10000000", "paste_limit = 60000"),
        ("confirm_s = 0", "'confirm_s' must be from 0.1 to 3600", "confirm_s = 10"),
        ("raw_limit_mb = 0", "'raw_limit_mb' must be from 1 to 1000000", "raw_limit_mb = 64"),
        ("raw_limit_mb = 99999999999999999999", "'raw_limit_mb' must be from 1 to 1000000", "raw_limit_mb = 64"),
        ("trash_limit_mb = 1000001", "'trash_limit_mb' must be from 0 to 1000000", "trash_limit_mb = 1024"),
        ("max_agents = -1", "'max_agents' must be from 0 to 10000", "max_agents = 0"),
        ("max_agents = true", "'max_agents' must be a whole number", "max_agents = 0"),
        ("min_free_memory = 500", "'min_free_memory' must be a text", 'min_free_memory = "500M"'),
        ('min_free_memory = "half"', "'min_free_memory' must be a size: 500M, 2G or 0", 'min_free_memory = "500M"'),
        ("draft_patience_s = 86401", "'draft_patience_s' must be from 0 to 86400", "draft_patience_s = 30"),
    ],
)
def test_what_a_setting_must_be_is_said_in_words_with_a_line_that_is_read(text: str, told: str, line: str) -> None:
    with pytest.raises(ConfigInvalid) as caught:
        config.parse(text, "c")

    assert caught.value.message == f"'c' line 1: {told}, as in: {line}"
    config.parse(line, "c")


def test_what_is_not_toml_is_an_error() -> None:
    with pytest.raises(ConfigInvalid, match="not TOML") as caught:
        config.parse("kind = ", "c.toml")

    assert "c.toml" in str(caught.value.hint)


@pytest.mark.parametrize("content", [b"\xff\xfe", None])
def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "c.toml"
    if content is None:
        file.mkdir()
    else:
        file.write_bytes(content)

    with pytest.raises(ConfigInvalid, match="cannot be read"):
        config.load(file)


def test_the_file_can_be_named_in_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMUXAGENTS_CONFIG", str(tmp_path / "mine.toml"))

    assert config.path() == tmp_path / "mine.toml"
