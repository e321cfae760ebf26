# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Operator commands, as IBM's pages on the MODIFY command have them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.zosconnect.security.plugins.filter.operator_commands import operator_commands
from ansible_collections.zosconnect.security.plugins.plugin_utils import zos_names

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("changed", "version", "commands"),
    [
        ("configuration", "2.0", ["F ZCEE,ZCON,REFRESH"]),
        ("configuration", "3.0", ["F ZCEE,REFRESH,CONFIG"]),
        ("configuration", 3.0, ["F ZCEE,REFRESH,CONFIG"]),
        ("key_stores", "2.0", ["F ZCEE,ZCON,REFRESH"]),
        ("key_stores", "3.0", ["F ZCEE,REFRESH,KEYSTORE"]),
        ("applications", 2.0, ["F ZCEE,ZCON,REFRESH"]),
        ("applications", "3.0", ["F ZCEE,REFRESH,APPS"]),
        ("access", "2.0", ["F ZCEE,ZCON,CLEARSAFCACHE", "F ZCEE,CACHE,CLEAR,AUTH"]),
        ("access", "3.0", ["F ZCEE,CACHE,CLEAR,AUTH"]),
    ],
)
def test_commands(changed: str, version: object, commands: list[str]) -> None:
    assert operator_commands(changed, "ZCEE", version) == commands


@pytest.mark.parametrize(("given", "version"), [(3, "3.0"), ("2", "2.0"), (3.0, "3.0")])
def test_a_version_as_people_write_it(given: object, version: str) -> None:
    assert operator_commands("key_stores", "ZCEE", given) == operator_commands("key_stores", "ZCEE", version)


def test_defaults() -> None:
    assert operator_commands("configuration") == ["F BAQSTRT,ZCON,REFRESH"]
    assert operator_commands("configuration", "") == ["F BAQSTRT,ZCON,REFRESH"]
    assert operator_commands("configuration", " ") == ["F BAQSTRT,ZCON,REFRESH"]


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            ("keystore",),
            "what has changed: 'keystore' is not one of configuration, key_stores, applications, access; did you mean key_stores?",
        ),
        (("access", 7), "job_name: must be text, not a number. Put it in quotes."),
        (("access", "ZCEE,STOP"), f"job_name: 'ZCEE,STOP' must be {zos_names.JOB_MASK.words}."),
        (("access", "ZCEE1234X"), f"job_name: 'ZCEE1234X' must be {zos_names.JOB_MASK.words}."),
        (("access", "ZCEE", "3.1"), "zosconnect_version: '3.1' is not one of 2.0, 3.0; did you mean 3.0?"),
    ],
)
def test_errors(given: tuple[object, ...], sentence: str) -> None:
    with pytest.raises(AnsibleFilterError) as caught:
        operator_commands(*given)
    assert str(caught.value) == f"operator_commands: {sentence}"


def test_nobody_else_writes_such_a_command() -> None:
    """Neither the engine nor a role: they would name different ones for the same change."""
    written = re.compile(r"ZCON,[A-Z]|REFRESH,(CONFIG|KEYSTORE|APPS)\b|CACHE,CLEAR")
    plugins = ROOT / "plugins"
    files = [*plugins.glob("plugin_utils/**/*.py"), *plugins.glob("action/*.py"), *(ROOT / "roles").glob("*/*/*.yml")]
    found = {path.name for path in files if written.search(path.read_text(encoding="utf-8"))}
    assert found == {"operator_commands.py"}
