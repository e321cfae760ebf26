# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The probe against real peers: run by this Python and, where found, by the oldest one that a target may have."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import ssl
import subprocess
import sys
import sysconfig
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import tls_peers as peers
from launcher import Liberty
from layout import BARE_SERVER_XML, free_port
from pki import Authority, Cast, Issued

from ansible_collections.zosconnect.security.plugins.action import tls_probe
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError

pytestmark = pytest.mark.chosen

MODULE = "ansible_collections.zosconnect.security.plugins.modules.target_probe"
PASSWORD = "marker-of-a-password"
PASSPHRASE = "marker-of-a-passphrase"
Probe = Callable[..., dict[str, Any]]


def oldest_python() -> str | None:
    """The Python 3.9 that the caller names, or one of pyenv's."""
    named = os.environ.get("ZCS_TARGET_PYTHON")
    found = sorted(Path.home().glob(".pyenv/versions/3.9*/bin/python"))
    return named or (str(found[0]) if found else None)


def interpreter(name: str) -> str:
    path = sys.executable if name == "own" else oldest_python()
    if path is None:
        pytest.skip("no Python 3.9 is here to stand for a target's")
    return path


# One Python for many calls, each in a child of its own that ends as a module does.
WORKER = f"""
import os, sys
from ansible.module_utils import basic
from {MODULE} import main
for line in sys.stdin:
    if not os.fork():
        basic._ANSIBLE_ARGS, basic._ANSIBLE_PROFILE = line.encode(), "legacy"
        main()
    os.wait()
    print("END", flush=True)
"""


class Worker:
    """The module as a target's Python runs it."""

    def __init__(self, python: str) -> None:
        self._process = subprocess.Popen(
            [python, "-c", WORKER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONPATH": sysconfig.get_path("purelib"), "PYTHONDONTWRITEBYTECODE": "1"},
            text=True,
        )

    def __call__(self, **options: Any) -> dict[str, Any]:
        """Return the task's result."""
        action = Action(options, self)
        try:
            return action.work(action._options())
        except SecurityError as e:
            return {"failed": True, "msg": str(e)}

    def module(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """Return the module's result; any other output is a fault of the module."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        question = {"ANSIBLE_MODULE_ARGS": {"_ansible_remote_tmp": "/tmp", **arguments}}
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        answer = ""
        for line in self._process.stdout:
            if line == "END\n":
                break
            answer += line
        return json.loads(answer)

    def close(self) -> None:
        self._process.communicate(timeout=30)


class Action(tls_probe.ActionModule):
    """The action without Ansible around it: what it sends lies on this host, and a worker is the target."""

    def __init__(self, options: dict[str, Any], worker: Worker) -> None:
        self._task, self._load_name = SimpleNamespace(args=options), "zosconnect.security.tls_probe"
        self._worker, self._order = worker, ""

    def send(self, data: bytes) -> str:
        descriptor, self._order = tempfile.mkstemp()
        os.write(descriptor, data)
        os.close(descriptor)
        return self._order

    def run_on_target(self, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
        assert name == "target_probe"
        try:
            return self._worker.module(arguments)
        finally:
            os.unlink(self._order)


@pytest.fixture(scope="module", params=["own", "oldest"])
def worker(request: pytest.FixtureRequest) -> Iterator[Worker]:
    with contextlib.closing(Worker(interpreter(request.param))) as worker:
        yield worker


@pytest.fixture
def probe(worker: Worker, pki: Cast) -> Probe:
    """Call the module on a port of this host, trusting the test's root, with enough time for a busy machine."""

    def call(port: int, **options: Any) -> dict[str, Any]:
        defaults = {"host": "localhost", "ca_content": pki.root.root_pem, "timeout": 20}
        given = {name: value for name, value in {**defaults, **options}.items() if value is not None}
        return worker(port=port, **given)

    return call


def identity(client: Issued) -> dict[str, str]:
    return {
        "client_certificate_content": client.certificate_pem + client.chain_pem,
        "client_key_content": client.key_pem(),
    }


def colons(holder: Issued) -> str:
    """A fingerprint in the probe's form."""
    return bytes.fromhex(holder.fingerprint_sha256).hex(":")


@pytest.fixture
def server(pki: Cast, tmp_path: Path) -> ssl.SSLContext:
    return peers.server_context(pki.server, tmp_path)


NOTHING_SEEN = {
    "alert": None,
    "protocol": None,
    "cipher": None,
    "verified": None,
    "verify_error": None,
    "client_certificate_requested": None,
    "peer_certificates": [],
    "chain_complete": None,
    "http": None,
    "scan": None,
}


class TestServerAuthentication:
    @pytest.mark.parametrize("protocol", ["TLSv1.2", "TLSv1.3"])
    def test_a_good_server(self, probe: Probe, server: ssl.SSLContext, protocol: str) -> None:
        with peers.peer(peers.https(server)) as port:
            seen = probe(port, min_protocol=protocol, max_protocol=protocol, request={})
        assert (seen["outcome"], seen["msg"]) == ("ok", "The server answered with HTTP status 200.")
        assert (seen["protocol"], seen["verified"], seen["verify_error"]) == (protocol, True, None)
        assert seen["client_certificate_requested"] is False
        assert seen["address"] == "127.0.0.1"
        assert seen["alert"] is None
        assert "AES" in seen["cipher"] or "CHACHA20" in seen["cipher"]
        assert (seen["http"]["status"], seen["http"]["reason"], seen["http"]["body"]) == (200, "OK", "hello")
        assert seen["changed"] is False
        assert 0 < seen["elapsed"] < 20

    @pytest.mark.parametrize("protocol", ["TLSv1.2", "TLSv1.3"])
    def test_the_chain_as_it_was_sent(self, probe: Probe, pki: Cast, server: ssl.SSLContext, protocol: str) -> None:
        with peers.peer(peers.https(server)) as port:
            seen = probe(port, max_protocol=protocol)
        leaf, intermediate = seen["peer_certificates"]
        assert seen["chain_complete"] is True
        assert leaf == {
            "subject": "CN=localhost",
            "issuer": "CN=Throw-away test intermediate",
            "serial_number": format(pki.server.certificate.serial_number, "x"),
            "not_before": pki.server.certificate.not_valid_before_utc.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "not_after": pki.server.certificate.not_valid_after_utc.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "subject_alt_name": ["DNS:localhost", "IP:127.0.0.1"],
            "signature_algorithm": "SHA256withECDSA",
            "key_type": "EC",
            "key_size": 256,
            "fingerprint_sha256": colons(pki.server),
        }
        assert intermediate["subject"] == leaf["issuer"]

    @pytest.mark.parametrize("protocol", ["TLSv1.2", "TLSv1.3"])
    def test_an_untrusted_server_is_told_nothing_but_still_described(
        self, probe: Probe, server: ssl.SSLContext, protocol: str
    ) -> None:
        stranger = Authority("Another root", key_type="ec")
        with peers.peer(peers.https(server)) as port:
            seen = probe(port, max_protocol=protocol, ca_content=stranger.root_pem)
        assert seen["outcome"] == "untrusted"
        assert seen["verified"] is False
        assert "issuer certificate" in seen["verify_error"]
        assert seen["msg"] == f"The server's certificate was not accepted: {seen['verify_error']}."
        assert [one["subject"] for one in seen["peer_certificates"]] == [
            "CN=localhost",
            "CN=Throw-away test intermediate",
        ]
        assert (seen["protocol"], seen["http"]) == (None, None)

    @pytest.mark.parametrize("protocol", ["TLSv1.2", "TLSv1.3"])
    def test_the_server_learns_that_it_is_not_trusted(
        self, probe: Probe, server: ssl.SSLContext, protocol: str
    ) -> None:
        complaints: list[str | None] = []
        with peers.peer(peers.remember_complaint(server, complaints)) as port:
            probe(port, max_protocol=protocol, ca_content=Authority("Another root", key_type="ec").root_pem)
            deadline = time.monotonic() + 10
            while not complaints and time.monotonic() < deadline:
                time.sleep(0.01)
        assert complaints == ["TLSV1_ALERT_UNKNOWN_CA"]

    def test_the_systems_own_trust_store_does_not_know_a_throw_away_root(
        self, probe: Probe, server: ssl.SSLContext
    ) -> None:
        with peers.peer(peers.https(server)) as port:
            assert probe(port, ca_content=None)["outcome"] == "untrusted"

    def test_an_intermediate_is_an_anchor_too(self, probe: Probe, pki: Cast, server: ssl.SSLContext) -> None:
        with peers.peer(peers.https(server)) as port:
            assert probe(port, ca_content=pki.server.chain_pem)["outcome"] == "ok"

    def test_the_root_may_come_from_a_file(
        self, probe: Probe, pki: Cast, server: ssl.SSLContext, tmp_path: Path
    ) -> None:
        path = tmp_path / "ca.pem"
        path.write_text(pki.root.root_pem)
        with peers.peer(peers.https(server)) as port:
            assert probe(port, ca_content=None, ca_path=str(path))["outcome"] == "ok"

    @pytest.mark.parametrize("name", ["other.example", "127.0.0.2"])
    def test_a_server_of_another_name(self, probe: Probe, server: ssl.SSLContext, name: str) -> None:
        with peers.peer(peers.https(server)) as port:
            seen = probe(port, server_name=name)
        assert (seen["outcome"], seen["verified"]) == ("name_mismatch", False)
        assert name in seen["msg"]

    def test_an_address_is_a_name(self, probe: Probe, server: ssl.SSLContext) -> None:
        with peers.peer(peers.https(server)) as port:
            assert probe(port, host="127.0.0.1")["outcome"] == "ok"

    def test_a_name_that_is_none(self, probe: Probe, server: ssl.SSLContext) -> None:
        with peers.peer(peers.https(server)) as port:
            seen = probe(port, server_name=".example")
        assert seen["failed"] is True
        assert seen["msg"] == "server_name: '.example' cannot be the name of a server."

    @pytest.mark.parametrize(("days_ago", "outcome"), [(10, "expired"), (-10, "not_yet_valid")])
    def test_a_certificate_out_of_date(self, probe: Probe, tmp_path: Path, days_ago: int, outcome: str) -> None:
        authority = Authority(key_type="ec")
        begin = datetime.now(UTC) - timedelta(days=days_ago)
        late = authority.issue("localhost", sans=["localhost"], days=5, not_before=begin, key_type="ec")
        with peers.peer(peers.https(peers.server_context(late, tmp_path))) as port:
            seen = probe(port, ca_content=authority.root_pem)
        assert (seen["outcome"], seen["verified"]) == (outcome, False)

    def test_looking_without_trust(self, probe: Probe, server: ssl.SSLContext) -> None:
        with peers.peer(peers.https(server)) as port:
            seen = probe(port, validate_certs=False, ca_content=None, server_name="other.example")
        assert (seen["outcome"], seen["verified"], seen["verify_error"]) == ("ok", None, None)
        assert seen["peer_certificates"][0]["subject"] == "CN=localhost"


class TestClientCertificates:
    @pytest.fixture
    def demanding(self, pki: Cast, server: ssl.SSLContext) -> ssl.SSLContext:
        return peers.asking(server, pki.root.root_pem, ssl.CERT_REQUIRED)

    @pytest.mark.parametrize("protocol", ["TLSv1.2", "TLSv1.3"])
    def test_the_right_one(self, probe: Probe, pki: Cast, demanding: ssl.SSLContext, protocol: str) -> None:
        with peers.peer(peers.https(demanding)) as port:
            seen = probe(port, max_protocol=protocol, **identity(pki.mapped))
        assert (seen["outcome"], seen["client_certificate_requested"]) == ("ok", True)
        assert seen["protocol"] == protocol

    def test_from_files_with_a_passphrase(
        self, probe: Probe, pki: Cast, demanding: ssl.SSLContext, tmp_path: Path
    ) -> None:
        certificate, key = tmp_path / "client.pem", tmp_path / "client.key"
        certificate.write_text(pki.mapped.certificate_pem + pki.mapped.chain_pem)
        key.write_text(pki.mapped.key_pem(PASSPHRASE))
        files = {"client_certificate_path": str(certificate), "client_key_path": str(key)}
        with peers.peer(peers.https(demanding)) as port:
            assert probe(port, **files, client_key_passphrase=PASSPHRASE)["outcome"] == "ok"
            refused = probe(port, **files)
        assert (refused["failed"], refused["msg"]) == (
            True,
            "client_key_path is encrypted: give client_key_passphrase.",
        )

    @pytest.mark.parametrize(
        ("client", "older", "newer"),
        [("none", "handshake_failure", "certificate_required"), ("stranger", "unknown_ca", "unknown_ca")],
    )
    def test_a_refusal(
        self, probe: Probe, pki: Cast, demanding: ssl.SSLContext, client: str, older: str, newer: str
    ) -> None:
        options = identity(pki.stranger) if client == "stranger" else {}
        with peers.peer(peers.https(demanding)) as port:
            early = probe(port, max_protocol="TLSv1.2", **options)
            late = probe(port, max_protocol="TLSv1.3", **options)
        assert (early["outcome"], early["alert"]) == ("handshake_failed", older)
        assert early["msg"] == f"The server ended the handshake with the alert {older}."
        assert (late["outcome"], late["alert"]) == ("closed_after_handshake", newer)
        assert late["msg"] == (
            "The handshake looked complete, then the server ended the connection without an answer"
            f" and with the alert {newer}; it had asked for a client certificate."
        )
        assert (late["protocol"], late["verified"]) == ("TLSv1.3", True)
        assert early["client_certificate_requested"] is late["client_certificate_requested"] is True

    @pytest.mark.parametrize("protocol", ["TLSv1.2", "TLSv1.3"])
    def test_one_that_is_welcome_but_not_demanded(
        self, probe: Probe, pki: Cast, server: ssl.SSLContext, protocol: str
    ) -> None:
        context = peers.asking(server, pki.root.root_pem, ssl.CERT_OPTIONAL)
        with peers.peer(peers.https(context)) as port:
            seen = probe(port, max_protocol=protocol)
        assert (seen["outcome"], seen["client_certificate_requested"]) == ("ok", True)

    def test_a_refusal_without_a_word(self, probe: Probe, pki: Cast, server: ssl.SSLContext) -> None:
        context = peers.asking(server, pki.root.root_pem, ssl.CERT_OPTIONAL)
        with peers.peer(peers.hang_up_after_handshake(context)) as port:
            seen = probe(port)
        assert (seen["outcome"], seen["alert"]) == ("closed_after_handshake", None)
        assert seen["msg"] == (
            "The handshake looked complete, then the server ended the connection without an answer;"
            " it had asked for a client certificate."
        )

    def test_whether_one_was_asked_for_is_known_before_the_server_is_trusted_only_in_tls_1_3(
        self, probe: Probe, demanding: ssl.SSLContext
    ) -> None:
        stranger = Authority("Another root", key_type="ec").root_pem
        with peers.peer(peers.https(demanding)) as port:
            older = probe(port, max_protocol="TLSv1.2", ca_content=stranger)
            newer = probe(port, max_protocol="TLSv1.3", ca_content=stranger)
        assert older["client_certificate_requested"] is None
        assert newer["client_certificate_requested"] is True


class TestProtocols:
    @pytest.mark.parametrize("protocol", ["TLSv1", "TLSv1.1"])
    def test_an_old_protocol_is_really_spoken(self, probe: Probe, pki: Cast, tmp_path: Path, protocol: str) -> None:
        context = peers.server_context(pki.server, tmp_path, protocol=protocol.replace(".", "_"))
        with peers.peer(peers.https(context)) as port:
            seen = probe(port, min_protocol=protocol, max_protocol=protocol)
        assert (seen["outcome"], seen["protocol"]) == ("ok", protocol)

    @pytest.mark.parametrize("protocol", ["TLSv1", "TLSv1.1", "TLSv1.2"])
    def test_a_server_that_refuses_an_old_protocol(
        self, probe: Probe, pki: Cast, tmp_path: Path, protocol: str
    ) -> None:
        context = peers.server_context(pki.server, tmp_path, protocol="TLSv1_3")
        with peers.peer(peers.https(context)) as port:
            seen = probe(port, max_protocol=protocol)
        assert (seen["outcome"], seen["alert"]) == ("handshake_failed", "protocol_version")

    def test_a_server_that_is_too_old(self, probe: Probe, pki: Cast, tmp_path: Path) -> None:
        context = peers.server_context(pki.server, tmp_path, protocol="TLSv1_1")
        with peers.peer(peers.https(context)) as port:
            seen = probe(port)
        assert (seen["outcome"], seen["alert"]) == ("handshake_failed", "protocol_version")

    @pytest.mark.parametrize("python", ["own", "oldest"])
    def test_an_own_library_that_may_not(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, python: str) -> None:
        policy = tmp_path / "openssl.cnf"
        policy.write_text(
            "openssl_conf = a\n[a]\nssl_conf = b\n[b]\nsystem_default = c\n[c]\nProtocol = ALL, -TLSv1.3\n"
        )
        monkeypatch.setenv("OPENSSL_CONF", str(policy))
        with peers.peer(peers.silent) as port, contextlib.closing(Worker(interpreter(python))) as worker:
            seen = worker(host="localhost", port=port, min_protocol="TLSv1.3")
        assert seen["failed"] is True
        assert "cannot offer any of these protocols, which its own policy forbids" in seen["msg"]


class TestOtherPeers:
    def test_a_server_that_ends_the_handshake_without_a_word(self, probe: Probe) -> None:
        with peers.peer(peers.hang_up_at_hello) as port:
            seen = probe(port)
        assert (seen["outcome"], seen["alert"]) == ("handshake_failed", None)
        assert seen["msg"] == "The server ended the connection during the handshake, without an alert."

    @pytest.mark.parametrize(
        "behave",
        [peers.http(), peers.says(b"SSH-2.0-OpenSSH_9.2\r\n"), peers.says(b"2"), peers.says(b"\x16\x02" + b"\0" * 50)],
        ids=["http", "ssh", "one byte, then silence", "nearly TLS"],
    )
    def test_a_peer_that_speaks_no_tls(self, probe: Probe, behave: peers.Behaviour) -> None:
        with peers.peer(behave) as port:
            seen = probe(port, timeout=1.5)
        assert seen["outcome"] == "not_tls"
        assert seen["msg"] == "The peer answered the TLS greeting with something that is not TLS."

    def test_a_peer_that_never_answers_the_greeting(self, probe: Probe) -> None:
        with peers.peer(peers.silent) as port:
            seen = probe(port, timeout=0.5)
        assert (seen["outcome"], seen["msg"]) == ("timeout", "The handshake was not complete after 0.5 seconds.")
        assert 0.5 <= seen["elapsed"] < 60

    @pytest.mark.parametrize("plain", [True, False])
    def test_a_peer_that_never_answers_the_request(self, probe: Probe, server: ssl.SSLContext, *, plain: bool) -> None:
        with peers.peer(peers.silent if plain else peers.silent_after_handshake(server)) as port:
            seen = probe(port, timeout=2, plain=plain)
        assert seen["outcome"] == "no_reply"
        assert seen["msg"] == "Connected, but no whole answer came within 2 seconds."
        assert seen["protocol"] == (None if plain else "TLSv1.3")

    def test_a_peer_behind_tls_that_speaks_no_http(self, probe: Probe, server: ssl.SSLContext) -> None:
        with peers.peer(peers.https(server, b"hello\r\n")) as port:
            seen = probe(port)
        assert (seen["outcome"], seen["msg"]) == ("not_http", "The peer answered, but not in HTTP.")

    def test_a_closed_port(self, probe: Probe) -> None:
        with socket.socket() as reserved:
            reserved.bind(("127.0.0.1", 0))  # bound, not listening
            port = reserved.getsockname()[1]
            seen = probe(port, host="127.0.0.1")
        assert seen["outcome"] == "refused"
        assert seen["msg"] == f"No connection to 127.0.0.1 port {port}: it was refused."
        assert {name: seen[name] for name in NOTHING_SEEN} == NOTHING_SEEN

    def test_a_full_backlog_is_a_timeout(self, probe: Probe) -> None:
        with socket.socket() as busy:
            busy.bind(("127.0.0.1", 0))
            busy.listen(0)
            port = busy.getsockname()[1]
            with socket.create_connection(("127.0.0.1", port)), socket.socket() as second:
                second.setblocking(False)
                second.connect_ex(("127.0.0.1", port))
                time.sleep(0.2)
                seen = probe(port, host="127.0.0.1", timeout=1)
        assert (seen["outcome"], seen["address"]) == ("timeout", None)
        assert seen["msg"] == f"No connection to 127.0.0.1 port {port}: nothing answered in time."

    def test_a_peer_on_ipv6_alone(self, probe: Probe) -> None:
        if not socket.has_ipv6:
            pytest.skip("this host has no IPv6")
        with peers.peer(peers.http(), family=socket.AF_INET6) as port:
            seen = probe(port, host="::1", plain=True)
        assert (seen["outcome"], seen["address"]) == ("ok", "::1")


class TestClearText:
    def test_a_port_that_answers(self, probe: Probe) -> None:
        redirection = b"HTTP/1.1 302 Found\r\nLocation: https://localhost:5002/\r\nContent-Length: 0\r\n\r\n"
        with peers.peer(peers.http(redirection)) as port:
            seen = probe(port, plain=True)
        assert (seen["outcome"], seen["http"]["status"]) == ("ok", 302)
        assert seen["http"]["headers"]["location"] == "https://localhost:5002/"
        assert (seen["protocol"], seen["verified"]) == (None, None)

    def test_a_port_that_hangs_up(self, probe: Probe) -> None:
        with peers.peer(peers.hang_up_at_hello) as port:
            seen = probe(port, plain=True)
        assert (seen["outcome"], seen["alert"]) == ("closed", None)
        assert seen["msg"] == "The peer ended the connection without an answer to clear text."

    def test_a_port_that_answers_with_a_tls_alert(self, probe: Probe) -> None:
        with peers.peer(peers.says(b"\x15\x03\x01\x00\x02\x02\x46")) as port:
            seen = probe(port, plain=True, timeout=1)
        assert (seen["outcome"], seen["alert"]) in [("not_http", "protocol_version"), ("no_reply", "protocol_version")]


class TestRequests:
    def test_everything_is_sent(self, probe: Probe, server: ssl.SSLContext) -> None:
        request = {
            "method": "POST",
            "path": "/a?b=c%20d",
            "headers": {"Content-Type": "application/json", "X-N": 5},
            "body": "{}",
        }
        with peers.peer(peers.https_echo(server)) as port:
            seen = probe(port, request=request)
        lines = seen["http"]["body"].splitlines()
        assert lines[0] == "POST /a?b=c%20d HTTP/1.1"
        assert f"Host: localhost:{port}" in lines
        assert "Content-Type: application/json" in lines
        assert "X-N: 5" in lines
        assert "Content-Length: 2" in lines

    def test_a_large_body_goes_out_whole(self, probe: Probe, server: ssl.SSLContext) -> None:
        with peers.peer(peers.https(server)) as port:
            assert probe(port, request={"method": "POST", "body": "x" * 300000})["outcome"] == "ok"

    def test_credentials_come_back_in_no_form(self, probe: Probe, server: ssl.SSLContext) -> None:
        with peers.peer(peers.https_echo(server)) as port:
            seen = probe(port, request={"username": "cics", "password": PASSWORD})
        assert "Authorization: Basic ****" in seen["http"]["body"]
        assert PASSWORD not in json.dumps(seen)

    def test_secret_headers_and_bodies_come_back_in_no_form(self, probe: Probe, server: ssl.SSLContext) -> None:
        request = {"method": "POST", "secret_headers": {"X-API-Key": PASSWORD}, "secret_body": f"pin: {PASSWORD[::-1]}"}
        with peers.peer(peers.https_echo(server)) as port:
            seen = probe(port, request=request)
        assert "X-API-Key: ****" in seen["http"]["body"]
        assert PASSWORD not in json.dumps(seen)
        assert PASSWORD[::-1] not in json.dumps(seen)

    def test_a_token_comes_back_without_its_scheme_neither(self, probe: Probe, server: ssl.SSLContext) -> None:
        """As a server that looked at it shows it; here it stands in the path."""
        request = {"path": "/some.token", "secret_headers": {"Authorization": "Bearer some.token"}}
        with peers.peer(peers.https_echo(server)) as port:
            seen = probe(port, request=request)
        assert seen["http"]["body"].startswith("GET /********")
        assert "some.token" not in json.dumps(seen)

    @pytest.mark.parametrize(
        "request_",
        [
            {"headers": {"X-API-Key": PASSWORD}},
            {"headers": {"Authorization": f"Bearer {PASSWORD}"}},
            {"body": f"client_secret={PASSWORD}"},
            {"path": f"/?access_token={PASSWORD}"},
        ],
    )
    def test_a_misplaced_secret_is_refused_and_not_shown(self, probe: Probe, request_: dict[str, Any]) -> None:
        failed = probe(1, request=request_)
        assert "would be logged" in failed["msg"]
        assert PASSWORD not in json.dumps(failed)

    @pytest.mark.parametrize("name", ["ca", "client_certificate", "client_key"])
    def test_a_text_in_place_of_a_path_is_not_shown(self, probe: Probe, name: str) -> None:
        key = f"-----BEGIN PRIVATE KEY-----\n{PASSWORD}\n-----END PRIVATE KEY-----\n"
        # What the tests give by default would be a second form of the authorities.
        failed = probe(1, **{"ca_content": None, f"{name}_path": key})
        assert failed["msg"] == f"{name}_path: is the text of a file and not its path; give it as {name}_content."
        assert PASSWORD not in json.dumps(failed)

    def test_a_host_that_holds_a_password_is_not_shown(self, probe: Probe) -> None:
        failed = probe(1, host=f"https://user:{PASSWORD}@host")
        assert failed["msg"] == "host is an address of the web: give the name or the IP address of a host alone."

    def test_a_long_body_is_cut(self, probe: Probe, server: ssl.SSLContext) -> None:
        answer = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + b"x" * 100000
        with peers.peer(peers.https(server, answer)) as port:
            http = probe(port, request={})["http"]
        assert (len(http["body"]), http["body_truncated"]) == (65536, True)


class TestExpectations:
    def test_an_unwelcome_outcome_fails_with_all_results(self, probe: Probe) -> None:
        with peers.peer(peers.http()) as port:
            seen = probe(port, plain=True, expect=["closed", "not_http"])
        assert seen["failed"] is True
        assert seen["msg"] == (
            "The server answered with HTTP status 200. The outcome is ok, expected was closed or not_http."
        )
        assert seen["http"]["status"] == 200

    def test_an_unwelcome_status_fails(self, probe: Probe) -> None:
        with peers.peer(peers.http()) as port:
            seen = probe(port, plain=True, expect_status=[302])
        assert (seen["failed"], seen["msg"]) == (True, "The server answered with HTTP status 200. Expected was 302.")

    def test_two_forms_of_one_thing_are_refused(self, probe: Probe) -> None:
        seen = probe(1, ca_path="/tmp/ca.pem")
        said = "zosconnect.security.tls_probe: parameters are mutually exclusive: ca_content|ca_path"
        assert (seen["failed"], seen["msg"]) == (True, said)


class TestMany:
    """Many probes in one call."""

    def test_they_go_side_by_side_and_come_in_order(self, worker: Worker, pki: Cast, server: ssl.SSLContext) -> None:
        all_there = threading.Barrier(9)

        def slow(connection: socket.socket) -> None:
            all_there.wait(30)
            peers.https(server)(connection)

        with peers.peer(slow) as port, peers.peer(peers.http()) as open_port:
            probes = [tls("one", port, pki), clear("two", open_port), *(tls(f"n{n}", port, pki) for n in range(8))]
            seen = worker(probes=probes)
        assert [one["name"] for one in seen["probes"]] == [one["name"] for one in probes]
        assert {one["outcome"] for one in seen["probes"]} == {"ok"}
        assert [one["protocol"] for one in seen["probes"][:2]] == ["TLSv1.3", None]
        assert (seen.get("failed"), seen["changed"]) == (None, False)

    def test_those_that_are_not_as_expected_are_told_and_all_results_are_there(self, worker: Worker, pki: Cast) -> None:
        with peers.peer(peers.http()) as port:
            probes = [
                clear("good", port),
                clear("bad", port, expect_status=[302]),
                tls("worse", port, pki, expect=["ok"]),
            ]
            seen = worker(probes=probes)
        assert seen["failed"] is True
        assert seen["msg"] == (
            "probes[1] (bad): The server answered with HTTP status 200. Expected was 302. probes[2] (worse): The peer "
            "answered the TLS greeting with something that is not TLS. The outcome is not_tls, expected was ok."
        )
        assert [one.get("failed", False) for one in seen["probes"]] == [False, True, True]

    def test_what_is_not_as_expected_is_repeated_and_nothing_else(self, worker: Worker) -> None:
        calls: dict[str, int] = {"late": 0, "good": 0}

        def count(name: str, deaf: int) -> peers.Behaviour:
            def behave(connection: socket.socket) -> None:
                calls[name] += 1
                if calls[name] > deaf:
                    peers.http()(connection)

            return behave

        with peers.peer(count("late", 2)) as late, peers.peer(count("good", 0)) as good:
            probes = [clear("late", late, expect=["ok"]), clear("good", good, expect=["ok"])]
            assert worker(probes=probes)["msg"].startswith(
                "probes[0] (late): The peer ended the connection without an answer"
            )
            seen = worker(probes=probes, wait_seconds=30)
        assert seen.get("failed") is None
        assert calls == {"late": 3, "good": 2}

    def test_patience_ends(self, worker: Worker) -> None:
        with peers.peer(peers.http()) as port:
            begun = time.monotonic()
            seen = worker(host="localhost", port=port, plain=True, expect=["refused"], wait_seconds=2)
        assert (seen["failed"], time.monotonic() - begun > 1) == (True, True)

    @pytest.mark.parametrize(
        ("options", "said"),
        [
            ({"server_name": "h", "probes": []}, "server_name: is given beside probes; give it to each of them."),
            ({"probes": [], "wait_seconds": 3601}, "wait_seconds must be from 0 to 3600."),
            ({"probes": [], "wait_seconds": -1}, "wait_seconds must be from 0 to 3600."),
            (
                {"probes": [{"name": "a", "host": "h", "port": 1}, {"name": "b", "host": "", "port": 1}]},
                "probes[1] (b): host is empty: give a name or an address.",
            ),
            (
                {"probes": [{"name": "a", "host": "localhost", "port": 1, "server_name": ".example"}]},
                "probes[0] (a): server_name: '.example' cannot be the name of a server.",
            ),
            (
                {"probes": [{"name": "a", "host": "h", "port": 1}, {"name": "b", "port": 1}], "prefix": "my_"},
                "my_probes[1] (b): missing required arguments: host",
            ),
            ({"probes": [{"host": "h", "port": 1}]}, "probes[0]: missing required arguments: name"),
            ({}, "zosconnect.security.tls_probe: one of the following is required: host, probes"),
            ({"host": "h"}, "zosconnect.security.tls_probe: parameters are required together: host, port"),
        ],
    )
    def test_wrong_input(self, worker: Worker, options: dict[str, Any], said: str) -> None:
        with peers.peer(peers.silent) as port:
            for probe in options.get("probes", []):
                probe["port"] = port
            failed = worker(**options)
        assert (failed["failed"], failed["msg"]) == (True, said)

    def test_credentials_of_one_come_back_from_no_other(
        self, worker: Worker, pki: Cast, server: ssl.SSLContext
    ) -> None:
        with peers.peer(peers.https_echo(server)) as port:
            secret = tls("one", port, pki, request={"username": "u", "password": PASSWORD})
            seen = worker(probes=[secret, tls("two", port, pki, request={"path": f"/{PASSWORD}"})])
        assert [one["outcome"] for one in seen["probes"]] == ["ok", "ok"]
        assert PASSWORD not in json.dumps(seen)


def tls(name: str, port: int, pki: Cast, **options: Any) -> dict[str, Any]:
    return {"name": name, "host": "localhost", "port": port, "ca_content": pki.root.root_pem, "timeout": 20, **options}


def clear(name: str, port: int, **options: Any) -> dict[str, Any]:
    return {"name": name, "host": "localhost", "port": port, "plain": True, "timeout": 20, **options}


WANTED = {"required": 'clientAuthentication="true"', "supported": 'clientAuthenticationSupported="true"'}


def update(liberty: Liberty, content: str) -> None:
    """Change the server and leave its ports alone until they are open again."""
    said = liberty.update(BARE_SERVER_XML.read_text(encoding="utf-8").replace("</server>", f"{content}</server>"))
    assert said.applied, said.text
    liberty.settle()


@pytest.fixture(scope="module")
def ports(liberty: Liberty, pki: Cast, tmp_path_factory: pytest.TempPathFactory) -> dict[str, int]:
    """Three ports that differ in `ssl` alone; that of the last does not exist, and Liberty takes its default."""
    folder = tmp_path_factory.mktemp("stores")
    (folder / "default.p12").write_bytes(pki.stranger.pkcs12(alias="default", password="secret"))
    (folder / "keys.p12").write_bytes(pki.server.pkcs12(alias="server", password="secret"))
    (folder / "trust.p12").write_bytes(pki.root.java_truststore("secret"))
    stores = f"""
        <keyStore id="defaultKeyStore" location="{folder}/default.p12" password="secret"/>
        <keyStore id="probeKeys" location="{folder}/keys.p12" password="secret"/>
        <keyStore id="probeTrust" location="{folder}/trust.p12" password="secret"/>"""
    configurations = "".join(
        f'<ssl id="{name}" keyStoreRef="probeKeys" trustStoreRef="probeTrust" {attributes}/>'
        for name, attributes in WANTED.items()
    )
    ports = {name: free_port() for name in [*WANTED, "dangling"]}
    endpoints = "".join(
        f'<httpEndpoint id="{name}" httpPort="-1" httpsPort="{port}"><sslOptions sslRef="{name}"/></httpEndpoint>'
        for name, port in ports.items()
    )
    update(liberty, stores + configurations)
    update(liberty, stores + configurations + endpoints)
    return ports


class TestLiberty:
    """What a real Liberty does with a client."""

    def test_the_right_certificate_is_accepted(self, probe: Probe, pki: Cast, ports: dict[str, int]) -> None:
        for protocol in ("TLSv1.2", "TLSv1.3"):
            seen = probe(ports["required"], max_protocol=protocol, **identity(pki.mapped))
            assert (seen["outcome"], seen["protocol"], seen["verified"]) == ("ok", protocol, True)
            assert seen["client_certificate_requested"] is True
            assert seen["peer_certificates"][0]["fingerprint_sha256"] == colons(pki.server)

    @pytest.mark.parametrize("client", ["none", "stranger"])
    def test_any_other_client_is_refused(self, probe: Probe, pki: Cast, ports: dict[str, int], client: str) -> None:
        options = identity(pki.stranger) if client == "stranger" else {}
        older = probe(ports["required"], max_protocol="TLSv1.2", **options)
        newer = probe(ports["required"], **options)
        assert (older["outcome"], older["client_certificate_requested"]) == ("handshake_failed", True)
        assert (newer["outcome"], newer["protocol"]) == ("closed_after_handshake", "TLSv1.3")
        assert newer["msg"].endswith("it had asked for a client certificate.")

    def test_a_port_that_does_without(self, probe: Probe, pki: Cast, ports: dict[str, int]) -> None:
        seen = probe(ports["supported"])
        assert (seen["outcome"], seen["client_certificate_requested"]) == ("ok", True)
        assert probe(ports["supported"], **identity(pki.stranger))["outcome"] == "closed_after_handshake"

    def test_clear_text_is_refused(self, probe: Probe, ports: dict[str, int]) -> None:
        assert probe(ports["required"], plain=True)["outcome"] == "closed"

    def test_an_old_protocol_is_refused(self, probe: Probe, ports: dict[str, int]) -> None:
        assert probe(ports["required"], max_protocol="TLSv1.1")["outcome"] == "handshake_failed"

    def test_the_silent_fall_back_to_the_default_certificate_shows(
        self, probe: Probe, pki: Cast, ports: dict[str, int]
    ) -> None:
        assert probe(ports["dangling"])["outcome"] == "untrusted"
        seen = probe(ports["dangling"], validate_certs=False)
        assert (seen["outcome"], seen["client_certificate_requested"]) == ("ok", False)
        assert seen["peer_certificates"][0]["fingerprint_sha256"] == colons(pki.stranger)


PLAYBOOK = """
- hosts: localhost
  connection: local
  gather_facts: false
  tasks:
    - zosconnect.security.tls_probe: {options}
      register: seen
    - ansible.builtin.assert:
        that: seen.outcome == 'ok' and seen.http.status == 200 and seen is not changed
"""


@pytest.mark.ansible
@pytest.mark.both_cores
@pytest.mark.parametrize("check", [[], ["--check"]], ids=["run", "check mode"])
@pytest.mark.parametrize("python", ["own", "oldest"])
def test_a_playbook_uses_it_and_nothing_shows_a_secret(
    pki: Cast, server: ssl.SSLContext, tmp_path: Path, python: str, check: list[str]
) -> None:
    options = {
        "host": "localhost",
        "ca_content": pki.root.root_pem,
        **identity(pki.mapped),
        "client_key_content": pki.mapped.key_pem(PASSPHRASE),
        "client_key_passphrase": PASSPHRASE,
        "request": {"username": "cics", "password": PASSWORD},
        "expect": ["ok"],
        "expect_status": [200],
    }
    key_line = options["client_key_content"].splitlines()[2]
    playbook = tmp_path / "play.yml"
    context = peers.asking(server, pki.root.root_pem, ssl.CERT_REQUIRED)
    with peers.peer(peers.https_echo(context)) as port:
        playbook.write_text(PLAYBOOK.format(options=json.dumps({**options, "port": port})))
        done = subprocess.run(
            [Path(sys.executable).with_name("ansible-playbook"), "-vvv", *check, "-i", "localhost,"]
            + ["-e", f"ansible_python_interpreter={interpreter(python)}", playbook],
            env={**os.environ, "ANSIBLE_LOCALHOST_WARNING": "false", "ANSIBLE_HOME": str(tmp_path / "home")},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    output = done.stdout + done.stderr
    assert done.returncode == 0, output
    assert '"client_certificate_requested": true' in output
    for secret in (PASSWORD, PASSPHRASE, key_line):
        assert secret not in output
