# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which word of a declaration mends what a finding says of its change, where there is one: the one table of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.names import DEFAULT_ENDPOINT
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.policies import HOST_REFERENCE
from ansible_collections.zosconnect.security.plugins.plugin_utils.declared import names
from ansible_collections.zosconnect.security.plugins.plugin_utils.hints import several
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import Effective
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import outbound, ports
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.findings import Finding
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.rules.rule import Fault

Json = dict[str, Any]
_PORT, _CALL = "httpEndpoint", "zosconnect_endpointConnection"


@dataclass(frozen=True)
class Around:
    """What a declaration is about, as it would be after its change.

    ``endpoints`` and ``calls`` are the ids of those that are declared, ``served`` and ``calling`` the ids of their SSL
    configurations, ``in_clear`` the endpoints that accept plain http, ``secured`` those that have an https port.
    ``features`` and ``requesters`` are named in it; of ``asking`` ports a client certificate is required. ``made`` are
    the paths of key stores that are made, ``rules`` the names of its AT-TLS rules. ``gone``: all of that is taken away.
    """

    endpoints: frozenset[str] = frozenset()
    calls: frozenset[str] = frozenset()
    served: frozenset[str] = frozenset()
    calling: frozenset[str] = frozenset()
    in_clear: frozenset[str] = frozenset()
    secured: frozenset[str] = frozenset()
    features: frozenset[str] = frozenset()
    requesters: frozenset[str] = frozenset()
    made: frozenset[str] = frozenset()
    rules: frozenset[str] = frozenset()
    asking: bool = False
    gone: bool = False

    @property
    def others(self) -> list[str]:
        """The endpoints that accept plain http and that no word of this declaration closes."""
        return sorted(self.in_clear - self.endpoints - {DEFAULT_ENDPOINT})


@dataclass(frozen=True)
class Mend:
    """A word of the declaration, with the value that mends, and whether it does so in a case.

    The word may name endpoints that are around it, as ``{others}``. ``outside``: the declaration cannot say it, so the
    word says who changes what.
    """

    word: str
    fits: Callable[[Fault, Around], bool]
    outside: bool = False


def _closes(_fault: Fault, around: Around) -> bool:
    """``plain_http`` closes the http ports of the endpoints that are declared, and of the default one."""
    return bool(around.endpoints) and around.in_clear <= around.endpoints | {DEFAULT_ENDPOINT}


def _others_close(_fault: Fault, around: Around) -> bool:
    """Endpoints that others declare, or nobody, are closed by a connection of their own, where they have https."""
    return bool(around.others) and around.secured.issuperset(around.others)


def _others_stay(fault: Fault, around: Around) -> bool:
    return bool(around.others) and not _others_close(fault, around)


def _is_rule(fault: Fault, around: Around) -> bool:
    return fault.about[1] in around.rules


def _is_port(fault: Fault, around: Around) -> bool:
    return fault.about[0] == _PORT and fault.about[1] in around.endpoints


def _is_call(fault: Fault, around: Around) -> bool:
    return fault.about[0] == _CALL and fault.about[1] in around.calls


def _is_served(fault: Fault, around: Around) -> bool:
    return fault.about[0] == "ssl" and fault.about[1] in around.served


def _is_calling(fault: Fault, around: Around) -> bool:
    return bool(around.calling) and fault.about[0] == "ssl" and fault.about[1] in {*around.calling, None}


def _is_demanded(fault: Fault, around: Around) -> bool:
    return fault.about[0] == "apiRequester" and fault.about[1] in around.requesters


def _is_feature(fault: Fault, around: Around) -> bool:
    return bool(around.features.intersection(map(str, fault.about[1:])))


_APARS = " and ".join(HOST_REFERENCE.apars)
_CLOSED = Mend("plain_http: closed", _closes)
_CLOSED_TOO = Mend("a connection for the https port of {others} too, and plain_http: closed for each", _others_close)
_CLOSED_BY = Mend("who answers for {others} sets httpPort to -1 there", _others_stay, outside=True)
_DEMANDED = Mend("require_secure with requesters: true", _is_demanded)
_PROTOCOLS = Mend("protocols: [TLSv1.2, TLSv1.3]", _is_served)
_FEATURE = Mend("features without it", _is_feature)
_OWN = "ssl_configuration: own, with a trust_store"


def _of_callers(mend: Mend) -> Mend:
    """What mends a finding about calls to the server mends none about calls of it."""
    return replace(mend, fits=lambda fault, around: fault.about[0] != _CALL and mend.fits(fault, around))


MENDS: Mapping[str, tuple[Mend, ...]] = {
    "administration-certificate": (Mend("client_certificate: supported", lambda _fault, around: around.asking),),
    "assertion-unprotected": (_CLOSED, _CLOSED_TOO, _DEMANDED, _CLOSED_BY),
    "attls-any-server": (
        Mend(
            f"name {_APARS} in zos_apars if they are on; else who maintains z/OS puts them on", _is_rule, outside=True
        ),
    ),
    "attls-overlap": (Mend("priority with another number", _is_rule),),
    "basic-auth-cleartext": tuple(map(_of_callers, (_CLOSED, _CLOSED_TOO, _CLOSED_BY))),
    "default-endpoint": (
        Mend("harden_default: true", lambda f, around: f.about[-1] is True and bool(around.endpoints)),
    ),
    "endpoint-scheme": (Mend("endpoint with another port", _is_call),),
    "feature-clash": (_FEATURE,),
    "feature-twice": (_FEATURE,),
    "feature-unknown": (_FEATURE,),
    "host-name-missing": (
        Mend("key_store with a certificate for that name, or another server_host", lambda _fault, _around: True),
    ),
    "key-file-readable": (Mend('mode: "0600"', lambda fault, around: fault.about[0] in around.made),),
    "requester-cleartext": (_CLOSED, _CLOSED_TOO, _DEMANDED, _CLOSED_BY),
    "requester-unreachable": (Mend("requesters with its name", lambda _fault, around: around.gone),),
    "tls-fallback": (Mend("key_store", _is_port),),
    "tls-no-default-store": (Mend(_OWN, _is_call),),
    "tls-protocol-by-java": (_PROTOCOLS, Mend(_OWN, _is_calling)),
    "tls-trusts-nothing": (Mend(_OWN, _is_call),),
    "variable-unresolved": (
        Mend("password in the place of password_variable", lambda fault, _around: fault.about[0] == "keyStore"),
    ),
}


def around(
    planned: Json, declared: Sequence[object], effective: Effective | None, attls: Sequence[int], made: Sequence[str]
) -> Around:
    """Return what a declaration is about: its plan, itself, and the server as it would be with that."""
    words = {key: frozenset(named(declared, key)) for key in ("features", "requesters")}
    found = {one["port"] for one in planned["connections"]}
    seen = ports.ports(effective, attls) if effective else []
    served = [port for port in seen if port.port in found]
    ids = frozenset(str(one["id"]) for one in planned["endpoints"])
    calls = [call for call in outbound.calls(effective) if call.called.id in ids] if effective else []
    return Around(
        endpoints=frozenset(port.endpoint for port in served),
        calls=ids,
        served=frozenset(port.ssl for port in served if port.ssl),
        calling=frozenset(str(call.ssl.id) for call in calls if call.ssl),
        in_clear=frozenset(port.endpoint for port in seen if port.cleartext),
        secured=frozenset(port.endpoint for port in seen if port.tls),
        features=frozenset(map(str.lower, words["features"])),
        requesters=words["requesters"],
        made=frozenset(made),
        rules=frozenset(name for file in planned["policies"] for name in file["rules"]),
        gone=planned["state"] == "absent",
        asking=any(one["client_certificate"] == "required" for one in planned["connections"]),
    )


def named(declared: Sequence[object], key: str) -> list[str]:
    """Return the names in a list of all connections; the plan has checked them."""
    given = [item[key] for item in declared if isinstance(item, Mapping) and item.get(key)]
    return [name for one in given for name in names(one, key)]


def words(finding: Finding, around: Around) -> str:
    """Return the part of a sentence about what mends a finding.

    These are words of the declaration; where it has none, it says who must change what; and empty is for no such thing.
    """
    found = [mend for mend in MENDS.get(finding.rule.id, ()) if mend.fits(finding.fault, around)]
    others = several([f"httpEndpoint {name}" for name in around.others])
    for outside, where in ((False, "In the declaration"), (True, "Outside of the declaration")):
        if said := [mend.word.format(others=others) for mend in found if mend.outside == outside]:
            return f" {where}: {' or '.join(said)}."
    return ""
