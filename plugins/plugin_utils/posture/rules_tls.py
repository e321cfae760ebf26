# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules: TLS that is not as meant, on the way in and on the way out."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import Instance
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.variables import Origin
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import features, outbound, ports
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.rule import (
    HIGH,
    INFORMATION,
    LOW,
    MEDIUM,
    OBSERVED,
    SCHEMA,
    Fault,
    Rule,
    Subject,
    rule,
    wish,
)

_OLD = ("SSLv3", "TLSv1", "TLSv1.1")
_NOW = "TLSv1.2,TLSv1.3"
_FEATURE = [{"element": "featureManager", "children": [{"element": "feature", "text": "transportSecurity-1.0"}]}]
_NO_PASSWORD = "the default key store, for which neither <keyStore> nor a server.env that was read has a password"
# Blanks of one line only: over empty lines a pattern would look for the same at each of them.
_REVOCATION = re.compile(
    r"(?m)^[^\S\n]*-D(?:com\.sun\.net\.ssl|com\.ibm\.jsse2)\.checkRevocation=(true|false)[^\S\n]*$"
)


@rule(
    "tls-fallback",
    HIGH,
    why="Liberty serves the port in silence with the default certificate and without asking for client certificates.",
    source=OBSERVED,
)
def fallback(subject: Subject) -> Iterator[Fault]:
    for port in subject.ports:
        if port.fallback:
            yield Fault(
                port.origin, f"Port {port.port} of {port.endpoint} does not serve TLS as meant: {port.fallback}."
            )


@rule("tls-unusable", HIGH, why="Callers find no port, or no TLS session comes about.", source=OBSERVED)
def unusable(subject: Subject) -> Iterator[Fault]:
    for port in subject.ports:
        if port.unusable and port.origin.line is not None and features.brings_tls(subject.effective):
            yield Fault(port.origin, f"Port {port.port} of {port.endpoint} is for https, but {port.unusable}.")


@rule(
    "tls-no-feature",
    HIGH,
    why="Without a TLS feature an https port is not opened, and nothing says so.",
    source=OBSERVED,
)
def no_feature(subject: Subject) -> Iterator[Fault]:
    if features.brings_tls(subject.effective):
        return
    for port in subject.ports:
        if port.tls and port.origin.line is not None:
            yield Fault(port.origin, f"Port {port.port} is for https, but no feature seen here brings TLS.", _FEATURE)


@rule(
    "tls-no-default-store",
    MEDIUM,
    why="Without the default key store's password there is no default TLS (CWPKI0819I): ports stay shut, calls fail.",
    source=OBSERVED,
)
def no_default_store(subject: Subject) -> Iterator[Fault]:
    store = subject.effective.by_id("keyStore", "defaultKeyStore")
    environment = subject.effective.assembly.variables.outer.environment
    if (store and store.get("password")) or environment.get("keystore_password"):
        return
    for port in subject.ports:
        ssl = subject.effective.by_id("ssl", port.ssl)
        if port.origin.line is not None and ssl and ports.key_store(subject.effective, ssl) is store:
            yield Fault(port.origin, f"Port {port.port} of {port.endpoint} is served with {_NO_PASSWORD}.")
    for origin, title, ssl in _outbound(subject):
        if ports.key_store(subject.effective, ssl) is store:
            yield Fault(origin, f"{title} is called with {_NO_PASSWORD}.")


@rule("tls-old-protocol", HIGH, why="Protocols before TLS 1.2 are broken.", source=SCHEMA)
def old_protocol(subject: Subject) -> Iterator[Fault]:
    for ssl in subject.effective.all("ssl"):
        old = [name for name in str(ssl.get("sslProtocol") or "").split(",") if name in _OLD]
        if old:
            text = f"<ssl id={ssl.id!r}> allows {', '.join(old)}."
            yield Fault(ssl.origin("sslProtocol"), text, wish("ssl", ssl.id, sslProtocol=_NOW))


@rule(
    "tls-bad-protocol",
    HIGH,
    why="Liberty trims nothing: it rejects the value and uses the default SSL configuration, or no handshake succeeds.",
    source=OBSERVED,
)
def bad_protocol(subject: Subject) -> Iterator[Fault]:
    for ssl in subject.effective.all("ssl"):
        protocols = str(ssl.get("sslProtocol") or "")
        fault = ports.protocol_fault(protocols) or ports.handshake_fault(ssl)
        if fault:
            about_protocol = "sslProtocol" in fault
            remedy = wish("ssl", ssl.id, sslProtocol=_NOW) if about_protocol else ()
            origin = ssl.origin("sslProtocol" if about_protocol else "enabledCiphers")
            yield Fault(origin, f"<ssl id={ssl.id!r}>: {fault}.", remedy)


@rule(
    "tls-13-off",
    LOW,
    why="A list of ciphers without one of TLS 1.3 switches TLS 1.3 off.",
    source=OBSERVED,
)
def no_tls_13(subject: Subject) -> Iterator[Fault]:
    for ssl in subject.effective.all("ssl"):
        ciphers = str(ssl.get("enabledCiphers") or "").split()
        protocols = str(ssl.get("sslProtocol") or "TLSv1.3")
        modern = any(re.match(r"TLS_(AES|CHACHA20)_", cipher) for cipher in ciphers)
        if ciphers and not modern and ("TLSv1.3" in protocols or protocols in ("TLS", "SSL")):
            text = f"enabledCiphers of <ssl id={ssl.id!r}> names no cipher of TLS 1.3, which is therefore off."
            yield Fault(ssl.origin("enabledCiphers"), text)


@rule(
    "tls-host-names",
    MEDIUM,
    why="Without the check any certificate of a trusted issuer passes for any server.",
    source=SCHEMA,
)
def host_names(subject: Subject) -> Iterator[Fault]:
    for ssl in subject.effective.all("ssl"):
        if ssl.get("verifyHostname") is False:
            text = f"<ssl id={ssl.id!r}> does not check the names of servers."
            yield Fault(ssl.origin("verifyHostname"), text, wish("ssl", ssl.id, verifyHostname=True))


@rule(
    "tls-host-names-skipped",
    MEDIUM,
    why="For these hosts any certificate of a trusted issuer passes; somebody should have said why, and until when.",
    source=SCHEMA,
)
def host_names_skipped(subject: Subject) -> Iterator[Fault]:
    for ssl in subject.effective.all("ssl"):
        if hosts := ssl.get("skipHostnameVerificationForHosts"):
            text = f"<ssl id={ssl.id!r}> does not check the names of {hosts}."
            remedy = wish("ssl", ssl.id, skipHostnameVerificationForHosts=None)
            yield Fault(ssl.origin("skipHostnameVerificationForHosts"), text, remedy, f"ssl {ssl.id}")


@rule(
    "tls-outbound-fallback",
    HIGH,
    why="Liberty calls in silence with another SSL configuration: another certificate, and others whom it trusts.",
    source="Observed on Open Liberty 26.0.0.3",
)
def outbound_fallback(subject: Subject) -> Iterator[Fault]:
    for call in subject.calls:
        if call.ssl and call.fallback:
            text = f"{call.title} is called with <ssl id={call.ssl.id!r}>, not as meant: {call.fallback}."
            yield Fault(call.origin, text)


@rule("tls-outbound-unusable", HIGH, why="Every call fails.", source="Observed on Open Liberty 26.0.0.3")
def outbound_unusable(subject: Subject) -> Iterator[Fault]:
    for call in subject.calls:
        if call.unusable:
            yield Fault(call.origin, f"{call.title} is called by https, but {call.unusable}.")


@rule(
    "tls-outbound-ignored",
    MEDIUM,
    why="Liberty ignores outboundSSLRef and outboundConnection unless the feature transportSecurity-1.0 is enabled.",
    source=SCHEMA,
)
def outbound_ignored(subject: Subject) -> Iterator[Fault]:
    if features.has(subject.effective, "transportsecurity-.*") is not False:
        return
    default = subject.effective.one("sslDefault")
    if default and default.get("outboundSSLRef"):
        yield Fault(default.origin("outboundSSLRef"), "outboundSSLRef has no effect here.", _FEATURE)
    for ssl in subject.effective.all("ssl"):
        for connection in ssl.children.get("outboundConnection", []):
            text = f"outboundConnection of <ssl id={ssl.id!r}> has no effect here."
            yield Fault(connection.places[-1], text, _FEATURE)


@rule(
    "tls-trusts-nothing",
    MEDIUM,
    why="Liberty makes the default key store by itself; it trusts the server's own certificate and no other.",
    source=SCHEMA,
)
def trusts_nothing(subject: Subject) -> Iterator[Fault]:
    for origin, title, ssl in _outbound(subject):
        store = outbound.trust_store(subject.effective, ssl)
        own = store is not None and store.id == "defaultKeyStore" and not store.origin("location").line
        if own and ssl.get("trustDefaultCerts") is not True and not _certificates(subject):
            text = (
                f"{title} is called by https with <ssl id={ssl.id!r}>, which trusts only Liberty's own default store."
            )
            yield Fault(origin, text)


@rule(
    "tls-revocation",
    INFORMATION,
    why="A withdrawn certificate passes unless Java is told to ask for CRLs or OCSP; server.xml has no word for that.",
    source="Java: system properties com.sun.net.ssl.checkRevocation, com.ibm.jsse2.checkRevocation (not observed)",
)
def revocation(subject: Subject) -> Iterator[Fault]:
    folders = ("", "/configDropins/defaults", "/configDropins/overrides")
    options = [subject.files.read(f"{subject.server_dir}{folder}/jvm.options") or b"" for folder in folders]
    said = _REVOCATION.findall(b"\n".join(options).decode("utf-8", errors="replace"))
    if "true" in said:
        return
    nobody = "jvm.options switches off the check of" if said else "Nothing seen here checks"
    for port in subject.ports:
        if port.tls and port.client_authentication != "none":
            text = f"{nobody} whether client certificates on port {port.port} have been revoked."
            yield Fault(port.origin, text)
    for origin, title, _ssl in _outbound(subject):
        yield Fault(origin, f"{nobody} whether the certificate of {title} has been revoked.")


@rule("port-twice", HIGH, why="One of the two wins; the other is closed (CWWKO0221E).", source=OBSERVED)
def port_twice(subject: Subject) -> Iterator[Fault]:
    for first, second in zip(subject.ports, subject.ports[1:], strict=False):
        same_host = first.host == second.host or "*" in (first.host, second.host)
        if first.port == second.port != 0 and same_host:
            yield Fault(second.origin, f"Port {second.port} is named here and at {first.origin}.")


@rule(
    "attls-double",
    HIGH,
    why="AT-TLS and the server would both do TLS: the handshake fails (in CICS DFHSO0123, in z/OS Connect BAQT0008E).",
    source="IBM: configuring TLS with CICS",
)
def attls_double(subject: Subject) -> Iterator[Fault]:
    for port in subject.ports:
        if port.tls and port.attls:
            yield Fault(port.origin, f"Port {port.port} is behind AT-TLS inbound, and does TLS itself.")
    for call in subject.calls:
        if call.tls and call.attls:
            yield Fault(call.origin, f"{call.title} is declared to go through AT-TLS, and does TLS itself.")


@rule(
    "attls-unclear",
    MEDIUM,
    why="AT-TLS fails open: a connection that gets no rule passes in clear, without an error.",
    source="IBM: AT-TLS rules",
)
def attls_unclear(subject: Subject) -> Iterator[Fault]:
    for port in subject.ports:
        if not port.tls and port.port in subject.attls_doubts:
            text = f"Nobody can say whether AT-TLS covers port {port.port}: {subject.attls_doubts[port.port]}"
            yield Fault(port.origin, text)


def _outbound(subject: Subject) -> Iterator[tuple[Origin, str, Instance]]:
    """Yield place, title and SSL configuration of all calls over https."""
    return ((call.origin, call.title, call.ssl) for call in subject.calls if call.ssl)


def _certificates(subject: Subject) -> bool:
    """Liberty adds certificates to a trust store from variables cert_STORE of the environment."""
    return any(name.startswith("cert_") for name in subject.effective.assembly.variables.outer.environment)


RULES = tuple(entry for entry in list(globals().values()) if isinstance(entry, Rule))
