# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""target_apply makes key stores by the host's Java, and knows by them what a port must serve."""

from __future__ import annotations

import base64
import json
import os
import ssl
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "liberty"))

from apply_world import NEW, OLD, Json, applied, change, content, left, order, server
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import pkcs12
from pki import Authority, Issued

from ansible_collections.zosconnect.security.plugins.module_utils import gates, merging, stores

PASSWORD = "marker-of-the-store"

pytestmark = pytest.mark.java


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority("Root", key_type="ec")


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return server(tmp_path, "server.xml")


def chain(issued: Issued) -> list[str]:
    return [each.fingerprint(hashes.SHA256()).hex() for each in (issued.certificate, *issued.issuers)]


def store(path: Path, issued: Issued, alias: str, **more: Any) -> Json:
    """An order for a store that gets a key."""
    wanted = {
        "password": "one",
        "pack": base64.b64encode(issued.pkcs12(alias=alias, password=PASSWORD)).decode(),
        "on_top": path.exists(),
        "intended": [{"alias": alias, "kind": "PrivateKeyEntry", "chain": chain(issued)}, *more.pop("present", ())],
        "encryption": "modern",
        **more,
    }
    return change(path, None, store=wanted)


@contextmanager
def serving(issued: Issued, folder: Path) -> Iterator[int]:
    """Serve a certificate on a port, which is told."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    (folder / "pem").write_text(issued.key_pem() + issued.certificate_pem)
    context.load_cert_chain(folder / "pem")
    import socket

    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    connection, _address = listener.accept()
                except OSError:
                    return
                with connection:
                    try:
                        with context.wrap_socket(connection, server_side=True) as tls:
                            tls.recv(1000)
                            tls.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
                    except OSError:
                        pass

        threading.Thread(target=serve, daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)


def test_two_stores_and_a_port(directory: Path, tmp_path: Path, authority: Authority) -> None:
    """One store is new, one gets a second key; the port serves what the first one holds now."""
    first, second, third = (authority.issue(name, key_type="ec") for name in ("first", "second", "third"))
    present = directory / "trust.p12"
    present.write_bytes(third.pkcs12(alias="third", password=PASSWORD))
    there = {"alias": "third", "kind": "PrivateKeyEntry", "chain": chain(third)}
    before = len(stores.STARTED)
    with serving(first, tmp_path) as port:
        gate = {
            "title": "t",
            "host": "127.0.0.1",
            "port": port,
            "expect": ["ok"],
            "client_certificate_requested": False,
        }
        given = order(
            directory,
            store(directory / "key.p12", first, "first"),
            store(present, second, "second", present=[there]),
            change(directory / "server.xml"),
            secrets={"one": PASSWORD},
            gates=[{**gate, "store": str(directory / "key.p12"), "aliases": ["FIRST"]}],
            verify_seconds=10,
            refresh={"kind": "polled"},
            settle_seconds=0,
        )
        answer = applied(given, scratch=tmp_path)
        assert answer["outcome"] == "applied", answer["message"]
        assert answer["gates"][0]["served"].replace(":", "") == merging.fingerprint(first.certificate_pem)
        assert PASSWORD not in json.dumps(answer)
        names = [[entry["alias"] for entry in each["entries"]] for each in answer["stores"]]
        assert [sorted(each) for each in names] == [["first"], ["second", "third"]]
        assert answer["jvm_starts"] - before == 3, "to list each, and to import into one"
        pkcs12.load_pkcs12(present.read_bytes(), PASSWORD.encode())

        # The wrong key: the port still serves the first one, so all is put back.
        old = present.read_bytes()
        given = order(
            directory,
            store(directory / "key.p12", second, "second", on_top=False),
            change(directory / "server.xml", b"newer"),
            secrets={"one": PASSWORD},
            gates=[{**gate, "store": str(directory / "key.p12"), "fingerprints": []}],
            verify_seconds=0.1,
            refresh={"kind": "polled"},
        )
        answer = applied(given, scratch=tmp_path, taken=False)
        served, declared = (merging.fingerprint(each.certificate_pem) for each in (first, second))
        assert answer["message"] == (
            "t: The server answered with HTTP status 200. It serves the certificate "
            f"{gates.spelled(served)}, and declared is {gates.spelled(declared)}."
        )
        assert (answer["outcome"], present.read_bytes()) == ("put_back", old)
        assert content(directory)["server.xml"] == NEW
        assert PASSWORD not in (directory / ".zosconnect-security.journal").read_text()
        assert left(directory)["state"] == "old"


def test_a_store_that_java_does_not_make(directory: Path, tmp_path: Path, authority: Authority) -> None:
    issued = authority.issue("first", key_type="ec")
    given = order(directory, store(directory / "key.p12", issued, "other"), secrets={"one": PASSWORD})
    given["files"].append(change(directory / "server.xml"))
    given["files"][0]["store"]["intended"][0]["alias"] = "another"
    answer = applied(given, scratch=tmp_path)
    assert (answer["outcome"], answer["problem"]["kind"]) == ("refused", "store")
    assert "Java would not see what is intended" in answer["message"]
    assert content(directory) == {"server.xml": OLD}
    assert os.listdir(directory) == ["server.xml"]


def test_a_store_without_room_for_its_copy(directory: Path, tmp_path: Path, authority: Authority) -> None:
    issued = authority.issue("first", key_type="ec")
    given = order(directory, store(directory / "key.p12", issued, "first"), secrets={"one": PASSWORD})
    answer = applied(given, scratch=tmp_path / "gone")
    assert answer["message"] == (
        f"{directory}/key.p12: the new store cannot be made: No such file or directory; nothing was changed."
    )
