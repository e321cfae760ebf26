# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What came of a change of several files, as data. PRIVATE to this collection. Standard library only, Python 3.9."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.zosconnect.security.plugins.module_utils import placing, stores
from ansible_collections.zosconnect.security.plugins.module_utils.journal import JournalError
from ansible_collections.zosconnect.security.plugins.module_utils.locks import PlaceError

APPLIED, PUT_BACK, REFUSED, LEFT = "applied", "put_back", "refused", "left"

Json = dict[str, Any]


class Stopped(Exception):
    """The change cannot be made, or is not what was declared; ``problem`` says why, as data with its sentence."""

    def __init__(self, kind: str, message: str, path: str | None = None, **facts: object) -> None:
        super().__init__(message)
        self.problem: Json = {"kind": kind, "path": path, "facts": facts}


def not_told(kind: str) -> Json:
    """Return what an answer has of a server that was not told of anything."""
    return {"kind": kind, "state": "none", "files": [], "message": ""}


@dataclass
class Outcome:
    """What the answer is made of."""

    outcome: str = REFUSED
    message: str = ""
    problem: Json | None = None
    refresh: Json = field(default_factory=lambda: not_told("operator"))
    refresh_back: Json | None = None
    gates: list[Json] = field(default_factory=list)
    pending: str = ""
    began: float = field(default_factory=time.monotonic)

    def note(self, e: Exception) -> None:
        """Remember why it is not as it was asked for."""
        self.message = str(e)
        if isinstance(e, Stopped):
            self.problem = e.problem
            return
        errors = {
            placing.ChangedError: "changed",
            PlaceError: "file",
            stores.StoreError: "store",
            JournalError: "journal",
        }
        kind = next((word for error, word in errors.items() if isinstance(e, error)), "system")
        self.problem = {"kind": kind, "path": None, "facts": {}}
        if kind == "system":
            self.message = f"It went no further because of an error that nobody expected ({type(e).__name__}): {e}."

    def answer(self, files: Sequence[Json], made: Sequence[Json] = ()) -> Json:
        """Return the answer of the module."""
        return {
            "outcome": self.outcome,
            "changed": self.outcome in (APPLIED, LEFT),
            "files": list(files),
            "stores": list(made),
            "refresh": self.refresh,
            "refresh_back": self.refresh_back,
            "gates": self.gates,
            "pending": self.pending,
            "problem": self.problem,
            "message": self.message,
            "jvm_starts": len(stores.STARTED),
            "seconds": round(time.monotonic() - self.began, 3),
        }
