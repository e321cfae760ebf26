# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which other servers include the files that a server includes from elsewhere. PRIVATE to this collection.

Standard library only, Python 3.9. They are looked for beside the server, where Liberty has all servers of a user. Of
their files nothing is told but that they include one of those.
"""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.zosconnect.security.plugins.module_utils import following, reading

MOST_SERVERS = 200
# Files, and names in directories, and bytes, that are looked at in all.
MOST_FILES, MOST_BYTES = 5000, reading.LARGEST
_DROPINS = ("configDropins/defaults", "configDropins/overrides")

Json = dict[str, Any]


class _EnoughError(Exception):
    """No more files are looked at."""


@dataclass
class Search:
    """Looks at the servers beside ``server``; ``shared`` are the paths of files that it includes from elsewhere."""

    server: str
    user_dir: str | None
    install_dir: str | None
    shared: Collection[str]
    unseen: list[str] = field(default_factory=list)
    files: int = 0
    size: int = 0

    def found(self) -> list[Json]:
        """Return each server that includes some of them, with these; ``unseen`` says what could not be looked at."""
        try:
            return list(self._all())
        except _EnoughError:
            self.unseen.append(f"{posixpath.dirname(self.server)}: its servers have more files than are looked at.")
        except reading.ReadError as e:
            self.unseen.append(str(e))
        return []

    def _all(self) -> Iterator[Json]:
        base, own = posixpath.split(self.server)
        names = [name for name in reading.folders(base) if name != own]
        if len(names) > MOST_SERVERS:
            self.unseen.append(f"{base}: has more than {MOST_SERVERS} servers, more than are looked at.")
        for name in sorted(names)[:MOST_SERVERS]:
            included = self._included(posixpath.join(base, name))
            if included:
                yield {"server_dir": posixpath.join(base, name), "includes": included}

    def _included(self, server: str) -> list[str]:
        content: dict[str, bytes] = {}

        def file(path: str, known: tuple[str, ...]) -> Json:
            self._count(files=1)
            try:
                data = reading.read_bytes(path, reading.namers(server, known))[0]
            except reading.ReadError as e:
                if e.state not in ("absent", "directory"):
                    self.unseen.append(str(e))
                return {"path": path, "state": e.state}
            self._count(size=len(data))
            content[path] = data
            return {"path": path, "state": "file"}

        def folder(path: str, suffixes: list[str], known: tuple[str, ...]) -> Json:
            if not suffixes:
                return {"path": path, "files": []}  # archives, which include nothing
            names_by = reading.namers(server, known)
            listed = reading.describe_folder(path, suffixes=tuple(suffixes), depth=0, named_by=names_by)
            self._count(files=len(listed["names"]))  # to list them takes time, whatever they are
            return {"path": path, "files": [file(each, known) for each in listed.get("wanted", ())]}

        if file(f"{server}/server.xml", ())["state"] != "file":
            return []
        file(f"{server}/bootstrap.properties", ())
        for dropins in _DROPINS:
            folder(f"{server}/{dropins}", [".xml"], ())
        asked = {"server_dir": server, "server_xml": None, "output_dir": None}
        more = {"user_dir": self.user_dir, "install_dir": self.install_dir}
        following.Follower({**asked, **more}, content, (), file, folder).follow()
        return [path for path in self.shared if path in content]

    def _count(self, *, files: int = 0, size: int = 0) -> None:
        self.files, self.size = self.files + files, self.size + size
        if self.files > MOST_FILES or self.size > MOST_BYTES:
            raise _EnoughError
