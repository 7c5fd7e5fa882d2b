"""Fixtures: a fleet of one's own, with the scripted agent or with the real `claude` in two versions."""

from __future__ import annotations

import itertools
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.internal.conjecture.providers import AVAILABLE_PROVIDERS

from tests.support import examples
from tests.support import fleet as fleets
from tests.support.fleet import Fleet, Roots
from tests.support.messages_api import MessagesApi

# A busy machine is no reason to fail: no property has a time limit.
settings.register_profile(
    "busy",
    deadline=None,
    max_examples=examples.EACH_TIME,
    suppress_health_check=[HealthCheck.too_slow],
    # CI judges a change by the same examples each time; new ones are looked for at the desk.
    derandomize=bool(os.environ.get("CI")),
)
settings.register_profile("long", settings.get_profile("busy"), max_examples=300, derandomize=False)
settings.load_profile("busy")
if os.environ.get("CI"):
    AVAILABLE_PROVIDERS["hypothesis"] = examples.Reproducible

NPM = Path(__file__).parent / "npm" / "bin"


_BOTH = (
    "test_an_open_permission_dialog_refuses_and_the_tool_does_not_run",
    "test_trust_leaves_a_configuration_alone_that_it_cannot_read",
)
"""What is shown on both versions each time: that no text and no key goes where it should not."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what is real and what the oldest `claude` shows, and leave out the soak unless `-m` names it: also with
    `-m claude`."""
    for item in items:
        if "roots" in getattr(item, "fixturenames", ()):
            item.add_marker("real")
        if getattr(item, "originalname", item.name) not in _BOTH and _is_of_the_oldest(item):
            item.add_marker("oldest")
        if item.get_closest_marker("soak"):
            item.add_marker(pytest.mark.timeout(1800))
    if "soak" not in config.option.markexpr.replace("not soak", ""):
        soak = {item: None for item in items if item.get_closest_marker("soak")}
        items[:] = [item for item in items if item not in soak]
        config.hook.pytest_deselected(items=list(soak))
    items[:] = _dealt(items, int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")))


def _is_of_the_oldest(item: pytest.Item) -> bool:
    values = getattr(getattr(item, "callspec", None), "params", {}).values()
    return any(isinstance(value, str) and value.endswith("oldest") for value in values)


def _dealt(items: Sequence[pytest.Item], workers: int) -> list[pytest.Item]:
    """Files in an order in which no worker is left with the slow ones at the end: `--dist worksteal` gives
    each a run of the list, of one length, and lets the others take from the end of it. Files stay whole."""
    files = [list(own) for _, own in itertools.groupby(items, key=lambda item: item.path)]
    files.sort(key=lambda own: -sum(map(_weight, own)) / len(own))
    return [item for worker in range(workers) for own in files[worker::workers] for item in own]


def _weight(item: pytest.Item) -> int:
    """Seconds, roughly."""
    weights = {"soak": 60, "claude": 4, "slow": 3, "real": 1}
    return max((weights.get(marker.name, 0) for marker in item.iter_markers()), default=0)


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


@pytest.fixture(scope="module")
def three(roots: Roots) -> Iterator[Fleet]:
    """One that is idle, one that waits and one that was stopped, one fleet for a module."""
    with roots() as folder:
        made = fleets.make(folder)
        try:
            fleets.three(made)
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


_EITHER = [pytest.param("oldest", marks=pytest.mark.soak), "newest"]
either_version = pytest.mark.parametrize("claude_version", _EITHER, indirect=True)
"""For a test on the real `claude` whose claim is about us, and not about what a version does: one of them shows
it each time, the other in the soak. What a version draws, asks and reports of itself is shown on both."""

either_chair = pytest.mark.parametrize("chair", _EITHER, indirect=True, scope="module")
"""The same for one that takes its turn at a shared `claude`."""


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
    found = Path(given) if given else NPM / version / "claude"
    if found.exists():
        return found.resolve()
    reason = f"the real claude ({version}) is not installed: make test installs it"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
