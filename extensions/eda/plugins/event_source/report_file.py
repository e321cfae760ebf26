# Copyright (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads a report again and again, so that time passing is an event."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

DOCUMENTATION = r"""
---
short_description: Read a report of zosconnect.security again and again.
description:
  - The event is the report, or a mapping with C(problem) where it cannot be read. The filter
    C(zosconnect.security.certificates) makes events for servers of it.
  - A report need not be new. What counts is when its certificates end.
options:
  path:
    description: The report in JSON. Empty means that nothing is read, for those who only want another source.
    type: str
    default: ""
  every:
    description: How many seconds pass before it is read again.
    type: int
    default: 86400
"""

EXAMPLES = r"""
- zosconnect.security.report_file:
    path: /var/lib/zosconnect/look.json
    every: 86400
  filters:
    - zosconnect.security.certificates:
"""

LARGEST = 64 * 1024 * 1024


async def main(queue: asyncio.Queue[Any], args: dict[str, Any]) -> None:
    """Put the report into the queue, every so many seconds. Raises ValueError for what cannot be meant."""
    path = str(args.get("path") or "")
    every = _seconds(args.get("every", 86400))
    while True:
        if path:
            await queue.put(read(Path(path)))
        await asyncio.sleep(every)


def _seconds(given: object) -> int:
    try:
        seconds = int(str(given))
    except ValueError:
        seconds = 0
    if seconds < 1:
        raise ValueError(f"report_file: every is {given!r}, and must be a number of seconds, 1 or more.")
    return seconds


def read(path: Path) -> dict[str, Any]:
    """Return the report, or a mapping that says why there is none."""
    try:
        if path.stat().st_size > LARGEST:
            return {"problem": f"the report {path} is larger than {LARGEST:,} bytes."}
        report = json.loads(path.read_text(encoding="utf-8"))
    except OSError as problem:
        return {"problem": f"the report {path} cannot be read: {problem.strerror}."}
    except ValueError:
        return {"problem": f"the report {path} is not JSON in UTF-8."}
    return report if isinstance(report, dict) else {"problem": f"the report {path} is no mapping."}
