# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every artefact shall be, from one connection and from several; what they cannot mean together."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from connection_world import (
    BASES,
    C1,
    C2,
    C3,
    DIRECTORY,
    EMPTY,
    KEY,
    PEM,
    PEM_2,
    RING,
    Json,
    cases,
    changed,
    declared,
    elements,
    there,
)

from ansible_collections.zosconnect.security.plugins.plugin_utils.connections import conflicts
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.plan import plan
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.present import NOTHING
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError

KEYS, TRUST = C2["key_store"]["location"], C2["trust_store"]["location"]
HARDEN = changed(C2, {"harden_default": True})
# A second connection of the same server.
IMS = changed(C2, {"name": "ims", "port": 5003})


@pytest.mark.parametrize("case", cases("contradictions"))
def test_the_sentence(case: Json) -> None:
    present = there(case["server"]) if "server" in case else EMPTY if case.get("seen", True) else NOTHING
    policies = {
        side: conflicts.present(text.encode(), f"/etc/{side}.ttls", None)
        for side, text in case.get("policies", {}).items()
    }
    with pytest.raises(SecurityError) as caught:
        plan(
            [declared(item) for item in case["declared"]],
            identity_rule=case.get("identity_rule"),
            present=replace(present, policies=policies),
            state=case.get("state", "present"),
            side=case.get("side", "both"),
        )
    assert str(caught.value) == case["error"]


@pytest.mark.parametrize("nothing", [None, ""])
@pytest.mark.parametrize("base", BASES)
def test_a_table_has_the_columns_of_all_connections(base: str, nothing: object) -> None:
    others = ("authentication", "host", "skip_host_names", "verify_host_name", "zosconnect_version")
    columns = dict.fromkeys([*(key for each in BASES.values() for key in each), *others], nothing)
    row = BASES[base]
    assert plan([{**columns, **row}], present=EMPTY) == plan([row], present=EMPTY)


class TestElements:
    def test_a_port_of_its_own_with_client_certificates(self) -> None:
        found = elements(changed(C2, {"key_store.alias": "server"}))
        assert found["httpEndpoint cics"]["attributes"] == {
            "host": "*",
            "httpPort": -1,
            "httpsPort": 5002,
            "sslOptionsRef": "cics",
        }
        assert found["sslOptions cics"]["attributes"] == {"sslRef": "cics"}
        assert found["ssl cics"]["attributes"] == {
            "keyStoreRef": "cics.keys",
            "trustStoreRef": "cics.trust",
            "clientAuthentication": True,
            "clientAuthenticationSupported": False,
            "sslProtocol": "TLSv1.2,TLSv1.3",
            "serverKeyAlias": "server",
        }
        assert found["httpEndpoint defaultHttpEndpoint"]["attributes"] == {"httpPort": -1}
        assert "sslDefault" not in found

    @pytest.mark.parametrize(
        ("wanted", "required", "supported"),
        [("required", True, False), ("supported", False, True)],
    )
    def test_client_certificate(self, wanted: str, required: bool, supported: bool) -> None:  # noqa: FBT001
        ssl = elements(changed(C2, {"client_certificate": wanted}))["ssl cics"]["attributes"]
        assert (ssl["clientAuthentication"], ssl["clientAuthenticationSupported"]) == (required, supported)

    def test_without_client_certificates_nobody_is_trusted_but_the_key_store(self) -> None:
        found = elements(C1)
        assert found["ssl batch"]["attributes"]["trustStoreRef"] == "batch.keys"
        assert found["ssl batch"]["attributes"]["clientAuthentication"] is False
        assert found["ssl batch"]["attributes"]["serverKeyAlias"] is None, "an alias of an earlier run goes"
        assert "keyStore batch.trust" not in found

    def test_the_default_configuration_customised(self) -> None:
        found = elements(changed(C2, {"ssl_configuration": "default"}))
        assert found["ssl defaultSSLConfig"]["attributes"]["keyStoreRef"] == "cics.keys"
        assert found["sslDefault"]["attributes"] == {"sslRef": "defaultSSLConfig"}
        assert found["httpEndpoint cics"]["attributes"]["sslOptionsRef"] is None
        assert "sslOptions cics" not in found

    def test_stores_are_found_from_the_server_s_directory(self) -> None:
        found = elements(changed(C2, {"trust_store.location": "/keys/trust.p12"}))
        assert found["keyStore cics.keys"]["attributes"] == {
            "location": "${server.config.dir}/resources/security/key.p12",
            "type": "PKCS12",
            "password": "key-secret",
        }
        assert found["keyStore cics.trust"]["attributes"]["location"] == "/keys/trust.p12"

    def test_a_variable_instead_of_the_password(self) -> None:
        found = elements(changed(C2, {"key_store.password_variable": "keys.password"}))
        assert found["keyStore cics.keys"]["attributes"]["password"] == "${keys.password}"

    def test_one_ring_for_keys_and_trust(self) -> None:
        found = elements(RING)
        assert found["keyStore cics.keys"]["attributes"] == {"location": "safkeyring:///Keys"}
        assert found["ssl cics"]["attributes"]["trustStoreRef"] == "cics.keys"
        assert "keyStore cics.trust" not in found

    def test_two_rings(self) -> None:
        found = elements(changed(RING, {"trust_store.location": "safkeyring:///Trust"}))
        assert found["keyStore cics.trust"]["attributes"] == {"location": "safkeyring:///Trust"}
        assert found["ssl cics"]["attributes"]["trustStoreRef"] == "cics.trust"

    def test_plain_http_left_as_it_is(self) -> None:
        found = elements(changed(C2, {"plain_http": "unchanged"}))
        assert "httpPort" not in found["httpEndpoint cics"]["attributes"]
        assert "httpEndpoint defaultHttpEndpoint" not in found

    def test_the_default_endpoint_itself(self) -> None:
        found = elements(changed(C2, {"name": "defaultHttpEndpoint"}))
        assert found["httpEndpoint defaultHttpEndpoint"]["attributes"]["httpsPort"] == 5002
        assert found["httpEndpoint defaultHttpEndpoint"]["attributes"]["httpPort"] == -1

    @pytest.mark.parametrize(
        ("scopes", "requester", "collection", "server"),
        [
            ({}, {"requireSecure": True}, {}, None),
            ({"requesters": "", "server": "true"}, {}, {}, {"requireSecure": True}),
            ({"requesters": False, "all_requesters": True}, {"requireSecure": False}, {"requireSecure": True}, None),
        ],
    )
    def test_require_secure_at_three_scopes(
        self, scopes: Json, requester: Json, collection: Json, server: Json | None
    ) -> None:
        found = elements(changed(C2, {"requesters": "orders", "require_secure": scopes}))
        assert found["zosconnect_apiRequesters"]["attributes"] == collection
        assert found["zosconnect_apiRequesters"]["children"] == [
            {"element": "apiRequester", "attributes": {"name": "orders", **requester}}
        ]
        assert found.get("zosconnect_zosConnectManager", {}).get("attributes") == server

    def test_no_requesters_no_collection(self) -> None:
        assert "zosconnect_apiRequesters" not in elements(C2)
        collection = elements(changed(C2, {"require_secure": {"all_requesters": True}}))["zosconnect_apiRequesters"]
        assert collection == {"attributes": {"requireSecure": True}, "children": []}

    def test_features(self) -> None:
        features = elements(changed(C2, {"features": ["appSecurity-2.0"]}))["featureManager"]["children"]
        assert [feature["text"] for feature in features] == ["transportSecurity-1.0", "appSecurity-2.0"]

    def test_hardening_leads_the_default_nowhere(self) -> None:
        found = elements(HARDEN, present=EMPTY)
        assert found["sslDefault"]["attributes"] == {"sslRef": "noDefaultTls"}
        protocols = {"sslProtocol": "TLSv1.2,TLSv1.3"}
        assert found["ssl noDefaultTls"]["attributes"] == {"keyStoreRef": "noDefaultTls", **protocols}
        assert found["keyStore noDefaultTls"]["attributes"]["location"].endswith("no-default-tls.p12")
        assert found["sslOptions cics"]["attributes"] == {"sslRef": "cics"}


class TestIdentity:
    @pytest.mark.parametrize(
        ("identity", "method", "fail_over"),
        [
            ("certificate", "CLIENT_CERT", False),
            ("certificate_or_basic", "CLIENT_CERT", True),
            ("basic", "BASIC", False),
        ],
    )
    def test_the_declared_rule(self, identity: str, method: str, fail_over: bool) -> None:  # noqa: FBT001
        rule = elements(changed(C2, {"identity": identity}))["webAppSecurity"]["attributes"]
        assert rule == {"overrideHttpAuthMethod": method, "allowFailOverToBasicAuth": fail_over}

    @pytest.mark.parametrize("connections", [[C2, C1], [C1], [C2]])
    def test_the_weaker_rule_where_it_is_named(self, connections: list[Json]) -> None:
        rule = elements(*connections, identity_rule="certificate_or_basic")["webAppSecurity"]["attributes"]
        assert rule == {"overrideHttpAuthMethod": "CLIENT_CERT", "allowFailOverToBasicAuth": True}

    def test_naming_the_declared_rule_does_no_harm(self) -> None:
        assert elements(C1, identity_rule="basic") == elements(C1)


class TestStores:
    def test_a_new_key_and_trusted_certificates(self) -> None:
        new = {"alias": "Server", "private_key": KEY, "private_key_passphrase": "p", "certificate": PEM, "chain": PEM_2}
        trust = {"trust_store.trusted": {"ca": PEM}}
        keys, trusted = plan([changed(C2, {**{f"key_store.{k}": v for k, v in new.items()}, **trust})])["stores"]
        nobody = {**dict.fromkeys(("owner", "group", "mode")), "hosts": (), "is_named_by_server": False}
        assert keys == {
            "path": KEYS,
            "password": "key-secret",
            "kind": "PrivateKeyEntry",
            "aliases": ["server"],
            **nobody,
            "entries": [
                {
                    "alias": "Server",
                    "privatekey_content": KEY,
                    "privatekey_passphrase": "p",
                    "certificate_content": PEM,
                    "chain_content": [PEM_2],
                }
            ],
        }
        assert trusted == {
            "path": TRUST,
            "password": "trust-secret",
            "kind": "trustedCertEntry",
            "aliases": [],
            **nobody,
            "entries": [{"alias": "ca", "certificate_content": PEM, "trusted": True}],
        }

    def test_a_key_that_is_there_already(self) -> None:
        keys = plan([changed(C2, {"key_store.alias": "Server"})])["stores"][0]
        assert (keys["aliases"], keys["entries"]) == (["server"], [])

    def test_rings_are_nobody_s_here(self) -> None:
        found = plan([RING])
        assert (found["stores"], found["gates"][0]["store"]) == ([], None)

    def test_connections_that_share_a_file_write_it_once(self) -> None:
        first = changed(C2, {"key_store.alias": "a", "trust_store.trusted": {"ca": PEM}})
        second = changed(IMS, {"key_store.alias": "B", "trust_store.trusted": {"ca": PEM.strip(), "ims": PEM_2}})
        found = plan([first, second])
        keys, trusted = found["stores"]
        assert (keys["path"], keys["aliases"]) == (KEYS, ["a", "b"])
        assert (trusted["path"], [entry["alias"] for entry in trusted["entries"]]) == (TRUST, ["ca", "ims"])
        assert [(gate["store"], gate["aliases"]) for gate in found["gates"]] == [(0, ["a"]), (0, ["b"])]

    def test_different_files(self) -> None:
        found = plan([C2, changed(IMS, {"key_store.location": "/keys/ims.p12"})])
        assert [store["path"] for store in found["stores"]] == [KEYS, TRUST, "/keys/ims.p12"]
        assert [gate["store"] for gate in found["gates"]] == [0, 2]


class TestProbes:
    def test_a_certificate_is_required(self) -> None:
        found = plan([changed(C2, {"plain_http_ports": "9080"})])
        assert [(p["title"], p["port"], p["certificate"], p["plain"], p["expect"]) for p in found["probes"]] == [
            ("cics: the port asks for TLS and accepts the caller", 5002, True, False, ["ok"]),
            (
                "cics: a caller without a certificate is refused",
                5002,
                False,
                False,
                ["closed_after_handshake", "handshake_failed"],
            ),
            ("cics: plain http to the port is refused", 5002, False, True, ["closed", "not_http", "refused"]),
            ("cics: nothing answers plain http on 9080", 9080, False, True, ["closed", "not_http", "refused"]),
        ]
        assert found["gates"][0]["expect"] == ["closed_after_handshake", "handshake_failed"]
        assert found["gates"][0]["demand"] == (
            f"The port must serve the certificate from {KEYS}, ask for a client certificate, refuse callers without "
            "one."
        )

    def test_a_certificate_is_welcome(self) -> None:
        found = plan([changed(C2, {"client_certificate": "supported", "protocols": ["TLSv1.3"]})])
        accepted = found["probes"][0]
        assert (accepted["certificate"], accepted["client_certificate_requested"]) == (True, True)
        assert (accepted["min_protocol"], accepted["max_protocol"]) == ("TLSv1.3", "TLSv1.3")
        assert len(found["probes"]) == 2
        assert found["gates"][0]["expect"] == ["ok"]

    def test_no_certificate_is_asked_for(self) -> None:
        found = plan([C1])
        assert found["connections"] == [
            {
                "connection": "batch",
                "port": 5001,
                "caller_tls": "cics",
                "server_tls": "jsse",
                "client_certificate": "none",
            }
        ]
        assert not any(probe["certificate"] or probe["client_certificate_requested"] for probe in found["probes"])
        assert found["gates"][0]["demand"] == (
            f"The port must serve the certificate from {KEYS}, ask for no client certificate."
        )

    def test_no_secret_is_in_what_people_see(self) -> None:
        new = {"key_store.alias": "a", "key_store.private_key": KEY, "key_store.certificate": PEM}
        found = plan([changed(C2, {**new, "key_store.private_key_passphrase": "pass-phrase"})])
        shown = json.dumps([found[key] for key in ("gates", "probes", "warnings", "connections", "server_xml")])
        assert not [secret for secret in ("key-secret", "trust-secret", "pass-phrase", "PRIVATE") if secret in shown]


class TestWarnings:
    @pytest.mark.parametrize(
        ("scope", "words"),
        [("requesters", "the named requesters"), ("all_requesters", "all requesters"), ("server", "the server")],
    )
    def test_require_secure_given_up(self, scope: str, words: str) -> None:
        (warning,) = plan([changed(C2, {"require_secure": {scope: False}})])["warnings"]
        assert warning == (
            f"cics: requireSecure false for {words} counts for every http port of the server, whichever it is; "
            "this connection keeps its own port on TLS."
        )

    def test_plain_http_left_open(self) -> None:
        [warning] = plan([changed(C2, {"plain_http": "unchanged"})], present=EMPTY)["warnings"]
        assert warning == (
            "cics: plain_http is unchanged, so http port 9080 of defaultHttpEndpoint (default) stays open to everybody."
        )
        closed = there('<httpEndpoint id="defaultHttpEndpoint" httpPort="-1"/>')
        assert plan([changed(C2, {"plain_http": "unchanged"})], present=closed)["warnings"] == []

    def test_an_http_port_that_was_open_beside_one_behind_at_tls(self) -> None:
        fronted = changed(C3, {"plain_http": "unchanged"})
        there_already = """
<httpEndpoint id="fronted" host="*" httpPort="5004"/>
<httpEndpoint id="defaultHttpEndpoint" httpPort="-1"/>
<httpEndpoint id="old" httpPort="8080"/>
<zosconnect_apiRequesters><apiRequester name="orders_1.0.0" requireSecure="false"/></zosconnect_apiRequesters>"""
        told = (
            "fronted: port 8080 of endpoint old (/srv/zceesrv1/server.xml:4) accepts plain http from everybody, "
            "because requireSecure false counts for every http port. Close it, or declare it as behind AT-TLS "
            "(attls_ports)."
        )
        assert told in plan([fronted], present=there(there_already))["warnings"]
        behind = plan([fronted], present=there(there_already), attls_ports=[8080])["warnings"]
        assert not [warning for warning in behind if "8080" in warning]

    def test_plain_http_left_open_where_nobody_looked(self) -> None:
        assert plan([changed(C2, {"plain_http": "unchanged"})])["warnings"] == [
            "cics: plain_http is left unchanged, so the default endpoint may listen on 9080."
        ]

    def test_hardening_sees_no_included_file(self) -> None:
        present = there('<server>\n<include location="out.xml"/>\n</server>')
        (warning,) = plan([HARDEN], present=present)["warnings"]
        assert warning == (
            f"cics: harden_default did not look into out.xml, which is included at {DIRECTORY}/server.xml:2. A call "
            "from there with the default SSL configuration would fail."
        )

    @pytest.mark.parametrize(
        "present",
        [
            '<server><zosconnect_endpointConnection id="o" host="http://a"/></server>',
            '<server><zosconnect_endpointConnection id="o" host="https://a" sslCertsRef="out"/></server>',
            '<server><sslDefault outboundSSLRef="out"/><zosconnect_endpointConnection id="o" host="https://a"/></server>',
            '<server><ldapRegistry id="l" host="ldap" sslEnabled="false"/></server>',
        ],
    )
    def test_hardening_harms_nobody_here(self, present: str) -> None:
        assert plan([HARDEN], present=there(present))["warnings"] == []


def test_a_plan_says_the_same_however_often_it_is_asked() -> None:
    given: list[Any] = [C2, C1]
    before = json.dumps(given)
    assert plan(given, identity_rule="certificate_or_basic") == plan(given, identity_rule="certificate_or_basic")
    assert json.dumps(given) == before
