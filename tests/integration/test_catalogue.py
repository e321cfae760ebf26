# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The catalogue of elements against the schema that Liberty makes of itself: no attribute is missing, none is invented."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest
from fetch import liberty_install
from lxml import etree
from testbed import jdk_program

from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import elements
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.elements import Element

pytestmark = [pytest.mark.java]

XSD = "{http://www.w3.org/2001/XMLSchema}"
# Elements of which Open Liberty knows nothing: of z/OS, and of z/OS Connect.
OTHERS = frozenset(
    {
        "safAuthorization",
        "safCredentials",
        "safRegistry",
        "safRoleMapper",
        "zosLocalAdapters",
        "zosPasswordEncryptionKey",
    }
)
# What applications have nested, in which nothing here looks.
NOT_LOOKED_AT = frozenset(
    {"application-client-bnd", "application-ext", "ejb-jar-bnd", "ejb-jar-ext", "managed-bean-bnd", "web-bnd"}
    | {"webservices-bnd", "resourceadapter", "mime-filter", "resource-ref", "data-source", "ejb-ref", "env-entry"}
    | {"message-destination-ref", "resource-env-ref", "run-as"}
)
# Written, read and not in the schema: an IBM JDK's provider, the version of a binding, the name from Java EE 6.
UNLISTED = frozenset({"provider", "version", "context-root"})
Names = tuple[set[str], dict[str, etree._Element]]


@pytest.fixture(scope="module")
def types(tmp_path_factory: pytest.TempPathFactory) -> dict[str, etree._Element]:
    path = tmp_path_factory.mktemp("schema") / "server.xsd"
    tool = liberty_install() / "bin" / "tools" / "ws-schemagen.jar"
    subprocess.run([jdk_program("java"), "-jar", tool, path], check=True, capture_output=True)
    return {one.get("name"): one for one in etree.parse(path).iter(f"{XSD}complexType") if one.get("name")}


def names(types: dict[str, etree._Element], one: etree._Element) -> Names:
    """Attributes and children of a type by their names in lower case, with what it extends."""
    attributes = {found.get("name").lower() for found in one.iter(f"{XSD}attribute") if found.get("name")}
    children = {f.get("name").lower(): types.get(f.get("type")) for f in one.iter(f"{XSD}element") if f.get("name")}
    for extended in one.iter(f"{XSD}extension"):
        more, nested = names(types, types[extended.get("base")]) if extended.get("base") in types else (set(), {})
        attributes, children = attributes | more, {**nested, **children}
    return attributes, children


def compared(path: str, entry: Element, types: dict[str, etree._Element], one: etree._Element) -> Iterator[str]:
    attributes, children = names(types, one)
    known = {"id", *entry.attributes, *entry.children}
    known |= {name.removesuffix("ref") for name, each in entry.attributes.items() if each.kind in ("ref", "refs")}
    if entry.names:
        yield from (f"{path} lacks {name}" for name in sorted((attributes | {*children}) - known - NOT_LOOKED_AT))
    yield from (f"{path} invents {name}" for name in sorted({*entry.attributes} - attributes - {*children} - UNLISTED))
    for name, nested in children.items():
        if name in entry.children and nested is not None:
            yield from compared(f"{path}/{name}", entry.children[name], types, nested)


def test_it_says_what_the_schema_says(types: dict[str, etree._Element]) -> None:
    _attributes, tops = names(types, types["serverType"])
    looked = {name for name in elements.CATALOGUE if name.lower() in tops}
    assert {name for name in elements.CATALOGUE if not name.startswith("zosconnect_")} - looked == OTHERS
    wrong = [
        one for name in sorted(looked) for one in compared(name, elements.CATALOGUE[name], types, tops[name.lower()])
    ]
    assert wrong == []


def test_a_difference_is_seen(types: dict[str, etree._Element]) -> None:
    attributes, _children = names(types, types["serverType"])
    assert "description" in attributes
    entry = elements.CATALOGUE["ssl"]
    less = {name: known for name, known in entry.attributes.items() if name != "sslprotocol"}
    other = Element("ssl", "id", {**less, "sslprotocols": entry.attributes["sslprotocol"]}, entry.children)
    _, tops = names(types, types["serverType"])
    assert [*compared("ssl", other, types, tops["ssl"])] == ["ssl lacks sslprotocol", "ssl invents sslprotocols"]
