# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets that came to the target in one private file. PRIVATE to this collection.

Standard library only, Python 3.9.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.zosconnect.security.plugins.module_utils import reading
from ansible_collections.zosconnect.security.plugins.module_utils.stores import StoreError, check_private


@dataclass(frozen=True)
class Secrets:
    """Secrets by name. They are never shown."""

    values: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def value(self, name: str | None) -> Any:
        """Return a secret; None for no name, a StoreError for a name that nobody sent."""
        if name is None:
            return None
        if name not in self.values:
            raise StoreError(f"No secret of the name {name} was sent along.")
        return self.values[name]

    def file(self, item: Mapping[str, Any], option: str, folder: str) -> str | None:
        """Return the file in which keytool finds a password: ``OPTION_file`` of a store, or ``OPTION`` put there."""
        if item.get(option) is None:
            path: str | None = item.get(f"{option}_file")
            return path
        return private_file(str(self.value(item[option])).encode(), folder)


def private_file(data: bytes, folder: str) -> str:
    """Put ``data`` into a new file that only its user can read, in a directory that only he can enter."""
    fd, path = tempfile.mkstemp(dir=folder)
    with os.fdopen(fd, "wb") as stream:
        stream.write(data)
    return path


def taken(path: str) -> Any:
    """Return what stands in a file that was sent, as JSON, and remove it; a StoreError if others can read it."""
    try:
        check_private(path)
        data = reading.read_private(path)
        # In the task's own directory, which Ansible removes in the end, whether we may or not.
        with contextlib.suppress(OSError):
            os.unlink(path)
        return json.loads(data)
    except (OSError, ValueError, reading.ReadError) as e:
        why = getattr(e, "strerror", None) or "it is not what the controller sends"
        raise StoreError(f"{path}: what was sent cannot be read: {why}; nothing was changed. Run again.") from e


def read(path: str | None) -> Secrets:
    """Return the secrets of a file that was sent."""
    return Secrets(taken(path) if path else {})
