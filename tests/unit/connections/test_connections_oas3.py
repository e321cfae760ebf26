# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Declarations for a server of z/OS Connect 3.0 (OpenAPI 3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from connection_world import (
    C1,
    C2,
    C4,
    C5,
    C6,
    C8,
    DIRECTORY,
    Json,
    cases,
    changed,
    declared,
    there,
    wanted,
)

from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.plan import plan
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.present import NOTHING, Present
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import desired
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.document import read_source
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.plan import plan as edit
from tests.growth import grows

OAS3 = "<featureManager><feature>zosconnect:zosConnect-3.0</feature></featureManager>"
ORDERS = """<webApplication id="app" name="orders" location="orders.war">
    <appProperties>
      <property name="connectionRef" value="old"/>
    </appProperties>
  </webApplication>"""
BEHIND = changed(C5, {"requesters": []})


def server(xml: str = OAS3, more: str = "") -> Present:
    """A server of z/OS Connect 3.0."""
    return there(xml, more=more)


def planned(*items: Json, **options: Any) -> Json:
    return plan(list(items), **{"present": server(), **options})


def named(made: Json, element: str) -> list[Json]:
    return [each for each in wanted(made) if each["element"] == element]


def features(made: Json) -> list[str]:
    return [child["text"] for each in named(made, "featureManager") for child in each["children"]]


@pytest.mark.parametrize("case", cases("oas3"))
def test_the_sentence(case: Json) -> None:
    seen = server(case["server"], case.get("more", "")) if "server" in case else NOTHING
    with pytest.raises(SecurityError) as caught:
        plan(
            [declared(item) for item in case["declared"]],
            present=seen,
            state=case.get("state", "present"),
            zosconnect_version=case.get("version"),
        )
    assert str(caught.value) == case["error"]


class TestWhichOne:
    @pytest.mark.parametrize("said", ["3.0", 3.0])
    def test_a_number_is_as_good_as_text(self, said: object) -> None:
        assert planned(C1, present=NOTHING, zosconnect_version=said)["zosconnect_version"] == "3.0"
        assert planned({**C1, "zosconnect_version": said}, present=NOTHING)["zosconnect_version"] == "3.0"

    def test_the_features_say_it(self) -> None:
        assert planned(C1)["zosconnect_version"] == "3.0"
        older = server("<featureManager><feature>zosconnect:zosConnect-2.0</feature></featureManager>")
        assert planned(C1, present=older)["zosconnect_version"] == "2.0"

    def test_nobody_says_it(self) -> None:
        assert planned(C1, present=NOTHING)["zosconnect_version"] == "2.0"
        assert planned(C1, present=server(""))["zosconnect_version"] == "2.0"

    def test_the_declaration_and_the_features_agree(self) -> None:
        assert planned({**C1, "zosconnect_version": 3.0}, zosconnect_version="3.0")["zosconnect_version"] == "3.0"


class TestElements:
    @pytest.mark.parametrize("base", [C1, C2, C4, BEHIND])
    @pytest.mark.parametrize("state", ["present", "absent"])
    def test_require_secure_is_written_nowhere(self, base: Json, state: str) -> None:
        made = planned(base, state=state)
        assert "requireSecure" not in str(wanted(made))
        assert not named(made, "zosconnect_apiRequesters")

    @pytest.mark.parametrize(("base", "value"), [(C1, True), (BEHIND, False)])
    def test_what_the_port_does_anyhow_may_be_said(self, base: Json, value: bool) -> None:  # noqa: FBT001
        scopes = dict.fromkeys(("requesters", "all_requesters", "server"), value)
        made = planned({**base, "require_secure": scopes})
        assert "requireSecure" not in str((wanted(made), made["warnings"]))

    @pytest.mark.parametrize("base", [C1, C2, C4])
    def test_the_ports_decide(self, base: Json) -> None:
        own, default = named(planned(base), "httpEndpoint")
        assert (own["attributes"]["httpPort"], own["attributes"]["httpsPort"]) == (-1, base["port"])
        assert (default["id"], default["attributes"]) == ("defaultHttpEndpoint", {"httpPort": -1})

    def test_http_only_behind_at_tls(self) -> None:
        made = planned(BEHIND)
        own, default = named(made, "httpEndpoint")
        assert (own["attributes"]["httpPort"], own["attributes"]["httpsPort"]) == (5004, -1)
        assert default["attributes"] == {"httpPort": -1}
        assert made["inbound"]["rules"] == ["both_in"]

    def test_the_role_is_enforced_by_application_security(self) -> None:
        made = planned(C1)
        assert features(made) == ["appSecurity-2.0", "transportSecurity-1.0"]
        assert named(made, "webAppSecurity")
        assert (
            "batch: appSecurity-2.0 is switched on, so from now on every caller of every web application needs the role "
            "invoke."
        ) in made["warnings"]

    @pytest.mark.parametrize("feature", ["appSecurity-2.0", "appSecurity-5.0", "openidConnectClient-1.0"])
    def test_what_brings_it_already_stays_alone(self, feature: str) -> None:
        there = server(OAS3.replace("</featureManager>", f"<feature>{feature}</feature></featureManager>"))
        made = planned(C1, present=there)
        assert features(made) == ["transportSecurity-1.0"]
        assert "appSecurity" not in str(made["warnings"])

    def test_2_0_loads_it_itself(self) -> None:
        assert features(planned(C1, present=NOTHING)) == ["transportSecurity-1.0"]

    def test_a_server_that_nobody_looked_at(self) -> None:
        assert "appSecurity-2.0" in features(planned(C1, present=NOTHING, zosconnect_version="3.0"))

    def test_an_endpoint_says_nothing_about_callers(self) -> None:
        made = planned(C6)
        assert features(made) == ["transportSecurity-1.0"]
        assert not named(made, "webAppSecurity")

    def test_each_port_speaks_for_itself(self) -> None:
        both = planned({**C1, "require_secure": {"server": True}}, {**BEHIND, "require_secure": {"server": False}})
        assert "requireSecure" not in str(wanted(both))


class TestOpenPorts:
    def test_a_port_of_somebody_else_is_told(self) -> None:
        other = server(OAS3 + '\n<httpEndpoint id="batch2" httpPort="5009"/>')
        for item in (C1, BEHIND):
            assert (
                f"{item['name']}: port 5009 of endpoint batch2 ({DIRECTORY}/server.xml:2) accepts plain http from everybody, and z/OS "
                "Connect 3.0 has no requireSecure that refuses it. Close it, or declare it as behind AT-TLS (attls_ports)."
            ) in planned(item, present=other)["warnings"]

    def test_what_is_closed_here_or_behind_at_tls_is_not(self) -> None:
        behind = server(OAS3 + '<httpEndpoint id="other" httpPort="5009"/>')
        assert "plain http from everybody" not in str(planned(C1, present=behind, attls_ports=[5009])["warnings"])

    def test_the_default_endpoint_left_open(self) -> None:
        assert "port 9080" in str(planned({**C1, "plain_http": "unchanged"})["warnings"])


class TestWebApplications:
    def there(self, connection: str = "old") -> Present:
        return server(f"{OAS3}{ORDERS.replace('old', connection)}")

    def edited(self, elements: list[Json]) -> str:
        text = f"<server>\n  {ORDERS}\n</server>\n"
        wanted = [each for each in elements if each["element"] == "webApplication"]
        return edit(read_source(text.encode(), name="server.xml"), desired.check(wanted, desired.Options())).result.text

    @pytest.mark.parametrize("base", [C6, C8])
    def test_it_calls_the_endpoint(self, base: Json) -> None:
        made = planned({**base, "web_applications": ["orders"]}, present=self.there())
        assert wanted(made)[-1] == {
            "element": "webApplication",
            "id": "app",
            "children": [
                {
                    "element": "appProperties",
                    "children": [
                        {"element": "property", "attributes": {"name": "connectionRef", "value": "orders"}},
                    ],
                }
            ],
        }
        assert f'<property name="connectionRef" value="{base["name"]}"/>' in self.edited(wanted(made))
        assert made["endpoints"][0]["web_applications"] == ["orders"]

    def test_ibm_s_sample_has_no_id(self) -> None:
        made = planned(
            {**C6, "web_applications": ["stock"]},
            present=server(f"{OAS3}{ORDERS}<webApplication location='stock.war'/>"),
        )
        text = '<server>\n  <webApplication id="o"/>\n  <webApplication location="stock.war"/>\n</server>\n'
        wanted = desired.check(named(made, "webApplication"), desired.Options())
        assert edit(read_source(text.encode(), name="server.xml"), wanted).result.text.splitlines()[1:5] == [
            '  <webApplication id="o"/>',
            '  <webApplication location="stock.war">',
            "    <appProperties>",
            '      <property name="connectionRef" value="orders"/>',
        ]

    def test_one_in_an_included_file_is_changed_there(self) -> None:
        present = server(f"{OAS3}<include location='more.xml'/>", "<webApplication location='stock.war'/>")
        made = planned({**C6, "web_applications": ["stock"]}, present=present)
        assert [file["path"] for file in made["files"]] == [f"{DIRECTORY}/server.xml", f"{DIRECTORY}/more.xml"]
        [application] = made["files"][1]["elements"]
        assert application["element"] == "webApplication"

    def test_it_calls_it_already(self) -> None:
        made = planned({**C6, "web_applications": "orders"}, present=self.there("orders"))
        assert not named(made, "webApplication")

    def test_the_tie_goes_with_the_endpoint_and_before_it(self) -> None:
        item = {**C6, "web_applications": ["orders"]}
        endpoint = '<zosconnect_endpointConnection id="orders" host="https://a" port="1"/>'
        present = server(f"{OAS3}{ORDERS.replace('old', 'orders')}{endpoint}")
        made = planned(item, present=present, state="absent")
        kinds = [each["element"] for each in wanted(made)]
        assert kinds.index("webApplication") < kinds.index("zosconnect_endpointConnection")
        assert "connectionRef" not in self.edited(wanted(made))

    def test_a_tie_to_another_endpoint_stays(self) -> None:
        made = planned({**C6, "web_applications": ["orders"]}, present=self.there(), state="absent")
        assert not named(made, "webApplication")

    def test_those_of_a_port_are_known(self) -> None:
        assert not named(planned({**C1, "web_applications": ["orders"]}, present=self.there()), "webApplication")
        assert planned({**C1, "web_applications": ["orders"]}, present=NOTHING, zosconnect_version="3.0")

    def test_two_declarations_of_one_endpoint(self) -> None:
        stock = '<webApplication id="s" name="stock" location="s.war"/>'
        made = planned(
            {**C6, "web_applications": ["orders"]},
            {**C6, "web_applications": ["stock"]},
            present=server(f"{OAS3}{ORDERS}{stock}"),
        )
        assert [each["id"] for each in named(made, "webApplication")] == ["app", "s"]

    def test_thousands(self) -> None:
        def work(count: int) -> Callable[[], object]:
            names = [f"app{number}" for number in range(count)]
            seen = server(OAS3 + "".join(f'<webApplication id="{name}" location="{name}.war"/>' for name in names))

            def run() -> None:
                found = planned({**C6, "web_applications": names}, present=seen)
                assert len(named(found, "webApplication")) == count

            return run

        grows(work, 500, 2500)
