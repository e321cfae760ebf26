# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Endpoints that the server calls: elements, stores, policies, waivers, and what they cannot mean."""

from __future__ import annotations

import json

import pytest
from connection_world import (
    BARE,
    C2,
    C3,
    C6,
    C7,
    C8,
    DIRECTORY,
    EMPTY,
    PEM,
    PEM_2,
    Json,
    cases,
    changed,
    declared,
    elements,
    there,
    wanted,
)

from ansible_collections.zosconnect.security.plugins.plugin_utils.connections import conflicts
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.plan import plan
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.present import Present
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError

SKIPPED = {"reason": "moves in May", "owner": "Ada", "ticket": "SEC-12", "expires": "2027-01-31"}
SHOWN = {"client_certificate": "required", "outbound.certificate_label": "ZCEE Key"}
HARDENED = changed(C2, {"harden_default": True})
TOKENS = {"url": "https://tokens.example.com/token", "login": {"user": "id", "password": "${client.secret}"}}
# Of all that is asked of server.xml, what TLS is about.
TLS12 = {"sslProtocol": "TLSv1.2,TLSv1.3", "verifyHostname": True, "skipHostnameVerificationForHosts": None}


@pytest.mark.parametrize("case", cases("endpoints"))
def test_the_sentence(case: Json) -> None:
    with pytest.raises(SecurityError) as caught:
        plan(
            [declared(item) for item in case["declared"]],
            side=case.get("side", "both"),
            present=EMPTY,
        )
    assert str(caught.value) == case["error"]


class TestElements:
    def test_server_authentication_with_its_own_configuration(self) -> None:
        found = elements(changed(C6, {"trust_store.password_variable": "trust.password"}))
        assert list(found) == [
            "featureManager",
            "keyStore orders.out.trust",
            "ssl orders.out",
            "zosconnect_endpointConnection orders",
        ], "what is referred to before what refers to it, and nothing of the way in"
        assert found["featureManager"]["children"] == [{"element": "feature", "text": "transportSecurity-1.0"}]
        assert found["keyStore orders.out.trust"]["attributes"] == {
            "location": "${server.config.dir}/resources/security/apis.p12",
            "type": "PKCS12",
            "password": "${trust.password}",
        }
        # Liberty wants a key store in any case, and one that holds no key shows no certificate.
        trust = {"keyStoreRef": "orders.out.trust", "trustStoreRef": "orders.out.trust", "clientKeyAlias": None}
        assert found["ssl orders.out"]["attributes"] == {**trust, **TLS12}
        assert found["zosconnect_endpointConnection orders"]["attributes"] == {
            "host": "https://api.example.com",
            "port": 443,
            "sslCertsRef": "orders.out",
        }

    def test_mutual_tls(self) -> None:
        found = elements(C7)
        assert found["ssl orders.out"]["attributes"] == {
            "keyStoreRef": "orders.out.keys",
            "trustStoreRef": "orders.out.trust",
            "clientKeyAlias": "zcee",
            **TLS12,
        }
        assert found["keyStore orders.out.keys"]["attributes"]["location"].endswith("/key.p12")

    def test_one_ring_for_both(self) -> None:
        ring = {"location": "safkeyring:///Keys"}
        found = elements({**C7, "key_store": {**ring, "alias": "ZCEE Key"}, "trust_store": ring})
        assert "keyStore orders.out.keys" not in found
        assert found["ssl orders.out"]["attributes"]["keyStoreRef"] == "orders.out.trust"

    def test_the_default_for_all_calls(self) -> None:
        """Two endpoints share it; the one of the way in stays as it is."""
        made = [changed(C7, {"ssl_configuration": "default", "name": name}) for name in ("orders", "stock")]
        found = elements(*made)
        assert found["ssl defaultOutbound"]["attributes"]["clientKeyAlias"] == "zcee"
        assert found["sslDefault"]["attributes"] == {"outboundSSLRef": "defaultOutbound"}
        assert found["zosconnect_endpointConnection stock"]["attributes"]["sslCertsRef"] is None
        [warning, _of_stock] = plan(made)["warnings"]
        assert warning == (
            "orders: outboundSSLRef of sslDefault becomes defaultOutbound, which then counts for every call of the server "
            "that names no SSL configuration of its own."
        )

    def test_the_default_as_it_is(self) -> None:
        assert list(elements(BARE)) == ["featureManager", "zosconnect_endpointConnection orders"]
        assert plan([BARE])["warnings"] == [
            (
                "orders: is called with the default SSL configuration as it is; server_config_info says under endpoints which one "
                "that is, and whom it trusts."
            )
        ]

    def test_below_the_server(self) -> None:
        [(name, element)] = elements(C8).items()
        assert name == "zosconnect_endpointConnection orders"
        assert element["attributes"] == {"host": "http://api.example.com", "port": 443, "sslCertsRef": None}

    def test_names_that_are_not_checked_are_a_waiver(self) -> None:
        given = changed(C6, {"skip_host_names": {"hosts": ["api.example.com", "10.0.0.7"], **SKIPPED}})
        ssl = elements(given)["ssl orders.out"]["attributes"]
        assert ssl["verifyHostname"] is True
        assert ssl["skipHostnameVerificationForHosts"] == "api.example.com,10.0.0.7"
        made = plan([given])
        assert made["waivers"] == [{"id": "tls-host-names-skipped", "place": "ssl orders.out", **SKIPPED}]
        assert made["warnings"] == [
            (
                "orders: any certificate of a trusted issuer passes for api.example.com, 10.0.0.7 until 2027-01-31 (Ada: moves in "
                "May, SEC-12)."
            )
        ]

    def test_beside_connections_of_callers(self) -> None:
        made = plan([C7, C2])
        assert made["server_xml"] == f"{DIRECTORY}/server.xml"
        assert [item["connection"] for item in made["connections"]] == ["cics"]
        assert [item["connection"] for item in made["endpoints"]] == ["orders"]
        assert {element["element"] for element in wanted(made)} >= {
            "webAppSecurity",
            "zosconnect_endpointConnection",
        }
        assert [gate["connection"] for gate in made["gates"]] == ["cics"]

    def test_hardening_harms_no_endpoint_that_is_declared(self) -> None:
        present = there('<zosconnect_endpointConnection id="orders" host="https://a"/>')
        assert plan([HARDENED, C6], present=present)["warnings"] == []
        other = changed(C6, {"ssl_configuration": "default", "name": "stock"})
        assert "noDefaultTls" in elements(HARDENED, other, present=present)["sslDefault"]["attributes"].values()


class TestAuthentication:
    def test_basic(self) -> None:
        found = elements(changed(C6, {"authentication.basic": {"user": "zcee", "password": "{xor}PDc+MTg6Nis="}}))
        assert found["zosconnect_authData orders.login"]["attributes"] == {
            "user": "zcee",
            "password": "{xor}PDc+MTg6Nis=",
        }
        connection = found["zosconnect_endpointConnection orders"]["attributes"]
        assert (connection["authenticationConfigRef"], connection["basicAuthRef"]) == ("orders.login", None)

    def test_oauth_with_the_endpoint_s_own_configuration(self) -> None:
        found = elements(changed(C6, {"authentication.oauth": {"server": TOKENS}}))
        assert found["zosconnect_oAuthConfig orders.oauth"]["attributes"] == {
            "grantType": "client_credentials",
            "authServerRef": "orders.oauth.server",
        }
        assert found["zosconnect_authorizationServer orders.oauth.server"]["attributes"] == {
            "tokenEndpoint": "https://tokens.example.com/token",
            "basicAuthRef": "orders.oauth.login",
            "sslCertsRef": "orders.out",
        }
        assert found["zosconnect_authData orders.oauth.login"]["attributes"]["password"] == "${client.secret}"
        assert found["zosconnect_endpointConnection orders"]["attributes"]["authenticationConfigRef"] == "orders.oauth"

    def test_a_token_server_that_others_trust(self) -> None:
        store = {"location": f"{DIRECTORY}/resources/security/tokens.p12", "password": "token-secret", "trusted": PEM}
        token = {
            "server": {**TOKENS, "trust_store": store},
            "header": "X-Token",
            "request": {"credential_location": "body", "body": '{"id": "${user}"}', "method": "POST"},
            "response": {"token_location": "body", "format": "JSON", "path": "$.token"},
        }
        given = changed(C8, {"authentication": {"basic": {"user": "u", "password": "p"}, "token": token}})
        found = elements(given)
        assert found["ssl orders.token.out"]["attributes"]["trustStoreRef"] == "orders.token.out.trust"
        server = found["zosconnect_authorizationServer orders.token.server"]["attributes"]
        assert server["sslCertsRef"] == "orders.token.out"
        assert found["zosconnect_authToken orders.token"]["children"] == [
            {
                "element": "tokenRequest",
                "attributes": {
                    "credentialLocation": "body",
                    "requestMethod": "POST",
                    "requestBody": '{"id": "${user}"}',
                },
                "state": "replaced",
            },
            {
                "element": "tokenResponse",
                "attributes": {"tokenLocation": "body", "responseFormat": "JSON", "tokenPath": "$.token"},
                "state": "replaced",
            },
        ]
        connection = found["zosconnect_endpointConnection orders"]["attributes"]
        assert connection["authenticationConfigRef"] == "orders.login,orders.token"
        [made] = plan([given])["stores"]
        assert (made["path"], made["kind"]) == (store["location"], "trustedCertEntry")

    def test_no_secret_is_in_what_people_see(self) -> None:
        made = plan([changed(C7, {"authentication.basic": {"user": "u", "password": "login-secret"}})])
        shown = json.dumps([made[key] for key in ("endpoints", "waivers", "warnings", "gates", "probes")])
        assert "secret" not in shown


class TestPolicies:
    def test_the_rule_below_the_server(self) -> None:
        made = plan([changed(C8, {**SHOWN, "outbound.user_id": "ZCEEUSR"})])
        [file] = made["policies"]
        assert (file["name"], file["path"], file["rules"]) == ("server-outbound-policy.txt", "", ["orders_endpoint"])
        assert file["config"]["TTLSRule"] == [
            {
                "name": "orders_endpoint",
                "LocalAddr": None,
                "RemoteAddr": "192.0.2.20",
                "RemotePortRange": 443,
                "Jobname": "ZCEESRV1",
                "Userid": "ZCEEUSR",
                "Direction": "Outbound",
                "Priority": 255,
                "TTLSGroupActionRef": "orders_endpoint",
                "TTLSEnvironmentActionRef": "orders_endpoint",
            }
        ]
        [environment] = file["config"]["TTLSEnvironmentAction"]
        assert environment["TTLSKeyringParms"] == {"Keyring": "ZCEESRV/Endpoints"}
        advanced = environment["TTLSEnvironmentAdvancedParms"]
        assert (advanced["HostReferenceIdDNS"], advanced["CertificateLabel"]) == ("api.example.com", "ZCEE Key")
        assert (advanced["TLSv1.1"], advanced["TLSv1.3"]) == ("Off", "On")
        assert made["warnings"] == []

    def test_without_it_the_call_would_be_in_clear(self) -> None:
        """So the stack must hold its rule, as it must those in front of the server."""
        inbound = plan([C3, C8], present=EMPTY)["inbound"]
        assert inbound["rules"] == [rule["name"] for rule in inbound["config"]["TTLSRule"]]
        assert inbound["rules"] == ["fronted_in", "orders_endpoint"]
        assert plan([C7])["inbound"] == {"config": {}, "rules": []}

    def test_it_is_for_the_stack_of_the_server(self) -> None:
        places = {
            "inbound": {"host": "zos1", "path": "/etc/server.policy"},
            "outbound": {"path": "/etc/callers.policy"},
        }
        [file] = plan([C3, C8], present=EMPTY, policy_files=places)["policies"]
        assert (file["path"], file["rules"]) == ("/etc/server.policy", ["fronted_in", "orders_endpoint"])
        [gone] = plan([C8], policy_files=places, state="absent")["policies"]
        assert gone["config"]["TTLSRule"] == [{"name": "orders_endpoint"}]

    def test_the_steps_of_those_who_run_the_policy_agent(self) -> None:
        [readme] = plan([changed(C8, {"inbound": {"key_ring": "APIS/Server"}})])["handover"]
        text = " ".join(readme["text"].split())
        assert "Install the policy (orders_endpoint) and tell the Policy Agent: F PAGENT,UPDATE" in text
        assert "Only then let the server call by http: run the playbook again with that output as evidence." in text
        assert "endpoint-inbound-policy.txt is for those who look after the stack of the endpoint." in text
        assert plan([C7])["handover"] == []

    @pytest.mark.parametrize(
        "lines",
        [
            "RemotePortRange 443\nDirection Outbound\nPriority 200",
            "RemotePortRange 443\nDirection Outbound\nPriority 300\nJobname CICS*",
            "RemoteAddr 192.0.2.21\nDirection Outbound\nPriority 300",
            "LocalPortRange 443\nDirection Inbound\nPriority 300",
        ],
    )
    def test_rules_that_are_not_in_the_way(self, lines: str) -> None:
        texts = (f"TTLSRule other\n{{\n{lines}\n}}\n", "TTLSRule orders_endpoint\n{\nDirection Both\nPriority 999\n}\n")
        there = conflicts.present("".join(texts).encode(), "a.ttls", None)
        assert len(plan([C8], present=Present(policies={"inbound": there}))["endpoints"]) == 1

    def test_the_ring_should_hold_no_key(self) -> None:
        [warning] = plan([C8])["warnings"]
        assert warning == (
            "orders: the key ring ZCEESRV/Endpoints should hold the CA chain only; a default certificate on it would be shown "
            "to an endpoint that asks."
        )

    @pytest.mark.parametrize(
        ("keys", "role", "kind"),
        [
            ({}, "Server", None),
            (SHOWN, "ServerWithClientAuth", "Required"),
            ({**SHOWN, "inbound.saf_check": True}, "ServerWithClientAuth", "SAFCheck"),
        ],
    )
    def test_the_half_of_the_endpoint(self, keys: Json, role: str, kind: str | None) -> None:
        made = plan([changed(C8, {"inbound": {"key_ring": "APIS/Server", "job_name": "APIS"}, **keys})])
        _below, file = made["policies"]
        [rule], [environment] = (file["config"][name] for name in ("TTLSRule", "TTLSEnvironmentAction"))
        assert (rule["LocalAddr"], rule["LocalPortRange"], rule["Jobname"]) == ("192.0.2.20", 443, "APIS")
        assert environment["HandshakeRole"] == role
        assert environment["TTLSEnvironmentAdvancedParms"]["ClientAuthType"] == kind
        assert (file["name"], file["path"]) == ("endpoint-inbound-policy.txt", "")


class TestProbes:
    def test_who_is_trusted_is_known(self) -> None:
        given = changed(C6, {"trust_store.trusted": {"a": PEM, "b": PEM_2}, "protocols": "TLSv1.3"})
        assert plan([given])["endpoint_probes"] == [
            {
                "connection": "orders",
                "title": "orders: the endpoint has a certificate that is trusted",
                "host": "api.example.com",
                "address": None,
                "port": 443,
                "ca": PEM + PEM_2,
                "client_certificate": False,
                "expect": ["ok"],
                "min_protocol": "TLSv1.3",
                "max_protocol": "TLSv1.3",
            }
        ]

    def test_mutual_tls_whose_name_is_not_checked(self) -> None:
        [probe] = plan([changed(C7, {"skip_host_names": {"hosts": "api.example.com", **SKIPPED}})])["endpoint_probes"]
        assert probe["expect"] == ["ok", "name_mismatch", "closed_after_handshake", "handshake_failed"]
        assert (probe["client_certificate"], probe["title"]) == (
            True,
            "orders: the endpoint does TLS and asks for a client certificate (whom the server trusts is not seen)",
        )

    def test_an_address_that_is_known(self) -> None:
        [probe] = plan([C8])["endpoint_probes"]
        assert (probe["address"], probe["expect"], probe["ca"]) == ("192.0.2.20", ["ok"], "")
        assert probe["client_certificate"] is False

    def test_a_certificate_below_the_server_is_for_an_endpoint_that_asks(self) -> None:
        [probe] = plan([changed(C8, SHOWN)])["endpoint_probes"]
        assert (probe["client_certificate"], probe["expect"][0]) == (True, "ok")
        assert len(probe["expect"]) == 3


def test_what_requesters_share_is_one() -> None:
    made = plan([changed(C6, {"requesters": "a, b"}), changed(C6, {"requesters": ["b", "c"]})])
    assert made["endpoints"] == [
        {
            "connection": "orders",
            "server_tls": "jsse",
            "client_certificate": "none",
            "url": "https://api.example.com:443",
            "host": "api.example.com",
            "port": 443,
            "ssl": "orders.out",
            "id": "orders",
            "client_key_alias": None,
            "authentication": [],
            "requesters": ["a", "b", "c"],
            "web_applications": [],
        }
    ]


def test_stores_are_those_of_the_way_in_where_they_are_the_same_file() -> None:
    keys, trust, apis = plan([changed(C2, {"key_store.alias": "server"}), C7])["stores"]
    assert keys["aliases"] == ["server", "zcee"]
    assert [trust["kind"], apis["kind"]] == ["trustedCertEntry"] * 2


def test_what_a_role_leaves_empty_is_nothing() -> None:
    nothing = {"key_store": {"location": "", "password": ""}, "skip_host_names": {"hosts": []}, "authentication": {}}
    assert plan([{**C6, **nothing, "outbound": {"address": ""}, "inbound": {}}]) == plan([C6])


def test_taken_away_in_the_order_of_references() -> None:
    made = plan([changed(C7, {"authentication.oauth": {"server": TOKENS}})], state="absent")
    assert [f"{element['element']} {element['id']}" for element in wanted(made)] == [
        "zosconnect_endpointConnection orders",
        "zosconnect_oAuthConfig orders.oauth",
        "zosconnect_authorizationServer orders.oauth.server",
        "zosconnect_authData orders.oauth.login",
        "ssl orders.out",
        "keyStore orders.out.trust",
        "keyStore orders.out.keys",
    ]
    assert {element["state"] for element in wanted(made)} == {"absent"}


def test_a_name_that_begins_with_another_one_is_as_good_as_any() -> None:
    made = plan([changed(C2, {"name": "orders.v2"}), C6])
    assert [element["id"] for element in wanted(made) if element["element"] == "ssl"] == ["orders.v2", "orders.out"]


def test_another_rule_and_another_endpoint_connection() -> None:
    declared = changed(C8, {"endpoint.connection": "ordersApi", "endpoint.host": "http://api.example.com"})
    made = plan([changed(declared, {"outbound.rule": "ZCEE_OUT", "inbound": {"key_ring": "A/B", "rule": "API_IN"}})])
    assert [file["rules"] for file in made["policies"]] == [["ZCEE_OUT"], ["API_IN"]]
    [element] = wanted(made)
    assert (element["id"], element["attributes"]["host"]) == ("ordersApi", "http://api.example.com")
    assert made["endpoints"][0]["connection"] == "orders"


def test_the_default_configuration_stays() -> None:
    made = plan([changed(C6, {"ssl_configuration": "default"})], state="absent")
    assert [element["element"] for element in wanted(made)] == ["zosconnect_endpointConnection"]
    assert made["warnings"] == ["orders: the SSL configuration defaultOutbound stays, because other calls may use it."]
