# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""We accept what we write: the findings judge a change, and only what it brings stands in its way."""

from __future__ import annotations

import itertools
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from connection_world import BASES, C3, C6, C8, DIRECTORY, Json, changed, there

sys.path.insert(0, str(Path(__file__).parents[2] / "liberty"))

from pki import Authority, Issued

from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import desired as attls_desired
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import plan as attls_plan
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.policy import Policy
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.statements import Level
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.text import codec
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections import judged, waivers
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.judged import (
    Attls,
    Judged,
    PolicyChange,
    StoreChange,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.plan import plan
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.present import Present
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore.entries import (
    KEY,
    TRUSTED,
    Entry,
    der_of,
    iso,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import desired
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import plan as liberty_plan
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.document import read_source
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.outside import Places
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.variables import Outer
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.keys.places import KEYS, TRUST
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.server import Server
from ansible_collections.zosconnect.security.plugins.plugin_utils.source import Source
from tests.growth import grows

HERE = Path(__file__).parent
TABLE: dict[str, dict[str, list[Json]]] = yaml.safe_load((HERE.parent / "posture/findings.yml").read_text())
PATH = f"{DIRECTORY}/server.xml"
BARE = (HERE.parents[1] / "liberty/server.xml").read_text()
# As IBM's samples are: the default endpoint with both ports, a key ring for the default SSL configuration.
IBM = """\
<server description="z/OS Connect">
    <featureManager>
        <feature>zosconnect:zosConnect-2.0</feature>
        <feature>zosconnect:apiRequester-1.0</feature>
        <feature>appSecurity-2.0</feature>
    </featureManager>
    <webAppSecurity allowFailOverToBasicAuth="true"/>
    <basicRegistry id="basic1" realm="zosConnect"><user name="Fred" password="fredpwd"/></basicRegistry>
    <sslDefault sslRef="DefaultSSLSettings"/>
    <ssl id="DefaultSSLSettings" keyStoreRef="CellDefaultKeyStore" trustStoreRef="CellDefaultTrustStore"
         clientAuthenticationSupported="true" clientAuthentication="true"/>
    <keyStore id="CellDefaultKeyStore" location="safkeyring:///Keyring.LIBERTY" password="password" type="JCERACFKS"
              fileBased="false" readOnly="true"/>
    <keyStore id="CellDefaultTrustStore" location="safkeyring:///Keyring.LIBERTY" password="password" type="JCERACFKS"
              fileBased="false" readOnly="true"/>
    <httpEndpoint id="defaultHttpEndpoint" host="*" httpPort="9080" httpsPort="9443"/>
    <zosconnect_apiRequesters><apiRequester name="orders_1.0.0"/></zosconnect_apiRequesters>
    <config updateTrigger="mbean" monitorInterval="500"/>
</server>
"""
OLD = '<ssl id="s" keyStoreRef="k" sslProtocol="TLSv1"/>\n<keyStore id="k" password="x"/>'
OLD_SENTENCE = (
    f"{PATH}:2: <ssl id='s'> allows TLSv1. (high, tls-old-protocol) Protocols before TLS 1.2 are broken (RFC 8996). "
    "Remedy: ssl s sslProtocol=TLSv1.2,TLSv1.3. To accept it, give a connection waivers with id tls-old-protocol, "
    "reason and owner."
)
BEGINNING = "Nothing was changed, because the rules of server_config_info would complain about the result."
WAIVER = {"id": "tls-old-protocol", "reason": "the mainframe of the partner", "owner": "Ada"}


def server(files: Mapping[str, str | bytes], directory: str = DIRECTORY) -> Server:
    found = Server(Places(directory), Outer(), f"{directory}/server.xml")
    for name, text in files.items():
        found.content[f"{directory}/{name}".removeprefix("./")] = text if isinstance(text, bytes) else text.encode()
    return found


def xml(body: str) -> str:
    return f"<server>\n{body}\n</server>"


def examine(before: str, after: str, **options: Any) -> Judged:
    return judged.examine(server({"server.xml": before}), {PATH: after.encode()}, **options)


def accepting(*given: Json, name: str = "cics") -> tuple[Any, ...]:
    return waivers.read([{"name": name, "waivers": list(given)}])


class TestEachRule:
    """The cases of the findings: what fires is brought by a change to it, and by no change of lines."""

    @staticmethod
    def cases(kind: str) -> Iterator[Any]:
        for rule, table in TABLE.items():
            for case in table[kind]:
                if not case.keys() & {"running", "attls"}:
                    yield pytest.param(rule, case, id=f"{rule}: {case['name']}")

    @staticmethod
    def ids(case: Json, before: Mapping[str, str], after: Mapping[str, str]) -> set[str]:
        around = Attls(frozenset(case.get("attls_ports", ())), frozenset(case.get("attls_targets", ())))
        was = Server(Places("."), Outer(), "server.xml", content={name: each.encode() for name, each in before.items()})
        was.facts = {name: {"mode": case.get("mode")} for name in was.content}
        found = judged.examine(
            was,
            {name: each.encode() for name, each in after.items()},
            attls=around,
            attls_before=around,
            modes=dict.fromkeys(after, case["mode"]) if "mode" in case else None,
        )
        return {finding.rule.id for finding in (*found.refused, *found.told)}

    @staticmethod
    def files(case: Json) -> dict[str, str]:
        text = f"{case.get('before', '')}{xml(case['xml'])}{case.get('after', '')}"
        return {"server.xml": text, **case.get("files", {})}

    @pytest.mark.parametrize(("rule", "case"), [*cases("fires")])
    def test_what_fires_is_brought(self, rule: str, case: Json) -> None:
        # What has no file here is about the default endpoint, which is there in whatever file.
        empty = "<server><httpEndpoint id='defaultHttpEndpoint' enabled='false'/></server>"
        assert rule in self.ids(case, {"server.xml": empty}, self.files(case))

    @pytest.mark.parametrize(("rule", "case"), [*cases("fires")])
    def test_moved_lines_bring_nothing(self, rule: str, case: Json) -> None:
        files = self.files(case)
        moved = {name: re.sub(r"\n", "\n\n \n", text, count=1) for name, text in files.items() if name.endswith(".xml")}
        # A missing include stands in the way of each change.
        assert self.ids(case, files, moved) <= {"include-missing"}, rule

    @pytest.mark.parametrize(("rule", "case"), [*cases("silent")])
    def test_what_is_silent_is_not_brought(self, rule: str, case: Json) -> None:
        assert rule not in self.ids(case, {"server.xml": "<server/>"}, self.files(case))


@pytest.mark.parametrize(("location", "refused"), [("inc/", 1), ("inc/a.xml", 0)])
def test_no_copy_is_left_in_a_directory_that_an_older_liberty_reads(location: str, refused: int) -> None:
    endpoint = '<httpEndpoint id="e" httpPort="-1" httpsPort="5002"/>'
    now = server({"server.xml": f'<server><include location="{location}"/></server>', "inc/a.xml": xml(endpoint)})
    path = str(Path(PATH).with_name("inc") / "a.xml")
    found = judged.examine(now, {path: xml(endpoint.replace("5002", "5003")).encode()})
    told = [one.fault.message for one in found.refused if one.rule.id == "include-others"]
    assert len(told) == refused
    assert all("with files that do not end with .xml (a.xml.DATE~)" in each for each in told)
    # What does not change leaves no copy.
    assert judged.examine(now, {path: xml(endpoint).encode()}) == judged.Judged()


def changes(text: str, declared: Sequence[Json], **options: Any) -> tuple[bytes, Json]:
    """Return server.xml as the plan for a declaration makes it, and the plan."""
    now = server({"server.xml": text})
    planned = plan(declared, present=Present(server=now), **options)
    source = read_source(text.encode(), name=PATH)
    asked = [element for file in planned["files"] for element in file["elements"]]
    wanted = desired.check(asked, desired.Options())
    return liberty_plan.plan(source, wanted, elsewhere=now.ids()).result.data, planned


TEXTS = (BARE, IBM)
EXTRAS: tuple[Json, ...] = ({}, {"plain_http": "unchanged"}, {"harden_default": True})


def fit(case: tuple[str, str, Json]) -> bool:
    """Whether a declaration is not refused for another reason."""
    text, name, extra = case
    unfit = {"endpoint"} if extra else set()
    unfit |= {"inbound"} if "plain_http" in extra else set()
    return name != "BARE" and not unfit & BASES[name].keys() and not ("harden_default" in extra and text == IBM)


class TestOurOwn:
    """What the collection makes brings no finding of its own."""

    @pytest.mark.parametrize(("text", "name", "extra"), [*filter(fit, itertools.product(TEXTS, BASES, EXTRAS))])
    def test_connection(self, text: str, name: str, extra: Json) -> None:
        data, planned = changes(text, [{**BASES[name], **extra}])
        found = judged.judge_change(server({"server.xml": text}), {PATH: data}, attls=judged.attls_of(planned))
        assert found.refused == found.waived == ()

    @pytest.mark.parametrize("text", [BARE, IBM], ids=["bare", "IBM"])
    @pytest.mark.parametrize("name", sorted(BASES))
    def test_a_second_time_there_is_nothing_to_do(self, text: str, name: str) -> None:
        data, _planned = changes(text, [BASES[name]])
        assert changes(data.decode(), [BASES[name]])[0] == data

    def test_all_together(self) -> None:
        declared = [
            BASES["C1"],
            BASES["C2"],
            C3,
            BASES["C4"],
            changed(C8, {"name": "rates", "endpoint.port": 8443}),
            changed(C6, {"name": "accounts"}),
        ]
        data, planned = changes(IBM, declared, identity_rule="certificate_or_basic")
        assert examine(IBM, data.decode(), attls=judged.attls_of(planned)).refused == ()

    def test_a_default_that_is_none_is_refused(self) -> None:
        """The endpoint would be called with a key store that Liberty cannot make."""
        data, _planned = changes(BARE, [BASES["BARE"]])
        refused = examine(BARE, data.decode()).refused
        assert {one.rule.id for one in refused} == {
            "tls-no-default-store",
            "tls-protocol-by-java",
            "tls-trusts-nothing",
        }

    def test_a_port_that_hardening_closes_is_refused(self) -> None:
        data, _planned = changes(IBM, [{**BASES["C2"], "harden_default": True}])
        refused = examine(IBM, data.decode()).refused
        assert [one.fault.message for one in refused] == [
            (
                "Port 9443 of defaultHttpEndpoint is for https, but it is not opened: the key store of the SSL configuration "
                "'noDefaultTls' is never there, on purpose, and it is the default itself."
            )
        ]

    def test_host_names_that_are_not_checked_have_their_waiver(self) -> None:
        skipped = {"hosts": ["api.example.com"], "reason": "its certificate", "owner": "Ada", "ticket": "SEC-1"}
        data, planned = changes(IBM, [{**C6, "skip_host_names": {**skipped, "expires": "2999-12-31"}}])
        options = {"waivers": waivers.of_plan(planned["waivers"])}
        found = judged.judge_change(server({"server.xml": IBM}), {PATH: data}, **options)
        assert [(one.rule.id, one.waiver and one.waiver.owner) for one in found.waived] == [
            ("tls-host-names-skipped", "Ada")
        ]

    def test_attls_of_a_plan(self) -> None:
        _data, planned = changes(IBM, [C3, C8])
        assert judged.attls_of(planned) == Attls(frozenset({5004}), frozenset({"orders"}))
        assert Attls(frozenset({5003})) | judged.attls_of(planned) == Attls(
            frozenset({5003, 5004}), frozenset({"orders"})
        )


class TestRefusal:
    def test_sentence(self) -> None:
        with pytest.raises(SecurityError) as caught:
            judged.judge_change(server({"server.xml": "<server/>"}), {PATH: xml(OLD).encode()})
        assert str(caught.value) == f"{BEGINNING} {OLD_SENTENCE}"

    def test_very_many(self) -> None:
        """The first five, and how many there are."""
        many = "\n".join(f'<ssl id="s{n}" keyStoreRef="k" sslProtocol="TLSv1"/>' for n in range(9))
        with pytest.raises(SecurityError) as caught:
            judged.judge_change(server({"server.xml": "<server/>"}), {PATH: xml(many).encode()})
        assert str(caught.value).count("To accept it") == 5
        assert str(caught.value).endswith(" reason and owner. There are 13 more.")

    def test_what_was_there_does_not_stand_in_the_way(self) -> None:
        other = '<ssl id="t" keyStoreRef="k" sslProtocol="TLSv1.2"/>'
        assert examine(xml(OLD), xml(f"{other}\n\n{OLD}")) == Judged()

    def test_worse_than_before_does(self) -> None:
        found = examine(xml(OLD), xml(OLD.replace("TLSv1", "TLSv1,SSLv3")))
        assert "tls-old-protocol" in {one.rule.id for one in found.refused}

    def test_better_than_before_does_not(self) -> None:
        found = examine(xml(OLD.replace('"TLSv1"', '"TLSv1,TLSv1.1"')), xml(OLD))
        assert "tls-old-protocol" not in {one.rule.id for one in found.refused}

    def test_one_more_without_an_id_does(self) -> None:
        one = '<ssl keyStoreRef="k" sslProtocol="TLSv1"/><keyStore id="k" password="x"/>'
        found = examine(xml(one), xml(f"{one}\n{one}"))
        assert [each.rule.id for each in found.refused] == ["tls-old-protocol"]

    def test_a_new_plain_port_opens_requesters_once_more(self) -> None:
        """They accepted plain http before, on another port."""
        before = (
            '<zosconnect_apiRequesters requireSecure="false"><apiRequester name="a"/></zosconnect_apiRequesters>\n'
            '<httpEndpoint id="defaultHttpEndpoint" httpPort="9080" httpsPort="-1"/>'
        )
        found = examine(xml(before), xml(f'{before}\n<httpEndpoint id="own" httpPort="5004"/>'))
        assert "requester-cleartext" in {one.rule.id for one in found.refused}
        moved = examine(xml(before), xml(before.replace("9080", "9081")))
        assert moved == Judged()
        behind = examine(
            xml(before), xml(f'{before}\n<httpEndpoint id="own" httpPort="5004"/>'), attls=Attls(frozenset({5004}))
        )
        assert behind == Judged()

    def test_low_and_information_are_told(self) -> None:
        found = examine("<server/>", xml('<config updateTrigger="mbean"/>'))
        assert [one.rule.id for one in found.told] == ["refresh-operator"]
        assert found.refused == ()

    def test_severities(self) -> None:
        found = examine("<server/>", xml(OLD), severities={"tls-old-protocol": "low"})
        assert "tls-old-protocol" in {one.rule.id for one in found.told if one.severity == "low"}
        with pytest.raises(SecurityError) as caught:
            examine("<server/>", xml(OLD), severities={"tls-old": "low"})
        assert (
            str(caught.value)
            == "severities: no rule is called 'tls-old'; did you mean tls-old-protocol, attls-overlap, attls-noflush?"
        )

    def test_a_remedy_that_takes_away(self) -> None:
        data = xml('<ssl id="s" keyStoreRef="k" skipHostnameVerificationForHosts="a"/><keyStore id="k" password="x"/>')
        refused = examine("<server/>", data).refused
        told = [judged.sentence(one) for one in refused if one.rule.id == "tls-host-names-skipped"]
        assert "Remedy: ssl s no skipHostnameVerificationForHosts." in told[0]

    def test_a_remedy_inside(self) -> None:
        features = "<featureManager><feature>servlet-4.0</feature></featureManager>"
        refused = examine("<server/>", xml(f'{features}<httpEndpoint id="own" httpsPort="5002"/>')).refused
        told = [judged.sentence(one) for one in refused if one.rule.id == "tls-no-feature"]
        assert "Remedy: featureManager feature transportSecurity-1.0." in told[0]

    def test_nothing_to_judge(self) -> None:
        assert judged.examine(server({}), {}) == judged.examine(None, {}) == Judged()


class TestMissingIncludes:
    INCLUDE = '<include location="/shared/keys.xml"/>'
    SENTENCE = (
        f"{PATH}:2: includes /shared/keys.xml, which does not exist. Because of that Liberty reads none of the drop-ins "
        "in configDropins/overrides. (high, include-missing) One missing include in server.xml switches every override "
        "drop-in off. To accept it, give a connection waivers with id include-missing, reason and owner."
    )

    def test_is_in_the_way_though_it_was_there(self) -> None:
        """What the server will be when the file is back, nobody knows."""
        now = server({"server.xml": xml(self.INCLUDE)})
        with pytest.raises(SecurityError) as caught:
            judged.judge_change(now, {PATH: xml(f"{self.INCLUDE}\n<ssl id='a' keyStoreRef='b'/>").encode()})
        assert str(caught.value).startswith(f"{BEGINNING} {self.SENTENCE}")

    def test_not_where_it_is_optional_or_nothing_changes(self) -> None:
        optional = self.INCLUDE.replace("/>", ' optional="true"/>')
        assert examine(xml(optional), xml(f"{optional}\n")) == Judged()
        for accepted in ((), accepting({"id": "include-missing", "reason": "later", "owner": "Ada"})):
            assert judged.examine(server({"server.xml": xml(self.INCLUDE)}), {}, waivers=accepted) == Judged()

    def test_not_where_somebody_accepts_it(self) -> None:
        waiver = {"id": "include-missing", "reason": "comes with the next release", "owner": "Ada"}
        found = examine(xml(self.INCLUDE), xml(f"{self.INCLUDE}\n"), waivers=accepting(waiver))
        assert (found.refused, [one.rule.id for one in found.waived]) == ((), ["include-missing"])


class TestWaivers:
    def test_accepts(self) -> None:
        found = examine("<server/>", xml(OLD), waivers=accepting(WAIVER))
        assert "tls-old-protocol" not in {one.rule.id for one in found.refused}
        assert [one.rule.id for one in found.waived] == ["tls-old-protocol"]
        assert found.warnings == ()

    @pytest.mark.parametrize("place", ["ssl s", PATH, f"{PATH}:2"])
    def test_at_a_place(self, place: str) -> None:
        found = examine("<server/>", xml(OLD), waivers=accepting({**WAIVER, "place": place}))
        assert [one.rule.id for one in found.waived] == ["tls-old-protocol"]

    def test_of_what_was_there_is_in_use(self) -> None:
        assert examine(xml(OLD), xml(f"{OLD}\n"), waivers=accepting(WAIVER)) == Judged()
        assert judged.examine(server({"server.xml": xml(OLD)}), {}, waivers=accepting(WAIVER)) == Judged()

    def test_unused_is_told(self) -> None:
        elsewhere = {**WAIVER, "place": "ssl t"}
        found = examine("<server/>", xml("<config/>"), waivers=accepting(WAIVER, elsewhere))
        assert found.warnings == (
            "cics.waivers[0]: accepts nothing, because tls-old-protocol finds nothing; take the waiver away.",
            "cics.waivers[1]: accepts nothing, because tls-old-protocol finds nothing at ssl t; take the waiver away.",
        )

    def test_of_what_is_not_looked_at_is_not_called_unused(self) -> None:
        assert examine("<server/>", xml(""), waivers=accepting({**WAIVER, "id": "key-weak"})) == Judged()

    @pytest.mark.parametrize(
        ("given", "sentence"),
        [
            ("all", "cics.waivers: must be a list of waivers, not text."),
            (
                [{**WAIVER, "id": "tls-fall"}],
                "cics.waivers[0].id: no rule is called 'tls-fall'; did you mean tls-fallback, attls-value, attls-flush?",
            ),
            (
                [{"id": "tls-old-protocol", "owner": "Ada"}],
                (
                    "cics.waivers[0].reason: is missing; a waiver needs id, reason, owner; place, ticket and expires may be "
                    "given."
                ),
            ),
            (
                [{"id": "tls-old-protocol", "reason": "because"}],
                (
                    "cics.waivers[0].owner: is missing; a waiver needs id, reason, owner; place, ticket and expires may be "
                    "given."
                ),
            ),
            ([{**WAIVER, "expires": "soon"}], "cics.waivers[0].expires: 'soon' is not a date such as 2027-01-31."),
            (
                [{**WAIVER, "expires": "2026-01-31"}],
                (
                    "cics.waivers[0]: has expired (2026-01-31), so tls-old-protocol is accepted no longer; mend what it is "
                    "about, or let Ada decide again."
                ),
            ),
        ],
    )
    def test_refused(self, given: object, sentence: str) -> None:
        with pytest.raises(SecurityError) as caught:
            waivers.read([{"name": "cics", "waivers": given}])
        assert str(caught.value) == sentence

    def test_of_connections_without_any(self) -> None:
        assert waivers.read([{"name": "cics"}, {"waivers": None}, {"waivers": []}, "text"]) == ()
        assert [one.where for one in accepting({**WAIVER, "expires": "2999-01-01"})] == ["cics.waivers[0]"]


POLICY = """\
TTLSRule a
{
  Direction Inbound
  LocalPortRange 5004
  TTLSGroupActionRef on
  TTLSEnvironmentActionRef server
}
TTLSGroupAction on
{
  TTLSEnabled On
}
TTLSEnvironmentAction server
{
  HandshakeRole Server
  TTLSKeyringParms
  {
    Keyring ZCEESRV/Server
  }
  TTLSEnvironmentAdvancedParms
  {
    SSLv2 Off
    SSLv3 Off
    TLSv1 Off
    TLSv1.1 Off
    TLSv1.2 On
    TLSv1.3 Off
  }
}
"""


class TestPolicies:
    @staticmethod
    def policy(text: str) -> Policy:
        return Policy(Source("/etc/server.ttls", text, codec("UTF-8")))

    def examine(self, before: str | None, after: str, **options: Any) -> Judged:
        was = None if before is None else self.policy(before)
        touched = {("TTLSRule", "a"), ("TTLSEnvironmentAction", "server")}
        change = PolicyChange(was, self.policy(after), touched, Level("3.1"))
        return judged.examine(None, {}, policies=[change], **options)

    def test_brought(self) -> None:
        found = self.examine(POLICY, POLICY.replace("TLSv1.1 Off", "TLSv1.1 On"))
        assert [judged.sentence(one) for one in found.refused] == [
            (
                "/etc/server.ttls:24: TTLSEnvironmentAdvancedParms of TTLSEnvironmentAction server has TLSv1.1 On. (high, "
                "attls-old-protocol) SSL and TLS before 1.2 have known weaknesses, and a partner may choose them. Remedy: "
                '{"TTLSEnvironmentAction": [{"name": "server", "TTLSEnvironmentAdvancedParms": {"TLSv1.1": false}}], '
                '"TTLSRule": [{"name": "a"}]}. To accept it, give a connection waivers with id attls-old-protocol, reason '
                "and owner."
            )
        ]

    def test_there_before(self) -> None:
        old = POLICY.replace("TLSv1.1 Off", "TLSv1.1 On")
        assert self.examine(old, f"# moved\n\n{old}") == Judged()

    def test_a_new_file(self) -> None:
        assert self.examine(None, POLICY).refused == ()
        assert self.examine(None, POLICY.replace("TLSv1.1 Off", "TLSv1.1 On")).refused

    def test_waived(self) -> None:
        waiver = {"id": "attls-old-protocol", "reason": "the partner", "owner": "Ada"}
        place = {"place": "TTLSEnvironmentAction server"}
        for one in (waiver, waiver | place):
            found = self.examine(POLICY, POLICY.replace("TLSv1.1 Off", "TLSv1.1 On"), waivers=accepting(one))
            assert (found.refused, [each.rule.id for each in found.waived]) == ((), ["attls-old-protocol"])


def test_ten_thousand_requesters_are_judged_in_time_that_grows_as_they_do() -> None:
    def work(number: int) -> Callable[[], object]:
        members = "\n".join(f'<apiRequester name="r{n}_1.0.0"/>' for n in range(number))
        text = IBM.replace('<apiRequester name="orders_1.0.0"/>', members)
        now = server({"server.xml": text})
        now.effective()
        changed = {PATH: text.replace('clientAuthentication="true"', "").encode()}
        assert judged.examine(now, changed).refused == ()
        return lambda: judged.examine(now, changed)

    grows(work, 1000, 10_000)


def test_certificates_are_judged_at_their_time() -> None:
    assert judged.examine(None, {}, now=datetime(2026, 1, 1, tzinfo=UTC)) == Judged()


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority("Root", key_type="ec").intermediate("Lower", key_type="ec")


class TestStores:
    NOW = datetime.now(UTC)

    @staticmethod
    def entry(issued: Issued, *, chain: bool = True) -> Entry:
        pems = [issued.certificate_pem, *(issued.chain_pem.split("\n\n") if chain else ())]
        blocks = [block for pem in pems for block in re.findall(r"-----BEGIN.*?-----END[^\n]*", pem, re.DOTALL)]
        return Entry("server", KEY, tuple(map(der_of, blocks)))

    def examine(self, *after: Entry, before: tuple[Entry, ...] = (), **store: Any) -> Judged:
        change = StoreChange("/srv/key.p12", before, after, KEYS, **store)
        return judged.examine(None, {}, stores=[change], now=self.NOW)

    def ids(self, *after: Entry, **options: Any) -> list[str]:
        return [one.rule.id for one in self.examine(*after, **options).refused]

    def test_a_good_one(self, authority: Authority) -> None:
        issued = authority.issue("server", sans=["server.example.com"], key_type="ec")
        assert self.examine(self.entry(issued), hosts=("server.example.com",), mode="0600") == Judged()

    def test_an_end_that_is_near(self, authority: Authority) -> None:
        old = authority.issue("server", key_type="ec", not_before=self.NOW - timedelta(340), days=350)
        (refused,) = self.examine(self.entry(old)).refused
        end = iso(old.certificate.not_valid_after_utc)
        assert judged.sentence(refused) == (
            f"/srv/key.p12/server: CN=server expires at {end}, in 9 days. (medium, certificate-expires-soon) From that "
            "day on no handshake with it succeeds. Remedy: renew it, see docs/KEYS.md. To accept it, give a connection "
            "waivers with id certificate-expires-soon, reason and owner."
        )
        assert self.ids(self.entry(old), before=(self.entry(old),)) == []

    @pytest.mark.parametrize("days", [1, 6, 30, 47, 89])
    def test_a_short_life_is_no_near_end(self, authority: Authority, days: int) -> None:
        assert self.ids(self.entry(authority.issue("server", key_type="ec", days=days))) == []
        begin = self.NOW - timedelta(days * 0.8)
        late = authority.issue("server", key_type="ec", days=days, not_before=begin)
        assert self.ids(self.entry(late)) == ["certificate-expires-soon"]

    def test_a_name_that_clients_call(self, authority: Authority) -> None:
        issued = self.entry(authority.issue("server", sans=["server.example.com"], key_type="ec"))
        assert self.ids(issued, hosts=("other.example.com",)) == ["host-name-missing"]
        assert self.ids(issued, before=(issued,), hosts=("other.example.com",)) == []

    def test_everybody_may_read_the_key(self, authority: Authority) -> None:
        issued = self.entry(authority.issue("server", key_type="ec"))
        assert self.ids(issued, mode="0644") == ["key-file-readable"]
        assert self.ids(issued, mode="0644", before=(issued,)) == []

    def test_a_chain_without_its_root(self, authority: Authority) -> None:
        """Nobody knows here whether a root issued the last one; where a store has what is missing, it is known."""
        issued = authority.issue("server", key_type="ec")
        whole, short = self.entry(issued), self.entry(issued, chain=False)
        assert self.ids(short) == []
        assert self.ids(replace(whole, chain=whole.chain[:2])) == []
        trusted = Entry("lower", TRUSTED, whole.chain[1:2])
        other = StoreChange("/srv/trust.p12", (), (trusted,), TRUST)
        change = StoreChange("/srv/key.p12", (), (short,), KEYS)
        found = judged.examine(None, {}, stores=[change, other], now=self.NOW)
        assert [one.rule.id for one in found.refused] == ["chain-incomplete"]

    def test_waived(self, authority: Authority) -> None:
        issued = self.entry(authority.issue("server", key_type="ec"))
        waiver = {"id": "key-file-readable", "reason": "a test", "owner": "Ada"}
        change = StoreChange("/srv/key.p12", (), (issued,), KEYS, mode="0644")
        found = judged.examine(None, {}, stores=[change], now=self.NOW, waivers=accepting(waiver))
        assert (found.refused, [one.rule.id for one in found.waived]) == ((), ["key-file-readable"])


class TestOurPolicies:
    """What the collection writes for a Policy Agent brings no finding of its own."""

    @staticmethod
    def ids(name: str, release: str, apars: Sequence[str] = ()) -> set[str]:
        found = set()
        planned = plan([BASES[name]], present=there("<server/>"), zos_release=release, zos_apars=apars)
        for file in planned["policies"]:
            options = attls_desired.Options(zos_release=release, zos_apars=apars)
            wanted = attls_desired.check(file["config"], options)
            made = attls_plan.plan(Source("/p", "", codec("UTF-8")), wanted, options).result
            change = PolicyChange(None, Policy(made), {want.key for want in wanted}, options.level)
            found |= {one.rule.id for one in judged.examine(None, {}, policies=[change]).refused}
        return found

    @pytest.mark.parametrize("name", ["C3", "C4", "C5", "C8"])
    @pytest.mark.parametrize("release", ["2.4", "2.5", "3.1", "3.2"])
    def test_connection(self, name: str, release: str) -> None:
        assert self.ids(name, release, ["PH49284", "OA63164"] if release == "2.5" else ()) == set()

    def test_names_that_nobody_checks(self) -> None:
        """z/OS 2.5 could check the name of the server, but for the APARs that nobody has named."""
        assert self.ids("C4", "2.5") == {"attls-any-server"}
        assert self.ids("C3", "2.5") == set()


def test_a_variable_that_nothing_defines() -> None:
    """The password of a store would be the text of the reference."""
    text = xml("")
    given = changed(BASES["C1"], {"key_store.password_variable": "keys_password"})
    data, _planned = changes(text, [given])
    (refused,) = (one for one in examine(text, data.decode()).refused if one.rule.id == "variable-unresolved")
    assert refused.fault.message == "password of <keyStore> uses ${keys_password}, which nothing seen here defines."
    defined = xml('<variable name="keys_password" value="key-secret"/>')
    data, _planned = changes(defined, [given])
    assert "variable-unresolved" not in {one.rule.id for one in examine(defined, data.decode()).refused}
