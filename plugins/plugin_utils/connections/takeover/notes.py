# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What somebody should know of a change although it is no mistake: data first, sentences last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.hints import several

CLOSED = "plain_http_closed"
LEFT_OPEN = "plain_http_left"
KEPT = "plain_http_kept"
REPLACED = "replaced"
DROPPED = "dropped"
VARIABLE = "variable"
SHARED_FILE = "shared_file"
IDENTITY = "identity"


@dataclass(frozen=True)
class Note:
    """One thing to know: ``what`` it is about (an element, a file), where it stands, and ``who`` has to do with it."""

    kind: str
    connection: str
    what: str
    place: str
    who: tuple[str, ...] = ()
    instead: str | None = None

    def shown(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {**asdict(self), "who": list(self.who)}

    @property
    def sentence(self) -> str | None:
        """Return what is to be read as a warning; None where a line of the summary is enough."""
        who = several(self.who)
        if self.kind == CLOSED:
            return (
                f"{self.connection}: {self.what} ({self.place}) is closed, and {who} may be called there now."
                if who
                else None
            )
        if self.kind == LEFT_OPEN:
            return (
                f"{self.connection}: {self.what} ({self.place}) stays open, because {who} may be called there by plain "
                "http. Name them in requesters of a connection, or set plain_http to closed."
            )
        if self.kind == KEPT:
            return f"{self.connection}: plain_http is unchanged, so {self.what} ({self.place}) stays open to everybody."
        if self.kind == REPLACED:
            used = f"{self.connection}: {self.what} ({self.place}) is used by {who} too, so the connection gets "
            return f"{used}{self.instead}." if who else None
        if self.kind == DROPPED:
            return (
                f"{self.connection}: {self.what} does not exist, or Liberty drops it, so the connection gets "
                f"{self.instead}."
            )
        if self.kind == VARIABLE:
            return (
                f"{self.connection}: {self.what} ({self.place}) was {self.instead} and is written out now; the "
                "variable stays and counts there no longer."
            )
        if self.kind == IDENTITY:
            return (
                f"{self.connection}: who callers are taken for is one rule of the whole server. {self.what}, at {who} "
                "too. Set identity_rule (for the playbooks, connections_identity_rule) to certificate_or_basic, if "
                "certificates and passwords may count there."
            )
        return f"{self.connection}: changes {self.what}, which is outside of the server's directory{self._includers}."

    @property
    def _includers(self) -> str:
        return (
            f" and included by {several(self.who)} too"
            if self.who
            else "; other servers that include it change as well"
        )


def sentences(notes: Sequence[Note]) -> list[str]:
    """Return what is to be read as warnings."""
    return [sentence for note in notes if (sentence := note.sentence)]
