# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Messages about ports that do not open, and about redirection to one that is not there."""

from __future__ import annotations

import re

from ansible_collections.zosconnect.security.plugins.plugin_utils.diagnose.card import (
    ADMINISTRATOR,
    SYSTEM,
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
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.ports import Port, meet

_SOURCE = "Observed on Open Liberty 25.0.0.6 and 26.0.0.3"
_IN_USE = re.compile(r"Address (?:is )?already in use|EDC8115I")
_FORBIDDEN = re.compile(r"Permission denied|EDC5111I")
_ELSEWHERE = re.compile(r"[Cc]annot assign requested address|EDC8116I|EDC8128I")


def _port(case: Case) -> Port | None:
    """Return the port that a message names: its channel is the endpoint, with -ssl for https."""
    numbers = _numbers(case)
    words = set(re.findall(r"[\w.$-]+", case.message.text))
    found = [port for port in case.facts.ports if port.port in numbers and _channel(port) in words]
    return found[0] if len(found) == 1 else None


def _numbers(case: Case) -> set[int]:
    return {int(re.sub(r"\D", "", one)) for one in re.findall(r"\b\d[\d.,]*", case.message.text)}


def _unknown(case: Case) -> Open:
    if case.facts.subject is None:
        return Open("Give zosconnect_server_dir, so that the ports of the configuration are known.")
    if any(port.port in _numbers(case) for port in case.facts.ports):
        return Open(
            "The line does not name the endpoint of that port: give the whole line, or see what was changed since."
        )
    return Open("The configuration as it is now has no such port: see whether it was changed since.")


def _at(port: Port) -> Fact:
    return Fact.at(f"port {port.port} of {port.endpoint}", port.origin)


def named_twice(case: Case) -> Verdict:
    """Two endpoints of the configuration want the same port."""
    port = _port(case)
    if port is None:
        return _unknown(case)
    others = [one for one in case.facts.of_number(port.port) if one is not port and meet(one.host, port.host)]
    if not others:
        return Excluded()
    says = f"port {port.port} is given to two endpoints by the configuration"
    return Shown(says, [_at(port), *map(_at, others)], [do("give one of them another port, or close it with -1")])


def held_by_another(case: Case) -> Verdict:
    """Something else listens on the port."""
    port = _port(case)
    if port is None:
        return _unknown(case)
    if any(one is not port and meet(one.host, port.host) for one in case.facts.of_number(port.port)):
        return Excluded()
    if not _IN_USE.search(case.message.text):
        return Open("") if _FORBIDDEN.search(case.message.text) or _ELSEWHERE.search(case.message.text) else _look(port)
    opened = [one for one in case.later("CWWKO0219I") if _channel(port) in one.text.split()]
    if opened:
        return Open(f"Port {port.port} was opened later ({opened[-1].time}): nothing is left to do.", [_at(port)])
    says = f"another program listens on port {port.port}; of this server only {port.endpoint} wants it"
    remedy = [command(f"netstat -P {port.port}"), do("end that program, or give the endpoint another port")]
    return Shown(says, [_at(port)], remedy)


def _look(port: Port) -> Open:
    return Open(f"Look who listens on port {port.port}: netstat -P {port.port} (z/OS), ss -ltnp elsewhere.")


def forbidden(case: Case) -> Verdict:
    """The user ID of the server may not listen there."""
    if _IN_USE.search(case.message.text) or not _FORBIDDEN.search(case.message.text):
        return Excluded()
    port = _port(case)
    if port is None:
        return _unknown(case)
    says = f"the server's user ID may not listen on port {port.port}"
    look = do(
        "see PORT and PORTRANGE of PROFILE.TCPIP, RESTRICTLOWPORTS for ports below 1024, and SERVAUTH EZB.PORTACCESS"
    )
    return Shown(says, [_at(port), Fact("the system refused it", case.message.place)], [look])


def not_here(case: Case) -> Verdict:
    """The host of the endpoint is no address of this system."""
    if case.message.id != "CWWKO0224E" and not _ELSEWHERE.search(case.message.text):
        return Excluded()
    port = _port(case)
    if port is None:
        return _unknown(case)
    says = f"host {port.host} of {port.endpoint} does not resolve to an address of this system"
    remedy = [{"element": "httpEndpoint", "id": port.endpoint, "attributes": {"host": "*"}}]
    return Shown(says, [_at(port)], [do("correct the host, or its entry in the resolver's tables"), *remedy])


def other_port(case: Case) -> Verdict:
    """An endpoint listens on another port than its configuration says."""
    words, numbers = set(case.message.text.split()), _numbers(case)
    declared = [port for port in case.facts.ports if _channel(port) in words]
    if case.facts.subject is None or len(declared) != 1:
        return _unknown(case) if case.facts.subject is None else Open("")
    port = declared[0]
    if port.port in numbers:
        return Excluded()
    since = [*case.later("CWWKO0219I"), *case.later("CWWKO0220I")]
    elsewhere = [one for one in case.messages if one.id == case.message.id and one.source != case.message.source]
    if any(_channel(port) in one.text.split() for one in (*since, *elsewhere)):
        return Open("")
    says = (
        f"{port.endpoint} listens on another port than its configuration says, which is {port.port}: the server was "
        "not told of the files since, or keeps the port that the endpoint had before it was taken away with its ssl"
    )
    remedy = do("restart the server; a refresh is enough if the endpoint was never removed")
    return Shown(says, [_at(port), Fact("the server opened another one", case.message.place)], [remedy])


def _channel(port: Port) -> str:
    """Return what messages call a port: its endpoint, with -ssl for https."""
    return f"{port.endpoint}-ssl" if port.tls else port.endpoint


def no_https_port(case: Case) -> Verdict:
    """Callers are redirected to https, and no https port is open."""
    if case.facts.subject is None:
        return _unknown(case)
    usable = [port for port in case.facts.ports if port.tls and not port.unusable]
    if usable:
        return Open(f"Port {usable[0].port} should be open: look for CWWKO0219I, CWWKO0221E and CWPKI messages of it.")
    because = [Fact.at(f"port {port.port}: {port.verdict}", port.origin) for port in case.facts.ports]
    says = "callers by http are sent to https, and no https port is open"
    return Shown(
        says, because, [do("repair the https port, or set requireSecure=false if AT-TLS protects the http port")]
    )


CARDS = (
    Card(
        ("CWWKO0221E",),
        "A port could not be opened. If the other port of its httpEndpoint is open, that one works.",
        (
            Cause(
                "port-named-twice",
                "Two endpoints of the configuration have this port",
                ADMINISTRATOR,
                "all ports of the configuration",
                named_twice,
            ),
            Cause(
                "port-held",
                "Another program listens on the port",
                SYSTEM,
                "the exception; no other endpoint has this port",
                held_by_another,
            ),
            Cause("port-forbidden", "The user ID may not listen on the port", SYSTEM, "the exception", forbidden),
            Cause("host-elsewhere", "The host is no address of this system", ADMINISTRATOR, "the exception", not_here),
        ),
        _SOURCE,
    ),
    Card(
        ("CWWKO0224E",),
        "The host of an endpoint cannot be resolved; its port stays closed.",
        (
            Cause(
                "host-elsewhere",
                "The host is no address of this system",
                ADMINISTRATOR,
                "the endpoint of that host",
                not_here,
            ),
        ),
        _SOURCE,
    ),
    Card(
        ("CWWKO0219I",),
        "A port was opened. It is reported from a log only if the configuration has another port.",
        (
            Cause(
                "port-not-as-configured",
                "The endpoint listens on another port than its configuration says",
                ADMINISTRATOR,
                "the port of that endpoint; no later message of its channel",
                other_port,
            ),
        ),
        "Observed on Open Liberty 26.0.0.3",
        next="The port is the configured one, or the message does not show which endpoint is meant.",
        is_news=False,
    ),
    Card(
        ("CWWKS9105E",),
        "The server wanted to send a caller from http to https, but has no https port.",
        (Cause("no-https-port", "No https port is open", ADMINISTRATOR, "the verdict of each port", no_https_port),),
        "Message texts of com.ibm.ws.webcontainer.security",
    ),
)
