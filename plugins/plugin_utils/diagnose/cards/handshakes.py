# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""CWWKO0801E: a handshake at a port of the server failed. Java's exception says how, the port's configuration why.

Which of the two ports in the message is the server's is not told by their order: Liberty names its own as the remote
one (observed on Open Liberty 26.0.0.3). So the server's is the one that is among its https ports.
"""

from __future__ import annotations

import re

from ansible_collections.zosconnect.security.plugins.plugin_utils.diagnose.card import (
    ADMINISTRATOR,
    CALLER,
    NETWORK,
    SECURITY,
    Card,
    Case,
    Cause,
    Excluded,
    Fact,
    Open,
    Shown,
    Verdict,
    do,
    people_decide,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.diagnose.facts import is_readable, keys_of
from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore.entries import iso
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import Instance
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.keys.places import RING, Held, Place
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.ports import Port
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.rules.rule import want

_PLAIN = re.compile(r"unencrypted inbound communication|Unsupported or unrecognized SSL message|plaintext connection")
_NO_CERTIFICATE = re.compile(r"Empty client certificate chain|null cert chain|[Ee]mpty server certificate chain")
_PROTOCOL = re.compile(
    r"Client requested protocol (?P<asked>[\w.]+)"
    r"|client supported protocol versions ?\[(?P<offered>[^\]]*)\]"
    r"|No appropriate protocol|SSLv2Hello is (?:disabled|not enabled)"
)
_NO_CIPHER = re.compile(r"no cipher suites in common")
_NO_KEY = re.compile(r"No available authentication scheme")
_ALERT = re.compile(r"[Rr]eceived fatal alert: (\w+)")
# In TLS 1.3 an alert that came in clear cannot be read (OpenJDK 17); only the caller knows which it was.
_UNREAD = re.compile(r"Insufficient buffer remaining for AEAD cipher fragment")
_UNTRUSTED = re.compile(r"PKIX path|unable to find valid certification path|is not trusted")
_GONE = re.compile(
    r"Connection reset|Broken pipe|EOFException|closed (?:inbound )?before|Remote host terminated|EDC8121I"
)
_EXCEPTION = re.compile(r"\b(?:javax?|com|sun)\.[\w.]+(?:Exception|Error)\b")
_ADDRESS = re.compile(r"\d+\.\d+\.\d+\.\d+")
# 38544, 38,544, 38.544, 38 544, 38'544: numbers in the server's language.
_NUMBER = re.compile(r"(?<![\w.])(\d{1,3}(?:[.,\u00a0\u202f\u2019' ]\d{3})|\d{1,5})(?![\w])")
_OLD = ("SSLv3", "TLSv1", "TLSv1.0", "TLSv1.1", "TLS10", "TLS11", "TLS1.0", "TLS1.1")
# Suites that need a key of another kind say so in their names.
_KINDS = {"EC": "ECDSA", "RSA": "RSA", "DSA": "DSS"}


def port_of(case: Case) -> Port | None:
    """Return the port of the server that a message is about: the one number in it that is an https port of it."""
    before = _ADDRESS.sub(" ", _EXCEPTION.split(case.message.text)[0])
    numbers = {int(re.sub(r"\D", "", found)) for found in _NUMBER.findall(before)}
    found = [port for port in case.facts.ports if port.tls and port.port in numbers]
    return found[0] if len(found) == 1 else None


def _no_port(case: Case) -> Open:
    if case.facts.subject is None:
        return Open("Give zosconnect_server_dir, so that the configuration of the port is known.")
    return Open("None of the ports in the message is an https port of the configuration as it is now.")


def _served(case: Case, port: Port) -> tuple[Instance | None, Place | None]:
    """Return the SSL configuration that serves a port, and its key store as it was read."""
    ssl = case.facts.ssl(port.ssl)
    return ssl, case.facts.place(case.facts.stores_of(ssl)[0])


def _at(port: Port) -> Fact:
    return Fact.at(f"https port {port.port} of {port.endpoint}: {port.verdict}", port.origin)


def plain_caller(case: Case) -> Verdict:
    """Somebody speaks http to an https port, and no AT-TLS is in front of it."""
    if not _PLAIN.search(case.message.text):
        return Excluded()
    port = port_of(case)
    if port is None:
        return _no_port(case)
    if port.attls:
        return Excluded()
    if not case.facts.knows_attls(port):
        return Open("Give zosconnect_attls (policies, or ports: []): AT-TLS in front of an https port looks the same.")
    says = f"the caller speaks plain http to https port {port.port}"
    plain = [one for one in case.facts.ports if not one.tls]
    other = f", or http port {plain[0].port}" if len(plain) == 1 and plain[0].attls else ""
    return Shown(
        says, [_at(port)], [do(f"have the caller use https for port {port.port}{other}; see filter cics_urimap")]
    )


def attls_before_https(case: Case) -> Verdict:
    """AT-TLS takes TLS off before the server, which expects it."""
    if not _PLAIN.search(case.message.text):
        return Excluded()
    port = port_of(case)
    if port is None:
        return _no_port(case)
    if not port.attls:
        known = case.facts.knows_attls(port)
        return Excluded() if known else Open("Ask pasearch -t whether a rule covers the port.")
    says = f"AT-TLS takes TLS off in front of https port {port.port}, so the server gets plain http"
    remedy = [do("let callers use the http port that is meant for AT-TLS, or take this port out of the inbound rule")]
    return Shown(says, [_at(port), Fact(f"port {port.port} is behind AT-TLS", "zosconnect_attls")], remedy)


def no_client_certificate(case: Case) -> Verdict:
    """The port requires a certificate, and the caller shows none."""
    if not _NO_CERTIFICATE.search(case.message.text):
        return Excluded()
    port = port_of(case)
    if port is None:
        return _no_port(case)
    if port.client_authentication != "required":
        return Open(
            f"Port {port.port} does not require a client certificate now: the message may be older.", [_at(port)]
        )
    ssl = case.facts.ssl(port.ssl)
    because = [_at(port)]
    if ssl is not None:
        because.append(Fact.at("clientAuthentication is true", ssl.origin("clientAuthentication")))
    remedy = [
        do("have the caller show a certificate: CERTIFICATE of its URIMAP, or CertificateLabel of its AT-TLS rule"),
        *(want("ssl", ssl.id, clientAuthentication=False, clientAuthenticationSupported=True) if ssl else ()),
    ]
    return Shown(f"port {port.port} requires a client certificate, and the caller shows none", because, remedy)


def _versions(case: Case) -> list[str] | None:
    """Return the protocol versions that the caller offered, as far as Java says; None where it is about "
    "another thing."""
    found = _PROTOCOL.search(case.message.text)
    if not found:
        return None
    said = found["asked"] or found["offered"] or ""
    return [version for version in re.split(r"[,\s]+", said) if version]


def old_caller(case: Case) -> Verdict:
    """The caller offers only protocols that nobody should take."""
    versions = _versions(case)
    if versions is None:
        return Excluded()
    if not versions:
        return Open(
            "Java does not say what the caller offered; trace its handshake (MINTLSLEVEL, MAXTLSLEVEL of CICS)."
        )
    if any(version not in _OLD for version in versions):
        return Excluded()
    port = port_of(case)
    says = f"the caller offers {', '.join(versions)} only, which the server does not take"
    remedy = [do("have the caller offer TLS 1.2 or 1.3: MAXTLSLEVEL of CICS, TLSv1.2 and TLSv1.3 of its AT-TLS rule")]
    return Shown(
        says, [_at(port)] if port else [Fact("Java names what it offered", case.message.place)], remedy, CALLER
    )


def narrow_server(case: Case) -> Verdict:
    """The caller offers a protocol of today, and sslProtocol leaves it out."""
    versions = _versions(case)
    if versions is None:
        return Excluded()
    newer = [version for version in versions if version not in _OLD]
    if not newer:
        return Excluded() if versions else Open("")
    port = port_of(case)
    if port is None:
        return _no_port(case)
    ssl = case.facts.ssl(port.ssl)
    written = str(port.protocols or "")
    allowed = re.split(r"[,\s]+", written) if written else []
    if ssl is None or not allowed or any(_same(version, each) for version in newer for each in allowed):
        return Open(
            f"sslProtocol is {written or 'not set'} for port {port.port}, which takes {newer[0]}: see whether "
            "it was changed."
        )
    because = [_at(port), Fact.at(f"sslProtocol is {written}", ssl.origin("sslProtocol"))]
    says = f"sslProtocol {written} of <ssl id={ssl.id!r}> leaves out {', '.join(newer)}, which the caller offers"
    return Shown(says, because, want("ssl", ssl.id, sslProtocol="TLSv1.2,TLSv1.3"), ADMINISTRATOR)


def _same(one: str, other: str) -> bool:
    """Whether two spellings (TLSv1.2, TLS12) are the same version; TLS alone is both of today's."""
    return other in ("TLS", "SSL") or re.sub(r"\D", "", one) == re.sub(r"\D", "", other)


def no_key(case: Case) -> Verdict:
    """The store that serves the port has no private key that the server can use."""
    text = case.message.text
    if not _NO_CIPHER.search(text) and not _NO_KEY.search(text):
        return Excluded()
    port = port_of(case)
    if port is None:
        return _no_port(case)
    ssl, place = _served(case, port)
    if place is None or not is_readable(place):
        store = case.facts.stores_of(ssl)[0]
        return Open(
            f"See whether the server's user ID reads a private key of key store {store.id if store else ''}: it "
            "was not "
            "read here. Of a ring: READ or UPDATE to <owner>.<ring>.LST in class RDATALIB (module saf_keyring).",
            [_at(port)],
        )
    if keys_of(place):
        found = [Fact(f"private keys: {_aliases(keys_of(place))}", place.name)]
        if place.kind != RING:
            return Excluded(found)
        return Open(
            "See whether the server's user ID may read the private key (RDATALIB): a listing does not say.", found
        )
    says = f"the key store of port {port.port} holds no private key"
    because = [_at(port), Fact(f"none of {len(place.held)} entries has a private key", place.name)]
    return Shown(says, because, [do("put the server's key and certificate into it by module keystore")])


def _tells(place: Place | None) -> bool:
    """Whether what a store holds is what the server has: of a ring nobody knows which keys it may read."""
    return place is not None and is_readable(place) and place.kind != RING


def _aliases(held: list[Held]) -> str:
    return ", ".join(one.alias for one in held[:10])


def unfit_ciphers(case: Case) -> Verdict:
    """enabledCiphers names no suite for the kind of key that the server has."""
    if not _NO_CIPHER.search(case.message.text) and not _NO_KEY.search(case.message.text):
        return Excluded()
    port = port_of(case)
    if port is None:
        return _no_port(case)
    ssl, place = _served(case, port)
    if ssl is None or not _tells(place) or place is None:
        return Open("The kind of the server's key is not known, because its store was not read.")
    suites = str(ssl.get("enabledCiphers") or "").split()
    kinds = {(held.key_type or "").upper() for held in keys_of(place)}
    if not suites or not kinds or any(_fits(suite, kind) for suite in suites for kind in kinds):
        return Excluded()
    because = [_at(port), Fact.at(f"enabledCiphers: {' '.join(suites[:5])}", ssl.origin("enabledCiphers"))]
    because.append(Fact(f"keys are {', '.join(sorted(kinds))}", place.name))
    says = f"enabledCiphers of <ssl id={ssl.id!r}> names no suite for the kind of key that the server has"
    return Shown(says, because, [do("remove enabledCiphers (Java chooses then), or name suites for that key")])


def _fits(suite: str, kind: str) -> bool:
    """Whether a suite can be used with a key of a kind; those of TLS 1.3 fit each."""
    return "_WITH_" not in suite or _KINDS.get(kind, "") in suite.partition("_WITH_")[0]


def nothing_in_common(case: Case) -> Verdict:
    """The server could serve some suite, and enabledCiphers is what restricts it: the caller offers none of these."""
    if not _NO_CIPHER.search(case.message.text):
        return Excluded()
    port = port_of(case)
    if port is None:
        return _no_port(case)
    ssl, place = _served(case, port)
    if ssl is None or not _tells(place) or place is None:
        return Open("Whether the server has a key is not known, because its store was not read.")
    suites = str(ssl.get("enabledCiphers") or "").split()
    kinds = {(held.key_type or "").upper() for held in keys_of(place)}
    if not kinds or (suites and not any(_fits(suite, kind) for suite in suites for kind in kinds)):
        return Excluded()
    if not suites:
        return Open(
            "Compare the caller's list of ciphers and groups with Java's defaults; nothing here restricts them."
        )
    because = [_at(port), Fact.at(f"enabledCiphers: {' '.join(suites[:5])}", ssl.origin("enabledCiphers"))]
    because.append(Fact(f"private keys: {_aliases(keys_of(place))}, {', '.join(sorted(kinds))}", place.name))
    says = f"the caller offers none of the ciphers that enabledCiphers of <ssl id={ssl.id!r}> allows"
    return Shown(says, because, [do("compare both lists; add a suite of the caller's list, or remove enabledCiphers")])


def _alert(case: Case) -> str | None:
    """Return the alert by which the caller refused a certificate, empty where it cannot be read; None without one."""
    alert = _ALERT.search(case.message.text)
    if alert and ("certificate" in alert[1] or alert[1] == "unknown_ca"):
        return alert[1]
    return "" if _UNREAD.search(case.message.text) else None


def refused_certificate(case: Case) -> Verdict:
    """The caller refused the server's certificate, which has expired: everybody does."""
    alert = _alert(case)
    if alert is None:
        return Excluded()
    port = port_of(case)
    if port is None:
        return _no_port(case)
    ssl, place = _served(case, port)
    if place is None or not is_readable(place):
        return Open("Look at the certificate of the port by module tls_probe: its store was not read.", [_at(port)])
    served = _shown_key(ssl, place)
    if served is None or served.not_after is None:
        return Open("Look at the certificate of the port by module tls_probe: several may be served.", [_at(port)])
    if served.not_after >= case.facts.now:
        return Excluded([Fact(f"{served.subject} is valid until {iso(served.not_after)}", place.name)])
    fact = Fact(f"entry {served.alias} ({served.subject}) ended at {iso(served.not_after)}", place.name)
    remedy = [do("renew it by the playbook zosconnect.security.renew")]
    return Shown(f"the certificate of port {port.port} has expired, and callers refuse it", [_at(port), fact], remedy)


def _shown_key(ssl: Instance | None, place: Place) -> Held | None:
    """Return the entry that the server shows: serverKeyAlias, or the only key."""
    alias = str(ssl.get("serverKeyAlias") or "") if ssl else ""
    found = [held for held in keys_of(place) if not alias or held.alias.lower() == alias.lower()]
    return found[0] if len(found) == 1 else None


def caller_trusts_not(case: Case) -> Verdict:
    """The caller says that it knows nobody who issued the server's certificate."""
    alert = _alert(case)
    if alert is None:
        return Excluded()
    port = port_of(case)
    if port is None:
        return _no_port(case)
    ssl, place = _served(case, port)
    served = _shown_key(ssl, place) if place is not None and is_readable(place) else None
    if served is None or served.not_after is None:
        return Open("Ask the caller whom it trusts.")
    if served.not_after < case.facts.now:
        return Excluded()
    facts = [_at(port), Fact(f"served: {served.subject}, issued by {served.issuer}", place.name if place else "")]
    if alert != "unknown_ca":
        return Open(
            "Ask the caller why: whom it trusts, and whether it calls the server by a name of its certificate.", facts
        )
    if served.chain_complete is False and served.missing and served.issuer != served.subject:
        facts.append(Fact(f"the chain ends before {served.missing}", place.name if place else ""))
    says = f"the caller trusts no issuer of the server's certificate {served.subject}"
    return Shown(says, facts, [do(f"have the caller connect the certificate of {served.missing or served.issuer}")])


def untrusted_client(case: Case) -> Verdict:
    """The same as CWPKI0022E, which names the certificate."""
    if not _UNTRUSTED.search(case.message.text):
        return Excluded()
    before = [one for one in case.messages if one.id == "CWPKI0022E"]
    if not before:
        return Open("Look for CWPKI0022E of the same time: it names the certificate and the trust store.")
    says = "the server does not trust the caller's certificate, see CWPKI0022E"
    return Shown(says, [Fact(one.name, one.place) for one in before])


def gone(case: Case) -> Verdict:
    """The caller ended the connection without a word."""
    if not _GONE.search(case.message.text):
        return Excluded()
    return Open(
        "The caller ended the connection: a health check does that, or it refused the server's certificate. Ask it."
    )


def by_other_message(case: Case) -> Verdict:
    """The alias of the key is wrong: CWPKI0024E says so at the first handshake."""
    if not _NO_KEY.search(case.message.text) or not case.is_said("CWPKI0024E"):
        return Excluded()
    before = [one for one in case.messages if one.id == "CWPKI0024E"]
    says = "serverKeyAlias leads to no key, see CWPKI0024E"
    return Shown(says, [Fact(one.name, one.place) for one in before])


CARDS = (
    Card(
        ("CWWKO0801E", "null cert chain"),
        (
            "A handshake at an https port of the server failed. Java's exception shows whether it was a mistake or a "
            "probe."
        ),
        (
            Cause(
                "plain-caller",
                "The caller speaks http to an https port",
                CALLER,
                "Java's exception; AT-TLS does not cover the port",
                plain_caller,
            ),
            Cause(
                "attls-before-https",
                "AT-TLS takes TLS off in front of an https port",
                NETWORK,
                "Java's exception; AT-TLS covers the port",
                attls_before_https,
            ),
            Cause(
                "no-client-certificate",
                "The caller shows no certificate",
                CALLER,
                "Java's exception; the port requires one",
                no_client_certificate,
            ),
            Cause(
                "old-caller",
                "The caller offers old protocols only",
                CALLER,
                "the versions in Java's exception",
                old_caller,
            ),
            Cause(
                "narrow-server",
                "sslProtocol lacks the protocols that the caller offers",
                ADMINISTRATOR,
                "the versions in Java's exception and sslProtocol",
                narrow_server,
            ),
            Cause("no-key", "The server has no private key there", SECURITY, "the listing of the port's store", no_key),
            Cause(
                "unfit-ciphers",
                "enabledCiphers does not fit the key",
                ADMINISTRATOR,
                "the types of the keys and the names of the suites",
                unfit_ciphers,
            ),
            Cause(
                "nothing-in-common",
                "The caller offers none of enabledCiphers",
                ADMINISTRATOR,
                "the store has a key that fits, and enabledCiphers is set",
                nothing_in_common,
            ),
            Cause(
                "alias-absent",
                "serverKeyAlias leads to no key",
                ADMINISTRATOR,
                "CWPKI0024E is in the log, too",
                by_other_message,
            ),
            Cause(
                "served-expired",
                "The server's certificate has expired",
                ADMINISTRATOR,
                "the alert, and the last day of the certificate",
                refused_certificate,
            ),
            Cause(
                "caller-trusts-not",
                "The caller does not trust the server's issuer",
                CALLER,
                "the alert unknown_ca; the certificate is valid",
                caller_trusts_not,
            ),
            Cause(
                "client-untrusted",
                "The server does not trust the caller's certificate",
                ADMINISTRATOR,
                "CWPKI0022E is in the log, too",
                untrusted_client,
            ),
            Cause(
                "gone",
                "The caller ended the connection",
                CALLER,
                "never: only the caller knows why",
                gone,
            ),
        ),
        "Observed on Open Liberty 25.0.0.6 and 26.0.0.3; IBM Washington Systems Center, z/OS Connect EE V3 "
        "Topics Guide",
        next="Read Java's exception in the message, and ask the port by module tls_probe.",
    ),
    Card(
        ("FFDC",),
        "The server wrote an incident: an exception with data of that moment.",
        (
            Cause(
                "incident",
                "An exception in the server",
                ADMINISTRATOR,
                "never by its name: the content of the file decides",
                people_decide(
                    "Give the path of the incident as log; the newest ones beside messages.log are read by themselves."
                ),
            ),
        ),
        "Open Liberty, first failure data capture",
    ),
)
