# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ports that will open, by which certificate, and the messages about key stores and ports (CWPKI, CWWKO, CWWKT).

A store that cannot be opened takes its SSL configuration with it, and then the default one serves the port, or none
does. Observed on Open Liberty 26.0.0.3.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import Effective, Instance
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import features, ports
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.keys.places import Held
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.ports import Port
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.predict import prediction as kinds
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.predict.prediction import Prediction
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.predict.situation import Situation

_DEFAULT_STORE = "defaultKeyStore"
_TYPES = frozenset({"pkcs12", "jks", "jceks", "jcerack", "jceracfks", "jcehybridracfks", "jceccaracfks", "dks"})
# Java opens PKCS12 and JKS by each other's name, this one by its own.
_JCEKS = "JCEKS"
_RESERVED = ".invalid"  # names that are never resolved (RFC 6761)
# Of a store that Liberty makes itself.
SHORTEST_PASSWORD = 6


@dataclass(frozen=True)
class Fault:
    """Why a store cannot be used: ``kind`` as of a prediction, ``text`` in words."""

    kind: str
    text: str


@dataclass(frozen=True)
class Opening:
    """What becomes of one port: whether it opens, by which SSL configuration, and whom its certificate names.

    ``why`` says why it does not open, or why nobody gets through; ``held`` is what will be shown, None where that is
    not known.
    """

    port: Port
    opens: bool
    ssl: str | None = None
    held: Held | None = None
    why: str | None = None
    why_kind: str | None = None
    store: str | None = None
    other: str | None = None


def openings(situation: Situation) -> list[Opening]:
    """Return what becomes of each port."""
    found = [_opening(situation, port) for port in ports.ports(situation.effective)]
    first: dict[int, list[Port]] = {}
    for number, one in enumerate(found):
        if not one.opens or one.port.port == 0:
            continue
        others = first.setdefault(one.port.port, [])
        other = next((port for port in others if ports.meet(port.host, one.port.host)), None)
        if other is None:
            others.append(one.port)
            continue
        why = f"port {one.port.port} is that of {other.endpoint}, too"
        found[number] = Opening(one.port, opens=False, why=why, why_kind=kinds.PORT_TWICE, other=other.endpoint)
    return found


def _opening(situation: Situation, port: Port) -> Opening:
    if not port.host:
        return Opening(port, opens=False, why="the host is empty", why_kind=kinds.HOST_EMPTY)
    opening = _secure(situation, port) if port.tls else Opening(port, opens=True)
    if not opening.opens:
        return opening
    # A port without a usable SSL configuration waits for one, before Liberty looks for its host.
    if port.host.lower().endswith(_RESERVED) or "${" in port.host:
        return Opening(port, opens=False, why=f"{port.host} is no host", why_kind=kinds.HOST_UNKNOWN, other=port.host)
    if port.port in situation.taken:
        return Opening(port, opens=False, why="another program listens there", why_kind=kinds.PORT_TAKEN)
    return opening


def _secure(situation: Situation, port: Port) -> Opening:
    effective = situation.effective
    if not features.brings_tls(effective):
        return Opening(port, opens=False, why="no feature brings TLS")
    default = ports.default_ssl(effective)
    wanted = port.wanted_ssl or default
    fault = _ssl_fault(situation, wanted)
    serving = default if fault else wanted
    if fault and (serving == wanted or _ssl_fault(situation, serving)):
        if not _is_of_protocol(effective, wanted):
            return Opening(port, opens=False, why=fault)
        return Opening(port, opens=True, ssl=wanted, why=fault)
    return _served(situation, port, serving, fault)


def _served(situation: Situation, port: Port, serving: str, fallback: str | None) -> Opening:
    ssl = situation.effective.by_id("ssl", serving)
    store = ports.key_store(situation.effective, ssl) if ssl else None
    place = situation.stores.get(str(store.id)) if store else None
    why = fallback or (ports.handshake_fault(ssl) if ssl else None)
    name = str(store.id) if store else None
    if place is None or place.problem or place.is_missing or ssl is None:
        return Opening(port, opens=True, ssl=serving, why=why, store=name)
    keys = sorted((held for held in place.held if held.has_key), key=lambda held: held.alias.lower())
    alias = ssl.get("serverKeyAlias")
    if not alias and not keys:
        return Opening(port, opens=True, ssl=serving, why="no key", why_kind=kinds.NO_KEY, store=name)
    if not alias:
        return Opening(port, opens=True, ssl=serving, held=keys[0], why=why, store=name)
    held = next((held for held in keys if held.alias.lower() == str(alias).lower()), None)
    if held is None:
        return Opening(
            port, opens=True, ssl=serving, why="no such key", why_kind=kinds.ALIAS, store=name, other=str(alias)
        )
    return Opening(port, opens=True, ssl=serving, held=held, why=why, store=name)


def _is_of_protocol(effective: Effective, identity: str) -> bool:
    ssl = effective.by_id("ssl", identity)
    return ssl is not None and _protocol_fault(effective, ssl) is not None


def _protocol_fault(effective: Effective, ssl: Instance) -> str | None:
    """Say why Liberty rejects the protocols; it looks at them only if there is a key store."""
    return ports.protocol_fault(str(ssl.get("sslProtocol") or "")) if ports.key_store(effective, ssl) else None


def _ssl_fault(situation: Situation, identity: str) -> str | None:
    """Say why Liberty cannot build an SSL configuration, by the configuration and by its stores."""
    fault = ports.ssl_fault(situation.effective, identity)
    ssl = situation.effective.by_id("ssl", identity)
    if fault or ssl is None:
        return fault
    nested, named = ssl.children.get("trustStore"), situation.effective.by_id("keyStore", ssl.get("trustStoreRef"))
    for store in (ports.key_store(situation.effective, ssl), nested[0] if nested else named):
        found = store_fault(situation, store) if store else None
        if store and found and found.kind != kinds.STORE_MADE:
            return f"the store of <keyStore> {store.id} cannot be used: {found.text}"
    return None


def store_fault(situation: Situation, store: Instance) -> Fault | None:
    """Say why a key store cannot be used as it is; nothing where that is not known."""
    is_default, place = store.id == _DEFAULT_STORE, situation.stores.get(str(store.id))
    password = store.get("password")
    if is_default and not password:
        password = (situation.effective.assembly.variables.lookup("keystore_password") or (None,))[0]
        if not password:
            return Fault(kinds.STORE_BARE, "it has no password")
    kind = store.get("type")
    if kind is not None and str(kind).lower() not in _TYPES:
        return Fault(kinds.STORE_CLOSED, f"Java knows no type {kind}" if kind else "its type is empty")
    if place is not None and place.is_missing:
        if is_default and len(str(password)) < SHORTEST_PASSWORD:
            return Fault(kinds.STORE_SHORT, f"its password has fewer than {SHORTEST_PASSWORD} characters")
        return Fault(kinds.STORE_MADE if is_default else kinds.STORE_MISSING, place.name)
    if not password:
        return Fault(kinds.STORE_CLOSED, "it has no password")
    if place is not None and place.type and (place.type == _JCEKS) != (str(store.get("type")).upper() == _JCEKS):
        return Fault(kinds.STORE_CLOSED, f"it is {place.type}, not {store.get('type')}")
    if place is not None and place.problem:
        return Fault(kinds.STORE_CLOSED, place.problem)
    return None


def told(situation: Situation, opened: list[Opening]) -> Iterator[Prediction]:
    """Yield what Liberty says of key stores, SSL configurations and ports."""
    if features.brings_tls(situation.effective):
        for store in _stores(situation.effective):
            if situation.is_new(store.element, store.id):
                yield from _of_store(situation, store)
        for ssl in situation.effective.all("ssl"):
            if situation.is_new("ssl", ssl.id):
                yield from _of_protocol(situation.effective, ssl)
    for endpoint in situation.effective.all("httpEndpoint"):
        if situation.is_new("httpEndpoint", endpoint.id):
            yield from _without_ports(endpoint)
    for one in opened:
        if _is_new(situation, one):
            yield from _of_port(one)
        elif one.port.tls and situation.has_new_keys:
            # Most changes of keys close and open all https ports, those that have others, too.
            yield from (replace(each, certainty=kinds.LIKELY) for each in _of_port(one))


def _is_new(situation: Situation, one: Opening) -> bool:
    """Say whether the endpoint, or what serves it, is not as before."""
    return (
        situation.is_new("httpEndpoint", one.port.endpoint)
        or (one.ssl is not None and situation.is_new("ssl", one.ssl))
        or (one.store is not None and situation.is_new("keyStore", one.store))
    )


def _stores(effective: Effective) -> Iterator[Instance]:
    yield from effective.all("keyStore")
    for ssl in effective.all("ssl"):
        for name in ("keyStore", "trustStore"):
            yield from ssl.children.get(name, [])


_IDS = {
    kinds.STORE_BARE: ("CWPKI0819I",),
    kinds.STORE_MISSING: ("CWPKI0807W", "CWPKI0033E", "CWPKI0809W"),
    kinds.STORE_CLOSED: ("CWPKI0033E", "CWPKI0809W"),
    kinds.STORE_SHORT: ("CWPKI0808E",),
    kinds.STORE_MADE: ("CWPKI0803A",),
}


def _of_store(situation: Situation, store: Instance) -> Iterator[Prediction]:
    fault = store_fault(situation, store)
    if fault is not None:
        for identity in _IDS[fault.kind]:
            origin = store.origin("location")
            yield Prediction(identity, fault.kind, origin, "keyStore", store.id, other=fault.text)


def _of_protocol(effective: Effective, ssl: Instance) -> Iterator[Prediction]:
    written = str(ssl.get("sslProtocol") or "")
    fault, certainty = _protocol_fault(effective, ssl), kinds.CERTAIN
    if fault is None and written in ports.OF_IBM_JDK:
        fault, certainty = f"{written!r} is a protocol of IBM's Java alone", kinds.LIKELY
    for identity in ("CWPKI0832E" if "," in written else "CWPKI0831E", "CWPKI0833E") if fault else ():
        origin = ssl.origin("sslProtocol")
        yield Prediction(
            identity, kinds.PROTOCOL, origin, "ssl", ssl.id, "sslProtocol", other=fault, certainty=certainty
        )


def _without_ports(endpoint: Instance) -> Iterator[Prediction]:
    numbers = [endpoint.get(name) for name in ("httpPort", "httpsPort")]
    if endpoint.get("enabled") is not False and not any(isinstance(each, int) and each >= 0 for each in numbers):
        yield Prediction("CWWKT0015W", kinds.NO_PORTS, endpoint.origin("httpPort"), "httpEndpoint", endpoint.id)


_OF_PORTS = {
    kinds.PORT_TWICE: "CWWKO0221E",
    kinds.PORT_TAKEN: "CWWKO0221E",
    kinds.HOST_UNKNOWN: "CWWKO0224E",
    kinds.HOST_EMPTY: "CWWKT0019E",
    kinds.ALIAS: "CWPKI0024E",
    kinds.NO_KEY: "CWWKO0801E",
}


def _of_port(one: Opening) -> Iterator[Prediction]:
    port, attribute = one.port, "httpsPort" if one.port.tls else "httpPort"
    if one.opens:
        yield Prediction(
            "CWWKO0219I", kinds.PORT_OPENS, port.origin, "httpEndpoint", port.endpoint, attribute, port.port
        )
    if one.why_kind in (kinds.ALIAS, kinds.NO_KEY):
        yield Prediction(
            _OF_PORTS[one.why_kind],
            one.why_kind,
            port.origin,
            "keyStore",
            one.store,
            "serverKeyAlias" if one.why_kind == kinds.ALIAS else None,
            port.port,
            other=one.other,
            when=kinds.HANDSHAKE,
        )
    elif one.why_kind is not None:
        yield Prediction(
            _OF_PORTS[one.why_kind],
            one.why_kind,
            port.origin,
            "httpEndpoint",
            port.endpoint,
            attribute,
            port.port,
            other=one.other,
        )
