"""Every layer, read from where it is, and weighed."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from tests.support.repository import repository, values
from tmuxagents.errors import TmuxagentsError
from tmuxagents.services.app import open_app
from tmuxagents.services.settings import trusting

ORDER = ("user", "repository", "profile", "typed")
"""From the weakest to the strongest."""


def subsets() -> Iterator[tuple[str, ...]]:
    for size in range(len(ORDER) + 1):
        yield from combinations(ORDER, size)


def _toml(value: object) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else f'"{value}"'


@pytest.mark.parametrize("places", list(subsets()), ids=lambda places: "+".join(places) or "none")
@pytest.mark.parametrize("key", ["model", "env.A"])
@pytest.mark.parametrize("whose", ["user", "repository"])
def test_the_strongest_place_that_says_something_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, places: tuple[str, ...], key: str, whose: str
) -> None:
    """A profile counts as one, whoever's file it stands in."""
    said = {place: f"by-{place}" for place in places}
    files = {"user": "", "repository": ""}
    for place in ("user", "repository"):
        if place in said:
            files[place] += f"{key} = {_toml(said[place])}\n"
    files[whose] += "[profile.p]\n" + (f"{key} = {_toml(said['profile'])}\n" if "profile" in said else "")
    (tmp_path / "config.toml").write_text(files["user"])
    monkeypatch.setenv("TMUXAGENTS_CONFIG", str(tmp_path / "config.toml"))
    folder = repository(tmp_path / "r", files["repository"])
    with open_app(str(tmp_path / "state")) as app:
        trusting.give(app, trusting.ask(app, folder))
    typed: dict[str, Any] = {key: said["typed"]} if "typed" in said else {}

    found = values(tmp_path / "state", folder, profile="p", **typed)

    assert found == ({key: said[places[-1]]} if places else {})


def test_a_profile_that_is_not_named_says_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config.toml").write_text('[profile.p]\nmodel = "m"\n')
    monkeypatch.setenv("TMUXAGENTS_CONFIG", str(tmp_path / "config.toml"))

    assert values(tmp_path / "state", tmp_path) == {}
    assert values(tmp_path / "state", tmp_path, profile="p") == {"model": "m"}
    with pytest.raises(TmuxagentsError, match="there is no profile 'q'"):
        values(tmp_path / "state", tmp_path, profile="q")
