# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Connections within a time. PRIVATE to this collection. Standard library only, Python 3.9."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from typing import Any


class Deadline:
    """An instant by which all must be over, ``seconds`` from now."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Return the seconds left, always more than none; raise socket.timeout when there are none."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise socket.timeout("timed out")
        return left


def connections(
    addresses: list[tuple[Any, ...]], deadline: Deadline, failures: list[OSError]
) -> Iterator[tuple[socket.socket, str]]:
    """Give a connection to each of the addresses that lets one come about; the others leave why not in ``failures``."""
    for number, address in enumerate(addresses):
        try:
            # An address that swallows packets must not use up the time of those after it.
            sock = _connect_to(address, deadline.left() / (len(addresses) - number))
        except OSError as exc:
            failures.append(exc)
        else:
            yield sock, address[4][0]


def _connect_to(address: tuple[Any, ...], seconds: float) -> socket.socket:
    sock = socket.socket(*address[:3])
    try:
        sock.settimeout(seconds)
        sock.connect(address[4])
    except BaseException:
        sock.close()
        raise
    return sock
