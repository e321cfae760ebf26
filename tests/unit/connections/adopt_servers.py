# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Servers as somebody may have left them, for Hypothesis: endpoints, drop-ins, includes, variables, stores, policies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from adopt_world import DIRECTORY, present, rule
from hypothesis import strategies as st

from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.present import Present

FILES = (
    "server.xml",
    "server.xml",
    "server.xml",
    "more.xml",
    "configDropins/defaults/a.xml",
    "configDropins/overrides/z.xml",
)
OAS2 = "<featureManager><feature>zosconnect:zosConnect-2.0</feature><feature>zosconnect:apiRequester-1.0</feature></featureManager>"
OAS3 = "<featureManager><feature>zosconnect:zosConnect-3.0</feature><feature>zosconnect:oasRequester-1.0</feature></featureManager>"
ENDPOINTS = ("defaultHttpEndpoint", "defaultHttpEndpoint", "cics", "batch", "a.b", "odd name")
PORTS = ("5001", "5002", "5003", "5004", "-1", "${port.one}", "${port.two}", "${nobody}", "0", "9080")
HOSTS = (None, None, "*", "127.0.0.1", "${host}", "zos.example.com")
PROTOCOLS = (
    None,
    None,
    "TLSv1.2",
    "TLSv1.2,TLSv1.3",
    "TLSv1.3,TLSv1.2",
    "TLSv1.3",
    "TLS",
    "SSL_TLSv2",
    "TLSv1.1,TLSv1.2",
    "TLSv1.2,",
)
CIPHERS = (
    None,
    None,
    None,
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_RSA_WITH_AES_128_CBC_SHA",
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384  TLS_AES_256_GCM_SHA384",
)
BOOLEANS = (None, None, None, "true", "false", "TRUE")
STORES = (
    'location="safkeyring:///Keyring.LIBERTY" password="password" type="JCERACFKS" fileBased="false" readOnly="true"',
    'location="${server.config.dir}/resources/security/key.p12" type="PKCS12" password="{xor}Lz4sLCgwLTs="',
    'location="/etc/keys/trust.p12" password="${store.password}"',
    'password="changeit"',
    "",
)
PLACES = (f"{DIRECTORY}/resources/security/key.p12", "/etc/keys/trust.p12")
HOST_NAMES = (
    "https://api.example.com",
    "http://api.example.com",
    "https://${api}",
    "api.example.com",
    "HTTPS://10.1.2.3",
)
NAMES = ("orders_1.0.0", "inventory_2.1.0", "a", "b c")
CONDITIONS = (
    "LocalPortRange 5001-5004",
    "LocalPortRange 5004",
    "LocalPortRange 5002",
    "LocalPortRange 5004\n  Jobname ZCEE*",
    "LocalPortRange 5003\n  LocalAddr 127.0.0.1",
)
CALLS = ("RemotePortRange 5003", "RemotePortRange 443\n  Jobname ZCEE*", "RemotePortRange 5001-5004\n  Jobname BATCH*")
ASKS = (
    ("Server", ""),
    ("ServerWithClientAuth", "ClientAuthType Required"),
    ("ServerWithClientAuth", "ClientAuthType Full"),
    ("ServerWithClientAuth", "ClientAuthType SAFCheck"),
    ("ServerWithClientAuth", "ClientAuthType PassThru"),
)


@dataclass
class Files:
    """The pieces of each file."""

    pieces: dict[str, list[str]] = field(default_factory=dict)

    def add(self, draw: st.DrawFn, piece: str) -> None:
        self.pieces.setdefault(draw(st.sampled_from(FILES)), []).append(piece)

    def texts(self, draw: st.DrawFn) -> dict[str, str]:
        line = draw(st.sampled_from(["\n", "\n", "\r\n"]))
        indent = draw(st.sampled_from(["  ", "\t", ""]))
        texts = {}
        if "more.xml" in self.pieces:
            self.pieces.setdefault("server.xml", []).insert(0, '<include location="more.xml"/>')
        for name, pieces in {"server.xml": [], **self.pieces}.items():
            texts[name] = line.join(["<server>", *(f"{indent}{piece}" for piece in pieces), "</server>", ""])
        return texts


def picker(draw: st.DrawFn) -> Callable[[Sequence[Any]], Any]:
    """What picks one of several values."""
    return lambda values: draw(st.sampled_from(values))


def element(draw: st.DrawFn, tag: str, inside: str = "", /, **attributes: str | None) -> str:
    """An element with those attributes that have a value, in some quotes, on one line or several."""
    quote = draw(st.sampled_from(['"', '"', "'"]))
    between = draw(st.sampled_from([" ", " ", "\n      "]))
    said = [f"{key}={quote}{value}{quote}" for key, value in attributes.items() if value is not None]
    head = between.join([f"<{tag}", *said])
    return f"{head}>{inside}</{tag}>" if inside else f"{head}/>"


@st.composite
def servers(draw: st.DrawFn) -> Present:
    """What is there of one server."""
    files = Files()
    pick = picker(draw)
    files.add(draw, pick((OAS2, OAS2, OAS3, "")))
    for name, value in (("port.one", "5005"), ("port.two", "5006"), ("host", "*"), ("api", "api.example.com")):
        if draw(st.booleans()):
            files.add(draw, element(draw, "variable", name=name, **{pick(("value", "defaultValue")): value}))
    stores = draw(st.lists(st.sampled_from(["k1", "k2", "defaultKeyStore"]), max_size=3, unique=True))
    for store in stores:
        files.add(draw, f'<keyStore id="{store}" {pick(STORES)}/>'.replace(" /", "/"))
    ssls = draw(st.lists(st.sampled_from(["s1", "s2", "defaultSSLConfig"]), max_size=3, unique=True))
    for ssl in ssls:
        files.add(draw, _ssl(draw, ssl))
    if draw(st.booleans()):
        files.add(
            draw, element(draw, "sslDefault", sslRef=pick((None, "s1", "s2")), outboundSSLRef=pick((None, None, "s2")))
        )
    for number in range(draw(st.integers(0, 4))):
        files.add(draw, _endpoint(draw, files, number))
    _requesters(draw, files)
    for name in draw(st.lists(st.sampled_from(["backend", "cics", "x y", "other"]), max_size=3, unique=True)):
        files.add(
            draw,
            element(
                draw,
                "zosconnect_endpointConnection",
                id=name,
                host=pick(HOST_NAMES),
                port=pick(("443", "443", "5003", None)),
                sslCertsRef=pick((None, None, "s1", "s2", "nobody")),
                connectionTimeout=pick((None, "30s")),
            ),
        )
    if draw(st.booleans()):
        method, over = pick((None, "BASIC", "CLIENT_CERT", "FORM")), pick(BOOLEANS)
        files.add(draw, element(draw, "webAppSecurity", overrideHttpAuthMethod=method, allowFailOverToBasicAuth=over))
    archives = tuple(draw(st.lists(st.sampled_from(NAMES), max_size=2, unique=True)))
    csd = _listing(draw) if draw(st.booleans()) else None
    return present(files.texts(draw), _policies(draw), archives, csd, _held(draw))


def _held(draw: st.DrawFn) -> dict[str, dict[str, Any]]:
    """What stores hold, some of which nobody could open; often nobody looked at any."""
    aliases = st.lists(st.sampled_from(["default", "client", "other", "{{ x }}"]), max_size=3, unique=True)
    held = st.builds(lambda keys, trusted: {"keys": keys, "trusted": trusted}, aliases, aliases)
    kinds = st.one_of(held, held, st.just({"state": "absent"}), st.just({"message": "no Java was found."}))
    found: dict[str, dict[str, Any]] = draw(st.dictionaries(st.sampled_from(PLACES), kinds))
    return found


def _listing(draw: st.DrawFn) -> str:
    """What DFHCSDUP prints of client URIMAPs."""
    pick = picker(draw)
    return "\n".join(
        f"URIMAP({pick(('BAQURIMP', 'ORDERS'))}) GROUP({pick(('ZCEE', 'TWO'))}) USAGE(CLIENT) "
        f"SCHEME({pick(('HTTPS', 'HTTPS', 'HTTP'))}) PORT({pick(('5001', '5002', '5005'))}) "
        f"HOST({pick(('a.example.com', 'b.example.com', '{{ x }}'))}) CERTIFICATE({pick(('', 'Cics', '#{# x'))})"
        for _number in range(draw(st.integers(0, 3)))
    )


def _ssl(draw: st.DrawFn, identity: str) -> str:
    pick = picker(draw)
    nested = pick(("", "", "", '<keyStore location="n.p12" password="x"/>'))
    return element(
        draw,
        "ssl",
        nested,
        id=identity,
        keyStoreRef=None if nested else pick(("k1", "k2", "defaultKeyStore", None)),
        trustStoreRef=pick((None, None, "k1", "k2")),
        clientAuthentication=pick(BOOLEANS),
        clientAuthenticationSupported=pick(BOOLEANS),
        sslProtocol=pick(PROTOCOLS),
        enabledCiphers=pick(CIPHERS),
        serverKeyAlias=pick((None, None, "default")),
        clientKeyAlias=pick((None, None, "client")),
        verifyHostname=pick(BOOLEANS),
        trustDefaultCerts=pick(BOOLEANS),
    )


def _endpoint(draw: st.DrawFn, files: Files, number: int) -> str:
    pick = picker(draw)
    how = pick(("default", "default", "nested", "options"))
    options = f"o{number}" if how == "options" else None
    if options:
        files.add(draw, element(draw, "sslOptions", id=options, sslRef=pick(("s1", "s2", "nobody", None))))
    inside = f'<sslOptions sslRef="{pick(("s1", "s2"))}"/>' if how == "nested" else ""
    inside += pick(("", "", '<remoteIp useRemoteIpInAccessLog="true"/>'))
    return element(
        draw,
        "httpEndpoint",
        inside,
        id=pick((*ENDPOINTS, None)),
        host=pick(HOSTS),
        httpPort=pick((None, *PORTS)),
        httpsPort=pick((None, *PORTS)),
        sslOptionsRef=options,
        enabled=pick((None, None, None, "false", "true")),
    )


def _requesters(draw: st.DrawFn, files: Files) -> None:
    pick = picker(draw)
    if draw(st.booleans()):
        files.add(draw, element(draw, "zosconnect_zosConnectManager", requireSecure=pick(BOOLEANS)))
    if draw(st.booleans()):
        inside = "".join(
            element(draw, "apiRequester", name=name, requireSecure=pick(BOOLEANS))
            for name in draw(st.lists(st.sampled_from(NAMES), max_size=3))
        )
        files.add(draw, element(draw, "zosconnect_apiRequesters", inside, requireSecure=pick(BOOLEANS)))


def _policies(draw: st.DrawFn) -> dict[str, str]:
    texts: dict[str, str] = {}
    if draw(st.booleans()):
        rules = draw(st.lists(st.tuples(st.sampled_from(CONDITIONS), st.sampled_from(ASKS)), max_size=2))
        texts["inbound"] = "".join(
            rule(f"IN{n}", f"Direction Inbound\n  {c}", *asks) for n, (c, asks) in enumerate(rules)
        )
        if draw(st.booleans()):
            texts["inbound"] += rule("CALL", f"Direction Outbound\n  {CALLS[1]}", "Client")
    if draw(st.booleans()):
        calls = draw(st.lists(st.sampled_from(CALLS), max_size=2, unique=True))
        texts["outbound"] = "".join(
            rule(f"OUT{n}", f"Direction Outbound\n  {c}", "Client") for n, c in enumerate(calls)
        )
    return texts
