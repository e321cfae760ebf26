# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a rule is: a function that looks at a server and yields what is wrong, with its id, severity, reason, source."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.files import Files
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import Effective, Instance
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.variables import Origin
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import outbound, ports, require_secure
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.outbound import Call
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.ports import Port
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.refresh import Comparison

HIGH, MEDIUM, LOW, INFORMATION = "high", "medium", "low", "information"
SEVERITIES = (HIGH, MEDIUM, LOW, INFORMATION)
OBSERVED = "Observed on Open Liberty 25.0.0.6 and 26.0.0.3"
SCHEMA = "Open Liberty server schema"
Json = dict[str, Any]


@dataclass(frozen=True)
class Subject:
    """What rules look at: the effective configuration, its files (``facts``: mode and so on by path), what AT-TLS does.

    ``attls_ports`` are the server's ports behind AT-TLS, ``attls_targets`` the ids of endpoint connections in front of
    it, ``attls_doubts`` say of ports why a policy does not tell. ``running`` is the comparison with the running server,
    where it was asked.
    """

    effective: Effective
    files: Files
    facts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    server_dir: str = "."
    attls_ports: Collection[int] = ()
    attls_targets: Collection[str] = ()
    running: Comparison | None = None
    attls_doubts: Mapping[int, str] = field(default_factory=dict)

    @cached_property
    def ports(self) -> list[Port]:
        return ports.ports(self.effective, self.attls_ports)

    @cached_property
    def calls(self) -> list[Call]:
        """All that the server calls."""
        return outbound.calls(self.effective, self.attls_targets)

    @cached_property
    def callables(self) -> list[require_secure.Subject]:
        """Requesters, APIs and services."""
        return list(require_secure.subjects(self.effective, self.files, self.server_dir))

    @property
    def endpoint_connections(self) -> list[Instance]:
        return self.effective.all("zosconnect_endpointConnection")


@dataclass(frozen=True)
class Fault:
    """What a rule yields: where, what, and the ready input of server_xml that mends it, where there is one.

    ``element``, as ``ssl ID``, is a second place by which waivers may name it, wherever it stands.
    """

    origin: Origin
    message: str
    remedy: Sequence[Json] = ()
    element: str | None = None


# Rules about keys look at something else, see ``rules_keys``.
Look = Callable[[Any], Iterable[Fault]]


@dataclass(frozen=True)
class Rule:
    """A rule; ``why`` it matters, ``source`` and, where no change of a file mends it, ``action`` are for people."""

    id: str
    severity: str
    why: str
    source: str
    look: Look
    action: str | None = None


def rule(identity: str, severity: str, *, why: str, source: str, action: str | None = None) -> Callable[[Look], Rule]:
    """Make a Rule of a function."""
    return lambda look: Rule(identity, severity, why, source, look, action)


def wish(element: str, identity: str | None = None, **attributes: object) -> list[Json]:
    """Return the input of server_xml that sets attributes of one element."""
    return [{"element": element, **({} if identity is None else {"id": identity}), "attributes": attributes}]
