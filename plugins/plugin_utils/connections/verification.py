# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A declaration in, questions to ports out; what the ports showed in, a sentence for each connection out.

Only what can be seen on the wire is read of a declaration. Stores with their passwords and keys, programs, policies
and logins are not looked at, so whoever verifies needs none of them.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from ansible_collections.zosconnect.security.plugins.module_utils import der
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections import attls_end, outbound, probes
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.callers import Caller
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.declaration import (
    Connection,
    connection,
    place,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.endpoint import (
    DEFAULT_PORTS,
    Endpoint,
    endpoint,
    is_endpoint,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.standing import (
    NEW_CALL,
    AskedCall,
    CallStanding,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError

Json = dict[str, Any]

# What nothing on the wire shows, or what only the server or its callers' owners know.
_UNSEEN = ("authentication", "clients", "inbound", "key_store", "requesters", "require_secure", "web_applications")
_UNSEEN_OF_CALLERS = (*_UNSEEN, "trust_store", "outbound")
_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----")
_REFUSALS = ("closed_after_handshake", "handshake_failed")

# What a port did, by the outcome of its probe.
_SEEN = {
    "closed": "ended the connection without an answer",
    "closed_after_handshake": "refused the caller after the handshake{alert}",
    "expired": "its certificate has expired",
    "handshake_failed": "refused the handshake{alert}",
    "name_mismatch": "its certificate is not made out to {name}",
    "no_reply": "gave no answer in time",
    "not_http": "answered in something else than HTTP",
    "not_tls": "answered, but not with TLS",
    "not_yet_valid": "its certificate is not valid yet",
    "refused": "nothing listens at {host}",
    "timeout": "gave no answer in time",
    "unreachable": "{host} cannot be reached",
    "unresolved": "the name {host} has no address",
    "untrusted": "its certificate is not trusted ({verify_error}{remedy})",
}
_EXPECTED = {
    "accepted": "an answer",
    "refused": "a refusal",
    "plain": "no plain http",
    "nothing": "that nothing listens",
    "trusted": "a certificate that trust_store trusts",
    "endpoint": "TLS",
}
# How an answer was asked for, where that was without what it takes.
_ASKED = {"refused": " to a caller without a certificate", "plain": " in clear", "nothing": " in clear"}


def is_unread(given: Mapping[str, Any], key: str) -> bool:
    """Say whether a key of a declaration need not even be evaluated; ``given`` is all of what it stands in."""
    return key in _UNSEEN or (key == "password" and "location" in given)


@dataclass(frozen=True)
class Question:
    """One probe: ``wanted`` is for target_probe, with secrets."""

    connection: str
    title: str
    kind: str
    wanted: Json = field(repr=False)
    caller: Caller | None = None

    @property
    def where(self) -> str:
        """Connection and port, or the host that the server calls."""
        host = "" if self.caller else f"{self.wanted['server_name']}:"
        return f"{self.connection} on {host}{self.wanted['port']}"


def read(declared: Sequence[object]) -> tuple[list[Connection], list[Endpoint]]:
    """Return what is declared, as far as it shows on the wire; raise SecurityError for the first mistake."""
    connections, endpoints = [], []
    for number, item in enumerate(declared):
        where = place(declared, number)
        if is_endpoint(item):
            # Neither its server's directory nor the AT-TLS rule below the server shows on the wire.
            endpoints.append(endpoint(_seen(item, _UNSEEN), where, look=_below, server_dir="/"))
        else:
            connections.append(connection(_seen(item, _UNSEEN_OF_CALLERS), where, served=False))
    return connections, endpoints


def _below(asked: AskedCall) -> CallStanding:
    """Return what counts of a call that is there: its default port, and a rule whose key ring nobody names."""
    return replace(NEW_CALL, port=DEFAULT_PORTS[asked.server_tls or "jsse"], outbound=attls_end.NOTHING)


def _seen(given: object, unseen: Sequence[str]) -> object:
    if not isinstance(given, Mapping):
        return given
    rest = {key: value for key, value in given.items() if key not in unseen}
    trust = rest.pop("trust_store", None)
    if isinstance(trust, Mapping) and trust.get("trusted"):
        # A store is read whole or not at all; where it lies and what opens it makes no difference here.
        rest["trust_store"] = {"location": "/", "password": "unused", "trusted": trust["trusted"]}
    return rest


def of_callers(
    connections: Sequence[Connection], callers: Mapping[str, Caller], *, host: str, state: str
) -> list[Question]:
    """Return what is asked at the ports of the server; raise SecurityError where a caller lacks a certificate."""
    made = probes.probes(connections) if state == "present" else probes.closed(connections)
    for probe in made:
        caller = callers[probe["connection"]]
        if probe["certificate"] and probe["client_certificate_requested"] and not caller.has_certificate:
            certificate, key = (caller.variables[key] for key in ("caller_certificate", "caller_key"))
            raise SecurityError(
                f"{probe['connection']} asks for client certificates, so {certificate} and {key} are needed to prove "
                "that a caller who has one is accepted."
            )
    return [_of_caller(probe, callers[probe["connection"]], host) for probe in made]


def _of_caller(probe: Json, caller: Caller, host: str) -> Question:
    options = {
        **_common(probe),
        "host": host,
        "server_name": caller.server_name or host,
        "plain": probe["plain"],
        "ca_content": caller.ca or None,
        "expect_client_certificate_requested": None if probe["plain"] else probe["client_certificate_requested"],
        "names": {
            "ca_content": caller.variables["ca"],
            "client_certificate_content": caller.variables["caller_certificate"],
            "client_key_content": caller.variables["caller_key"],
            "client_key_passphrase": caller.variables["caller_key_passphrase"],
            "request.password": caller.variables["request_password"],
        },
    }
    if probe["certificate"] and caller.has_certificate:
        options["client_certificate_content"] = caller.caller_certificate
        options["client_key_content"] = caller.caller_key
        options["client_key_passphrase"] = caller.caller_key_passphrase or None
    if probe["accepted"]:
        options["request"] = caller.request
        options["expect_status"] = list(caller.expected_status)
        options["expect_text"] = caller.expected_text
    return Question(probe["connection"], probe["title"], probe["kind"], options, caller)


def _common(probe: Json) -> Json:
    return {key: probe[key] for key in ("port", "expect", "min_protocol", "max_protocol")}


def of_server(endpoints: Sequence[Endpoint]) -> list[Question]:
    """Return what is asked at the endpoints that the server calls, without a certificate and without AT-TLS.

    That the server itself gets through is proved by a request to a requester that uses the endpoint.
    """
    return [_of_endpoint(probe) for probe in outbound.report(endpoints)["endpoint_probes"]]


def _of_endpoint(probe: Json) -> Question:
    options = {
        **_common(probe),
        "host": probe["address"] or probe["host"],
        "server_name": probe["host"],
        "validate_certs": bool(probe["ca"]),
        "ca_content": probe["ca"] or None,
        "expect_client_certificate_requested": True if probe["client_certificate"] else None,
        "names": {"ca_content": f"{probe['connection']}.trust_store.trusted"},
    }
    return Question(probe["connection"], probe["title"], "trusted" if probe["ca"] else "endpoint", options)


def fault(question: Question, sentence: str) -> str:
    """Say of which connection a probe is itself at fault."""
    return f"{question.connection}: {sentence}"


def shown(questions: Sequence[Question], reports: Sequence[Mapping[str, Any]], *, now: datetime) -> Json:
    """Return what was proved and what was not: each probe, and a sentence for each connection."""
    seen = list(zip(questions, reports, strict=True))
    complaints: dict[str, dict[tuple[str, str], str]] = {}
    for question, report in seen:
        found = complaints.setdefault(question.connection, {})
        for what, expected in _complaints(question, report, now):
            # A port that nobody answers at is not told of once for each question.
            found.setdefault((question.where, what), expected)
    return {
        "probes": [_probe(question, report) for question, report in seen],
        "proved": {question.title: report["msg"] for question, report in seen if not report["differences"]},
        "connections": [
            {"connection": name, "verified": not found, "sentence": _sentence(name, found)}
            for name, found in complaints.items()
        ],
    }


def _probe(question: Question, report: Mapping[str, Any]) -> Json:
    keys = ("outcome", "address", "protocol", "cipher", "client_certificate_requested", "msg")
    return {
        "connection": question.connection,
        "title": question.title,
        "port": question.wanted["port"],
        "verified": not report["differences"],
        "status": (report["http"] or {}).get("status"),
        **{key: report[key] for key in keys},
    }


def _sentence(name: str, complaints: Mapping[tuple[str, str], str]) -> str:
    if not complaints:
        return f"{name}: as declared."
    by_place: dict[str, list[str]] = {}
    for (where, what), expected in complaints.items():
        by_place.setdefault(where, []).append(f"{what}, expected {expected}")
    return f"{'; '.join(f'{where}: ' + '; '.join(parts) for where, parts in by_place.items())}."


def _complaints(question: Question, report: Mapping[str, Any], now: datetime) -> Iterator[tuple[str, str]]:
    """Give what was seen and what was expected, for what is not as declared."""
    wanted, differences = question.wanted, report["differences"]
    answered = f"answered {report['http']['status']}" if report["http"] else ""
    if "outcome" in differences:
        yield _seen_of(question, report, now), _EXPECTED[question.kind]
        return
    if "status" in differences:
        yield answered, " or ".join(map(str, wanted["expect_status"]))
    if "text" in differences:
        yield answered, f"'{wanted['expect_text']}' in the answer"
    if "client_certificate_requested" in differences:
        yield _asks(question, asked=report["client_certificate_requested"])


def _asks(question: Question, *, asked: bool | None) -> tuple[str, str]:
    if not question.caller:
        why = "client_certificate is none, or this is another endpoint than is meant"
        return "asks for no client certificate", f"that it does, unless {why}"
    declared = question.wanted["expect_client_certificate_requested"]
    words = {True: "asks for a client certificate", False: "asks for no client certificate"}
    seen = "it did not come to asking for a client certificate" if asked is None else words[asked]
    return seen, f"that it {words[declared]}"


def _seen_of(question: Question, report: Mapping[str, Any], now: datetime) -> str:
    if report["http"]:
        return f"answered {report['http']['status']}{_ASKED.get(question.kind, '')}"
    seen = _SEEN[report["outcome"]].format(
        alert=f" with the alert {report['alert']}" if report["alert"] else "",
        host=question.wanted["host"],
        name=question.wanted["server_name"],
        verify_error=report["verify_error"],
        # Of an endpoint of somebody else nobody is told to trust what it happens to show.
        remedy=f"; put its authority into {question.wanted['names']['ca_content']}" if question.caller else "",
    )
    return seen + (_out_of_date(question, now) if report["outcome"] in _REFUSALS else "")


def _out_of_date(question: Question, now: datetime) -> str:
    """Say where the caller's own certificate is the reason: a server's alert seldom tells."""
    block = _CERTIFICATE.search(question.wanted.get("client_certificate_content") or "")
    if not block or not question.caller:
        return ""
    try:
        certificate = der.read_certificate(base64.b64decode(block[1]))
    except ValueError:  # DerError is one
        return ""
    name, today = question.caller.variables["caller_certificate"], now.strftime("%Y-%m-%dT%H:%M:%SZ")
    if certificate.not_after < today:
        return f" ({name} has expired: {certificate.not_after})"
    return f" ({name} is not valid yet: {certificate.not_before})" if certificate.not_before > today else ""
