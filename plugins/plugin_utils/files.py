# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the engine may read: paths and bytes that somebody brought. The engine itself never opens a file."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

# How the name of a copy of the old content ends.
COPY = "DATE~"


@dataclass(frozen=True)
class Files:
    """Files by absolute path. ``content`` holds what was read, ``unseen`` why a path could not be read.

    All else does not exist. ``folders`` are directories that exist although no file of theirs is here.
    """

    content: Mapping[str, bytes]
    unseen: Mapping[str, str] = field(default_factory=dict)
    folders: frozenset[str] = frozenset()
    listings: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @cached_property
    def _tree(self) -> dict[str, set[str]]:
        """Directory → names in it."""
        tree: dict[str, set[str]] = {folder: set() for folder in self.folders}
        for path in self.content:
            folder, name = posixpath.split(path)
            while name and name not in tree.setdefault(folder, set()):
                tree[folder].add(name)
                folder, name = posixpath.split(folder)
        return tree

    def read(self, path: str) -> bytes | None:
        """Return a file's bytes, None where there is no such file."""
        return self.content.get(posixpath.normpath(path))

    def list(self, folder: str) -> list[str] | None:
        """Return the names of the files (not the directories) in ``folder``, None where there is no such directory."""
        folder = posixpath.normpath(folder)
        names = self._tree.get(folder)
        return None if names is None else [name for name in names if posixpath.join(folder, name) in self.content]

    def names(self, folder: str) -> Sequence[str]:
        """Return the names of the files in ``folder`` as far as anybody listed it, whether or not they were read."""
        folder = posixpath.normpath(folder)
        return self.listings[folder] if folder in self.listings else self.list(folder) or []

    def is_folder(self, path: str) -> bool:
        """Say whether ``path`` is a directory."""
        return posixpath.normpath(path) in self._tree

    def laid_over(self, planned: Mapping[str, bytes]) -> Files:
        """Return these files with ``planned`` ones in place of what was read.

        A copy of the old content lies beside each, of which only the name is known.
        """
        listings = dict(self.listings)
        for path, data in planned.items():
            folder, name = posixpath.split(posixpath.normpath(path))
            if self.content.get(path, data) != data:
                listings[folder] = [*listings.get(folder, self.names(folder)), f"{name}.{COPY}"]
        return Files({**self.content, **planned}, self.unseen, self.folders, listings)
