"""Files that appear whole and private."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import beside
from tests.support.fleet import eventually
from tmuxagents.drivers import files


@pytest.fixture
def open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_a_file_is_private_under_any_umask(tmp_path: Path, open_umask: None) -> None:
    files.write_whole(tmp_path / "f", "secret")

    assert mode(tmp_path / "f") == 0o600


def test_a_private_folder_is_private_under_any_umask(tmp_path: Path, open_umask: None) -> None:
    assert mode(files.private_folder(tmp_path / "d")) == 0o700


def test_an_open_folder_is_made_private(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir(mode=0o755)

    assert mode(files.private_folder(tmp_path / "d")) == 0o700


def test_a_lock_file_is_private_under_any_umask(tmp_path: Path, open_umask: None) -> None:
    with files.locked(tmp_path / "lock", within=0) as held:
        assert held
    assert mode(tmp_path / "lock") == 0o600


def test_writing_leaves_only_the_file(tmp_path: Path) -> None:
    files.write_whole(tmp_path / "f", "old")
    files.write_whole(tmp_path / "f", "new")

    assert [path.name for path in tmp_path.iterdir()] == ["f"]
    assert (tmp_path / "f").read_text() == "new"


def test_writing_that_fails_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "f").mkdir()

    with pytest.raises(OSError, match="directory"):
        files.write_whole(tmp_path / "f", "new")

    assert [path.name for path in tmp_path.iterdir()] == ["f"]


def test_a_reader_sees_the_old_content_or_the_new_and_never_half(tmp_path: Path) -> None:
    path = tmp_path / "f"
    contents = {b"a" * 300_000, b"b" * 300_000}
    files.write_whole(path, b"a" * 300_000)
    writer = beside.python(WRITER, path)
    beside.line(writer)
    seen = {path.read_bytes() for _ in range(300)}
    beside.kill(writer)

    assert seen <= contents


WRITER = """
import sys
from pathlib import Path
from tmuxagents.drivers import files
print("go", flush=True)
while True:
    for letter in b"ab":
        files.write_whole(Path(sys.argv[1]), bytes([letter]) * 300_000)
"""


def test_two_threads_that_write_one_file_do_not_take_each_others_away(tmp_path: Path) -> None:
    # The controller stops an agent beside its loop, and both keep what its screen showed last.
    def write(_: int) -> None:
        files.write_whole(tmp_path / "f", "x")

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(write, range(200)))

    assert [path.name for path in tmp_path.iterdir()] == ["f"]


@given(content=st.binary(max_size=200), offset=st.integers(0, 250), limit=st.integers(0, 250))
def test_reading_from_an_offset_is_a_slice(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, offset: int, limit: int
) -> None:
    path = tmp_path_factory.mktemp("slice", numbered=True) / "f"
    path.write_bytes(content)

    assert files.read_from(path, offset, limit) == content[offset : offset + limit]
    assert files.size(path) == len(content)


def test_a_missing_file_is_empty(tmp_path: Path) -> None:
    assert files.read_from(tmp_path / "none", 0, 10) == b""
    assert files.size(tmp_path / "none") == 0


def test_a_lock_that_another_process_has_is_not_had(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    holder = beside.python(HOLDER, path)
    beside.line(holder)

    with files.locked(path, within=0) as held:
        assert not held
    beside.kill(holder)
    # The kernel frees it.
    with files.locked(path, within=5) as held:
        assert held


HOLDER = """
import signal, sys
from pathlib import Path
from tmuxagents.drivers import files
with files.locked(Path(sys.argv[1]), within=0) as held:
    print(held, flush=True)
    signal.pause()
"""


def test_a_lock_is_waited_for_until_it_is_free(tmp_path: Path) -> None:
    path, note = tmp_path / "lock", tmp_path / "note"
    with files.locked(path, within=0):
        waiter = beside.python(WAITER, path, note)
        eventually(note.exists)
    assert waiter.wait(timeout=10) == 0


WAITER = """
import sys
from pathlib import Path
from tmuxagents.drivers import files
Path(sys.argv[2]).touch()
with files.locked(Path(sys.argv[1]), within=None) as held:
    sys.exit(0 if held else 1)
"""


def test_a_lock_is_not_taken_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "lock").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(OSError), files.locked(tmp_path / "lock", within=0):  # noqa: PT011 - any of the system's words
        pass
    assert not (tmp_path / "elsewhere").exists()
