# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules: what the protocols, the ciphers and the trust of an SSL configuration are worth.

What a protocol name means depends on the Java that runs the server. On IBM Java 8 ("Protocols" in its JSSE2 guide)
SSL_TLS is TLS 1.0, SSL and SSL_TLSv2 are TLS 1.0 to 1.2, and TLS is TLS 1.0 to 1.3, as far as its java.security allows
(jdk.tls.disabledAlgorithms). Where it is not set, Liberty takes SSL_TLSv2 there, and SSL elsewhere (its metatype).
Observed with OpenJDK 17 and Open Liberty 26.0.0.3: TLS, SSL and no value are TLS 1.2 and 1.3, and SSL_TLS and SSL_TLSv2
are rejected (CWPKI0831E). DISA STIG V-250323 wants TLS 1.2 or later to be set on every ssl element.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ansible_collections.zosconnect.security.plugins.plugin_utils import ciphers
from ansible_collections.zosconnect.security.plugins.plugin_utils.hints import several
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import Effective
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.rules.rule import (
    Fault,
    Rule,
    Subject,
    of,
    rule,
)

MODERN_PROTOCOLS = "TLSv1.2,TLSv1.3"
_OLD = ("SSLv3", "TLSv1", "TLSv1.1", "SSL_TLS")
# What names mean on IBM Java 8, and on Java 11 and later.
_UP_TO_12, _LATER, _REJECTED = "TLS 1.0, 1.1 and 1.2", "TLS 1.2 and 1.3", None
_BY_JAVA: dict[str, tuple[str, str | None]] = {
    "": (_UP_TO_12, _LATER),
    "SSL": (_UP_TO_12, _LATER),
    "SSL_TLSv2": (_UP_TO_12, _REJECTED),
    "TLS": ("TLS 1.0, 1.1, 1.2 and 1.3", _LATER),
}
# The Java of z/OS in JAVA_HOME: /usr/lpp/java/J8.0_64, J11.0_64, J17.0_64 and so on.
_JAVA = re.compile(r"(?:^|/)J(\d+)\.\d+(?:_64)?(?:/|$)")


def java_level(effective: Effective) -> int | None:
    """Return which Java JAVA_HOME of the server's environment names, as 8 or 17; None where nothing seen here says."""
    found = _JAVA.search(effective.assembly.variables.outer.environment.get("JAVA_HOME", ""))
    return int(found[1]) if found else None


@rule("tls-old-protocol")
def old_protocol(subject: Subject) -> Iterator[Fault]:
    for ssl in subject.ssl_configurations:
        old = [name for name in str(ssl.get("sslProtocol") or "").split(",") if name in _OLD]
        if old:
            alone = ", which is TLS 1.0 and nothing else on IBM Java 8" if old == ["SSL_TLS"] else ""
            text = f"{subject.title(ssl)} allows {', '.join(old)}{alone}."
            remedy = subject.remedy(ssl, sslProtocol=MODERN_PROTOCOLS)
            about = of(ssl, "sslProtocol")
            yield Fault(ssl.origin("sslProtocol"), text, remedy, about=about, detail=frozenset(old))


@rule("tls-protocol-by-java")
def protocol_by_java(subject: Subject) -> Iterator[Fault]:
    java = java_level(subject.effective)
    in_use = {id(ssl) for ssl in subject.ssl_in_use}
    for ssl in subject.ssl_configurations:
        written = str(ssl.get("sslProtocol") or "")
        if written not in _BY_JAVA or (not written and id(ssl) not in in_use):
            continue
        on_8, later = _BY_JAVA[written]
        if java is not None and java > 8 and later:
            continue
        setting = f"says sslProtocol {written}" if written else "says no sslProtocol"
        there = f"on Java 11 and later {later}" if later else "a name that OpenJDK rejects"
        known = "the Java of this server" if java == 8 else there
        origin = ssl.origin("sslProtocol") if written else subject.place_of(ssl)
        if origin.line is not None:
            text = f"{subject.title(ssl)} {setting}: on IBM Java 8 {on_8}, {known}."
            remedy = subject.remedy(ssl, sslProtocol=MODERN_PROTOCOLS)
            yield Fault(origin, text, remedy, about=of(ssl, "sslProtocol"))


@rule("tls-weak-cipher")
def weak_cipher(subject: Subject) -> Iterator[Fault]:
    yield from _ciphers(subject, broken=True)


@rule("tls-dated-cipher")
def dated_cipher(subject: Subject) -> Iterator[Fault]:
    yield from _ciphers(subject, broken=False)


def _ciphers(subject: Subject, *, broken: bool) -> Iterator[Fault]:
    for ssl in subject.ssl_configurations:
        written = str(ssl.get("enabledCiphers") or "").replace(",", " ").split()
        worst = {name: weak[0] for name in written if (weak := ciphers.weaknesses(name))}
        found = [f"{name} ({weakness.value})" for name, weakness in worst.items() if weakness.broken is broken]
        if found:
            rest = " ".join(name for name in written if name not in worst) or None
            remedy = subject.remedy(ssl, enabledCiphers=rest)
            text = f"enabledCiphers of {subject.title(ssl)} allows {several(found)}."
            allowed = frozenset(name for name, weakness in worst.items() if weakness.broken is broken)
            about = of(ssl, "enabledCiphers")
            yield Fault(ssl.origin("enabledCiphers"), text, remedy, about=about, detail=allowed)


@rule("tls-security-level")
def security_level(subject: Subject) -> Iterator[Fault]:
    for ssl in subject.ssl_configurations:
        level = ssl.get("securityLevel")
        # Where ciphers are listed Liberty ignores the level.
        if level in ("LOW", "MEDIUM") and not ssl.get("enabledCiphers"):
            remedy = subject.remedy(ssl, securityLevel="HIGH")
            text = f"{subject.title(ssl)} takes the ciphers of securityLevel {level}."
            yield Fault(ssl.origin("securityLevel"), text, remedy, about=of(ssl, "securityLevel"))


@rule("tls-trusts-public")
def trusts_public(subject: Subject) -> Iterator[Fault]:
    asking = {port.ssl for port in subject.ports if port.tls and port.client_authentication != "none"}
    for ssl in subject.ssl_configurations:
        if ssl.get("trustDefaultCerts") is True:
            whom = "servers and clients" if ssl.element == "ssl" and ssl.id in asking else "servers"
            remedy = subject.remedy(ssl, trustDefaultCerts=False)
            text = f"{subject.title(ssl)} trusts {whom} by the certificates that come with Java (trustDefaultCerts)."
            yield Fault(ssl.origin("trustDefaultCerts"), text, remedy, about=of(ssl, "trustDefaultCerts"))


RULES = tuple(entry for entry in list(globals().values()) if isinstance(entry, Rule))
