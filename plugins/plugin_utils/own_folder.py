# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A directory on the controller that only its user can enter, for what later tasks and runs need not do again."""

from __future__ import annotations

import contextlib
import os
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass

# What was written so many days ago is made again, and nothing stays for ever.
SECONDS = 90 * 86_400
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW


@dataclass(frozen=True)
class OwnFolder:
    """The directory ``path``. Whatever cannot be read or written there is as if it had never been.

    It is opened once and then looked at: whoever owns the directory around it may put another one in its place.
    """

    path: str

    def read(self, name: str) -> bytes | None:
        """Return what is kept under a name, or None."""
        with contextlib.suppress(OSError), self._entered() as folder:
            file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=folder)
            with open(file, "rb") as opened:
                if time.time() - os.fstat(file).st_mtime < SECONDS:
                    return opened.read()
        return None

    def write(self, name: str, data: bytes) -> None:
        """Keep something, whole or not at all."""
        with contextlib.suppress(OSError):
            with contextlib.suppress(FileExistsError):
                os.mkdir(self.path, 0o700)
            with self._entered() as folder:
                new = f"{name}.{secrets.token_hex(4)}"
                with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600, dir_fd=folder), "wb") as file:
                    file.write(data)
                os.replace(new, name, src_dir_fd=folder, dst_dir_fd=folder)

    def forget(self) -> None:
        """Remove what is old."""
        with contextlib.suppress(OSError), self._entered() as folder:
            for name in os.listdir(folder):
                if time.time() - os.stat(name, dir_fd=folder, follow_symlinks=False).st_mtime > SECONDS:
                    os.unlink(name, dir_fd=folder)

    @contextlib.contextmanager
    def _entered(self) -> Iterator[int]:
        """Open the directory; an OSError unless only this user, or root, can have put anything there."""
        folder = os.open(self.path, _DIRECTORY)
        try:
            status = os.fstat(folder)
            if status.st_uid != os.geteuid() or status.st_mode & 0o077:
                raise PermissionError(self.path)
            yield folder
        finally:
            os.close(folder)
