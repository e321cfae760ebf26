# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules: TLS that is not as meant, on the way in and on the way out."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ansible_collections.zosconnect.security.plugins.plugin_utils import ciphers
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import Instance
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import features, outbound, ports
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.outbound import Call
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.rules.rule import (
    Fault,
    Rule,
    Subject,
    of,
    rule,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.rules.strength import MODERN_PROTOCOLS

_FEATURE = [{"element": "featureManager", "children": [{"element": "feature", "text": "transportSecurity-1.0"}]}]
_NO_PASSWORD = "the default key store, for which neither <keyStore> nor a server.env that was read has a password"
# Blanks of one line only: over empty lines a pattern would look for the same at each of them.
_REVOCATION = re.compile(
    r"(?m)^[^\S\n]*-D(?:com\.sun\.net\.ssl|com\.ibm\.jsse2)\.checkRevocation=(true|false)[^\S\n]*$"
)


@rule("tls-fallback")
def fallback(subject: Subject) -> Iterator[Fault]:
    for port in subject.ports:
        if port.fallback:
            text = f"Port {port.port} of {port.endpoint} does not serve TLS as meant: {port.fallback}."
            yield Fault(port.origin, text, about=port.about)


@rule("tls-unusable")
def unusable(subject: Subject) -> Iterator[Fault]:
    for port in subject.ports:
        if port.unusable and port.origin.line is not None and features.brings_tls(subject.effective):
            text = f"Port {port.port} of {port.endpoint} is for https, but {port.unusable}."
            yield Fault(port.origin, text, about=port.about)


@rule("tls-no-feature")
def no_feature(subject: Subject) -> Iterator[Fault]:
    if features.brings_tls(subject.effective):
        return
    for port in subject.ports:
        if port.tls and port.origin.line is not None:
            text = f"Port {port.port} is for https, but no feature seen here brings TLS."
            yield Fault(port.origin, text, _FEATURE, about=port.about)


@rule("tls-no-default-store")
def no_default_store(subject: Subject) -> Iterator[Fault]:
    for port in subject.ports:
        ssl = subject.effective.by_id("ssl", port.ssl)
        if port.origin.line is not None and ssl and ports.lacks_password(subject.effective, ssl):
            text = f"Port {port.port} of {port.endpoint} is served with {_NO_PASSWORD}."
            yield Fault(port.origin, text, about=port.about)
    for call, ssl in _outbound(subject):
        if ports.lacks_password(subject.effective, ssl):
            yield Fault(call.origin, f"{call.title} is called with {_NO_PASSWORD}.", about=of(call.called))


@rule("tls-bad-protocol")
def bad_protocol(subject: Subject) -> Iterator[Fault]:
    for ssl in subject.ssl_configurations:
        written = str(ssl.get("sslProtocol") or "")
        if fault := ports.protocol_fault(written) or ports.spelling_fault(written):
            remedy = subject.remedy(ssl, sslProtocol=MODERN_PROTOCOLS)
            text = f"{subject.title(ssl)}: {fault}."
            yield Fault(ssl.origin("sslProtocol"), text, remedy, about=of(ssl, "sslProtocol"))
        elif fault := ports.cipher_fault(str(ssl.get("enabledCiphers") or "")):
            text = f"{subject.title(ssl)}: {fault}."
            yield Fault(ssl.origin("enabledCiphers"), text, about=of(ssl, "enabledCiphers"))


@rule("tls-13-off")
def no_tls_13(subject: Subject) -> Iterator[Fault]:
    for ssl in subject.ssl_configurations:
        written = str(ssl.get("enabledCiphers") or "").split()
        protocols = str(ssl.get("sslProtocol") or "TLSv1.3")
        modern = any("TLSv1.3" in ciphers.protocols(name) for name in written)
        if written and not modern and ("TLSv1.3" in protocols or protocols in ("TLS", "SSL")):
            text = f"enabledCiphers of {subject.title(ssl)} names no cipher of TLS 1.3, which is therefore off."
            yield Fault(ssl.origin("enabledCiphers"), text, about=of(ssl, "enabledCiphers"))


@rule("tls-host-names")
def host_names(subject: Subject) -> Iterator[Fault]:
    for ssl in subject.ssl_configurations:
        if ssl.get("verifyHostname") is False:
            text = f"{subject.title(ssl)} does not check the names of servers."
            remedy = subject.remedy(ssl, verifyHostname=True)
            yield Fault(ssl.origin("verifyHostname"), text, remedy, about=of(ssl, "verifyHostname"))


@rule("tls-host-names-skipped")
def host_names_skipped(subject: Subject) -> Iterator[Fault]:
    for ssl in subject.ssl_configurations:
        if hosts := ssl.get("skipHostnameVerificationForHosts"):
            text = f"{subject.title(ssl)} does not check the names of {hosts}."
            remedy = subject.remedy(ssl, skipHostnameVerificationForHosts=None)
            skipped = frozenset(str(hosts).replace(",", " ").split())
            about = of(ssl, "skipHostnameVerificationForHosts")
            yield Fault(ssl.origin("skipHostnameVerificationForHosts"), text, remedy, about=about, detail=skipped)


@rule("tls-outbound-fallback")
def outbound_fallback(subject: Subject) -> Iterator[Fault]:
    for call in subject.calls:
        if call.ssl and call.fallback:
            text = f"{call.title} is called with <ssl id={call.ssl.id!r}>, not as meant: {call.fallback}."
            yield Fault(call.origin, text, about=of(call.called))


@rule("tls-outbound-unusable")
def outbound_unusable(subject: Subject) -> Iterator[Fault]:
    for call in subject.calls:
        if call.unusable:
            text = f"{call.title} is called by https, but {call.unusable}."
            yield Fault(call.origin, text, about=of(call.called))


@rule("tls-outbound-ignored")
def outbound_ignored(subject: Subject) -> Iterator[Fault]:
    if features.has_transport_security(subject.effective) is not False:
        return
    default = subject.effective.one("sslDefault")
    if default and default.get("outboundSSLRef"):
        text = "outboundSSLRef has no effect here."
        yield Fault(default.origin("outboundSSLRef"), text, _FEATURE, about=of(default))
    for ssl in subject.effective.all("ssl"):
        for connection in ssl.children.get("outboundConnection", []):
            text = f"outboundConnection of <ssl id={ssl.id!r}> has no effect here."
            yield Fault(connection.places[-1], text, _FEATURE, about=of(ssl, "outboundConnection"))


@rule("tls-trusts-nothing")
def trusts_nothing(subject: Subject) -> Iterator[Fault]:
    for call, ssl in _outbound(subject):
        store = outbound.trust_store(subject.effective, ssl)
        own = store is not None and store.id == "defaultKeyStore" and not store.origin("location").line
        if own and ssl.get("trustDefaultCerts") is not True and not _certificates(subject):
            by = f"is called by https with <ssl id={ssl.id!r}>"
            text = f"{call.title} {by}, which trusts only Liberty's own default store."
            yield Fault(call.origin, text, about=of(call.called))


@rule("tls-revocation")
def revocation(subject: Subject) -> Iterator[Fault]:
    folders = ("", "/configDropins/defaults", "/configDropins/overrides")
    options = [subject.files.read(f"{subject.server_dir}{folder}/jvm.options") or b"" for folder in folders]
    switches = _REVOCATION.findall(b"\n".join(options).decode("utf-8", errors="replace"))
    if "true" in switches:
        return
    nobody = "jvm.options switches off the check of" if switches else "Nothing seen here checks"
    for port in subject.ports:
        if port.tls and port.client_authentication != "none":
            text = f"{nobody} whether client certificates on port {port.port} have been revoked."
            yield Fault(port.origin, text, about=port.about)
    for call, _ssl in _outbound(subject):
        text = f"{nobody} whether the certificate of {call.title} has been revoked."
        yield Fault(call.origin, text, about=of(call.called))


@rule("port-twice")
def port_twice(subject: Subject) -> Iterator[Fault]:
    for first, second in zip(subject.ports, subject.ports[1:], strict=False):
        same_host = first.host == second.host or "*" in (first.host, second.host)
        if first.port == second.port != 0 and same_host:
            text = f"Port {second.port} is named here and at {first.origin}."
            yield Fault(second.origin, text, about=("httpEndpoint", second.endpoint, first.endpoint, second.port))


@rule("attls-double")
def attls_double(subject: Subject) -> Iterator[Fault]:
    for port in subject.ports:
        if port.tls and port.attls:
            text = f"Port {port.port} is behind AT-TLS inbound, and does TLS itself."
            yield Fault(port.origin, text, about=port.about)
    for call in subject.calls:
        if call.tls and call.attls:
            text = f"{call.title} is declared to go through AT-TLS, and does TLS itself."
            yield Fault(call.origin, text, about=of(call.called))


@rule("attls-unclear")
def attls_unclear(subject: Subject) -> Iterator[Fault]:
    for port in subject.ports:
        if not port.tls and port.port in subject.attls_doubts:
            text = f"Nobody can say whether AT-TLS covers port {port.port}: {subject.attls_doubts[port.port]}"
            yield Fault(port.origin, text, about=port.about)


def _outbound(subject: Subject) -> Iterator[tuple[Call, Instance]]:
    """Yield all calls over https, each with its SSL configuration."""
    return ((call, call.ssl) for call in subject.calls if call.ssl)


def _certificates(subject: Subject) -> bool:
    """Liberty adds certificates to a trust store from variables cert_STORE of the environment."""
    return any(name.startswith("cert_") for name in subject.effective.assembly.variables.outer.environment)


RULES = tuple(entry for entry in list(globals().values()) if isinstance(entry, Rule))
