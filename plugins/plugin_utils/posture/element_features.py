# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which features bring the elements that security is configured with: without one Liberty ignores them in silence.

Sources: the feature manifests and metatypes of Open Liberty 26.0.0.3 (a test reads them and compares), and IBM's
documentation of the z/OS features and of z/OS Connect.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import Effective
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import feature_list, features

# Elements → the features without their versions that bring them, by themselves or by what they pull in. What all of
# them begin with is that of TLS; names after a minus are not among them.
_TLS = "ssl sslDefault sslOptions keyStore"
_WITHIN_TLS = {
    "authCache authentication basicRegistry ltpa quickStartSecurity trustAssociation": """
        appsecurityclient federatedregistry ldapregistry logstashcollector ssl transportsecurity
    """,
    "administrator-role reader-role": "appsecurityclient logstashcollector ssl transportsecurity",
    "authFilter": """
        appsecurityclient connectorsinboundsecurity federatedregistry jcainboundsecurity ldapregistry logstashcollector
        messagingsecurity ssl transportsecurity wasjmssecurity
    """,
    "webAppSecurity": """
        acmeca admincenter appsecurityclient batchmanagement connectorsinboundsecurity federatedregistry
        jcainboundsecurity jwt ldapregistry logstashcollector messagingsecurity mpmetrics restconnector ssl
        transportsecurity wasjmssecurity wsatomictransaction
    """,
}
_JWT = "jwt jwtsso microprofile mpjwt oauth openidconnectclient openidconnectserver sociallogin"
_LDAP = "appsecurity-1.0 ldapregistry oauth openidconnectclient openidconnectserver passwordutilities sociallogin"
_BROUGHT_BY = {
    "acmeCA": "acmeca",
    "auditEvent auditFileHandler": "audit",
    "authorization-roles": """
        acmeca admincenter audit-1.0 batchmanagement jakartaee javaee jwt jwtsso microprofile mpjwt mpmetrics oauth
        openidconnectclient openidconnectserver restconnector samlweb sociallogin wsatomictransaction wssecuritysaml
    """,
    "constrainedDelegation": "constraineddelegation",
    "federatedRepository": f"{_LDAP} audit federatedregistry",
    "jwtBuilder jwtConsumer": _JWT,
    "jwtSso": "jwtsso",
    "ldapRegistry": _LDAP,
    "mpJwt": "jwtsso microprofile mpjwt",
    "oauthProvider": "oauth openidconnectclient openidconnectserver sociallogin",
    "oidcLogin": "sociallogin",
    "openidConnectClient": "openidconnectclient",
    "openidConnectProvider": "openidconnectserver",
    "remoteFileAccess": "admincenter jakartaee-9.1 restconnector",
    "samlWebSso20": "samlweb wssecuritysaml",
    "spnego": "spnego",
    "wsSecurityProvider": "wssecurity wssecuritysaml",
}
# IBM's, which no manifest of Open Liberty has.
_OF_ZOS = {
    "safAuthorization safCredentials safRegistry safRoleMapper": "zossecurity-1.0",
    "zosLocalAdapters": "zoslocaladapters-1.0",
    "zosPasswordEncryptionKey": "zospasswordencryptionkey-1.0",
}
_PRODUCT = "zosconnect"
# It brings none of these.
_EXCEPT = frozenset({"microprofile-1.0"})


def _table() -> Iterator[tuple[str, frozenset[str]]]:
    for names, without in _WITHIN_TLS.items():
        yield from ((name, features.WITH_TLS - {*without.split()}) for name in names.split())
    for names, brought_by in _BROUGHT_BY.items():
        yield from ((name, frozenset(brought_by.split())) for name in names.split())


BROUGHT_BY: Mapping[str, frozenset[str]] = {**dict.fromkeys(_TLS.split(), features.WITH_TLS), **dict(_table())}
OF_ZOS: Mapping[str, str] = {name: feature for names, feature in _OF_ZOS.items() for name in names.split()}


def is_known(element: str) -> bool:
    """Say whether it is known which features bring an element."""
    return element in BROUGHT_BY or element in OF_ZOS or element.startswith(f"{_PRODUCT}_")


def brings(feature: str, element: str) -> bool | None:
    """Say whether a feature, in lower case, brings an element; None where nobody can know."""
    if element in OF_ZOS:
        return feature == OF_ZOS[element] or (None if _is_foreign(feature) else False)
    if element.startswith(f"{_PRODUCT}_"):
        return feature.startswith(f"{_PRODUCT}:") or (None if _is_foreign(feature) else False)
    if element not in BROUGHT_BY or feature not in feature_list.OF_OPEN_LIBERTY:
        return None
    base = feature.rpartition("-")[0] or feature
    return feature not in _EXCEPT and not BROUGHT_BY[element].isdisjoint((feature, base))


def is_without(effective: Effective, element: str) -> bool:
    """Say whether Liberty ignores an element because no enabled feature brings it; not where nobody can know."""

    def find() -> bool:
        known = features.features(effective) if effective.all_read else None
        if known is None:
            return False
        return all(brings(feature, element) is False for feature in known)

    return effective.once(("without feature", element), find)


def that_bring(element: str) -> list[str]:
    """Return features that bring an element, those of one purpose first."""
    if element in OF_ZOS:
        return [OF_ZOS[element]]
    if element.startswith(f"{_PRODUCT}_"):
        return ["zosconnect:zosConnect-2.0"]
    found = sorted(name for name in feature_list.LEVELS if brings(name, element))
    return [name for name in _PREFERRED if name in found][:2] or found


# Those that are meant most often, where many would do.
_PREFERRED = ("transportsecurity-1.0", "appsecurity-2.0", "restconnector-2.0", "jwt-1.0", "ldapregistry-3.0")


def _is_foreign(feature: str) -> bool:
    """Whether a feature is of a user or of a product that nobody here knows."""
    return ":" in feature and not feature.startswith(f"{_PRODUCT}:")
