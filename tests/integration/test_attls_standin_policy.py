# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stand-in for AT-TLS is configured from a parsed policy, and from nothing else."""

from __future__ import annotations

import dataclasses
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from attls_policy import fronts, rule_of
from attls_standin import Tls, write_ring
from endpoints import endpoints
from layout import free_port
from pki import Cast
from test_attls_standin import ask
from testbed import TestBedError

SCRIPT = Path(__file__).parents[1] / "zos" / "attls_policy.py"
POLICY = """\
# As IBM's samples are written.
TTLSRule                      zcOut
{
  RemotePortRange             5003
  Direction                   outbound
  TTLSGroupActionRef          on
  TTLSEnvironmentActionRef    client
  TTLSConnectionActionRef     cics
}
TTLSRule                      zcIn
{
  LocalPortRange              5004
  Direction                   Inbound
  TTLSGroupActionRef          on
  TTLSEnvironmentActionRef    server
}
TTLSGroupAction               on
{
  TTLSEnabled                 ON
}
TTLSEnvironmentAction         client
{
  HandshakeRole               CLIENT
  TTLSKeyringParms
  {
    Keyring                   RING   # of CICS itself
  }
  TTLSCipherParmsRef          ciphers
  TTLSEnvironmentAdvancedParmsRef  modern
}
TTLSConnectionAction          cics
{
  TTLSConnectionAdvancedParms
  {
    CertificateLabel          My CICS
    TLSv1.2                   Off
    HostReferenceIdDNS        localhost
  }
}
TTLSCipherParms               ciphers
{
  V3CipherSuites              TLS_AES_128_GCM_SHA256
  V3CipherSuites              9C9D
}
TTLSEnvironmentAdvancedParms  modern
{
  TLSv1                       Off
  TLSv1.1                     Off
  TLSv1.2                     On
  TLSv1.3                     on
}
TTLSEnvironmentAction         server
{
  HandshakeRole               ServerWithClientAuth
  TTLSKeyringParmsRef         ring
  TTLSEnvironmentAdvancedParms
  {
    ClientAuthType            safcheck
  }
}
TTLSKeyringParms              ring
{
  Keyring                     ZCONN/RING
}
"""
CLIENT = Tls(
    role="Client",
    protocols=frozenset({"TLSv1.3"}),
    keyring="RING",
    label="My CICS",
    ciphers=("TLS_AES_128_GCM_SHA256", "9C", "9D"),
    host_names=("localhost",),
)
SERVER = Tls(
    role="ServerWithClientAuth",
    protocols=frozenset({"TLSv1", "TLSv1.1"}),  # what is on where a policy of 2.5 says nothing
    keyring="ZCONN/RING",
    client_auth="SAFCheck",
)


def read(tmp_path: Path, text: str, rule: str = "zcOut") -> Tls | None:
    path = tmp_path / "policy"
    path.write_text(text)
    return fronts(rule_of(path, rule, encoding="utf-8"))


@pytest.mark.chosen
def test_what_a_rule_says(tmp_path: Path) -> None:
    assert read(tmp_path, POLICY) == CLIENT
    assert read(tmp_path, POLICY, "zcIn") == SERVER


def test_codes_of_four_digits_count_more(tmp_path: Path) -> None:
    text = POLICY.replace("  V3CipherSuites              9C9D", "  V3CipherSuites4Char         1301C02B")
    assert read(tmp_path, text) == dataclasses.replace(CLIENT, ciphers=("1301", "C02B"))


def test_clear_text(tmp_path: Path) -> None:
    assert fronts(None) is None
    assert read(tmp_path, POLICY.replace("TTLSEnabled                 ON", "TTLSEnabled  Off")) is None


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (
            "Ref    client",
            "Ref  clint",
            "TTLSEnvironmentAction clint, which TTLSRule zcOut refers to, is not in the policy.",
        ),
        ("  TTLSEnvironmentActionRef    client\n", "", "TTLSRule zcOut enables TLS without a TTLSEnvironmentAction."),
        ("CLIENT", "Klient", "HandshakeRole 'Klient' is none that AT-TLS knows."),
        (
            "CertificateLabel          My CICS",
            "ApplicationControlled On",
            "POLICY:35: the stand-in for AT-TLS cannot do what ApplicationControlled of TTLSRule zcOut asks for; take it out, or try it on z/OS.",
        ),
    ],
)
def test_what_is_refused(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    with pytest.raises(TestBedError) as raised:
        read(tmp_path, POLICY.replace(old, new))
    assert str(raised.value).replace(str(tmp_path / "policy"), "POLICY") == sentence


def test_a_rule_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(TestBedError) as raised:
        read(tmp_path, POLICY, "zcAll")
    assert str(raised.value) == f"There is no TTLSRule zcAll in {tmp_path / 'policy'}."


def test_command_line(tmp_path: Path, pki: Cast) -> None:
    (tmp_path / "policy").write_text(POLICY)
    ring = write_ring(tmp_path / "ring", authorities=[pki.root.root_pem], entries={"My CICS": pki.mapped})
    address, place = ("127.0.0.2", free_port()), ["--dir", str(tmp_path / "standin")]
    with endpoints(pki, tmp_path) as ports:
        common = [*place, "--listen", f"{address[0]}:{address[1]}", "--source", address[0]]
        common += ["--ring", f"CICSUSER/RING={ring}", "--userid", "CICSUSER"]
        rule = ["--policy", str(tmp_path / "policy"), "--rule", "zcOut"]
        try:
            run("start", *common, *rule, "--to", f"127.0.0.1:{ports['mutual']}")
            seen = ask(address)
            assert (seen["client_subject"], seen["protocol"], seen["caller"]) == ("CN=cicsuser", "TLSv1.3", "127.0.0.2")
            run("start", *common, "--to", f"127.0.0.1:{ports['plain']}")  # in the same place: instead
            assert ask(address)["protocol"] is None
        finally:
            run("stop", *place)
    with socket.socket() as probe:
        assert probe.connect_ex(address)
    refused = run("start", *common, *rule, "--to", "127.0.0.1:1", "--release", "2.5", "--userid", "IMS", fails=True)
    assert refused.stderr.strip() == "liberty: There is no key ring IMS/RING (AT-TLS: return code 202)."


def run(*arguments: str, fails: bool = False) -> subprocess.CompletedProcess[str]:
    done = subprocess.run([sys.executable, str(SCRIPT), *arguments], capture_output=True, text=True, check=False)
    assert bool(done.returncode) is fails, done.stderr
    return done
