# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What key stores hold, for the next tasks of the same ansible-playbook: the same bytes need no Java again.

Each task is a process of its own, so a file remembers it, in the directory that ansible-playbook makes for itself
alone and removes at its end. What is in it is public. Its name is a digest of host, store and passwords by a key that
only the processes of this ansible-playbook have: nobody can try passwords by it, and with another one there is no file.
"""

from __future__ import annotations

import contextlib
import hmac
import json
import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

# An action is loaded once, before the processes of its tasks begin. Where it is not, they have different keys.
_KEY = secrets.token_bytes(32)
# What Java said; all else is looked at anew in each task.
_LISTED = ("format", "encryption", "keytool", "unseen", "entries")
# Bytes of what is remembered of one store: the target says how much there is.
_MOST = 4_000_000


@dataclass
class Memory:
    """What is remembered of a host's stores in ``folder``; ``passwords`` are by the names that a question has."""

    folder: str
    host: str
    passwords: Mapping[str, Any] = field(repr=False)
    _known: dict[str, Json] = field(default_factory=dict)

    def asked(self, stores: Sequence[Json]) -> list[Json]:
        """Return the stores of a question to target_read, with the checksums of those that are known.

        A store whose key signs a request is opened anyway.
        """
        for path in (self._path(store) for store in stores if not store.get("requests")):
            with contextlib.suppress(OSError, ValueError), open(path, encoding="utf-8") as file:
                self._known[path] = json.load(file)
        known = [(store, self._listed(store)) for store in stores]
        return [{**store, **({"known_sha256": listed["sha256"]} if listed else {})} for store, listed in known]

    def _listed(self, store: Json) -> Json | None:
        """Return what is known of a store: the same file with another password is another one."""
        return None if store.get("requests") else self._known.get(self._path(store))

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
        path = self._path(store)
        with contextlib.suppress(OSError):
            with open(
                os.open(f"{path}.new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8"
            ) as file:
                file.write(text)
            os.replace(f"{path}.new", path)

    def _path(self, store: Json) -> str:
        given = [self.passwords.get(store.get(name) or "") for name in ("password", "key_password")]
        about = json.dumps([self.host, store["path"], store.get("java_home") or None, *given]).encode()
        return os.path.join(self.folder, f"zosconnect-store-{hmac.new(_KEY, about, 'sha256').hexdigest()}")
