# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Messages of AT-TLS and of the Policy Agent, and return codes of System SSL, which CICS shows as well.

Codes below 5000 are System SSL's, those from 5001 AT-TLS's own (z/OS Communications Server IP Diagnosis Guide; z/OS
Cryptographic Services System SSL Programming).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import stack as texts
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.actions import Actions
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.match import protection
from ansible_collections.zosconnect.security.plugins.plugin_utils.diagnose.card import (
    CALLER,
    NETWORK,
    SECURITY,
    SYSTEM,
    Card,
    Case,
    Cause,
    Excluded,
    Fact,
    Json,
    Open,
    Shown,
    Verdict,
    by_itself,
    command,
    do,
    people_decide,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.keys.places import RING, Place

_GUIDE = "z/OS Communications Server IP Diagnosis Guide; System SSL Programming, return codes"
_ERRORS = ("EZD1286I", "EZD1287I", "DFHSO0123")
_FIELD = re.compile(r"\b(JOBNAME|USERID|RULE|LOCAL|REMOTE):\s*([^\s,]+)")
_GIVE = "Give the policy texts of this stack as zosconnect_attls.policies, so that the rule is known."


def _fields(case: Case) -> dict[str, str]:
    return dict(_FIELD.findall(case.message.text))


def _rule(case: Case) -> tuple[Actions | None, list[Fact]]:
    """Return what the rule of a message does, and facts about it: the message, and where the rule stands."""
    name, stack = _fields(case).get("RULE", ""), case.facts.stack
    facts = [Fact(f"{case.message.name} names rule {name}" if name else case.message.name, case.message.place)]
    rule = next((one for one in stack.rules if one.name == name), None) if stack and name else None
    if rule is None or stack is None:
        return None, facts
    actions = Actions(stack, rule, case.facts.release or None)
    protocols = ", ".join(actions.protocols) or "none"
    says = f"rule {name} acts as {actions.role}, protocols {protocols}, ring {actions.key_ring or 'unknown'}"
    return actions, [*facts, Fact(says, texts.place(rule))]


def _ring(case: Case, actions: Actions | None) -> Place | None:
    """Return the ring of a rule as it was listed."""
    wanted = (actions.key_ring or "") if actions else ""
    owner, _slash, ring = wanted.rpartition("/")
    owner = owner or _fields(case).get("USERID", "")
    found = [place for place in case.facts.places if place.kind == RING and place.name == f"{owner}/{ring}" and ring]
    return found[0] if found else None


def _title(actions: Actions | None) -> str:
    ring = actions.key_ring if actions else None
    return f"key ring {ring}" if ring else "the key ring of the rule"


def in_clear_inbound(case: Case) -> Verdict:
    """A caller sends clear text to a port that a rule covers."""
    actions, facts = _rule(case)
    port = _fields(case).get("LOCAL", "").rpartition("..")[2]
    mine = [one for one in case.facts.ports if str(one.port) == port]
    role = (actions.role or "") if actions else ""
    if not role and not mine:
        return Open(_GIVE)
    if role.lower() == "client":
        return Excluded(facts)
    facts += [Fact.at(f"port {one.port} of {one.endpoint}", one.origin) for one in mine]
    remedy = [do("give the caller an outbound rule (role attls_outbound_client), or https; or let it use another port")]
    return Shown(f"the caller sends clear text to port {port}, which an inbound rule covers", facts, remedy, CALLER)


def in_clear_outbound(case: Case) -> Verdict:
    """The partner of an outbound rule answers in clear."""
    actions, facts = _rule(case)
    if actions is None:
        return (
            Open("")
            if case.facts.stack is None
            else Open("No rule of that name is in the policy texts: see pasearch -t.")
        )
    if (actions.role or "").lower() != "client":
        return Excluded(facts)
    remote = _fields(case).get("REMOTE", "the partner")
    remedy = [do("point the rule at the partner's TLS port, or leave this port out of the rule (module attls_policy)")]
    return Shown(f"{remote} speaks no TLS, and an outbound rule covers the connection", facts, remedy)


def ring_closed(case: Case) -> Verdict:
    """The ring cannot be opened: it is not there, or the program's user ID may not read it."""
    actions, facts = _rule(case)
    user = _fields(case).get("USERID", "the program's user ID")
    place = _ring(case, actions)
    if case.message.code == "416" or place is not None:
        if place is not None:
            facts.append(Fact(f"the ring exists, with {len(place.held)} certificates", place.name))
        remedy = [
            do(f"give {user} READ to <owner>.<ring>.LST (RDATALIB) or to IRR.DIGTCERT.LISTRING by module saf_keyring")
        ]
        return Shown(f"{user} may not read {_title(actions)}", facts, remedy, SECURITY)
    return Open(
        f"List the rings of {user} (RACDCERT ID({user}) LISTRING(*)) and give the listing as listings: the ring "
        "is not there under that name, which counts with its case, or it may not be read.",
        facts,
    )


def nothing_in_common(case: Case) -> Verdict:
    """The rule itself leaves no protocol that could be spoken."""
    actions, facts = _rule(case)
    if actions is None:
        return Open(_GIVE if case.facts.stack is None else "No rule of that name is in the policy texts.", facts)
    left = [one for one in actions.protocols if one not in actions.unusable]
    if protection(actions) == "refused" or (actions.protocols and not left and not actions.undecided):
        says = "the rule leaves no protocol: none is on, or no cipher is for those that are"
        return Shown(says, facts, [do("set TLSv1.2 and TLSv1.3 On, with ciphers for both, by module attls_policy")])
    known = f"protocols {', '.join(left)}; ciphers {', '.join(actions.ciphers or ()) or 'by default'}"
    return Open(f"Compare with the partner's side, which is not known here: this side has {known}.", facts)


def partner_unknown(case: Case) -> Verdict:
    """Nobody on the ring issued the partner's certificate."""
    actions, facts = _rule(case)
    place = _ring(case, actions)
    if case.message.code == "8":
        return Open(
            "See why the certificate was not valid: issuer not on the ring, not trusted, or no CA. List the ring.",
            facts,
        )
    if place is not None:
        trusted = ", ".join(held.alias for held in place.held if held.trusted)
        facts.append(Fact(f"CA certificates on the ring: {trusted or 'none'}", place.name))
    says = f"no CA certificate on {_title(actions)} issued the partner's certificate"
    remedy = [do("connect the issuer's certificate as CERTAUTH by module saf_keyring, then F PAGENT,UPDATE")]
    return Shown(says, facts, remedy, SECURITY)


def validity(case: Case) -> Verdict:
    """A certificate on the own ring has run out."""
    actions, facts = _rule(case)
    place = _ring(case, actions)
    if place is None:
        return Open(
            "Look at the ends of the certificates of both sides; give RACDCERT LIST of the ring as listings.", facts
        )
    now = case.facts.now
    over = [held for held in place.held if held.not_after and held.not_after < now]
    if not over:
        return Open(
            "No certificate on the ring has expired: look at the partner's.",
            [*facts, Fact("all are valid", place.name)],
        )
    if not any(held.has_key for held in over):
        return Open(
            f"CA certificate {over[0].alias} on {place.name} has expired: see whether the partner's chain uses it.",
            facts,
        )
    held = next(held for held in over if held.has_key)
    facts.append(Fact(f"certificate {held.alias} ended at {held.not_after}", place.name))
    return Shown(
        f"certificate {held.alias} on {place.name} has expired", facts, [do("renew it by the playbook renew")], SECURITY
    )


def no_certificate(case: Case) -> Verdict:
    """The ring has no certificate to show: none by that label, or none by default."""
    actions, facts = _rule(case)
    place = _ring(case, actions)
    if actions is None or place is None:
        return Open(
            "See whether CertificateLabel of the rule is on the ring as PERSONAL, or one is DEFAULT there.", facts
        )
    label = actions.value("CertificateLabel")
    found = [held for held in place.held if held.alias == label] if label else []
    if label and not found:
        facts.append(Fact(f"no certificate {label!r} on the ring", place.name))
        remedy = [do(f"connect {label!r} as PERSONAL by module saf_keyring; mind upper and lower case")]
        return Shown(f"CertificateLabel {label!r} of the rule is not on {place.name}", facts, remedy, SECURITY)
    if found and not found[0].has_key:
        facts.append(Fact(f"{label!r} has no private key there", place.name))
        return Shown(
            f"certificate {label!r} is connected without a private key", facts, [do("connect it as PERSONAL")], SECURITY
        )
    return Open("The label is on the ring: see whether the user ID may read the private key (RDATALIB).", facts)


def _of_code(says: str, *remedy: Json) -> Callable[[Case], Verdict]:
    """Return the look of a cause that the code proves; facts about the rule come along."""

    def look(case: Case) -> Verdict:
        return Shown(says, _rule(case)[1], remedy)

    return look


def _card(codes: Sequence[str], means: str, *causes: Cause, source: str = _GUIDE) -> Card:
    return Card(_ERRORS, means, causes, source, codes=tuple(codes))


def _simple(identity: str, title: str, team: str, *remedy: Any) -> Cause:
    return Cause(identity, title, team, "the code", _of_code(title[0].lower() + title[1:], *remedy))


def awaited(case: Case) -> Verdict:
    """The wait is over with EZZ4250I or EZZ4249I."""
    order = [one.id for one in case.messages if one.id in ("EZZ4248E", "EZZ4249I", "EZZ4250I")]
    if not order or order[-1] != "EZZ4248E":
        return Excluded([Fact("AT-TLS services are available", case.message.place)])
    remedy = [
        command("S PAGENT"),
        do("give READ to EZB.INITSTACK.<system>.<stack> (SERVAUTH) to programs that must run before it"),
    ]
    return Shown("the stack waits for the Policy Agent", [Fact("EZZ4248E", case.message.place)], remedy)


CARDS = (
    _card(
        ("5003",),
        "Clear text arrived on a connection for which a rule demands TLS.",
        Cause(
            "caller-in-clear",
            "The caller sends clear text to a port that a rule covers",
            CALLER,
            "the rule is for a server",
            in_clear_inbound,
        ),
        Cause(
            "partner-in-clear",
            "The partner of an outbound rule speaks no TLS",
            NETWORK,
            "the rule is for a client",
            in_clear_outbound,
        ),
    ),
    _card(
        ("202", "416"),
        "The key ring cannot be opened or listed.",
        Cause(
            "ring-refused",
            "The program's user ID may not read the ring",
            SECURITY,
            "the code 416, or a listing shows that the ring exists",
            ring_closed,
        ),
    ),
    _card(
        ("402", "412"),
        "Both sides have no cipher (402) or protocol (412) in common.",
        Cause(
            "rule-leaves-none",
            "The rule itself leaves no protocol",
            NETWORK,
            "protocols and ciphers of the rule",
            nothing_in_common,
        ),
    ),
    _card(
        ("8", "435"),
        "The partner's certificate is not trusted.",
        Cause("issuer-unknown", "Its issuer is not on the ring", SECURITY, "the code 435", partner_unknown),
    ),
    _card(
        ("401",),
        "A certificate has expired or is not valid yet.",
        Cause(
            "own-expired",
            "A certificate on the rule's own ring has expired",
            SECURITY,
            "the listing of the ring",
            validity,
        ),
    ),
    _card(
        ("7", "428"),
        "The ring has no certificate, or no key, to show.",
        Cause(
            "label-missing",
            "The label is not on the ring, or has no key",
            SECURITY,
            "CertificateLabel and the listing of the ring",
            no_certificate,
        ),
    ),
    _card(
        ("467",),
        "A certificate has a signature algorithm that this side does not accept.",
        _simple(
            "signature-pairs",
            "The algorithm of a signature is not among the pairs of the rule",
            NETWORK,
            do("have the certificate issued again with SHA-256; z/OS 3.2 does not accept SHA-1 by default"),
        ),
    ),
    _card(
        ("109",),
        "The ring has no CA certificate.",
        _simple(
            "no-ca",
            "The ring holds no CA certificate",
            SECURITY,
            do("connect the CA's certificate as CERTAUTH by module saf_keyring"),
        ),
    ),
    _card(
        ("431",),
        "The partner's certificate was revoked.",
        _simple(
            "revoked", "A certificate was revoked by its issuer", CALLER, do("have the partner get a new certificate")
        ),
    ),
    _card(
        ("434",),
        "The key of a certificate does not fit the cipher.",
        _simple(
            "key-cipher",
            "The kind of a key does not fit the ciphers of the rule",
            NETWORK,
            do("name ciphers for that key by module attls_policy: ECDSA for EC keys"),
        ),
    ),
    _card(
        ("5018",),
        "The rule was found, but its actions could not be started.",
        Cause(
            "group-failed",
            "The group of the rule failed to start",
            NETWORK,
            "never by this message: the messages before it decide",
            people_decide("Look for EZD and EZZ messages of the Policy Agent and of TCP/IP before it (PH68292)."),
        ),
    ),
    Card(
        ("EZD2042I",),
        "An AT-TLS group could not be started.",
        (
            Cause(
                "group-failed",
                "The group of the rule failed to start",
                NETWORK,
                "never by this message: the messages before it decide",
                people_decide("Read the messages before it; from z/OS 2.5 to 3.2 see APAR PH68292."),
            ),
        ),
        "APAR PH68292",
    ),
    Card(
        ("EZD1288I",),
        "A rule needs ICSF (for FIPS 140, elliptic curves or GCM), and ICSF is not active.",
        (
            Cause(
                "no-icsf",
                "ICSF is not active",
                SYSTEM,
                "the message",
                by_itself("ICSF is not active, and a rule needs it", command("S CSF")),
            ),
        ),
        _GUIDE,
    ),
    Card(
        ("EZZ4248E", "EZZ4250I"),
        (
            "The stack waits until the Policy Agent installs the AT-TLS policy (EZZ4248E), or has the policy now "
            "(EZZ4250I)."
        ),
        (
            Cause(
                "policy-awaited",
                "No policy was installed yet, and only programs with EZB.INITSTACK may use the stack",
                NETWORK,
                "the message, without EZZ4250I after it",
                awaited,
            ),
        ),
        "z/OS Communications Server IP Configuration Guide, TCP/IP stack initialization access control",
    ),
    Card(
        ("EZZ4249I",),
        "The AT-TLS policy that was installed has no rules.",
        (
            Cause(
                "no-rules",
                "AT-TLS protects nothing on this stack",
                NETWORK,
                "the message",
                by_itself(
                    "the policy has no rules, so every connection goes in clear",
                    command("pasearch -t"),
                    do("look at TTLSConfig in the Policy Agent's configuration, and for refused statements in its log"),
                ),
            ),
        ),
        "z/OS Communications Server IP Messages",
    ),
)
