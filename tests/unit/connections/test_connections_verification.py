# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is asked about a declaration, and what is said of the answers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from connection_world import C1, C2, C3, C4, C6, C7, C8, Json

from ansible_collections.zosconnect.security.plugins.module_utils.probing import OUTCOMES, Report
from ansible_collections.zosconnect.security.plugins.plugin_utils import unread
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections import verification
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.callers import callers
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.verification import Question
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from tests.liberty.pki import Authority

NOW = datetime(2026, 11, 30, tzinfo=UTC)
SHOWN = {"caller_certificate": "PEM", "caller_key": "KEY"}


def asked(declared: list[Json], *, state: str = "present", **common: object) -> list[Question]:
    connections, endpoints = verification.read(declared)
    names = [item.name for item in connections] + [item.name for item in endpoints]
    every = callers({}, names, {**SHOWN, **common})
    of_callers = verification.of_callers(connections, every, host="host", state=state)
    return of_callers + verification.of_server(endpoints)


def report(question: Question, *differences: str, **seen: Any) -> Json:
    outcome = question.wanted["expect"][0]
    return {**vars(Report(outcome=outcome, msg="Seen.")), "differences": list(differences), **seen}


def sentence(question: Question, *differences: str, **seen: Any) -> str:
    (one,) = verification.shown([question], [report(question, *differences, **seen)], now=NOW)["connections"]
    return str(one["sentence"])


@pytest.mark.parametrize("given", [C1, C2, C3, C4, C6, C7, C8], ids=lambda given: given["name"])
def test_nothing_secret_and_nothing_of_the_server_is_needed(given: Json) -> None:
    secret = {"authentication": {"basic": 5}} if "endpoint" in given else {"inbound": 5, "clients": 5, "requesters": 5}
    bare = {key: value for key, value in given.items() if key not in ("key_store", "trust_store", "inbound", "clients")}
    want = [question.wanted for question in asked([given])]
    assert [question.wanted for question in asked([{**given, "key_store": 5, **secret}])] == want
    assert [question.wanted for question in asked([bare])] == want


@pytest.mark.parametrize("given", [C1, C2, C3, C4, C6, C7, C8], ids=lambda given: given["name"])
def test_what_has_its_server_from_a_variable_is_asked_likewise(given: Json) -> None:
    bare = {key: value for key, value in given.items() if key != "server_dir"}
    assert [question.wanted for question in asked([bare])] == [question.wanted for question in asked([given])]


def test_a_call_whose_rule_is_there_already_names_no_ring_of_it() -> None:
    (question,) = asked([{**C8, "outbound": {"rule": "there"}}])
    assert question.wanted["host"] == C8["endpoint"]["host"]


def test_a_call_without_a_port_goes_to_the_default_one() -> None:
    (question,) = asked([{**C6, "endpoint": {"host": "https://api.example.com"}}])
    assert question.wanted["port"] == 443


def test_the_authorities_of_an_endpoint_are_those_of_its_trust_store() -> None:
    pem = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    (question,) = asked([{**C6, "trust_store": {"location": "/elsewhere", "trusted": pem}}])
    assert (question.wanted["ca_content"], question.wanted["validate_certs"]) == (pem, True)
    (question,) = asked([C6])
    assert (question.wanted["ca_content"], question.wanted["validate_certs"]) == (None, False)


def test_a_request_is_made_where_the_caller_is_to_be_accepted_only() -> None:
    questions = asked([C2], request_path="/a", expected_status=200, expected_text="t")
    assert [question.wanted.get("request") for question in questions] == [{"method": "GET", "path": "/a"}, None, None]
    assert ["client_key_content" in question.wanted for question in questions] == [True, False, False]
    assert [question.kind for question in questions] == ["accepted", "refused", "plain"]


def test_what_is_gone_must_not_listen() -> None:
    (question,) = asked([C2], state="absent")
    assert (question.wanted["expect"], question.wanted["plain"]) == (["refused"], True)


def test_who_has_no_certificate_cannot_prove_anything() -> None:
    with pytest.raises(SecurityError) as caught:
        asked([C2], caller_key="")
    assert str(caught.value) == (
        "cics asks for client certificates, so connections_caller_certificate and connections_caller_key are needed to "
        "prove that a caller who has one is accepted."
    )
    assert asked([C1], caller_key="")


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        ({"outcome": "closed"}, "ended the connection without an answer"),
        ({"outcome": "closed_after_handshake"}, "refused the caller after the handshake"),
        (
            {"outcome": "closed_after_handshake", "alert": "bad"},
            "refused the caller after the handshake with the alert bad",
        ),
        ({"outcome": "expired"}, "its certificate has expired"),
        ({"outcome": "handshake_failed"}, "refused the handshake"),
        ({"outcome": "name_mismatch"}, "its certificate is not made out to host"),
        ({"outcome": "no_reply"}, "gave no answer in time"),
        ({"outcome": "not_http"}, "answered in something else than HTTP"),
        ({"outcome": "not_tls"}, "answered, but not with TLS"),
        ({"outcome": "not_yet_valid"}, "its certificate is not valid yet"),
        ({"outcome": "ok", "http": {"status": 500}}, "answered 500"),
        ({"outcome": "refused"}, "nothing listens at host"),
        ({"outcome": "timeout"}, "gave no answer in time"),
        ({"outcome": "unreachable"}, "host cannot be reached"),
        ({"outcome": "unresolved"}, "the name host has no address"),
        (
            {"outcome": "untrusted", "verify_error": "self-signed"},
            "its certificate is not trusted (self-signed; put its authority into connections_ca)",
        ),
    ],
)
def test_what_a_port_did(seen: Json, said: str) -> None:
    assert sentence(asked([C2])[0], "outcome", **seen) == f"cics on 5002: {said}, expected an answer."


def test_every_outcome_has_words() -> None:
    assert {*verification._SEEN, "ok"} == set(OUTCOMES)


@pytest.mark.parametrize(
    ("declared", "number", "differences", "seen", "said"),
    [
        (C2, 0, ["status"], {"http": {"status": 200}}, "cics on 5002: answered 200, expected 299."),
        (C2, 0, ["text"], {"http": {"status": 200}}, "cics on 5002: answered 200, expected 'hello' in the answer."),
        (
            C2,
            0,
            ["client_certificate_requested"],
            {"client_certificate_requested": None},
            (
                "cics on 5002: it did not come to asking for a client certificate, expected that it asks for a client "
                "certificate."
            ),
        ),
        (
            C1,
            0,
            ["client_certificate_requested"],
            {"client_certificate_requested": True},
            "batch on 5001: asks for a client certificate, expected that it asks for no client certificate.",
        ),
        (
            C2,
            1,
            ["outcome"],
            {"http": {"status": 403}},
            "cics on 5002: answered 403 to a caller without a certificate, expected a refusal.",
        ),
        (C2, 2, ["outcome"], {"http": {"status": 302}}, "cics on 5002: answered 302 in clear, expected no plain http."),
        (C2, 0, [], {}, "cics: as declared."),
        (
            C8,
            0,
            ["outcome"],
            {"outcome": "unreachable"},
            "orders on api.example.com:443: 192.0.2.20 cannot be reached, expected TLS.",
        ),
        # Nobody is told to trust what an endpoint of somebody else happens to show.
        (
            C8,
            0,
            ["outcome"],
            {"outcome": "untrusted", "verify_error": "self-signed"},
            "orders on api.example.com:443: its certificate is not trusted (self-signed), expected TLS.",
        ),
    ],
)
def test_the_sentence(declared: Json, number: int, differences: list[str], seen: Json, said: str) -> None:
    question = asked([declared], expected_status=299, expected_text="hello")[number]
    assert sentence(question, *differences, **seen) == said


def test_one_connection_is_one_sentence_and_the_same_is_not_said_twice() -> None:
    questions = asked([{**C2, "plain_http_ports": [9080]}, C1])
    down = [report(question, "outcome", outcome="unreachable") for question in questions[:-2]]
    open_ = [report(question) for question in questions[-2:]]
    said = verification.shown(questions, [*down, *open_], now=NOW)
    assert said["connections"] == [
        {
            "connection": "cics",
            "verified": False,
            "sentence": "cics on 5002: host cannot be reached, expected an answer; cics on 9080: host cannot be reached, "
            "expected no plain http.",
        },
        {"connection": "batch", "verified": True, "sentence": "batch: as declared."},
    ]
    assert said["proved"] == {question.title: "Seen." for question in questions[-2:]}


@pytest.mark.parametrize(
    ("begin", "reason"),
    [
        (datetime(2026, 9, 1, tzinfo=UTC), " (connections_caller_certificate has expired: 2026-10-01T00:00:00Z)"),
        (datetime(2026, 11, 29, tzinfo=UTC), ""),
        (
            datetime(2026, 12, 24, tzinfo=UTC),
            " (connections_caller_certificate is not valid yet: 2026-12-24T00:00:00Z)",
        ),
    ],
)
def test_the_caller_s_own_certificate_may_be_the_reason(begin: datetime, reason: str) -> None:
    old = Authority(key_type="ec").issue("c", not_before=begin, days=30, key_type="ec")
    (question, *_) = asked([C2], caller_certificate=old.certificate_pem)
    said = sentence(question, "outcome", outcome="handshake_failed")
    assert said == f"cics on 5002: refused the handshake{reason}, expected an answer."


def test_a_certificate_that_cannot_be_read_is_no_reason() -> None:
    pem = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    said = sentence(asked([C2], caller_certificate=pem)[0], "outcome", outcome="handshake_failed")
    assert said == "cics on 5002: refused the handshake, expected an answer."


def test_a_fault_names_the_connection() -> None:
    assert verification.fault(asked([C2])[0], "it is so.") == "cics: it is so."


def test_what_is_not_read_is_not_evaluated() -> None:
    raw = {
        "declared": "{{ [one] + more + [{'port': ports.password}] }}",
        "one": {"name": "a", "key_store": {"password": "{{ secret }}"}},
        "more": [
            {"name": "{{ name }}", "trust_store": {"location": "/t", "trusted": "PEM", "password": "{{ secret }}"}}
        ],
        "ports": {"password": 5001, "inbound": 5004, "clients": "{{ base + 1 }}"},
        "name": "b",
        "other": {"password": "{{ secret }}"},
    }
    assert unread.without(raw, "declared", verification.is_unread) == {
        **raw,
        "one": {"name": "a"},
        "more": [{"name": "{{ name }}", "trust_store": {"location": "/t", "trusted": "PEM"}}],
        "ports": {"password": 5001, "inbound": 5004},
    }
    assert unread.without(raw, "nothing", verification.is_unread) == raw
