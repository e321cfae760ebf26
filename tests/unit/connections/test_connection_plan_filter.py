# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter of the plan: one connection or a list, Base64 in, one kind of error out."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from connection_world import C1, C2, C3, DIRECTORY, changed, there

from ansible_collections.zosconnect.security.plugins.filter.connection_plan import FilterModule, connection_plan
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.plan import plan


def test_it_has_the_name_of_its_documentation() -> None:
    assert FilterModule().filters() == {"connection_plan": connection_plan}


def test_one_connection_or_several() -> None:
    assert connection_plan(C2) == connection_plan([C2]) == plan([C2])
    made = connection_plan([C2, C1], "certificate_or_basic")["connections"]
    assert [item["connection"] for item in made] == ["cics", "batch"]


def test_nothing_said_is_empty_text_as_a_role_has_it() -> None:
    assert connection_plan(C2, "") == plan([C2])


def test_a_declaration_may_be_text() -> None:
    assert connection_plan(json.dumps([C2])) == connection_plan(yaml.safe_dump(C2)) == plan([C2])


def test_the_present_file_comes_as_slurp_brings_it() -> None:
    hardened = changed(C2, {"harden_default": True})
    content = base64.b64encode(b"<server/>").decode()
    answer = {"files": [{"path": f"{DIRECTORY}/server.xml", "state": "file", "content": content}], "folders": []}
    assert connection_plan(hardened, server=answer) == plan([hardened], present=there("<server/>"))


@pytest.mark.parametrize(
    ("declared", "sentence"),
    [
        ("cics", "connections: must be a list, or the text of one in YAML or JSON, not text."),
        (
            [],
            "connections: the list is empty; declare at least one connection (for the playbooks, zosconnect_connections).",
        ),
        (changed(C2, {"port": 0}), "cics.port: 0 is not a port; ports are 1 to 65535."),
    ],
)
def test_an_error_is_one_sentence(declared: object, sentence: str) -> None:
    with pytest.raises(AnsibleFilterError) as caught:
        connection_plan(declared)
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"server": 5}, "server: must be a mapping, not a number."),
        ({"server": {"files": 5}}, "server: is not what target_read returns of the server's files."),
        ({"policy_files": ["x"]}, "policy_files: must be a mapping, not a list."),
        ({"policy_files": {"inbound": "/etc/x"}}, "policy_files.inbound: must be a mapping, not text."),
        ({"present_policies": "x"}, "present_policies: must be a mapping, not text."),
        (
            {"present_policies": {"inbound": "TTLSR"}},
            "present_policies.inbound: is no Base64; give the content of the file encoded in it.",
        ),
        (
            {"present_policies": {"inbound": 5}},
            "present_policies.inbound: must be text, not a number. Put it in quotes.",
        ),
        ({"attls_ports": 3.5}, "attls_ports[0]: 3.5 is not a port; ports are 1 to 65535."),
    ],
)
def test_what_comes_from_modules_may_be_wrong_too(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(AnsibleFilterError) as caught:
        connection_plan(C3, **options)
    assert str(caught.value) == sentence
