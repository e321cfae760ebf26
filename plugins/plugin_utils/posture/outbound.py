# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a server really uses when it calls somebody: an endpoint, or whoever hands out tokens for one.

The trap is that of the ports: where an SSL configuration cannot be found or built, Liberty calls with the next one, in
silence, with another certificate and other trust. The order was observed on Open Liberty 26.0.0.3: what ``sslCertsRef``
names, ``outboundSSLRef`` of ``sslDefault``, its ``sslRef``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from ansible_collections.zosconnect.security.plugins.plugin_utils import redact
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import Effective, Instance
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.variables import Origin
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import features, ports

# Who is called: the element, the attribute that says where, and how people call it. Where that holds a URL, its scheme
# says whether TLS is done; the others are host names, and TLS is done where sslCertsRef is given.
_CALLED = (
    ("zosconnect_endpointConnection", "host", "endpoint connection"),
    ("zosconnect_authorizationServer", "tokenEndpoint", "authorization server"),
    ("zosconnect_zosConnectServiceRestClientConnection", "host", "REST client connection"),
    ("zosconnect_db2Connection", "host", "Db2 connection"),
)
_BY_URL = ("endpoint connection", "authorization server")


@dataclass(frozen=True)
class Call:
    """One that the server calls.

    ``ssl`` is the SSL configuration that is really used, ``why`` that one; ``fallback`` says why it is not the one that
    is meant, ``unusable`` why there is none. ``attls``: declared to go through AT-TLS. ``tls`` is None where a variable
    that nothing defines may hold the scheme.
    """

    called: Instance
    title: str
    url: str
    tls: bool | None
    attls: bool
    origin: Origin
    wanted: str | None = None
    ssl: Instance | None = None
    why: str | None = None
    fallback: str | None = None
    unusable: str | None = None

    @property
    def verdict(self) -> str:
        """The call in one sentence."""
        if self.tls is None:
            return "nothing seen here says whether by http or https: the scheme is in a variable"
        if self.tls and self.attls:
            return "TLS twice, by AT-TLS and by the server: every handshake fails"
        if not self.tls:
            return "TLS is done by AT-TLS, the server speaks plain http" if self.attls else "plain http, without TLS"
        if self.ssl is None:
            return f"https, but {self.unusable}"
        if self.fallback:
            return f"TLS by <ssl id={self.ssl.id!r}>, not as meant: {self.fallback}"
        return f"TLS by <ssl id={self.ssl.id!r}>: {self.why}"


def calls(effective: Effective, attls: Collection[str] = ()) -> list[Call]:
    """Return all that the server calls, as far as files say; ``attls``: endpoint connections in front of AT-TLS."""

    def find() -> list[Call]:
        return [
            _call(effective, called, attribute, title, attls)
            for element, attribute, title in _CALLED
            for called in effective.all(element)
        ]

    return list(effective.once(("calls", frozenset(attls)), find))


def _call(effective: Effective, called: Instance, attribute: str, title: str, attls: Collection[str]) -> Call:
    where = str(called.get(attribute) or "")
    call = Call(
        called,
        f"{title} {called.id!r}",
        f"{where}:{called.get('port')}" if called.get("port") else where,
        tls=is_https(where) if title in _BY_URL else _asks_for_tls(effective, called),
        attls=title != "authorization server" and called.id in attls,
        origin=called.origin(attribute),
    )
    return _with_ssl(effective, call) if call.tls else call


def is_https(url: str) -> bool | None:
    """Whether a URL or a host is called by https; None where a variable that nothing defines may hold the scheme."""
    return None if url.startswith("${") else url.lower().startswith("https:")


def _asks_for_tls(effective: Effective, called: Instance) -> bool:
    return bool(called.get("sslCertsRef") or called.children.get("sslCerts")) or _dangling(effective, called)


def _with_ssl(effective: Effective, call: Call) -> Call:
    """Add to a call by https with which SSL configuration it is made."""
    faults = []
    if _dangling(effective, call.called):
        faults.append("its sslCertsRef leads nowhere")
    for number, (ssl, identity, why) in enumerate(_candidates(effective, call.called)):
        if number == 0:
            call = replace(call, wanted=None if faults else identity)
        fault = None if ssl else ports.ssl_fault(effective, identity)
        if fault is None:
            found = ssl or effective.by_id("ssl", identity)
            return replace(call, ssl=found, why=why, fallback="; ".join(faults) or None)
        faults.append(fault)
    return replace(call, unusable=f"no SSL configuration is left for it: {'; '.join(faults)}")


def _dangling(effective: Effective, called: Instance) -> bool:
    """Whether the reference of an element to its SSL configuration was taken out, because it leads nowhere."""
    return not called.children.get("sslCerts") and effective.dangling(called, "sslCertsRef") is not None


def _candidates(effective: Effective, called: Instance) -> Iterator[tuple[Instance | None, str, str]]:
    """Yield the SSL configurations in the order in which Liberty takes them: a nested one as it is, or its id."""
    if nested := called.children.get("sslCerts"):
        yield nested[0], str(nested[0].id), "it is nested in the element"
    if reference := called.get("sslCertsRef"):
        yield None, str(reference), f"sslCertsRef names it ({called.origin('sslCertsRef')})"
    default = effective.one("sslDefault")
    ignored = features.has_transport_security(effective) is False
    note = ""
    if default and default.get("outboundSSLRef"):
        outbound = f"outboundSSLRef of <sslDefault> ({default.origin('outboundSSLRef')})"
        if ignored:
            note = f"; {outbound} has no effect without the feature transportSecurity-1.0"
        else:
            yield None, str(default.get("outboundSSLRef")), f"{outbound} names it for all calls"
    identity = ports.default_ssl(effective)
    place = default.origin("sslRef") if default and default.get("sslRef") else None
    if place and place.line is not None:
        yield None, identity, f"sslRef of <sslDefault> names it ({place}), and nothing another one for calls{note}"
    else:
        yield None, identity, f"it is Liberty's default, and nothing names another one{note}"


def trust_store(effective: Effective, ssl: Instance) -> Instance | None:
    """Return the store of those whom an SSL configuration trusts: without one of its own that is the key store."""
    nested = ssl.children.get("trustStore")
    named = effective.by_id("keyStore", ssl.get("trustStoreRef")) if ssl.get("trustStoreRef") else None
    return nested[0] if nested else named or ports.key_store(effective, ssl)


def report(effective: Effective, attls: Collection[str] = ()) -> list[dict[str, object]]:
    """Return the calls as plain data."""
    return [_shown(effective, call) for call in calls(effective, attls)]


def _shown(effective: Effective, call: Call) -> dict[str, object]:
    ssl = call.ssl
    trust = trust_store(effective, ssl) if ssl else None
    return {
        "element": call.called.element,
        "id": call.called.id,
        "url": redact.text(call.url),
        "protocol": None if call.tls is None else "https" if call.tls else "http",
        "attls": call.attls,
        "ssl": ssl.id if ssl else None,
        "ssl_origin": str(ssl.places[-1]) if ssl and ssl.places else None,
        "wanted_ssl": call.wanted,
        "why": call.why,
        "fallback": call.fallback,
        "unusable": call.unusable,
        "trust_store": trust.id if trust else None,
        "client_key_alias": ssl.get("clientKeyAlias") if ssl else None,
        "verify_host_name": ssl.get("verifyHostname") is not False if ssl else None,
        "unverified_hosts": ssl.get("skipHostnameVerificationForHosts") if ssl else None,
        "protocols": ssl.get("sslProtocol") if ssl else None,
        "origin": str(call.origin),
        "verdict": call.verdict,
    }
