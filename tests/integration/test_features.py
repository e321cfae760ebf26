# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which features bring TLS, application security and elements, beside the manifests of a real Liberty.

TLS: all that pull in the feature with the SSL channel. Application security: all that pull in an appSecurity, or are
mpJwt-2.1, which has its parts; that Liberty then asks for the roles of a web application, and else does not, was observed.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from fetch import liberty_install
from lxml import etree

from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import (
    element_features,
    feature_list,
    features,
    texts,
)

pytestmark = pytest.mark.liberty
CHANNEL = "com.ibm.ws.channel.ssl"
CLAUSE = re.compile(r'(?:[^,"]|"[^"]*")+')
ENFORCING = re.compile(r"(com\.ibm\.websphere\.appserver|io\.openliberty)\.(appSecurity-\d\.0|mpJwt-2\.1)")
COMPATIBLE = "com.ibm.websphere.appserver.eeCompatible"
# A feature that others bring by themselves once all that it asks for is there.
IDENTITY = re.compile(r"osgi\.identity=([\w.\-]+)")
FILTER = re.compile(r'filter:="([^"]*)"')
ALIAS = "{http://www.ibm.com/xmlns/appservers/osgi/metatype/v1.0.0}alias"
# By two features together, of which a server has the other one in any case.
TOGETHER = {("appsecurity-2.0", "webAppSecurity"), ("appsecurity-2.0", "authFilter")}
TRANSPORT_SECURITY = "com.ibm.websphere.appserver.transportSecurity-1.0"


@dataclass(frozen=True)
class Feature:
    """One feature: the name that a server.xml has for it, None for one that is not public, and what it contains."""

    public: str | None
    contains: frozenset[str]
    clauses: tuple[tuple[str, ...], ...]
    conditions: tuple[frozenset[str], ...] = ()


def manifest(path: Path) -> tuple[str, Feature]:
    lines = path.read_text(encoding="utf-8").replace("\r\n", "\n").replace("\n ", "").splitlines()
    header = dict(line.split(": ", 1) for line in lines if ": " in line)
    name, _semicolon, directives = header["Subsystem-SymbolicName"].partition(";")
    content = CLAUSE.findall(header.get("Subsystem-Content", ""))
    found = {part for clause in content for part in names(clause)}
    clauses = tuple(tuple(names(clause)) for clause in content)
    public = header.get("IBM-ShortName") if "public" in directives else None
    conditions = [
        frozenset(IDENTITY.findall(one)) for one in FILTER.findall(header.get("IBM-Provision-Capability", ""))
    ]
    return name.strip(), Feature(public, frozenset(found), clauses, tuple(conditions))


def names(clause: str) -> set[str]:
    """A feature may tolerate other versions of what it contains."""
    name = clause.split(";")[0].strip()
    tolerated = re.search(r'ibm\.tolerates:="?([^";]+)', clause)
    others = tolerated[1].split(",") if tolerated else []
    return {name, *(f"{name.rpartition('-')[0]}-{version.strip()}" for version in others)}


@pytest.fixture(scope="module")
def known() -> dict[str, Feature]:
    return dict(manifest(path) for path in Path(liberty_install(), "lib", "features").glob("*.mf"))


def closure(known: dict[str, Feature], name: str) -> set[str]:
    seen: set[str] = set()
    todo = [name]
    while todo:
        one = todo.pop()
        if one not in seen:
            seen.add(one)
            todo += known[one].contains if one in known else ()
    return seen


def test_each_public_feature_brings_tls_or_not_as_the_table_says(known: dict[str, Feature]) -> None:
    public = {name: feature.public for name, feature in known.items() if feature.public}
    assert len(public) > 300
    real = {short: CHANNEL in closure(known, name) for name, short in public.items()}
    assert {"jwt-1.0", "openidConnectClient-1.0", "transportSecurity-1.0"} <= {
        name for name, tls in real.items() if tls
    }
    assert {name: features.feature_brings_tls(name) for name in real} == real


def test_the_table_has_no_feature_that_is_none(known: dict[str, Feature]) -> None:
    bases = {str(each.public).lower().rpartition("-")[0] or str(each.public).lower() for each in known.values()}
    assert bases >= features.WITH_TLS | features.WITHOUT_TLS


def test_the_list_has_each_public_feature_and_no_other(known: dict[str, Feature]) -> None:
    public = {each.public.lower() for each in known.values() if each.public}
    assert {name for name in public if not feature_list.is_known(name)} == set()
    assert feature_list.LEVELS.keys() <= public


def test_the_levels_of_each_feature_are_those_of_what_it_needs(known: dict[str, Feature]) -> None:
    """Each needs eeCompatible in a version that it names, or one of those that it tolerates."""
    found: dict[str, frozenset[int] | None] = {}

    def levels(name: str) -> frozenset[int] | None:
        """None where a feature says nothing of them."""
        base, _hyphen, version = name.rpartition("-")
        if base == COMPATIBLE:
            return frozenset({int(float(version))})
        if name not in found:
            found[name] = None
            for clause in known[name].clauses if name in known else ():
                ways = [levels(one) for one in clause if one in known]
                if ways and None not in ways:
                    needed = frozenset().union(*(each for each in ways if each))
                    found[name] = needed if found[name] is None else (found[name] or frozenset()) & needed
        return found[name]

    real = {each.public.lower(): levels(name) for name, each in known.items() if each.public}
    assert {name: real[name] or frozenset() for name in feature_list.LEVELS} == dict(feature_list.LEVELS)


def test_what_is_said_of_all_calls_needs_one_of_these(known: dict[str, Feature]) -> None:
    real = {each.public for name, each in known.items() if each.public and TRANSPORT_SECURITY in closure(known, name)}
    assert real == {"transportSecurity-1.0", "acmeCA-2.0"}


def test_each_public_feature_brings_application_security_or_not_as_the_table_says(known: dict[str, Feature]) -> None:
    public = {name: feature.public for name, feature in known.items() if feature.public}
    real = {short: any(map(ENFORCING.fullmatch, closure(known, name))) for name, short in public.items()}
    assert {"appSecurity-2.0", "appSecurity", "openidConnectClient-1.0"} <= {
        name for name, asks in real.items() if asks
    }
    assert {name: application_security(name) for name in real} == real


def application_security(feature: str) -> bool:
    manager = f"<featureManager><feature>{feature}</feature></featureManager>"
    return features.application_security(texts.effective(f"<server>{manager}</server>")[0]) is not None


def elements_of_bundles() -> dict[str, set[str]]:
    """The elements that each bundle's metatype defines."""
    found: dict[str, set[str]] = {}
    for path in Path(liberty_install(), "lib").glob("*.jar"):
        with zipfile.ZipFile(path) as jar:
            names = [name for name in jar.namelist() if re.fullmatch(r"OSGI-INF/metatype/[^/]+\.xml", name)]
            aliases = {alias for name in names for alias in aliases_in(jar.read(name))}
        found.setdefault(path.name.rpartition("_")[0], set()).update(aliases)
    return found


def aliases_in(metatype: bytes) -> Iterator[str]:
    for node in etree.fromstring(metatype).iter():
        if isinstance(node.tag, str) and node.get(ALIAS):
            yield str(node.get(ALIAS))


def loaded(known: dict[str, Feature], name: str) -> set[str]:
    """A feature with all that it contains, and what comes by itself then."""
    seen, before = closure(known, name), 0
    while len(seen) > before:
        before = len(seen)
        for other, feature in known.items():
            if feature.conditions and other not in seen and all(any_of & seen for any_of in feature.conditions):
                seen |= closure(known, other)
    return seen


def test_each_element_is_brought_by_the_features_of_the_table(known: dict[str, Feature]) -> None:
    bundles = elements_of_bundles()
    brought = {
        str(feature.public).lower(): {element for part in loaded(known, name) for element in bundles.get(part, ())}
        for name, feature in known.items()
        if feature.public
    }
    assert len(brought) > 300
    wrong = {
        (feature, element)
        for feature, elements in brought.items()
        for element in element_features.BROUGHT_BY
        if element_features.brings(feature, element) is not (element in elements)
    }
    assert wrong == TOGETHER


def test_elements_of_z_os_are_none_of_open_liberty() -> None:
    known = {element for elements in elements_of_bundles().values() for element in elements}
    assert known.isdisjoint(element_features.OF_ZOS)
    assert known >= element_features.BROUGHT_BY.keys()
