# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Greetings made by hand, answers as servers send them and as nobody should, and what a scan concludes from them."""

from __future__ import annotations

import contextlib
import itertools
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zosconnect.security.plugins.action import tls_probe as tls_probe_action
from ansible_collections.zosconnect.security.plugins.module_utils import named_groups, probing_many, probing_scan
from ansible_collections.zosconnect.security.plugins.module_utils.named_groups import CURVES, GROUPS, HYBRID
from ansible_collections.zosconnect.security.plugins.module_utils.probing import Probe, Report
from ansible_collections.zosconnect.security.plugins.module_utils.probing_hello import (
    LARGEST,
    VERSIONS,
    Answer,
    Hello,
)
from ansible_collections.zosconnect.security.plugins.module_utils.probing_scan import Port, Scan, Taken, scan_all
from ansible_collections.zosconnect.security.plugins.module_utils.probing_tls import TlsMaterial
from tests.growth import grows

RANDOM = bytes(range(96))
SCHEMES = "000d002400220403050306030804080508060809080a080b08070808040105010601020302010202"
# What OpenSSL 3.0.19 and OpenJDK 17.0.15 sent; RFC 8446 and RFC 5246 say what it is.
RETRY = bytes.fromhex(
    "1603030058020000540303cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c20202122232425262728292a2b2c"
    "2d2e2f303132333435363738393a3b3c3d3e3f130200000c002b0002030400330002001d140303000101"
)
RETRY_OF_JAVA = bytes.fromhex(
    "16030300c1020000bd0303cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c20202122232425262728292a2b2c"
    "2d2e2f303132333435363738393a3b3c3d3e3f1302000075002b00020304002c006500631302692e5b1e113f0bf902c957226277dd98899644"
    "196d218a560988105d4020dfd13c9487b6d9f066a3e3e386f75d42595280dab7807802a6a7e72a3b013fe6643ea0db39c438d1ef802ac40b9a"
    "974c8d3a2f754ae3138700be88bbc7490caa2ed16f00330002001d"
)
REFUSED_BY_JAVA = bytes.fromhex("1503030002020a")
HELLO_13 = bytes.fromhex(
    "160303007a02000076030310e6151d9e4fa2a0016163c8a8e26161424845c6285818e6e515dbdc14bea5ec20202122232425262728292a2b2c"
    "2d2e2f303132333435363738393a3b3c3d3e3f130200002e002b0002030400330024001d00204227b20e5be3d9bb27bc42fb984017aae6ee64"
    "d04d5f2b61895f3afc43e583401403030001011703030017dd7acddf27fb372aeba4be7e48c4bd7e9e828f91dea3e3170303018e10"
)
REFUSED = bytes.fromhex("15030300020228")
HELLO_12 = bytes.fromhex(
    "160303005d020000590303cd745e0eb89b79de2cb4ea27dd8cc25a6e96f13b8d92f9c802d04737307ce2fd20bd3aa19ad72d54d469320b6b96"
    "f4f944d450f3e0634c1282f52e7f49ccf298e1c02c000011ff01000100000b00040300010200170000"
)
CERTIFICATE = bytes.fromhex(
    "160303017a0b0001760001730001703082016c30820113a003020102021472760fe1820feec010f3b0167fb41bc0549f4123300a06082a8648"
    "ce3d040302300c310a300806035504030c016c301e170d3236313133303137343832325a170d3236313233303137343832325a300c310a3008"
    "06035504030c016c3059301306072a8648ce3d020106082a8648ce3d0301070342000427152bae89125d336edd15d2b5ee0fae1f4c6ac5c0ce"
    "6bec143f04e3350430ea8c894b794f0bff97ae6e084d87077c4da4749c7f573921e93bf7052b7566ff82a3533051301d0603551d0e04160414"
    "2f8bd18cb7989d7a457b78b77bef789ceff0c0ef301f0603551d230418301680142f8bd18cb7989d7a457b78b77bef789ceff0c0ef300f0603"
    "551d130101ff040530030101ff300a06082a8648ce3d040302034700304402206bbf8e58ce4c6d465e55e0401eaa62af618ab813d8e6ab4c00"
    "fd63d45a1c5da0022062ddca22bc690813c67b9000056a6fe8b146aaca3584f3e5edf98bf90c63689c"
)
KEY_EXCHANGE = bytes.fromhex(
    "16030300930c00008f03001741046ea27a9f947539f011f0eb63cd2ac96fee55cb8e8db23e2387a8511503ba74f64397f12644f43b55ececa2"
    "77dd77cf9ce7d74b8ff355c8538a323654457649ee040300463044022071602e2c93bda2a423708cb4a8d78b20496c943cb563c14842d2e201"
    "6bdee4e302203551c235673e4c03319cb4c6062910f4716b5fecf09bd4b5a12fb784bb151034"
)
DONE = bytes.fromhex("16030300040e000000")


def answer(*pieces: bytes) -> Answer:
    read = Answer()
    for piece in pieces:
        read.feed(piece)
    return read


def seen(read: Answer) -> tuple[Any, ...]:
    return read.protocol, read.group, read.alert, read.fault, read.is_whole


def record(content: bytes, kind: int = 22) -> bytes:
    return bytes([kind]) + b"\3\3" + len(content).to_bytes(2, "big") + content


# Greetings


def test_a_greeting_of_tls_1_3_offers_one_group_and_no_key() -> None:
    assert Hello("TLSv1.3", (0x11EC,), "h.example").to_bytes(RANDOM).hex() == (
        f"16030100ac010000a80303{RANDOM[:32].hex()}20{RANDOM[32:64].hex()}000a130213011303130413050100"
        f"00550000000e000c000009682e6578616d706c65000a0004000211ec{SCHEMES}002b0003020304002d0002010100330002"
        "0000"
    )


def test_a_greeting_may_bring_a_key_of_x25519() -> None:
    assert (
        Hello("TLSv1.3", (29,), with_key=True)
        .to_bytes(RANDOM)
        .endswith(bytes.fromhex("003300260024001d0020") + RANDOM[64:])
    )


def test_a_greeting_of_tls_1_2_for_a_curve_offers_no_cipher_without_one() -> None:
    assert Hello("TLSv1.2", (29, 23), "h.example.", elliptic=True).to_bytes(RANDOM).hex() == (
        f"160301009d010000990303{RANDOM[:32].hex()}000022c02cc030c02bc02fcca9cca8c024c028c023c027c00ac014c009c013c008"
        f"c01200ff0100004e0000000e000c000009682e6578616d706c65000a00060004001d0017{SCHEMES}000b0002010000170000"
    )


@pytest.mark.parametrize(("protocol", "version"), [("TLSv1", "0301"), ("TLSv1.1", "0302")])
def test_older_greetings_say_their_own_version_and_no_schemes(protocol: str, version: str) -> None:
    text = Hello(protocol, (23,)).to_bytes(RANDOM).hex()
    assert text[18:22] == version
    assert SCHEMES not in text


def test_the_numbers_of_groups_are_those_of_iana() -> None:
    assert HYBRID == {"X25519MLKEM768": 4588, "SecP256r1MLKEM768": 4587, "SecP384r1MLKEM1024": 4589}
    assert [named_groups.group_name(number) for number in (23, 24, 25, 29, 30, 256, 260, 1)] == [
        *("secp256r1", "secp384r1", "secp521r1", "x25519", "x448", "ffdhe2048", "ffdhe8192", "group_1")
    ]


# Answers


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (RETRY, (0x0304, 29, None, None, True)),
        (RETRY_OF_JAVA, (0x0304, 29, None, None, True)),
        (REFUSED_BY_JAVA, (None, None, "unexpected_message", None, True)),
        (HELLO_13, (0x0304, 29, None, None, True)),
        (REFUSED, (None, None, "handshake_failure", None, True)),
        (HELLO_12, (0x0303, None, None, None, False)),
        (HELLO_12 + CERTIFICATE + KEY_EXCHANGE + DONE, (0x0303, 23, None, None, True)),
        (HELLO_12 + CERTIFICATE + DONE, (0x0303, None, None, None, True)),
        (HELLO_12 + REFUSED, (0x0303, None, "handshake_failure", None, True)),
        # A warning (the name is not known) ends nothing; a good-bye does.
        (record(b"\1\x70", 21) + RETRY, (0x0304, 29, "unrecognized_name", None, True)),
        (record(b"\1\0", 21) + RETRY, (None, None, None, None, True)),
        (record(b"", 20) + record(b"", 23) + RETRY, (0x0304, 29, None, None, True)),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", (None, None, None, "not_tls", True)),
        (b"\x16\x02", (None, None, None, "not_tls", True)),
        (b"SSH-2.0-x", (None, None, None, "not_tls", True)),
        (b"\x16\3\3\xff\xff", (None, None, None, "not_tls", True)),
        (b"\x16\3\3\0", (None, None, None, None, False)),
        (record(b"\2\x28\0", 21), (None, None, None, "damaged", True)),
        (CERTIFICATE, (None, None, None, "damaged", True)),
        (HELLO_12 + HELLO_12, (0x0303, None, None, "damaged", True)),
        (record(b"\2\0\0\2\3\3"), (None, None, None, "damaged", True)),
        # A retry is of TLS 1.3 only, and there is no version 0x0305.
        (RETRY.replace(b"\0\x2b\0\2\3\4", b"\0\x2b\0\2\3\3"), (None, None, None, "damaged", True)),
        (RETRY.replace(b"\0\x2b\0\2\3\4", b"\0\x2b\0\2\3\5"), (None, None, None, "damaged", True)),
        (RETRY.replace(b"\0\x33\0\2\0\x1d", b"\0\x34\0\2\0\x1d"), (0x0304, None, None, None, True)),
        (record(b"\2\xff\xff\xff"), (None, None, None, "too_long", True)),
    ],
)  # fmt: skip
def test_answers(data: bytes, expected: tuple[Any, ...]) -> None:
    assert seen(answer(data)) == expected
    assert seen(answer(*(data[at : at + 1] for at in range(len(data))))) == expected


def test_a_long_exchange_without_curves_is_none_with_one() -> None:
    # The length of a prime of 6,144 bits begins as a named curve does.
    dhe = HELLO_12.replace(b"\xc0\x2c", b"\x00\x9e") + record(b"\x0c\0\0\4\3\0\x17\0")
    assert seen(answer(dhe)) == (0x0303, None, None, None, True)


def test_the_certificate_is_read_before_tls_1_3() -> None:
    certificate = answer(HELLO_12, CERTIFICATE).certificate
    assert certificate is not None
    assert x509.load_der_x509_certificate(certificate).subject.rfc4514_string() == "CN=l"
    assert probing_scan._curve_of(certificate) == CURVES["secp256r1"]
    assert probing_scan._curve_of(b"\0") is None
    assert probing_scan._curve_of(None) is None


@pytest.mark.parametrize("piece", [record(b"", 20), record(b"\1\x70", 21), record(b"", 22)])
def test_endless_records_come_to_an_end(piece: bytes) -> None:
    read = Answer()
    for _count in range(LARGEST // len(piece) + 1):
        assert not read.is_whole
        read.feed(piece)
    assert read.fault == "too_long"


def test_an_answer_in_pieces_takes_time_by_its_length() -> None:
    def work(count: int) -> Callable[[], Answer]:
        head = b"\x16\3\3" + count.to_bytes(2, "big")
        return lambda: answer(head, *(b"\0" for _ in range(count - 1)), HELLO_12)

    assert work(0x4000)().fault == "damaged"
    grows(work, 0x800, 0x4000)


@given(
    st.lists(
        st.one_of(st.binary(max_size=80), st.sampled_from([RETRY, HELLO_12, CERTIFICATE, KEY_EXCHANGE, REFUSED, DONE])),
        max_size=6,
    ),
    st.data(),
)
def test_pieces_do_not_matter_and_nothing_is_raised(parts: list[bytes], data: st.DataObject) -> None:
    whole = b"".join(parts)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=6)))
    pieces = [whole[begin:end] for begin, end in itertools.pairwise([0, *cuts, len(whole)])]
    assert seen(answer(*pieces)) == seen(answer(whole))


@given(st.sampled_from([RETRY, HELLO_12 + CERTIFICATE + KEY_EXCHANGE]), st.integers(0, 600), st.binary(max_size=4))
def test_damage_anywhere_is_no_traceback(data: bytes, place: int, damage: bytes) -> None:
    read = answer(data[:place] + damage + data[place + len(damage) :])
    assert read.fault in (None, "not_tls", "damaged", "too_long")


# What a scan concludes


@contextlib.contextmanager
def port_that(behaves: Callable[[socket.socket, bytes], None]) -> Iterator[int]:
    """Listen on the loopback interface, and behave so to each greeting."""

    def treat(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            behaves(connection, connection.recv(4096))

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=treat, args=(listener.accept()[0],), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)


def scanned(behaves: Callable[[socket.socket, bytes], None], *, timeout: float = 20) -> dict[str, Any]:
    with port_that(behaves) as port:
        (scan,) = scan_all([Port("127.0.0.1", port, "server.example", timeout)], at_once=16)
    assert scan is not None
    return scan.shown()


def accepted(taken: list[dict[str, Any]]) -> list[str]:
    return [one["name"] for one in taken if one["accepted"]]


def offered_groups(greeting: bytes) -> list[int]:
    """The list of groups: extension 10, somewhere behind the method of compression."""
    at = greeting.index(b"\0\x0a\0", greeting.index(b"\1\0", 76))
    size = int.from_bytes(greeting[at + 4 : at + 6], "big")
    return [int.from_bytes(greeting[at + 6 + n : at + 8 + n], "big") for n in range(0, size, 2)]


def speaks_13(*groups: str) -> Callable[[socket.socket, bytes], None]:
    """A server of TLS 1.3 that takes these groups."""
    numbers = [GROUPS[name] for name in groups]

    def behave(connection: socket.socket, greeting: bytes) -> None:
        both = [number for number in numbers if number in offered_groups(greeting)]
        is_modern = b"\0\x2b\0\3\2\3\4" in greeting
        chosen = (both or [0])[0].to_bytes(2, "big")
        connection.sendall(RETRY.replace(b"\0\x1d\x14", chosen + b"\x14") if is_modern and both else REFUSED)

    return behave


def test_a_port_with_a_post_quantum_group() -> None:
    shown = scanned(speaks_13("x25519", "X25519MLKEM768"))
    assert accepted(shown["protocols"]) == ["TLSv1.3"]
    assert accepted(shown["groups"]) == ["X25519MLKEM768", "x25519"]
    assert shown["post_quantum"] is True
    assert shown["msg"] == (
        "The port takes TLSv1.3 with the groups X25519MLKEM768, x25519; some of them are post-quantum."
    )
    assert {"name": "secp256r1", "accepted": False, "reason": "handshake_failure"} in shown["groups"]
    assert [one["name"] for one in shown["groups"]] == list(GROUPS)


def test_a_port_without_one() -> None:
    shown = scanned(speaks_13("secp256r1"))
    assert shown["post_quantum"] is False
    assert shown["msg"] == "The port takes TLSv1.3 with the groups secp256r1; none of them is post-quantum."


def test_a_port_that_takes_no_greeting_without_a_key() -> None:
    def behave(connection: socket.socket, greeting: bytes) -> None:
        has_key = b"\0\x33\0\x26" in greeting
        connection.sendall(HELLO_13 if has_key else REFUSED)

    shown = scanned(behave)
    assert accepted(shown["protocols"]) == ["TLSv1.3"]
    assert {one["accepted"] for one in shown["groups"]} == {None}
    assert shown["post_quantum"] is None
    assert shown["msg"] == "The port takes TLSv1.3."


@pytest.mark.parametrize("prefers_own", [False, True])
def test_a_port_of_tls_1_2_with_a_curve_in_its_certificate(*, prefers_own: bool) -> None:
    def behave(connection: socket.socket, greeting: bytes) -> None:
        groups = offered_groups(greeting)
        if greeting[9:11] != b"\3\3" or b"\0\x2b\0\3\2\3\4" in greeting or 23 not in groups:
            return connection.sendall(REFUSED)
        takes = [number for number in (groups, [23, *groups])[prefers_own] if number in (23, 24)]
        curve = takes[0].to_bytes(2, "big")
        return connection.sendall(HELLO_12 + CERTIFICATE + KEY_EXCHANGE.replace(b"\3\0\x17", b"\3" + curve) + DONE)

    shown = scanned(behave)
    assert accepted(shown["protocols"]) == ["TLSv1.2"]
    assert accepted(shown["groups"]) == (["secp256r1"] if prefers_own else ["secp256r1", "secp384r1"])
    others = [one for one in shown["groups"] if one["name"] in ("x25519", "x448")]
    assert [(one["accepted"], one["reason"]) for one in others] == [(None, "secp256r1")] * 2
    assert shown["post_quantum"] is False


def test_an_older_version_instead_is_a_refusal() -> None:
    def behave(connection: socket.socket, _greeting: bytes) -> None:
        connection.sendall(HELLO_12.replace(b"\3\3\xcd", b"\3\1\xcd") + DONE)

    shown = scanned(behave)
    assert [(one["accepted"], one["reason"]) for one in shown["protocols"]] == [
        (True, None), (False, "TLSv1"), (False, "TLSv1"), (False, "TLSv1")
    ]  # fmt: skip
    assert (shown["groups"], shown["post_quantum"]) == ([], False)
    assert shown["msg"] == "The port takes TLSv1."


def drip(connection: socket.socket, _greeting: bytes) -> None:
    for byte in RETRY[:40]:
        connection.sendall(bytes([byte]))
        time.sleep(0.1)


def babble(connection: socket.socket, _greeting: bytes) -> None:
    while True:
        connection.sendall(record(b"", 20) * 1000)


@pytest.mark.parametrize(
    ("behaves", "reason", "accepts"),
    [
        (drip, "timeout", None),
        (lambda _connection, _greeting: time.sleep(2), "timeout", None),
        (babble, "too_long", None),
        (lambda connection, _greeting: connection.sendall(b"220 hello\r\n"), "not_tls", None),
        (lambda connection, _greeting: connection.sendall(RETRY[:40]), "closed", False),
        (lambda _connection, _greeting: None, "closed", False),
    ],
    ids=["drip", "silence", "babble", "smtp", "cut short", "closed"],
)
def test_what_is_no_tls(behaves: Callable[[socket.socket, bytes], None], reason: str, *, accepts: bool | None) -> None:
    shown = scanned(behaves, timeout=1 if reason == "timeout" else 20)
    assert {(one["accepted"], one["reason"]) for one in shown["protocols"]} == {(accepts, reason)}
    assert (shown["groups"], shown["post_quantum"]) == ([], None)
    assert shown["msg"] == f"The port took no TLS: {', '.join(f'{name} {reason}' for name in VERSIONS)}."


def test_versions_are_asked_side_by_side() -> None:
    all_there = threading.Barrier(len(VERSIONS))
    scanned(lambda _connection, _greeting: all_there.wait(20) and None)
    assert not all_there.broken


def test_a_port_that_is_gone() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        number = listener.getsockname()[1]
    nobody, scan = scan_all([None, Port("127.0.0.1", number, "127.0.0.1", 5)], at_once=2)
    assert nobody is None
    assert scan is not None
    assert {one.reason for one in scan.protocols} == {"unreachable"}


def test_a_group_that_was_answered_in_an_impossible_way() -> None:
    hello = Hello("TLSv1.3", (29,))
    for data, expected in (
        (RETRY, Taken("x25519", True)),
        (RETRY.replace(b"\0\x1d\x14", b"\0\x17\x14"), Taken("x25519", False, "secp256r1")),
        (RETRY.replace(b"\0\x33\0\2", b"\0\x34\0\2"), Taken("x25519", None, "damaged")),
    ):
        assert probing_scan._group(hello, answer(data), "closed") == expected


def test_a_warning_refuses_nothing_by_itself() -> None:
    warned, hello = answer(record(b"\1\x70", 21)), Hello("TLSv1.2", (23,))
    assert probing_scan._protocol(hello, warned, "timeout") == Taken("TLSv1.2", None, "timeout")
    assert probing_scan._protocol(hello, warned, "closed") == Taken("TLSv1.2", False, "unrecognized_name")
    assert probing_scan._protocol(hello, answer(REFUSED), "closed") == Taken("TLSv1.2", False, "handshake_failure")


def test_post_quantum_is_not_known_where_one_question_was_not_answered() -> None:
    protocols = [Taken(name, True) for name in VERSIONS]
    groups = [Taken(name, False) for name in GROUPS]
    assert Scan(protocols, groups).post_quantum is False
    doubtful = Scan(protocols, [Taken("X25519MLKEM768", None, "timeout"), *groups[1:-1], Taken("ffdhe8192", True)])
    assert doubtful.post_quantum is None
    assert doubtful.shown()["msg"].endswith(
        "with the groups ffdhe8192; whether it takes a post-quantum one is not known."
    )
    assert Scan([Taken(name, None, "timeout") for name in VERSIONS]).post_quantum is None


def test_only_those_are_scanned_that_ask_for_it_and_could_be_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Port | None] = []

    def all_of(ports: list[Port | None], *, at_once: int) -> list[Scan | None]:
        asked.extend(ports)
        return [port and Scan([Taken(name, False, "closed") for name in VERSIONS]) for port in ports]

    monkeypatch.setattr(probing_scan, "scan_all", all_of)
    tls = TlsMaterial(server_name="n")
    probes = [
        Probe("h", 1, tls, scan=True),
        Probe("h", 2, tls),
        Probe("h", 3, None, scan=True),
        Probe("h", 4, tls, scan=True),
    ]
    reports = [Report(address="192.0.2.1"), Report(address="192.0.2.1"), Report(address="192.0.2.1"), Report()]
    probing_many.scan(probes, reports)
    assert asked == [Port("192.0.2.1", 1, "n", 10.0), None, None, None]
    assert reports[0].scan is not None
    assert [report.scan for report in reports[1:]] == [None, None, None]


# What is wrong with it


TABLE = yaml.safe_load(Path(__file__).with_name("posture").joinpath("wire_findings.yml").read_text())


def of_port(takes: dict[str, list[str]]) -> list[dict[str, Any]]:
    protocols = [Taken(name, name in takes["protocols"]) for name in VERSIONS]
    groups = [Taken(name, name in takes["groups"]) for name in GROUPS]
    return tls_probe_action._findings({"host": "h", "port": 5002}, Scan(protocols, groups).shown())


@pytest.mark.parametrize(("rule", "case"), [(rule, case) for rule in TABLE for case in TABLE[rule]["fires"]])
def test_fires(rule: str, case: dict[str, Any]) -> None:
    found = [one for one in of_port(case["takes"]) if one["id"] == rule]
    assert [(one["origin"], one["message"]) for one in found] == [(case["place"], case["message"])]


@pytest.mark.parametrize(("rule", "case"), [(rule, case) for rule in TABLE for case in TABLE[rule]["silent"]])
def test_silent(rule: str, case: dict[str, Any]) -> None:
    assert [one for one in of_port(case["takes"]) if one["id"] == rule] == []


def test_a_port_of_an_address_of_ip_6() -> None:
    shown = {"protocols": [], "groups": [], "post_quantum": False}
    (found,) = tls_probe_action._findings({"host": "::1", "port": 1}, shown)
    assert found["origin"] == "[::1]:1"
