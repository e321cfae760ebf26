# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The face: what it documents is what it takes, and what it needs on the controller."""

from __future__ import annotations

import sys
from typing import Any

import pytest
import yaml
from cryptography.hazmat.primitives.serialization import pkcs12

from ansible_collections.zosconnect.security.plugins.action import keystore as face
from ansible_collections.zosconnect.security.plugins.modules import keystore as module
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.face import FILE_OPTIONS

# Paths of the target are expanded there; on the controller they are text.
TYPES = {"path": "str"}


def documented(options: dict[str, Any]) -> dict[str, tuple[Any, ...]]:
    return {
        name: (
            TYPES.get(option["type"], option["type"]),
            option.get("required", False),
            option.get("default"),
            option.get("choices"),
        )
        for name, option in options.items()
    }


@pytest.mark.parametrize("inside", [False, True])
def test_what_is_documented_is_what_it_takes(inside: object) -> None:
    options: dict[str, Any] = yaml.safe_load(module.DOCUMENTATION)["options"]
    taken = {name: option for name, option in face.ActionModule.ARGUMENTS.items() if name not in FILE_OPTIONS}
    if inside:
        options, taken = options["entries"]["suboptions"], taken["entries"]["options"]
    assert documented(taken) == documented(options)


@pytest.mark.parametrize("name", ["password", "key_password", "privatekey_content", "privatekey_passphrase"])
def test_secrets_are_marked(name: str) -> None:
    arguments = face.ActionModule.ARGUMENTS
    assert {**arguments, **arguments["entries"]["options"]}[name]["no_log"] is True


def test_a_cryptography_that_is_too_old(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(pkcs12, "serialize_java_truststore")
    with pytest.raises(SecurityError) as caught:
        face._material()
    assert str(caught.value) == (
        f"The Python library cryptography on the Ansible controller, for {sys.executable}, is too old: version 45 or "
        "later is needed, which writes certificates that Java trusts."
    )
