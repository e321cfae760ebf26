# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is there of a connection, in the words of a declaration: certificates asked for, protocols, stores, rule."""

from __future__ import annotations

from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.present import Present
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.profile import Profile
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.standing import (
    NEW,
    Asked,
    Look,
    Standing,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.takeover import claims, rules
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.takeover.claims import (
    PLAIN,
    SECURE,
    Taken,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.takeover.uses import title
from ansible_collections.zosconnect.security.plugins.plugin_utils.declared import PROTOCOLS
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import passwords
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import Effective, Instance
from ansible_collections.zosconnect.security.plugins.plugin_utils.zosconnect import OAS2

_TLS = {PLAIN: "attls", SECURE: "jsse"}
_BASIC = "basic"


def looking(present: Present) -> Look | None:
    """Return what finds out what is there of a connection; None where nobody looked at the server."""
    effective = present.effective
    return (lambda asked: _standing(present, effective, asked)) if effective else None


def _standing(present: Present, effective: Effective, asked: Asked) -> Standing:
    rule = rules.of_server(present.policies, asked)
    found = claims.taken(effective, asked)
    if found is None:
        return Standing(inbound=rule.end, client_certificate=rule.asks) if rule else NEW
    server_tls = asked.server_tls or _by_what_it_is(asked, found)
    claims.check_kind(asked, found, PLAIN if server_tls == "attls" else SECURE)
    fronted = server_tls == "attls"
    ssl = None if fronted else found.configuration
    return Standing(
        taken=found,
        server_tls=server_tls,
        host=str(found.endpoint.get("host")),
        client_certificate=(rule.asks if rule else None) if fronted else certificate(ssl),
        identity=identity(effective),
        profile=profile(ssl) if ssl else None,
        inbound=rule.end if rule else None,
        key_store=store(found.keys),
        trust_store=store(found.trust),
    )


def _by_what_it_is(asked: Asked, found: Taken) -> str | None:
    """Say who does TLS at a port that is there, where the declaration does not."""
    if found.attribute == PLAIN and not asked.rule:
        raise SecurityError(
            f"{asked.where}.server_tls: is missing, and port {asked.port} is an http port of {title(found.endpoint)} "
            f"({found.endpoint.origin(PLAIN)}). Say attls where AT-TLS does TLS in front of it, or jsse if it is to "
            "become an https port."
        )
    return _TLS.get(found.attribute or "")


def certificate(ssl: Instance | None) -> str:
    """Return what an SSL configuration asks of callers."""
    if ssl is None:
        return "none"
    if ssl.get("clientAuthentication") is True:
        return "required"
    return "supported" if ssl.get("clientAuthenticationSupported") is True else "none"


def identity(effective: Effective) -> str | None:
    """Return by what callers are known to the server; None for a way that no declaration can say."""
    rule = effective.one("webAppSecurity")
    method = rule.get("overrideHttpAuthMethod") if rule else None
    if rule is None or method in (None, "BASIC"):
        return _BASIC
    if method == "CLIENT_CERT":
        return "certificate_or_basic" if rule.get("allowFailOverToBasicAuth") is True else "certificate"
    return None


def identity_in_force(effective: Effective, version: str) -> str | None:
    """Return by what callers are known now, also where nothing says it; None for a way that no declaration can say.

    z/OS Connect 2.0 then asks for a client certificate, and takes a password only where ``allowFailOverToBasicAuth``
    is true (IBM: API requester to z/OS Connect security with CICS). In 3.0 each web application says it.
    """
    rule = effective.one("webAppSecurity")
    if version != OAS2 or (rule and rule.get("overrideHttpAuthMethod") is not None):
        return identity(effective)
    return "certificate_or_basic" if rule and rule.get("allowFailOverToBasicAuth") is True else "certificate"


def profile(ssl: Instance) -> Profile | None:
    """Return how strong TLS is; None where the Java that runs the server says it."""
    found = tuple(part for part in str(ssl.get("sslProtocol") or "").split(",") if part in PROTOCOLS)
    ciphers = tuple(str(ssl.get("enabledCiphers") or "").split())
    if not found and not ciphers:
        return None
    return Profile(tuple(one for one in PROTOCOLS if one in found) or PROTOCOLS, ciphers)


def store(found: Instance | None) -> dict[str, Any]:
    """Return the place of a store, and its password where that can be read here."""
    if found is None:
        return {}
    location, password = str(found.get("location") or ""), found.get("password")
    known: dict[str, Any] = {"location": location} if location else {}
    if location.lower().startswith("safkeyring"):
        return known  # every site writes some password there, which is none
    try:
        clear = passwords.decode(str(password)) if password else None
    except SecurityError:
        clear = None
    return {**known, **({"password": clear} if clear and "${" not in clear else {})}
