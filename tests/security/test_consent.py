"""What a repository's file sets counts only with consent to exactly its text."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.fleet import Fleet
from tests.support.repository import choose, repository, run_git, values
from tmuxagents.drivers import repository_file
from tmuxagents.drivers.git import checkout
from tmuxagents.drivers.repository_file import RepositoryFile
from tmuxagents.errors import ConfigInvalid, TmuxagentsError
from tmuxagents.services.app import open_app
from tmuxagents.services.settings import chosen, consents, trusting
from tmuxagents.settings import layers
from tmuxagents.settings.spawn import FREE, OWN, SETTINGS, Layer

FAST = ["--", "--speed", "0"]
NOBODY = 65534
root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")


@pytest.fixture(autouse=True)
def users_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's own configuration, not there yet."""
    path = tmp_path / "config.toml"
    monkeypatch.setenv("TMUXAGENTS_CONFIG", str(path))
    return path


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


THEIRS = [key for key in SETTINGS if key not in OWN]


def plain(key: str) -> str:
    """`env` for each variable."""
    return key if key in SETTINGS else key.partition(".")[0]


def consent(state: Path, folder: Path) -> None:
    with open_app(str(state)) as app:
        trusting.give(app, trusting.ask(app, folder))


# Deny by default


@pytest.mark.parametrize("key", [key for key in THEIRS if key not in FREE])
def test_every_setting_of_a_repository_is_inert_without_consent(tmp_path: Path, state: Path, key: str) -> None:
    folder = repository(tmp_path / "r", SETTINGS[key].example)

    made = choose(state, folder)

    assert made.answer.values == {}
    assert {plain(name) for name in made.repository.withheld} == {key}


@pytest.mark.parametrize("key", ["checks", "setup", "roles", "budget", "paste_limit", "notices", "no_such_setting"])
def test_a_key_that_nobody_has_thought_of_is_inert(tmp_path: Path, state: Path, key: str) -> None:
    """It is refused in the file, and were it not, it would need consent."""
    folder = repository(tmp_path / "r", f'{key} = "x"\n')

    assert choose(state, folder).answer.values == {}
    assert layers.unasked(Layer({key: "x"}), Layer({})) == (Layer({}), (key,))


@pytest.mark.parametrize("key", THEIRS)
def test_every_setting_of_a_repository_counts_with_consent(tmp_path: Path, state: Path, key: str) -> None:
    folder = repository(tmp_path / "r", SETTINGS[key].example)
    consent(state, folder)

    made = choose(state, folder)

    assert {plain(name) for name in made.answer.values} == {key}
    assert made.repository.withheld == ()


def test_only_these_are_free() -> None:
    """Whoever makes another one free changes this, and SECURITY.md."""
    lower = dict.fromkeys(("timeout", "budget_usd", "budget_tokens"), "lower")
    assert {"naming": "any", "labels": "any", "worktree.copy": "any", **lower} == FREE


@pytest.mark.parametrize("table", ["[worktree]", "[profile.p.worktree]"])
def test_that_trust_is_followed_is_never_a_repositorys_to_say(tmp_path: Path, state: Path, table: str) -> None:
    folder = repository(tmp_path / "r", f'labels = ["x"]\n{table}\ntrust = "follow"\n')

    made = choose(state, folder)

    assert made.answer.values == {}
    assert made.repository.wrong is not None
    assert str(made.repository.wrong) == (
        f"'{folder}/.tmuxagents.toml' line 3: 'worktree.trust' counts in your own configuration alone"
    )
    with pytest.raises(TmuxagentsError, match="your own configuration alone"):
        consent(state, folder)


@pytest.mark.parametrize("key", THEIRS)
def test_a_profile_of_a_repository_cannot_be_used_without_consent(tmp_path: Path, state: Path, key: str) -> None:
    folder = repository(tmp_path / "r", f"[profile.p]\n{SETTINGS[key].example}")

    with pytest.raises(TmuxagentsError, match="needs your consent") as caught:
        choose(state, folder, profile="p")

    assert str(caught.value.hint).startswith("tmuxagents trust ")
    consent(state, folder)
    assert {plain(name) for name in values(state, folder, profile="p")} == {key}


@pytest.mark.parametrize(
    ("users", "theirs", "counts", "withheld"),
    [
        ("", "1h", 3600.0, ()),
        ('timeout = "2h"', "1h", 3600.0, ()),
        ('timeout = "1h"', "2h", 3600.0, ("timeout",)),
        ('timeout = "1h"', "0", 3600.0, ("timeout",)),
        ("timeout = 0", "1h", 3600.0, ()),
    ],
)
def test_a_time_limit_is_set_downwards_only(
    tmp_path: Path, state: Path, users_file: Path, users: str, theirs: str, counts: float, withheld: tuple[str, ...]
) -> None:
    users_file.write_text(users)
    folder = repository(tmp_path / "r", f'timeout = "{theirs}"')

    made = choose(state, folder)

    assert made.answer.values["timeout"] == counts
    assert made.repository.withheld == withheld


def test_a_users_profile_is_not_replaced_by_a_repositorys(tmp_path: Path, state: Path, users_file: Path) -> None:
    users_file.write_text('[profile.p]\nmodel = "mine"')
    folder = repository(tmp_path / "r", '[profile.p]\nmodel = "theirs"\ntrust = true')
    consent(state, folder)

    assert values(state, folder, profile="p") == {"model": "mine"}


# Exactly that text


@pytest.mark.parametrize("change", [b"# a comment\n", b"\n", b" "])
def test_any_change_of_the_text_asks_again(tmp_path: Path, state: Path, change: bytes) -> None:
    folder = repository(tmp_path / "r", 'model = "m"\n')
    consent(state, folder)
    file = folder / ".tmuxagents.toml"
    before = file.read_bytes()

    file.write_bytes(before + change)
    assert choose(state, folder).repository.withheld == ("model",)

    file.write_bytes(before)
    assert values(state, folder) == {"model": "m"}


def test_what_is_recorded_is_the_text_that_was_shown(tmp_path: Path, state: Path) -> None:
    folder = repository(tmp_path / "r", 'model = "shown"\n')
    with open_app(str(state)) as app:
        asked = trusting.ask(app, folder)
        (folder / ".tmuxagents.toml").write_text('model = "swapped"\n')
        trusting.give(app, asked)

    assert values(state, folder) == {}


def test_a_consent_is_for_one_place(tmp_path: Path, state: Path) -> None:
    consent(state, repository(tmp_path / "one", 'model = "m"\n'))

    assert values(state, repository(tmp_path / "two", 'model = "m"\n')) == {}


def test_a_revoked_consent_counts_no_more(tmp_path: Path, state: Path) -> None:
    folder = repository(tmp_path / "r", 'model = "m"\n')
    consent(state, folder)
    with open_app(str(state)) as app:
        trusting.revoke(app, folder)

    assert values(state, folder) == {}


def test_what_cannot_be_seen_is_shown_as_its_number(tmp_path: Path, state: Path) -> None:
    folder = repository(tmp_path / "r", 'model = "a\u202eb\u200b"  # \u2066x\n')
    with open_app(str(state)) as app:
        asked = trusting.ask(app, folder)

    assert list(asked.lines) == ['model = "a\\u202eb\\u200b"  # \\u2066x']
    assert [one.shown for one in asked.needs] == ['"a\\u202eb\\u200b"']


def test_consents_are_private_and_say_what_sha256sum_says(tmp_path: Path, state: Path) -> None:
    folder = repository(tmp_path / "r", 'model = "m"\n')
    consent(state, folder)

    listed = json.loads((state / "consents.json").read_text())["consents"]
    assert listed[str(folder / ".tmuxagents.toml")]["digest"] == hashlib.sha256(b'model = "m"\n').hexdigest()
    assert stat.S_IMODE((state / "consents.json").stat().st_mode) == 0o600


@pytest.mark.parametrize("text", ["", "{", "[]", '{"consents": []}', '{"consents": {"a": 1}}'])
def test_damaged_consents_are_none_and_are_told(tmp_path: Path, state: Path, text: str) -> None:
    folder = repository(tmp_path / "r", 'model = "m"\n')
    consent(state, folder)
    (state / "consents.json").write_text(text)

    with pytest.raises(TmuxagentsError, match="is damaged") as caught:
        choose(state, folder)

    assert str(caught.value.hint).startswith("rm ")


# Whose file it is


def _linked(folder: Path, outside: Path) -> None:
    outside.write_text('model = "m"\n')
    (folder / ".tmuxagents.toml").symlink_to(outside)


def _huge(folder: Path, outside: Path) -> None:
    (folder / ".tmuxagents.toml").write_text("#" * repository_file.LONGEST + "\n")


def _fifo(folder: Path, outside: Path) -> None:
    os.mkfifo(folder / ".tmuxagents.toml")


def _folder(folder: Path, outside: Path) -> None:
    (folder / ".tmuxagents.toml").mkdir()


def _dangling(folder: Path, outside: Path) -> None:
    (folder / ".tmuxagents.toml").symlink_to(folder / "none")


def _binary(folder: Path, outside: Path) -> None:
    (folder / ".tmuxagents.toml").write_bytes(b"\xff\xfe")


def _nested(folder: Path, outside: Path) -> None:
    (folder / ".tmuxagents.toml").write_text("args = " + "[" * 20_000)


def _unknown(folder: Path, outside: Path) -> None:
    (folder / ".tmuxagents.toml").write_text('timeout = "1s"\nmodle = "m"\n')


def _endless(folder: Path, outside: Path) -> None:
    (folder / ".tmuxagents.toml").symlink_to(folder / ".tmuxagents.toml")


@pytest.mark.parametrize(
    "make", [_linked, _huge, _fifo, _folder, _dangling, _binary, _nested, _unknown, _endless], ids=lambda f: f.__name__
)
def test_a_file_that_is_refused_sets_nothing_and_is_told(
    tmp_path: Path, state: Path, make: Callable[[Path, Path], None]
) -> None:
    folder = repository(tmp_path / "r")
    make(folder, tmp_path / "outside")

    made = choose(state, folder)

    assert made.answer.values == {}
    assert made.repository.wrong is not None
    assert made.repository.wrong.hint
    with open_app(str(state)) as app, pytest.raises(ConfigInvalid):
        trusting.ask(app, folder)


LINES = [
    'model = "m"',
    "timeout = 1",
    "trust = 1",
    "args = [",
    "]",
    "[env]",
    "[profile.p]",
    "[[profile]]",
    "profile.a b = 1",
    "env = 1979-05-27",
    "x = " + "9" * 5000,
    '"""',
    "\u202e",
    "\0",
]


@given(st.one_of(st.binary(max_size=100), st.lists(st.sampled_from(LINES), max_size=6).map("\n".join).map(str.encode)))
def test_any_bytes_are_settings_or_an_error_with_a_hint(raw: bytes) -> None:
    error = wrong_with(raw)

    assert error is None or error.hint


def wrong_with(raw: bytes) -> ConfigInvalid | None:
    try:
        chosen.parsed(RepositoryFile(Path("/r/.tmuxagents.toml"), raw))
    except ConfigInvalid as error:
        return error
    return None


def test_a_link_within_the_repository_is_its_own_file(tmp_path: Path, state: Path) -> None:
    folder = repository(tmp_path / "r")
    (folder / "settings.toml").write_text('timeout = "1h"')
    (folder / ".tmuxagents.toml").symlink_to("settings.toml")

    assert values(state, folder) == {"timeout": 3600.0}


@root_only
@pytest.mark.parametrize("given", [".tmuxagents.toml", "."])
def test_what_belongs_to_another_user_is_refused(tmp_path: Path, state: Path, given: str) -> None:
    folder = repository(tmp_path / "r", 'timeout = "1h"')
    os.chown(folder / given, NOBODY, NOBODY)

    made = choose(state, folder)

    assert made.answer.values == {}
    assert made.repository.wrong is not None
    assert "belongs to another user" in made.repository.wrong.message


def test_outside_of_git_no_file_is_read(tmp_path: Path, state: Path) -> None:
    (tmp_path / ".tmuxagents.toml").write_text('timeout = "1h"')

    assert values(state, tmp_path) == {}


# Which repository


def test_the_file_is_that_of_the_top_and_of_the_main_checkout(tmp_path: Path) -> None:
    folder = repository(tmp_path / "r")
    (folder / "a" / "b").mkdir(parents=True)
    run_git(folder, "worktree", "add", "-q", "-b", "beside", str(tmp_path / "tree"))
    (tmp_path / "tree" / "below").mkdir()

    assert checkout.top(folder / "a" / "b") == folder
    assert checkout.top(tmp_path / "tree" / "below") == folder


def test_a_worktree_of_a_bare_repository_is_its_own_top(tmp_path: Path) -> None:
    folder = repository(tmp_path / "r")
    run_git(tmp_path, "clone", "-q", "--bare", str(folder), "bare.git")
    run_git(tmp_path / "bare.git", "worktree", "add", "-q", "-b", "beside", str(tmp_path / "tree"))

    assert checkout.top(tmp_path / "tree") == tmp_path / "tree"


def test_a_submodule_is_its_own_top(tmp_path: Path) -> None:
    folder = repository(tmp_path / "r")
    run_git(folder, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(folder), "sub")

    assert checkout.top(folder / "sub") == folder / "sub"


def test_a_folder_that_says_it_is_a_worktree_of_a_trusted_repository_is_none(tmp_path: Path, state: Path) -> None:
    folder = repository(tmp_path / "r", 'permission_mode = "bypassPermissions"\n')
    consent(state, folder)
    run_git(folder, "worktree", "add", "-q", "-b", "beside", str(tmp_path / "tree"))
    hostile = tmp_path / "hostile"
    hostile.mkdir()

    for pointer in ("worktrees/tree", ""):
        (hostile / ".git").write_text(f"gitdir: {folder / '.git' / pointer}\n")
        assert checkout.top(hostile) == hostile
        assert values(state, hostile) == {}
    assert values(state, tmp_path / "tree") == {"permission_mode": "bypassPermissions"}


def test_a_git_that_is_anything_costs_nothing(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / ".git")

    assert checkout.top(tmp_path) == tmp_path


# The program itself


def test_spawn_applies_nothing_of_a_repository_and_says_so_in_one_line(fleet: Fleet) -> None:
    repository(fleet.work, 'kind = "command"\nargs = ["touch", "canary"]\nenv = { A = "1" }\ntrust = true\n')

    ran = fleet.ok("spawn", "--kind", "demo", "say: x", *FAST)

    file = fleet.work / ".tmuxagents.toml"
    assert ran.err.splitlines() == [
        f"tmuxagents: '{file}' needs your consent, not applied: kind, args, env.A, trust",
        "hint: tmuxagents trust",
    ]
    assert fleet.agent("agent-1")["kind"] == "demo"
    assert not (fleet.work / "canary").exists()


def test_the_hint_of_spawn_leads_to_consent(fleet: Fleet) -> None:
    other = repository(fleet.root / "it's here", f'kind = "demo"\nargs = {json.dumps(FAST[1:])}\ntimeout = "1h"\n')
    hint = fleet.ok("spawn", "--kind", "demo", "say: x", "-C", str(other), *FAST).err.splitlines()[-1]
    assert hint == "hint: tmuxagents trust '" + str(other).replace("'", "'\\''") + "'"

    refused = fleet("trust", str(other))
    assert refused.code == 1
    digest = refused.err.split("--digest ")[1].strip()
    assert fleet("trust", str(other), "--digest", digest[:12]).code == 1
    assert not (fleet.state / "consents.json").exists()
    fleet.ok("trust", str(other), "--digest", digest)

    ran = fleet.ok("spawn", "say: x", "-C", str(other))
    assert "trust" not in ran.err
    agent = fleet.agent("agent-2")
    assert (agent["kind"], agent["timeout_s"]) == ("demo", 3600.0)


def test_spawn_says_that_a_text_has_changed_since(fleet: Fleet) -> None:
    file = repository(fleet.work, 'model = "m"\n') / ".tmuxagents.toml"
    fleet.ok("trust", "--digest", hashlib.sha256(file.read_bytes()).hexdigest())
    file.write_text('model = "m"\nargs = ["x"]\n')

    said = fleet.ok("spawn", "--kind", "demo", "say: x", *FAST).err.splitlines()

    assert said[0] == f"tmuxagents: '{file}' has changed and needs your consent again, not applied: model, args"


def test_spawns_own_trust_consents_to_nothing(fleet: Fleet) -> None:
    repository(fleet.work, 'model = "m"\n')

    assert "model" in fleet.ok("spawn", "--trust", "--kind", "demo", "say: x", *FAST).err
    assert "model" in fleet.ok("spawn", "--trust", "--kind", "demo", "say: x", *FAST).err


def test_two_who_consent_at_once_are_both_recorded(fleet: Fleet) -> None:
    folders = [repository(fleet.root / f"r{n}", f'model = "m{n}"\n') for n in range(6)]
    digests = [hashlib.sha256((folder / ".tmuxagents.toml").read_bytes()).hexdigest() for folder in folders]

    started = [fleet.start("trust", str(f), "--digest", d) for f, d in zip(folders, digests, strict=True)]

    assert [process.wait() for process in started] == [0] * len(folders)
    for process in started:
        process.communicate()
    listed = fleet.ok("trust", "--list", "--json").json["consents"]
    assert [(one["file"], one["state"]) for one in listed] == [(f"{f}/.tmuxagents.toml", "current") for f in folders]


def test_chosen_reads_the_file_once(tmp_path: Path, state: Path) -> None:
    """The text that is checked against the consent is the one that is parsed."""
    folder = repository(tmp_path / "r", 'model = "m"\n')
    consent(state, folder)
    with open_app(str(state)) as app:
        found = repository_file.find(folder)
        assert found is not None
        (folder / ".tmuxagents.toml").write_text('model = "swapped"\n')

        assert consents.has(app, found)
        assert chosen.parsed(found).layer.values == {"model": "m"}
