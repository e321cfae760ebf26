# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The life of keys on the target: made, certified, renewed, converted; keytool and openssl are the judges.

Starting keytool takes most of the time, so one playbook has many tasks.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from pki import Authority
from plays import Played, play

from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore import pack
from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore.material import DesiredEntry

pytestmark = [pytest.mark.java, pytest.mark.ansible]

PASSWORD, KEY_PASSWORD = "marker-of-a-password", "marker-of-a-key-password"
JAVA = {"STOREPASS": PASSWORD, "KEYPASS": KEY_PASSWORD, "LC_ALL": "C.UTF-8"}
GENERATE = {"type": "EC", "subject": "CN=server", "subject_alt_names": ["DNS:localhost", "IP:127.0.0.1"]}


def task(path: Path, *entries: dict[str, Any], check: bool = False, **options: Any) -> dict[str, Any]:
    values = {"path": str(path), "password": PASSWORD, "entries": list(entries), **options}
    return {"zosconnect.security.keystore": values, "check_mode": check, "diff": True}


def run(*command: str) -> str:
    done = subprocess.run(command, env={**os.environ, **JAVA}, capture_output=True, check=False)
    assert done.returncode == 0, done
    return done.stdout.decode(errors="replace")


def keytool(*arguments: str) -> str:
    return run(
        "keytool", "-J-XX:TieredStopAtLevel=1", "-J-Duser.language=en", *arguments, "-storepass:env", "STOREPASS"
    )


def seen_by_java(path: Path) -> dict[str, tuple[str, int]]:
    """Return kind and length of the chain of each entry."""
    blocks = keytool("-list", "-v", "-keystore", str(path)).split("Alias name: ")[1:]
    kinds = {block.splitlines()[0]: re.findall(r"Entry type: (\w+)", block)[0] for block in blocks}
    return {
        alias: (kind, len(re.findall("SHA256: ", block)))
        for (alias, kind), block in zip(kinds.items(), blocks, strict=True)
    }


def private_keys(path: Path) -> dict[str, str]:
    """Return the private keys of a PKCS12 store by alias, as openssl finds them."""
    text = run("openssl", "pkcs12", "-in", str(path), "-passin", "env:STOREPASS", "-nocerts", "-nodes", "-legacy")
    found = re.findall(r"friendlyName: (\S+).*?(-----BEGIN PRIVATE KEY-----.*?-----END)", text, re.DOTALL)
    return dict(found)


def trust(alias: str, authority: Authority) -> dict[str, Any]:
    return {"alias": alias, "trusted": True, "certificate_content": authority.root_pem}


def issue(request: str, authority: Authority) -> str:
    """Issue a certificate for a request, as community.crypto would."""
    csr = x509.load_pem_x509_csr(request.encode())
    assert csr.is_signature_valid
    now = datetime.now(UTC)
    issuer = authority._issued
    builder = x509.CertificateBuilder(issuer.certificate.subject, csr.subject, csr.public_key(), 7)
    builder = builder.not_valid_before(now - timedelta(1)).not_valid_after(now + timedelta(47))
    names = csr.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    certificate = builder.add_extension(names.value, critical=False).sign(issuer.key, hashes.SHA256())
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def assert_nothing_private(played: Played, *keys: str) -> None:
    """No password, and no private key that is on the target, came back or was on a command line."""
    for secret in (PASSWORD, KEY_PASSWORD, *(key.splitlines()[2][:40] for key in keys)):
        assert secret not in played.output
        assert secret not in str(played.results)
        assert not [command for command in played.commands if secret in command]


def test_a_key_that_never_leaves_its_host(tmp_path: Path) -> None:
    """Made, certified under its authority, renewed for the same key; beside it a second key and two authorities."""
    store = tmp_path / "key.p12"
    old, new = Authority("Old", key_type="ec"), Authority("New", key_type="ec")
    make = {"alias": "Server", "generate": GENERATE}
    played = play(tmp_path, [task(store, make, check=True), task(store, make), task(store, make, check=True)])
    check, made, again = played.results
    assert (check["changes"], check["requests"]) == (made["changes"], {})
    assert (made["changed"], again["changed"], list(made["requests"])) == (True, False, ["server"])
    key = private_keys(store)["server"]
    assert_nothing_private(played, key)

    first, second = issue(made["requests"]["server"], old), issue(again["requests"]["server"], new)
    partner = old.issue("partner", key_type="ec")
    beside = {
        "alias": "partner",
        "privatekey_content": partner.key_pem(),
        "certificate_content": partner.certificate_pem,
    }
    certified = {"alias": "server", "certificate_content": first, "chain_content": old.root_pem}
    renewed = {"alias": "server", "certificate_content": second + new.root_pem}
    steps = [
        task(store, certified, check=True),
        task(store, certified),
        task(store, certified),
        task(store, make),
        task(store, beside, trust("ca", old), trust("ca-next", new)),
        task(store, renewed, state="replaced", backup=True),
        task(store, {"alias": "ca"}, state="absent"),
        task(store, {"alias": "server", "chain_content": old.root_pem}),
    ]
    played = play(tmp_path, steps)
    checked, applied, again, kept, widened, rolled, narrowed, wrong = played.results
    assert {**checked, "checksum_after": None} == {**applied, "checksum_after": None}
    assert (applied["changed"], again["changed"], kept["changed"]) == (True, False, False)
    assert [entry["issuer"] for entry in kept["entries"]] == ["CN=Old"]
    assert [len(one["changes"]) for one in (widened, rolled, narrowed)] == [3, 1, 1]
    assert wrong["msg"] == (
        "entries (alias server): the chain is broken: CN=Old does not follow CN=server; the certificate of its issuer, "
        "CN=New, is missing."
    )
    seen = seen_by_java(store)
    assert seen == {
        "ca-next": ("trustedCertEntry", 1),
        # Java found the issuer of this one in the store.
        "partner": ("PrivateKeyEntry", 2),
        "server": ("PrivateKeyEntry", 2),
    }
    assert {entry["alias"]: len(entry["chain_sha256"]) for entry in narrowed["entries"]} == {
        alias: length for alias, (_, length) in seen.items()
    }
    assert private_keys(store)["server"] == key
    assert sorted(private_keys(store)) == ["partner", "server"]
    assert_nothing_private(played, key)


def old_stores(folder: Path) -> tuple[Path, Path, Path]:
    """A JKS store with two keys, one under a password of its own, a JCEKS store, and one of OpenSSL's old way."""
    jks, jceks, legacy = folder / "key.jks", folder / "key.jceks", folder / "legacy.p12"
    gen = ["-genkeypair", "-keyalg", "EC", "-dname", "CN=old"]
    keytool(*gen, "-alias", "One", "-keystore", str(jks), "-storetype", "JKS", "-keypass:env", "STOREPASS")
    keytool(*gen, "-alias", "Two", "-keystore", str(jks), "-storetype", "JKS", "-keypass:env", "KEYPASS")
    secret = ["-genseckey", "-keyalg", "AES", "-keysize", "256", "-storetype", "JCEKS"]
    keytool(*secret, "-alias", "aes", "-keystore", str(jceks), "-keypass:env", "STOREPASS")
    client = Authority("Client", key_type="ec").issue("client", key_type="ec")
    pair = folder / "pair.pem"
    pair.write_text(client.key_pem() + client.certificate_pem, encoding="ascii")
    export = ["openssl", "pkcs12", "-export", "-legacy", "-name", "client", "-passout", "env:STOREPASS"]
    run(*export, "-in", str(pair), "-out", str(legacy))
    return jks, jceks, legacy


def test_old_formats_are_kept_or_converted(tmp_path: Path) -> None:
    jks, jceks, legacy = old_stores(tmp_path)
    ca = trust("ca", Authority("CA", key_type="ec"))
    issued = Authority("CA", key_type="ec").issue("new", key_type="ec")
    key = {"alias": "new", "privatekey_content": issued.key_pem(), "certificate_content": issued.certificate_pem}
    new = tmp_path / "new.jks"
    convert = {"store_type": "PKCS12", "key_password": KEY_PASSWORD}
    steps = [
        task(jks, {"alias": "made", "generate": GENERATE}),
        task(jks, store_type="PKCS12"),
        task(jks, store_type="PKCS12", key_password="marker-of-none"),
        task(jks, **convert, check=True, backup=True),
        task(jks, **convert, backup=True),
        task(jks, **convert),
        task(jceks, ca, store_type="PKCS12"),
        task(new, ca, store_type="JKS"),
        task(legacy, key),
    ]
    played = play(tmp_path, steps)
    added, refused, still, check, converted, again, jceks_converted, fresh, kept = played.results
    assert (added["type"], added["changed"]) == ("JKS", True)
    assert refused["msg"].startswith(
        f"{jks}: its entries cannot be brought into a PKCS12 store: java.lang.Exception: Too many failures"
    )
    assert refused["msg"].endswith(
        "nothing was changed. A key may have another password than the store: give it as key_password."
    )
    assert still["msg"].endswith(
        "nothing was changed. A key may have neither the store's password nor key_password: correct it."
    )
    assert check["diff"] == converted["diff"] == [{"prepared": f"key store {jks}\n- JKS\n+ PKCS12 modern\n"}]
    assert (converted["changed"], converted["changes"], again["changed"]) == (True, [], False)
    assert Path(converted["backup_file"]).read_bytes()[:4] == b"\xfe\xed\xfe\xed"
    assert sorted(private_keys(jks)) == ["made", "one", "two"]
    assert {alias: kind for alias, (kind, _) in seen_by_java(jks).items()} == dict.fromkeys(
        ("one", "two", "made"), "PrivateKeyEntry"
    )
    assert jceks_converted["type"] == "PKCS12"
    assert seen_by_java(jceks) == {"aes": ("SecretKeyEntry", 0), "ca": ("trustedCertEntry", 1)}
    assert (fresh["type"], new.read_bytes()[:4]) == ("JKS", b"\xfe\xed\xfe\xed")
    assert kept["encryption"] == "java8"
    assert sorted(private_keys(legacy)) == ["client", "new"]
    info = run("sh", "-c", f"openssl pkcs12 -info -legacy -noout -in {legacy} -passin env:STOREPASS 2>&1")
    assert "pbeWithSHA1And" in info
    assert "PBES2" not in info
    assert_nothing_private(played, *private_keys(jks).values(), private_keys(legacy)["client"])


def with_pbmac1(store: bytes) -> bytes:
    """Return a store with a checksum after RFC 9579, as a newer OpenSSL in FIPS mode writes it."""
    der, safes, salt = pack._der, pack._safes(store), bytes(16)
    digest = hmac.new(hashlib.pbkdf2_hmac("sha256", PASSWORD.encode(), salt, 2048, 32), safes, "sha256").digest()
    oid, hmac_sha256 = "06092a864886f70d01", der(0x30, bytes.fromhex("06082a864886f70d02090500"))
    numbers = (der(0x04, salt), der(0x02, b"\x08\x00"), der(0x02, b"\x20"), hmac_sha256)
    derivation = der(0x30, bytes.fromhex(f"{oid}050c"), der(0x30, *numbers))
    algorithm = der(0x30, bytes.fromhex(f"{oid}050e"), der(0x30, derivation, hmac_sha256))
    mac = der(0x30, der(0x30, algorithm, der(0x04, digest)), der(0x04, salt), der(0x02, b"\x01"))
    content = der(0x30, bytes.fromhex(f"{oid}0701"), der(0xA0, der(0x04, safes)))
    return der(0x30, bytes.fromhex("020103"), content, mac)


@pytest.mark.chosen
def test_stores_that_java_does_not_read_are_named(tmp_path: Path) -> None:
    """Encrypted or summed in a way that is not Java's; and two keys under one name, of which Java shows one."""
    pair, strange, twins = tmp_path / "pair.pem", tmp_path / "strange.p12", tmp_path / "twins.p12"
    summed = tmp_path / "summed.p12"
    client = Authority("Client", key_type="ec").issue("client", key_type="ec")
    pair.write_text(client.key_pem() + client.certificate_pem, encoding="ascii")
    export = ["openssl", "pkcs12", "-export", "-name", "client", "-in", str(pair), "-passout", "env:STOREPASS"]
    run(*export, "-keypbe", "CAMELLIA-256-CBC", "-certpbe", "CAMELLIA-256-CBC", "-out", str(strange))
    one, two = (Authority(name, key_type="ec").issue("x", key_type="ec") for name in ("One", "Two"))
    desired = [DesiredEntry("twin", (issued.certificate,), issued.key) for issued in (one, two)]  # type: ignore[arg-type]
    twins.write_bytes(pack.pack(desired, PASSWORD))
    ca = trust("ca", Authority("CA", key_type="ec"))
    summed.write_bytes(with_pbmac1(pack.pack(desired[:1], PASSWORD)))
    named, sum_named, refused = play(tmp_path, [task(path, ca) for path in (strange, summed, twins)]).results
    assert "It has Camellia encryption, which not every Java reads." in named["msg"]
    what = "It has a checksum by PBMAC1 (RFC 9579; OpenSSL in FIPS mode writes it), which not every Java reads."
    assert what in sum_named["msg"]
    assert refused["msg"].startswith(f"{twins}: holds keys or certificates that Java does not see")
