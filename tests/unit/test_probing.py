# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the probe concludes without any network."""

from __future__ import annotations

import os
import socket
import ssl
import stat
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zosconnect.security.plugins.action import tls_probe as tls_probe_action
from ansible_collections.zosconnect.security.plugins.module_utils import (
    connecting,
    lost,
    probing,
    probing_many,
    probing_tls,
)
from ansible_collections.zosconnect.security.plugins.module_utils.probing_http import ProbeError
from ansible_collections.zosconnect.security.plugins.module_utils.probing_tls import (
    Material,
    TlsMaterial,
    Witness,
    alert_name,
    make_context,
)
from ansible_collections.zosconnect.security.plugins.modules import target_probe, tls_probe
from tests.liberty.pki import Authority, Issued

TLS12, TLS13 = 0x0303, 0x0304
ALERT, HANDSHAKE = 21, 22
PASSPHRASE = "open sesame"


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority(key_type="ec")


@pytest.fixture(scope="module")
def client(authority: Authority) -> Issued:
    return authority.issue("client", key_type="ec")


def given_as(option: str, content: str) -> Material:
    return Material(option=f"{option}_content", content=content)


def refusal(**want: Any) -> str:
    with pytest.raises(ProbeError) as caught:
        make_context(TlsMaterial(server_name="server", **want))
    return str(caught.value)


# Protocols


@pytest.mark.parametrize(
    ("oldest", "newest", "minimum", "maximum"),
    [
        (None, None, "TLSv1_2", "TLSv1_3"),
        (None, "TLSv1.2", "TLSv1_2", "TLSv1_2"),
        (None, "TLSv1.1", "TLSv1_1", "TLSv1_1"),
        ("TLSv1", None, "TLSv1", "TLSv1_3"),
        ("TLSv1.3", None, "TLSv1_3", "TLSv1_3"),
    ],
)
def test_the_range_of_protocols(oldest: str | None, newest: str | None, minimum: str, maximum: str) -> None:
    context = make_context(TlsMaterial(server_name="server", min_protocol=oldest, max_protocol=newest))
    assert context.minimum_version == ssl.TLSVersion[minimum]
    assert context.maximum_version == ssl.TLSVersion[maximum]


def test_a_range_with_nothing_in_it_is_refused() -> None:
    sentence = "min_protocol TLSv1.3 is newer than max_protocol TLSv1.2: nothing lies between them."
    assert refusal(min_protocol="TLSv1.3", max_protocol="TLSv1.2") == sentence


def test_a_protocol_that_the_own_library_has_not_got_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ssl, "HAS_TLSv1_1", False)
    sentence = (
        f"{ssl.OPENSSL_VERSION} of the host that probes cannot speak TLSv1.1: ask from another host, or leave it out."
    )
    assert refusal(min_protocol="TLSv1") == sentence


# Certificates and keys


def test_text_with_words_around_the_certificates_is_fine(authority: Authority) -> None:
    text = f"Größe: beliebig\n{authority.root_pem}\nund Ende"
    context = make_context(TlsMaterial(server_name="server", ca=given_as("ca", text)))
    assert len(context.get_ca_certs()) == 1


def test_what_is_no_certificate_is_refused() -> None:
    sentence = "ca_content holds no PEM certificate (-----BEGIN CERTIFICATE-----)."
    assert refusal(ca=given_as("ca", "hello")) == sentence


def test_a_key_among_the_authorities_is_refused(client: Issued, tmp_path: Path) -> None:
    bundle = client.certificate_pem + client.key_pem()
    sentence = "ca_content holds a private key; give the certificates alone here, and the key of a client as client_key_content."
    assert refusal(ca=given_as("ca", bundle)) == sentence
    path = tmp_path / "bundle.pem"
    path.write_text(bundle)
    # What a file holds is not shown anywhere.
    make_context(TlsMaterial(server_name="server", ca=Material(option="ca_path", path=str(path))))


def test_a_damaged_certificate_is_refused(authority: Authority) -> None:
    lines = authority.root_pem.splitlines()
    del lines[2]
    assert refusal(ca=given_as("ca", "\n".join(lines))).startswith("ca_content holds a damaged certificate: ")


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    path = str(tmp_path / "none.pem")
    sentence = f"ca_path: {path}: cannot be read: No such file or directory."
    assert refusal(ca=Material(option="ca_path", path=path)) == sentence


def test_a_directory_is_named(tmp_path: Path) -> None:
    sentence = f"ca_path: {tmp_path}: is a directory; name the file."
    assert refusal(ca=Material(option="ca_path", path=str(tmp_path))) == sentence


def test_without_verification_no_authority_is_read() -> None:
    context = make_context(TlsMaterial(server_name="server", validate=False, ca=given_as("ca", "hello")))
    assert context.verify_mode == ssl.CERT_NONE


def test_a_key_without_a_certificate_is_refused(client: Issued) -> None:
    sentence = "client_key_content is given without a client certificate: give both."
    assert refusal(key=given_as("client_key", client.key_pem())) == sentence


def test_a_certificate_without_a_key_is_refused(client: Issued) -> None:
    sentence = "client_certificate_content holds no PEM private key; the client certificate cannot be used without it."
    assert refusal(certificate=given_as("client_certificate", client.certificate_pem)) == sentence


def identity(client: Issued, key: str, passphrase: str | None = None) -> dict[str, Any]:
    return {
        "certificate": given_as("client_certificate", client.certificate_pem),
        "key": given_as("client_key", key),
        "passphrase": passphrase,
    }


def test_a_key_that_is_none_is_refused(client: Issued) -> None:
    sentence = "client_key_content holds no PEM private key; the client certificate cannot be used without it."
    assert refusal(**identity(client, "hello")) == sentence


def test_a_damaged_key_is_refused(client: Issued) -> None:
    lines = client.key_pem().splitlines()
    del lines[1]
    sentence = refusal(**identity(client, "\n".join(lines)))
    assert sentence.startswith("client_certificate_content and client_key_content cannot be used: ")


def test_a_key_of_another_certificate_is_refused(authority: Authority, client: Issued) -> None:
    other = authority.issue("other", key_type="ec")
    sentence = "client_key_content does not belong to client_certificate_content: give the key of that certificate."
    assert refusal(**identity(client, other.key_pem())) == sentence


def test_a_key_of_another_kind_is_refused(authority: Authority, client: Issued) -> None:
    other = authority.issue("other", key_type="rsa")
    sentence = "client_key_content does not belong to client_certificate_content: give the key of that certificate."
    assert refusal(**identity(client, other.key_pem())) == sentence


def test_an_encrypted_key_needs_its_passphrase(client: Issued) -> None:
    sentence = "client_key_content is encrypted: give client_key_passphrase."
    assert refusal(**identity(client, client.key_pem(PASSPHRASE))) == sentence


@pytest.mark.parametrize("passphrase", ["wrong", "x" * 2000, "\udcff"])
def test_a_wrong_passphrase_is_refused_and_not_shown(client: Issued, passphrase: str) -> None:
    sentence = refusal(**identity(client, client.key_pem(PASSPHRASE), passphrase))
    assert sentence == "client_key_passphrase does not open client_key_content."


def test_the_right_passphrase_opens_the_key(client: Issued) -> None:
    assert make_context(TlsMaterial(server_name="server", **identity(client, client.key_pem(PASSPHRASE), PASSPHRASE)))


def test_certificate_and_key_may_come_in_one_text(client: Issued) -> None:
    both = given_as("client_certificate", client.certificate_pem + client.key_pem())
    assert make_context(TlsMaterial(server_name="server", certificate=both))


def test_text_is_in_a_file_of_its_owner_only_for_the_moment(tmp_path: Path) -> None:
    material = given_as("client_key", "secret")
    with material.as_file(scratch=str(tmp_path)) as path:
        assert Path(path).parent == tmp_path
        assert Path(path).read_text() == "secret"
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert list(tmp_path.iterdir()) == []


def test_nothing_stays_behind_when_the_key_is_refused(client: Issued, tmp_path: Path) -> None:
    refusal(**identity(client, client.key_pem(PASSPHRASE)), scratch=str(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_a_key_in_a_file_is_what_was_read(client: Issued, tmp_path: Path) -> None:
    """Whoever owns the directory could exchange the file before OpenSSL opens it by its path."""
    path, scratch = tmp_path / "key.pem", tmp_path / "scratch"
    path.write_text(client.key_pem())
    scratch.mkdir()
    with Material(option="client_key_path", path=str(path)).as_file(scratch=str(scratch)) as used:
        assert (Path(used).parent, Path(used).read_text()) == (scratch, client.key_pem())
        assert stat.S_IMODE(os.stat(used).st_mode) == 0o600
    assert list(scratch.iterdir()) == []


# What the peer's messages tell


def witness(*messages: tuple[int, int, bytes]) -> Witness:
    seen = Witness()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    seen.watch(context)
    for version, content, data in messages:
        context._msg_callback(None, "read", version, content, data[0], data)
        context._msg_callback(None, "write", version, content, data[0], b"\x0d")
    return seen


def handshake(kind: int, body: bytes = b"") -> bytes:
    return bytes([kind]) + len(body).to_bytes(3, "big") + body


def vector(data: bytes, size: int) -> bytes:
    return len(data).to_bytes(size, "big") + data


@pytest.mark.parametrize(
    ("messages", "complete", "requested"),
    [
        ([], True, None),
        ([], False, None),
        ([(TLS12, HANDSHAKE, handshake(2))], False, None),
        ([(TLS12, HANDSHAKE, handshake(2)), (TLS12, HANDSHAKE, handshake(11))], False, None),
        ([(TLS12, HANDSHAKE, handshake(2)), (TLS12, HANDSHAKE, handshake(14))], False, False),
        ([(TLS12, HANDSHAKE, handshake(2))], True, False),
        ([(TLS12, HANDSHAKE, handshake(13))], False, True),
        ([(TLS13, HANDSHAKE, handshake(8))], False, None),
        ([(TLS13, HANDSHAKE, handshake(8)), (TLS13, HANDSHAKE, handshake(11))], False, False),
    ],
)
def test_whether_a_client_certificate_was_requested(
    messages: list[tuple[int, int, bytes]], *, complete: bool, requested: bool | None
) -> None:
    assert witness(*messages).client_certificate_requested(complete=complete) is requested


@given(chain=st.lists(st.binary(max_size=40), max_size=5), newer=st.booleans())
def test_the_chain_is_read_from_the_certificate_message(*, chain: list[bytes], newer: bool) -> None:
    if newer:
        entries = b"".join(vector(certificate, 3) + vector(b"ext", 2) for certificate in chain)
        message = (TLS13, HANDSHAKE, handshake(11, vector(b"ctx", 1) + vector(entries, 3)))
    else:
        entries = b"".join(vector(certificate, 3) for certificate in chain)
        message = (TLS12, HANDSHAKE, handshake(11, vector(entries, 3)))
    assert witness(message).chain == chain


@given(st.binary(max_size=60), st.sampled_from([TLS12, TLS13]))
def test_a_damaged_certificate_message_crashes_nothing(body: bytes, version: int) -> None:
    assert witness((version, HANDSHAKE, handshake(11, body))).chain is not None


def test_the_chain_is_unknown_when_its_message_was_not_seen() -> None:
    assert witness().chain is None


def test_the_last_complaint_is_the_alert() -> None:
    good_bye, failure, required = (TLS13, ALERT, b"\1\0"), (TLS13, ALERT, b"\2\x28"), (TLS13, ALERT, b"\2\x74")
    assert witness().alert is None
    assert witness(good_bye).alert is None
    assert witness(failure, required, good_bye).alert == "certificate_required"
    assert alert_name(255) == "alert_255"


def test_alert_names_are_those_of_python_where_it_has_them() -> None:
    known = {alert.value: alert.name.removeprefix("ALERT_DESCRIPTION_").lower() for alert in ssl.AlertDescription}
    del known[0]
    renamed = {90: "user_canceled"}  # Python spells it with two l
    assert {code: alert_name(code) for code in known} == known | renamed


# What the network tells


def give_addresses(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [(0, 0, 0, "", ("::", 1))] * count)


@pytest.mark.parametrize(
    ("failures", "outcome"),
    [
        ([ConnectionRefusedError()], "refused"),
        ([TimeoutError("timed out")], "timeout"),
        ([OSError(113, "No route to host")], "unreachable"),
        ([OSError(97, "Address family not supported"), ConnectionRefusedError()], "refused"),
        ([ConnectionRefusedError(), TimeoutError("timed out")], "timeout"),
        ([TimeoutError("timed out"), ConnectionRefusedError()], "timeout"),
    ],
)
def test_of_several_addresses_the_one_that_hides_most_decides(
    failures: list[OSError], outcome: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = list(failures)

    def fail(address: tuple[Any, ...], seconds: float) -> socket.socket:
        raise left.pop(0)

    give_addresses(monkeypatch, len(failures))
    monkeypatch.setattr(connecting, "_connect_to", fail)
    report = probing.probe(probing.Probe(host="server", port=1, tls=None))
    assert report.outcome == outcome
    assert report.msg.startswith("No connection to server port 1: ")


def test_time_is_shared_among_the_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    times = []

    def fail(address: tuple[Any, ...], seconds: float) -> socket.socket:
        times.append(seconds)
        raise TimeoutError("timed out")

    give_addresses(monkeypatch, 2)
    monkeypatch.setattr(connecting, "_connect_to", fail)
    probing.probe(probing.Probe(host="server", port=1, tls=None, timeout=10))
    assert times == pytest.approx([5, 10], abs=0.5)


@pytest.mark.parametrize("host", ["does-not-exist.invalid", "a" * 64 + ".example", "nul\0byte"])
def test_a_host_without_an_address(host: str) -> None:
    report = probing.probe(probing.Probe(host=host, port=1, tls=None))
    assert report.outcome == "unresolved"
    assert report.msg.startswith(f"The host that probes finds no address of {host}: ")


# The module's own judgement


def params(**changes: Any) -> dict[str, Any]:
    spec = tls_probe_action._PROBE
    return {name: option.get("default") for name, option in spec.items()} | {"host": "server", "port": 443} | changes


BASIC = {"method": "GET", "path": "/", "headers": {}, "username": "u", "password": "p", "body": None}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"port": 0}, "port: 0 is not a TCP port; give one from 1 to 65535."),
        ({"port": 65536}, "port: 65536 is not a TCP port; give one from 1 to 65535."),
        ({"host": ""}, "host is empty: give a name or an address."),
        ({"timeout": 0.0}, "timeout must be more than 0 seconds and at most 3600."),
        ({"timeout": float("nan")}, "timeout must be more than 0 seconds and at most 3600."),
        ({"timeout": float("inf")}, "timeout must be more than 0 seconds and at most 3600."),
        (
            {"client_key_passphrase": ""},
            "client_key_passphrase: is empty; give it, or leave the option out.",
        ),
        *(
            ({option: mark}, f"{option}: {lost.sentence(mark)}")
            for option in ("client_key_content", "client_key_passphrase")
            for mark in lost.LOST_SECRETS
        ),
        (
            {"request": BASIC | {"password": ""}},
            "request.password: is empty; give it, or leave the option out.",
        ),
        (
            {"request": BASIC | {"password": "********"}},
            "request.password: the secret is a redaction mark (********), so it comes from an output; give the real one.",
        ),
        ({"scan": True, "plain": True}, "scan is about TLS and plain about clear text: leave one of them out."),
        (
            {"request": BASIC, "plain": True},
            "request.password is not sent to this server: plain would send it readable.",
        ),
        (
            {"request": {"secret_headers": {"X-API-Key": "k"}}, "plain": True},
            "request.secret_headers is not sent to this server: plain would send it readable.",
        ),
        (
            {"request": {"secret_body": "k"}, "validate_certs": False},
            "request.secret_body is not sent to this server: validate_certs is false, so anyone may answer.",
        ),
        (
            {"request": BASIC, "validate_certs": False},
            "request.password is not sent to this server: validate_certs is false, so anyone may answer.",
        ),
    ],
)
def test_wrong_input_is_refused(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ProbeError) as caught:
        target_probe.want(params(**changes), scratch="/nonexistent")
    assert str(caught.value) == sentence


def test_the_name_to_verify_is_the_host_unless_given() -> None:
    want = target_probe.want(params(), scratch="")
    assert want.tls is not None
    assert want.tls.server_name == "server"
    want = target_probe.want(params(server_name="other"), scratch="")
    assert want.tls is not None
    assert want.tls.server_name == "other"


OK = {"status": 404}


@pytest.mark.parametrize(
    ("expect", "expect_status", "outcome", "http", "sentence"),
    [
        (None, None, "timeout", None, None),
        (["ok"], None, "ok", OK, None),
        (["refused", "closed"], None, "ok", OK, "Seen. The outcome is ok, expected was refused or closed."),
        (None, [404], "ok", OK, None),
        (None, [200, 401], "ok", OK, "Seen. Expected was 200 or 401."),
        (None, [404], "refused", None, "Seen. The outcome is refused, expected was ok."),
        (["ok", "refused"], [404], "refused", None, None),
        (["ok", "refused"], [200], "ok", OK, "Seen. Expected was 200."),
    ],
)
def test_expectations(
    expect: list[str] | None,
    expect_status: list[int] | None,
    outcome: str,
    http: dict[str, Any] | None,
    sentence: str | None,
) -> None:
    report = probing.Report(outcome=outcome, msg="Seen.", http=http)
    given = params(expect=expect, expect_status=expect_status)
    differences = probing_many.differences(report, target_probe.wanted(given))
    assert tls_probe_action._complaint(given, vars(report), differences) == sentence


SERVED = {"fingerprint_sha256": "aa:bb"}


@pytest.mark.parametrize(
    ("wanted", "different"),
    [
        ({}, []),
        ({"outcomes": ("ok", "closed")}, []),
        ({"outcomes": ("closed",)}, ["outcome"]),
        ({"statuses": (404,)}, []),
        ({"statuses": (200,)}, ["status"]),
        ({"client_certificate_requested": True}, []),
        ({"client_certificate_requested": False}, ["client_certificate_requested"]),
        ({"text": "found"}, []),
        ({"text": "lost"}, ["text"]),
        ({"certificates": ("cc:dd", "aa:bb")}, []),
        ({"certificates": ("cc:dd",)}, ["certificate"]),
        ({"statuses": (200,), "certificates": ("cc:dd",)}, ["status", "certificate"]),
    ],
)
def test_what_is_not_as_wanted(wanted: dict[str, Any], different: list[str]) -> None:
    report = probing.Report(
        http={"status": 404, "body": "not found"}, client_certificate_requested=True, peer_certificates=[SERVED]
    )
    assert probing_many.differences(report, probing_many.Wanted(**wanted)) == different


def test_of_a_port_that_did_not_answer_nothing_is_as_wanted_but_its_status() -> None:
    wanted = probing_many.Wanted(
        ("refused",), (200,), client_certificate_requested=False, text="t", certificates=("aa",)
    )
    report = probing.Report(outcome="refused")
    assert probing_many.differences(report, wanted) == ["client_certificate_requested", "text", "certificate"]


def test_many_that_are_in_order_are_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def answer(want: probing.Probe) -> probing.Report:
        asked.append(want.host)
        return probing.Report(msg=want.host)

    monkeypatch.setattr(probing_many, "probe", answer)
    probes = [probing.Probe(host=f"h{number}", port=1, tls=None) for number in range(40)]
    reports = probing_many.watch([(one, probing_many.Wanted(("ok",))) for one in probes], seconds=60)
    assert [report.msg for report in reports] == [one.host for one in probes] == sorted(asked, key=lambda h: int(h[1:]))
    assert [report.msg for report in probing_many.probe_all(probes)] == [one.host for one in probes]
    assert probing_many.watch([], seconds=60) == []


def test_the_first_of_many_that_is_at_fault_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(want: probing.Probe) -> probing.Report:
        if want.port > 2:
            raise ProbeError(f"fault of {want.port}")
        return probing.Report()

    monkeypatch.setattr(probing_many, "probe", answer)
    with pytest.raises(ProbeError, match="fault of 3") as caught:
        probing_many.probe_all([probing.Probe(host="h", port=port, tls=None) for port in (1, 2, 3, 4)])
    assert caught.value.number == 2


def test_the_documentation_lists_the_outcomes_and_protocols_that_exist() -> None:
    options = yaml.safe_load(tls_probe.DOCUMENTATION)["options"]
    returned = yaml.safe_load(tls_probe.RETURN)
    assert tuple(options["expect"]["choices"]) == probing.OUTCOMES
    assert tuple(options["min_protocol"]["choices"]) == probing_tls.PROTOCOLS
    assert set(returned) == {*vars(probing.Report()), "probes", "findings"}
    assert all(f"V({outcome})" in "".join(returned["outcome"]["description"]) for outcome in probing.OUTCOMES)
