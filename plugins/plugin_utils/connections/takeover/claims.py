# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which elements a declared port has already: a port that an endpoint serves *is* that endpoint.

The effective configuration says it: through variables, drop-ins and includes, and with what Liberty has built in.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.standing import Asked
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.takeover.uses import title
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.hints import nearest
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import problems
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import Effective, Instance
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import outbound, ports

PLAIN, SECURE = "httpPort", "httpsPort"
_BY = {PLAIN: "http", SECURE: "https"}
_ANY = ("*", "0.0.0.0", "::")  # compared with, never bound
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
# The kind of the element that a declaration names under another word.
_KINDS = {"trustStore": "keyStore"}


@dataclass(frozen=True)
class Listener:
    """One port of an endpoint; ``attribute`` says which of the two."""

    endpoint: Instance
    attribute: str
    host: str
    port: int

    @property
    def place(self) -> str:
        return f"{title(self.endpoint)} ({self.endpoint.origin(self.attribute)})"


@dataclass(frozen=True)
class Taken:
    """The elements of a connection that is there.

    ``attribute`` is that of the port by which it is served now, None where the endpoint is to serve it from now on.
    ``ssl`` is what is wanted of its https port, also where Liberty drops it: then there is no ``configuration``. A new
    port that is to use what is there has an ``endpoint`` that stands nowhere yet.
    """

    endpoint: Instance
    attribute: str | None
    ssl: str
    configuration: Instance | None
    options: Instance | None
    keys: Instance | None
    trust: Instance | None

    @property
    def is_new(self) -> bool:
        """Whether the port itself is new, and only what it uses is there."""
        return not self.endpoint.places and self.attribute is None


def taken(effective: Effective, asked: Asked) -> Taken | None:
    """Return the elements that a declared port has; None where nothing of it is there.

    Raises SecurityError where two have the port, or where nobody can say who has it.
    """
    named = _named(effective, asked)
    serving = _serving(effective, asked, named)
    if serving is None and named is None:
        _switched_off(effective, asked)
        _in_doubt(effective, asked)
    own = effective.by_id("httpEndpoint", asked.name)
    endpoint = serving.endpoint if serving else named or (own if own and own.explicit else None)
    if endpoint is None and not {"ssl", "sslOptions"} & set(asked.elements):
        return None
    endpoint = endpoint or Instance("httpEndpoint", asked.name, explicit=True, places=())
    wanted = asked.elements.get("ssl") or _of_options(effective, asked) or ports.wanted_ssl(effective, endpoint)
    configuration = effective.by_id("ssl", wanted)
    return Taken(
        endpoint,
        serving.attribute if serving else None,
        wanted,
        configuration,
        ports.options(effective, endpoint),
        ports.key_store(effective, configuration) if configuration else None,
        own_trust(effective, configuration) if configuration else None,
    )


def _of_options(effective: Effective, asked: Asked) -> str | None:
    """Return the SSL configuration of the sslOptions that are named."""
    named = effective.by_id("sslOptions", asked.elements.get("sslOptions"))
    return str(named.get("sslRef") or ports.default_ssl(effective)) if named else None


def own_trust(effective: Effective, ssl: Instance) -> Instance | None:
    """Return the trust store that an SSL configuration names; Liberty takes the key store where it names none."""
    named = "trustStore" in ssl.children or ssl.get("trustStoreRef")
    return outbound.trust_store(effective, ssl) if named else None


def check_named(effective: Effective, where: str, elements: Iterator[tuple[str, str]]) -> None:
    """Refuse elements that are named and do not exist, and say which are meant."""
    for word, identity in elements:
        kind = _KINDS.get(word, word)
        if effective.by_id(kind, identity) is None:
            if dropped := why_dropped(effective, kind, identity):
                raise SecurityError(f"{where}.elements.{word}: {dropped}")
            known = [str(one.id) for one in effective.all(kind)]
            raise SecurityError(
                f'{where}.elements.{word}: the server has no <{kind} id="{identity}">{nearest(identity, known) or "."} '
                f"Name one that is there, or leave {word} out."
            )


def why_dropped(effective: Effective, kind: str, identity: str | None) -> str | None:
    """Say why an element that is written is not there, and what mends that."""
    for problem in effective.problems:
        if problem.rule == problems.REJECTED and (problem.element, problem.identity) == (kind, identity):
            unresolved = problem.root.unresolved
            remedy = f"Define ${{{unresolved}}} where the server looks for it" if unresolved else "Correct that"
            return f"{problem.message} {remedy} first."
    return None


def _named(effective: Effective, asked: Asked) -> Instance | None:
    check_named(effective, asked.where, iter(asked.elements.items()))
    return effective.by_id("httpEndpoint", asked.elements.get("httpEndpoint"))


def listeners(effective: Effective, *, enabled: bool = True) -> Iterator[Listener]:
    """Yield the ports of all endpoints that are switched on, or of those that are not."""
    for endpoint in effective.all("httpEndpoint"):
        if (endpoint.get("enabled") is not False) is enabled:
            for attribute in (PLAIN, SECURE):
                number = endpoint.get(attribute)
                if isinstance(number, int) and number > 0:
                    yield Listener(endpoint, attribute, str(endpoint.get("host")), number)


def meet(one: str, other: str) -> bool:
    """Say whether two hosts may be one address. Of names nobody knows that; different ones are taken as different."""
    one, other = one.lower(), other.lower()
    return one == other or one in _ANY or other in _ANY or (one in _LOOPBACK and other in _LOOPBACK)


def _serving(effective: Effective, asked: Asked, named: Instance | None) -> Listener | None:
    """Return who listens on the declared port."""
    known = effective.once("listeners", lambda: _by_port(listeners(effective)))
    found = known.get(asked.port, [])
    host = asked.host or (str(named.get("host")) if named else None)
    if host is not None:
        exact = [one for one in found if one.host == host and (named is None or one.endpoint is named)]
        found = exact + [one for one in found if one not in exact and meet(one.host, host)]
    ours = [one for one in found if one.endpoint is named] if named else found
    if named and not ours:
        _another(asked, found)
    _two(asked, ours, found)
    if host is not None:
        ours = ours[:1]
    if len(ours) > 1:
        one, other = ours[0], ours[1]
        raise SecurityError(
            f"{asked.where}: port {asked.port} is served at {one.host} by {one.place} and at {other.host} by "
            f"{other.place}. Say which one is meant by host, or by elements.httpEndpoint."
        )
    return ours[0] if ours else None


def _by_port(found: Iterator[Listener]) -> dict[int, list[Listener]]:
    by_port: dict[int, list[Listener]] = {}
    for one in found:
        by_port.setdefault(one.port, []).append(one)
    return by_port


def _two(asked: Asked, ours: Sequence[Listener], found: Sequence[Listener]) -> None:
    for one in ours:
        for other in found:
            if other is not one and meet(one.host, other.host):
                raise SecurityError(
                    f"{asked.where}: port {asked.port} is that of {one.place} and of {other.place}, so whoever binds "
                    "first has it. Give one of them another port, or take it away, and run this again."
                )


def _another(asked: Asked, found: Sequence[Listener]) -> None:
    if found:
        raise SecurityError(
            f"{asked.where}: elements.httpEndpoint is {asked.elements['httpEndpoint']}, but port {asked.port} is that "
            f"of {found[0].place}. Name that one, or choose another port."
        )


def _switched_off(effective: Effective, asked: Asked) -> None:
    for one in listeners(effective, enabled=False):
        if one.port == asked.port and one.endpoint.id != asked.name:
            raise SecurityError(
                f"{asked.where}: port {asked.port} is that of {one.place}, which is switched off (enabled). Name it in "
                "elements.httpEndpoint, and it is switched on, or choose another port."
            )


def _in_doubt(effective: Effective, asked: Asked) -> None:
    """Refuse a new port beside an endpoint whose own port nobody knows: it may be the same one."""
    for problem in effective.problems:
        root = problem.root
        dropped = problem.rule == problems.REJECTED and problem.element == "httpEndpoint"
        if dropped and root.unresolved and root.attribute in (PLAIN, SECURE):
            raise SecurityError(
                f'{asked.where}: port {asked.port} may be that of <httpEndpoint id="{problem.identity}"> at '
                f"{root.origin}, whose {root.attribute} is ${{{root.unresolved}}}, which nothing here defines. Define "
                "it where the server looks for it (server.xml, bootstrap.properties, server.env), or write the number "
                "there."
            )


def check_kind(asked: Asked, found: Taken, attribute: str) -> None:
    """Refuse to turn a port into the other kind where the endpoint has one of that kind already."""
    if found.attribute in (None, attribute):
        return
    other = found.endpoint.attributes.get(attribute)
    if other is not None and isinstance(other.value, int) and other.value > 0 and other.origin.line is not None:
        raise SecurityError(
            f"{asked.where}: {title(found.endpoint)} serves port {asked.port} by {_BY[str(found.attribute)]} "
            f"({found.endpoint.origin(str(found.attribute))}) and port {other.value} by {_BY[attribute]} "
            f"({other.origin}), and has one port of each kind. Declare port {other.value}, or choose a port that is "
            "free."
        )
