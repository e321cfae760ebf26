# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What adopt makes: the file of variables, the proof that nothing changes, a fleet; and what it refuses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import adopt_world
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.adopt import (
    adopted,
    fleet,
    gather,
    proved,
    unsaid,
    written,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.adopt.proved import Fault
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.adopt.said import Said
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.adopt.unsaid import Unsaid
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.present import Present
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from tests.growth import grows

Json = dict[str, Any]
D = adopt_world.DIRECTORY
TWO = (
    f'{adopt_world.QUIET}<httpEndpoint id="cics" httpsPort="5002"/>'
    '<zosconnect_endpointConnection id="api" host="https://api.example.com" port="443"/>'
)


def nothing_changes(_declared: list[Json]) -> None:
    return None


class TestText:
    def test_it_is_yaml_for_people(self) -> None:
        there = adopt_world.present(adopt_world.server_xml(TWO))
        made = gather.gather(there, {}, "zceesrv1", check=nothing_changes)
        head = made["yaml"].splitlines()[:4]
        assert head == [
            "---",
            f"# The server {D} on zceesrv1 as it is: each value with its place. Whatever is not said here stays as it is.",
            "# Change a word, and ansible-playbook zosconnect.security.connections --check --diff shows what it would do.",
            "zosconnect_connections:",
        ]
        assert yaml.safe_load(made["yaml"]) == {"zosconnect_connections": made["connections"]}
        assert made["summary"] == "1 connection, 1 call adopted"

    def test_what_is_not_expressed_stands_in_its_head(self) -> None:
        there = adopt_world.present(adopt_world.server_xml(""))
        made = gather.gather(there, {}, check=nothing_changes)
        told = '<httpEndpoint id="defaultHttpEndpoint"> on 9080 accepts plain http, without TLS (by default)'
        assert f"#   {told}" in made["yaml"].splitlines()
        assert [made["summary"], made["told"]] == ["1 connection, 0 calls adopted", [f"not expressed: {told}"]]
        assert made["not_expressed"] == [
            {
                "kind": "clear",
                "what": '<httpEndpoint id="defaultHttpEndpoint"> on 9080',
                "place": "by default",
                "reason": "accepts plain http, without TLS",
            }
        ]

    def test_of_many_a_person_sees_three(self) -> None:
        ports = "".join(f"<httpEndpoint id='e{number}' httpPort='{5000 + number}'/>" for number in range(5))
        there = adopt_world.present(adopt_world.server_xml(adopt_world.QUIET + ports))
        assert gather.gather(there, {}, check=nothing_changes)["told"] == [
            'not expressed: <httpEndpoint id="e0"> on 5000 accepts plain http, without TLS (server.xml:3)',
            'not expressed: <httpEndpoint id="e1"> on 5001 accepts plain http, without TLS (server.xml:3)',
            'not expressed: <httpEndpoint id="e2"> on 5002 accepts plain http, without TLS (server.xml:3)',
            "not expressed, too: 2 more, which the file names",
        ]

    def test_of_very_many_the_first(self) -> None:
        told = [Unsaid(unsaid.DISABLED, f"<httpEndpoint id={number}>", "") for number in range(30)]
        lines = written.text("x", [], ["head"], told).splitlines()
        assert len(lines) == 25
        assert lines[-2:] == ["#   and 10 more, see not_expressed in the result of the task.", "x: []"]

    @given(st.text(), st.text(max_size=300))
    def test_what_somebody_wrote_on_the_target_stays_where_it_is(self, value: str, origin: str) -> None:
        connection = Said(
            {"name": Said("a", origin), "x": Said(value, origin), "y": Said([Said(value, origin)], origin)}
        )
        if value.isprintable():
            text = written.text("v", [connection], [origin], [Unsaid(unsaid.DISABLED, origin, origin)])
            assert yaml.safe_load(text) == {"v": [connection.plain()]}

    @pytest.mark.parametrize(
        "value", ["yes", "ON", "null", "1.0", "5", "1e3", "a: b", "#x", "", "~", "a b", "\\", '"', "é"]
    )
    def test_a_text_stays_text(self, value: str) -> None:
        assert yaml.safe_load(written.scalar(value)) == value

    def test_a_long_comment_stands_before_its_line(self) -> None:
        item = Said({"name": Said("nn", "x" * 130), "k": Said("v", "y" * 130)})
        assert written.text("v", [item], []).splitlines()[2:] == [
            f"  # {'x' * 130}",
            "  - name: nn",
            f"    # {'y' * 130}",
            "    k: v",
        ]


class TestProof:
    def made(self, check: Callable[[list[Json]], Fault | None]) -> adopted.Adopted:
        found = adopted.adopted(adopt_world.present(adopt_world.server_xml(TWO)))
        return proved.proved(found, check)

    def test_what_changes_nothing_stays_as_it_is(self) -> None:
        made = self.made(nothing_changes)
        assert [each["name"] for each in made.plain()] == ["cics", "api"]
        assert made.unsaid == ()

    def test_a_key_that_would_change_something_is_told_instead(self) -> None:
        def check(declared: list[Json]) -> Fault | None:
            wrong = any("client_certificate" in each for each in declared)
            return Fault(unsaid.CHANGES, "set ssl clientAuthentication") if wrong else None

        made = self.made(check)
        assert "client_certificate" not in made.plain()[0]
        assert made.plain()[0]["elements"] == {"httpEndpoint": "cics"}
        assert [each.sentence for each in made.unsaid] == [
            (
                "client_certificate of cics would be changed by its own declaration (set ssl clientAuthentication) "
                '(<ssl id="defaultSSLConfig">, by default)'
            )
        ]

    def test_a_connection_that_is_refused_is_told_instead(self) -> None:
        def check(declared: list[Json]) -> Fault | None:
            return Fault(unsaid.REFUSED, "No.") if any("endpoint" in each for each in declared) else None

        made = self.made(check)
        assert [each["name"] for each in made.plain()] == ["cics"]
        assert [each.sentence for each in made.unsaid] == [
            'Connection api cannot be declared as it is: No. (<zosconnect_endpointConnection id="api">, server.xml:3)'
        ]

    def test_of_two_that_cannot_stand_beside_each_other_the_first_stays(self) -> None:
        made = self.made(lambda declared: Fault(unsaid.REFUSED, "Two.") if len(declared) > 1 else None)
        assert [each["name"] for each in made.plain()] == ["cics"]
        assert [each.kind for each in made.unsaid] == ["refused"]


def refusal(there: Present) -> str:
    with pytest.raises(SecurityError) as caught:
        adopted.adopted(there)
    return str(caught.value)


class TestRefusals:
    def test_nobody_looked(self) -> None:
        assert refusal(Present()) == "server: nobody looked at the server, so nothing can be adopted."

    def test_the_directory_is_wrong(self) -> None:
        assert refusal(adopt_world.present({})) == (f"{D}/server.xml: does not exist; correct server_dir.")

    def test_server_xml_cannot_be_read(self) -> None:
        there = adopt_world.present({})
        assert there.server is not None
        there.server.unseen[f"{D}/server.xml"] = "No right to read it."
        assert refusal(there) == "No right to read it."

    def test_liberty_refuses_it(self) -> None:
        assert refusal(adopt_world.present({"server.xml": "<server>"})) == (
            f"{D}/server.xml:1: is not well-formed XML: the file ends inside <server> of line 1: it is cut off. Liberty "
            "refuses the whole configuration over that. So nothing can be adopted; mend that first."
        )

    def test_a_file_that_could_not_be_read_is_told(self) -> None:
        there = adopt_world.present(adopt_world.server_xml('<include location="more.xml"/>'))
        assert there.server is not None
        there.server.unseen[f"{D}/more.xml"] = f"{D}/more.xml: is a directory."
        made = gather.gather(there, {}, check=nothing_changes)
        assert not made["complete"]
        assert [each["reason"] for each in made["not_expressed"] if each["kind"] == "unseen"] == [
            "could not be seen: server.xml:3: includes more.xml, which could not be read: more.xml: is a directory.",
            "could not be seen: more.xml: is a directory.",
        ]


NAMES = st.sampled_from(["a", "b", "c"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(0, 2) | st.sampled_from(["x", "y"]) | st.lists(st.integers(0, 1)),
    lambda inner: st.dictionaries(NAMES, inner, min_size=1),
    max_leaves=4,
)
DECLARATIONS = st.dictionaries(NAMES, st.dictionaries(st.sampled_from(["k", "l", "m"]), VALUES))


class TestFleet:
    def test_what_is_equal_is_common(self) -> None:
        one = {"name": "cics", "port": 5002, "elements": {"httpEndpoint": "cics", "ssl": "s"}, "requesters": ["a"]}
        other = {**one, "port": 5012, "elements": {"httpEndpoint": "cics", "ssl": "t"}}
        common, own = fleet.factored({"h1": [one], "h2": [other, {"name": "api", "port": 1}]})
        assert common == {"cics": {"elements": {"httpEndpoint": "cics"}, "requesters": ["a"]}}
        assert own == {
            "h1": {"cics": {"port": 5002, "elements": {"ssl": "s"}}},
            "h2": {"cics": {"port": 5012, "elements": {"ssl": "t"}}, "api": {"port": 1}},
        }

    def test_one_host_has_all_in_common_with_itself(self) -> None:
        assert fleet.factored({"h1": [{"name": "a", "port": 1}]}) == ({"a": {"port": 1}}, {"h1": {}})

    def test_no_host(self) -> None:
        assert fleet.factored({}) == ({}, {})

    @given(st.dictionaries(st.sampled_from(["h1", "h2", "h3"]), DECLARATIONS))
    def test_joined_they_are_what_each_had_said(self, every: dict[str, dict[str, Json]]) -> None:
        said = {host: [{"name": name, **each} for name, each in own.items()] for host, own in every.items()}
        common, own = fleet.factored(said)
        for host, connections in said.items():
            made = fleet.joined(common, own[host])
            assert fleet.by_name(made) == fleet.by_name(connections)

    @pytest.mark.parametrize(
        ("common", "own", "sentence"),
        [
            ([], {}, "common: must be a mapping, not a list."),
            ({}, {"a": 5}, "own.a: must be a mapping, not a number."),
        ],
    )
    def test_what_is_no_declaration_is_refused(self, common: object, own: object, sentence: str) -> None:
        with pytest.raises(SecurityError) as caught:
            fleet.joined(common, own)
        assert str(caught.value) == sentence


def test_ten_thousand_requesters() -> None:
    def work(count: int) -> Callable[[], dict[str, Any]]:
        archives = tuple(f"requester{number}_1.0.0" for number in range(count))
        there = adopt_world.present(adopt_world.server_xml(TWO), archives=archives)
        return lambda: gather.gather(there, {}, check=nothing_changes)

    grows(work, 2500, 10_000)
    made = work(10_000)()
    assert len(made["connections"][0]["requesters"]) == 10_000
    assert made["yaml"].count("\n") < 10_050


def test_each_kind_that_cannot_be_said_is_in_the_table() -> None:
    table = (Path(__file__).parent / "cases" / "adopt.yml").read_text(encoding="utf-8")
    here = Path(__file__).read_text(encoding="utf-8")
    for kind, reason in unsaid.KINDS.items():
        words = reason.partition("{")[0].strip()
        assert words in table or f"unsaid.{kind.upper().replace('-', '_')}" in here, kind


def test_files_of_a_fleet() -> None:
    other = TWO.replace("5002", "5012").replace("/></z", "/>\n</z")
    results = {
        host: gather.gather(adopt_world.present(adopt_world.server_xml(xml)), {}, check=nothing_changes)
        for host, xml in (("h1", TWO), ("h2", other), ("h3", f"\n{TWO}<httpEndpoint id='more' httpsPort='5003'/>"))
    }
    made = fleet.files(results)
    assert made["profile"] == (
        "---\n"
        "# What 3 servers have in common, by name of the connection. What differs stands in zosconnect_connections_own of each\n"
        "# host; whatever is said nowhere stays as it is.\n"
        "zosconnect_connections_shared:\n"
        "  cics:\n"
        "    caller_tls: cics                        # assumed: no AT-TLS policy of its callers was read\n"
        "    server_tls: jsse\n"
        '    client_certificate: none                # <ssl id="defaultSSLConfig">, by default\n'
        "    elements:\n"
        "      httpEndpoint: cics\n"
        "  api:\n"
        "    endpoint:\n"
        "      connection: api\n"
        '      host: "https://api.example.com"\n'
        "      port: 443\n"
        "    server_tls: jsse\n"
        '    ssl_configuration: default              # <ssl id="defaultSSLConfig">, by default\n'
        'zosconnect_connections: "{{ zosconnect_connections_shared | zosconnect.security.connections_joined('
        'zosconnect_connections_own | default({})) }}"\n'
    )
    assert made["hosts"]["h2"] == (
        "---\n"
        "# What h2 has of its own; what it has in common with others stands in zosconnect_connections_shared of its group.\n"
        "zosconnect_connections_own:\n"
        '  cics:                                     # <httpEndpoint id="cics">, server.xml:3\n'
        "    port: 5012                              # server.xml:3\n"
    )
    shared = yaml.safe_load(made["profile"])["zosconnect_connections_shared"]
    for host, result in results.items():
        own = yaml.safe_load(made["hosts"][host])["zosconnect_connections_own"]
        assert fleet.by_name(fleet.joined(shared, own)) == fleet.by_name(result["connections"])
