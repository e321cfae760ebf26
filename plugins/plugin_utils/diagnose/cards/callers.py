# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What calling programs see: status codes of API requesters, messages of CICS and of the communication stub."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import match
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.stack import Stack
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
from ansible_collections.zosconnect.security.plugins.plugin_utils.diagnose.messages import Message
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.ports import Port
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.require_secure import Artifact

_SUPPORT = "IBM support, BAQ-STATUS-CODE 302"
_CICS = "IBM z/OS Connect, How to configure TLS for CICS; CICS TS, AT-TLS"
_GIVE = "Give zosconnect_server_dir, so that the requesters and ports of the server are known."
# CICS's messages have the region's APPLID before their text; most often it is the name of the job, too.
_APPLID = re.compile(r"\b([A-Z@#$][A-Z0-9@#$]{0,7}) Return code", re.IGNORECASE)
# CICS was the server where a TCPIPSERVICE took the call; outbound it is NONE.
_SERVICE = re.compile(r"\bTCPIPSERVICE:?\s*([A-Z0-9@#$]+)", re.IGNORECASE)
_PEER = re.compile(r"\bPeer:?\s*([0-9A-F.:]*[0-9A-F])", re.IGNORECASE)
_WORDS = {
    "local_address": "an address of the caller",
    "local_port": "a port of the caller",
    "remote_address": "an address of the server",
    "remote_port": "a port of the server",
    "job_name": "the name of a job",
    "user_id": "a user ID",
    "time": "a time of the day",
}
_STATUS_MESSAGES = ("CWWKS2907E", "CWWKS2909E", "CWWKS2911E", "CWWKS1100A", "CWWKS1101W", "ICH408I")


def _requesters(case: Case) -> list[Artifact]:
    found = [one for one in case.facts.subject.artifacts if one.side.word == "requesters"] if case.facts.subject else []
    named = [one for one in found if re.search(rf"(?<![\w.-]){re.escape(one.name)}(?![\w.-])", case.message.text)]
    return named or found


def _plain(case: Case) -> list[Port]:
    """Return the ports by which a redirected call can have come: those named, or all http ports."""
    found = [port for port in case.facts.ports if not port.tls]
    rest = re.sub(r"BAQ-?STATUS-?CODE\W{0,9}\d{3}", "", case.message.text)
    named = [port for port in found if re.search(rf"(?<!\d){port.port}(?!\d)", rest)]
    return named or found


def _redirected(case: Case) -> tuple[list[Artifact], list[Port]] | Verdict:
    """Return the requesters that demand TLS, and the http ports; or why that is not known, or not the cause."""
    if case.facts.subject is None:
        return Open(_GIVE)
    if case.facts.subject.is_oas3:
        return Open("z/OS Connect 3.0 has no requireSecure: look for a transport guarantee in the web application.")
    requesters, plain = _requesters(case), _plain(case)
    secure = [one for one in requesters if one.secure.value]
    if not requesters:
        return Open("No API requester of this server is known: see whether the call was made to another server.")
    if not secure:
        return Excluded([Fact.at(f"{one.name} accepts http", one.secure.origin) for one in requesters[:5]])
    if len(secure) < len(requesters):
        return Open(
            "Say which API requester was called: not all of this server demand TLS. Write its name behind the code."
        )
    if not plain:
        return Open("No http port of this server is open, so it answers nobody with 302: see who else was called.")
    return secure, plain


def attls_redirected(case: Case) -> Verdict:
    """The request came through AT-TLS to an http port, and requireSecure does not know that."""
    found = _redirected(case)
    if not isinstance(found, tuple):
        return found
    secure, plain = found
    behind = [port for port in plain if port.attls]
    if not behind and not all(map(case.facts.knows_attls, plain)):
        return Open("Ask pasearch -t whether a rule covers the http port.")
    if not behind:
        return Excluded([Fact.at(f"no AT-TLS covers port {port.port}", port.origin) for port in plain])
    if len(behind) < len(plain):
        return Open(
            "Say which port was called: not all http ports are behind AT-TLS. Write its number behind the code."
        )
    because = [*_who(secure), *(Fact.at(f"port {port.port} is behind AT-TLS", port.origin) for port in behind)]
    says = f"{_names(secure)} demands TLS (requireSecure), and was called by http on {_numbers(behind)} behind AT-TLS"
    listed = do(
        f"or name it under requesters of the connection with port {behind[0].port}, and run playbook connections"
    )
    return Shown(says, because, [*_lift(secure), listed])


def plainly_redirected(case: Case) -> Verdict:
    """The request came by http, and nothing protected it: the refusal is right."""
    found = _redirected(case)
    if not isinstance(found, tuple):
        return found
    secure, plain = found
    clear = [port for port in plain if not port.attls]
    if not clear:
        return Excluded([Fact.at(f"port {port.port} is behind AT-TLS", port.origin) for port in plain])
    if len(clear) < len(plain):
        return Open(
            "Say which port was called: not all http ports are behind AT-TLS. Write its number behind the code."
        )
    if not all(map(case.facts.knows_attls, clear)):
        return Open("Give zosconnect_attls (policies, or ports): whether AT-TLS covers the http port decides.")
    secured = [port for port in case.facts.ports if port.tls and not port.unusable]
    because = [*_who(secure), *(Fact.at(f"port {port.port}: {port.verdict}", port.origin) for port in clear)]
    says = f"{_names(secure)} demands TLS (requireSecure), and was called in clear on {_numbers(clear)}"
    to = f"port {secured[0].port}" if secured else "an https port, which this server lacks"
    remedy = [
        do(f"have the caller do TLS to {to}: https in its URIMAP (CICS), an outbound AT-TLS rule for IMS and batch")
    ]
    return Shown(says, because, remedy, CALLER)


def _who(secure: Sequence[Artifact]) -> list[Fact]:
    return [
        Fact.at(f"requireSecure of {one.name} is true by {one.secure.scope}", one.secure.origin) for one in secure[:5]
    ]


def _names(secure: Sequence[Artifact]) -> str:
    return secure[0].name if len(secure) == 1 else f"every API requester ({len(secure)})"


def _numbers(found: Sequence[Port]) -> str:
    return ", ".join(str(port.port) for port in found)


def _lift(secure: Sequence[Artifact]) -> list[dict[str, object]]:
    """Return the input of server_xml that lifts the demand for one requester; for many that is a decision of people."""
    if len(secure) != 1:
        return []
    member = {"name": secure[0].name, "requireSecure": False}
    return [
        {"element": secure[0].side.collection, "children": [{"element": secure[0].side.member, "attributes": member}]}
    ]


def elsewhere_redirected(case: Case) -> Verdict:
    """The requester accepts http, so the redirection is somebody else's."""
    found = _redirected(case)
    if not isinstance(found, Excluded):
        return Excluded() if isinstance(found, tuple) else Open("")
    return Open(
        "The server accepts http for it: look whether the called endpoint itself answers with 302.", found.because
    )


def not_authenticated(case: Case) -> Verdict:
    """Nobody is who the caller says, or may not call; the server's own messages say why."""
    said = [Fact(one.name, one.place) for one in case.messages if one.id in _STATUS_MESSAGES]
    return Open(
        "See CWWKS and ICH408I of the same time in messages.log and on the console: they say who lacks what.", said
    )


def double_tls(case: Case) -> Verdict:
    """CICS does TLS, and an outbound rule of AT-TLS does it again.

    That System SSL told CICS of a handshake (DFHSO0123) shows that CICS does TLS itself.
    """
    said = [one for one in case.messages if one.id == "DFHSO0123" and one.code == "410"]
    if case.message.id == "BAQT0008E" and not said:
        return Open("Look for DFHSO0123 of the same task: its return code says what became of the handshake.")
    outbound = [one for one in said if not _service(one)]
    if not outbound:
        return Open(
            f"TCPIPSERVICE {_service(said[-1])} of CICS took this call, so CICS is the server here: see whether an "
            "inbound AT-TLS rule does TLS for its port as well, and why the caller ended the handshake."
        )
    if case.facts.stack is None:
        return Open(
            "See whether the URIMAP says SCHEME(HTTPS) while an outbound AT-TLS rule matches the region: then "
            "TLS is done twice. Give the policies of the caller's stack as zosconnect_attls, or ask filter attls_match."
        )
    # Behind AT-TLS an http port takes TLS, too, and the message does not say which port was called.
    called = [port for port in case.facts.ports if not port.unusable]
    if not any(port.tls or port.attls for port in called):
        return Open(
            "See whether the URIMAP says SCHEME(HTTPS): with an outbound AT-TLS rule for the region it must be "
            "SCHEME(HTTP) and the port that of https. Filter attls_match says which rule the region's connection gets."
        )
    message = case.message if case.message in outbound else outbound[0]
    return _by_rules(case.facts.stack, case.facts.release, message, called)


def _service(message: Message) -> str:
    """Return the TCPIPSERVICE that took the call, empty where CICS called."""
    return _service_in(message.text)


@lru_cache(maxsize=10_000)
def _service_in(text: str) -> str:
    """Each of very many messages is diagnosed among all the others, so each text is searched once."""
    named = _SERVICE.search(text)
    return named[1] if named and named[1].upper() != "NONE" else ""


def _peer(message: Message) -> str | None:
    """Return the address that CICS called, None where the message does not name it."""
    named = _PEER.search(message.text)
    try:
        return str(ipaddress.ip_address(named[1])) if named else None
    except ValueError:
        return None


def _by_rules(policies: Stack, release: str, message: Message, called: Sequence[Port]) -> Verdict:
    """Decide where one rule or another does TLS for all that the region may have called."""
    region = _APPLID.search(message.text)
    known = {"remote_address": _peer(message), "job_name": region[1].upper() if region else None}
    found = {port.port: _outbound(policies, release, port.port, known) for port in called}
    twice = {number: rule for number, (rule, _doubt) in found.items() if rule}
    if len(twice) == len(found):
        because = [Fact(f"CICS does TLS itself ({message.name})", message.place)]
        because += [
            Fact(f"outbound rule {rule} does TLS to port {number}", place) for number, (rule, place) in twice.items()
        ]
        remedy = [do("set SCHEME(HTTP) in the URIMAP and keep the https port, or take the region out of the rule")]
        return Shown("CICS does TLS, and an outbound AT-TLS rule does it again", because, remedy)
    if doubt := next((doubt for _rule, doubt in found.values() if doubt), ""):
        return Open(f"{doubt} If that is the region's, TLS is done twice.")
    if twice:
        listed = ", ".join(map(str, twice))
        return Open(f"See which port was called: to {listed} an outbound AT-TLS rule does TLS as well as CICS.")
    return Open(
        "The policies that were given have no outbound rule that does TLS to a port of the server: if the region runs "
        "on another stack, give the policies of that one; else look why the server or a proxy ended the handshake."
    )


def _outbound(
    policies: Stack, release: str, number: int, known: Mapping[str, str | None]
) -> tuple[tuple[str, str] | None, str]:
    """Return the rule that does TLS for a call of a region to a port, with its place; or what it depends on."""
    # Port 0 is one that Liberty chooses.
    asked = {"direction": "outbound", "remote_port": number or None, "remote_address": known["remote_address"]}
    doubt = ""
    for job_name in dict.fromkeys((None, known["job_name"])):
        connection = {name: value for name, value in {**asked, "job_name": job_name}.items() if value is not None}
        try:
            answer = match.match(policies, match.read(connection), release)
        except match.UnknownError as e:
            doubt = (
                f"Outbound rule {e.candidate.name} ({e.candidate.place}) for port {number} asks for {_WORDS[e.key]}."
            )
            continue
        # As a server AT-TLS would wait for a handshake that the server's port never begins.
        if answer["protection"] == "tls" and answer["does"]["role"] == "Client":
            return (answer["rule"], answer["place"]), ""
    return None, doubt


CARDS = (
    Card(
        ("BAQ-STATUS-CODE",),
        "The server answered the call with a redirection, which the calling program does not follow.",
        (
            Cause(
                "requester-behind-attls",
                "requireSecure is true on a port behind AT-TLS",
                ADMINISTRATOR,
                "requireSecure of the requester, AT-TLS of the http ports",
                attls_redirected,
            ),
            Cause(
                "requester-in-clear",
                "A requester that demands TLS is called in clear",
                CALLER,
                "requireSecure of the requester, AT-TLS of the http ports",
                plainly_redirected,
            ),
            Cause(
                "redirected-elsewhere",
                "The called endpoint redirects",
                ADMINISTRATOR,
                "never: only the endpoint knows",
                elsewhere_redirected,
            ),
        ),
        _SUPPORT,
        codes=("302",),
    ),
    Card(
        ("BAQ-STATUS-CODE",),
        "The server does not know the caller (401), or does not let the caller in (403).",
        (
            Cause(
                "caller-refused",
                "Login or role was refused",
                SECURITY,
                "never by the code: the server's own messages of the same time decide",
                not_authenticated,
            ),
        ),
        "IBM Washington Systems Center, z/OS Connect EE V3 Topics Guide",
        codes=("401", "403"),
    ),
    Card(
        ("DFHSO0123",),
        "The partner ended a handshake of CICS.",
        (
            Cause(
                "tls-twice",
                "CICS and AT-TLS both do TLS",
                NETWORK,
                "an outbound rule that does TLS to each open port; else the URIMAP and the rule decide",
                double_tls,
            ),
        ),
        _CICS,
        codes=("410",),
    ),
    Card(
        ("BAQT0008E",),
        "The communication stub could not send or receive.",
        (
            Cause(
                "tls-twice",
                "CICS and AT-TLS both do TLS",
                NETWORK,
                "DFHSO0123 RC 410 beside it, and an outbound rule that does TLS to each open port",
                double_tls,
            ),
        ),
        _CICS,
    ),
    Card(
        ("BAQTIMEOUT", "EDC8102I"),
        "The communication stub waited too long, or its wait was cut short.",
        (
            Cause(
                "timeout-order",
                "The stub's timeout is shorter than the endpoint's",
                CALLER,
                "never by the message: the two values are in different places",
                people_decide(
                    "Compare BAQTIMEOUT (seconds) with connectionTimeout and receiveTimeout of the endpoint "
                    "connection: the endpoint's "
                    "must be shorter, else the stub tries again and gives up first (APAR PH07028)."
                ),
            ),
        ),
        "APAR PH07028",
    ),
    Card(
        ("bad_certificate",),
        "One side refused the certificate of the other.",
        (
            Cause(
                "certificate-refused",
                "A certificate was refused",
                CALLER,
                "never by itself",
                people_decide(
                    "Say at which side it was seen: CWWKO0801E or CWPKI messages of the server at the same time decide."
                ),
            ),
        ),
        "RFC 8446, 6.2",
    ),
)
