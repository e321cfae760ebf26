# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the features of a server say about it. Liberty compares a feature's name without regard to case."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import Effective
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.raw import Text
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.variables import Origin
from ansible_collections.zosconnect.security.plugins.plugin_utils.zosconnect import OAS2, OAS3

# The public features of Open Liberty 26.0.0.3 without their versions: those that bring TLS, by themselves or by what
# they pull in (Subsystem-Content of lib/features/*.mf), and the others. A test compares them with the real ones.
_WITH_TLS = """
    acmeca admincenter appauthentication appauthorization appsecurity appsecurityclient audit batchmanagement
    connectorsinboundsecurity constraineddelegation federatedregistry jacc jakartaee jaspic javaee
    jcainboundsecurity jwt jwtsso ldapregistry logstashcollector messagingsecurity microprofile mpjwt mpmetrics
    oauth openapi openid openidconnectclient openidconnectserver passwordutilities restconnector samlweb sociallogin
    spnego ssl transportsecurity wasjmssecurity webprofile wsatomictransaction wssecurity wssecuritysaml
"""
_WITHOUT_TLS = """
    appclientsupport batch beanvalidation bells cdi cloudant concurrent connectors couchdb crac distributedmap ejb
    ejbhome ejblite ejbpersistenttimer ejbremote el enterprisebeans enterprisebeanshome enterprisebeanslite
    enterprisebeanspersistenttimer enterprisebeansremote eventlogging expressionlanguage faces facescontainer grpc
    grpcclient j2eemanagement jakartaeeclient javamail javaeeclient jaxb jaxrs jaxrsclient jaxws jca jdbc jms jmsmdb
    jndi jpa jpacontainer jsf jsfcontainer json jsonb jsonbcontainer jsonp jsonpcontainer jsp localconnector mail
    managedbeans mdb messaging messagingclient messagingserver mongodb monitor mpconfig mpcontextpropagation
    mpfaulttolerance mpgraphql mphealth mpopenapi mpopentracing mpreactivemessaging mpreactivestreams mprestclient
    mptelemetry opentracing osgiconsole pages persistence persistencecontainer requesttiming restfulws
    restfulwsclient servlet sessioncache sessiondatabase sipservlet springboot validation wasjmsclient wasjmsserver
    webcache websocket xmlbinding xmlws
"""
WITH_TLS, WITHOUT_TLS = frozenset(_WITH_TLS.split()), frozenset(_WITHOUT_TLS.split())
# The first one has no part that needs TLS; later ones have.
_EXCEPT = frozenset({"microprofile-1.0"})
# Features of z/OS Connect: zosConnect-2.0 loads ssl-1.0 (CWWKF0012I of an IBM server).
_PRODUCT = "zosconnect:"
# Without one of them Liberty ignores what is said of calls for all of the server.
_TRANSPORT_SECURITY = r"(transportsecurity|acmeca)-.*"

# Features of each z/OS Connect, the one that counts where both are named first.
_OF_VERSION = {
    OAS3: r"zosconnect:(zosconnect-3\.0|oasrequester-1\.0)",
    OAS2: r"zosconnect:(zosconnect-2\.0|apirequester-1\.0|cicsservice-1\.0)",
}
# Features that bring application security, without which Liberty asks nobody for the roles of a web application. Those
# of Open Liberty are compared with its feature manifests by a test; zosConnect-2.0 loads it itself, 3.0 does not.
_APPLICATION_SECURITY = (
    r"(app(security|authentication|authorization)|audit|constraineddelegation|ja(cc|spic)|(java|jakarta)ee|jwtsso|mpjwt"
    r"|oauth|openid(connect(client|server))?|passwordutilities|samlweb|sociallogin|spnego|webprofile|wssecurity(saml)?"
    r"|zosconnect:zosconnect-2\.0)(-\d.*)?|microprofile-(1\.[2-9]|[2-9]\.\d)"
)


def features(effective: Effective) -> list[str] | None:
    """Return the enabled features in lower case, None where no ``featureManager`` was seen at all."""
    manager = effective.one("featureManager")
    if manager is None:
        return None
    found = manager.get("feature")
    return [str(feature).strip().lower() for feature in (found if isinstance(found, list) else [found or ""])]


def has(effective: Effective, pattern: str) -> bool | None:
    """Say whether a feature matches the regular expression ``pattern``; None where nobody can know."""
    return effective.once(("feature", pattern), lambda: _has(features(effective), pattern))


def _has(known: list[str] | None, pattern: str) -> bool | None:
    return None if known is None else any(re.fullmatch(pattern, feature) for feature in known)


def feature_brings_tls(feature: str) -> bool | None:
    """Say whether one feature brings TLS; None where nobody can know, as of a product's or the user's own."""
    name = feature.lower()
    base = name.rpartition("-")[0] or name
    if name in _EXCEPT or base in WITHOUT_TLS or not name:
        return False
    return True if base in WITH_TLS or name.startswith(_PRODUCT) else None


def brings_tls(effective: Effective) -> bool:
    """Say whether https ports are opened; where nobody can know, the server gets the benefit of the doubt."""

    def find() -> bool:
        known = features(effective) if effective.all_read else None
        return known is None or any(feature_brings_tls(feature) is not False for feature in known)

    return effective.once("brings TLS", find)


def has_transport_security(effective: Effective) -> bool | None:
    """Say whether outboundSSLRef and outboundConnection count; None where nobody can know."""
    return has(effective, _TRANSPORT_SECURITY)


def version(effective: Effective) -> str | None:
    """Return which z/OS Connect it is, ``2.0`` (OpenAPI 2) or ``3.0`` (OpenAPI 3); None where no feature says so."""
    return next((version for version, pattern in _OF_VERSION.items() if has(effective, pattern)), None)


def version_origin(effective: Effective) -> Origin | None:
    """Return where the feature stands that says which z/OS Connect it is; of several the last one."""
    pattern = _OF_VERSION.get(version(effective) or "", "")
    found = [origin for name, origin in written(effective).items() if re.fullmatch(pattern, name)]
    return found[-1] if found else None


def written(effective: Effective) -> dict[str, Origin]:
    """Return the enabled features in lower case, in the order in which files name them last, each with that place."""
    found: dict[str, Origin] = {}
    for name, origin in spelled(effective):
        found.pop(name.lower(), None)
        found[name.lower()] = origin
    return found


def spelled(effective: Effective) -> Iterator[tuple[str, Origin]]:
    """Yield the enabled features as they are written: of a product's prefix the case counts."""
    for manager in effective.assembly.elements.get("featureManager", []):
        feature = manager.get("feature")
        for item in feature.items if feature else ():
            if isinstance(item, Text):
                name, _variables = effective.assembly.variables.resolve(item.text)
                if name.strip():
                    yield name.strip(), item.origin


def application_security(effective: Effective) -> str | None:
    """Return the enabled feature by which roles of web applications are enforced; None where no seen feature does."""
    known = features(effective) or []
    return next((feature for feature in known if re.fullmatch(_APPLICATION_SECURITY, feature)), None)
