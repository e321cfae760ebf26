# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Declared connections against peers that are as declared, and against peers that are not: one sentence for each."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import tls_peers as peers
from jobs import MARKER, run_job
from pki import Authority, Cast, Issued
from plays import Played, play

pytestmark = pytest.mark.ansible

Json = dict[str, Any]
PASSWORD = f"{MARKER}of-a-request"
UNKNOWN = "{{ a_password_of_another_vault }}"
NOWHERE = "does-not-exist.invalid"


def declared(name: str, port: int, **others: object) -> Json:
    """A connection with all that a server needs, none of which whoever verifies knows."""
    store = {"location": f"/nowhere/{name}.p12", "password": UNKNOWN, "private_key": UNKNOWN, "alias": name}
    return {"name": name, "server_dir": "/nowhere", "port": port, "key_store": store, "requesters": [name], **others}


def late(behave: peers.Behaviour, seconds: float) -> peers.Behaviour:
    """Behave so, but not before some seconds after the first caller: then it only hangs up."""
    begun: list[float] = []

    def wait(connection: socket.socket) -> None:
        begun.append(time.monotonic())
        if time.monotonic() > begun[0] + seconds:
            behave(connection)

    return wait


def answer(status: int, body: bytes = b"hello") -> bytes:
    return b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("verify")


@pytest.fixture(scope="module")
def mutual(pki: Cast, folder: Path) -> ssl.SSLContext:
    return peers.asking(peers.server_context(pki.server, folder), pki.root.root_pem, ssl.CERT_REQUIRED)


@pytest.fixture(scope="module")
def one_sided(pki: Cast, folder: Path) -> ssl.SSLContext:
    return peers.server_context(pki.server, folder)


def expired(authority: Authority, *, days_ago: int = 40) -> Issued:
    begin = datetime.now(UTC) - timedelta(days=days_ago)
    return authority.issue("localhost", sans=["localhost"], not_before=begin, days=30, key_type="ec")


@pytest.fixture(scope="module")
def ports(pki: Cast, folder: Path, mutual: ssl.SSLContext, one_sided: ssl.SSLContext) -> Iterator[dict[str, int]]:
    other = Authority("Another root", key_type="ec")
    contexts: dict[str, ssl.SSLContext] = {}
    for name, issued in {
        "expired": expired(pki.root),
        "untrusted": other.issue("localhost", sans=["localhost"], key_type="ec"),
        "other_name": pki.root.issue("elsewhere", sans=["elsewhere.example"], key_type="ec"),
    }.items():
        (folder / name).mkdir()
        contexts[name] = peers.server_context(issued, folder / name)
    behaviours: dict[str, peers.Behaviour] = {
        "good": peers.https(mutual),
        "late": late(peers.https(mutual), 2),
        "careless": peers.https(one_sided),
        "echo": peers.https_echo(mutual),
        "forbidden": peers.https(mutual, answer(403)),
        "open": peers.http(),
        "deaf": peers.hang_up_at_hello,
        "curt": peers.says(b"220 mail\r\n"),
        **{name: peers.https(context) for name, context in contexts.items()},
    }
    with contextlib.ExitStack() as stack, socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))  # bound, not listening
        found = {name: stack.enter_context(peers.peer(behave)) for name, behave in behaviours.items()}
        yield {**found, "nobody": reserved.getsockname()[1]}


Case = Callable[[dict[str, int]], Json]
BASIC: Json = {"client_certificate": "none", "identity": "basic"}

# What is declared (and what is different for its caller) and the sentence about it, `{0}` being the port.
CASES: dict[str, tuple[str, Json, Json, str]] = {
    "as declared": ("good", {}, {}, "c: as declared."),
    "opened late": ("late", {}, {"verify_seconds": 20}, "c: as declared."),
    "another status": ("good", {}, {"expected_status": "299"}, "c on {0}: answered 200, expected 299."),
    "one of two": ("forbidden", {}, {"expected_status": [200, 401]}, "c on {0}: answered 403, expected 200 or 401."),
    "another text": ("good", {}, {"expected_text": "bye"}, "c on {0}: answered 200, expected 'bye' in the answer."),
    "the text": ("good", {}, {"expected_text": "hello"}, "c: as declared."),
    "does not ask": (
        "careless",
        {},
        {},
        "c on {0}: asks for no client certificate, expected that it asks for a client certificate; answered 200 to a caller without a certificate, expected a refusal.",
    ),
    "asks": (
        "good",
        BASIC,
        {},
        "c on {0}: refused the caller after the handshake with the alert certificate_required, expected an answer.",
    ),
    "unsaid": ("careless", BASIC, {}, "c: as declared."),
    "expired server": ("expired", BASIC, {}, "c on {0}: its certificate has expired, expected an answer."),
    "another name": (
        "other_name",
        BASIC,
        {},
        "c on {0}: its certificate is not made out to localhost, expected an answer.",
    ),
    "the name": ("other_name", BASIC, {"server_name": "elsewhere.example"}, "c: as declared."),
    "untrusted": (
        "untrusted",
        BASIC,
        {},
        (
            "c on {0}: its certificate is not trusted (unable to get local issuer certificate; put its authority into "
            "connections_ca), expected an answer."
        ),
    ),
    "nobody": ("nobody", {}, {}, "c on {0}: nothing listens at localhost, expected an answer."),
    "no such host": (
        "good",
        BASIC,
        {"verify_host": NOWHERE},
        f"c on {{0}}: the name {NOWHERE} has no address, expected an answer.",
    ),
    "deaf": ("deaf", BASIC, {}, "c on {0}: refused the handshake, expected an answer."),
    "no tls": (
        "open",
        BASIC,
        {},
        "c on {0}: answered, but not with TLS, expected an answer; answered 200 in clear, expected no plain http.",
    ),
    "not closed": (
        "good",
        {},
        {"state": "absent"},
        "c on {0}: ended the connection without an answer, expected that nothing listens.",
    ),
    "closed": ("nobody", {}, {"state": "absent"}, "c: as declared."),
    "login": ("echo", {}, {"request_username": "u", "request_password": PASSWORD}, "c: as declared."),
}


def task(pki: Cast, connection: Json, **options: object) -> Json:
    given = {
        "verify_host": "localhost",
        "verify_seconds": 0,
        "ca": pki.root.root_pem,
        "caller_certificate": pki.mapped.certificate_pem + pki.mapped.chain_pem,
        "caller_key": pki.mapped.key_pem(),
        **options,
    }
    return {
        "zosconnect.security.connections_verify": {**given, "variable": "declared"},
        "vars": {"declared": [connection]},
    }


@pytest.fixture(scope="module")
def played(pki: Cast, folder: Path, ports: dict[str, int]) -> Played:
    tasks = [
        task(pki, declared("c", ports[peer], **connection), **options)
        for peer, connection, options, _said in CASES.values()
    ]
    (folder / "cases").mkdir()
    return play(folder / "cases", tasks)


@pytest.mark.chosen
@pytest.mark.parametrize("name", CASES)
def test_the_sentence_of_a_connection(played: Played, ports: dict[str, int], name: str) -> None:
    peer, _connection, _options, said = CASES[name]
    result = played.results[list(CASES).index(name)]
    said = said.format(ports[peer])
    good = said == "c: as declared."
    assert result["connections"] == [{"connection": "c", "verified": good, "sentence": said}], result
    assert (result.get("failed", False), result["unproved"]) == (not good, [] if good else [said])
    assert good or result["msg"] == said
    assert result["changed"] is False


@pytest.mark.chosen
@pytest.mark.both_cores
def test_nothing_shows_a_secret_and_no_retry_is_told(played: Played, pki: Cast) -> None:
    for secret in (PASSWORD, pki.mapped.key_pem().splitlines()[1]):
        assert secret not in played.output
        assert not [command for command in played.commands if secret in command]
    assert "RETRYING" not in played.output


@pytest.mark.chosen
def test_what_was_proved_is_told_where_something_else_was_not(played: Played) -> None:
    result = played.results[list(CASES).index("does not ask")]
    assert list(result["proved"]) == ["c: plain http to the port is refused"]
    assert [probe["verified"] for probe in result["probes"]] == [False, False, True]
    assert "body" not in json.dumps(result["probes"])


def test_a_caller_whose_certificate_has_expired(pki: Cast, folder: Path, ports: dict[str, int], tmp_path: Path) -> None:
    old = expired(pki.root)
    given = {"caller_certificate": old.certificate_pem, "caller_key": old.key_pem()}
    end = old.certificate.not_valid_after_utc.strftime("%Y-%m-%dT%H:%M:%SZ")
    (result,) = play(tmp_path, [task(pki, declared("c", ports["good"]), **given)]).results
    assert result["msg"] == (
        f"c on {ports['good']}: refused the caller after the handshake with the alert certificate_expired "
        f"(connections_caller_certificate has expired: {end}), expected an answer."
    )


WRONG: dict[str, tuple[Json, str]] = {
    "no certificate": (
        {"caller_certificate": "", "caller_key": ""},
        (
            "c asks for client certificates, so connections_caller_certificate and connections_caller_key are needed to "
            "prove that a caller who has one is accepted."
        ),
    ),
    "no key of its own": (
        {"callers": {"c": {"caller_key": ""}}},
        (
            "c asks for client certificates, so connections_caller_certificate and connections_callers.c.caller_key are "
            "needed to prove that a caller who has one is accepted."
        ),
    ),
    "a key of somebody else": (
        {"caller_key": Authority(key_type="ec").issue("other", key_type="ec").key_pem()},
        "c: connections_caller_key does not belong to connections_caller_certificate: give the key of that certificate.",
    ),
    "an authority that is none": (
        {"ca": "no certificate"},
        "c: connections_ca holds no PEM certificate (-----BEGIN CERTIFICATE-----).",
    ),
}


def test_what_is_given_for_callers_is_refused_by_its_name(pki: Cast, ports: dict[str, int], tmp_path: Path) -> None:
    tasks = [task(pki, declared("c", ports["good"]), **options) for options, _said in WRONG.values()]
    results = play(tmp_path, tasks).results
    assert [result["msg"] for result in results] == [said for _options, said in WRONG.values()]
    assert [(result["proved"], result["unproved"]) for result in results] == [
        ({}, [result["msg"]]) for result in results
    ]


@pytest.mark.both_cores
def test_a_declaration_that_cannot_be_read(pki: Cast, tmp_path: Path) -> None:
    tasks = [
        {"zosconnect.security.connections_verify": {"connections": given}}
        for given in ("{", 5, [{"port": 1}], "[{name: c, port: 5002, prot: 1}]")
    ]
    tasks.append({"zosconnect.security.connections_verify": {"variable": "nowhere"}})
    tasks.append(
        {"zosconnect.security.connections_verify": {"variable": "half"}, "vars": {"half": [{"name": "{{ nope }}"}]}}
    )
    said = [result["msg"] for result in play(tmp_path, tasks).results]
    assert said == [
        "connections: is text, and neither YAML nor JSON in line 1, column 2; correct it there.",
        "connections: must be a list, or the text of one in YAML or JSON, not a number.",
        "connections[0].name: is missing; it has no default.",
        "c: 'prot' is not known; did you mean port, protocols?",
        "nowhere: is missing; it has no default.",
        "half[0].name: the variable nope is not defined.",
    ]


class TestEndpoints:
    """What the server calls, seen from its host."""

    def declared(self, port: int, pki: Cast | None, **others: object) -> Json:
        trust = (
            {"trust_store": {"location": "/nowhere", "password": UNKNOWN, "trusted": pki.root.root_pem}} if pki else {}
        )
        place = {"endpoint": {"host": "localhost", "port": port}, "server_dir": "/nowhere"}
        return {
            "name": "e",
            **place,
            "authentication": {"basic": {"user": "u", "password": UNKNOWN}},
            **trust,
            **others,
        }

    def test_the_sentences(self, pki: Cast, ports: dict[str, int], tmp_path: Path) -> None:
        mutual = {"client_certificate": "required"}
        cases = [
            (self.declared(ports["careless"], pki), "all", "e: as declared."),
            (self.declared(ports["good"], pki, **mutual), "server", "e: as declared."),
            (self.declared(ports["nobody"], pki), "callers", None),
            (
                self.declared(ports["nobody"], pki),
                "all",
                (
                    f"e on localhost:{ports['nobody']}: nothing listens at localhost, expected a certificate that trust_store "
                    "trusts."
                ),
            ),
            (
                self.declared(ports["open"], None),
                "all",
                f"e on localhost:{ports['open']}: answered, but not with TLS, expected TLS.",
            ),
            (
                self.declared(ports["careless"], pki, **mutual),
                "all",
                (
                    f"e on localhost:{ports['careless']}: asks for no client certificate, expected that it does, unless "
                    "client_certificate is none, or this is another endpoint than is meant."
                ),
            ),
        ]
        tasks = [task(pki, connection, place=place) for connection, place, _said in cases]
        for (_connection, _place, said), result in zip(cases, play(tmp_path, tasks).results, strict=True):
            assert [one["sentence"] for one in result["connections"]] == ([said] if said else []), result


def test_a_stack_that_gave_the_connection_to_another_rule(pki: Cast, ports: dict[str, int], tmp_path: Path) -> None:
    option = {"netstat": {"RULE": "no report"}}
    results = play(
        tmp_path, [task(pki, declared("c", ports["good"]), place=place, **option) for place in ("all", "server")]
    )
    asked, left = results.results
    said = (
        "The connection is not proven: the text is not what NETSTAT TTLS COnn prints. Give its output from its head on."
    )
    assert asked["rules"] == [{"rule": "RULE", "verified": False, "sentence": said}]
    assert (asked["msg"], left["rules"], left["verified"]) == (said, [], True)


@pytest.mark.both_cores
def test_a_caller_s_host_that_cannot_be_reached(pki: Cast, ports: dict[str, int], tmp_path: Path) -> None:
    """The playbook looks from the server nevertheless, and leaves what it found for the job."""
    store = {"location": "/nowhere", "trusted": pki.root.root_pem}
    place = {"endpoint": {"host": "localhost", "port": ports["careless"]}, "server_dir": "/nowhere"}
    variables = {
        "zosconnect_connections": [declared("c", 5002, **BASIC), {"name": "e", **place, "trust_store": store}],
        "connections_verify_from": NOWHERE,
        "connections_verify_seconds": 0,
    }
    job = run_job(tmp_path / "job", "verify_connections", {"server": variables})
    said = job.failure("server")
    assert (job.rc, said.startswith(f"{NOWHERE}: Failed to connect to the host via ssh: ")) == (2, True), said
    assert job.statistics["zosconnect_security_unproved"] == {"server": [said]}
    proved = {"e: the endpoint has a certificate that is trusted": "The server answered with HTTP status 200."}
    assert job.statistics["zosconnect_security_verified"] == {"server": proved}
