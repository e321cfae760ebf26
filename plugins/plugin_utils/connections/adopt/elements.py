# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Elements of the server that a declaration names, and what they have that it has no words for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ansible_collections.zosconnect.security.plugins.plugin_utils.connections import profile
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.adopt import unsaid
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.adopt.said import Places, Said
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.adopt.unsaid import Unsaid
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.takeover import uses
from ansible_collections.zosconnect.security.plugins.plugin_utils.declared import PROTOCOLS, shown
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.hints import several
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.attributes import BUILT_IN
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import Effective, Instance

# What a declaration has words for, by element; the rest stays as it is.
_KNOWN = {
    "httpEndpoint": {"enabled", "host", "httpPort", "httpsPort", "sslOptions", "sslOptionsRef"},
    "ssl": {
        *("clientAuthentication", "clientAuthenticationSupported", "clientKeyAlias", "enabledCiphers", "keyStore"),
        *("keyStoreRef", "serverKeyAlias", "sslProtocol", "trustStore", "trustStoreRef", "verifyHostname"),
    },
    "zosconnect_endpointConnection": {
        *("authenticationConfigRef", "basicAuthRef", "host", "port", "sslCerts", "sslCertsRef"),
    },
}

_STORES = {"keyStore": "keyStoreRef", "trustStore": "trustStoreRef"}
# An owner is among the users of what it uses, under one title or two places.
_MANY = 4
_LONGEST_ID = 60  # characters


def named(instance: Instance) -> str:
    """Return an element as people write it; an id that nobody can read is left out."""
    return titled(instance.element, instance.id if instance.explicit or not instance.places else None)


def titled(element: str, identity: str | None) -> str:
    """Return an element of an id as people write it."""
    readable = identity and identity.isprintable() and len(identity) <= _LONGEST_ID
    return f'<{element} id="{identity}">' if readable else f"<{element}>"


def is_said(instance: Instance, attribute: str) -> bool:
    """Whether a file says something of an attribute."""
    found = instance.attributes.get(attribute)
    return found is not None and found.origin != BUILT_IN


@dataclass(frozen=True)
class Elements:
    """Reads what a declaration says of elements, each value with its place."""

    effective: Effective
    places: Places

    def said(self, instance: Instance, attribute: str) -> Said | None:
        """Return the value of an attribute; None where it has none."""
        value = instance.get(attribute)
        if value is None or isinstance(value, list):
            return None
        return Said(value, self.places.of(instance.origin(attribute)))

    def reference(self, instance: Instance, attribute: str) -> Said | None:
        """Return the id that a reference holds, where a file says it."""
        return self.said(instance, attribute) if is_said(instance, attribute) else None

    def stands(self, instance: Instance) -> str:
        """Say where an element stands: where it stands last."""
        return self.places.of(instance.places[-1]) if instance.places else "by default"

    def parts(self, owner: Instance, ssl: Instance, ends: Mapping[str, Said]) -> tuple[dict[str, Said], str]:
        """Return the elements that only this owner uses, by what a declaration calls them, and which one others use.

        What others use is not named: a declaration that changes it gets one of its own. ``ends`` lead to the rest.
        """
        found = dict(ends)
        if other := self._other_user(owner, ssl):
            return found, f"{named(ssl)} is not named here: {other} uses it too"
        found["ssl"] = Said(str(ssl.id), self.stands(ssl))
        for word, attribute in _STORES.items():
            store = self.reference(ssl, attribute)
            if store and not uses.of_store(self.effective, str(store.value), but=ssl):
                found[word] = store
        return found, ""

    def _other_user(self, owner: Instance, ssl: Instance) -> str | None:
        """Return who uses an SSL configuration besides this owner; of very many users one is looked for just once."""
        users = self.effective.once(("users", ssl.id), lambda: uses.of_ssl(self.effective, str(ssl.id)))
        if len(users) > _MANY:
            return next((user.title for user in users if user.title != uses.title(owner)), None)
        return next((user.title for user in uses.of_ssl(self.effective, str(ssl.id), but=owner)), None)

    def strength(self, ssl: Instance) -> dict[str, Said]:
        """Return protocols and ciphers, where a file says them and a declaration can."""
        protocols, ciphers = self._listed(ssl, "sslProtocol", ","), self._listed(ssl, "enabledCiphers", " ")
        if not protocols or any(each.value not in PROTOCOLS for each in protocols):
            return {}
        found = {"protocols": Said(protocols, self.places.of(ssl.origin("sslProtocol")))}
        if not ciphers or not _is_profile([each.plain() for each in protocols], [each.plain() for each in ciphers]):
            return found
        return {"tls_profile": Said({**found, "ciphers": Said(ciphers, self.places.of(ssl.origin("enabledCiphers")))})}

    def _listed(self, ssl: Instance, attribute: str, separator: str) -> list[Said]:
        written = ssl.get(attribute) if is_said(ssl, attribute) else None
        return [Said(part) for part in written.split(separator) if part] if isinstance(written, str) else []

    def wordless(self, instance: Instance) -> Iterator[Unsaid]:
        """Say what an element has that no declaration has words for."""
        known = _KNOWN[instance.element]
        names = [name for name in instance.attributes if name not in known and is_said(instance, name)]
        names += [f"<{name}>" for name in instance.children if name not in known]
        if names:
            yield Unsaid(unsaid.ATTRIBUTES, named(instance), self.stands(instance), several(sorted(names)))

    def wordless_ssl(self, ssl: Instance) -> Iterator[Unsaid]:
        """Say what an SSL configuration has that no declaration has words for."""
        yield from self.wordless(ssl)
        written = ssl.get("sslProtocol") if is_said(ssl, "sslProtocol") else None
        if isinstance(written, str) and not set(filter(None, written.split(","))) <= set(PROTOCOLS):
            place = self.places.of(ssl.origin("sslProtocol"))
            yield Unsaid(unsaid.OLD_PROTOCOL, named(ssl), place, f"sslProtocol {shown(written)}")
        if is_said(ssl, "enabledCiphers") and "tls_profile" not in self.strength(ssl):
            place = self.places.of(ssl.origin("enabledCiphers"))
            yield Unsaid(unsaid.ATTRIBUTES, named(ssl), place, "enabledCiphers")
        if ssl.get("verifyHostname") is False:
            place = self.places.of(ssl.origin("verifyHostname"))
            yield Unsaid(unsaid.ATTRIBUTES, named(ssl), place, "verifyHostname false")
        for name in ("keyStore", "trustStore"):
            if name in ssl.children:
                yield Unsaid(unsaid.NESTED, named(ssl), self.stands(ssl), name)


def _is_profile(protocols: list[str], ciphers: list[str]) -> bool:
    """Whether a declaration takes these ciphers: it has none that are weak, or for a protocol that is off."""
    try:
        profile.profile({"protocols": protocols, "ciphers": ciphers}, "tls_profile")
    except SecurityError:
        return False
    return True
