# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which certificate of a SAF key ring a port shows, by what RACDCERT LISTRING printed.

It is told as a comment: to say it in the declaration would write serverKeyAlias where the server has none.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.desired import ring_type
from ansible_collections.zosconnect.security.plugins.plugin_utils.saf import racdcert
from ansible_collections.zosconnect.security.plugins.plugin_utils.saf.racdcert import KeyRing, RingConnection


@dataclass(frozen=True)
class Rings:
    """The key rings of a listing; ``user_id`` is the server's, whose rings stand without an owner in a URL."""

    listed: tuple[KeyRing, ...] = field(default_factory=tuple)
    user_id: str | None = None

    def shown(self, location: str, alias: str | None) -> str:
        """Say which certificate of a ring is shown; nothing where it is no ring, or nobody can tell."""
        ring = self._ring(location)
        if ring is None:
            return ""
        keys = [one for one in ring.connections if one.usage == "PERSONAL"]
        found = _key(keys, alias)
        name = f"key ring {ring.owner}/{ring.name}"
        if found:
            why = "serverKeyAlias" if alias else "the default" if found.default else "the only one with a key"
            return f"shows {found.label} of {found.owner}, {why} of {name}"
        return f"{name} has no certificate {alias} with a key" if alias else ""

    def _ring(self, location: str) -> KeyRing | None:
        """Return the ring that a URL names; without an owner it is the server's, or the only one of that name."""
        if ring_type(location) is None:
            return None
        owner, _slash, name = location.partition("://")[2].partition("/")
        found = [
            ring for ring in self.listed if ring.name == name and ring.owner == (owner or self.user_id or ring.owner)
        ]
        return found[0] if len(found) == 1 else None


def _key(keys: list[RingConnection], alias: str | None) -> RingConnection | None:
    if alias:
        return next((one for one in keys if one.label.lower() == alias.lower()), None)
    return next((one for one in keys if one.default), keys[0] if len(keys) == 1 else None)


def read(listing: str, user_id: str | None) -> Rings:
    """Return the rings of a listing; raise SecurityError for a text that is none."""
    if not listing.strip():
        return Rings()
    try:
        found = racdcert.parse(listing).rings
    except SecurityError as e:
        raise SecurityError(f"ring_listing: {e}") from e
    return Rings(tuple(found.values()), user_id)
