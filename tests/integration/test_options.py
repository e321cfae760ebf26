# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options that several modules share, or that belong to no story of their own: each does what it says, in one run."""

from __future__ import annotations

import base64
import grp
import os
import pwd
from pathlib import Path
from typing import Any

import pytest
from layout import free_port
from pki import Cast
from plays import play

pytestmark = [pytest.mark.ansible, pytest.mark.java]
Json = dict[str, Any]
PASSWORD = "changeit-1"
# Root can give a file away; for others it is theirs already.
OTHER, OTHER_GROUP = (65534, 65534) if os.geteuid() == 0 else (os.getuid(), os.getgid())
XML = '<server>\n    <httpEndpoint id="a" httpsPort="-1"/>\n</server>\n'
POLICY = {"TTLSRule": [{"name": "zc", "Direction": "Inbound", "LocalPortRange": 1, "TTLSGroupActionRef": "off"}]}
POLICY["TTLSGroupAction"] = [{"name": "off", "TTLSEnabled": False}]
# Without SELinux nothing knows these, and a file has none.
LABEL = {"seuser": "system_u", "serole": "object_r", "setype": "etc_t", "selevel": "s0"}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, pki: Cast) -> tuple[Path, Json]:
    folder = tmp_path_factory.mktemp("options")
    (folder / "own").mkdir()
    for place in (folder, folder / "own"):
        (place / "server.xml").write_text(XML, encoding="ascii")
    (folder / "root.pem").write_text(pki.root.root_pem, encoding="ascii")
    tasks = options(folder, pki)
    results = play(folder, [*tasks.values()]).results
    return folder, dict(zip(tasks, results, strict=True))


def options(folder: Path, pki: Cast) -> Json:
    """Tasks by the names of their modules, and what is told apart behind that."""
    user, group = pwd.getpwuid(OTHER).pw_name, grp.getgrgid(OTHER_GROUP).gr_name
    store = {"path": str(folder / "keys.p12"), "password": PASSWORD}
    entry = {"alias": "ca", "trusted": True, "certificate_content": pki.root.root_pem, "allow_older": True}
    element = {"element": "httpEndpoint", "id": "a", "attributes": {"httpPort": -1}}
    policy = {
        "path": str(folder / "policy"),
        "create": True,
        "zos_release": "3.1",
        "config": POLICY,
        "encoding": "UTF-8",
    }
    key = {"password_key": "of-the-server"}
    probe = {"host": "127.0.0.1", "port": free_port(), "expect": ["refused"]}
    stored = {"element": "keyStore", "id": "k", "attributes": {"location": "k.p12", "password": PASSWORD}}
    base64_key = base64.b64encode(bytes(range(32))).decode()
    return {
        "server_xml": {
            "zosconnect.security.server_xml": {
                "path": str(folder / "server.xml"),
                "elements": [element],
                "owner": user,
                "group": group,
                **LABEL,
            }
        },
        "attls_policy": {
            "zosconnect.security.attls_policy": {
                **policy,
                "owner": user,
                "group": group,
                "unsafe_writes": True,
                **LABEL,
            }
        },
        "keystore": {
            "zosconnect.security.keystore": {
                **store,
                "entries": [entry],
                "owner": user,
                "group": group,
                "unsafe_writes": True,
                "encryption": "java8",
            }
            | LABEL
        },
        "keystore attributes": {"zosconnect.security.keystore": {**store, "entries": [entry], "attributes": ""}},
        "keystore_info": {"zosconnect.security.keystore_info": {"stores": [store], "java_home": "/nowhere", **key}},
        "keystore_info base64": {
            "zosconnect.security.keystore_info": {
                "stores": [store],
                "days": 100000,
                "password_base64_key": "b2YtdGhlLXNlcnZlcg==",
            }
        },
        "server_config_info path": {
            "zosconnect.security.server_config_info": {"path": str(folder / "own" / "server.xml")}
        },
        "server_config_info java": {
            "zosconnect.security.server_config_info": {"server_dir": str(folder / "own"), "java_home": "/nowhere"}
        },
        "diagnose": {
            "zosconnect.security.diagnose": {"messages": ["CWWKG0005E: x"], "server_dir": str(folder / "own"), **key}
        },
        "tls_probe": {
            "zosconnect.security.tls_probe": {
                "probes": [
                    {
                        "name": "plain",
                        **probe,
                        "min_protocol": "TLSv1.2",
                        "max_protocol": "TLSv1.3",
                        "validate_certs": False,
                    },
                    {"name": "authority", **probe, "ca_path": str(folder / "root.pem")},
                    {"name": "scanned", **probe, "validate_certs": False, "scan": True},
                ]
            }
        },
        "tls_probe key": {
            "zosconnect.security.tls_probe": {
                "probes": [
                    {
                        "name": "key",
                        **probe,
                        "validate_certs": False,
                        "client_certificate_content": pki.server.certificate_pem,
                        "client_key_path": str(folder / "none.key"),
                    }
                ]
            }
        },
        "tls_probe certificate": {
            "zosconnect.security.tls_probe": {
                "probes": [
                    {
                        "name": "key",
                        **probe,
                        "validate_certs": False,
                        "client_certificate_path": str(folder / "none.pem"),
                        "client_key_content": pki.server.key_pem(),
                    }
                ]
            }
        },
        "server_xml base64": {
            "zosconnect.security.server_xml": {
                "path": str(folder / "own" / "server.xml"),
                "elements": [stored],
                "password_encoding": "aes",
                "password_base64_key": base64_key,
            }
        },
        "diagnose base64": {
            "zosconnect.security.diagnose": {
                "messages": ["CWWKG0005E: x"],
                "server_dir": str(folder / "own"),
                "password_base64_key": base64_key,
            }
        },
        "keystore_info listings": {"zosconnect.security.keystore_info": {"listings": ["nothing that RACF prints"]}},
    }


def test_owner_group_and_label_of_a_file(told: tuple[Path, Json]) -> None:
    """The label is what SELinux knows; elsewhere it changes nothing, and is no reason to fail."""
    folder, results = told
    for module, name in {"server_xml": "server.xml", "attls_policy": "policy", "keystore": "keys.p12"}.items():
        assert results[module]["changed"] is True, results[module]
        seen = (folder / name).stat()
        assert (seen.st_uid, seen.st_gid) == (OTHER, OTHER_GROUP), module
    assert results["keystore attributes"]["changed"] is False


def test_keys_days_and_java_of_those_that_look(told: tuple[Path, Json]) -> None:
    results = told[1]
    no_java = "java_home: /nowhere holds no program bin/keytool that can be run; name another directory."
    assert [one["message"] for one in results["keystore_info"]["findings"]] == [no_java]
    # So many days that anything runs out within them.
    (found,) = results["keystore_info base64"]["findings"]
    assert (found["id"], found["message"].partition(" ")[0]) == ("certificate-expires-soon", "CN=Throw-away")
    assert results["server_config_info path"]["ports"] == results["server_config_info java"]["ports"]
    for name in ("diagnose", "diagnose base64"):
        assert results[name]["diagnosed"][0]["id"] == "CWWKG0005E"
    written = (told[0] / "own" / "server.xml").read_text(encoding="ascii")
    assert (results["server_xml base64"]["changed"], 'password="{aes}' in written) == (True, True)
    assert "'nothing that RACF prints' is not part of any listing;" in results["keystore_info listings"]["msg"]


def test_what_one_of_several_probes_is_given(told: tuple[Path, Json]) -> None:
    results = told[1]
    assert [(one["name"], one["outcome"]) for one in results["tls_probe"]["probes"]] == [
        ("plain", "refused"),
        ("authority", "refused"),
        ("scanned", "refused"),
    ]
    missing = told[0] / "none.key"
    assert results["tls_probe key"]["msg"] == (
        f"probes[0] (key): client_key_path: {missing}: cannot be read: No such file or directory."
    )
    assert results["tls_probe certificate"]["msg"].startswith("probes[0] (key): client_certificate_path: ")
