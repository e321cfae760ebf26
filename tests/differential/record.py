# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file with a line of JSON for each case of a campaign, kept at once: one that is cut has its figures, and can go on."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any


class Record:
    """The file; ``earlier`` is what it holds already of a campaign that goes on. ``wanted`` is the number of all cases."""

    def __init__(self, path: Path, *, resume: bool, wanted: int) -> None:
        self.path, self._wanted = path, wanted
        path.parent.mkdir(parents=True, exist_ok=True)
        text = path.read_text(encoding="utf-8") if resume and path.exists() else ""
        # A line that a cut run left unfinished is none: what is added begins on a line of its own.
        whole = text[: text.rfind("\n") + 1]
        self.earlier: list[dict[str, Any]] = [json.loads(line) for line in whole.split("\n")[:-1]]
        self._file = path.open("a", encoding="utf-8")
        self._file.truncate(len(whole.encode()))
        self._begun = time.monotonic()

    def add(self, kept: Mapping[str, Any]) -> None:
        """Keep a case."""
        self._file.write(json.dumps(kept) + "\n")
        self._file.flush()

    def pace(self, done: int) -> str:
        """Say how long it took, and how long what is left will take, when so many cases are done, earlier ones too."""
        passed, own = time.monotonic() - self._begun, done - len(self.earlier)
        left = (self._wanted - done) * passed / max(1, own)
        return f"[{passed / 60:.1f} min, {left / 60:.0f} min left]"
