# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What declared endpoints, which the server calls, ask of its configuration.

An endpoint connection that is there is changed as far as it is declared. Its SSL configuration is edited where nobody
else uses it, and else replaced by one of its own that is like it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.policy import Policy
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections import outbound, server
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.endpoint import Endpoint
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.names import (
    DEFAULT_OUTBOUND,
    outbound_ssl,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.present import Present
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.standing import (
    NEW_CALL,
    AskedCall,
    CallStanding,
    LookCall,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.takeover import look, rules, uses
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.takeover.change import (
    Change,
    free,
    origin,
    who,
    written,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.takeover.claims import (
    check_named,
    own_trust,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.takeover.keys import Stores
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.takeover.notes import REPLACED, Note
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.takeover.uses import title
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import Effective, Instance
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import features, ports
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import outbound as called

Json = dict[str, Any]
ELEMENT = "zosconnect_endpointConnection"
_SCHEMES = {"jsse": "https", "attls": "http"}


def looking(present: Present) -> LookCall | None:
    """Return what finds out what is there of a call; None where nobody looked at the server."""
    effective = present.effective
    return (lambda asked: _standing(present.policies, effective, asked)) if effective else None


def _standing(policies: Mapping[str, Policy], effective: Effective, asked: AskedCall) -> CallStanding:
    check_named(effective, asked.where, iter(asked.elements.items()))
    there = effective.by_id(ELEMENT, asked.connection)
    rule = rules.of_call(policies, asked)
    end = rule.end if rule else None
    if there is None and "ssl" not in asked.elements:
        return replace(NEW_CALL, outbound=end)
    found = there or Instance(ELEMENT, asked.connection, explicit=True, places=())
    call = next((one for one in called.calls(effective) if one.called is there), None) if there else None
    ssl = effective.by_id("ssl", asked.elements.get("ssl")) or (call.ssl if call else None)
    scheme, host, port = _where(found)
    has_own = bool(found.get("sslCertsRef") or found.children.get("sslCerts") or asked.elements.get("ssl"))
    return CallStanding(
        called=found,
        server_tls=None if there is None else "jsse" if scheme == "https" else "attls" if asked.rule else None,
        host=host,
        port=port,
        ssl_configuration="own" if has_own else "default",
        client_certificate="required" if ssl and ssl.get("clientKeyAlias") else "none",
        profile=look.profile(ssl) if ssl else None,
        configuration=ssl,
        outbound=end,
        key_store=look.store(ports.key_store(effective, ssl)) if ssl else {},
        trust_store=look.store(own_trust(effective, ssl)) if ssl else {},
    )


def _where(found: Instance) -> tuple[str, str | None, int | None]:
    """Return scheme, host and port of an endpoint connection; a host without scheme is called by http."""
    scheme, separator, host = str(found.get("host") or "").rpartition("://")
    number = str(found.get("port") or "")
    return scheme.lower() if separator else "http", host or None, int(number) if number.isdecimal() else None


def changes(items: Sequence[Endpoint], present: Present) -> tuple[list[Change], list[Endpoint]]:
    """Return what is asked for each endpoint, and the endpoints with the SSL configurations that are made for them."""
    found: list[Change] = []
    made: list[Endpoint] = []
    for item in items:
        change = Change(item.name, item.shared_files)
        effective, there = present.effective, item.standing.called
        if effective is None or there is None:
            change.make(*outbound.elements([item]))
            made.append(item)
        else:
            made.append(_Call(item, there, effective, change).ask())
        found.append(change)
    return found, made


@dataclass(frozen=True)
class _Call:
    """What changes of one call that is there."""

    item: Endpoint
    there: Instance
    effective: Effective
    change: Change

    def ask(self) -> Endpoint:
        """Ask for all of it, what is referred to before what refers to it."""
        item, attributes = self.item, self._host()
        if not item.server_attls:
            if not features.brings_tls(self.effective):
                self.change.make(server.feature_manager("transportSecurity-1.0"))
            item, reference = self._ssl()
            attributes |= reference
        self.change.make(*outbound.authentication(item))
        attributes |= outbound.references_to_logins(item)
        self.change.edit(self.there, attributes)
        return item

    def _host(self) -> Json:
        item = self.item
        scheme, host, _port = _where(self.there)
        moved = {"host", "server_tls"} & item.said or not self.there.places
        found: Json = {}
        if moved and (scheme, host) != (_SCHEMES[item.server_tls], item.host):
            found["host"] = item.url.rpartition(":")[0]
        return found | ({"port": item.port} if "port" in item.said else {})

    @property
    def ssl(self) -> Instance | None:
        return self.item.standing.configuration

    def _ssl(self) -> tuple[Endpoint, Json]:
        """Ask for the SSL configuration; return the endpoint with it, and the reference to it where that changes."""
        item = self.item
        wants_default = item.ssl_configuration == "default" and "ssl_configuration" in item.said
        if self._is_made(wants_default=wants_default):
            # A call without TLS has the default one by nature, not because somebody chose it.
            own = None if wants_default or item.bare else outbound_ssl(item.name)
            item = replace(item, standing=NEW_CALL, ssl_configuration="own" if own else "default")
            self.change.make(*outbound.ssl(item))
            return item, {"sslCertsRef": own}
        own = outbound_ssl(item.name)
        is_shared = self._becomes_own or bool(
            self.ssl and uses.of_ssl(self.effective, str(self.ssl.id), but=self.there)
        )
        stores = Stores(
            own, self.ssl, is_shared, item.key_store, item.trust_store, item.elements, item.server_dir, self.effective
        )
        wanted = stores.ask(self.change) | self._said()
        wanted = {name: value for name, value in wanted.items() if not self._holds(name, value)}
        if wanted or self._becomes_own:
            return self._changed(wanted, wants_default=wants_default)
        if wants_default:
            return item, {"sslCertsRef": None} if self.there.get("sslCertsRef") is not None else {}
        return item, self._named()

    def _named(self) -> Json:
        named = self.item.elements.get("ssl")
        return {"sslCertsRef": named} if named and self.there.get("sslCertsRef") != named else {}

    @property
    def _becomes_own(self) -> bool:
        """Whether a call that has the default SSL configuration is to have one of its own."""
        item = self.item
        own = "ssl_configuration" in item.said and item.ssl_configuration == "own"
        return own and item.standing.ssl_configuration == "default"

    def _is_made(self, *, wants_default: bool) -> bool:
        """Whether an SSL configuration is made as on a bare server: there is none, or stores for all calls are said."""
        stores = bool(self.item.key_store or self.item.trust_store)
        new_default = wants_default and stores and (self.ssl is None or self.ssl.id != DEFAULT_OUTBOUND)
        return self.ssl is None or new_default or (self._becomes_own and self.item.trust_store is not None)

    def _said(self) -> Json:
        item, said = self.item, self.item.said
        found: Json = dict(item.profile.liberty) if {"protocols", "tls_profile"} & said else {}
        if item.key_store and item.key_store.alias:
            found["clientKeyAlias"] = item.key_store.alias
        elif "client_certificate" in said and not item.shows:
            found["clientKeyAlias"] = None
        if item.skip_host_names:
            found["skipHostnameVerificationForHosts"] = ",".join(item.skip_host_names.hosts)
        return found | ({"verifyHostname": True} if "verify_host_name" in said else {})

    def _holds(self, name: str, value: object) -> bool:
        known = self.ssl.get(name) if self.ssl else None
        if isinstance(known, str) and name in ("sslProtocol", "enabledCiphers"):
            separator = "," if name == "sslProtocol" else None
            return sorted(known.split(separator)) == sorted(str(value).split(separator))
        return known == value

    def _changed(self, wanted: Json, *, wants_default: bool) -> tuple[Endpoint, Json]:
        """Change the SSL configuration, or make an own one that is like it where others use it."""
        item, ssl = self.item, self.ssl
        if ssl is None:
            raise AssertionError(f"{item.name} has no SSL configuration")
        others = uses.of_ssl(self.effective, str(ssl.id), but=self.there)
        if self.there.children.get("sslCerts") or "keyStore" in ssl.children or "trustStore" in ssl.children:
            raise SecurityError(
                f"{item.name}: {title(ssl)} ({origin(ssl)}) is written inside of another element, or its stores inside "
                "of it, so it is not changed here. Put each beside the other with an id, and refer to it."
            )
        if not self._becomes_own and (not others or (wants_default and ssl.id == DEFAULT_OUTBOUND)):
            self.change.edit(ssl, wanted)
            return item, self._named()
        if others and ("ssl" in item.elements or wants_default):
            word = "ssl_configuration is default" if wants_default else f"elements.ssl is {ssl.id}"
            remedy = "Set it to own" if wants_default else "Leave ssl out of elements"
            raise SecurityError(
                f'{item.name}: {word}, but {who(others)} <ssl id="{ssl.id}"> too, and would change with it. {remedy}, '
                "and the call gets one of its own that is like it."
            )
        own = outbound_ssl(item.name)
        free(item.name, "ssl", own, uses.of_ssl(self.effective, own, but=self.there))
        self.change.copy(ssl, own, {"keyStoreRef": ssl.get("keyStoreRef"), **written(ssl), **wanted})
        titles = tuple(map(str, others))
        self.change.notes.append(Note(REPLACED, item.name, title(ssl), origin(ssl), titles, f'<ssl id="{own}">'))
        return replace(item, own_ssl=own), {"sslCertsRef": own}
