# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a rule is: a function that looks at a server and yields what is wrong, and the card for people."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.files import Files
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import Effective, Instance
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.variables import Origin
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import (
    applications,
    features,
    outbound,
    ports,
    require_secure,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.cards import CARDS, Card
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.outbound import Call
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.ports import Port
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.refresh import Comparison
from ansible_collections.zosconnect.security.plugins.plugin_utils.zosconnect import OAS3

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
    def artifacts(self) -> list[require_secure.Artifact]:
        """Requesters, APIs and services for which the server has a feature; z/OS Connect 3.0 has none of them."""
        if self.is_oas3:
            return []
        found = require_secure.artifacts(self.effective, self.files, self.server_dir)
        return [one for one in found if require_secure.may_be_called(self.effective, one.side)]

    @cached_property
    def ssl_configurations(self) -> list[Instance]:
        """All SSL configurations, those that are nested in what uses them as well."""
        nested = [
            child
            for name in ("zosconnect_endpointConnection", "zosconnect_authorizationServer")
            for called in self.effective.all(name)
            for child in called.children.get("sslCerts", [])
        ]
        return [*self.effective.all("ssl"), *nested]

    @cached_property
    def ssl_in_use(self) -> list[Instance]:
        """The SSL configurations by which ports are served and calls are made."""
        serving = [self.effective.by_id("ssl", port.ssl) for port in self.ports if port.tls and not port.unusable]
        calling = [call.ssl for call in self.calls]
        return [ssl for ssl in (*serving, *calling) if ssl is not None]

    @staticmethod
    def title(ssl: Instance) -> str:
        """Return how sentences name an SSL configuration."""
        return f"<{ssl.element} id={ssl.id!r}>"

    @staticmethod
    def remedy(ssl: Instance, **attributes: object) -> list[Json]:
        """Return the remedy for one SSL configuration; for a nested one server_xml has no short input."""
        return want("ssl", ssl.id, **attributes) if ssl.element == "ssl" else []

    def place_of(self, ssl: Instance) -> Origin:
        """Return where an SSL configuration stands; of one that no file mentions, who uses it."""
        if any(place.line is not None for place in ssl.places):
            return ssl.places[-1]
        serving = (port.origin for port in self.ports if port.tls and port.ssl == ssl.id)
        calling = (call.origin for call in self.calls if call.ssl is ssl)
        return next((origin for origin in (*serving, *calling) if origin.line is not None), ssl.origin("sslProtocol"))

    @cached_property
    def is_oas3(self) -> bool:
        """Whether this is a server of z/OS Connect 3.0 (OpenAPI 3)."""
        return features.version(self.effective) == OAS3

    @cached_property
    def web_applications(self) -> list[applications.WebApplication]:
        return applications.web_applications(self.effective)

    @property
    def endpoint_connections(self) -> list[Instance]:
        return self.effective.all("zosconnect_endpointConnection")


@dataclass(frozen=True)
class Fault:
    """What a rule yields: where, what, and the ready input of server_xml that mends it, where there is one.

    ``about`` is what the fault is in, by names (element, id, attribute) that stay when lines move; ``detail`` what is
    wrong there, which grows when more of it is.
    """

    origin: Origin
    message: str
    remedy: Sequence[Json] = ()
    about: tuple[object, ...] = field(default=(), kw_only=True)
    detail: frozenset[object] = field(default=frozenset(), kw_only=True)

    @property
    def element(self) -> str | None:
        """A second place by which waivers may name it, wherever it stands: ``ssl ID``."""
        named = len(self.about) > 1 and all(isinstance(name, str) for name in self.about[:2])
        return f"{self.about[0]} {self.about[1]}" if named else None


# Rules about keys look at something else, see ``rules_keys``.
Look = Callable[[Any], Iterable[Fault]]


@dataclass(frozen=True)
class Rule:
    """A rule: what looks, and the card of what it finds."""

    card: Card
    look: Look

    @property
    def id(self) -> str:
        return self.card.id

    @property
    def severity(self) -> str:
        return self.card.severity


def rule(identity: str) -> Callable[[Look], Rule]:
    """Make a Rule of a function, by the id of its card."""
    return lambda look: Rule(CARDS[identity], look)


def of(instance: Instance, *names: str) -> tuple[object, ...]:
    """Return what a fault is about: an element, and which of its attributes. Numbers instead of ids may change."""
    return instance.element, instance.id if instance.explicit else None, *names


def want(element: str, identity: str | None = None, **attributes: object) -> list[Json]:
    """Return the input of server_xml that sets attributes of one element."""
    return [{"element": element, **({} if identity is None else {"id": identity}), "attributes": attributes}]
