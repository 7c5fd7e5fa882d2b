"""git on a work tree without the repository's configuration: nothing that stands there can be run.

A stand-in for the git directory has a copy of the index and a configuration of its own, in which only what says how
files are told apart is taken over. An attribute may name a filter, a `textconv` or a merge driver; there is none of
that name. So nothing has to be switched off by a name that only the repository knows, and nothing that an agent
writes between our look and our call can count.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Collection, Iterator, Mapping

from tmuxagents.drivers.git import call
from tmuxagents.drivers.git import scratch as temporary
from tmuxagents.drivers.git.places import Checkout
from tmuxagents.value import Value

_TAKEN = (
    "core.filemode",
    "core.symlinks",
    "core.ignorecase",
    "core.precomposeunicode",
    "core.autocrlf",
    "core.eol",
    "core.excludesfile",
    "core.sparsecheckout",
    "core.sparsecheckoutcone",
    "core.longpaths",
    "index.sparse",
    "extensions.objectformat",
    "merge.conflictstyle",
    "merge.directoryrenames",
    "merge.renamelimit",
    "merge.renames",
    "diff.algorithm",
    "diff.renamelimit",
    "diff.renames",
)
"""Settings that say how files are read and compared, and run nothing."""

_AS_THEY_ARE = b"* -text -filter -ident -working-tree-encoding\n"
"""`info/attributes` wins over every `.gitattributes`."""


class Apart(Value):
    """The stand-in of a checkout's git directory; good as long as `opened` is. `filters` says that filters are
    configured, which are not run: what one has made is compared as it lies there."""

    git_dir: str
    env: Mapping[str, str]
    filters: bool = False

    @property
    def index(self) -> str:
        """Its own index: a copy of the checkout's to begin with."""
        return os.path.join(self.git_dir, "index")

    def run(
        self,
        *words: str | bytes,
        stdin: bytes = b"",
        within: float = call.LIMIT,
        good: Collection[int] = (0,),
        index: str = "",
    ) -> bytes:
        """What git answers here, with another index where one is named."""
        env = {**self.env, "GIT_INDEX_FILE": index or self.index}
        return call.run(list(words), env, stdin=stdin, within=within, good=good)


@contextlib.contextmanager
def opened(
    checkout: Checkout,
    *,
    exact: bool = False,
    scratch: bool = False,
    store: str = "",
    settings: Mapping[str, str] | None = None,
) -> Iterator[Apart]:
    """`exact`: bytes go into objects and out of them unchanged, whatever the attributes say. `scratch`: what is
    written is gone afterwards, and was never in the repository's object store; or is where `store` says, which
    several may share. `settings` are those of the checkout, where somebody has asked."""
    with temporary.folder() as folder:
        found = settings if settings is not None else settings_of(checkout)
        _fill(folder, checkout, found, exact=exact, scratch=scratch, passing=scratch or bool(store))
        objects = store or os.path.join(folder if scratch else checkout.common, "objects")
        env = {
            **call.bare_environment(),
            "GIT_DIR": folder,
            # Where its folder is gone, git would not even look at the index.
            "GIT_WORK_TREE": checkout.top if os.path.isdir(checkout.top) else os.path.join(folder, "refs"),
            "GIT_OBJECT_DIRECTORY": objects,
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_ATTR_NOSYSTEM": "1",
        }
        yield Apart(folder, env, any(key.startswith("filter.") for key in found))


@contextlib.contextmanager
def stored(common: str) -> Iterator[str]:
    """An object store that sees the repository's objects and keeps its own: neither `git gc` nor `fsck` knows of it.
    Of an object that the repository has already git renews the time of writing, as every `git add` does."""
    with temporary.folder() as folder:
        os.mkdir(os.path.join(folder, "info"))
        _write(folder, "info/alternates", alternates(common))
        yield folder


def alternates(common: str) -> bytes:
    """The line of `info/alternates` that has a store see the repository's objects."""
    return _quoted(os.path.join(common, "objects")) + b"\n"


def _fill(
    folder: str, checkout: Checkout, found: Mapping[str, str], *, exact: bool, scratch: bool, passing: bool
) -> None:
    for name in ("refs", "objects/info", "info"):
        os.makedirs(os.path.join(folder, name))
    head = checkout.head or "ref: refs/heads/unborn"
    _write(folder, "HEAD", f"{head}\n".encode())
    _write(folder, "config", _config(found, exact=exact, passing=passing))
    if scratch:
        _write(folder, "objects/info/alternates", alternates(checkout.common))
    _copy(checkout.common, folder, "info/exclude")
    _copy(checkout.common, folder, "shallow")
    _copy(checkout.git_dir, folder, "info/sparse-checkout")
    if exact:
        _write(folder, "info/attributes", _AS_THEY_ARE)
    else:
        _copy(checkout.common, folder, "info/attributes")
    for name in os.listdir(checkout.git_dir):
        # The second is there with `core.splitIndex`, and the index is nothing without it.
        if name == "index" or name.startswith("sharedindex."):
            _copy(checkout.git_dir, folder, name)


def _copy(source: str, folder: str, name: str) -> None:
    with contextlib.suppress(FileNotFoundError):
        # With its time: git compares that of the index with those of the files to know which of them may have been
        # changed unseen, in the same tick and at the same length. A copy that is younger would call them clean.
        shutil.copy2(os.path.join(source, name), os.path.join(folder, name), follow_symlinks=True)


def _write(folder: str, name: str, raw: bytes) -> None:
    with open(os.path.join(folder, name), "wb") as file:
        file.write(raw)


def _config(settings: Mapping[str, str], *, exact: bool, passing: bool) -> bytes:
    left = ("core.autocrlf", "core.eol") if exact else ()
    found = {key: value for key, value in settings.items() if key not in left}
    version = "1" if "extensions.objectformat" in found else "0"
    # Who looks at several looks at as many at once as there are cores: threads of git's own would only cost.
    rows = [b"[core]\n\tbare = false\n\tpreloadindex = false\n\trepositoryformatversion = " + version.encode()]
    if passing:
        # git waits for the disk after each object (2.39: 13 ms of an `update-index` become 60).
        rows.append(b"\tfsync = none")
    for key in _TAKEN:
        if key in found:
            section, name = key.split(".")
            rows.append(f"[{section}]\n\t{name} = ".encode() + _quoted(found[key]))
    return b"\n".join(rows) + b"\n"


def shared_settings(checkout: Checkout) -> dict[str, str] | None:
    """Those that every checkout of its repository has; None where each may have others."""
    found = settings_of(checkout)
    differ = "extensions.worktreeconfig" in found or any(key.startswith("includeif.") for key in found)
    return None if differ else found


def settings_of(checkout: Checkout) -> dict[str, str]:
    """What is configured there, the last value of each key; one without a value is `true`."""
    raw = call.unasked(checkout.git_dir, "config", "--list", "-z", "--includes")
    pairs = [entry.partition(b"\n") for entry in raw.split(b"\0") if entry]
    return {os.fsdecode(key): os.fsdecode(value) if equals else "true" for key, equals, value in pairs}


def _quoted(text: str) -> bytes:
    escaped = os.fsencode(text).replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n")
    return b'"' + escaped + b'"'
