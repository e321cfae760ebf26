# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a server calls, each as a connection of a declaration."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.adopt import unsaid
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.adopt.elements import (
    Elements,
    is_said,
    named,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.adopt.fronts import Fronts
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.adopt.said import Said
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.adopt.stores import CLIENT, Stores
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.adopt.unsaid import Unsaid
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import Instance
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import applications, outbound
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.outbound import Call

_ENDPOINT = "zosconnect_endpointConnection"
# What is called for an endpoint goes with it.
_WITH_ENDPOINTS = ("zosconnect_authorizationServer",)
_LOGINS = ("authenticationConfigRef", "basicAuthRef")
# An exception to the check of host names, which a declaration has only with a reason and an owner.
_SKIPPED = "skipHostnameVerificationForHosts"


@dataclass(frozen=True)
class Calls:
    """Reads the calls; what cannot be said of them is added to ``unsaid``."""

    elements: Elements
    fronts: Fronts
    stores: Stores
    unsaid: list[Unsaid] = field(default_factory=list)

    def connections(self) -> Iterator[tuple[str, Said]]:
        """Yield each connection with the name that it might have."""
        for call in outbound.calls(self.elements.effective):
            if call.called.element == _ENDPOINT:
                yield from self._endpoint(call)
            elif call.called.element not in _WITH_ENDPOINTS:
                self._cannot(call, unsaid.OTHER_CALL, call.title.partition(" '")[0])

    def _cannot(self, call: Call, kind: str, detail: str = "") -> None:
        self.unsaid.append(Unsaid(kind, named(call.called), self.elements.places.of(call.origin), detail))

    def _endpoint(self, call: Call) -> Iterator[tuple[str, Said]]:
        called = call.called
        if not called.explicit:
            return self._cannot(call, unsaid.NO_ID)
        self.unsaid.extend(self.elements.wordless(called))
        if logins := [name for name in _LOGINS if is_said(called, name)]:
            self._cannot(call, unsaid.LOGIN, " and ".join(logins))
        how = self._attls(call) if call.tls is False else self._jsse(call) if call.tls else None
        if how is None:
            if call.tls is None:
                self._cannot(call, unsaid.CALL_UNKNOWN, "the scheme is in a variable that nothing defines")
            return None
        yield str(called.id), Said({**self._where(call), **how, **self._callers(called)}, self._place(called))

    def _place(self, called: Instance) -> str:
        return f"{named(called)}, {self.elements.stands(called)}"

    def _where(self, call: Call) -> dict[str, Said]:
        called = call.called
        found = {"connection": Said(str(called.id), self.elements.stands(called))}
        found |= {key: said for key in ("host", "port") if (said := self.elements.said(called, key))}
        return {"endpoint": Said(found)}

    def _jsse(self, call: Call) -> dict[str, Said] | None:
        ssl = call.ssl
        if ssl is None:
            self._cannot(call, unsaid.NOT_OPENED, call.unusable or "no SSL configuration is left for it")
            return None
        said = {"server_tls": Said("jsse")}
        names: dict[str, Said] = {}
        note = ""
        if call.fallback:
            self._cannot(call, unsaid.FALLBACK, call.fallback)
        elif call.called.children.get("sslCerts"):
            self._cannot(call, unsaid.NESTED, "sslCerts")
        elif self.elements.reference(call.called, "sslCertsRef"):
            names, note = self.elements.parts(call.called, ssl, {})
            said |= self.stores.alias(ssl, CLIENT)
        else:
            said["ssl_configuration"] = Said("default", f"{named(ssl)}, {self.elements.stands(ssl)}")
        self.unsaid.extend(self.elements.wordless_ssl(ssl))
        if key := self.elements.reference(ssl, CLIENT):
            said["client_certificate"] = Said("required", f"{CLIENT} of {named(ssl)}, {key.origin}")
        return {**said, **({"elements": Said(names, note)} if names else {})}

    def _attls(self, call: Call) -> dict[str, Said] | None:
        """Return how AT-TLS does TLS below a call by plain http, where exactly one rule is for it."""
        port = call.called.get("port")
        rules = self.fronts.below_call(port) if isinstance(port, int) else []
        if len(rules) != 1:
            self._cannot(call, unsaid.CALL_IN_CLEAR)
            return None
        rule = rules[0]
        return {
            "server_tls": Said("attls", f"TTLSRule {rule.name}, {rule.place}"),
            "outbound": Said({"rule": Said(rule.name, rule.place)}),
        }

    def _callers(self, called: Instance) -> dict[str, Said]:
        """Return the web applications of z/OS Connect 3.0 that call an endpoint."""
        found = [
            Said(one.name, self.elements.places.of(one.connection_origin or one.origin))
            for one in applications.web_applications(self.elements.effective)
            if one.connection == called.id
        ]
        return {"web_applications": Said(found)} if found else {}
