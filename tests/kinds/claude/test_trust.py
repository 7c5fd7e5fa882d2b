"""The one entry that is made in Claude Code's own configuration."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.kinds.claude.test_observe import json_values
from tmuxagents.kinds.claude import trust

configs = st.dictionaries(st.sampled_from(["projects", "theme", "numStartups"]), json_values) | st.fixed_dictionaries(
    {"projects": st.dictionaries(st.sampled_from(["/a", "/b", "/a/b"]), json_values)}
)
folders = st.lists(st.sampled_from(["/a", "/b", "/a/b", "/c d"]), max_size=3)


@given(config=configs, wanted=folders)
def test_the_folders_are_trusted_and_everything_else_stays(config: dict[str, Any], wanted: list[str]) -> None:
    after = trust.with_trust(config, wanted)

    assert all(trust.is_trusted(after, folder) for folder in wanted)
    assert {k: v for k, v in after.items() if k != "projects"} == {k: v for k, v in config.items() if k != "projects"}
    before = config.get("projects")
    for folder, entry in before.items() if isinstance(before, dict) else ():
        if folder not in wanted:
            assert after["projects"][folder] == entry
        elif isinstance(entry, dict):
            assert {**entry, "hasTrustDialogAccepted": True} == after["projects"][folder]


@given(config=configs, wanted=folders)
def test_trusting_twice_is_trusting_once(config: dict[str, Any], wanted: list[str]) -> None:
    once = trust.with_trust(config, wanted)

    assert trust.with_trust(once, wanted) == once


def test_the_given_configuration_is_not_changed() -> None:
    config: dict[str, Any] = {"projects": {"/a": {"allowedTools": []}}}

    trust.with_trust(config, ["/a"])

    assert config == {"projects": {"/a": {"allowedTools": []}}}


@pytest.mark.parametrize("accepted", [False, None, "true", 1, {}])
def test_only_a_plain_yes_is_trust(accepted: object) -> None:
    assert not trust.is_trusted({"projects": {"/a": {"hasTrustDialogAccepted": accepted}}}, "/a")


def test_a_folder_is_not_trusted_for_its_neighbours_sake() -> None:
    config = trust.with_trust({}, ["/a"])

    assert not trust.is_trusted(config, "/a/b")
    assert not trust.is_trusted(config, "/a/")
