# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a prediction is: one message that Liberty will write, about what, and why; the sentence for people is made last.

What a message means is not said here: that is in the cards of ``diagnose``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ansible_collections.zosconnect.security.plugins.plugin_utils.hints import shortened
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.problems import Problem
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.variables import Origin

# Liberty writes it when it reads the configuration, or not before the first caller comes.
UPDATE, HANDSHAKE = "update", "handshake"
# What was read shows it; or it depends on something that is not seen from here, such as features of other products.
CERTAIN, LIKELY = "certain", "likely"

# Why a message comes.
PROBLEM, KEPT, UPDATED, UNCHANGED, REFUSED = "problem", "kept", "updated", "unchanged", "refused"
FEATURE_UNKNOWN, FEATURE_CLASH, CONFLICT = "feature-unknown", "feature-clash", "conflict"
PORT_OPENS, PORT_TWICE, PORT_TAKEN, HOST_UNKNOWN, HOST_EMPTY, NO_PORTS = (
    "opens",
    "twice",
    "taken",
    "host-unknown",
    "host-empty",
    "no-ports",
)
STORE_MISSING, STORE_CLOSED, STORE_MADE, STORE_BARE, STORE_SHORT = "missing", "closed", "made", "bare", "short"
PROTOCOL, ALIAS, NO_KEY = "protocol", "alias", "no-key"


@dataclass(frozen=True)
class Prediction:
    """One message: ``kind`` is why it comes, ``origin`` where that stands, the names are what it is about.

    ``other`` is what else has a part in it: a second feature or endpoint, a file, a value.
    """

    id: str
    kind: str
    origin: Origin
    element: str | None = None
    identity: str | None = None
    attribute: str | None = None
    port: int | None = None
    other: str | None = None
    problem: Problem | None = None
    certainty: str = CERTAIN
    when: str = UPDATE

    @property
    def message(self) -> str:
        """The prediction as a sentence."""
        if self.problem is not None and self.kind == PROBLEM:
            return self.problem.message
        return _SENTENCES[self.kind](self)

    def shown(self) -> Mapping[str, object]:
        """Return the prediction as plain data."""
        return {
            "id": self.id,
            "kind": self.kind,
            "message": self.message,
            "origin": str(self.origin),
            "element": self.element,
            "element_id": self.identity,
            "attribute": self.attribute,
            "port": self.port,
            "certainty": self.certainty,
            "when": self.when,
        }


def _named(one: Prediction) -> str:
    identity = "" if one.identity is None else f" {shortened(one.identity)}"
    return f"<{one.element}>{identity}"


_SENTENCES: dict[str, Callable[[Prediction], str]] = {
    KEPT: lambda one: f"{one.origin}: the running server keeps the {_named(one)} that it has.",
    UPDATED: lambda _one: "The server takes the configuration.",
    UNCHANGED: lambda _one: "The server finds nothing that is changed.",
    REFUSED: lambda one: f"The server refuses the configuration: {one.other}",
    FEATURE_UNKNOWN: lambda one: f"{one.origin}: Liberty finds no feature {shortened(one.other or '')!r}.",
    FEATURE_CLASH: lambda one: f"{one.origin}: {one.other}",
    CONFLICT: lambda one: f"{one.origin}: {one.attribute} of {_named(one)} has several values; the last one counts.",
    PORT_OPENS: lambda one: f"{one.origin}: port {one.port} of {one.identity} opens.",
    PORT_TWICE: lambda one: (
        f"{one.origin}: port {one.port} of {one.identity} is also that of {one.other}; one of them opens it."
    ),
    PORT_TAKEN: lambda one: (
        f"{one.origin}: port {one.port} of {one.identity} does not open, another program listens there."
    ),
    HOST_UNKNOWN: lambda one: (
        f"{one.origin}: port {one.port} of {one.identity} does not open, {one.other} is no host that can be found."
    ),
    HOST_EMPTY: lambda one: f"{one.origin}: port {one.port} of {one.identity} does not open, its host is empty.",
    NO_PORTS: lambda one: f"{one.origin}: {_named(one)} has no port, so it does nothing.",
    STORE_MISSING: lambda one: f"{one.origin}: the file of {_named(one)} is not there: {one.other}.",
    STORE_CLOSED: lambda one: f"{one.origin}: Liberty cannot open the store of {_named(one)}: {one.other}.",
    STORE_MADE: lambda one: (
        f"{one.origin}: the file of {_named(one)} is not there, so Liberty makes one with a certificate of its own."
    ),
    STORE_SHORT: lambda one: f"{one.origin}: Liberty makes no store for {_named(one)}: {one.other}.",
    STORE_BARE: lambda one: f"{one.origin}: {_named(one)} has no password, so Liberty makes no default key store.",
    PROTOCOL: lambda one: f"{one.origin}: {one.other}.",
    ALIAS: lambda one: (
        f"{one.origin}: no caller of port {one.port} gets through: the store of {_named(one)} has no key {one.other!r}."
    ),
    NO_KEY: lambda one: (
        f"{one.origin}: no caller of port {one.port} gets through: the store of {_named(one)} has no private key."
    ),
}
