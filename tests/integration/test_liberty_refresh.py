# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""liberty_refresh: a real Liberty that looks only when told; and every way in which telling it goes wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from launcher import Liberty
from layout import BARE_SERVER_XML, free_port
from plays import play

pytestmark = [pytest.mark.chosen, pytest.mark.ansible, pytest.mark.liberty]

NAMES = (
    "done",
    "check",
    "wrong_password",
    "no_administrator",
    "no_mbean",
    "untrusted",
    "nobody",
    "plain",
    "lost",
    "empty",
)
MBEAN = '<config updateTrigger="mbean"/>'
CHANGED = '<zosconnect_zosConnectManager requireSecure="false"/>'


def server_xml(content: str) -> str:
    return BARE_SERVER_XML.read_text(encoding="utf-8").replace("</server>", f"{content}</server>")


def encrypted(key: Path) -> str:
    """A private key as PEM, with the passphrase that is given with it."""
    found = serialization.load_pem_private_key(key.read_bytes(), None)
    how = serialization.BestAvailableEncryption(b"Marker-passphrase")
    return found.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, how).decode()


@pytest.fixture(scope="module")
def played(liberty: Liberty, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """One play; the server's configuration has changed and it has not been told before it begins."""
    assert liberty.update(server_xml(MBEAN)).applied
    path = liberty.server_dir / "server.xml"
    path.write_text(server_xml(CHANGED), encoding="utf-8")  # without MBEAN: it looks by itself again afterwards
    since = liberty.position()
    credentials = json.loads(liberty.layout.credentials_file.read_text(encoding="utf-8"))
    good = {
        "url": f"{liberty.layout.admin_url}/",
        "username": credentials["user"],
        "password": credentials["password"],
        "ca_content": Path(credentials["ca"]).read_text(encoding="utf-8"),
        "files": [str(path)],
        "timeout": 20,
    }
    nobody = f"https://localhost:{free_port()}"
    options = {
        "check": {"url": nobody},
        "wrong_password": {"password": "Marker-wrong"},
        "no_administrator": {"username": "cicsuser", "password": "cics-password"},
        "no_mbean": {"url": f"{liberty.layout.admin_url}/zosConnect"},
        "untrusted": {"ca_content": None, "timeout": 1},
        "nobody": {"url": nobody, "timeout": 1},
        "plain": {"url": f"http://localhost:{liberty.http_port}"},
        "lost": {"password": "$encrypted$"},
        "empty": {"password": ""},
        "done": {},
    }
    tasks = [
        {
            "zosconnect.security.liberty_refresh": {k: v for k, v in {**good, **changes}.items() if v is not None},
            "check_mode": name == "check",
        }
        for name, changes in options.items()
    ]
    options["certificate"] = {}
    tasks.append(
        {
            "zosconnect.security.liberty_refresh": {
                "url": f"{liberty.layout.admin_url}/",
                "files": [str(path)],
                "ca_content": Path(credentials["ca"]).read_text(encoding="utf-8"),
                "client_certificate_content": Path(credentials["certificate"]).read_text(encoding="ascii"),
                "client_key_content": encrypted(Path(credentials["key"])),
                "client_key_passphrase": "Marker-passphrase",
            }
        }
    )
    done = play(tmp_path_factory.mktemp("refresh"), tasks)
    assert not [secret for secret in (credentials["password"], "Marker-", "cics-password") if secret in done.output]
    assert liberty.wait_for_update(since).applied
    return dict(zip(options, done.results, strict=True)) | {"path": {"is": str(path)}, "nobody_is": {"is": nobody}}


def test_the_server_uses_what_it_was_told_of(played: dict[str, dict[str, Any]], liberty: Liberty) -> None:
    assert played["done"]["changed"] is True
    assert played["done"]["files"] == [played["path"]["is"]]
    assert liberty.config("zosconnect_zosConnectManager")[0]["requireSecure"] is False


def test_a_client_certificate_is_enough(played: dict[str, dict[str, Any]]) -> None:
    assert (played["certificate"]["changed"], played["certificate"]["files"]) == (True, [played["path"]["is"]])


def test_check_mode_tells_nobody(played: dict[str, dict[str, Any]]) -> None:
    assert (played["check"]["changed"], played["check"]["files"]) == (True, [played["path"]["is"]])


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (
            "wrong_password",
            ": HTTP status 401, the server does not know the user, the password or the client certificate.",
        ),
        ("no_administrator", "/: the server was not told: HTTP status 403, the user lacks the administrator role."),
        (
            "no_mbean",
            "/zosConnect: the server was not told: HTTP status 404, nothing answers there; enable the feature",
        ),
        (
            "untrusted",
            ": the server was not told: its certificate is not trusted (self-signed certificate in certificate ",
        ),
        (
            "nobody",
            ": the server was not told: nobody listens there (connection refused); start the server, or correct",
        ),
        ("plain", " must begin with https://HOST, because a secret is sent there."),
        (
            "lost",
            "password: the secret is the text that AWX leaves where a password was lost on import; enter the password again.",
        ),
        ("empty", "password: is empty; give the password."),
    ],
)
def test_what_goes_wrong(played: dict[str, dict[str, Any]], name: str, said: str) -> None:
    assert played[name]["failed"]
    assert said in played[name]["msg"]
