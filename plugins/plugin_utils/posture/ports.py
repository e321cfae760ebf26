# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What each port of a server really demands of a caller.

The trap: when an SSL configuration cannot be found or built, Liberty serves the port with the default one, in silence,
with another certificate and without asking for client certificates. All rules of this page were observed on Open
Liberty 25.0.0.6 and 26.0.0.3, each on a fresh start.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from ansible_collections.zosconnect.security.plugins.plugin_utils import ciphers
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import values
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import Effective, Instance
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.variables import Origin
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import features

DEFAULT_SSL = "defaultSSLConfig"
# What harden_default makes of the default SSL configuration: its key store is never there.
HARDENED = "noDefaultTls"
# What Liberty takes in a list, and what it takes alone; some names only IBM's JDKs know.
_LISTED = ("TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3")
OF_IBM_JDK = ("SSL_TLS", "SSL_TLSv2")
_ALONE = (*_LISTED, "", "TLS", "SSL", "SSLv3", *OF_IBM_JDK)
_OWN = frozenset({"localhost", "127.0.0.1"})
_ASKS = {
    "none": "client certificates are not asked for",
    "supported": "client certificates are accepted",
    "required": "a client certificate is required",
}


@dataclass(frozen=True)
class Port:
    """One port that an endpoint names.

    ``ssl`` is the SSL configuration that will really serve it, ``fallback`` why it is not the wanted one. ``unusable``
    says why nobody gets through TLS here. ``attls``: declared to be behind AT-TLS.
    """

    endpoint: str
    host: str
    port: int
    tls: bool
    origin: Origin
    attls: bool = False
    ssl: str | None = None
    wanted_ssl: str | None = None
    fallback: str | None = None
    unusable: str | None = None
    client_authentication: str = "none"
    protocols: str | None = None

    @property
    def about(self) -> tuple[object, ...]:
        """What a fault of the port is about: its number may change."""
        return "httpEndpoint", self.endpoint, self.tls

    @property
    def cleartext(self) -> bool:
        """Whether requests come in that nothing protects."""
        return not self.tls and not self.attls

    @property
    def verdict(self) -> str:
        """The port in one sentence."""
        if not self.tls:
            return "TLS is done by AT-TLS, the server sees plain http" if self.attls else "plain http, without TLS"
        if self.unusable:
            return f"https, but {self.unusable}"
        if self.fallback:
            return f"TLS, but not as meant: {self.fallback}"
        return f"TLS by <ssl id={self.ssl!r}>; {_ASKS[self.client_authentication]}"


def meet(one: str, other: str) -> bool:
    """Say whether two hosts of endpoints are one address, so that only one of both can have a port."""
    return one == other or "*" in (one, other) or {one, other} <= _OWN


def ports(effective: Effective, attls: Collection[int] = ()) -> list[Port]:
    """Return the ports of all enabled endpoints by number; 0 is one that Liberty chooses. ``attls``: behind AT-TLS."""
    found = [port for endpoint in effective.all("httpEndpoint") for port in _of_endpoint(effective, endpoint)]
    found = [replace(port, attls=port.port in attls) for port in found]
    return sorted(found, key=lambda port: (port.port, port.endpoint, port.tls))


def _of_endpoint(effective: Effective, endpoint: Instance) -> Iterator[Port]:
    if endpoint.get("enabled") is False:
        return
    host, name = str(endpoint.get("host")), str(endpoint.id)
    plain, secure = endpoint.get("httpPort"), endpoint.get("httpsPort")
    if isinstance(plain, int) and plain >= 0:
        yield Port(name, host, plain, tls=False, origin=endpoint.origin("httpPort"))
    if isinstance(secure, int) and secure >= 0:
        yield _secure(effective, endpoint, Port(name, host, secure, tls=True, origin=endpoint.origin("httpsPort")))


def _secure(effective: Effective, endpoint: Instance, port: Port) -> Port:
    wanted, fallback = _wanted(effective, endpoint)
    if wanted is not None:
        fallback = ssl_fault(effective, wanted)
    if fallback and wanted == default_ssl(effective):
        unusable: str | None = f"it is not opened: {fallback}, and it is the default itself"
        return replace(port, wanted_ssl=wanted, unusable=unusable)
    serving = default_ssl(effective) if fallback or wanted is None else wanted
    ssl = effective.by_id("ssl", serving)
    return replace(
        port,
        ssl=serving if ssl else None,
        wanted_ssl=wanted,
        fallback=f"{fallback}, so the default one serves it" if fallback else None,
        unusable=_unusable(effective, serving),
        client_authentication=_asks(ssl),
        protocols=str(ssl.get("sslProtocol")) if ssl and ssl.get("sslProtocol") else None,
    )


def _wanted(effective: Effective, endpoint: Instance) -> tuple[str | None, str | None]:
    """Return the SSL configuration that an endpoint names, or why it leads nowhere; nothing named means the default."""
    if leads_nowhere(effective, endpoint):
        return None, "its sslOptionsRef leads nowhere"
    return wanted_ssl(effective, endpoint), None


def options(effective: Effective, endpoint: Instance) -> Instance | None:
    """Return the sslOptions that an endpoint has, nested or by reference; those that Liberty has built in are some."""
    nested = endpoint.children.get("sslOptions")
    if nested:
        return nested[0]
    if leads_nowhere(effective, endpoint):
        return None
    return effective.by_id("sslOptions", endpoint.get("sslOptionsRef") or "defaultSSLOptions")


def leads_nowhere(effective: Effective, endpoint: Instance) -> bool:
    """Whether an endpoint names sslOptions that do not exist."""
    return not endpoint.children.get("sslOptions") and effective.dangling(endpoint, "sslOptionsRef") is not None


def wanted_ssl(effective: Effective, endpoint: Instance) -> str:
    """Return the id of the SSL configuration that an endpoint names, or of the default one."""
    found = options(effective, endpoint)
    return str((found.get("sslRef") if found else None) or default_ssl(effective))


def default_ssl(effective: Effective) -> str:
    """Return the id of the default SSL configuration."""
    default = effective.one("sslDefault")
    return str(default.get("sslRef") or DEFAULT_SSL) if default else DEFAULT_SSL


def ssl_fault(effective: Effective, identity: str) -> str | None:
    """Say why Liberty cannot build an SSL configuration, as far as the configuration shows."""
    ssl = effective.by_id("ssl", identity)
    if ssl is None:
        return f"the SSL configuration {identity!r} does not exist, or Liberty drops it"
    if identity == HARDENED:
        return f"the key store of the SSL configuration {identity!r} is never there, on purpose"
    store = key_store(effective, ssl)
    if store is None:
        return f"the SSL configuration {identity!r} has no key store that exists"
    # Only the default store gets a password from elsewhere.
    if store.id != "defaultKeyStore" and not store.get("password"):
        return f"the key store {store.id!r} has no password, so Liberty cannot open it"
    return protocol_fault(str(ssl.get("sslProtocol") or ""))


def key_store(effective: Effective, ssl: Instance) -> Instance | None:
    """Return the key store of an SSL configuration."""
    nested = ssl.children.get("keyStore")
    return nested[0] if nested else effective.by_id("keyStore", ssl.get("keyStoreRef"))


def lacks_password(effective: Effective, ssl: Instance) -> bool:
    """Say whether an SSL configuration has the default key store, and nothing that was read a password for it.

    Without one Liberty makes none (CWPKI0819I).
    """
    store = effective.by_id("keyStore", "defaultKeyStore")
    if (store and store.get("password")) or effective.assembly.variables.outer.environment.get("keystore_password"):
        return False
    return key_store(effective, ssl) is store


def protocol_fault(value: str) -> str | None:
    """Say why Liberty rejects an ``sslProtocol``; it trims nothing."""
    parts = value.rstrip(",").split(",")
    if "," not in value.rstrip(","):
        wrong = [] if parts[0] in _ALONE or parts[0].lower() in map(str.lower, _LISTED) else parts
    else:
        wrong = [part for part in parts if part not in _LISTED]
    return f"Liberty rejects {wrong[0]!r} in sslProtocol {value!r}" if wrong else None


def _unusable(effective: Effective, serving: str) -> str | None:
    """Say why nobody gets through a port that ``serving`` serves."""
    if not features.brings_tls(effective):
        return "it is not opened: no feature brings TLS"
    if fault := ssl_fault(effective, serving):
        return f"it is not opened: {fault}"
    ssl = effective.by_id("ssl", serving)
    return handshake_fault(ssl) if ssl else None


def handshake_fault(ssl: Instance) -> str | None:
    """Say why every handshake of an SSL configuration fails although its port is open."""
    return spelling_fault(str(ssl.get("sslProtocol") or "")) or cipher_fault(str(ssl.get("enabledCiphers") or ""))


def spelling_fault(protocol: str) -> str | None:
    """Say why every handshake fails over an ``sslProtocol`` that Liberty lets pass."""
    if protocol.endswith(","):
        return f"every handshake fails: sslProtocol {protocol!r} ends in a comma"
    if protocol and protocol not in _ALONE and protocol.lower() in map(str.lower, _LISTED):
        return f"every handshake fails: sslProtocol {protocol!r} is not spelled as Java spells it"
    return None


def cipher_fault(written: str) -> str | None:
    """Say why every handshake fails over ``enabledCiphers``: Java takes all of the list or nothing."""
    if "," in written:
        return "every handshake fails: enabledCiphers has commas, where Liberty wants blanks"
    unknown = [] if values.has_variable(written) else ciphers.unknown(written.split())
    return f"every handshake fails: enabledCiphers names {unknown[0]!r}, which is no cipher suite" if unknown else None


def _asks(ssl: Instance | None) -> str:
    if ssl is None:
        return "none"
    if ssl.get("clientAuthentication") is True:
        return "required"
    return "supported" if ssl.get("clientAuthenticationSupported") is True else "none"


def report(effective: Effective, attls: Collection[int] = ()) -> list[dict[str, object]]:
    """Return the ports as plain data."""
    return [
        {
            "endpoint": port.endpoint,
            "host": port.host,
            "port": port.port,
            "protocol": "https" if port.tls else "http",
            "attls": port.attls,
            "ssl": port.ssl,
            "wanted_ssl": port.wanted_ssl,
            "fallback": port.fallback,
            "unusable": port.unusable,
            "client_authentication": port.client_authentication,
            "protocols": port.protocols,
            "origin": str(port.origin),
            "verdict": port.verdict,
        }
        for port in ports(effective, attls)
    ]
