"""The user's own git on a copy of an index and with a store of its own: it sees everything and leaves nothing."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Collection, Iterator, Mapping

from tmuxagents.drivers.git import apart, call, scratch
from tmuxagents.drivers.git.places import Checkout
from tmuxagents.value import Value

_SETTINGS = (
    *("-c", "core.splitIndex=false"),  # the shared half of an index is written beside the real one
    *("-c", "core.hooksPath=/dev/null"),  # `post-index-change` is for an index that is theirs
)


class Copied(Value):
    """Good as long as `opened` is."""

    top: str
    env: Mapping[str, str]

    def run(
        self,
        *words: str | bytes,
        stdin: bytes = b"",
        good: Collection[int] = (0,),
        env: Mapping[str, str] | None = None,
    ) -> bytes:
        """What the user's git answers there."""
        return call.asked(self.top, *_SETTINGS, *words, stdin=stdin, env={**self.env, **(env or {})}, good=good)


@contextlib.contextmanager
def opened(checkout: Checkout, *, keep: bool = False) -> Iterator[Copied]:
    """The index as it is now. What is written to it is gone afterwards, and so is every new object but with `keep`."""
    with scratch.folder() as folder, apart.stored(checkout.common) as store:
        index = os.path.join(folder, "index")
        with contextlib.suppress(FileNotFoundError):
            # With its time (see `apart`).
            shutil.copy2(os.path.join(checkout.git_dir, "index"), index)
        env = {"GIT_INDEX_FILE": index, "GIT_OPTIONAL_LOCKS": "0"}
        yield Copied(checkout.top, env if keep else {**env, "GIT_OBJECT_DIRECTORY": store})
