# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The changes during which something fails."""

from __future__ import annotations

import functools
import hashlib
import os
import shutil
import struct
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "liberty"))

from cryptography.hazmat.primitives.serialization import Encoding, pkcs12
from fault_world import Scenario
from pki import Authority

from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.passwords import encode_xor

OLD_PASSWORD, NEW_PASSWORD, STORE_PASSWORD = "marker-of-the-old", "marker-of-the-new", "marker-of-the-store"
OLD = f"""\
<?xml version="1.0" encoding="UTF-8"?>
<server description="old">
    <keyStore id="defaultKeyStore" password="{OLD_PASSWORD}"/>
    <httpEndpoint id="defaultHttpEndpoint" httpPort="9080" httpsPort="9443"/>
</server>
""".encode()
ELEMENTS = [
    {"element": "keyStore", "id": "defaultKeyStore", "attributes": {"password": NEW_PASSWORD}},
    {"element": "httpEndpoint", "id": "defaultHttpEndpoint", "attributes": {"httpPort": -1}},
]
SECRETS = (*(form for text in (OLD_PASSWORD, NEW_PASSWORD) for form in (text, encode_xor(text))), STORE_PASSWORD)
KEPT = "server.xml.4711.2026-01-31@12:00:00~"
# user::rwx user:1:r-x group::r-x mask::rwx other::r-x: whoever has the number 1 may read what is made here.
LETS_ONE_READ = b"\x02\0\0\0" + b"".join(
    struct.pack("<HHI", tag, bits, who)
    for tag, bits, who in ((1, 7, 2**32 - 1), (2, 5, 1), (4, 5, 2**32 - 1), (16, 7, 2**32 - 1), (32, 5, 2**32 - 1))
)
NO_FLOCK = ("flock", "EOPNOTSUPP")  # as on z/OS, where a file is the lock


def xml(name: str, target: str, files: dict[str, tuple[bytes, int]], base: Path, **more: Any) -> Scenario:
    """A change of a configuration file by server_xml."""
    known = {name: more.pop(name) for name in ("always", "default_acl") if name in more}
    options = {"path": str(base / "server" / target), "elements": ELEMENTS, **more}
    return Scenario(name, "server_xml", target, files, options, SECRETS, **known)


def configurations(base: Path) -> list[Scenario]:
    """List the changes of server.xml and its like."""
    server = {"server.xml": (OLD, 0o640)}
    open_to_all = {"server.xml": (OLD, 0o644)}
    dropin = {**server, "configDropins/overrides/other.xml": (b"<server/>\n", 0o640)}
    path = {name: str(base / "server" / name) for name in ("server.xml", KEPT)}
    restoring = {"path": path["server.xml"], "backup_file": path[KEPT], "backup": True}
    restoring["backup_checksum"] = hashlib.sha256(OLD).hexdigest()
    broken = {"server.xml": (b"<server>", 0o640), KEPT: (OLD, 0o640)}
    # Nothing but the mode is to do.
    done = [{"element": "httpEndpoint", "id": "defaultHttpEndpoint", "attributes": {"httpPort": 9080}}]
    return [
        xml("replace", "server.xml", server, base, backup=True),
        xml("new", "configDropins/overrides/tls.xml", dropin, base, create=True),
        Scenario("restore", "file_restore", "server.xml", broken, restoring, SECRETS),
        xml("tighten", "server.xml", open_to_all, base, backup=True, mode="0600"),
        xml("mode", "server.xml", open_to_all, base, mode="0600", elements=done),
        xml("default-acl", "server.xml", server, base, backup=True, default_acl=LETS_ONE_READ),
        xml("lock-file", "server.xml", server, base, always=NO_FLOCK),
        xml("mounted", "server.xml", server, base, backup=True, unsafe_writes=True),
    ]


def stores(base: Path) -> list[Scenario]:
    """List the changes of key stores. Java is remembered, see ``remembering``, but for one of them."""
    authority = Authority("Root", key_type="ec")
    issued = authority.issue("server", key_type="ec")
    key = {"alias": "server", "privatekey_content": issued.key_pem(), "certificate_content": issued.certificate_pem}
    trusted = {"alias": "root", "trusted": True, "certificate_content": authority.root_pem}
    made_there = {"alias": "own", "generate": {"type": "EC", "subject": "CN=own"}}
    name = "resources/security/key.p12"
    present = {name: (issued.pkcs12(alias="first", password=STORE_PASSWORD), 0o600)}
    common = {"path": str(base / "server" / name), "password": STORE_PASSWORD, "backup": True}
    secrets = (*SECRETS, *issued.key_pem().splitlines()[1:-1])

    def store(
        title: str, files: dict[str, tuple[bytes, int]], entries: Sequence[Any], home: Path, every: int
    ) -> Scenario:
        options = {**common, "entries": entries, "java_home": str(home)}
        return Scenario(title, "keystore", name, files, options, secrets, meaning=entries_of, every=every)

    quick = remembering(base)
    other = {"resources/security/other.p12": (present[name][0], 0o600)}
    return [
        store("merge", present, [key, trusted], quick, 1),
        store("generate", present, [made_there], quick, 1),
        store("create", other, [key], quick, 1),
        store("merge-java", present, [key, trusted], java_home(), 20),
    ]


@functools.lru_cache(maxsize=64)
def entries_of(data: bytes) -> object:
    """Return what is in a key store: its aliases, with their certificates; of a damaged one its bytes."""
    try:
        found = pkcs12.load_pkcs12(data, STORE_PASSWORD.encode())
    except ValueError:
        return data
    entries = [entry for entry in (found.cert, *found.additional_certs) if entry]
    return len(entries), frozenset((entry.friendly_name, _meaning(entry)) for entry in entries)


def _meaning(entry: pkcs12.PKCS12Certificate) -> str:
    # A key that is made on the target is another one each time.
    is_made = entry.friendly_name == b"own"
    return "" if is_made else hashlib.sha256(entry.certificate.public_bytes(Encoding.DER)).hexdigest()


def java_home() -> Path:
    """Return the machine's Java."""
    keytool = shutil.which("keytool")
    if not keytool:
        raise SystemExit("keytool is missing: run `python tests/utils/machine.py test`.")
    return Path(os.path.realpath(keytool)).parents[1]


def remembering(base: Path) -> Path:
    """Make a Java whose keytool answers at once what the real one answered to the same files before."""
    home, cache = base / "java", base / "remembered"
    (home / "bin").mkdir(parents=True)
    cache.mkdir()
    cache.chmod(0o1777)
    script = Path(__file__).with_name("remembering_keytool.sh").read_text()
    script = script.replace("@KEYTOOL@", str(java_home() / "bin" / "keytool")).replace("@CACHE@", str(cache))
    (home / "bin" / "keytool").write_text(script)
    (home / "bin" / "keytool").chmod(0o755)
    return home
