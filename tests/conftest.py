"""Fixtures: a fleet of one's own, with the scripted agent or with the real `claude` in two versions."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.support import fleet as fleets
from tests.support.fleet import Fleet, Roots
from tests.support.messages_api import MessagesApi

# A busy machine is no reason to fail: no property has a time limit.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")

NPM = Path(__file__).parent / "npm" / "node_modules"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what is real, and leave out the soak unless `-m` names it: also with `-m claude`."""
    for item in items:
        if "roots" in getattr(item, "fixturenames", ()):
            item.add_marker("real")
    if "soak" not in config.option.markexpr:
        soak = [item for item in items if item.get_closest_marker("soak")]
        items[:] = [item for item in items if item not in soak]
        config.hook.pytest_deselected(items=soak)


@pytest.fixture(scope="session")
def roots() -> Roots:
    """Makes folders with a short path: a Unix socket's path has 108 bytes, pytest's own folders are
    long. Whatever opens a tmux server takes its folder from here, and so is known to be `real`."""

    @contextmanager
    def make() -> Iterator[Path]:
        with tempfile.TemporaryDirectory(prefix="ta-", ignore_cleanup_errors=True) as folder:
            yield Path(folder)

    return make


@pytest.fixture
def root(roots: Roots) -> Iterator[Path]:
    """Such a folder of one's own."""
    with roots() as folder:
        yield folder


@pytest.fixture
def fleet(root: Path) -> Iterator[Fleet]:
    """A fleet without any account: for `--kind demo` and `--kind command`."""
    made = fleets.make(root)
    try:
        yield made
    finally:
        made.end()


@pytest.fixture
def api() -> Iterator[MessagesApi]:
    """A scripted Messages API of one's own."""
    with MessagesApi() as server:
        yield server


@pytest.fixture(params=["oldest", "newest"])
def claude_version(request: pytest.FixtureRequest) -> str:
    """Both ends of the range of versions that is promised."""
    return str(request.param)


@pytest.fixture
def claude(root: Path, api: MessagesApi, claude_version: str) -> Iterator[Fleet]:
    """A fleet whose `claude` is the real program, talking to the scripted API, its folder trusted."""
    made = fleets.make_claude(root, program=claude_program(claude_version), url=api.url)
    try:
        yield made
    finally:
        made.end()


def claude_program(version: str) -> Path:
    """The real program; a test that needs it says why it cannot run, and in CI it must run."""
    given = os.environ.get(f"TMUXAGENTS_TEST_CLAUDE_{version.upper()}")
    found = [Path(given)] if given else sorted((NPM / f"claude-{version}" / "node_modules").glob("@*/*-linux-*/claude"))
    found = [path for path in found if path.exists()]
    if found:
        return found[0]
    reason = f"the real claude ({version}) is not installed: make test installs it"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
