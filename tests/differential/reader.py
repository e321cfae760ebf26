# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers the questions of server_config_info out of a mapping, as the target module answers them out of a file system."""

from __future__ import annotations

import base64
import hashlib
import posixpath
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass
class MappingReader:
    """``files`` by their paths, None is one that nobody may read; ``folders`` are directories that may be empty."""

    files: Mapping[str, bytes | None]
    folders: Collection[str] = ()
    calls: int = 0

    def __call__(self, question: dict[str, Any]) -> dict[str, Any]:
        self.calls += 1
        return {
            "files": [self.file(item["path"]) for item in question["files"]],
            "folders": [self.folder(item) for item in question["folders"]],
        }

    def file(self, path: str) -> dict[str, Any]:
        """Return what is told of one file."""
        if path not in self.files:
            return {"path": path, "state": "absent", "message": f"{path}: does not exist."}
        data = self.files[path]
        if data is None:
            return {"path": path, "state": "unreadable", "message": f"{path}: cannot be read."}
        content, sha256 = base64.b64encode(data).decode(), hashlib.sha256(data).hexdigest()
        return {"path": path, "state": "file", "content": content, "sha256": sha256, "mode": "0600"}

    def folder(self, item: Mapping[str, Any]) -> dict[str, Any]:
        """Return what is told of one directory."""
        path = posixpath.normpath(item["path"])
        names = [posixpath.relpath(name, path) for name in self.files if name.startswith(f"{path}/")]
        is_there = bool(names) or path in self.folders
        names = sorted(name for name in names if name.count("/") <= item["depth"])
        wanted = [name for name in names if name.lower().endswith(tuple(item["suffixes"]))]
        files = [self.file(f"{path}/{name}") for name in wanted] if item["suffixes"] else []
        state = "directory" if is_there else "absent"
        return {"path": item["path"], "state": state, "names": names, "files": files, "message": ""}
