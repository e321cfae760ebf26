# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a port did when it was asked, where there is no message: the outcomes of tls_probe as messages ``probe``."""

from __future__ import annotations

from ansible_collections.zosconnect.security.plugins.plugin_utils.diagnose.card import (
    ADMINISTRATOR,
    CALLER,
    NETWORK,
    Card,
    Case,
    Cause,
    Excluded,
    Fact,
    Open,
    Shown,
    Verdict,
    command,
    do,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.ports import Port

PROBE = "probe"
_SOURCE = "module tls_probe"


def _ports(case: Case) -> list[Port]:
    return case.facts.of_number(case.message.line)


def _said(case: Case) -> Fact:
    return Fact(case.message.text, case.message.place)


def _at(port: Port) -> Fact:
    return Fact.at(f"port {port.port} of {port.endpoint}: {port.verdict}", port.origin)


def not_listening(case: Case) -> Verdict:
    """Nothing listens: the configuration does not open the port, or what it says is unusable."""
    if case.facts.subject is None:
        return Open(
            "Give zosconnect_server_dir, so that it is known whether this server should listen there.", [_said(case)]
        )
    found = _ports(case)
    if not found:
        numbers = ", ".join(str(port.port) for port in case.facts.ports)
        fact = Fact(f"ports of the configuration: {numbers or 'none'}", case.facts.subject.server_dir)
        return Shown(
            "no endpoint of the configuration has this port", [_said(case), fact], [do("call one of its ports")]
        )
    unusable = [port for port in found if port.unusable]
    if unusable:
        return Shown(f"the port is not opened: {unusable[0].unusable}", [_said(case), _at(unusable[0])])
    return Open(
        "See whether the server runs, and its messages.log for CWWKO0221E and CWPKI messages.",
        [_said(case), _at(found[0])],
    )


def speaks_plain(case: Case) -> Verdict:
    """The port answers without TLS because it is an http port."""
    found = _ports(case)
    plain = [port for port in found if not port.tls]
    if not found or not plain:
        return Open("The configuration does not say that this port speaks plain http.", [_said(case)])
    if plain[0].attls:
        says = "the port is meant to be behind AT-TLS, and AT-TLS does not protect the connection"
        remedy = [command("pasearch -t"), command("netstat TTLS")]
        return Shown(says, [_said(case), _at(plain[0])], remedy, NETWORK)
    return Shown(
        "it is an http port, and nothing does TLS for it", [_said(case), _at(plain[0])], [do("call it by http")], CALLER
    )


def certificate(case: Case) -> Verdict:
    """The certificate that the port shows has ended, by the clock of who asked."""
    return Shown(
        "the certificate of the port has expired",
        [_said(case), *map(_at, _ports(case))],
        [do("renew it by the playbook renew")],
    )


def wants_certificate(case: Case) -> Verdict:
    """The port ends the connection because it requires a client certificate."""
    required = [port for port in _ports(case) if port.client_authentication == "required"]
    if not required:
        return Open("Read messages.log for CWWKO0801E of the same time.", [_said(case)])
    if case.message.code == "handshake_failed" or case.message.code == "closed":
        return Open(
            "The port requires a client certificate; ask it with one by tls_probe to see whether that is all.",
            [_said(case), _at(required[0])],
        )
    says = "the port requires a client certificate, and none was shown"
    return Shown(
        says, [_said(case), _at(required[0])], [do("give tls_probe a certificate by client_certificate_path")], CALLER
    )


def way(case: Case) -> Verdict:
    """Nobody here sees what is on the way."""
    return Open(
        "Ask the port from the server's own host as well: what answers there and not here is stopped on the way.",
        [_said(case)],
    )


def healthy(case: Case) -> Verdict:
    """The port answers."""
    return Excluded([_said(case)])


CARDS = (
    Card(
        (PROBE,),
        "Nothing listens on the port, or the network blocks the way to it.",
        (
            Cause(
                "not-listening",
                "The server does not open the port",
                ADMINISTRATOR,
                "the ports of the configuration",
                not_listening,
            ),
        ),
        _SOURCE,
        codes=("refused",),
    ),
    Card(
        (PROBE,),
        "The port speaks no TLS.",
        (
            Cause(
                "no-tls",
                "The port is for plain http",
                ADMINISTRATOR,
                "the ports of the configuration, AT-TLS",
                speaks_plain,
            ),
        ),
        _SOURCE,
        codes=("not_tls",),
    ),
    Card(
        (PROBE,),
        "The port's certificate has expired.",
        (
            Cause(
                "served-expired",
                "The server's certificate has expired",
                ADMINISTRATOR,
                "the message, with the certificate that was shown",
                certificate,
            ),
        ),
        _SOURCE,
        codes=("expired",),
    ),
    Card(
        (PROBE,),
        "The port ended the connection.",
        (
            Cause(
                "no-client-certificate",
                "The port requires a client certificate",
                CALLER,
                "client authentication of the port",
                wants_certificate,
            ),
        ),
        _SOURCE,
        codes=("closed_after_handshake", "handshake_failed", "closed"),
    ),
    Card(
        (PROBE,),
        "The port could not be reached, or the program that answers is not a web server.",
        (Cause("way-closed", "Something blocks the way to the port", NETWORK, "never by itself", way),),
        _SOURCE,
        codes=("timeout", "unreachable", "unresolved", "no_reply", "not_http"),
    ),
    Card(
        (PROBE,),
        "The port answers, and the probe found nothing wrong with its TLS.",
        (Cause("healthy", "Something else", ADMINISTRATOR, "never", healthy),),
        _SOURCE,
        codes=("ok",),
        next="Give the message that the caller saw, or messages.log.",
    ),
)
