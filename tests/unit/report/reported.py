# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sites for tests: a server that really was evaluated, key stores, probes, and what hostile names look like."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from ansible_collections.zosconnect.security.plugins.action.server_config_info import _result
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import findings
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import server as servers
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.keys.places import Held, Place
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.rules import asked
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.rules import keys as rules_keys
from ansible_collections.zosconnect.security.plugins.plugin_utils.report import site
from ansible_collections.zosconnect.security.plugins.plugin_utils.report.site import Site

Json = dict[str, Any]
TIME = "2026-06-01T00:00:00Z"
NOW = datetime(2026, 6, 1, tzinfo=UTC)
FOLDER = "/var/zosconnect/servers/zceesrv1"
SECRET = "m4rkErSecret"
SERVER_XML = f"""<server description="zceesrv1">
  <featureManager><feature>zosconnect:zosConnect-2.0</feature><feature>zosconnect:apiRequester-1.0</feature></featureManager>
  <variable name="store.pass" value="{SECRET}"/>
  <httpEndpoint id="defaultHttpEndpoint" host="*" httpPort="9080" httpsPort="9443"/>
  <ssl id="defaultSSLConfig" keyStoreRef="keys" sslProtocol="TLSv1.2,TLSv1.3" verifyHostname="false"
       enabledCiphers="TLS_AES_256_GCM_SHA384 TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"/>
  <keyStore id="keys" location="key.p12" password="{SECRET}"/>
  <keyStore id="more" location="more.p12" password="${{store.pass}}"/> <!-- password="{SECRET}" -->
  <zosconnect_apiRequesters><apiRequester name="orders" requireSecure="false"/></zosconnect_apiRequesters>
  <zosconnect_endpointConnection id="stock" host="http://stock.example.com" port="80"/>
</server>
"""
WAIVERS = [
    {"id": "endpoint-cleartext", "reason": "internal", "owner": "Ada", "expires": "2099-12-31", "ticket": "SEC-1"},
    {"id": "tls-host-names", "reason": "for a while", "owner": "Bob", "expires": "2020-01-01"},
]
KEY = Held(
    "server",
    "PrivateKeyEntry",
    has_key=True,
    trusted=False,
    subject="CN=zceesrv1,O=Bank",
    issuer="CN=Issuing CA,O=Bank",
    serial="1a2b",
    subject_alt_names=("DNS:zosconnect.example.com",),
    not_before=datetime(2026, 1, 1, tzinfo=UTC),
    not_after=datetime(2026, 6, 11, tzinfo=UTC),
    sha256=":".join(["ab"] * 32),
    key_type="RSA",
    key_size=2048,
    signature="sha256",
    chain_complete=False,
    missing="CN=Issuing CA,O=Bank",
    missing_is="lower",
)
STORE = Place(
    f"{FOLDER}/resources/security/key.p12",
    "store",
    (KEY,),
    type="PKCS12",
    hosts=("other.example.com", "third.example.com"),
    elements=(("keys", f"{FOLDER}/server.xml:7"),),
)
PROBES = [
    {
        "name": "9443",
        "outcome": "ok",
        "protocol": "TLSv1.3",
        "cipher": "TLS_AES_256_GCM_SHA384",
        "scan": {
            "protocols": [{"name": "TLSv1.2", "accepted": False}, {"name": "TLSv1.3", "accepted": True}],
            "groups": [{"name": "X25519MLKEM768", "accepted": True}, {"name": "x25519", "accepted": None}],
        },
    }
]
# What tls_probe finds, which it says at a port.
ON_THE_WIRE: Json = {
    "id": "port-old-protocol",
    "severity": "high",
    "origin": "zosconnect.example.com:9443",
    "message": "The port takes TLSv1.",
    "remedy": [],
    "waiver": None,
    "waived": False,
}
HOSTILE = (
    "<script>alert(1)</script>",
    "a&b</x>",
    "\u202eevil\u200f",
    "bell\x07\x00null",
    "=1+1",
    "[click](http://evil.example.com)",
    "x" * 300,
    "`|*_@team",
    "a\nb",
    "\udc80",
)


def explained(text: str = SERVER_XML, **options: Any) -> Json:
    """Return what server_config_info returns of a server with this server.xml."""
    nothing = {"running": None, "element_names": None, "prefix": ""}
    given = {"server_dir": FOLDER, "waivers": [], "severities": {}, **nothing, **options}
    attls = {"ports": [], "targets": [], "policies": None, **options.get("attls", {})}
    server = servers.from_options(given)
    server.content[server.server_xml] = text.encode()
    server.facts[server.server_xml] = {"sha256": hashlib.sha256(text.encode()).hexdigest(), "mode": "0640"}
    return _result(server, {**given, "attls": attls}, None)


def keys(*places: Place) -> Json:
    """Return what keystore_info returns of these places."""
    held = rules_keys.Keys(places, NOW, 30)
    both = [findings.judge(held, rules=rules) for rules in (rules_keys.RULES, asked.OF_KEYS)]
    found, by_standards = ([one.shown() for one in each] for each in both)
    return {
        "places": [place.shown(NOW) for place in places],
        "findings": found,
        "asked_by_standards": by_standards,
    }


def results() -> Json:
    """Return results of several hosts: one that was explained, and one for each way in which one is not."""
    return {
        "alpha": explained(waivers=WAIVERS),
        "away": {"unreachable": True, "msg": "no route"},
        "broken": {"failed": True, "msg": f"{FOLDER}/server.xml: does not exist; correct server_dir."},
        "idle": {},
    }


def read(given: Json | None = None, **options: Any) -> Site:
    """Return the site of these results, with key stores and probes of the first host."""
    more = {"time": TIME, "keys": {"alpha": keys(STORE)}, "probes": {"alpha": PROBES}, **options}
    return site.read(results() if given is None else given, **more)


def finding(**more: Any) -> Json:
    """Return a finding as server_config_info shows it."""
    return {
        "id": "requester-cleartext",
        "title": "Plain http is accepted",
        "severity": "high",
        "origin": f"{FOLDER}/server.xml:9",
        "message": "orders accepts plain http.",
        "about": ["apiRequester", "orders"],
        "why": "",
        "remedy": [],
        "action": None,
        "source": "",
        "waiver": None,
        "waived": False,
        "excerpt": None,
        "column": None,
        **more,
    }


def self_signed(subject: str) -> Place:
    """Return a store with a certificate that nobody but itself issued."""
    return replace(STORE, held=(replace(KEY, subject=subject, issuer=subject),))


def bare(found: list[Json], **more: Any) -> Json:
    """Return a result that holds these findings and little else."""
    return {"server_dir": FOLDER, "complete": True, "unseen": [], "refused": None, "findings": found, **more}
