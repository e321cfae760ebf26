# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The features that there are, and which of them Liberty loads together.

Sources: the public features of Open Liberty 26.0.0.3 (lib/features/*.mf; a test compares the table with them), those
that WebSphere Liberty has besides (its documentation, Liberty features), and those of z/OS Connect (IBM: z/OS Connect
features; its samples). Each of Open Liberty's fits some levels of Java EE (6 to 8) or Jakarta EE (9 and 10); two that
have no level in common are not loaded together, and of most there is one version at a time. Which of two cannot be
loaded was observed on Open Liberty 26.0.0.3.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence

# Levels of Java EE or Jakarta EE → features that fit them; without a level they fit all.
_BY_LEVELS = {
    "6": """
        jsp-2.2
    """,
    "6 7": """
        servlet-3.1
    """,
    "6 7 8": """
        appclientsupport-1.0 appsecurity-1.0,2.0 concurrent-1.0 el-3.0 j2eemanagement-1.1 jacc-1.5 jaspic-1.1
        javamail-1.5 jaxb-2.2 jaxws-2.2 jsonp-1.0 jsp-2.3 managedbeans-1.0 mpconfig-1.1,1.2,1.3,1.4
        mpcontextpropagation-1.0 mpfaulttolerance-1.0,1.1 mpreactivestreams-1.0 openid-2.0 sipservlet-1.1
        springboot-1.5,2.0 wasjmsclient-2.0 wasjmssecurity-1.0 wasjmsserver-1.0 websocket-1.0,1.1
    """,
    "6 7 8 9 10": """
        acmeca-2.0 admincenter-1.0 appsecurityclient-1.0 audit-1.0,2.0 bells-1.0 cloudant-1.0
        constraineddelegation-1.0 couchdb-1.0 distributedmap-1.0 federatedregistry-1.0 jdbc-4.0,4.1,4.2,4.3 jndi-1.0
        jwt-1.0 jwtsso-1.0 ldapregistry-3.0 mongodb-2.0 monitor-1.0 oauth-2.0 openidconnectclient-1.0
        openidconnectserver-1.0 passwordutilities-1.0,1.1 requesttiming-1.0 restconnector-2.0 samlweb-2.0
        sessioncache-1.0 sessiondatabase-1.0 sociallogin-1.0 spnego-1.0 webcache-1.0 wsatomictransaction-1.2
        wssecurity-1.1 wssecuritysaml-1.1
    """,
    "7": """
        beanvalidation-1.1 cdi-1.2 javaee-7.0 javaeeclient-7.0 jaxrs-2.0 jaxrsclient-2.0 jpa-2.1 jpacontainer-2.1
        jsf-2.2 jsfcontainer-2.2 microprofile-1.0 webprofile-7.0
    """,
    "7 8": """
        batch-1.0 ejb-3.2 ejbhome-3.2 ejblite-3.2 ejbpersistenttimer-3.2 ejbremote-3.2 jca-1.7
        jcainboundsecurity-1.0 jms-2.0 jmsmdb-3.2 mdb-3.2 microprofile-1.2,1.3,1.4 mphealth-1.0,2.0,2.1,2.2
        mpjwt-1.0,1.1 mpmetrics-1.0,1.1,2.0,2.2,2.3 mpopenapi-1.0,1.1 mpopentracing-1.0,1.1,1.2 mprestclient-1.0,1.1
        openapi-3.1 opentracing-1.0,1.1,1.2
    """,
    "7 8 9 10": """
        batchmanagement-1.0 mphealth-4.0 mptelemetry-1.1,2.0,2.1
    """,
    "8": """
        appsecurity-3.0 beanvalidation-2.0 cdi-2.0 jakartaee-8.0 javaee-8.0 javaeeclient-8.0 javamail-1.6 jaxrs-2.1
        jaxrsclient-2.1 jpa-2.2 jpacontainer-2.2 jsf-2.3 jsfcontainer-2.3 jsonb-1.0 jsonbcontainer-1.0 jsonp-1.1
        jsonpcontainer-1.1 microprofile-2.0,2.1,2.2,3.0,3.2,3.3,4.0,4.1 mpconfig-2.0 mpcontextpropagation-1.2
        mpfaulttolerance-2.0,2.1,3.0 mpgraphql-1.0 mphealth-3.0,3.1 mpjwt-1.2 mpmetrics-3.0 mpopenapi-2.0
        mpopentracing-1.3,2.0 mpreactivemessaging-1.0 mprestclient-1.2,1.3,1.4,2.0 opentracing-1.3,2.0 servlet-4.0
        webprofile-8.0
    """,
    "8 9 10": """
        grpc-1.0 grpcclient-1.0
    """,
    "9": """
        appauthentication-2.0 appauthorization-2.0 appsecurity-4.0 batch-2.0 cdi-3.0 concurrent-2.0 connectors-2.0
        connectorsinboundsecurity-2.0 expressionlanguage-4.0 faces-3.0 facescontainer-3.0 jakartaee-9.1
        jakartaeeclient-9.1 jsonb-2.0 jsonbcontainer-2.0 jsonp-2.0 jsonpcontainer-2.0 mail-2.0 messaging-3.0
        microprofile-5.0 mpjwt-2.0 mpmetrics-4.0 mpopenapi-3.0 mpopentracing-3.0 pages-3.0 persistence-3.0
        persistencecontainer-3.0 restfulws-3.0 restfulwsclient-3.0 servlet-5.0 webprofile-9.1 websocket-2.0
        xmlbinding-3.0 xmlws-3.0
    """,
    "9 10": """
        appclientsupport-2.0 beanvalidation-3.0 enterprisebeans-4.0 enterprisebeanshome-4.0 enterprisebeanslite-4.0
        enterprisebeanspersistenttimer-4.0 enterprisebeansremote-4.0 managedbeans-2.0 mdb-4.0 messagingclient-3.0
        messagingsecurity-3.0 messagingserver-3.0 mpconfig-3.0 mpcontextpropagation-1.3 mpfaulttolerance-4.0
        mpgraphql-2.0 mpreactivemessaging-3.0 mpreactivestreams-3.0 mprestclient-3.0
    """,
    "10": """
        appauthentication-3.0 appauthorization-2.1 appsecurity-5.0 batch-2.1 cdi-4.0 concurrent-3.0 connectors-2.1
        expressionlanguage-5.0 faces-4.0 facescontainer-4.0 jakartaee-10.0 jakartaeeclient-10.0 jsonb-3.0
        jsonbcontainer-3.0 jsonp-2.1 jsonpcontainer-2.1 mail-2.1 messaging-3.1 microprofile-6.0,6.1,7.0,7.1
        mpconfig-3.1 mpfaulttolerance-4.1 mpjwt-2.1 mpmetrics-5.0,5.1 mpopenapi-3.1,4.0,4.1 mprestclient-4.0
        mptelemetry-1.0 pages-3.1 persistence-3.1 persistencecontainer-3.1 restfulws-3.1 restfulwsclient-3.1
        servlet-6.0 springboot-3.0 webprofile-10.0 websocket-2.1 xmlbinding-4.0 xmlws-4.0
    """,
    "": """
        crac-1.4 eventlogging-1.0 json-1.0 localconnector-1.0 logstashcollector-1.0 osgiconsole-1.0 ssl-1.0
        transportsecurity-1.0
    """,
}
# What WebSphere Liberty has besides; nobody here knows their levels.
_WEBSPHERE = """
    apidiscovery-1.0 batchsmflogging-1.0 binarylogging-1.0 bluemixutility-1.0 blueprint-1.0 clustermember-1.0
    collectivecontroller-1.0 collectivemember-1.0 dynamicrouting-1.0 ejblite-3.1 healthanalyzer-1.0 healthmanager-1.0
    heritageapis-1.0,1.1,2.0 httpwhiteboard-1.0 jaxrs-1.1 jmsmdb-3.1 jpa-2.0 jsf-2.0 loganalysis-1.0
    mediaservercontrol-1.0 openapi-3.0 osgi.jpa-1.0 osgiappintegration-1.0 osgibundle-1.0 productinsights-1.0
    restconnector-1.0 rtcomm-1.0 rtcommgateway-1.0 scalingcontroller-1.0 scalingmember-1.0 serverstatus-1.0
    servlet-3.0 usagemetering-1.0 wab-1.0 wmqjmsclient-1.1,2.0 wmqmessagingclient-3.0 zosautomaticrestartmanager-1.0
    zosconnect-1.0,1.2 zoslocaladapters-1.0 zospasswordencryptionkey-1.0 zosrequestlogging-1.0 zossecurity-1.0
    zostransaction-1.0 zoswlm-1.0
"""
_ZOSCONNECT = """
    apirequester-1.0 cics-1.0 cicsservice-1.0 db2-1.0 ims-1.0 oasrequester-1.0 zosconnect-2.0,3.0
    zosconnectcommands-1.0
"""
PREFIX = "zosconnect"
# The first level of Jakarta EE with names of its own.
_JAKARTA = 9
_PREFIX = f"{PREFIX}:"
# Of these Liberty loads versions side by side.
_SIDE_BY_SIDE = frozenset({"appsecurity-1.0", "appsecurity-2.0", "appsecurity-3.0"})
# How like a name of z/OS Connect another one must be to be a slip of the pen: the list of those is not complete.
_SLIP = 0.85


def _names(text: str) -> Iterator[str]:
    for item in text.split():
        base, _hyphen, versions = item.rpartition("-")
        yield from (f"{base}-{version}" for version in versions.split(","))


LEVELS: Mapping[str, frozenset[int]] = {
    name: frozenset(map(int, levels.split())) for levels, text in _BY_LEVELS.items() for name in _names(text)
}
_OF_ZOSCONNECT = frozenset(_names(_ZOSCONNECT))
# Those of Open Liberty, and of all Libertys, with and without their version.
OF_OPEN_LIBERTY = frozenset({*LEVELS, "validation"} | {name.rpartition("-")[0] for name in LEVELS})
_OF_LIBERTY = OF_OPEN_LIBERTY | {*_names(_WEBSPHERE)}


def is_known(feature: str) -> bool:
    """Say whether a feature, in lower case, may be there; nobody can know those of other products and of users."""
    prefix, colon, own = feature.rpartition(":")
    if not colon:
        return feature in _OF_LIBERTY
    if prefix != _PREFIX[:-1] or own in _OF_ZOSCONNECT:
        return True
    base, bases = own.rpartition("-")[0], {name.rpartition("-")[0] for name in _OF_ZOSCONNECT}
    return base in bases or not difflib.get_close_matches(base, bases, n=1, cutoff=_SLIP)


def newest_known(feature: str) -> str | None:
    """Return the newest version known here of a feature, in lower case, that is newer than it; None where it is not."""
    base = feature.rpartition("-")[0]
    of_base = [name for name in _OF_LIBERTY if base and name.rpartition("-")[0] == base]
    newest = max(of_base, key=_version, default=None)
    return newest if newest and _version(feature) > _version(newest) else None


def _version(feature: str) -> tuple[int, ...]:
    """Return the version at the end of a feature's name as numbers; nothing where it is no version."""
    parts = feature.rpartition("-")[2].split(".")
    return tuple(map(int, parts)) if all(part.isascii() and part.isdigit() for part in parts) else ()


def like(feature: str) -> Sequence[str]:
    """Return the features among which the one is that may be meant."""
    return sorted(_OF_LIBERTY if ":" not in feature else {f"{_PREFIX}{name}" for name in _OF_ZOSCONNECT})


def clashes(enabled: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """Give pairs of enabled features, in lower case, that Liberty does not load together, each with the reason."""
    versions: dict[str, str] = {}
    levels: dict[frozenset[int], str] = {}
    for feature in dict.fromkeys(enabled):
        base = feature.rpartition("-")[0]
        other = versions.setdefault(base, feature) if base else feature
        if other != feature and not {feature, other} <= _SIDE_BY_SIDE:
            yield other, feature, "they are versions of one feature, of which it loads one"
            continue
        own = LEVELS.get(feature) or frozenset()
        apart = next((other for fits, other in levels.items() if own and not fits & own), None)
        if apart:
            yield apart, feature, f"one is for {_editions(LEVELS[apart])}, the other for {_editions(own)}"
        if own:
            levels.setdefault(own, feature)


def are_of_different_editions(one: str, other: str) -> bool:
    """Say whether one feature is for Java EE only, the other for Jakarta EE only: then Liberty loads none at all."""
    levels = [LEVELS.get(each) or frozenset() for each in (one, other)]
    return all(levels) and any(max(a) < _JAKARTA <= min(b) for a, b in (levels, levels[::-1]))


def twice(enabled: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Give pairs of enabled features that are versions of one, and are loaded side by side all the same."""
    found = [feature for feature in dict.fromkeys(enabled) if feature in _SIDE_BY_SIDE]
    yield from ((found[0], feature) for feature in found[1:])


def _editions(levels: frozenset[int]) -> str:
    known = {"Java EE": [level for level in sorted(levels) if level < 9], "Jakarta EE": sorted(levels - set(range(9)))}
    return " and ".join(f"{name} {' or '.join(map(str, found))}" for name, found in known.items() if found)
