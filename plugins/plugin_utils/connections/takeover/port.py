# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a declaration changes of a port that is there.

Only what is said is asked for. An SSL configuration, sslOptions or key store that others use too is never edited: the
port gets one of its own, named after the connection, that is as the other one but for the change.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.connections import server
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.declaration import Connection
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.profile import Profile
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.takeover import look, uses
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.takeover.change import (
    Change,
    free,
    origin,
    who,
    written,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.takeover.claims import (
    PLAIN,
    SECURE,
    Taken,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.takeover.keys import Stores
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.takeover.notes import (
    DROPPED,
    REPLACED,
    Note,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.takeover.uses import User, title
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import Effective, Instance
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import features, ports

Json = dict[str, Any]


def change(item: Connection, found: Taken, effective: Effective, *, closed: bool) -> Change:
    """Return what a connection changes of a port that is there; ``closed``: its http port goes."""
    made = Change(item.name, item.shared_files)
    if item.features:
        made.make(server.feature_manager(*item.features))
    if not item.server_attls:
        if not features.brings_tls(effective):
            made.make(server.feature_manager("transportSecurity-1.0"))
        _Tls(item, found, effective, made).ask()
    attributes = _ports(item, found, closed=closed)
    attributes |= {"host": item.host} if "host" in item.said or found.is_new else {}
    attributes |= {"enabled": True} if found.endpoint.get("enabled") is False else {}
    made.edit(found.endpoint, attributes)
    return made


def _ports(item: Connection, found: Taken, *, closed: bool) -> Json:
    own, other = (PLAIN, SECURE) if item.server_attls else (SECURE, PLAIN)
    attributes: Json = {own: item.port}
    # The port itself becomes one of the other kind; elsewhere it must not be opened twice.
    if found.attribute == other or (closed and other == PLAIN):
        attributes[other] = -1
    return attributes


@dataclass(frozen=True)
class _Tls:
    """What changes of the TLS that the server does at one port."""

    item: Connection
    found: Taken
    effective: Effective
    change: Change

    def ask(self) -> None:
        """Ask for all of it, what is referred to before what refers to it."""
        item = self.item
        stores = Stores(
            item.name,
            self.ssl,
            bool(self.others) or self._must_be_own(),
            item.key_store,
            item.trust_store,
            item.elements,
            item.server_dir,
            self.effective,
        )
        references = stores.ask(self.change)
        wanted = {name: value for name, value in self._said().items() if not self._holds(name, value)} | references
        self._lead(self._configuration(wanted) if wanted or self._must_be_own() else self.target)

    @cached_property
    def default(self) -> str:
        return ports.default_ssl(self.effective)

    @property
    def wants_default(self) -> bool:
        return "ssl_configuration" in self.item.said and self.item.ssl_configuration == "default"

    @property
    def target(self) -> str:
        """The SSL configuration that the port is to have, if nothing changes in it."""
        return self.default if self.wants_default else self.found.ssl

    @cached_property
    def ssl(self) -> Instance | None:
        return self.effective.by_id("ssl", self.target)

    @cached_property
    def others(self) -> list[User]:
        """Who else uses that SSL configuration."""
        return uses.of_ssl(self.effective, self.target, but=self.found.endpoint)

    def _said(self) -> Json:
        """Return the attributes of ``ssl`` that the declaration says."""
        item, said = self.item, self.item.said
        found: Json = {}
        if "client_certificate" in said and item.client_certificate != look.certificate(self.ssl):
            found |= asking(item.client_certificate)
        if {"protocols", "tls_profile"} & said:
            found |= item.profile.liberty
        if item.key_store and item.key_store.alias:
            found["serverKeyAlias"] = item.key_store.alias
        return found

    def _holds(self, name: str, value: object) -> bool:
        known = self.ssl.get(name) if self.ssl else None
        if known is not None and name == "sslProtocol":
            return set(str(known).split(",")) == set(str(value).split(","))
        if known is not None and name == "enabledCiphers":
            return str(known).split() == str(value).split()
        return self.ssl is not None and known == value

    def _must_be_own(self) -> bool:
        """Whether the port is to have a configuration of its own and has the default one."""
        own = "ssl_configuration" in self.item.said and self.item.ssl_configuration == "own"
        return own and self.target == self.default

    def _configuration(self, wanted: Json) -> str:
        """Change the SSL configuration, or make an own one where others use it, or where Liberty drops it."""
        others = self.others
        if self.ssl is not None and not others and not self._must_be_own():
            self.change.edit(self.ssl, wanted)
            return self.target
        if others and ("ssl" in self.item.elements or self.wants_default):
            self._refuse_named(who(others))
        identity = self.item.name
        free(identity, "ssl", identity, uses.of_ssl(self.effective, identity, but=self.found.endpoint))
        # What is like another one leaves unsaid what that leaves to Java.
        attributes = self._laid_over(identity, self._copied()) | wanted
        if not attributes.get("keyStoreRef"):
            raise SecurityError(
                f"{identity}: key_store is missing; the SSL configuration {self.target!r} of port {self.item.port} "
                "does not exist, or Liberty drops it, so the port needs one."
            )
        if self.ssl:
            self.change.copy(self.ssl, identity, attributes)
        else:
            self.change.make({"element": "ssl", "id": identity, "attributes": Profile().liberty | attributes})
        self.change.notes.append(
            Note(
                REPLACED if self.ssl else DROPPED,
                identity,
                f'<ssl id="{self.target}">',
                origin(self.ssl),
                tuple(map(str, others)),
                f'<ssl id="{identity}">',
            )
        )
        return identity

    def _refuse_named(self, others: str) -> None:
        key = "ssl_configuration" if self.wants_default else "elements.ssl"
        remedy = "Set it to own" if self.wants_default else "Leave ssl out of elements"
        raise SecurityError(
            f"{self.item.name}: {key} is {'default' if self.wants_default else self.target}, but {others} "
            f'<ssl id="{self.target}"> too, and would change with it. {remedy}, and the port gets one of its own that '
            "is like it."
        )

    def _copied(self) -> Json:
        """Return the attributes of the SSL configuration that is there, as they are written."""
        ssl = self.ssl
        if ssl is None:
            return {}
        if nested := next((word for word in ("keyStore", "trustStore") if word in ssl.children), None):
            raise SecurityError(
                f"{self.item.name}: {title(ssl)} ({origin(ssl)}) cannot be made again for this port alone, because its "
                f"{nested} is written inside of it. Put it beside it as a <keyStore> with an id, and refer to that."
            )
        return {"keyStoreRef": ssl.get("keyStoreRef"), **written(ssl)}

    def _laid_over(self, identity: str, copied: Json) -> Json:
        """Return attributes with what must be said where an element of this id is there, and nobody uses it."""
        unused = self.effective.by_id("ssl", identity) if identity != self.target else None
        if unused is None:
            return copied
        gone = dict.fromkeys(written(unused)) if copied else {}
        return gone | copied | asking(self.item.client_certificate)

    def _lead(self, target: str) -> None:
        """Let the port lead to an SSL configuration."""
        endpoint, options = self.found.endpoint, self.found.options
        nested, lost = endpoint.children.get("sslOptions"), ports.leads_nowhere(self.effective, endpoint)
        if self.wants_default:
            has = endpoint.get("sslOptionsRef") is not None or lost
            self.change.edit(endpoint, {"sslOptionsRef": None} if has else {})
            return
        named = None if nested else self.item.elements.get("sslOptions")
        if named:
            options = self.effective.by_id("sslOptions", named)
            self.change.edit(endpoint, {"sslOptionsRef": named})
        if ((options.get("sslRef") if options else None) or self.default) == target and not (lost and not named):
            return
        if nested:
            self.change.edit(endpoint, {}, [{"element": "sslOptions", "attributes": {"sslRef": target}}])
            return
        self._options(target, options, named)

    def _options(self, target: str, options: Instance | None, named: str | None) -> None:
        """Ask for sslOptions that lead there: those that the port has, or own ones that are like them."""
        endpoint, identity = self.found.endpoint, self.item.name
        others = uses.of_options(self.effective, str(options.id), but=endpoint) if options else []
        if options and options.places and options.explicit and not others:
            self.change.edit(options, {"sslRef": target})
            return
        if others and named:
            raise SecurityError(
                f"{identity}: elements.sslOptions is {named}, but {who(others)} it too, and would change with it. "
                "Leave sslOptions out of elements, and the port gets own ones that are like it."
            )
        free(identity, "sslOptions", identity, uses.of_options(self.effective, identity, but=endpoint))
        attributes = {**(written(options) if options else {}), "sslRef": target}
        self.change.make({"element": "sslOptions", "id": identity, "attributes": attributes})
        self.change.edit(endpoint, {"sslOptionsRef": identity})


def asking(certificate: str) -> Json:
    """Return the attributes by which callers are asked for a certificate; required beats supported."""
    if certificate == "required":
        return {"clientAuthentication": True}
    return {"clientAuthentication": False, "clientAuthenticationSupported": certificate == "supported"}
