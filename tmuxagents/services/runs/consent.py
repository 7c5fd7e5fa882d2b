"""Whether the user has consented to what a repository's manifest would run."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from tmuxagents.drivers import repository_file
from tmuxagents.drivers.repository_file import RepositoryFile
from tmuxagents.services.app import App
from tmuxagents.services.settings import consents


def missing(app: App, read: Mapping[str, bytes]) -> list[RepositoryFile]:
    """Of the files that were read, those that their repository has brought and whose very text nobody has consented to.
    A file that no commit holds is the user's own."""
    brought = [RepositoryFile(Path(os.path.realpath(path)), raw) for path, raw in read.items()]
    return [one for one in brought if repository_file.is_brought(one.path) and not consents.has(app, one)]
