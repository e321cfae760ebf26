# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What each port of a server really demands of a caller.

The trap: when an SSL configuration cannot be found or built, Liberty serves the port with the default one, in silence,
with another
certificate and without asking for client certificates (observed on Open Liberty 25.0.0.6 and 26.0.0.3).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import BUILT_IN, Effective, Instance
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.variables import Origin

DEFAULT_SSL = "defaultSSLConfig"
# Features that bring TLS, by themselves or by what they pull in. Others may: then a feature list cannot tell.
_TLS = re.compile(r"(?i)(ssl|transportSecurity|restConnector|zosconnect:.*|adminCenter|appSecurity)-\d.*")


@dataclass(frozen=True)
class Port:
    """One open port. ``ssl`` is the SSL configuration that will really serve it; ``fallback`` why it is not the
    wanted one.
    """

    endpoint: str
    host: str
    port: int
    tls: bool
    origin: Origin
    ssl: str | None = None
    wanted_ssl: str | None = None
    fallback: str | None = None
    client_authentication: str = "none"
    protocols: str | None = None

    @property
    def verdict(self) -> str:
        """The port in one sentence."""
        if not self.tls:
            return "plain http, no TLS in the server"
        if self.fallback:
            return f"TLS, but not as meant: {self.fallback}"
        asks = {"none": "client certificates are not asked for", "supported": "client certificates are accepted"}
        return (
            f"TLS by <ssl id={self.ssl!r}>; {asks.get(self.client_authentication, 'a client certificate is required')}"
        )


def ports(effective: Effective) -> list[Port]:
    """Return the open ports of all enabled endpoints, in the order of their numbers."""
    found = [port for endpoint in effective.all("httpEndpoint") for port in _of_endpoint(effective, endpoint)]
    return sorted(found, key=lambda port: (port.port, port.endpoint))


def has_tls(effective: Effective) -> bool:
    """Say whether a feature that brings TLS is enabled."""
    manager = effective.one("featureManager")
    features = manager.get("feature") if manager else None
    return any(_TLS.fullmatch(feature.strip()) for feature in (features if isinstance(features, list) else []))


def _of_endpoint(effective: Effective, endpoint: Instance) -> Iterator[Port]:
    if endpoint.get("enabled") is False:
        return
    host, name = str(endpoint.get("host")), str(endpoint.id)
    plain, secure = endpoint.get("httpPort"), endpoint.get("httpsPort")
    if isinstance(plain, int) and plain > 0:
        yield Port(name, host, plain, tls=False, origin=endpoint.origin("httpPort"))
    if isinstance(secure, int) and secure > 0:
        yield _secure(effective, endpoint, Port(name, host, secure, tls=True, origin=endpoint.origin("httpsPort")))


def _secure(effective: Effective, endpoint: Instance, port: Port) -> Port:
    wanted, why = _wanted(effective, endpoint)
    fault = _fault(effective, wanted) if wanted else None
    if wanted is None or fault:
        serving = default_ssl(effective)
        fallback = why or fault
    else:
        serving, fallback = wanted, None
    ssl = effective.by_id("ssl", serving)
    return Port(
        port.endpoint,
        port.host,
        port.port,
        tls=True,
        origin=port.origin,
        ssl=serving if ssl else None,
        wanted_ssl=wanted,
        fallback=fallback,
        client_authentication=_asks(ssl),
        protocols=str(ssl.get("sslProtocol")) if ssl and ssl.get("sslProtocol") else None,
    )


def _wanted(effective: Effective, endpoint: Instance) -> tuple[str | None, str | None]:
    """Return the SSL configuration that an endpoint names, and why it will not be had; nothing named means the
    default one.
    """
    nested = endpoint.children.get("sslOptions")
    reference = endpoint.get("sslOptionsRef")
    options = nested[0] if nested else effective.by_id("sslOptions", reference or "defaultSSLOptions")
    dangling = [p for p in effective.problems if p.rule == "dangling" and "sslOptionsRef" in p.message]
    if not nested and reference is None and any(p.origin in endpoint.places for p in dangling):
        return None, "its sslOptionsRef leads nowhere, so the default SSL configuration serves it"
    wanted = options.get("sslRef") if options else None
    return (str(wanted), None) if wanted else (default_ssl(effective), None)


def default_ssl(effective: Effective) -> str:
    """Return the id of the default SSL configuration."""
    default = effective.one("sslDefault")
    return str(default.get("sslRef") or DEFAULT_SSL) if default else DEFAULT_SSL


def _fault(effective: Effective, identity: str) -> str | None:
    """Say why Liberty cannot build an SSL configuration, as far as the configuration shows."""
    ssl = effective.by_id("ssl", identity)
    if ssl is None:
        return f"the SSL configuration {identity!r} does not exist, so the default one serves it"
    if ssl.children.get("keyStore"):
        return None
    if ssl.get("keyStoreRef") is None:
        return f"the SSL configuration {identity!r} has no key store that exists, so the default one serves it"
    store = effective.by_id("keyStore", ssl.get("keyStoreRef"))
    if store and store.id != "defaultKeyStore" and store.get("password") is None:
        return f"the key store {store.id!r} has no password, so Liberty cannot open it and the default one serves it"
    return None


def _asks(ssl: Instance | None) -> str:
    if ssl is None:
        return "none"
    if ssl.get("clientAuthentication") is True:
        return "required"
    return "supported" if ssl.get("clientAuthenticationSupported") is True else "none"


def report(effective: Effective) -> list[dict[str, object]]:
    """Return the ports as plain data."""
    return [
        {
            "endpoint": port.endpoint,
            "host": port.host,
            "port": port.port,
            "protocol": "https" if port.tls else "http",
            "ssl": port.ssl,
            "wanted_ssl": port.wanted_ssl,
            "fallback": port.fallback,
            "client_authentication": port.client_authentication,
            "protocols": port.protocols,
            "origin": "default" if port.origin is BUILT_IN else str(port.origin),
            "verdict": port.verdict,
        }
        for port in ports(effective)
    ]
