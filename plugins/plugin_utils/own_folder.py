# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A directory on the controller that only its user can enter, for what later tasks and runs need not do again."""

from __future__ import annotations

import contextlib
import os
import secrets
import time
from dataclasses import dataclass

# What was written so many days ago is made again, and nothing stays for ever.
SECONDS = 90 * 86_400


@dataclass(frozen=True)
class OwnFolder:
    """The directory ``path``. Whatever cannot be read or written there is as if it had never been."""

    path: str

    def read(self, name: str) -> bytes | None:
        """Return what is kept under a name, or None."""
        if self._is_ours():
            with contextlib.suppress(OSError), open(os.path.join(self.path, name), "rb") as file:
                if time.time() - os.fstat(file.fileno()).st_mtime < SECONDS:
                    return file.read()
        return None

    def write(self, name: str, data: bytes) -> None:
        """Keep something, whole or not at all."""
        with contextlib.suppress(OSError):
            if not os.path.isdir(self.path):
                os.mkdir(self.path, 0o700)
            if self._is_ours():
                path = os.path.join(self.path, name)
                new = f"{path}.{secrets.token_hex(4)}"
                with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                    file.write(data)
                os.replace(new, path)

    def forget(self) -> None:
        """Remove what is old."""
        with contextlib.suppress(OSError):
            for entry in os.scandir(self.path) if self._is_ours() else ():
                if time.time() - entry.stat(follow_symlinks=False).st_mtime > SECONDS:
                    os.unlink(entry.path)

    def _is_ours(self) -> bool:
        """Whether only this user, or root, can have put anything there."""
        try:
            status = os.lstat(self.path)
        except OSError:
            return False
        return status.st_uid == os.geteuid() and status.st_mode & 0o170077 == 0o040000
