# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""One Liberty that is given a server's configuration now and then, and compared with what the engine makes of it."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "differential"))

import server as differential
from soak_world import Server


@dataclass
class Given:
    """A server's files as a case of the campaign that compares."""

    files: dict[str, bytes]
    number: int = 0
    outside: dict[str, str] = field(default_factory=dict)

    def render(self) -> dict[str, bytes]:
        return self.files


@contextlib.contextmanager
def asking() -> Iterator[Callable[[Server], list[str]]]:
    """Give what asks the Liberty: it returns what differs."""
    with differential.Judge() as judge:
        judge.restart()

        def ask(server: Server) -> list[str]:
            given = Given({"server.xml": server.xml.read_bytes()})
            return judge.judge(given).differences  # type: ignore[arg-type]

        yield ask
