# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The catalogue entries of the stand-in's probe elements (tests/liberty/extension, probe.xml): every type, every nesting."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import elements
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.elements import Element
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.elements import _element as element

CHILD = "s string\nsd string dflt\nb boolean\nbt boolean true\nms strings\n"
TARGET = "s string\nsd string dflt\nms strings\n"
OWN = """
    s string
    sd string dflt
    b boolean
    bt boolean true
    in integer[-2147483648..2147483647]
    ind integer[1..100] 7
    lo integer[-9223372036854775808..9223372036854775807]
    dud duration 5s
    dus duration(s) 10s
    op ALPHA|Beta
    opd one|two two
    ms strings
    msd strings x,y
    loc location
    hostRef ref(zosconnect_probeTarget)
    peerRef refs(zosconnect_probeTarget)
"""


def _probe(name: str, identity: str) -> Element:
    return element(
        name,
        identity,
        OWN,
        element("single", "single", CHILD, element("deep", "id", CHILD)),
        element("multi", "key=need", f"{CHILD}need string"),
        element("host", "single", TARGET),
        element("peer", "id", TARGET),
    )


PROBES = {
    entry.name: entry
    for entry in (
        _probe("zosconnect_probe", "singleton"),
        _probe("zosconnect_probes", "id"),
        element("zosconnect_probeTarget", "id", TARGET),
    )
}


def _with(entry: Element, attributes: str = "", without: str = "", children: tuple[Element, ...] = ()) -> Element:
    """An entry of the real catalogue, with the types and defaults that the stand-in, not IBM, gives what IBM keeps open."""
    added = element("", "", attributes).attributes
    kept = {key: attribute for key, attribute in entry.attributes.items() if key not in without.lower().split()}
    return replace(
        entry, attributes=kept | added, children=entry.children | {child.name.lower(): child for child in children}
    )


_GROUPS = "adminGroup strings\noperationsGroup strings\ninvokeGroup strings\nreaderGroup strings"
_REQUESTERS = elements.CATALOGUE["zosconnect_apiRequesters"]
STANDIN = {
    "zosconnect_zosConnectManager": _with(
        elements.CATALOGUE["zosconnect_zosConnectManager"],
        "preserveJsonPayloadCharFormat boolean false\nsetUTF8ResponseEncoding boolean false",
    ),
    "zosconnect_apiRequesters": _with(
        _REQUESTERS,
        "location location ${server.config.dir}/resources/zosconnect/apiRequesters",
        children=(_with(_REQUESTERS.children["apirequester"], _GROUPS, "runGlobalInterceptors interceptorsRef"),),
    ),
    "zosconnect_endpointConnection": _with(
        elements.CATALOGUE["zosconnect_endpointConnection"],
        "connectionTimeout duration 30s\nreceiveTimeout duration 60s\nauthenticationConfigRef refs(zosconnect_authData)",
        without="basicAuthRef proxyConfigRef",
    ),
}
_ARCHIVES = "location location ${server.config.dir}/resources/zosconnect"
for _name, _inner, _folder in (
    ("zosconnect_services", "service", "services"),
    ("zosconnect_zosConnectAPIs", "zosconnectapi", "apis"),
):
    _entry = elements.CATALOGUE[_name]
    _child = _with(_entry.children[_inner], _GROUPS, "runGlobalInterceptors interceptorsRef policyRef")
    STANDIN[_name] = _with(
        _entry, f"{_ARCHIVES}/{_folder}", without="requireSecure requireAuth policyRef", children=(_child,)
    )
CATALOGUE = elements.CATALOGUE | PROBES | STANDIN
