# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is there of one connection already, in the words of a declaration: it counts where the declaration is silent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.attls_end import AttlsEnd
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.profile import Profile
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import Instance

if TYPE_CHECKING:
    from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.takeover.claims import Taken

# Elements that a declaration may name, for a port of the server and for an endpoint that it calls.
OF_PORT = ("httpEndpoint", "sslOptions", "ssl", "keyStore", "trustStore")
OF_CALL = ("ssl", "keyStore", "trustStore")


@dataclass(frozen=True)
class Asked:
    """What a declaration says of where a connection is.

    ``rule`` is the name of the AT-TLS rule at the server; it must be there where nothing says how to make it.
    """

    where: str
    name: str
    port: int
    host: str | None = None
    server_tls: str | None = None
    rule: str | None = None
    must_be_there: bool = False
    elements: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Standing:
    """What counts where nothing is said; ``taken`` are the elements, None where the connection is new.

    ``key_store`` and ``trust_store`` are keys of a declaration, as far as the configuration says them.
    """

    taken: Taken | None = None
    server_tls: str | None = None
    host: str | None = None
    client_certificate: str | None = None
    identity: str | None = None
    profile: Profile | None = None
    inbound: AttlsEnd | None = None
    key_store: Mapping[str, Any] = field(default_factory=dict)
    trust_store: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_new(self) -> bool:
        """Whether the port is to be made."""
        return self.taken is None or self.taken.is_new


@dataclass(frozen=True)
class AskedCall:
    """What a declaration says of an endpoint that the server calls; see Asked."""

    where: str
    name: str
    connection: str
    server_tls: str | None = None
    rule: str | None = None
    must_be_there: bool = False
    elements: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class CallStanding:
    """What counts of a call where nothing is said; ``called`` is its element, None where the call is new.

    ``configuration`` is the SSL configuration with which it is called.
    """

    called: Instance | None = None
    server_tls: str | None = None
    host: str | None = None
    port: int | None = None
    ssl_configuration: str | None = None
    client_certificate: str | None = None
    profile: Profile | None = None
    configuration: Instance | None = None
    outbound: AttlsEnd | None = None
    key_store: Mapping[str, Any] = field(default_factory=dict)
    trust_store: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_new(self) -> bool:
        """Whether the call is to be made."""
        return self.called is None or not self.called.places


NEW = Standing()
NEW_CALL = CallStanding()
# Find what is there of a connection.
Look = Callable[[Asked], Standing]
LookCall = Callable[[AskedCall], CallStanding]
