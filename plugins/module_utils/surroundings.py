# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is around a server: who listens on its ports, what a program says. PRIVATE to this collection.

Standard library only, Python 3.9.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ansible_collections.zosconnect.security.plugins.module_utils.connecting import Deadline, connections
from ansible_collections.zosconnect.security.plugins.module_utils.stores import decoded

LISTEN_SECONDS = 3.0
# Bytes of a program's output. The policies of a large stack, as pasearch shows them, have some megabytes.
MOST_OUTPUT = 20_000_000
_SIDE_BY_SIDE = 64

Json = dict[str, Any]


def listeners(asked: Sequence[Json]) -> list[Json]:
    """Say for each ``host`` and ``port`` at which ``address`` something listens, None where nothing does.

    The host ``*`` is any address of this host. All are asked side by side, so it takes no longer than one.
    """
    deadline = Deadline(LISTEN_SECONDS)
    with ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
        found = pool.map(lambda each: _listener(each["host"], each["port"], deadline), asked)
        return [{"host": each["host"], "port": each["port"], "address": at} for each, at in zip(asked, found)]


def _listener(host: str, port: int, deadline: Deadline) -> str | None:
    addresses: list[tuple[Any, ...]] = []
    for name in ("127.0.0.1", "::1", socket.gethostname()) if host == "*" else (host,):
        with contextlib.suppress(OSError, ValueError):
            addresses += socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    with contextlib.suppress(OSError):
        for sock, address in connections(addresses, deadline, []):
            sock.close()
            return address
    return None


def command(name: str, argv: Sequence[str], timeout: float) -> Json:
    """Run a program once, without input; say what it printed, or why there is nothing."""
    answer: Json = {"name": name, "state": "done", "rc": None, "stdout": "", "stderr": "", "message": ""}
    try:
        # A session of its own, so that what it starts ends with it.
        # Helpers know no AnsibleModule, and so no run_command.
        process = subprocess.Popen(  # pylint: disable=ansible-bad-function
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except (OSError, ValueError) as e:
        missing = isinstance(e, FileNotFoundError)
        why = getattr(e, "strerror", None) or str(e)
        return {**answer, "state": "missing" if missing else "error", "message": f"{argv[0]}: cannot be run: {why}."}
    with process:
        state, out, err = _output(process, time.monotonic() + timeout)
        if state != "done":
            with contextlib.suppress(OSError):
                os.killpg(process.pid, signal.SIGKILL)
        answer.update(state=state, rc=process.wait(), stdout=decoded(out), stderr=decoded(err))
    if state == "timeout":
        answer["message"] = f"{argv[0]}: did not end within {timeout:g} s."
    elif state == "large":
        answer["message"] = f"{argv[0]}: prints more than {MOST_OUTPUT} bytes, more than are read."
    return answer


def _output(process: subprocess.Popen[bytes], deadline: float) -> tuple[str, bytes, bytes]:
    """Read what a program prints until its end, the deadline, or too much."""
    parts: dict[Any, list[bytes]] = {process.stdout: [], process.stderr: []}
    size = 0
    with selectors.DefaultSelector() as selector:
        for stream in parts:
            selector.register(stream, selectors.EVENT_READ)
        while selector.get_map():
            ready = selector.select(max(0.0, deadline - time.monotonic()))
            if not ready:
                break
            for key, _events in ready:
                data = os.read(key.fd, 65536)
                parts[key.fileobj].append(data)
                size += len(data)
                if not data:
                    selector.unregister(key.fileobj)
            if size > MOST_OUTPUT:
                return "large", b"", b""
        is_over = not selector.get_map()
    out, err = (b"".join(read) for read in parts.values())
    return ("done" if is_over else "timeout"), out, err
