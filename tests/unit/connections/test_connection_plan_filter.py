# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The face of the plan: one connection or a list, Base64 in, one kind of error out."""

from __future__ import annotations

import base64

import pytest
from ansible.errors import AnsibleFilterError
from connection_world import C1, C2, changed

from ansible_collections.zosconnect.security.plugins.filter.connection_plan import FilterModule, connection_plan
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.plan import plan


def test_it_has_the_name_of_its_documentation() -> None:
    assert FilterModule().filters() == {"connection_plan": connection_plan}


def test_one_connection_or_several() -> None:
    assert connection_plan(C2) == connection_plan([C2]) == plan([C2])
    assert connection_plan([C2, C1], "certificate_or_basic")["kinds"] == ["C2", "C1"]


def test_nothing_said_is_empty_text_as_a_role_has_it() -> None:
    assert connection_plan(C2, "", "") == plan([C2])


def test_the_present_file_comes_as_slurp_brings_it() -> None:
    hardened = changed(C2, {"harden_default": True})
    present = base64.b64encode(b"<server/>").decode()
    assert connection_plan(hardened, None, present) == plan([hardened], present=b"<server/>")


@pytest.mark.parametrize(
    ("declared", "sentence"),
    [
        ("cics", "connection_plan: needs a connection or a list of connections, not text."),
        ([], "connection_plan: connections: the list is empty; declare at least one connection."),
        (changed(C2, {"port": 0}), "connection_plan: connection.port: 0 is not a port; ports are 1 to 65535."),
    ],
)
def test_an_error_is_one_sentence(declared: object, sentence: str) -> None:
    with pytest.raises(AnsibleFilterError) as caught:
        connection_plan(declared)
    assert str(caught.value) == sentence
