# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Texts for other teams in a directory: which of them are not there yet, and whether they may be put there."""

from __future__ import annotations

import base64
import difflib
import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.reading import Read
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.found import look_of_new

Json = dict[str, Any]

_NEW_MODE = "0640"


@dataclass(frozen=True)
class Text:
    """One text: where it goes, what is there, and what shall be there; ``look`` is that of a file that is made."""

    path: str
    real_path: str
    before: bytes | None
    sha256: str | None
    after: bytes
    look: Mapping[str, Any] = field(default_factory=dict)

    def order(self) -> Json:
        """Return the order by which target_apply places it."""
        return {
            "path": self.path,
            "real_path": self.real_path,
            "server_dir": None,
            "expected": self.sha256 or "",
            "content": base64.b64encode(self.after).decode("ascii"),
            "attributes": dict(self.look),
            "new_mode": _NEW_MODE,
            "backup": False,
            "validate": None,
        }

    def shown(self) -> dict[str, str]:
        """The difference as Ansible shows it."""
        before, after = (
            data.decode("utf-8", "replace").splitlines(keepends=True) for data in (self.before or b"", self.after)
        )
        return {"prepared": "".join(difflib.unified_diff(before, after, self.path, self.path))}


def texts(wanted: Mapping[str, str], read: Read, options: Mapping[str, Any]) -> tuple[Text, ...]:
    """Return the texts that the directory does not hold as they are; SecurityError where they must not be put there."""
    folder = read.texts
    if folder is None or not wanted:
        return ()
    for item in read.folder:
        if item.get("is_led") or item.get("obstacle"):
            name = f"{options['prefix']}handover_dir"
            why = item.get("obstacle") or f"{options['handover_dir']} is in the hands of user {item['user']}."
            raise SecurityError(f"{name}: {why} Name a directory that only the user who runs this can change.")
    there = {posixpath.basename(item["path"]): item for item in folder.get("files") or ()}
    look = look_of_new(options, "handover")
    found = (_text(folder, name, written, there.get(name), look) for name, written in wanted.items())
    return tuple(text for text in found if text is not None)


def _text(
    folder: Mapping[str, Any], name: str, written: str, item: Mapping[str, Any] | None, look: Mapping[str, Any]
) -> Text | None:
    path, after = posixpath.join(folder["path"], name), written.encode()
    if item is None or item["state"] != "file":
        return Text(path, path, None, None, after, look)
    before = base64.b64decode(item["content"])
    return None if before == after else Text(path, item["real_path"], before, item["sha256"], after)
