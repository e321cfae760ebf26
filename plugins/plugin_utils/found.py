# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files as target_read found them, and whether they can be replaced."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.zosconnect.security.plugins.module_utils.looks import BY_PATH
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError

FILE_OPTIONS: dict[str, dict[str, Any]] = {
    "mode": {"type": "raw"},
    "owner": {"type": "str"},
    "group": {"type": "str"},
    "seuser": {"type": "str"},
    "serole": {"type": "str"},
    "setype": {"type": "str"},
    "selevel": {"type": "str"},
    "attributes": {"type": "str", "aliases": ["attr"]},
    "unsafe_writes": {"type": "bool", "default": False},
}


@dataclass(frozen=True)
class Found:
    """A file as target_read found it. ``data`` is None when there is no file."""

    path: str
    real_path: str
    data: bytes | None
    sha256: str | None
    tag: str | None
    attributes_differ: bool
    directory: str
    directory_exists: bool
    directory_writable: bool
    user: str
    # Why it cannot be replaced; whether root is led to it by somebody else; how many names it has.
    obstacle: str | None = None
    is_led: bool = False
    hard_links: int = 1
    mode: str | None = None
    # The directory of the server whose configuration named it, None where the task itself did.
    named_in: str | None = None

    def place(self) -> dict[str, str]:
        """Return the arguments by which target_place knows which file is meant, and that it was this one."""
        named_in = {"server_dir": self.named_in} if self.named_in else {}
        return {"path": self.path, "real_path": self.real_path, **named_in}

    def tie(self) -> list[str]:
        """Say that other names of the file will keep the old content."""
        if self.hard_links < 2:
            return []
        return [f"{self.real_path}: its other names (hard links, {self.hard_links - 1}) keep the old content."]


def given_file_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the file options (mode, owner and so on) that the user really gave."""
    return {k: options[k] for k in FILE_OPTIONS if k != "unsafe_writes" and options.get(k) is not None}


def look_of_new(options: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """Return owner, group and mode of files of a kind that are made, as far as ``KIND_owner`` and so on say them."""
    given = {key: options[f"{kind}_{key}"] for key in ("owner", "group", "mode")}
    return {key: value for key, value in given.items() if value not in (None, "")}


def found(item: Mapping[str, Any]) -> Found:
    """Turn one answer of target_read into Found; raise SecurityError unless it is a file or absent."""
    if item["state"] not in ("file", "absent"):
        raise SecurityError(item["message"])
    content = item.get("content")
    return Found(
        path=item["path"],
        real_path=item["real_path"],
        data=None if content is None else base64.b64decode(content),
        sha256=item.get("sha256"),
        tag=item.get("tag"),
        attributes_differ=item.get("attributes_differ", False),
        directory=item["directory"],
        directory_exists=item["directory_exists"],
        directory_writable=item["directory_writable"],
        user=item["user"],
        obstacle=item["obstacle"],
        is_led=item["is_led"],
        hard_links=item.get("hard_links", 1),
        mode=item.get("mode"),
    )


def can_touch(file: Found, options: Mapping[str, Any]) -> None:
    """Raise SecurityError where root must not touch the file, or cannot set what is asked without being misled."""
    if file.obstacle:
        raise SecurityError(file.obstacle)
    by_path = [name for name in BY_PATH if options.get(name) is not None]
    if file.is_led and by_path:
        raise SecurityError(
            f"{by_path[0]}: can only be set by the path of a file, and user {file.user}, in whose hands "
            f"{file.directory} is, could exchange {file.path} meanwhile; nothing was changed. Run as that user: "
            f"become_user: {file.user}."
        )


def can_place(file: Found, options: Mapping[str, Any]) -> None:
    """Raise SecurityError where placing would fail, so that check mode fails where the real run does."""
    if not file.directory_exists:
        raise SecurityError(f"{file.path}: the directory {file.directory} does not exist; create it first.")
    can_touch(file, options)
    if not file.directory_writable:
        raise SecurityError(
            f"{file.path}: user {file.user} may not write in {file.directory}, and the new file is made beside the "
            "old one; nothing was changed. Use become, or grant write access to the directory."
        )
