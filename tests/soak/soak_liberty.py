# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""One Liberty that is given a server's configuration now and then, and compared as `explain` compares a running one."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "differential"))

import server as differential
from launcher import Liberty
from soak_world import Server

from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import evaluate
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import refresh


@contextlib.contextmanager
def asking(liberty: Liberty | None = None) -> Iterator[Callable[[Server], list[str]]]:
    """Give what asks a Liberty, one that runs already or one of its own: it returns what differs."""
    with contextlib.ExitStack() as stack:
        judge = differential.Judge(liberty)
        if liberty is None:
            stack.enter_context(judge)
            judge.restart()

        def ask(server: Server) -> list[str]:
            files = {"server.xml": server.xml.read_bytes()}
            if files != judge.written:  # Liberty says nothing of files that did not change
                judge.give(files, refused=False)
            return [*map(str, refresh.compare(evaluate(judge.assembled(files)), judge.admin.config()).differences)]

        yield ask
