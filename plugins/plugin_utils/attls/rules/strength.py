# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules about what is weak, or left to defaults that are weak or change.

Ciphers are judged by ``plugin_utils/ciphers.py``. Key sizes: NIST SP 800-52 Rev. 2, section 3.2, RFC 9325, section 4.5.
Renegotiation: RFC 5746. Defaults of z/OS 3.2: N. Ramanjulu, "AT-TLS and System SSL Defaults in z/OS 3.2", 2025.
"""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.zosconnect.security.plugins.plugin_utils import ciphers
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import statements, values
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.actions import ENVIRONMENT, Actions
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.faults import suites_of
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.hits import Hit, hit
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.policy import Parameter, Statement
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.problems import (
    Effect,
    Examined,
    Rule,
    rule,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.stack import Stack
from ansible_collections.zosconnect.security.plugins.plugin_utils.hints import several

SAFE_PROTOCOLS = ("TLSv1.2", "TLSv1.3")
_OLD_PROTOCOLS = tuple(protocol for protocol in statements.PROTOCOLS if protocol not in SAFE_PROTOCOLS)
# The release that changed defaults of protocols, ciphers and signature pairs.
_CHANGED = "3.2"
_SMALLEST_RSA = 2048
_REVOCATION = {
    "TTLSGskLdapParms": ("GSK_LDAP_SERVER",),
    "TTLSGskOcspParms": ("OcspUrl", "OcspAiaEnable"),
    "TTLSGskHttpCdpParms": ("HttpCdpEnable",),
}


@rule("attls-old-protocol", Effect.REFUSED_UNLESS_ACCEPTED)
def old_protocol(examined: Examined) -> Iterator[Hit]:
    for item in examined.written(*_OLD_PROTOCOLS):
        if item.value.lower() == "on":
            yield hit(item, "{title} has {parameter} On.")


def unwritten(actions: Actions) -> list[str]:
    """Return the protocols that are left to the defaults of the release."""
    return [one for one in statements.PROTOCOLS if actions.exists(one) and not actions.parameter(one)]


@rule("attls-protocol-default", Effect.REFUSED)
def protocol_default(examined: Examined) -> Iterator[Hit]:
    """From 3.2 on the defaults are safe: only TLS 1.2 is on."""
    release = examined.level.release
    for environment, views in examined.environments if not _is_changed(release) else ():
        for actions in views:
            left = unwritten(actions)
            if left and not (examined.partial and _is_elsewhere(examined.stack, environment)):
                which = f"z/OS {release}" if release else f"z/OS before {_CHANGED}"
                defaults = ", ".join(f"{one} {actions.value(one) or _old_default(one)}" for one in left)
                form = (
                    "{title} does not say On or Off for {left}; the defaults of {which} are {values}. Write every "
                    "protocol in TTLSEnvironmentAdvancedParms."
                )
                yield hit(environment, form, left, left=", ".join(left), which=which, values=defaults)


def _is_changed(release: str | None) -> bool:
    return release is not None and not statements.older(release, _CHANGED)


def _old_default(protocol: str) -> str | None:
    known = statements.STATEMENTS[ENVIRONMENT[1].lower()].parameter(protocol)
    return known.default("3.1") if known else None


def _is_elsewhere(stack: Stack, environment: Statement) -> bool:
    return stack.part(environment, ENVIRONMENT[1]) is None and bool(environment.get(f"{ENVIRONMENT[1]}Ref"))


@rule("attls-upgrade-3.2", Effect.IGNORED)
def upgrade(examined: Examined) -> Iterator[Hit]:
    for environment, views in examined.environments if not _is_changed(examined.level.release) else ():
        for actions in views:
            left = list(_relies_on(actions))
            if left:
                form = (
                    "{title} leaves {left} to the defaults, which change with z/OS 3.2: only TLSv1.2 is on, the "
                    "ciphers are C030, C02C, C02F and C02B, and SHA-1, SHA-224 and DSA are no signature pairs any more."
                )
                yield hit(environment, form, left, left=" and ".join(left))


def _relies_on(actions: Actions) -> Iterator[str]:
    changed = [one for one in unwritten(actions) if one in ("TLSv1", "TLSv1.1", "TLSv1.2")]
    yield from [f"protocols ({', '.join(changed)})"] if changed else []
    yield from ["ciphers"] if not actions.written_ciphers and not actions.suite_b else []
    signatures = actions.part("TTLSSignatureParms")
    yield from ["signature pairs"] if signatures is None or not signatures.get("SignaturePairs") else []


@rule("attls-cipher-broken", Effect.REFUSED_UNLESS_ACCEPTED)
def cipher_broken(examined: Examined) -> Iterator[Hit]:
    yield from _weak_suites(examined, broken=True)


@rule("attls-cipher-weak", Effect.WARNED)
def cipher_weak(examined: Examined) -> Iterator[Hit]:
    yield from _weak_suites(examined, broken=False)


def _weak_suites(examined: Examined, *, broken: bool) -> Iterator[Hit]:
    """Suites whose worst weakness is, or is not, one for which they must not be used; one hit a statement."""
    form = "{title} has ciphers that {word} not be used: {suites}."
    for block in examined.all:
        if block.kind != "TTLSCipherParms":
            continue
        found: dict[str, str] = {}
        items = []
        for item in block.parameters:
            for suite in suites_of(item):
                weak = ciphers.weaknesses(suite)
                if weak and weak[0].broken == broken:
                    found[suite] = f"{suite} ({', '.join(one.value for one in weak)})"
                    items.append(item)
        if items:
            word = "must" if broken else "should"
            yield hit(items[0], form, found, word=word, suites=several(list(found.values())))


@rule("attls-key-size", Effect.WARNED)
def key_size(examined: Examined) -> Iterator[Hit]:
    form = "{title} has {parameter} {value}, and accepts RSA keys of fewer than 2048 bits of its partners."
    for item in examined.written("PeerMinRsaKeySize"):
        size = values.number(item.value)
        if size is not None and size < _SMALLEST_RSA:
            yield hit(item, form)


@rule("attls-renegotiation", Effect.WARNED)
def renegotiation(examined: Examined) -> Iterator[Hit]:
    for item in examined.written("Renegotiation"):
        if item.value.lower() == "all":
            yield hit(item, "{title} has Renegotiation All, which lets partners renegotiate without RFC 5746.")


@rule("attls-cleartext-trace", Effect.REFUSED_UNLESS_ACCEPTED)
def cleartext_trace(examined: Examined) -> Iterator[Hit]:
    for item in examined.written("CtraceClearText"):
        if item.value.lower() == "on":
            yield hit(item, "{title} has CtraceClearText On.")


@rule("attls-trace", Effect.IGNORED)
def trace(examined: Examined) -> Iterator[Hit]:
    for item in examined.written("Trace"):
        if (values.number(item.value) or 0) > 7:
            yield hit(item, "{title} has Trace {value}, more than 7.")


@rule("attls-any-server", Effect.WARNED)
def any_server(examined: Examined) -> Iterator[Hit]:
    known = statements.STATEMENTS[ENVIRONMENT[1].lower()].parameters["hostreferenceiddns"]
    release = examined.level.release
    if release and statements.older(release, known.since):
        return
    form = (
        "{title} does not say whose certificate it expects, so any certificate of a trusted CA passes for the server. "
        "Give the server's name as HostReferenceIdDNS{needs}."
    )
    needs = "" if known.exists(examined.level) else f", which z/OS {release} has with {' and '.join(known.apars)}"
    for actions in examined.enabled:
        if actions.role == "Client" and not actions.host_references:
            yield hit(actions.rule, form, needs=needs)


@rule("attls-shared-certificate", Effect.WARNED)
def shared_certificate(examined: Examined) -> Iterator[Hit]:
    for actions in examined.enabled:
        label = actions.value("CertificateLabel")
        anybody = all((actions.rule.get(keyword) or "*") == "*" for keyword in ("Jobname", "Userid"))
        if actions.role == "Client" and label and anybody:
            form = "{title} shows the certificate {label} for every job and user."
            yield hit(actions.rule, form, [label], label=label)


@rule("attls-pass-through", Effect.REFUSED_UNLESS_ACCEPTED)
def pass_through(examined: Examined) -> Iterator[Hit]:
    for item in examined.written("ClientAuthType"):
        if item.value.lower() == "passthru":
            yield hit(item, "{title} has ClientAuthType PassThru.")


@rule("attls-application-controlled", Effect.REFUSED_UNLESS_ACCEPTED)
def application_controlled(examined: Examined) -> Iterator[Hit]:
    form = "{title} has {parameter} On, so that TTLSRule {rules} does no TLS before the program itself starts it."
    found: dict[int, tuple[Parameter, list[str]]] = {}
    for actions in examined.enabled:
        written = actions.parameter("ApplicationControlled")
        if written and actions.is_application_controlled:
            found.setdefault(id(written), (written, []))[1].append(actions.rule.name or "")
    for written, rules in found.values():
        yield hit(written, form, rules, rules=several(rules))


@rule("attls-client-auth-unused", Effect.REFUSED_UNLESS_ACCEPTED)
def client_auth_unused(examined: Examined) -> Iterator[Hit]:
    for actions in examined.enabled:
        written = actions.parameter("ClientAuthType")
        if written and actions.role == "Server":
            form = "{title} has {parameter} {value}, but TTLSRule {rule} uses it with HandshakeRole Server."
            yield hit(written, form, [actions.rule.name or ""], rule=actions.rule.name or "")


@rule("attls-revocation", Effect.IGNORED)
def revocation(examined: Examined) -> Iterator[Hit]:
    for environment, views in examined.environments:
        if any(actions.role != "Server" for actions in views) and not _revocation_checked(examined.stack, environment):
            yield hit(environment, "{title} checks no revocation (LDAP, OCSP, HTTP).")


def _revocation_checked(stack: Stack, environment: Statement) -> bool:
    advanced = stack.part(environment, "TTLSGskAdvancedParms")
    for kind, keywords in _REVOCATION.items():
        block = stack.part(advanced, kind)
        if block and any((block.get(keyword) or "off").lower() != "off" for keyword in keywords):
            return True
    return False


RULES: tuple[Rule, ...] = (
    old_protocol,
    protocol_default,
    upgrade,
    cipher_broken,
    cipher_weak,
    key_size,
    renegotiation,
    cleartext_trace,
    trace,
    any_server,
    shared_certificate,
    pass_through,
    application_controlled,
    client_auth_unused,
    revocation,
)
