# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Messages about access that RACF denied, and about logins. What is missing is read by ``saf.denials``, here "
"as there."""

from __future__ import annotations

from ansible_collections.zosconnect.security.plugins.plugin_utils.diagnose.card import (
    ADMINISTRATOR,
    CALLER,
    SECURITY,
    SYSTEM,
    Card,
    Case,
    Cause,
    Fact,
    Open,
    Shown,
    Verdict,
    by_itself,
    command,
    do,
    people_decide,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.saf import denials
from ansible_collections.zosconnect.security.plugins.plugin_utils.saf.racdcert import RacfListing

_GUIDE = "IBM Washington Systems Center, z/OS Connect EE V3 Topics Guide, troubleshooting RACF issues"
_ROLES = (
    "z/OS Connect 2.0: EJBROLE <prefix>.zos.connect.access.roles.zosConnectAccess; 3.0: <prefix>.<application>.invoke"
)


def denied(case: Case) -> Verdict:
    """What the message says that RACF denied."""
    found = denials.shown(denials.read(case.message.text), None, RacfListing())
    if not found:
        return Open("Read the names of class, profile and user ID in the message, and give them to module saf_keyring.")
    one = found[0]
    commands = [command(text) for text in (*one["commands"], one["listing_command"])]
    mend = do(
        "module saf_keyring (zosconnect_access, and the message as messages) makes the commands for all who need it"
    )
    fact = Fact(f"{one['message']}: {one['access']} to {one['resource']} in class {one['class']}", case.message.place)
    return Shown(str(one["missing"]).rstrip("."), [fact], [*commands, mend])


def no_mapping(case: Case) -> Verdict:
    """A certificate that was accepted belongs to no user."""
    effective = case.facts.effective
    remedy = [
        do("map the certificate to a user ID by module saf_keyring (client certificates), or let it be the user's own")
    ]
    because = [Fact(f"{case.message.id} names the certificate", case.message.place)]
    security = effective.one("webAppSecurity") if effective else None
    if security and security.get("allowFailOverToBasicAuth") is True:
        because.append(
            Fact.at("callers without a user may log in by password", security.origin("allowFailOverToBasicAuth"))
        )
    return Shown("the caller's certificate is trusted, and no user belongs to it", because, remedy, SECURITY)


def _denied(title: str) -> tuple[Cause, ...]:
    return (
        Cause("access-denied", title, SECURITY, "the names in the message, as module saf_keyring reads them", denied),
    )


def token_problem(case: Case) -> Verdict:
    """What the effective configuration shows about elements of tokens."""
    effective = case.facts.effective
    names = ("zosconnect_authToken", "zosconnect_authorizationServer", "tokenRequest", "tokenResponse")
    found = [problem for problem in effective.problems if problem.element in names] if effective else []
    if len(found) != 1:
        return Open("Compare the attributes of zosconnect_authToken in server.xml with the message.")
    problem = found[0]
    return Shown(problem.message.rstrip("."), [Fact(f"{problem.element} {problem.identity}", str(problem.origin))])


CARDS = (
    Card(
        ("CWWKS2907E",),
        "The server checked a user ID, and RACF does not let that user ID use the server's APPL.",
        _denied("READ to the APPL profile is missing"),
        _GUIDE,
        next="PERMIT <profile prefix> CLASS(APPL) ACCESS(READ) for the user ID in the message (SECURITY).",
    ),
    Card(
        ("CWWKS2909E", "CWWKS2930W"),
        "The server's own user ID may not check users for this APPL. Class SERVER refuses it, not class APPL.",
        _denied("READ to BBG.SECPFX.<profile prefix> is missing"),
        _GUIDE,
    ),
    Card(
        ("CWWKS2911E",),
        "A role's profile does not exist, so nobody has the role.",
        _denied("The EJBROLE profile is missing"),
        f"{_GUIDE}. {_ROLES}",
    ),
    Card(
        ("ICH408I",),
        "RACF denied access; the message names user, profile and level.",
        _denied("Access is missing"),
        "z/OS Security Server RACF Messages and Codes",
    ),
    Card(
        ("CWWKB0118W", "CWWKB0115I", "CWWKB0104I"),
        "The angel gives the server no authorized service, so the server cannot use SAF.",
        _denied("READ to BBG.ANGEL or BBG.AUTHMOD profiles of class SERVER is missing"),
        _GUIDE,
    ),
    Card(
        ("CWWKB0117W", "CWWKB0101I"),
        "The server found no angel process, so it has no authorized services.",
        (
            Cause(
                "no-angel",
                "No angel process runs under the name that the server uses",
                SYSTEM,
                "the message",
                by_itself(
                    "no angel process of that name runs",
                    command("S BBGZANGL"),
                    do(
                        "start the angel before the server; its name is com.ibm.ws.zos.core.angelName in "
                        "bootstrap.properties"
                    ),
                ),
            ),
        ),
        _GUIDE,
    ),
    Card(
        ("CWWKS2933E", "BPXP015I", "BPXP014I"),
        "The server uses Unix services to check logins, and a module that is not program controlled is loaded.",
        (
            Cause(
                "program-control",
                "BPX.DAEMON is active, and not all modules are program controlled",
                SYSTEM,
                "the message",
                by_itself(
                    "without the authorized services of the angel (SAFCRED) the server needs program control "
                    "and BPX.DAEMON",
                    do(
                        "connect the server to the angel with BBG.AUTHMOD.BBGZSAFM.SAFCRED: module saf_keyring, "
                        "server_user"
                    ),
                ),
            ),
        ),
        _GUIDE,
    ),
    Card(
        ("CWWKS1101W",),
        "TLS accepted a client certificate, but it belongs to no user of the registry.",
        (Cause("certificate-unmapped", "No user belongs to the certificate", SECURITY, "the message", no_mapping),),
        "Message texts of com.ibm.ws.security.authentication",
    ),
    Card(
        ("CWWKS1100A",),
        "The registry did not accept a user ID or a password.",
        (
            Cause(
                "login-refused",
                "The caller's user ID, password or PassTicket is wrong, expired or revoked",
                CALLER,
                "never by the message: the registry does not say which",
                people_decide(
                    "See ICH408I of the same time on the console: it says whether the user ID, the password or "
                    "a PassTicket "
                    "was wrong. A PassTicket needs the APPL name of the server (profilePrefix), and clocks that agree."
                ),
            ),
        ),
        "Message texts of com.ibm.ws.security.authentication",
    ),
    Card(
        ("IRRD101I", "IRRD103I", "IRRD107I", "IRRD109I", "IRRD113I", "IRRD114I"),
        "RACDCERT did not find what a command names, or found that it exists already.",
        (
            Cause(
                "racdcert-name",
                "Label, owner or ring in the command is not what RACF has",
                SECURITY,
                "never by the message: a listing decides",
                people_decide(
                    "List both (RACDCERT ID(owner) LIST, LISTRING(*)): labels and rings count with their case."
                ),
            ),
        ),
        "z/OS Security Server RACF Messages and Codes",
        next="Let module saf_keyring make the commands: it lists first.",
    ),
    Card(
        ("BAQR1001E", "BAQR1002E", "BAQR1003E", "BAQR1004E", "BAQR1005E"),
        "z/OS Connect rejects the configuration of a zosconnect_authToken or zosconnect_authorizationServer.",
        (
            Cause(
                "token-configuration",
                "An element about tokens lacks an attribute",
                ADMINISTRATOR,
                "the problems of the effective configuration",
                token_problem,
            ),
        ),
        "IBM z/OS Connect, messages BAQR1001E to BAQR1005E",
    ),
)
