# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules: the groups of the key exchange, as Java is told and as a port takes them.

Observed on OpenJDK 17 and 25: jdk.tls.namedGroups in whatever case, with blanks and in quotes; names that Java does not
know are passed over, and where no other is left nothing that does TLS starts. Both take the same ten by default.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.zosconnect.security.plugins.module_utils.named_groups import (
    CURVES,
    FINITE_FIELDS,
    GROUPS,
    HYBRID,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.hints import several, shortened
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.variables import Origin
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.rules.rule import Fault, Subject, rule
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.rules.strength import java_level

_PROPERTY = "jdk.tls.namedGroups"
_SPELLED = {name.lower(): name for name in GROUPS}
# Curves that older Javas have; whether this one can use them is not judged.
_OLD_CURVE = re.compile(r"sec[pt]\d{3}[kr][12]")
# The Java that has the hybrid groups (JEP 527), and the first that was seen to take x25519 and x448.
_FIRST_HYBRID, _FIRST_X = 27, 17
_BY_DEFAULT = (*CURVES, *FINITE_FIELDS)


def _listed(subject: Subject) -> tuple[list[str], Origin] | None:
    """Return the groups that a jvm.options names, and where; None where none does."""
    value = subject.effective.assembly.variables.outer.system.get(_PROPERTY, "")
    names = [name.strip() for name in value.strip('"').split(",") if name.strip()]
    for path, data in subject.files.content.items():
        if names and posixpath.basename(path) == "jvm.options":
            for number, line in enumerate(re.split(r"\r\n|\r|\n", data.decode("utf-8", errors="replace")), 1):
                if line.strip() == f"-D{_PROPERTY}={value}":
                    return [_SPELLED.get(name.lower(), name) for name in names], Origin(path, number)
    return None


def _usable(names: Collection[str], java: int | None) -> list[str]:
    """Return the names that a Java has; of one that is not known, those that any has."""
    known = {*_BY_DEFAULT, *(HYBRID if java is None or java >= _FIRST_HYBRID else ())}
    return [name for name in names if name in known or _OLD_CURVE.fullmatch(name.lower())]


@rule("key-groups-none")
def no_groups(subject: Subject) -> Iterator[Fault]:
    if listed := _listed(subject):
        names, origin = listed
        if not _usable(names, java_level(subject.effective)):
            shown = several([shortened(name) for name in names])
            yield Fault(origin, f"{_PROPERTY} names no group that Java has: {shown}.", about=(_PROPERTY,))


@rule("key-groups-limited")
def limited(subject: Subject) -> Iterator[Fault]:
    if listed := _listed(subject):
        names, origin = listed
        java = java_level(subject.effective)
        usable = _usable(names, java)
        if usable and not HYBRID.keys() & {*names}:
            late = ("x25519", "x448") if java is not None and java < _FIRST_X else ()
            left = [name for name in _BY_DEFAULT if name not in {*usable, *late}]
            without = f", and leaves out {several(left)}" if left else ""
            text = f"{_PROPERTY} allows {several(usable)}, none of them post-quantum{without}."
            yield Fault(origin, text, about=(_PROPERTY,), detail=frozenset(left))


@dataclass(frozen=True)
class Scanned:
    """A port (``host:port``), and the ``scan`` of it that tls_probe returns."""

    place: str
    scan: Mapping[str, Any]

    def accepted(self, kind: str) -> list[str]:
        """Return the names of the protocols, or of the groups, that it takes."""
        return [one["name"] for one in self.scan[kind] if one["accepted"]]


@rule("port-old-protocol")
def old_protocol(scanned: Scanned) -> Iterator[Fault]:
    old = [name for name in scanned.accepted("protocols") if name < "TLSv1.2"]
    if old:
        text = f"Port {scanned.place} takes {' and '.join(old)}."
        yield Fault(Origin(scanned.place), text, about=("port", scanned.place), detail=frozenset(old))


@rule("key-exchange-classical")
def classical(scanned: Scanned) -> Iterator[Fault]:
    if scanned.scan["post_quantum"] is False:
        groups = scanned.accepted("groups")
        taken = f"takes {', '.join(groups)}, none of them post-quantum" if groups else "takes no group of TLS 1.3"
        yield Fault(Origin(scanned.place), f"Port {scanned.place} {taken}.", about=("port", scanned.place))


RULES = (no_groups, limited)
WIRE = (old_protocol, classical)
