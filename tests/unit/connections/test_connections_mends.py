# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A refusal offers the word of the declaration that mends what it is about, and with that word it is gone."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from connection_world import BASES, C2, DIRECTORY, KEY, PEM, changed
from run_world import Json, Target
from takeover_world import WORDS

sys.path.insert(0, str(Path(__file__).parents[2] / "liberty"))

from pki import Authority, Issued

from ansible_collections.zosconnect.security.plugins.plugin_utils.connections import judged, mends
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.plan import plan
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.waivers import RULES
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.outside import Places
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.variables import Outer
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.server import Server

TABLE: list[Json] = yaml.safe_load((Path(__file__).parent / "cases/mends.yml").read_text(encoding="utf-8"))
PATH = f"{DIRECTORY}/server.xml"
# A port of the server that is there.
HERE = {"name": "cics", "server_dir": DIRECTORY, "port": 5002}
PARTS = {
    **WORDS,
    "OPEN": '<webAppSecurity allowFailOverToBasicAuth="false"/>',
    "OTHER": '<httpEndpoint id="other" httpPort="8081"/>',
    "SECURED": '<httpEndpoint id="secured" httpPort="8081" httpsPort="8444" sslOptionsRef="o"/>',
    "ORDERS": '<zosconnect_apiRequesters><apiRequester name="orders"/></zosconnect_apiRequesters>',
    "UNUSED": "<featureManager><feature>transportSecurity-1.0</feature></featureManager>"
    '<httpEndpoint id="defaultHttpEndpoint" httpPort="-1" httpsPort="-1"/><sslDefault sslRef="S"/>'
    '<ssl id="S" keyStoreRef="K"/><keyStore id="K" location="safkeyring:///R" password="password"/>',
}


def document(text: str) -> bytes:
    for word, meant in PARTS.items():
        text = text.replace(f"{{{word}}}", meant)
    return f"<server>{text}</server>".encode()


def target(case: Json) -> Target:
    files = {PATH: document(case["server"])}
    policy = {"/etc/p": case["policy"].encode()} if "policy" in case else {}
    return Target(
        files | policy | {f"{DIRECTORY}/{name}": document(text) for name, text in case.get("more", {}).items()}
    )


@cache
def issued(host: str) -> Issued:
    return Authority("Root", key_type="ec").issue("server", sans=[host], key_type="ec")


def declared(case: Json) -> Json:
    given = case["declared"]
    found = changed({**BASES, "HERE": HERE}[given["base"]], given.get("set", {}))
    made = case.get("makes") or case.get("holds")
    if made:
        key = issued(made["host"])
        pems = {"certificate": key.certificate_pem, "chain": key.chain_pem, "private_key": key.key_pem()}
        found["key_store"] |= {"alias": "server", **pems}
    return found


def refusal(case: Json, given: Json) -> str:
    try:
        target(case).plan([given], **case.get("options", {}))
    except SecurityError as e:
        return str(e)
    return ""


def of_rule(said: str, rule: str) -> str:
    """The sentences of a refusal that are about one rule."""
    return said.partition(f", {rule})")[2].partition("reason and owner.")[0]


@pytest.mark.parametrize("case", [pytest.param(case, id=case["title"]) for case in TABLE])
def test_what_is_offered_mends(case: Json) -> None:
    given, rule = declared(case), case["rule"]
    said = of_rule(refusal(case, given), rule)
    assert said, "it is refused"
    offered = f" In the declaration: {case['word']}." if "word" in case else ""
    offered += f" Outside of the declaration: {case['outside']}." if "outside" in case else ""
    assert said.endswith(f"{offered} To accept it, give a connection waivers with id {rule}, ")
    assert said.count(" the declaration: ") == sum(key in case for key in ("word", "outside"))
    if "mend" in case:
        assert f", {rule})" not in refusal(case, changed(given, case["mend"]))


def test_each_word_is_in_the_table() -> None:
    assert set(mends.MENDS) == {case["rule"] for case in TABLE if {"word", "outside"} & {*case}} | {
        "requester-unreachable"
    }
    assert set(mends.MENDS) <= {rule.id for rule in RULES}


# What stands in a server already is a finding, and no reason to refuse anything.
NAMES = ("appSecurity-2.0", "appSecurity-3.0", "servlet-3.1", "servlet-6.0", "wrong-1.0")
THERE = f"<featureManager>{''.join(f'<feature>{name}</feature>' for name in NAMES)}</featureManager>"


@pytest.mark.parametrize("included", [False, True])
def test_features_that_are_there_stay(*, included: bool) -> None:
    case: Json = {"server": "{IBM}" + THERE}
    if included:
        case = {"server": '{IBM}<include location="f.xml"/>', "more": {"f.xml": THERE}}
    made = target(case).plan([changed(BASES["RING"], {"port": 5003, "features": ["jndi-1.0"]})])
    assert b"jndi-1.0" in made.made.bytes_of_server()[PATH]


class TestACopy:
    """What is wrong with an SSL configuration is no news in the one that a connection gets because of the others."""

    SHARED = document('{IBM}<httpEndpoint id="b" httpPort="-1" httpsPort="5003"/>')
    WRONG = b'sslProtocol="TLSv1" verifyHostname="false" trustDefaultCerts="true" clientAuthentication="false"'

    def made(self, text: bytes, **others: Any) -> str:
        given = {**HERE, "client_certificate": "required", **others}
        return Target({PATH: text}).plan([given]).made.bytes_of_server()[PATH].decode()

    def test_what_is_unsaid_stays_unsaid(self) -> None:
        made = self.made(self.SHARED)
        assert '<ssl id="cics" keyStoreRef="CellDefaultKeyStore"' in made
        assert "sslProtocol" not in made

    def test_what_was_wrong_is_no_news(self) -> None:
        made = self.made(self.SHARED.replace(b'clientAuthentication="false"', self.WRONG))
        assert made.count('sslProtocol="TLSv1"') == 2

    def test_what_is_worse_is(self) -> None:
        copies = {("ssl", "cics"): ("ssl", "S")}
        before = '<server><keyStore id="k" password="x"/><ssl id="S" keyStoreRef="k" sslProtocol="TLSv1"/>{}</server>'
        server = Server(Places(DIRECTORY), Outer(), PATH, content={PATH: before.format("").encode()})
        copy = '<ssl id="cics" keyStoreRef="k" sslProtocol="{}"/>'
        for written, expected in (("TLSv1", []), ("TLSv1,TLSv1.1", ["tls-old-protocol"])):
            after = {PATH: before.format(copy.format(written)).encode()}
            assert [one.rule.id for one in judged.examine(server, after, copies=copies).refused] == expected


class TestTakenAway:
    """What one declared can be taken away without a waiver, where nobody else depends on it."""

    BASIC = document("{IBM}").replace(b'"5002"', b'"9443"')

    def gone(self, server: bytes, given: Json, **others: Any) -> Any:
        made = Target({PATH: server}).plan([given])
        after = made.made.bytes_of_server()[PATH]
        left = {key: value for key, value in given.items() if not key.endswith("_store")}
        return Target({PATH: after}).plan([{**left, **others}], state="absent")

    def test_the_only_port_that_asked_for_certificates(self) -> None:
        run = self.gone(self.BASIC, BASES["RING"])
        assert [finding.rule.id for finding in run.judged.told] == ["certificate-never-asked"]

    def test_the_only_port_for_a_requester(self) -> None:
        server = document("{IBM}{ORDERS}").replace(b'"5002"', b'"-1"')
        given = {**BASES["RING"], "requesters": ["orders"], "plain_http": "unchanged"}
        run = self.gone(server, given)
        assert [(one.rule.id, one.waiver and one.waiver.reason) for one in run.judged.waived] == [
            ("requester-unreachable", "state is absent")
        ]
        assert run.judged.warnings == ()

    def test_the_only_port_for_a_requester_of_others(self) -> None:
        server = document("{IBM}{ORDERS}").replace(b'"5002"', b'"-1"')
        given = {**BASES["RING"], "plain_http": "unchanged"}
        with pytest.raises(SecurityError, match=r"requester-unreachable.*In the declaration: requesters with its name"):
            self.gone(server, given)
        assert self.gone(server, given, requesters=["orders"]).judged.refused == ()


@pytest.mark.parametrize(("alias", "hosts"), [("server", ("a.example.com", "b.example.com")), ("other", ())])
def test_a_store_of_two_connections(alias: str, hosts: tuple[str, ...]) -> None:
    """One certificate has the names of both; of two certificates nobody knows which one has which."""
    one = {**C2, "trust_store": {"location": "safkeyring:///T"}, "server_host": "a.example.com"}
    one["key_store"] = {**C2["key_store"], "alias": "server", "private_key": KEY, "certificate": PEM}
    other = {**one, "name": "more", "port": 5003, "server_host": "b.example.com"}
    other["key_store"] = {**one["key_store"], "alias": alias}
    (store,) = plan([one, other])["stores"]
    assert store["hosts"] == hosts
