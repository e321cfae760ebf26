# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Connections whose TLS is done by AT-TLS on either side: policies, elements, what is taken away again; TLS profiles."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from connection_world import (
    BATCH,
    C1,
    C2,
    C3,
    C4,
    C5,
    C8,
    CICS,
    EMPTY,
    KNOWN,
    RING,
    Json,
    changed,
    elements,
    there,
    wanted,
)

from ansible_collections.zosconnect.security.plugins.plugin_utils import codepages
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import desired
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import plan as policies
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.policy import Policy
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections import conflicts
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.plan import plan
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.profile import Profile
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.source import Source

TRUST = C2["trust_store"]
OFF = {"SSLv2": "Off", "SSLv3": "Off", "TLSv1": "Off", "TLSv1.1": "Off"}
CIPHERS = [
    "TLS_AES_256_GCM_SHA384",
    "TLS_AES_128_GCM_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
]


APARS = ["PH49284", "OA63164"]


def planned(*declared: Json, state: str = "present", **level: Any) -> Json:
    return plan(declared, present=EMPTY, state=state, **level)


def policy(name: str, made: Json) -> Json:
    """Return the policy that is handed over under this name, without what is null; empty without one."""
    return next((_said(file["config"]) for file in made["policies"] if file["name"] == f"{name}-policy.txt"), {})


def _said(config: Any) -> Any:
    if isinstance(config, dict):
        return {key: _said(value) for key, value in config.items() if value is not None}
    return [_said(value) for value in config] if isinstance(config, list) else config


class TestInbound:
    def test_the_whole_policy_leaves_nothing_to_defaults(self) -> None:
        assert policy("inbound", planned(C3)) == {
            "TTLSRule": [
                {
                    "name": "fronted_in",
                    "LocalPortRange": 5004,
                    "Direction": "Inbound",
                    "Priority": 255,
                    "TTLSGroupActionRef": "fronted_in",
                    "TTLSEnvironmentActionRef": "fronted_in",
                }
            ],
            "TTLSGroupAction": [{"name": "fronted_in", "TTLSEnabled": "On"}],
            "TTLSEnvironmentAction": [
                {
                    "name": "fronted_in",
                    "HandshakeRole": "Server",
                    "TTLSKeyringParms": {"Keyring": "ZCEESRV/Server"},
                    "TTLSCipherParms": {"V3CipherSuites": CIPHERS},
                    "TTLSEnvironmentAdvancedParms": {**OFF, "TLSv1.2": "On", "TLSv1.3": "On"},
                }
            ],
        }
        assert policy("outbound", planned(C3)) == {}

    @pytest.mark.parametrize(
        ("keys", "kind"),
        [
            ({"client_certificate": "required"}, "Required"),
            ({"client_certificate": "supported"}, "Full"),
            ({"client_certificate": "required", "inbound.saf_check": "yes"}, "SAFCheck"),
        ],
    )
    def test_a_client_certificate_as_a_gate(self, keys: Json, kind: str) -> None:
        [environment] = policy("inbound", planned(changed(C3, keys)))["TTLSEnvironmentAction"]
        assert environment["HandshakeRole"] == "ServerWithClientAuth"
        assert environment["TTLSEnvironmentAdvancedParms"]["ClientAuthType"] == kind

    def test_what_narrows_the_rule(self) -> None:
        keys = {
            "host": "2001:db8::7",
            "inbound.job_name": "ZCEESRV*",
            "inbound.user_id": "ZCEE",
            "inbound.priority": "90",
        }
        found = policy("inbound", planned(changed(C3, {**keys, "inbound.certificate_label": "Server Cert"})))
        [rule], [environment] = found["TTLSRule"], found["TTLSEnvironmentAction"]
        assert (rule["LocalAddr"], rule["Jobname"], rule["Userid"]) == ("2001:db8::7", "ZCEESRV*", "ZCEE")
        assert rule["Priority"] == 90
        assert environment["TTLSEnvironmentAdvancedParms"]["CertificateLabel"] == "Server Cert"


class TestOutbound:
    def test_a_rule_for_each_program_scoped_by_address(self) -> None:
        more = {
            "name": "ims",
            "type": "ims",
            "user_id": "IMSUSER",
            "local_address": "192.0.2.77",
            "key_ring": "*AUTH*/*",
            "priority": 256,
        }
        found = policy("outbound", planned(changed(C4, {"clients": [BATCH, more]})))
        assert found["TTLSRule"] == [
            {
                "name": "wrapped_night",
                "RemoteAddr": "192.0.2.10",
                "RemotePortRange": 5003,
                "Jobname": "NIGHT*",
                "Direction": "Outbound",
                "Priority": 255,
                "TTLSGroupActionRef": "wrapped_night",
                "TTLSEnvironmentActionRef": "wrapped_night",
            },
            {
                "name": "wrapped_ims",
                "LocalAddr": "192.0.2.77",
                "RemoteAddr": "192.0.2.10",
                "RemotePortRange": 5003,
                "Userid": "IMSUSER",
                "Direction": "Outbound",
                "Priority": 256,
                "TTLSGroupActionRef": "wrapped_ims",
                "TTLSEnvironmentActionRef": "wrapped_ims",
            },
        ]
        [environment, _other] = found["TTLSEnvironmentAction"]
        assert environment["HandshakeRole"] == "Client"
        assert environment["TTLSEnvironmentAdvancedParms"]["HostReferenceIdDNS"] == "zosconnect.example.com"
        assert policy("inbound", planned(C4)) == {}

    def test_a_certificate_makes_every_caller_one_user_and_that_is_said(self) -> None:
        client = {**BATCH, "certificate_label": "Night Batch"}
        made = planned(changed(C4, {"client_certificate": "required", "trust_store": TRUST, "clients": [client]}))
        [environment] = policy("outbound", made)["TTLSEnvironmentAction"]
        assert environment["TTLSEnvironmentAdvancedParms"]["CertificateLabel"] == "Night Batch"
        assert made["warnings"] == [
            (
                "wrapped: every program that the AT-TLS rule wrapped_night matches (NIGHT*) calls with the certificate 'Night "
                "Batch', so all of them become that one user."
            )
        ]

    def test_behind_attls_it_makes_nobody_a_user(self) -> None:
        client = {**BATCH, "certificate_label": "Night Batch"}
        made = planned(changed(C5, {"client_certificate": "required", "clients": [client]}))
        assert any(
            one.endswith("which lets them through to the server, who never sees it: nobody logs in with it.")
            for one in made["warnings"]
        )

    def test_without_one_the_ring_should_hold_none(self) -> None:
        assert planned(C4)["warnings"] == [
            (
                "wrapped: the key ring NIGHTUSR/ZosConnect of client night should hold the CA chain only; a default "
                "certificate on it would be shown to a server that asks."
            )
        ]

    def test_both_sides_by_at_tls(self) -> None:
        made = planned(C5)
        assert [rule["name"] for rule in policy("inbound", made)["TTLSRule"]] == ["both_in"]
        assert [rule["name"] for rule in policy("outbound", made)["TTLSRule"]] == ["both_night"]


class TestRendered:
    @pytest.mark.parametrize("base", [C3, C4, C5, {**C5, "client_certificate": "supported"}, C8])
    @pytest.mark.parametrize("level", [{}, {"zos_release": 3.1}, {"zos_release": "2.5", "zos_apars": APARS}])
    def test_attls_policy_finds_nothing_to_complain_about(self, base: Json, level: Json) -> None:
        options = desired.Options(**level)
        for file in planned(base, **level)["policies"]:
            empty = Source(file["name"], "", codepages.for_name("UTF-8"))
            made = policies.plan(empty, desired.check(file["config"], options), options)
            assert made.warnings == ()
            assert [rule.name for rule in Policy(made.result).rules] == file["rules"]


class TestLevels:
    """A parameter that a level of z/OS does not know would keep the whole policy from being installed."""

    LEFT_OUT = (
        "HostReferenceIdDNS is left out, because z/OS 2.5 does not know it without PH49284 and OA63164; name them in "
        "zos_apars if they are on. Any certificate of a CA on the key ring passes for the server's."
    )

    @pytest.mark.parametrize(("base", "rule"), [(C4, "wrapped_night"), (C5, "both_night"), (C8, "orders_endpoint")])
    def test_host_names_are_not_checked_where_nobody_could_read_that(self, base: Json, rule: str) -> None:
        made = planned(base, zos_release="2.5", zos_apars=["PH49284"])
        assert f"{rule}: {self.LEFT_OUT}" in made["warnings"]
        advanced = [
            one["TTLSEnvironmentAdvancedParms"]
            for file in made["policies"]
            for one in file["config"]["TTLSEnvironmentAction"]
        ]
        # Null takes away what an earlier declaration wrote.
        assert [one["HostReferenceIdDNS"] for one in advanced if "HostReferenceIdDNS" in one] == [None]

    def test_older_releases_have_no_fix_for_it(self) -> None:
        assert planned(C4, zos_release="2.4")["warnings"][-1] == (
            "wrapped_night: HostReferenceIdDNS is left out, because z/OS 2.4 does not know it. Any certificate of a CA on "
            "the key ring passes for the server's."
        )

    @pytest.mark.parametrize(
        "level", [{}, {"zos_release": ""}, {"zos_release": 3.1}, {"zos_release": 2.5, "zos_apars": APARS}]
    )
    @pytest.mark.parametrize("base", [C3, C4, C8])
    def test_else_they_are(self, base: Json, level: Json) -> None:
        assert "left out" not in " ".join(planned(base, **level)["warnings"])

    def test_what_attls_policy_would_refuse_is_refused_before_anything_is_planned(self) -> None:
        with pytest.raises(SecurityError) as caught:
            planned(changed(C3, {"inbound.certificate_label": "Server {"}))
        assert str(caught.value) == (
            "inbound-policy.txt.TTLSEnvironmentAction[0].TTLSEnvironmentAdvancedParms.CertificateLabel: holds a brace, which "
            "would begin or end a block."
        )


class TestRulesThatAreThere:
    """What is refused is in the table of contradictions; this is what must not be."""

    @pytest.mark.parametrize(
        ("declared", "lines"),
        [
            (C1, ["LocalPortRange 6000", "Direction Inbound"]),
            (C1, ["LocalPortRange 5001", "Direction Outbound"]),
            (C1, ["LocalPortRange 5001", "Direction Inbound", "TTLSGroupActionRef off"]),
            (C3, ["LocalPortRange 5004", "Direction Inbound", "Priority 255"]),
            (C3, ["LocalPortRange 5004", "Direction Inbound", "LocalAddr 192.0.2.99", "Priority 300"]),
            (C4, ["RemotePortRange 5003", "Direction Outbound", "Jobname DAY*", "Priority 300"]),
            (C4, ["RemoteAddr 192.0.2.11", "Direction Outbound", "Priority 300"]),
        ],
    )
    def test_rules_that_are_not_in_the_way(self, declared: Json, lines: list[str]) -> None:
        given = changed(declared, {"host": "192.0.2.10"})
        text = "TTLSRule other\n{\n" + "\n".join(lines) + "\n}\nTTLSGroupAction off\n{\nTTLSEnabled Off\n}\n"
        there = conflicts.present(codepages.for_name("IBM-1047").encode(text), "a.ttls", None)
        assert plan([given], present=replace(EMPTY, policies={"inbound": there, "outbound": there}))

    def test_our_own_rules_are_what_is_changed(self) -> None:
        own = "TTLSRule fronted_in\n{\nLocalPortRange 5004\nDirection Inbound\nPriority 9000\n}\n"
        there = conflicts.present(own.encode(), "a", None)
        assert plan([C3], present=replace(EMPTY, policies={"inbound": there}))


class TestNull:
    def test_what_is_no_longer_declared_goes(self) -> None:
        [file] = planned(C4)["policies"]
        [rule], [environment] = file["config"]["TTLSRule"], file["config"]["TTLSEnvironmentAction"]
        assert (rule["LocalAddr"], rule["Userid"]) == (None, None)
        advanced = environment["TTLSEnvironmentAdvancedParms"]
        assert (advanced["CertificateLabel"], advanced["PeerMinRsaKeySize"]) == (None, None)
        assert "EnvironmentUserInstance" not in environment, "raised at a renewal, and then it stays"


class TestFiles:
    PLACES = {"inbound": {"host": "pagent1", "path": "/etc/server.ttls"}, "outbound": {"path": "/etc/client.ttls"}}

    def test_each_policy_in_its_place(self) -> None:
        made = plan([C5], present=EMPTY, policy_files=self.PLACES)
        assert [(file["host"], file["path"], file["rules"]) for file in made["policies"]] == [
            ("pagent1", "/etc/server.ttls", ["both_in"]),
            ("", "/etc/client.ttls", ["both_night"]),
        ]
        assert made["inbound"]["rules"] == ["both_in"]

    def test_one_file_for_both_is_written_once(self) -> None:
        places = {side: {"path": "/etc/one.ttls"} for side in ("inbound", "outbound")}
        [file] = plan([C5, C4], present=EMPTY, policy_files=places)["policies"]
        assert file["rules"] == ["both_in", "both_night", "wrapped_night"]
        assert len(file["config"]["TTLSEnvironmentAction"]) == 3

    def test_what_is_handed_over_stays_apart(self) -> None:
        assert [file["name"] for file in planned(C5)["policies"]] == ["inbound-policy.txt", "outbound-policy.txt"]


class TestHandover:
    """The filters' own tests parse the texts back; here it is which text, with what of the connection in it."""

    REGION = {"cics_release": "6.1", "zos_release": "2.5"}

    @staticmethod
    def files(declared: Json) -> dict[str, str]:
        return {file["name"]: file["text"] for file in planned(declared)["handover"]}

    def cics(self, base: Json, **keys: Any) -> dict[str, str]:
        client = {**CICS, "key_ring": "CICSRING", "settings": {"group": "ZCEE", "region": self.REGION}, **keys}
        return self.files({**base, **KNOWN, "clients": [client]})

    @pytest.mark.parametrize(
        ("base", "scheme", "number"),
        [(C1, "HTTPS", 5001), (C2, "HTTPS", 5002), (C3, "HTTPS", 5004), (C4, "HTTP", 5003), (C5, "HTTP", 5004)],
    )
    def test_scheme_and_port_of_cics(self, base: Json, scheme: str, number: int) -> None:
        settings = {"group": "ZCEE"}
        label = {"certificate_label": "Cics Prod"} if base is C2 else {}
        texts = self.cics(base, settings=settings, **label)
        text = texts[f"{base['name']}-prod.csdup"]
        assert f"SCHEME({scheme})" in text
        assert f"PORT({number})" in text
        assert ("CERTIFICATE(Cics Prod)" in text) == (base is C2)
        assert ("AUTHENTICATE(BASIC)" in text) == (base is not C2)

    def test_the_region_s_own_parameters(self) -> None:
        texts = self.cics({**C1, "protocols": ["TLSv1.3"]})
        assert texts["batch-prod.sit"].splitlines()[1:] == [
            "KEYRING=CICSRING,",
            "MINTLSLEVEL=TLS13,",
            "MAXTLSLEVEL=TLS13,",
        ]

    def test_a_mistake_says_whose_it_is(self) -> None:
        with pytest.raises(SecurityError) as caught:
            self.cics(C3, settings={"gruop": "ZCEE"})
        assert str(caught.value) == (
            "fronted: client prod: settings.group: is missing; it has no default. Did you mean it by 'gruop'?"
        )

    def test_without_a_group_there_is_no_urimap_and_that_is_said(self) -> None:
        texts = self.files(C3)
        assert list(texts) == ["README.txt"]
        assert "prod (cics): settings.group is not given, so no URIMAP is rendered." in texts["README.txt"]

    @pytest.mark.parametrize(("base", "number"), [(C4, 5003), (C5, 5004)])
    def test_batch_is_told_the_port_that_answers(self, base: Json, number: int) -> None:
        assert f'"BAQPORT={number}")' in self.files(base)[f"{base['name']}-night.ceeopts"]
        newer = self.files({**base, "zosconnect_version": "3.0", "requesters": []})[f"{base['name']}-night.baqinit"]
        assert f"BAQHAPI-Server-Port: {number}\n" in newer

    def test_steps_come_in_their_order_and_fit_a_terminal(self) -> None:
        readme = self.files(C5)["README.txt"]
        wanted = [
            "EZB.INITSTACK",
            "ICSF",
            "READ to the key ring",
            "F PAGENT,UPDATE",
            "pasearch -t",
            "evidence",
            "NETSTAT TTLS",
        ]
        words = " ".join(readme.split())
        places = [words.index(word) for word in wanted]
        assert places == sorted(places)
        assert max(map(len, readme.splitlines())) < 80

    def test_nothing_to_hand_over(self) -> None:
        assert planned(C1)["handover"] == []


class TestClientSide:
    def test_the_programs_need_nothing_of_the_server_s_own(self) -> None:
        keys = ("name", "caller_tls", "port", "server_host", "server_address", "clients")
        bare = {key: C4[key] for key in keys}
        made = plan([bare], side="client")
        assert policy("outbound", made) == policy("outbound", planned(C4))
        assert (made["server_xml"], made["files"], made["stores"], made["gates"]) == (None, [], [], [])
        assert policy("inbound", plan([{**bare, "server_tls": "attls"}], side="client")) == {}


class TestServer:
    def test_an_http_port_and_nothing_of_tls(self) -> None:
        found = elements(C3)
        assert found["httpEndpoint fronted"]["attributes"] == {"host": "*", "httpPort": 5004, "httpsPort": -1}
        assert found["httpEndpoint defaultHttpEndpoint"]["attributes"] == {"httpPort": -1}
        assert found["zosconnect_apiRequesters"]["children"] == [
            {"element": "apiRequester", "attributes": {"name": "orders_1.0.0", "requireSecure": False}}
        ]
        assert found["webAppSecurity"]["attributes"]["overrideHttpAuthMethod"] == "BASIC"
        assert not [name for name in found if name.startswith(("ssl", "keyStore"))]

    def test_cics_names_no_certificate(self) -> None:
        made = planned({**C2, "server_host": "z.example.com", "clients": [CICS]})
        assert made["warnings"] == [
            "cics: client prod names no certificate_label, so CICS shows the default certificate of the region's key ring."
        ]

    def test_what_is_open_otherwise_is_said(self) -> None:
        [warning] = planned(C3)["warnings"]
        assert warning == (
            "fronted: requireSecure false for the named requesters counts for every http port of the server, whichever it "
            "is; the others must be closed, or behind AT-TLS."
        )

    def test_own_ports_and_covered_ones_are_no_danger(self) -> None:
        seen = there(
            """<httpEndpoint id="defaultHttpEndpoint" httpPort="-1"/><httpEndpoint id="fronted" host="*" httpPort="5004"/><httpEndpoint id="covered" httpPort="8080"/>
            <httpEndpoint id="tls" httpsPort="8443"/>"""
        )
        assert [item["connection"] for item in plan([C3], present=seen, attls_ports=[8080])["connections"]] == [
            "fronted"
        ]

    def test_the_wire_must_show_tls_although_the_server_does_none(self) -> None:
        made = planned(changed(C3, {"client_certificate": "required"}))
        [gate] = made["gates"]
        assert (gate["store"], gate["client_certificate_requested"]) == (None, True)
        assert gate["demand"] == (
            "The port must serve the certificate from ZCEESRV/Server, ask for a client certificate, refuse callers without one."
        )
        assert [probe["accepted"] for probe in made["probes"]] == [True, False, False]


class TestAbsent:
    def test_a_fronted_port_goes_and_requesters_demand_tls_again(self) -> None:
        made = plan([C3], state="absent")
        assert wanted(made) == [
            {"element": "httpEndpoint", "id": "fronted", "state": "absent"},
            {
                "element": "zosconnect_apiRequesters",
                "attributes": {},
                "children": [
                    {"element": "apiRequester", "attributes": {"name": "orders_1.0.0", "requireSecure": None}},
                ],
            },
        ]
        [probe] = made["probes"]
        assert (probe["expect"], probe["plain"]) == (["refused"], True)
        assert [rule["name"] for rule in policy("inbound", made)["TTLSRule"]] == ["fronted_in"]

    def test_what_only_the_connection_used_goes_with_it(self) -> None:
        gone = [(one["element"], one["id"]) for one in wanted(plan([C2], state="absent"))]
        assert gone == [
            ("httpEndpoint", "cics"),
            ("sslOptions", "cics"),
            ("ssl", "cics"),
            ("keyStore", "cics.keys"),
            ("keyStore", "cics.trust"),
        ]
        assert ("keyStore", "cics.trust") not in [
            (one["element"], one["id"]) for one in wanted(plan([RING], state="absent"))
        ]
        assert planned(C1, state="absent")["stores"] == [], "key stores are files; what is in them stays"


class TestProfile:
    def test_one_profile_in_the_words_of_each_side(self) -> None:
        ciphers = ["TLS_AES_256_GCM_SHA384", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"]
        profile = {"ciphers": ciphers, "min_rsa_size": 3072, "fips": True}
        assert elements({**C2, "tls_profile": profile})["ssl cics"]["attributes"]["enabledCiphers"] == " ".join(ciphers)
        found = policy("outbound", planned({**C4, "tls_profile": profile}))
        [group], [environment] = found["TTLSGroupAction"], found["TTLSEnvironmentAction"]
        assert group["FIPS140"] == "On"
        assert environment["TTLSCipherParms"] == {"V3CipherSuites": ciphers}
        assert environment["TTLSEnvironmentAdvancedParms"]["PeerMinRsaKeySize"] == 3072
        assert Profile().cics == {"MINTLSLEVEL": "TLS12", "MAXTLSLEVEL": "TLS13"}

    def test_a_client_that_says_less_has_what_the_connection_says(self) -> None:
        made = planned(changed(C4, {"tls_profile": {"protocols": ["TLSv1.3"]}}))
        [environment] = policy("outbound", made)["TTLSEnvironmentAction"]
        assert environment["TTLSEnvironmentAdvancedParms"]["TLSv1.2"] == "Off"
        assert environment["TTLSCipherParms"]["V3CipherSuites"] == CIPHERS[:2]

    @pytest.mark.parametrize(
        ("mine", "theirs", "shared"),
        [
            (Profile(), Profile(), "TLSv1.3"),
            (Profile(), Profile(("TLSv1.2",)), "TLSv1.2"),
            (Profile(("TLSv1.3",)), Profile(("TLSv1.2",)), None),
            (
                Profile(ciphers=("TLS_AES_128_GCM_SHA256", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384")),
                Profile(("TLSv1.2",), ("TLS_RSA_Y",)),
                None,
            ),
            (
                Profile(ciphers=("TLS_AES_128_GCM_SHA256", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384")),
                Profile(("TLSv1.2",), ("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",)),
                "TLSv1.2",
            ),
        ],
    )
    def test_what_two_sides_share(self, mine: Profile, theirs: Profile, shared: str | None) -> None:
        assert mine.shared(theirs) == theirs.shared(mine) == shared
