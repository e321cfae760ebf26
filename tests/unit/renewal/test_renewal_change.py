# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""From what was read of stores, files and policies to one order, and from its answer to what was done."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from renewal_world import NEW, OLD, RENEWED, SERVER, TODAY

from ansible_collections.zosconnect.security.plugins.action.renew import _entries
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.renewal import change
from ansible_collections.zosconnect.security.plugins.plugin_utils.renewal.change import Changes, Done
from ansible_collections.zosconnect.security.plugins.plugin_utils.renewal.desired import check
from ansible_collections.zosconnect.security.plugins.plugin_utils.renewal.plan import plan
from ansible_collections.zosconnect.security.plugins.plugin_utils.renewal.reading import Reading

Json = dict[str, Any]
STORE, XML, POLICY = "/srv/resources/security/key.p12", "/srv/server.xml", "/etc/pagent/policy"
OPTIONS: Json = {
    "refresh": "operator",
    **dict.fromkeys(("install_dir", "user_dir", "password_key", "java_home", "zos_release"), ""),
    "server_dir": "/srv",
    "variables": {},
    "elsewhere": [],
    "allow_expired": False,
    "backup": True,
}
SERVER_XML = """<server>
  <ssl id="mine" keyStoreRef="keys" serverKeyAlias="server"/>
  <keyStore id="keys" location="key.p12" password="{xor}LDo8LTor"/>
</server>
"""
TRUSTED = {"alias": "ca-new", "trusted": True, "certificate_content": NEW.root_pem, "replaces": "ca-old"}


def pem(authority: Any) -> str:
    return str(authority._root.public_bytes(Encoding.PEM).decode())


def file(path: str, text: str = "", **more: Any) -> Json:
    """What target_read tells of a file."""
    found = {"path": path, "real_path": path, "state": "file", "sha256": f"sum of {path}", "directory": "/srv"}
    can = {"directory_exists": True, "directory_writable": True, "user": "me", "obstacle": None, "is_led": False}
    content = base64.b64encode(text.encode()).decode()
    return {**found, **can, "mode": "0600", "owner": "me", "content": content, **more}


def store(**entries: list[str]) -> Json:
    """What target_read tells of the store, by alias the certificates of its entries."""
    told = [
        {"alias": alias, "kind": "trustedCertEntry" if len(chain) == 1 else "PrivateKeyEntry", "certificates": chain}
        for alias, chain in entries.items()
    ]
    known = {
        "format": "PKCS12",
        "encryption": "modern",
        "keytool": "/java/bin/keytool",
        "unseen": False,
        "requests": {},
    }
    return {**file(STORE), **known, "entries": told}


KEY = [SERVER.certificate_pem, pem(OLD)]


def made(given: Json, told: Json, **files: str) -> tuple[Changes, Reading]:
    """Read what is told, plan, and return what that comes to."""
    reading = Reading.of(check(given), {**OPTIONS, "server_dir": given.get("server_dir", "")})
    question: Json | None = reading.first_question()
    while question:
        answer = [file(one["path"], files[one["path"]]) for one in question["files"] if one["path"] in files]
        others = [file(one["path"], state="absent") for one in question["files"] if one["path"] not in files]
        by_path = {one["path"]: one for one in (*answer, *others)}
        stores = [told] if question.get("stores") else []
        folders = [{"path": one["path"], "state": "absent"} for one in question["folders"]]
        in_order = [by_path[one["path"]] for one in question["files"]]
        reading.take({"files": in_order, "folders": folders, "stores": stores, "jvm_starts": len(stores)})
        question = reading.next_question()
    places = reading.places([], datetime.now(UTC))
    found = {"stores": {"places": places}, "server": reading.configuration(), "policies": reading.policies([])}
    return change.changes(plan(given, found, TODAY), reading, OPTIONS, _entries), reading


def given(*entries: Json, **more: Any) -> Json:
    return {"stores": [{"path": STORE, "password": "secret-1", "entries": list(entries)}], **more}


def answered(order: Json, **more: Any) -> Json:
    """What target_apply tells when all was done."""
    files = [
        {
            "real_path": one["real_path"],
            "state": "new",
            "backup_file": f"{one['path']}~",
            "checksum_before": one["expected"],
            "checksum_after": "new",
            "requests": {},
        }
        for one in order["files"]
    ]
    return {"outcome": "applied", "message": "", "files": files, **more}


def test_what_is_there_already_changes_nothing() -> None:
    entry = {"alias": "server", "certificate_content": SERVER.certificate_pem, "chain_content": pem(OLD)}
    changes, reading = made(given(entry), store(server=KEY))
    assert (changes.parts(), changes.later(), changes.foretold().changed, reading.jvm_starts) == ([], [], False, 1)


def test_everything_is_one_order_stores_first() -> None:
    entry = {"alias": "next", "certificate_content": RENEWED.certificate_pem, "chain_content": NEW.root_pem}
    entry |= {"privatekey_content": RENEWED.key_pem(), "replaces": "server"}
    changes, reading = made(given(entry, server_dir="/srv"), store(server=KEY), **{XML: SERVER_XML})
    order = change.order(changes.parts(), reading, OPTIONS)
    assert [one["path"] for one in order["files"]] == [STORE, XML]
    assert (order["journal_dir"], order["secrets"]) == ("/srv", {STORE: "secret-1"})
    assert order["files"][0]["store"]["password"] == STORE
    assert b'serverKeyAlias="next"' in base64.b64decode(order["files"][1]["content"])
    assert order["files"][1]["server_dir"] == "/srv"
    assert order["pending"]["kinds"] == {STORE: "key_stores", XML: "configuration"}
    assert "secret-1" not in str(order["files"])
    assert [one["prepared"].splitlines()[0] for one in changes.shown() if "prepared" in one][:1] == [
        f"key store {STORE}"
    ]
    done = Done()
    assert done.take(changes.parts(), answered(order))
    assert [(one["path"], one["backup_file"]) for one in (*done.stores, *done.files)] == [
        (STORE, f"{STORE}~"),
        (XML, f"{XML}~"),
    ]
    assert done.changed


def test_what_goes_where_something_comes_is_a_second_order() -> None:
    over = {**TRUSTED, "until": str(TODAY - timedelta(1))}
    other = {"alias": "other", "trusted": True, "certificate_content": pem(OLD)}
    changes, reading = made(given(over, other), store(**{"ca-old": [pem(OLD)], "ca-new": [pem(NEW)]}))
    assert [(step.wanted["state"], step.number) for step in changes.later()] == [("absent", 1)]
    order = change.order(changes.parts(), reading, OPTIONS)
    assert [one["store"]["remove"] for one in order["files"]] == [[]]
    assert order["journal_dir"] == "/srv/resources/security"


def test_a_failure_is_told_and_nothing_counts_as_changed() -> None:
    entry = {"alias": "ca", "trusted": True, "certificate_content": pem(NEW)}
    changes, reading = made(given(entry), store(server=KEY))
    answer = answered(change.order(changes.parts(), reading, OPTIONS), outcome="put_back", message="No space.")
    answer["files"][0]["state"] = "old"
    done = Done()
    assert not done.take(changes.parts(), answer)
    assert (done.problem, done.changed, done.results()) == ("No space.", False, {"stores": [], "files": []})


def test_an_entry_is_checked_as_by_keystore() -> None:
    with pytest.raises(SecurityError, match=r"^zosconnect\.security\.keystore: "):
        _entries([{"alias": "a", "generate": {"type": "DSA", "subject": "CN=a"}}])
