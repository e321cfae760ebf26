# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What key stores hold, for the next tasks and runs: the same bytes need no Java again, whose start is what costs.

It lies in a directory beside those that each ansible-playbook makes for itself, so whoever moves or removes temporary
files (``local_tmp``) does so with it. What is in it is public, and says nothing of passwords: the target looks by the
store's own checksum whether the password opens it, before anybody is told what is in it.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

FOLDER = "zosconnect-stores"
# What Java said; all else is looked at anew in each task.
_LISTED = ("format", "encryption", "keytool", "unseen", "entries")
# Bytes of what is remembered of one store: the target says how much there is.
_MOST = 4_000_000
# What was read so many days ago is read again, and of stores that are gone nothing stays for ever.
_DAYS = 90


@dataclass
class Memory:
    """What is remembered below ``folder`` of the stores of ``host``: a name and an address, since names come again."""

    folder: str
    host: Sequence[str]
    _known: dict[str, Json] = field(default_factory=dict)

    def asked(self, stores: Sequence[Json]) -> list[Json]:
        """Return the stores of a question to target_read, with the checksums of those that are known.

        A store whose key signs a request is opened anyway, and so is one without a password to look at its checksum.
        """
        if self._is_ours():
            for path in (self._path(store) for store in stores if _may_be_known(store)):
                with contextlib.suppress(OSError, ValueError), open(path, encoding="utf-8") as file:
                    if time.time() - os.fstat(file.fileno()).st_mtime < _DAYS * 86_400:
                        self._known[path] = json.load(file)
        known = [(store, self._listed(store)) for store in stores]
        return [{**store, **({"known_sha256": listed["sha256"]} if listed else {})} for store, listed in known]

    def _listed(self, store: Json) -> Json | None:
        return self._known.get(self._path(store)) if _may_be_known(store) else None

    def told(self, stores: Sequence[Json], answers: Sequence[Json]) -> list[Json]:
        """Return what target_read said of these stores, or what is known of those that it did not open; remember it."""
        found = []
        for store, answer in zip(stores, answers, strict=True):
            known = self._listed(store)
            if known and answer.get("unchanged"):
                found.append({**answer, **{name: known[name] for name in _LISTED}})
            else:
                self._remember(store, answer)
                found.append(answer)
        return found

    def _remember(self, store: Json, answer: Json) -> None:
        """Write it whole or not at all; where that is not possible the store is read again."""
        if answer["state"] != "file" or not answer.get("format"):
            return
        text = json.dumps({name: answer[name] for name in ("sha256", *_LISTED)})
        if len(text) > _MOST:
            return
        with contextlib.suppress(OSError):
            if not os.path.isdir(self._folder):
                os.mkdir(self._folder, 0o700)
            if not self._is_ours():
                return
            self._forget()
            path = self._path(store)
            new = f"{path}.{secrets.token_hex(4)}"
            with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
                file.write(text)
            os.replace(new, path)

    def _forget(self) -> None:
        """Remove what is old."""
        for entry in os.scandir(self._folder):
            if time.time() - entry.stat(follow_symlinks=False).st_mtime > _DAYS * 86_400:
                os.unlink(entry.path)

    def _is_ours(self) -> bool:
        """Whether the directory is one in which only this user can have put anything."""
        try:
            status = os.lstat(self._folder)
        except OSError:
            return False
        return status.st_uid == os.geteuid() and status.st_mode & 0o170077 == 0o040000

    @property
    def _folder(self) -> str:
        return os.path.join(self.folder, FOLDER)

    def _path(self, store: Json) -> str:
        about = json.dumps([*self.host, store["path"], store.get("java_home") or None]).encode()
        return os.path.join(self._folder, hashlib.sha256(about).hexdigest())


def _may_be_known(store: Json) -> bool:
    return bool(store.get("password")) and not store.get("requests")
