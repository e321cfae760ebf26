# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tests of the hands share: orders, and children that run as somebody else or are killed."""

from __future__ import annotations

import os
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ansible_collections.zosconnect.security.plugins.module_utils import placing, reading

NOBODY = 65534
OLD, NEW = b"<server>old</server>\n", b"<server>new</server>\n"


def order(path: Path, data: bytes = NEW, **more: Any) -> placing.Order:
    """An order for what is at ``path`` right now."""
    expected = reading.sha256(path.read_bytes()) if path.exists() else None
    return placing.Order(**{"path": str(path), "data": data, "expected": expected, **more})


def child(function: Callable[[], object], *, uid: int | None = None) -> tuple[int, str]:
    """Run ``function`` in a process of its own, as ``uid``; return its wait status and what it returned or raised."""
    receive, send = os.pipe()
    with warnings.catch_warnings():
        # The threads that Python warns of are those of pytest-xdist; the child asks nothing of them.
        warnings.simplefilter("ignore", DeprecationWarning)
        pid = os.fork()
    if pid == 0:
        try:
            os.close(receive)
            if uid is not None:
                os.setgroups([])
                os.setresgid(uid, uid, uid)
                os.setresuid(uid, uid, uid)
            try:
                text = str(function())
            except (placing.PlaceError, reading.ReadError) as e:
                text = str(e)
            os.write(send, text.encode())
        except BaseException:
            os.write(send, traceback.format_exc().encode())
        finally:
            os._exit(0)
    os.close(send)
    with os.fdopen(receive, "rb") as stream:
        text = stream.read().decode()
    return os.waitpid(pid, 0)[1], text


def world_can_enter(folder: Path) -> None:
    """Let other users reach a folder of pytest's, whose parents are private."""
    for parent in (folder, *folder.parents):
        if parent == Path("/"):
            break
        if parent.stat().st_uid == os.geteuid() and not parent.stat().st_mode & 0o001:
            parent.chmod(parent.stat().st_mode | 0o011)
