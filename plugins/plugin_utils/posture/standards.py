# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What standards ask, rule by rule, and what the findings say about each.

The titles are short words of ours, not the standards' texts. Which findings break a rule stands on their cards. Read
were DISA's STIG for WebSphere Liberty (V2R4), the rules named here of those for z/OS, and RFC 9325; of NIST SP 800-52
Rev. 2 and PCI DSS 4.0.1 what others quote of the sections named here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.hints import clean
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import cards
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.cards import Card, Reference
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.cards.card import (
    NIST,
    PCI,
    RFC9325,
    STANDARDS,
    STIG,
    ZOS_STIG,
)

PASS, FAIL, NOT_APPLICABLE, NOT_SEEN = "pass", "fail", "not applicable", "not seen"
Json = dict[str, Any]
_SERVER, _ASKED, _KEYS, _ATTLS = (
    {card.id for card in group}
    for group in (cards.SERVER, cards.ASKED, (*cards.KEYS, *cards.ASKED_OF_KEYS), cards.ATTLS)
)
_BY_PEOPLE = "Its records show who approved what, which no file of the server does."


@dataclass(frozen=True)
class Requirement:
    """One rule of a standard. ``severity`` is the standard's own word, where it has one.

    ``only_with`` is the element without which the rule asks nothing of a server. ``partly``: the findings look at a
    part of the rule, so without one it is not yet kept. ``shown_by`` is what would show whether it is, where the
    findings cannot.
    """

    id: str
    title: str
    severity: str = ""
    only_with: str = ""
    partly: bool = False
    note: str = ""
    shown_by: str = ""


RULES: Mapping[str, tuple[Requirement, ...]] = {
    STIG: (
        Requirement(
            "V-250322",
            "Number of sessions limited",
            "medium",
            partly=True,
            shown_by="The number of sessions in the security plan, beside maxInMemorySessionCount of httpSession.",
        ),
        Requirement(
            "V-250323",
            "TLS 1.2 or later on every SSL configuration, and application security",
            "medium",
            note="The STIG wants sslProtocol on every ssl element, also where Java makes it TLS 1.2 and 1.3 without.",
        ),
        Requirement("V-250324", "Cookies that scripts cannot read", "medium"),
        Requirement("V-250325", "Audit of remote sessions", "medium"),
        Requirement(
            "V-250326",
            "Administrators that are approved, and not from the configuration",
            "high",
            only_with="administrator-role",
            partly=True,
            note=_BY_PEOPLE,
            shown_by="The site's list of approved administrators, beside what administrator-role names.",
        ),
        Requirement("V-250327", "Logs sent to a central system", "medium"),
        Requirement(
            "V-250328",
            "Log files protected",
            "medium",
            shown_by="The modes of audit.log, messages.log, console.log and trace.log (ls -l): 660, the STIG says.",
        ),
        Requirement(
            "V-250329",
            "Tools for logs protected",
            "medium",
            shown_by="The modes and owners of the programs in bin of Liberty's installation (ls -l).",
        ),
        Requirement("V-250330", "Audit records encrypted", "medium"),
        Requirement(
            "V-250331",
            "Libraries of the installation protected",
            "medium",
            shown_by="The modes and owners of what is in lib of Liberty's installation (ls -lR).",
        ),
        Requirement(
            "V-250332",
            "Approved ports only",
            "medium",
            partly=True,
            note=_BY_PEOPLE,
            shown_by="The site's list of approved ports, beside the ports that are told here.",
        ),
        Requirement(
            "V-250333",
            "LDAP user registry",
            "medium",
            note="A registry of SAF is none; it needs an approved exception.",
        ),
        Requirement("V-250334", "No basic user registry", "medium"),
        Requirement("V-250335", "Client certificates for administrators", "high"),
        Requirement(
            "V-250336",
            "No password in plain text or {xor}",
            "high",
            note="The word password that a key ring of SAF has for one is no secret.",
        ),
        Requirement("V-250337", "LDAP over TLS", "high", only_with="ldapRegistry"),
        Requirement(
            "V-250338",
            "Certificates of an approved authority",
            "medium",
            partly=True,
            shown_by="The authorities that the site approves, beside the issuers that keystore_info returns.",
        ),
        Requirement(
            "V-250339",
            "Cryptography validated by FIPS",
            "high",
            partly=True,
            shown_by="The providers in java.security of the server's Java: the one for FIPS must be the first.",
        ),
        Requirement("V-250340", "Sessions that end when unused", "medium"),
        Requirement(
            "V-250341",
            "Application security enabled",
            "high",
            note="On z/OS Connect 2.0 the feature zosConnect-2.0 brings it.",
        ),
        Requirement(
            "V-250342",
            "Readers that are approved",
            "medium",
            only_with="reader-role",
            note=_BY_PEOPLE,
            shown_by="The site's list of approved readers, beside what reader-role names.",
        ),
        Requirement(
            "V-250343",
            "Room for logs",
            "medium",
            partly=True,
            shown_by="How many logs the site wants kept, beside maxFileSize and maxFiles of logging.",
        ),
        Requirement("V-250344", "server.xml with mode 660", "medium"),
        Requirement("V-250345", "Logins not kept for longer than ten minutes", "medium"),
        Requirement("V-250346", "LTPA keys with a password of their own", "medium", only_with="ltpa"),
        Requirement("V-250347", "No EXPORT ciphers", "medium"),
        Requirement(
            "V-250348",
            "Https only",
            "medium",
            note="Kept is here also what demands TLS by requireSecure, and what AT-TLS protects.",
        ),
        Requirement(
            "V-250349",
            "Security fixes installed",
            "medium",
            shown_by="What productInfo version --ifixes of Liberty's installation prints, beside IBM's list of fixes.",
        ),
        Requirement("V-250350", "Records of logins and of refusals", "medium"),
    ),
    ZOS_STIG: (
        Requirement(
            "V-223646",
            "Certificate name filters documented (RACF)",
            "medium",
            note=_BY_PEOPLE,
            shown_by="The filters that RACDCERT LISTMAP prints, beside the site's documentation of them.",
        ),
        Requirement("V-223647", "No expired certificates (RACF)", "medium"),
        Requirement("V-223648", "Certificates with a valid chain (RACF)", "medium"),
        Requirement(
            "V-252547",
            "AT-TLS configured in the Policy Agent (ACF2)",
            "medium",
            partly=True,
            note="Its list of ciphers still has TLS_RSA_* and 3DES, which are findings here.",
            shown_by="The ciphers of the policies, beside the list of the STIG.",
        ),
        Requirement(
            "V-252554",
            "AT-TLS configured in the Policy Agent (TSS)",
            "medium",
            partly=True,
            note="Its list of ciphers still has TLS_RSA_* and 3DES, which are findings here.",
            shown_by="The ciphers of the policies, beside the list of the STIG.",
        ),
    ),
    NIST: (
        Requirement(
            "3.1",
            "Protocol versions",
            partly=True,
            note="It also wants TLS 1.3 to be there.",
            shown_by="A scan of the ports by tls_probe, which tells whether they take TLS 1.3.",
        ),
        Requirement(
            "3.2",
            "Keys and certificates of servers",
            partly=True,
            shown_by="The certificates that keystore_info returns, beside the profile in the section.",
        ),
        Requirement(
            "3.3.1",
            "Cipher suites",
            partly=True,
            note="It names the suites that are allowed, one by one.",
            shown_by="The suites of each port and policy, beside those that the section names.",
        ),
    ),
    PCI: (
        Requirement(
            "4.2.1",
            "Strong cryptography for card data on open networks",
            partly=True,
            shown_by="Which connections carry card data over open networks, by the site's own records.",
        ),
        Requirement(
            "4.2.1.1",
            "Inventory of trusted keys and certificates",
            note="keystore_info lists them.",
            shown_by="The site's inventory, beside the certificates that keystore_info returns.",
        ),
        Requirement(
            "12.3.3",
            "Inventory of cipher suites and protocols, reviewed every year",
            note="server_config_info and attls_policy list what is configured, tls_probe what is negotiated.",
            shown_by="The site's inventory and the date of its last review.",
        ),
    ),
    RFC9325: (
        Requirement("3.1.1", "Protocol versions"),
        Requirement("3.5", "Renegotiation in TLS 1.2"),
        Requirement("4.1", "Cipher suites: general guidelines"),
        Requirement("4.5", "Length of public keys"),
        Requirement("7.1", "Host names validated"),
        Requirement("7.5", "Revocation of certificates"),
    ),
}


@dataclass(frozen=True)
class Seen:
    """What was looked at. ``elements`` are the names of those that are configured.

    ``complete``: all files of the server were read, and Liberty takes them. ``asked``: what only standards ask was
    looked at, ``stores``: what is in its key stores, ``policies``: the policies of its stack. ``attls``: AT-TLS
    protects a connection of it.
    """

    complete: bool
    elements: frozenset[str] = frozenset()
    asked: bool = False
    stores: bool = False
    policies: bool = False
    attls: bool = False


@dataclass(frozen=True)
class Row:
    """A rule of a standard, and what was found: ``state`` is PASS, FAIL, NOT_APPLICABLE or NOT_SEEN.

    ``why`` says why it is neither kept nor broken, ``shown_by`` what would show it. ``accepted``: a waiver counts for
    each of its findings.
    """

    rule: Requirement
    state: str
    why: str
    shown_by: str
    findings: tuple[Mapping[str, Any], ...]
    notes: tuple[str, ...]

    @property
    def accepted(self) -> bool:
        return bool(self.findings) and all(finding["waived"] for finding in self.findings)

    def shown(self) -> Json:
        """Return the row as plain data."""
        kept = ("id", "severity", "origin", "message", "waived")
        return {
            "id": self.rule.id,
            "title": self.rule.title,
            "severity": self.rule.severity,
            "state": self.state,
            "accepted": self.accepted,
            "why": self.why,
            "shown_by": self.shown_by,
            "notes": list(self.notes),
            "findings": [
                {**{key: finding[key] for key in kept}, "waiver": finding.get("waiver")} for finding in self.findings
            ],
        }


def judge(standard: str, findings: Iterable[Mapping[str, Any]], seen: Seen) -> list[Row]:
    """Return a row for each rule of a standard (a key of STANDARDS), by the findings on one server, as plain data.

    Raises SecurityError for a standard that is not known.
    """
    if standard not in RULES:
        raise SecurityError(f"standard: {standard!r} is not known; known are {', '.join(STANDARDS)}.")
    by_id: dict[str, list[Mapping[str, Any]]] = {}
    for finding in findings:
        by_id.setdefault(finding["id"], []).append(finding)
    return [_row(standard, rule, by_id, seen) for rule in RULES[standard]]


@cache
def referring(standard: str, rule: str) -> tuple[tuple[Card, Reference], ...]:
    """Return the cards that refer to a rule."""
    return tuple(
        (card, reference)
        for card in cards.CARDS.values()
        for reference in card.references
        if (reference.standard, reference.id) == (standard, rule)
    )


def _row(standard: str, rule: Requirement, by_id: Mapping[str, Sequence[Mapping[str, Any]]], seen: Seen) -> Row:
    referring_cards = referring(standard, rule.id)
    deciders = [card.id for card, reference in referring_cards if not reference.contrary]
    found = tuple(finding for identity in deciders for finding in by_id.get(identity, ()))
    state, why, shown_by = (FAIL, "", "") if found else _without(rule, set(deciders), seen)
    notes = [rule.note, *(reference.note for _card, reference in referring_cards)]
    return Row(rule, state, why, shown_by, found, tuple(dict.fromkeys(filter(None, notes))))


def _without(rule: Requirement, deciders: set[str], seen: Seen) -> tuple[str, str, str]:
    """Return the state of a rule that nothing found breaks, why it is not simply kept, and what would show whether."""
    if rule.only_with and seen.complete and rule.only_with not in seen.elements:
        return NOT_APPLICABLE, f"No {rule.only_with} element is configured.", ""
    if not deciders:
        return NOT_SEEN, "Nothing here looks at it.", rule.shown_by
    if deciders <= _ATTLS and not seen.attls and not seen.policies:
        return NOT_APPLICABLE, "No connection is said to go through AT-TLS.", ""
    lacking = next((gap for gap in _gaps(deciders, seen)), None)
    if lacking:
        return NOT_SEEN, *lacking
    if rule.partly:
        return NOT_SEEN, "What is looked at is in order; the rule asks for more.", rule.shown_by
    return PASS, "", ""


def _gaps(deciders: set[str], seen: Seen) -> Iterator[tuple[str, str]]:
    """Yield what was not looked at that could break a rule, each with what would show it."""
    if deciders & (_SERVER | _ASKED) and not seen.complete:
        yield "Not all of the configuration could be read.", "The files that unseen of server_config_info names."
    if deciders & _ASKED and not seen.asked:
        yield "What only standards ask was not looked at.", "asked_by_standards of server_config_info."
    if deciders & _KEYS and not seen.stores:
        yield (
            "The findings on the key stores (keystore_info) were not given.",
            "keystore_info on the same server; the playbook report asks it.",
        )
    if deciders & _ATTLS and seen.attls and not seen.policies:
        yield (
            "The findings on the AT-TLS policies (attls_findings) were not given.",
            "attls_findings on the policies of the server's stack.",
        )


def of_results(
    standard: str,
    server: Mapping[str, Any],
    stores: Mapping[str, Any] | None = None,
    policies: Sequence[Mapping[str, Any]] | None = None,
    probes: Sequence[Mapping[str, Any]] = (),
) -> list[Row]:
    """Return the rows of a standard by the results of server_config_info, keystore_info, attls_findings and tls_probe.

    Raises SecurityError for a standard that is not known, and for a server that could not be explained.
    """
    if "findings" not in server:
        raise SecurityError("needs what server_config_info returned of a server that could be explained.")
    asked = server.get("asked_by_standards")
    found = [*server["findings"], *(asked or ()), *(stores["findings"] if stores else ()), *(policies or ())]
    found += stores.get("asked_by_standards", ()) if stores else ()
    found += [one for probe in probes for one in probe.get("findings") or ()]
    covered = (*server.get("ports", ()), *server.get("endpoints", ()))
    # Where nothing is unseen all was read; what is not complete then is an order that is open, a finding of its own.
    read = bool(server.get("complete")) or server.get("unseen") == []
    seen = Seen(
        complete=read and not server.get("refused"),
        elements=frozenset(server.get("elements", ())),
        asked=asked is not None,
        stores=stores is not None,
        policies=policies is not None,
        attls=any(one.get("attls") for one in covered),
    )
    return judge(standard, found, seen)


def cleaned(finding: Mapping[str, Any]) -> Json:
    """Return a finding whose texts, which name what others chose, steer nothing where they are shown."""
    waiver = finding.get("waiver")
    shown = {key: clean(finding[key]) for key in ("id", "origin", "message")}
    return {**finding, **shown, "waiver": waiver and {clean(key): clean(value) for key, value in waiver.items()}}


def counts(rows: Sequence[Row]) -> dict[str, int]:
    """Return how many rules there are of each state."""
    return {state: sum(row.state == state for row in rows) for state in (FAIL, PASS, NOT_APPLICABLE, NOT_SEEN)}


def lines(standard: str, rows: Sequence[Row]) -> list[str]:
    """Return rows as lines for people, after one with the standard's name and how many rules are kept."""
    counted = [f"{number} {state}" for state, number in counts(rows).items()]
    told = [f"{STANDARDS[standard]}: {', '.join(counted)}"]
    for row in rows:
        accepted = " (accepted)" if row.accepted else ""
        why = f" ({row.why})" if row.why else ""
        told.append(f"  {row.state}{accepted} {row.rule.id} {row.rule.title}{why}")
        told += [f"    would show it: {row.shown_by}"] if row.shown_by else []
        found = [cleaned(finding) for finding in row.findings]
        told += [f"    {finding['id']} at {finding['origin']}: {finding['message']}" for finding in found]
    return told
