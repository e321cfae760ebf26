# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""keystore_info as a user calls it: stores of a configuration, others, PEM files; and no private key travels."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from pki import Authority, Issued
from plays import play

from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore import pack
from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore.material import DesiredEntry
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import passwords
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.passwords import Keys

pytestmark = [pytest.mark.chosen, pytest.mark.java, pytest.mark.ansible]

PASSWORD, OTHER, KEY = "marker-of-a-password", "marker-of-another", "marker-of-a-key"
MODULE = "zosconnect.security.keystore_info"


def store(path: Path, *desired: DesiredEntry, password: str = PASSWORD) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(pack.pack(desired, password))
    path.chmod(0o600)


def key_der(issued: Issued) -> bytes:
    plain = serialization.NoEncryption()
    return issued.key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, plain)


def test_what_a_server_and_others_hold(tmp_path: Path) -> None:
    root = Authority("Root", key_type="ec")
    lower = root.intermediate("Lower", key_type="ec")
    server = lower.issue("server", sans=["localhost"], days=3)
    old = root.issue("old", key_type="ec", not_before=datetime(2020, 1, 1, tzinfo=UTC), days=1)
    security = tmp_path / "resources/security"
    store(security / "key.p12", DesiredEntry("server", (server.certificate,), server.key))  # type: ignore[arg-type]
    (security / "key.p12").chmod(0o644)
    store(tmp_path / "trust.p12", DesiredEntry("old", (old.certificate,), old.key), password=OTHER)  # type: ignore[arg-type]
    store(tmp_path / "single.p12", DesiredEntry("root", (root._root,), trusted=True))
    pem = tmp_path / "pair.pem"
    pem.write_text(server.key_pem() + server.certificate_pem + server.chain_pem, encoding="ascii")
    encoded = passwords.encode(PASSWORD, "aes", Keys(KEY))
    (tmp_path / "key.xml").write_text(
        f'<server><variable name="wlp.password.encryption.key" value="{KEY}"/></server>', encoding="ascii"
    )
    (tmp_path / "server.xml").write_text(
        f"""<server><include location="key.xml"/>
<keyStore id="keys" location="key.p12" type="JKS" password="{encoded}"/>
<keyStore id="trust" location="{tmp_path}/trust.p12" password="{PASSWORD}"/>
<keyStore id="gone" location="gone.p12" password="{PASSWORD}"/>
<ssl id="s" keyStoreRef="keys" trustStoreRef="trust"/></server>""",
        encoding="ascii",
    )
    whole = {
        "server_dir": str(tmp_path),
        "stores": [{"path": str(tmp_path / "single.p12"), "password": PASSWORD}],
        "files": [str(pem)],
        "hosts": ["localhost", "zosconnect.example.com"],
    }
    given = {"stores": [{"path": str(tmp_path / "trust.p12"), "password": OTHER, "role": "trust"}]}
    no_java = {"PATH": "/nowhere", "JAVA_HOME": ""}
    # Of a store that the run has read before no Java would be needed.
    (tmp_path / "other.p12").write_bytes((tmp_path / "trust.p12").read_bytes())
    other = {"stores": [{"path": str(tmp_path / "other.p12"), "password": OTHER}]}
    tasks: list[dict[str, Any]] = [
        {MODULE: whole},
        {MODULE: given},
        {MODULE: {**other, "files": [str(pem)]}, "environment": no_java},
        {MODULE: {"stores": []}, "ignore_errors": True},
    ]
    played = play(tmp_path, tasks)
    all_of_it, one, without, nothing = played.results
    assert nothing["msg"] == ("there is nothing to look at; give at least one of stores, files, listings, server_dir.")
    assert not all_of_it.get("failed"), all_of_it
    places = {Path(place["name"]).name: place for place in all_of_it["places"]}
    names = [Path(place["name"]).name for place in all_of_it["places"]]
    assert names == ["single.p12", "key.p12", "trust.p12", "gone.p12", "pair.pem"]
    (held,) = places["key.p12"]["entries"]
    assert (held["alias"], held["subject"], held["days_left"], held["chain_complete"]) == (
        "server",
        "CN=server",
        2,
        False,
    )
    assert (places["key.p12"]["role"], places["trust.p12"]["role"]) == ("key", "trust")
    assert places["single.p12"]["entries"][0]["trusted"] is True
    found = {
        (finding["id"], Path(finding["origin"].replace(str(tmp_path), "")).name) for finding in all_of_it["findings"]
    }
    assert found == {
        ("certificate-expires-soon", "server"),
        ("certificate-expires-soon", "1"),
        ("host-name-missing", "server"),
        ("host-name-missing", "1"),
        ("chain-incomplete", "server"),
        ("key-file-readable", "key.p12"),
        ("key-file-readable", "pair.pem"),
        ("store-missing", "gone.p12"),
        ("store-type-differs", "key.p12"),
        ("store-unusable", "trust.p12"),
    }
    assert {finding["id"] for finding in one["findings"]} == {
        "certificate-expired",
        "chain-end-unknown",
        "private-key-in-trust-store",
    }
    problems = [place["problem"] for place in without["places"]]
    assert problems[0].startswith(f"{tmp_path}/other.p12: no Java was found on the host")
    assert (problems[1], len(without["places"][1]["entries"])) == (None, 2)
    secrets = [PASSWORD, OTHER, KEY, encoded, *server.key_pem().splitlines()[1:-1]]
    secrets += [base64.b64encode(key_der(issued)).decode()[40:80] for issued in (server, old)]
    for secret in secrets:
        assert secret not in played.output
        assert secret not in str(played.results)
        assert not [command for command in played.commands if secret in command]
