# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""From what a server's messages are predicted, and what of it is new: a running server looks at what changed only."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import elements
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import raw as raws
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import Effective
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.raw import Raw, Reference, Text
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.keys.places import Place


@dataclass(frozen=True)
class Situation:
    """``effective`` is the configuration as it will be, ``before`` the one that the server runs; None: it starts.

    ``stores`` are what key stores hold, by the ids of their elements; of one that is not there nothing is known.
    ``taken`` are ports on which another program listens.
    """

    effective: Effective
    before: Effective | None = None
    stores: Mapping[str, Place] = field(default_factory=dict)
    taken: Collection[int] = ()

    def is_new(self, element: str, identity: str | None) -> bool:
        """Say whether the server looks at an element: all of them when it starts, later what is not as before."""
        if self.before is None or self.before.assembly.refused is not None:
            return True
        return _written(self.effective).get((element, identity)) != _written(self.before).get((element, identity))

    def was_there(self, element: str, identity: str | None) -> bool:
        """Say whether the running server has that element, which it keeps where the new one is bad."""
        if self.before is None:
            return False
        return any(one.id == identity for one in self.before.all(element) if one.places)

    @cached_property
    def is_changed(self) -> bool:
        """Say whether any element is not as before."""
        return self.before is None or _written(self.effective) != _written(self.before)

    @cached_property
    def has_new_keys(self) -> bool:
        """Say whether an element of TLS is not as before: then all https ports are closed and opened again."""
        if self.before is None:
            return True
        old, new = (
            {key: text for key, text in _written(one).items() if key[0] in ("ssl", "keyStore", "sslDefault")}
            for one in (self.before, self.effective)
        )
        return old != new


def _written(effective: Effective) -> dict[tuple[str, str | None], object]:
    """Return what is written of each element, variables replaced, by its name and id."""
    return effective.once("written", lambda: _all_written(effective))


def _all_written(effective: Effective) -> dict[tuple[str, str | None], object]:
    found: dict[tuple[str, str | None], object] = {}
    for name, occurrences in effective.assembly.elements.items():
        entry = elements.CATALOGUE.get(name)
        by_id = entry.by_id if entry else any(one.id is not None for one in occurrences)
        groups = raws.by_identity(occurrences, entry.default_id if entry else None) if by_id else {None: occurrences}
        for identity, group in groups.items():
            found[name, identity] = [_content(one, effective) for one in group]
    return found


def _content(raw: Raw, effective: Effective) -> object:
    def of(item: Text | Reference | Raw) -> object:
        if isinstance(item, Raw):
            return _content(item, effective)
        return _resolved(item.text, effective) if isinstance(item, Text) else item.id

    return {
        key: [of(item) for item in ((each.scalar,) if each.scalar else each.items)]
        for key, each in raw.attributes.items()
    }


def _resolved(text: str, effective: Effective) -> str:
    try:
        return effective.assembly.variables.resolve(text)[0] if "${" in text else text
    except SecurityError:
        return text
