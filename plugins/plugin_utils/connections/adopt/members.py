# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who is called at the ports of a server: API requesters by name, or the web applications of z/OS Connect 3.0.

Nobody can see at which port a requester is called. Those that demand TLS go to the first port with TLS, those that
accept plain http to the first one behind AT-TLS: each name stands once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.adopt import unsaid
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.adopt.said import Places, Said
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.adopt.unsaid import Unsaid
from ansible_collections.zosconnect.security.plugins.plugin_utils.declared import shown
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.attributes import BUILT_IN
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import Effective
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import applications, features, require_secure
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.require_secure import MANAGER, SIDES, Artifact
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.server import Server
from ansible_collections.zosconnect.security.plugins.plugin_utils.zosconnect import OAS3

_REQUESTERS = SIDES[0]
# The scopes that count for more than one requester, in the words of a declaration.
_SCOPES = {"all_requesters": _REQUESTERS.collection, "server": MANAGER}


@dataclass(frozen=True)
class Members:
    """Reads the names; what cannot be said of them is added to ``unsaid``."""

    server: Server
    places: Places
    unsaid: list[Unsaid] = field(default_factory=list)

    @property
    def _effective(self) -> Effective:
        return self.server.effective()

    def shared(self, connections: Sequence[tuple[str, Said]]) -> list[tuple[str, Said]]:
        """Return the connections (of callers) with the names of who is called there."""
        first: dict[str, int] = {}
        for number, (_name, said) in enumerate(connections):
            first.setdefault(said.plain()["server_tls"], number)
        by_tls = self._applications(first) if features.version(self._effective) == OAS3 else self._requesters(first)
        made = list(connections)
        for tls, number in first.items():
            name, said = made[number]
            made[number] = (name, _joined(said, by_tls.get(tls, {})))
        return made

    def _applications(self, first: Mapping[str, int]) -> dict[str, dict[str, Said]]:
        tls = next(iter(sorted(first, reverse=True)), None)  # jsse before attls
        found = [Said(one.name, self.places.of(one.origin)) for one in applications.web_applications(self._effective)]
        return {tls: {"web_applications": Said(found)}} if tls and found else {}

    def _requesters(self, first: Mapping[str, int]) -> dict[str, dict[str, Said]]:
        names: dict[str, dict[str, Said]] = {}
        for one in require_secure.artifacts(self._effective, self.server.files, self.server.places.server):
            if one.side is _REQUESTERS:
                tls = "jsse" if one.secure.value else "attls"
                if tls in first:
                    names.setdefault(tls, {}).setdefault(one.name, Said(one.name, self._place(one)))
                else:
                    self._homeless(one)
        said = {tls: {"requesters": Said(list(found.values()))} for tls, found in names.items()}
        if "attls" in first and (scopes := dict(self._open_scopes())):
            said.setdefault("attls", {})["require_secure"] = Said(scopes)
        return said

    def _place(self, one: Artifact) -> str:
        return self.places.of(one.origin) if one.origin else "archive"

    def _homeless(self, one: Artifact) -> None:
        kind = unsaid.NO_PORT_FOR if one.secure.value else unsaid.PLAIN_REQUESTERS
        self.unsaid.append(Unsaid(kind, f"API requester {shown(one.name)}", self._place(one)))

    def _open_scopes(self) -> Iterator[tuple[str, Said]]:
        """Yield the scopes of more than one requester that accept plain http."""
        for word, element in _SCOPES.items():
            scope = self._effective.one(element)
            value = scope.attributes.get("requireSecure") if scope else None
            if value and value.value is False and value.origin is not BUILT_IN:
                yield word, Said(False, f"<{element}>, {self.places.of(value.origin)}")


def _joined(said: Said, more: Mapping[str, Said]) -> Said:
    own = said.value if isinstance(said.value, Mapping) else {}
    return Said({**own, **more}, said.origin)
