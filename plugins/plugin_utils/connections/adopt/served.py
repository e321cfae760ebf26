# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ports at which a server is called, each as a connection of a declaration."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.match import Candidate
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.adopt import unsaid
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.adopt.csd import UriMap
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.adopt.elements import (
    Elements,
    is_said,
    named,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.adopt.fronts import Fronts
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.adopt.rings import Rings
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.adopt.said import Said
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.adopt.stores import SERVER, Stores
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.adopt.unsaid import Unsaid
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.names import DEFAULT_ENDPOINT
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.takeover import uses
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import Instance
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import ports
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.ports import Port

# What AT-TLS asks of callers, in the words of a declaration.
_ASKED = {"required": "required", "full": "supported", "safcheck": "required"}
_IDENTITIES = {("CLIENT_CERT", False): "certificate", ("CLIENT_CERT", True): "certificate_or_basic"}


@dataclass(frozen=True)
class Served:
    """Reads the ports; what cannot be said of them is added to ``unsaid``."""

    elements: Elements
    fronts: Fronts
    stores: Stores
    maps: Sequence[UriMap] = ()
    unsaid: list[Unsaid] = field(default_factory=list)
    rings: Rings = field(default_factory=Rings)

    @cached_property
    def ports(self) -> list[Port]:
        return ports.ports(self.elements.effective)

    def connections(self) -> Iterator[tuple[str, Said]]:
        """Yield each connection with the name that it might have."""
        self._disabled()
        twice = {number for number, count in Counter(port.port for port in self.ports).items() if count > 1}
        for each in self.elements.effective.all("httpEndpoint"):
            self.unsaid.extend(self.elements.wordless(each))
        for port in self.ports:
            endpoint = self.elements.effective.by_id("httpEndpoint", port.endpoint)
            if endpoint:
                yield from self._port(port, endpoint, twice)

    def _port(self, port: Port, endpoint: Instance, twice: set[int]) -> Iterator[tuple[str, Said]]:
        if fault := self._fault(port, endpoint, twice):
            self.unsaid.append(fault)
        elif port.tls:
            yield self._name(port), self._jsse(port, endpoint)
        elif rule := self._front(port, endpoint):
            yield self._name(port), self._attls(port, endpoint, rule)
        elif port.port in self.fronts.ports:
            yield self._name(port), self._behind(port, endpoint, {})

    def _disabled(self) -> None:
        for endpoint in self.elements.effective.all("httpEndpoint"):
            if endpoint.get("enabled") is False:
                place = self.elements.places.of(endpoint.origin("enabled"))
                self.unsaid.append(Unsaid(unsaid.DISABLED, named(endpoint), place))

    def _fault(self, port: Port, endpoint: Instance, twice: set[int]) -> Unsaid | None:
        """Return why no declaration can be about this port."""
        place, what = self.elements.places.of(port.origin), _what(port, endpoint)
        if port.port == 0:
            return Unsaid(unsaid.ANY_PORT, what, place)
        if port.port in twice:
            return Unsaid(unsaid.SAME_PORT, named(endpoint), place, str(port.port))
        if not endpoint.explicit and endpoint.id != DEFAULT_ENDPOINT:
            return Unsaid(unsaid.NO_ID, what, place)
        if port.tls and port.unusable:
            return Unsaid(unsaid.NOT_OPENED, what, place, port.unusable)
        return None

    @cached_property
    def _plain(self) -> list[Port]:
        return [port for port in self.ports if not port.tls]

    @cached_property
    def _ports_of(self) -> Counter[str]:
        return Counter(port.endpoint for port in self.ports)

    def _name(self, port: Port) -> str:
        """Return the endpoint's name, without the port: servers that differ in that alone have the same names."""
        default = port.endpoint == DEFAULT_ENDPOINT
        if not default and self._ports_of[port.endpoint] == 1:
            return port.endpoint
        return f"{'default' if default else port.endpoint}_{'https' if port.tls else 'http'}"

    def _front(self, port: Port, endpoint: Instance) -> Candidate | None:
        rule, doubt = self.fronts.front(port)
        if rule is None and port.port not in self.fronts.ports:
            place, what = self.elements.places.of(port.origin), _what(port, endpoint)
            self.unsaid.append(Unsaid(unsaid.DOUBT if doubt else unsaid.CLEAR, what, place, doubt or ""))
        return rule

    def _common(self, port: Port, endpoint: Instance) -> dict[str, Said]:
        host = self.elements.reference(endpoint, "host")
        return {
            **({"host": host} if host else {}),
            "port": Said(port.port, self.elements.places.of(port.origin)),
            "caller_tls": self._caller(port),
            "server_tls": Said("jsse" if port.tls else "attls"),
        }

    def _caller(self, port: Port) -> Said:
        rules = self.fronts.below_callers(port.port)
        for rule in rules:
            self.unsaid.append(Unsaid(unsaid.CALLERS, f"TTLSRule {rule.name}", rule.place, str(port.port)))
        if rules:
            return Said("attls", f"TTLSRule {rules[0].name}, {rules[0].place}")
        for one in self.maps:
            if one.port == port.port:
                return Said(
                    "cics" if one.is_https else "attls", f"URIMAP {one.name}, line {one.line} of the CSD listing"
                )
        seen = "outbound" in self.fronts.policies
        why = "no AT-TLS rule for its callers" if seen else "assumed: no AT-TLS policy of its callers was read"
        return Said("cics", why)

    def _jsse(self, port: Port, endpoint: Instance) -> Said:
        effective = self.elements.effective
        ssl = effective.by_id("ssl", port.ssl)
        said = self._common(port, endpoint)
        names, note = {"httpEndpoint": Said(port.endpoint, self.elements.stands(endpoint))}, ""
        options = self._options(endpoint)
        if port.fallback or ssl is None:
            what, place = _what(port, endpoint), self.elements.places.of(port.origin)
            self.unsaid.append(Unsaid(unsaid.FALLBACK, what, place, port.fallback or "it has no SSL configuration"))
        else:
            self.unsaid.extend(self.elements.wordless_ssl(ssl))
            names, note = self.elements.parts(endpoint, ssl, names | options)
            said["server_tls"] = Said("jsse", self._shown(ssl))
            said["client_certificate"] = self._asked(port, ssl)
            said |= self._identity() | self.elements.strength(ssl) | self.stores.alias(ssl, SERVER)
        said |= self._clients(port) | self._plain_http(port)
        return Said({**said, "elements": Said(names, note)}, f"{named(endpoint)}, {self.elements.stands(endpoint)}")

    def _shown(self, ssl: Instance) -> str:
        """Say which certificate callers see, where the store or a listing of key rings tells."""
        store, alias = ports.key_store(self.elements.effective, ssl), ssl.get(SERVER)
        ring = self.rings.shown(str(store.get("location") or ""), str(alias) if alias else None) if store else ""
        return ring or self.stores.shown(ssl)

    def _clients(self, port: Port) -> dict[str, Said]:
        """Return the CICS programs that call a port by TLS of CICS, and the one name that they all call."""
        maps = [one for one in self.maps if one.port == port.port and one.is_https and one.host and one.group]
        found: dict[str, Said] = {}
        for one in maps:
            if one.host != maps[0].host:
                place = f"line {one.line} of the CSD listing"
                self.unsaid.append(Unsaid(unsaid.OTHER_HOST, f"URIMAP {one.name}", place, str(maps[0].host)))
                continue
            name = one.name if one.name not in found else f"{one.name}_{one.group}"
            found[name] = _client(name, one, is_asked=port.client_authentication != "none")
        if not found:
            return {}
        return {
            "server_host": Said(str(maps[0].host), f"HOST of URIMAP {maps[0].name}"),
            "clients": Said([*found.values()]),
        }

    def _options(self, endpoint: Instance) -> dict[str, Said]:
        """Return the sslOptions that an endpoint has alone; what it has inside has no name."""
        if endpoint.children.get("sslOptions"):
            place = self.elements.stands(endpoint)
            self.unsaid.append(Unsaid(unsaid.NESTED, named(endpoint), place, "sslOptions"))
            return {}
        reference = self.elements.reference(endpoint, "sslOptionsRef")
        shared = reference and uses.of_options(self.elements.effective, str(reference.value), but=endpoint)
        return {"sslOptions": reference} if reference and not shared else {}

    def _asked(self, port: Port, ssl: Instance) -> Said:
        switch = (
            "clientAuthenticationSupported" if port.client_authentication == "supported" else "clientAuthentication"
        )
        place = self.elements.places.of(ssl.origin(switch)) if is_said(ssl, switch) else "by default"
        return Said(port.client_authentication, f"{named(ssl)}, {place}")

    def _identity(self) -> dict[str, Said]:
        rule = self.elements.effective.one("webAppSecurity")
        if rule is None or not is_said(rule, "overrideHttpAuthMethod"):
            return {}
        method, over = rule.get("overrideHttpAuthMethod"), rule.get("allowFailOverToBasicAuth") is True
        meant = "basic" if method == "BASIC" and not over else _IDENTITIES.get((str(method), over))
        place = self.elements.places.of(rule.origin("overrideHttpAuthMethod"))
        if meant is None:
            self.unsaid.append(Unsaid(unsaid.ATTRIBUTES, "<webAppSecurity>", place, f"overrideHttpAuthMethod {method}"))
            return {}
        return {"identity": Said(meant, f"<webAppSecurity>, {place}")}

    def _plain_http(self, port: Port) -> dict[str, Said]:
        """Say that http ports stay open, where there are others than this one."""
        other = next((one for one in self._plain if one.port != port.port), None)
        if other is None:
            return {}
        why = f"{other.port} of {other.endpoint} is open, {self.elements.places.of(other.origin)}"
        return {"plain_http": Said("unchanged", why)}

    def _attls(self, port: Port, endpoint: Instance, rule: Candidate) -> Said:
        said: dict[str, Said] = {}
        inbound = {"rule": Said(rule.name, rule.place)}
        asked = rule.actions.client_authentication if rule.actions else None
        certificate = _ASKED.get(asked.lower()) if asked else "none"
        if certificate is None:
            what = f"TTLSRule {rule.name}"
            self.unsaid.append(Unsaid(unsaid.CLIENT_AUTHENTICATION, what, rule.place, str(asked)))
        else:
            said["client_certificate"] = Said(certificate, f"TTLSRule {rule.name}, {rule.place}")
            if (asked or "").lower() == "safcheck":
                inbound["saf_check"] = Said(True, rule.place)
        return self._behind(port, endpoint, {**said, "inbound": Said(inbound)})

    def _behind(self, port: Port, endpoint: Instance, front: Mapping[str, Said]) -> Said:
        """Return a connection behind AT-TLS; ``front`` is what the rule in front of it says."""
        names = {"httpEndpoint": Said(port.endpoint, self.elements.stands(endpoint))}
        said = {**self._common(port, endpoint), **front, **self._plain_http(port), "elements": Said(names)}
        return Said(said, f"{named(endpoint)}, {self.elements.stands(endpoint)}")


def _client(name: str, one: UriMap, *, is_asked: bool) -> Said:
    """Return one CICS program; a URIMAP is made for it only where it says which certificate a server gets that asks."""
    said = {"name": Said(name, f"URIMAP {one.name}, line {one.line} of the CSD listing"), "type": Said("cics")}
    if one.certificate:
        said["certificate_label"] = Said(one.certificate)
    if one.certificate or not is_asked:
        said["settings"] = Said({"group": Said(str(one.group)), "name": Said(one.name)})
    return Said(said)


def _what(port: Port, endpoint: Instance) -> str:
    return f"{named(endpoint)} on {port.port}"
