# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What redaction takes for a secret, beside what a real Liberty takes for one: the metatypes of all its bundles."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import NamedTuple

import pytest
from fetch import liberty_install
from lxml import etree

from ansible_collections.zosconnect.security.plugins.module_utils.secret_names import HARMLESS, is_secret_name

pytestmark = [pytest.mark.liberty, pytest.mark.chosen]
# Secrets that Liberty's own metatype has as plain strings.
PLAIN_SECRETS = {"ifxLDAP_PASSWD"}
# Options of this collection.
OWN = {"password_encoding"}


class Attribute(NamedTuple):
    """An attribute of Liberty: its name, and whether Liberty hides its value."""

    name: str
    secret: bool


@pytest.fixture(scope="module")
def attributes() -> set[Attribute]:
    found = set()
    for bundle in sorted(Path(liberty_install(), "lib").glob("*.jar")):
        with zipfile.ZipFile(bundle) as archive:
            for name in archive.namelist():
                if name.startswith("OSGI-INF/metatype/") and name.endswith(".xml"):
                    found |= {attribute(each) for each in etree.fromstring(archive.read(name)).iter("{*}AD")}
    return found


def attribute(definition: etree._Element) -> Attribute:
    """``type`` is OSGi's, and there is another one in a name space of IBM's: password, or passwordHash."""
    types = [value for key, value in definition.attrib.items() if etree.QName(key).localname == "type"]
    return Attribute(str(definition.get("id")), any(str(value).lower().startswith("password") for value in types))


def test_every_password_of_liberty_is_known(attributes: set[Attribute]) -> None:
    secret = {found.name for found in attributes if found.secret}
    assert {"password", "sharedKey", "accessToken", "userApiToken", "keyPassword"} <= secret
    assert {name for name in secret if not is_secret_name(name)} == set()


def test_nothing_else_of_liberty_is_hidden(attributes: set[Attribute]) -> None:
    secret = {found.name for found in attributes if found.secret}
    open_names = {found.name for found in attributes} - secret
    assert {"tokenEndpointUrl", "accessTokenLifetime", "sharedKeyEncryptionEnabled", "consumerKey"} <= open_names
    assert {name for name in open_names if is_secret_name(name)} == PLAIN_SECRETS


def test_every_exception_is_needed(attributes: set[Attribute]) -> None:
    assert {found.name.lower() for found in attributes if not found.secret} & HARMLESS == HARMLESS - OWN
