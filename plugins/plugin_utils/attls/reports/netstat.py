# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What ``NETSTAT TTLS COnn`` and ``NETSTAT TTLS GRoup`` (``netstat -x``) print: what the stack itself does.

The head, LocalSocket, RemoteSocket, SecLevel and Cipher (code, then name) stand as public samples and a public REXX
program read them; the columns of the group report (TTLSGRPACTION, GROUP ID, CONNS) as in the public documentation of
Virtel. IBM's page names the report's content (rule and actions). UNCONFIRMED: the keys ConnID, JobName, TTLSRule,
TTLSGrpAction, TTLSEnvAction, TTLSConnAction and CertUserID, and what stands there for a connection without TLS. So
what is not known for sure to mean TLS counts as no TLS.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.reports.listing import lines

_HEAD = re.compile(r"NETSTAT CS \S+\s+(?:TCPIP Name:\s*)?(\S+)", re.IGNORECASE)
_LEVEL = re.compile(r"(TLS|SSL)\s*v?(?:ersion)?\s*(\d)(?:[.\s]+(\d))?", re.IGNORECASE)
_GROUP = re.compile(r"(\S+)\s+([0-9A-F]{8})\s+([0-9]{1,10})")
_NONE = {"", "n/a", "none", "<none>"}


@dataclass
class Mapped:
    """One connection: its values by lower-case key, as the report shows them."""

    values: dict[str, str] = field(default_factory=dict)

    def get(self, key: str) -> str | None:
        """Return a value; None where it is absent or says that there is none."""
        value = self.values.get(key.lower(), "")
        return None if value.lower() in _NONE else value

    @property
    def protocol(self) -> str | None:
        """The protocol as policies spell it, such as TLSv1.2; None without TLS."""
        match = _LEVEL.match(self.get("SecLevel") or "")
        if not match:
            return None
        minor = f".{match[3]}" if match[3] and match[3] != "0" else ""
        return f"{match[1].upper()}v{match[2]}{minor}"

    @property
    def cipher(self) -> str | None:
        """The name of the cipher suite, else its code."""
        words = (self.get("Cipher") or "").split()
        return words[-1] if words else None


@dataclass(frozen=True)
class Report:
    """``stack`` is whose report it is; ``groups`` are (group action, number of connections)."""

    stack: str
    connections: tuple[Mapped, ...]
    groups: tuple[tuple[str, int], ...]


def parse(text: str) -> Report | None:
    """Return the report of a text; None where it has no head of one."""
    head = _HEAD.search(text)
    if not head:
        return None
    connections: list[Mapped] = []
    groups: list[tuple[str, int]] = []
    for line in lines(text[head.end() :]):
        if match := _GROUP.fullmatch(line.text):
            groups.append((match[1], int(match[3])))
        for key, value in line.pairs:
            if key.lower() == "connid" or (key.lower() == "localsocket" and _seen(connections)):
                connections.append(Mapped())
            if connections:
                # With DETAIL, values of the actions follow under keys of their own; the first of a key is the report's.
                connections[-1].values.setdefault(key.lower(), value)
    return Report(head[1], tuple(connections), tuple(groups))


def _seen(connections: list[Mapped]) -> bool:
    return not connections or "localsocket" in connections[-1].values
