# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action: which options are secret, what a store becomes, and what the action needs on the controller."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import pkcs12

from ansible_collections.zosconnect.security.plugins.action import keystore
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.found import Found
from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore import change


@pytest.mark.parametrize("name", ["password", "key_password", "privatekey_content", "privatekey_passphrase"])
def test_secrets_are_marked(name: str) -> None:
    arguments = keystore.ActionModule.ARGUMENTS
    assert {**arguments, **arguments["entries"]["options"]}[name]["no_log"] is True


FOUND = Found("/s/k", "/s/k", None, "ab", None, False, "/s", True, True, "u")


@pytest.mark.parametrize(
    ("present", "wanted", "way"),
    [
        (("PKCS12", "java8"), (None, None), ("PKCS12", "java8", False)),
        (("PKCS12", "java8"), (None, "modern"), ("PKCS12", "modern", True)),
        (("PKCS12", "modern"), ("PKCS12", "modern"), ("PKCS12", "modern", False)),
        (("PKCS12", None), (None, "java8"), ("PKCS12", "java8", False)),
        (("JKS", None), (None, None), ("JKS", None, False)),
        (("JKS", None), ("PKCS12", None), ("PKCS12", "modern", True)),
        (("JKS", None), ("PKCS12", "java8"), ("PKCS12", "java8", True)),
        (("PKCS12", "modern"), ("JCEKS", None), ("JCEKS", None, True)),
        ((None, None), ("JKS", None), ("JKS", None, False)),
    ],
)
def test_how_a_store_is_written(present: Any, wanted: Any, way: Any) -> None:
    store = dict(zip(("format", "encryption"), present, strict=True))
    options = dict(zip(("store_type", "encryption"), wanted, strict=True))
    found = change.how(FOUND, store, options)
    assert (found.kind, found.encryption, found.convert) == way


def test_a_jks_store_has_no_other_encryption() -> None:
    with pytest.raises(SecurityError) as caught:
        change.how(FOUND, {"format": "JKS", "encryption": None}, {"store_type": None, "encryption": "modern"})
    assert str(caught.value) == (
        "encryption: a JKS store has its own encryption; leave the option out, or convert with store_type=PKCS12."
    )


def test_a_cryptography_that_is_too_old(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(pkcs12, "serialize_java_truststore")
    with pytest.raises(SecurityError) as caught:
        change.material()
    assert str(caught.value) == (
        f"The Python library cryptography on the Ansible controller, for {sys.executable}, is too old: version 45 or "
        "later is needed, which writes certificates that Java trusts."
    )
