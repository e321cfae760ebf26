# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What key stores hold, for the next tasks and runs: the same bytes need no Java again, whose start is what costs.

It lies in a directory beside those that each ansible-playbook makes for itself, so whoever moves or removes temporary
files (``local_tmp``) does so with it. What is in it is public, and says nothing of passwords: the target looks by the
store's own checksum whether the password opens it, before anybody is told what is in it. And it looks whether the
Java is still the one that was asked: another one may show other entries, or be gone.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.own_folder import OwnFolder
from ansible_collections.zosconnect.security.plugins.plugin_utils.version import VERSION

Json = dict[str, Any]

FOLDER = "zosconnect-stores"
# All that is kept, and what each is.
_KINDS: dict[str, type | tuple[type, ...]] = {
    "sha256": str,
    "format": str,
    "encryption": (str, type(None)),
    "keytool": str,
    "unseen": bool,
    "entries": list,
    "java": str,
}
# What Java said; all else is looked at anew in each task.
_LISTED = tuple(name for name in _KINDS if name != "sha256")
# Bytes of what is remembered of one store: the target says how much there is.
_MOST = 4_000_000


@dataclass
class Memory:
    """What is remembered below ``folder`` of the stores of ``host``: a name and an address, since names come again."""

    folder: str
    host: Sequence[str]
    _known: dict[str, Json] = field(default_factory=dict)

    def asked(self, stores: Sequence[Json]) -> list[Json]:
        """Return the stores of a question to target_read, with the checksum and the Java of those that are known.

        A store whose key signs a request is opened anyway, and so is one without a password to look at its checksum.
        """
        for name in (self._name(store) for store in stores if _may_be_known(store)):
            if listed := _loaded(self._folder.read(name)):
                self._known[name] = listed
        known = [(store, self._listed(store)) for store in stores]
        return [{**store, **(_question(listed) if listed else {})} for store, listed in known]

    def _listed(self, store: Json) -> Json | None:
        return self._known.get(self._name(store)) if _may_be_known(store) else None

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
        """Remember it, unless it was not read or is too much."""
        if answer["state"] != "file" or not answer.get("format"):
            return
        text = json.dumps({name: answer[name] for name in _KINDS})
        if len(text) <= _MOST:
            self._folder.forget()
            self._folder.write(self._name(store), text.encode())

    @property
    def _folder(self) -> OwnFolder:
        return OwnFolder(os.path.join(self.folder, FOLDER))

    def _name(self, store: Json) -> str:
        about = json.dumps([VERSION, *self.host, store["path"], store.get("java_home") or None]).encode()
        return hashlib.sha256(about).hexdigest()


def _loaded(data: bytes | None) -> Json | None:
    """Return what is kept; None where it is not what this version keeps, as a damaged file's."""
    try:
        found = json.loads(data or b"null")
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or set(found) != set(_KINDS):
        return None
    fits = all(isinstance(found[name], kind) for name, kind in _KINDS.items())
    return found if fits and all(isinstance(entry, dict) for entry in found["entries"]) else None


def _question(listed: Json) -> Json:
    return {"known_sha256": listed["sha256"], "known_java": listed["java"]}


def _may_be_known(store: Json) -> bool:
    return bool(store.get("password")) and not store.get("requests")
