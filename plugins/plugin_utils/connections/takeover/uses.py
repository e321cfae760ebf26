# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who uses an SSL configuration, sslOptions or a key store: what others use too is never edited for one of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import elements
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import Effective, Instance
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.variables import Origin
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import outbound, ports

# What an attribute refers to that no catalogue knows, by a part of its name; the first that is in it counts.
_BY_NAME = {"ssloptions": "sslOptions", "keystore": "keyStore", "truststore": "keyStore", "ssl": "ssl"}
# Those that stand between a port and what it uses: not they count, but the endpoints that use them.
_BETWEEN = ("httpEndpoint", "sslOptions", "sslDefault")


@dataclass(frozen=True)
class User:
    """One that uses an element, as people name it, and where that stands."""

    title: str
    origin: Origin

    def __str__(self) -> str:
        return f"{self.title} ({self.origin})"


def title(found: Instance) -> str:
    """Return an element as people name it."""
    entry = elements.CATALOGUE.get(found.element)
    key = (entry.key if entry else None) or "id"
    identity = found.get(key) if key != "id" else found.id
    return f"<{found.element}>" if identity is None else f'<{found.element} {key}="{identity}">'


def of_ssl(effective: Effective, identity: str, *, but: Instance | None = None) -> list[User]:
    """Return who uses an SSL configuration, without the endpoint or whoever is told by ``but``."""
    found = effective.once(("users of ssl", identity), lambda: list(_of_ssl(effective, identity)))
    return list(dict.fromkeys(user for user, owner in found if owner is not but))


def _of_ssl(effective: Effective, identity: str) -> Iterator[tuple[User, Instance | None]]:
    """Give each use of an SSL configuration, and whose it is."""
    for one in _endpoints(effective, identity):
        yield User(title(one), one.origin("httpsPort")), one
    yield from _references(effective).get(("ssl", identity), ())
    for one in _calling(effective, identity):
        yield User(title(one), one.places[-1]), one
    default = effective.one("sslDefault")
    if default and default.get("outboundSSLRef") == identity:
        yield User("outboundSSLRef of <sslDefault>", default.origin("outboundSSLRef")), None


def of_options(effective: Effective, identity: str, *, but: Instance | None) -> list[User]:
    """Return the endpoints that use sslOptions, without the one that is told by ``but``."""
    return [
        User(title(one), one.origin("sslOptionsRef"))
        for one in effective.all("httpEndpoint")
        if one is not but and one.places and _has_options(effective, one, identity)
    ]


def of_store(effective: Effective, identity: str, *, but: Instance | None) -> list[User]:
    """Return who uses a key store, without the SSL configuration that is told by ``but``."""
    found = _references(effective).get(("keyStore", identity), ())
    return list(dict.fromkeys(user for user, owner in found if owner is not but))


def _has_options(effective: Effective, endpoint: Instance, identity: str) -> bool:
    found = ports.options(effective, endpoint)
    named = endpoint.get("sslOptionsRef") is not None
    return (
        found is not None
        and found.id == identity
        and not endpoint.children.get("sslOptions")
        and (named or serves_tls(endpoint))
    )


def serves_tls(endpoint: Instance) -> bool:
    """Whether an endpoint has an https port."""
    number = endpoint.get("httpsPort")
    return isinstance(number, int) and number >= 0 and endpoint.get("enabled") is not False


def _endpoints(effective: Effective, identity: str) -> list[Instance]:
    """Return the endpoints with this SSL configuration: with an https port, or because they name it."""

    def index() -> dict[str, list[Instance]]:
        found: dict[str, list[Instance]] = {}
        for one in effective.all("httpEndpoint"):
            # The endpoint that Liberty has built in, and that nobody mentions, is nobody's.
            if one.places and (serves_tls(one) or one.get("sslOptionsRef") or one.children.get("sslOptions")):
                found.setdefault(ports.wanted_ssl(effective, one), []).append(one)
        for port in ports.ports(effective):
            # A port whose own configuration leads nowhere is served by the default one.
            one_of = effective.by_id("httpEndpoint", port.endpoint)
            if port.fallback and port.ssl and one_of:
                found.setdefault(port.ssl, []).append(one_of)
        return found

    return effective.once("endpoints by ssl", index).get(identity, [])


def _calling(effective: Effective, identity: str) -> list[Instance]:
    """Return what calls somebody with an SSL configuration that it does not name itself."""

    def index() -> dict[str, list[Instance]]:
        found: dict[str, list[Instance]] = {}
        for call in outbound.calls(effective):
            used = call.ssl.id if call.ssl else ports.default_ssl(effective) if call.tls is None else None
            if used is not None:
                found.setdefault(str(used), []).append(call.called)
        for one in effective.all("ldapRegistry"):
            if one.get("sslEnabled") in (True, "true") and not one.get("sslRef"):
                found.setdefault(ports.default_ssl(effective), []).append(one)
        return found

    return effective.once("calls by ssl", index).get(identity, [])


def _references(effective: Effective) -> Mapping[tuple[str, str], list[tuple[User, Instance]]]:
    """Return all references to SSL configurations and key stores, but those of ports, with who makes them."""

    def index() -> dict[tuple[str, str], list[tuple[User, Instance]]]:
        found: dict[tuple[str, str], list[tuple[User, Instance]]] = {}
        for name, instances in effective.instances.items():
            for owner in instances if name not in _BETWEEN else ():
                for kind, identity, origin in _made_by(owner, owner):
                    found.setdefault((kind, identity), []).append((User(title(owner), origin), owner))
        return found

    return effective.once("references", index)


def _made_by(owner: Instance, part: Instance) -> Iterator[tuple[str, str, Origin]]:
    entry = elements.CATALOGUE.get(part.element) if part is owner else None
    for name, value in part.attributes.items():
        kind = _kind(name, entry)
        listed = value.value if isinstance(value.value, list) else str(value.value).split(",")
        for identity in listed if kind else ():
            yield str(kind), identity.strip(), value.origin
    for children in part.children.values():
        for child in children:
            yield from _made_by(owner, child)


def _kind(name: str, entry: elements.Element | None) -> str | None:
    key = name.lower()
    known = entry.attributes.get(key) if entry else None
    if known is not None or not key.endswith("ref"):
        return known.target if known else None
    return next((kind for part, kind in _BY_NAME.items() if part in key), None)
