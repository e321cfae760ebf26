# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a run left anything for the next one beside a server's files. PRIVATE to this collection.

Standard library only, Python 3.9. Mostly nothing is left, and then what reads it (journal, pending) need not be loaded:
on the target all code is compiled in each call.
"""

from __future__ import annotations

import os
from typing import Any

from ansible_collections.zosconnect.security.plugins.module_utils import ways

JOURNAL = ".zosconnect-security.journal"
NOTE = ".zosconnect-security.pending"

Json = dict[str, Any]


def journal_in(directory: str) -> str:
    """Return the path of the journal in a directory."""
    return os.path.join(directory, JOURNAL)


def note_in(directory: str) -> str:
    """Return the path of the note in a server's directory."""
    return f"{directory.rstrip('/')}/{NOTE}"


def is_there(path: str) -> bool:
    """Say whether there may be something: also where the way to it cannot be gone, which its reader then says."""
    try:
        with ways.find(path) as spot:
            return spot.status() is not None or spot.was_link
    except FileNotFoundError:
        return False
    except (OSError, ways.WayError):
        return True


def no_journal(directory: str) -> Json:
    """Return what is said of a directory without a journal; see target_read."""
    answer: Json = {"directory": directory, "path": None, "state": "none", "transaction": None, "phase": None}
    return {**answer, "began": None, "files": [], "why": "", "message": ""}


def no_note(directory: str) -> Json:
    """Return what is said of a server that was told of everything; see target_read."""
    return {"path": note_in(directory), "state": "none", "kinds": [], "log": None, "message": ""}
