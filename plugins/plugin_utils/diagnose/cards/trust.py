# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Messages in which a server does not accept the certificate of its partner.

Their subject is the partner's certificate (observed on Open Liberty 26.0.0.3), although the text speaks of a signer: so
which issuer is missing is not said.
"""

from __future__ import annotations

import re

from ansible_collections.zosconnect.security.plugins.plugin_utils.diagnose.card import (
    ADMINISTRATOR,
    CALLER,
    ENDPOINT,
    Card,
    Case,
    Cause,
    Excluded,
    Fact,
    Open,
    Shown,
    Verdict,
    do,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.diagnose.facts import is_readable, trusted_of
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import Instance
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.outbound import Call

_SOURCE = "Observed on Open Liberty 26.0.0.3; message texts of com.ibm.ws.ssl"
# What Java says in each language, OpenJDK's words and those of IBM's Java 8.
_EXPIRED = re.compile(r"CertificateExpiredException|NotAfter:|validity check failed.*[Ee]xpired")
_EARLY = re.compile(r"CertificateNotYetValidException|NotBefore:")
_NO_PATH = re.compile(
    r"path building failed|unable to find valid certification path|is not trusted|No trusted certificate"
)
_NO_ANCHORS = re.compile(r"trustAnchors parameter must be non-empty")
_WEAK = re.compile(r"Algorithm constraints check failed|does not conform to algorithm constraints|disabled algorithm")
_NAME = re.compile(r"No name matching (\S+) found|No subject alternative (?:DNS |)names? (?:matching|present)")
# A distinguished name: in brackets, before a word of the English text, else as far as its last value has no blank.
_PART = r"(?:CN|C|O|OU|L|ST|DC|UID|T|EMAILADDRESS|SERIALNUMBER)="
_SUBJECT = re.compile(
    rf"\[({_PART}[^\[\]]*)\]"
    rf"|({_PART}[^\[\]\n]*?)(?= (?:was sent|has an? ))"
    rf"|((?:{_PART}[^,\[\]\n]*, ?)*{_PART}[^\s,\[\]]+)"
)
_BRACKETS = re.compile(r"\[([^\[\]]*)\]")


def _presented(case: Case) -> str:
    """Return whose certificate was not accepted, as far as the message says."""
    found = _SUBJECT.search(case.message.text)
    return next(filter(None, found.groups())).strip() if found else "the partner's certificate"


def _by(case: Case) -> str:
    """Return who showed the certificate: an endpoint where the SSL configuration is used for calls alone."""
    ssl = _ssl(case)
    calls = ssl is not None and any(call.ssl is ssl for call in case.facts.calls)
    serves = ssl is not None and any(port.tls and port.ssl == ssl.id for port in case.facts.ports)
    return ENDPOINT if case.message.id == "CWPKI0823E" or (calls and not serves) else CALLER


def _host(case: Case) -> str:
    """Return the host that was called: the first text in brackets that is neither a subject nor anything else."""
    brackets = _BRACKETS.findall(case.message.text)
    plain = [text for text in brackets if text and "=" not in text and " " not in text and "/" not in text]
    return plain[0].rpartition(":")[0] or plain[0] if plain else ""


def _ssl(case: Case) -> Instance | None:
    """Return the SSL configuration that a message names: its id is one of the words."""
    if case.facts.effective is None:
        return None
    words = set(re.findall(r"[\w.$-]+", case.message.text.partition("xception")[0]))
    found = [ssl for ssl in case.facts.effective.all("ssl") if ssl.id in words or f"{ssl.id}." in words]
    return found[0] if len(found) == 1 else None


def _called(case: Case) -> list[Call]:
    host = _host(case).lower()
    return [call for call in case.facts.calls if host and _name_of(call.url) == host]


def _name_of(url: str) -> str:
    return url.lower().rpartition("//")[2].partition("/")[0].partition(":")[0]


def expired(case: Case) -> Verdict:
    """The partner's certificate has run out: Java says so in its own words."""
    if not _EXPIRED.search(case.message.text):
        return Excluded()
    says = f"{_presented(case)} has expired; this server accepts no certificate after its end"
    return Shown(says, _said(case), [do("have the partner renew the certificate that it shows")], _by(case))


def early(case: Case) -> Verdict:
    """The partner's certificate is not valid yet."""
    if _EXPIRED.search(case.message.text) or not _EARLY.search(case.message.text):
        return Excluded()
    says = f"{_presented(case)} is not valid yet"
    return Shown(
        says, _said(case), [do("compare the clocks of both systems; else wait, or use the old one")], _by(case)
    )


def untrusted(case: Case) -> Verdict:
    """No issuer of the certificate is in the trust store."""
    text = case.message.text
    if any(form.search(text) for form in (_EXPIRED, _EARLY, _WEAK, _NO_ANCHORS)):
        return Excluded()
    if not _NO_PATH.search(text):
        return Open("The message gives no reason that is known. Look for the exception in the FFDC of the same time.")
    ssl = _ssl(case)
    store = case.facts.stores_of(ssl)[1]
    place = case.facts.place(store)
    if place is None or store is None or not is_readable(place):
        return Shown(
            f"no issuer of {_presented(case)} is trusted by this server", _said(case), _connect(None), ADMINISTRATOR
        )
    same = [held for where, held in case.facts.held_named_in(case.message.text) if where is place and held.trusted]
    if same:
        what = f"{place.name} holds a trusted entry {same[0].alias} of that name"
        return Open(f"{what}: see whether the server has read the store again since, and whether it is the same one.")
    trusted = trusted_of(place)
    whom = ", ".join(held.alias for held in trusted[:10]) or "nobody"
    because = (*_said(case), Fact(f"trust store {store.id} trusts {whom}", place.name), *_ends(case, ssl))
    if not trusted:
        return Excluded(because)
    says = f"trust store {store.id} trusts no issuer of {_presented(case)}"
    return Shown(says, because, _connect(place.name), ADMINISTRATOR)


def nobody_trusted(case: Case) -> Verdict:
    """The trust store holds nobody whom Java trusts."""
    text = case.message.text
    ssl = _ssl(case)
    store = case.facts.stores_of(ssl)[1]
    place = case.facts.place(store)
    said = bool(_NO_ANCHORS.search(text))
    is_empty = place is not None and is_readable(place) and not trusted_of(place)
    if not said and not (_NO_PATH.search(text) and is_empty):
        return Excluded()
    if store is None or place is None:
        return Shown("the trust store holds no certificate that Java trusts", _said(case), _connect(None))
    if said and not is_empty:
        return Open(f"{place.name} holds trusted entries now: see whether the server has read it again since.")
    named = bool(ssl and (ssl.get("trustStoreRef") or ssl.children.get("trustStore")))
    own = "" if named else ", which serves as trust store because no other is named"
    because = (*_said(case), Fact(f"no trusted entry among {len(place.held)} entries", place.name), *_ends(case, ssl))
    return Shown(f"key store {store.id}{own} trusts nobody", because, _connect(place.name))


def weak(case: Case) -> Verdict:
    """Java refuses an algorithm in the chain, whoever signed it."""
    if not _WEAK.search(case.message.text):
        return Excluded()
    says = f"Java refuses an algorithm of {_presented(case)} or of its chain (jdk.certpath.disabledAlgorithms)"
    return Shown(
        says, _said(case), [do("have the certificate issued again: SHA-256, RSA of 2048 bits or EC")], _by(case)
    )


def wrong_name(case: Case) -> Verdict:
    """The certificate of an endpoint is made out to other names than the one that is called."""
    calls = _called(case)
    host = _host(case) or "the host that is called"
    unchecked = [call for call in calls if call.ssl and call.ssl.get("verifyHostname") is False]
    if calls and len(unchecked) == len(calls):
        ssl = unchecked[0].ssl
        where = str(ssl.origin("verifyHostname")) if ssl else ""
        return Open(f"Host names are not verified now ({where}): see whether the message is older than that.")
    places = [Fact.at(f"{call.title} calls {call.url}", call.origin) for call in calls]
    remedy = [
        do(f"have a certificate issued for the endpoint with {host} among its subject alternative names"),
        do("or call the endpoint by a name that its certificate has (host of zosconnect_endpointConnection)"),
    ]
    says = f"the endpoint's certificate {_presented(case)} is not made out to {host}"
    return Shown(says, (*_said(case), *places), remedy)


def out_of_date(case: Case) -> Verdict:
    """Only the trust manager says so, and so it is a certificate that somebody showed to the server."""
    early_one = case.message.id == "CWPKI0311E"
    says = f"{_presented(case)}, which was shown to the server, {'is not valid yet' if early_one else 'has expired'}"
    same = [(place, held) for place, held in case.facts.held_named_in(case.message.text) if held.has_key]
    because = [*_said(case), *(Fact(f"key {held.alias} has the same subject", place.name) for place, held in same)]
    hosts = [Fact.at(f"{call.title} calls {call.url}", call.origin) for call in case.facts.calls if call.tls]
    remedy = [do("have the partner that shows it renew it; compare the clocks of both systems")]
    return Shown(says, [*because, *hosts[:5]], remedy)


def _said(case: Case) -> tuple[Fact, ...]:
    return (Fact(f"{case.message.name} names it", case.message.place),)


def _ends(case: Case, ssl: Instance | None) -> tuple[Fact, ...]:
    """Return what uses an SSL configuration: calls, or ports."""
    if ssl is None:
        return ()
    called = [
        Fact.at(f"{call.title} uses <ssl id={ssl.id!r}>", call.origin) for call in _called(case) if call.ssl is ssl
    ]
    return tuple(called) or (Fact.at(f"<ssl id={ssl.id!r}> is used", ssl.places[-1]),) if ssl.places else ()


def _connect(path: str | None) -> list[dict[str, str]]:
    where = path or "the trust store"
    return [
        do(
            f"get the issuer's certificate from the partner, compare its fingerprint, and put it into {where} "
            "by module keystore"
        )
    ]


_EXPIRED_CAUSE = Cause(
    "partner-expired",
    "The partner's certificate has expired",
    ENDPOINT,
    "Java's exception: CertificateExpiredException",
    expired,
)
_UNTRUSTED = (
    _EXPIRED_CAUSE,
    Cause(
        "partner-early",
        "The partner's certificate is not valid yet",
        ENDPOINT,
        "CertificateNotYetValidException",
        early,
    ),
    Cause(
        "issuer-untrusted",
        "No issuer of the partner's certificate is in the trust store",
        ADMINISTRATOR,
        "Java found no path; the store in use has trusted entries, but none with this subject",
        untrusted,
    ),
    Cause(
        "trusts-nobody",
        "The trust store holds no trusted certificate",
        ADMINISTRATOR,
        "the store in use was read, and Java sees no trusted entry in it",
        nobody_trusted,
    ),
    Cause(
        "partner-weak",
        "Java refuses an algorithm in the chain",
        ENDPOINT,
        "Java's exception names the constraint",
        weak,
    ),
)

CARDS = (
    Card(
        ("CWPKI0022E", "CWPKI0823E", "CWPKI0828E", "Failed validating certificate paths"),
        "The server does not accept the certificate of an endpoint that it calls, or (CWPKI0022E) of a caller.",
        _UNTRUSTED,
        _SOURCE,
        next="Compare the subject in the message with the trust store of the SSL configuration in it.",
    ),
    Card(
        ("CWPKI0824E", "HTTPS hostname wrong"),
        "The certificate of an endpoint does not have the name by which the server calls it.",
        (
            Cause(
                "host-name",
                "The certificate does not have the called name",
                ENDPOINT,
                "the message; the server still verifies host names in calls of that host",
                wrong_name,
            ),
        ),
        _SOURCE + "; verifyHostname is true by default since 24.0.0.9",
    ),
    Card(
        ("CWPKI0312E", "CWPKI0311E"),
        "A partner showed a certificate that has expired or is not valid yet.",
        (
            Cause(
                "partner-expired",
                "The partner's certificate is not valid now",
                ENDPOINT,
                "the message: Liberty writes it about certificates of partners, never about the server's own keys",
                out_of_date,
            ),
        ),
        "Observed on Open Liberty 26.0.0.3: com.ibm.ws.ssl.core.WSX509TrustManager",
    ),
)
