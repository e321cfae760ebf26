# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a sentence about a declaration calls the variable that a user has set."""

from __future__ import annotations

import pytest

from ansible_collections.zosconnect.security.plugins.plugin_utils import declared

OURS = "{{ zosconnect_connections if query('ansible.builtin.varnames', '^zosconnect_connections$') else [] }}"


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        (OURS, "zosconnect_connections"),
        ("{{ zosconnect_connections }}", "zosconnect_connections"),
        ("\n {{-zosconnect_connections | list }}", "zosconnect_connections"),
        ("{{ nobody }}", "connections_declared"),
        ("{{ [zosconnect_connections] }}", "connections_declared"),
        ("- name: cics", "connections_declared"),
        ([{"name": "cics"}], "connections_declared"),
        (None, "connections_declared"),
    ],
)
def test_the_variable_that_a_user_knows(template: object, expected: str) -> None:
    assert (
        declared.named("connections_declared", {"connections_declared": template, "zosconnect_connections": []})
        == expected
    )


def test_without_the_other_variable() -> None:
    assert declared.named("connections_declared", {"connections_declared": OURS}) == "connections_declared"
    assert declared.named("connections_declared", {}) == "connections_declared"
