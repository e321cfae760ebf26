# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tests of the target modules share: orders, and children that run as somebody else or are killed."""

from __future__ import annotations

import os
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ansible_collections.zosconnect.security.plugins.module_utils import placing, reading
from ansible_collections.zosconnect.security.plugins.module_utils.locks import PlaceError
from tests.attackers import NOBODY, OLD
from tests.attackers import let_others_enter as world_can_enter

__all__ = ["NEW", "NOBODY", "OLD", "child", "order", "world_can_enter"]
NEW = b"<server>new</server>\n"


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
            except (PlaceError, reading.ReadError) as e:
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
