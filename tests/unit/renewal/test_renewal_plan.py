# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""From what was found and given to what is done and who is told: key stores, roll-overs, rings, policies."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from renewal_world import (
    NEW,
    NOW,
    OLD,
    PATH,
    RENEWED,
    SERVER,
    TODAY,
    element,
    entry,
    given,
    place,
    planned,
    ring,
    server,
    slurped,
    trusted,
)

from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.renewal.plan import plan as renewal_plan

WHERE = "renew.stores[0].entries[0]"
DAY = (TODAY - date(1970, 1, 1)).days
TOMORROW, YESTERDAY = TODAY + timedelta(1), TODAY - timedelta(1)
RENEWAL = {"alias": "Server", "certificate_content": RENEWED.certificate_pem, "chain_content": NEW.root_pem}
NEW_CA = {"alias": "ca-new", "trusted": True, "certificate_content": NEW.root_pem, "replaces": "ca-old"}
MADE = {"alias": "next", "generate": {"subject": "CN=server"}, "replaces": "server"}
USING = element("mine", keyStoreRef="keys", serverKeyAlias="Server")
POLICY = """TTLSRule r
{
  TTLSGroupActionRef g
  TTLSEnvironmentActionRef e
  TTLSConnectionActionRef c
}
TTLSGroupAction g
{
  TTLSEnabled On
}
TTLSEnvironmentAction e
{
  HandshakeRole Server
  EnvironmentUserInstance NUMBER
  TTLSKeyringParms
  {
    Keyring Zcee
  }
}
TTLSConnectionAction c
{
  TTLSConnectionAdvancedParms
  {
    CertificateLabel LABEL
  }
}
TTLSEnvironmentAction database
{
  HandshakeRole Server
  TTLSKeyringParms
  {
    Keyring /etc/key.kdb
  }
}
"""
RING = {"owner": "LIBSERV", "ring": "Zcee", "certificates": [{"label": "zcee 2027", "replaces": "zcee"}]}
COMMANDS = {"commands": ["RACDCERT …"], "script": "RACDCERT …"}


def policy(number: int = 1, label: str = "other") -> dict[str, str]:
    return slurped(POLICY.replace("NUMBER", str(number)).replace("LABEL", label))


def says(*arguments: Any, **more: Any) -> str:
    with pytest.raises(SecurityError) as raised:
        planned(*arguments, **more)
    return str(raised.value)


def how(plan: dict[str, Any]) -> list[tuple[str, str, str | None]]:
    return [(one["kind"], one["by"], one["command"]) for one in plan["report"]["refresh"]]


def test_without_anything_found_there_are_only_questions() -> None:
    asks = renewal_plan(given(RENEWAL, rings=[RING, {**RING, "ring": "B", "listing": ""}]), {}, TODAY)["asks"]
    assert asks["stores"] == [{"path": PATH, "password": "Marker-p", "hosts": []}]
    assert [(one["state"], one["listing"]) for one in asks["rings"]] == [("merged", None), ("rendered", "")]


def test_what_is_near_its_end_is_renewed_and_the_rest_stays() -> None:
    plan = planned(given(RENEWAL), place(entry("server", SERVER), trusted("ca", OLD)), server=server(USING))
    assert [(one["state"], [each["alias"] for each in one["entries"]]) for one in plan["stores"]] == [
        ("merged", ["server"])
    ]
    (due,) = plan["report"]["due"]
    assert (due["alias"], due["answer"][:24]) == ("server", "the given certificate, w")
    assert plan["report"]["open"] == []
    assert (plan["files"], plan["report"]["outage"]) == ([], False)
    assert "Marker" not in str(plan["report"])


def test_what_nothing_is_given_for_is_open() -> None:
    plan = planned({"server_dir": "/srv"}, place(entry("server", SERVER)), server=server())
    assert [one["alias"] for one in plan["report"]["open"]] == ["server"]
    ends = f"{SERVER.certificate.not_valid_after_utc:%Y-%m-%dT%H:%M:%SZ}"
    said = f"{PATH}/server: CN=server ends in 4 days, at {ends}: nothing is given for it."
    assert plan["report"]["lines"] == [said]


def test_the_certificate_that_the_store_has_already_is_no_successor() -> None:
    """Innocent where it is not near its end: whoever runs the same variables again next week gives it once more."""
    again = {"alias": "server", "certificate_content": SERVER.certificate_pem}
    plan = planned(given(again), place(entry("server", SERVER)), server=server(USING))
    ends = f"{SERVER.certificate.not_valid_after_utc:%Y-%m-%dT%H:%M:%SZ}"
    said = (
        f"{PATH}/server: CN=server ends in 4 days, at {ends}: the certificate that you gave is the one in the store; "
        "get a new one from the issuer."
    )
    assert plan["report"]["lines"] == [said]
    assert [one["alias"] for one in plan["report"]["open"]] == ["server"]
    calm = planned({**given(again), "days": 3}, place(entry("server", SERVER)), server=server(USING))
    assert (calm["report"]["lines"], calm["report"]["open"]) == ([], [])


def test_what_has_run_out_comes_first() -> None:
    gone = OLD.issue("gone", key_type="ec", not_before=NOW - timedelta(9), days=2)
    plan = planned({"server_dir": "/srv"}, place(entry("server", SERVER), entry("gone", gone)), server=server())
    assert [line.split()[2] for line in plan["report"]["lines"]] == ["ended", "ends"]


def test_what_is_there_already_is_said_of_nobody() -> None:
    plan = planned(given(RENEWAL), place(entry("server", RENEWED)))
    assert plan["report"]["lines"] == []


@pytest.mark.parametrize(
    ("attributes", "refresh", "expected"),
    [
        ({"updateTrigger": "polled"}, "operator", ("store", "polled", None)),
        ({"updateTrigger": "disabled"}, "mbean", ("store", "restart", None)),
        ({}, "mbean", ("store", "mbean", None)),
        ({}, "operator", ("store", "operator", "F ZCON1,ZCON,REFRESH")),
        ({"updateTrigger": "mbean"}, "polled", ("store", "operator", "F ZCON1,ZCON,REFRESH")),
    ],
)
def test_how_liberty_learns_of_a_new_content(attributes: dict[str, str], refresh: str, expected: Any) -> None:
    told = server()
    told["config"]["keyStore"] = [element("keys", location="key.p12", **attributes)]
    want = given(RENEWAL, refresh=refresh, job_name="ZCON1")
    plan = planned(want, place(entry("server", SERVER)), server=told)
    assert how(plan) == [expected]
    assert plan["tell"] == ([PATH] if expected[1] == "mbean" else [])


def test_a_store_that_no_element_names_is_told_of_as_the_user_says() -> None:
    plan = planned(given(RENEWAL, refresh="mbean"), place(entry("server", SERVER), elements=[]))
    assert plan["tell"] == [PATH]


def test_a_server_that_could_not_be_told_is_told_again() -> None:
    plan = renewal_plan(
        given(RENEWAL, refresh="mbean", tell_again="yes"),
        {"stores": {"places": [place(entry("server", RENEWED))]}},
        TODAY,
    )
    assert (plan["tell"], plan["report"]["changed"]) == ([PATH], [])


def test_elements_without_ids() -> None:
    want = given({**MADE, "certificate_content": RENEWED.certificate_pem})
    told = server(element(None, keyStoreRef="defaultKeyStore", serverKeyAlias="server"))
    told["config"]["keyStore"] = [element(None, location="key.p12", updateTrigger="polled")]
    elements = [{"id": "defaultKeyStore", "origin": "/srv/server.xml:3"}]
    plan = planned(want, place(entry("server", SERVER), entry("next", SERVER), elements=elements), server=told)
    assert plan["files"][0]["elements"] == [{"element": "ssl", "attributes": {"serverKeyAlias": "next"}}]
    assert how(plan)[0] == ("store", "polled", None)


class TestRollOver:
    def test_both_are_trusted_for_a_while(self) -> None:
        plan = planned(given({**NEW_CA, "until": str(TODAY)}), place(trusted("ca-old", OLD)))
        assert [one["state"] for one in plan["stores"]] == ["merged"]
        assert plan["report"]["lines"][-1] == f"{PATH}/ca-old: stays beside ca-new until {TODAY}."

    def test_without_a_day_the_old_one_stays(self) -> None:
        plan = planned(given(NEW_CA), place(trusted("ca-old", OLD), trusted("ca-new", NEW)))
        assert plan["report"]["lines"] == [f"{PATH}/ca-old: stays beside ca-new until a day is given in until."]

    def test_then_the_old_one_goes(self) -> None:
        present = place(trusted("ca-old", OLD), trusted("ca-new", NEW))
        plan = planned(given({**NEW_CA, "until": str(YESTERDAY)}), present)
        assert [one["entries"] for one in plan["stores"] if one["state"] == "absent"] == [[{"alias": "ca-old"}]]
        assert plan["report"]["lines"] == [f"{PATH}/ca-old: goes; the roll-over to ca-new ended with {YESTERDAY}."]

    def test_when_it_has_gone_there_is_nothing_to_do(self) -> None:
        plan = planned(given({**NEW_CA, "until": str(YESTERDAY)}), place(trusted("ca-new", NEW)))
        assert (len(plan["stores"]), plan["report"]["lines"]) == (1, [])

    def test_a_day_that_is_over_before_the_new_one_came(self) -> None:
        assert says(given({**NEW_CA, "until": str(YESTERDAY)}), place(trusted("ca-old", OLD))) == (
            f"{WHERE}.until: {YESTERDAY} is over, and ca-new does not do the work of ca-old yet; give a later day, so "
            "that both are there for a while."
        )

    def test_another_authority_under_the_same_alias(self) -> None:
        entry_ = {"alias": "ca-old", "trusted": True, "certificate_content": NEW.root_pem}
        assert says(given(entry_), place(trusted("ca-old", OLD))) == (
            f"{WHERE}: ca-old trusts another certificate, CN=Old CA that ends at "
            f"{OLD._root.not_valid_after_utc:%Y-%m-%dT%H:%M:%SZ}, whose clients might be shut out at once; give the new "
            "one another alias, with replaces and until."
        )


class TestKeyMadeThere:
    def test_it_is_made_and_its_request_asked_for(self) -> None:
        plan = planned(given(MADE), place(entry("server", SERVER)), server=server(USING))
        assert plan["stores"][0]["entries"] == [{"alias": "next", "generate": {"subject": "CN=server"}}]
        assert (plan["files"], plan["report"]["outage"]) == ([], False)

    def test_with_its_certificate_the_ssl_element_names_it_which_is_announced(self) -> None:
        want = given({**MADE, "certificate_content": RENEWED.certificate_pem, "until": str(TOMORROW)})
        plan = planned(want, place(entry("server", SERVER), entry("next", SERVER)), server=server(USING))
        elements = [{"element": "ssl", "id": "mine", "attributes": {"serverKeyAlias": "next"}}]
        assert plan["files"] == [{"path": "/srv/server.xml", "elements": elements}]
        assert plan["report"]["outage"] is True
        assert "calls are refused for some seconds" in plan["report"]["refresh"][-1]["text"]

    @pytest.mark.parametrize(
        ("trigger", "version", "by", "command"),
        [
            ("polled", "2.0", "polled", None),
            ("mbean", "2.0", "operator", "F BAQSTRT,ZCON,REFRESH"),
            ("mbean", "3.0", "operator", "F BAQSTRT,REFRESH,CONFIG"),
        ],
    )
    def test_how_the_server_learns_of_the_element(self, trigger: str, version: str, by: str, command: str) -> None:
        want = given({**MADE, "certificate_content": RENEWED.certificate_pem}, zosconnect_version=version)
        present = place(entry("server", SERVER), entry("next", SERVER))
        plan = planned(want, present, server=server(USING, trigger=trigger))
        assert how(plan)[-1] == ("configuration", by, command)

    def test_the_features_say_which_z_os_connect_it_is(self) -> None:
        want = given({**MADE, "certificate_content": RENEWED.certificate_pem})
        present = place(entry("server", SERVER), entry("next", SERVER))
        there = {**server(USING, trigger="mbean"), "zosconnect": {"version": "3.0", "origin": "/srv/server.xml:3"}}
        assert how(planned(want, present, server=there))[-1][2] == "F BAQSTRT,REFRESH,CONFIG"
        with pytest.raises(SecurityError) as caught:
            planned({**want, "zosconnect_version": 2.0}, present, server=there)
        assert str(caught.value) == (
            "renew.zosconnect_version: 2.0 is declared, but the features at /srv/server.xml:3 make the server a z/OS Connect "
            "3.0. Correct the one or the other."
        )

    def test_as_long_as_it_is_named_the_old_one_does_not_go(self) -> None:
        want = given({**MADE, "certificate_content": RENEWED.certificate_pem, "until": str(YESTERDAY)})
        present = place(entry("server", SERVER), entry("next", RENEWED))
        assert "next does not do the work of server yet" in says(want, present, server=server(USING))

    def test_the_same_key_gets_a_request_when_its_end_is_near(self) -> None:
        same = given({"alias": "server", "generate": {"subject": "CN=server"}})
        assert planned(same, place(entry("server", SERVER)))["stores"][0]["entries"][0]["alias"] == "server"
        assert planned(same, place(entry("server", RENEWED)))["stores"] == []

    def test_an_alias_by_a_variable_is_for_people(self) -> None:
        through = element("mine", "/srv/server.xml:2 through ${alias}", keyStoreRef="keys", serverKeyAlias="server")
        want = given({**MADE, "certificate_content": RENEWED.certificate_pem})
        present = place(entry("server", SERVER), entry("next", SERVER))
        assert says(want, present, server=server(through)) == (
            f"{WHERE}: serverKeyAlias of ssl mine is server by /srv/server.xml:2 through ${{alias}}, which is not changed "
            "here; make it next there, or write the alias into the ssl element."
        )

    @pytest.mark.parametrize(
        ("aliases", "serves", "lacks"),
        [
            ({}, True, "serverKeyAlias"),
            ({"clientKeyAlias": "server"}, True, "serverKeyAlias"),
            ({}, False, "clientKeyAlias"),
            ({"clientKeyAlias": "server"}, False, None),
            ({"serverKeyAlias": "server"}, True, None),
        ],
    )
    def test_java_must_not_choose(self, aliases: dict[str, str], *, serves: bool, lacks: str | None) -> None:
        told = server(element("mine", keyStoreRef="keys", **aliases), serves=serves)
        if lacks is None:
            assert planned(given(MADE), place(entry("server", SERVER)), server=told)["stores"]
            return
        assert says(given(MADE), place(entry("server", SERVER)), server=told) == (
            f"{WHERE}: next would be a second key beside server, and ssl mine names no {lacks}, so Java would choose; "
            f"set {lacks} to the alias in use first, or renew that alias."
        )


def test_old_material_is_refused() -> None:
    old = {"alias": "server", "certificate_content": SERVER.certificate_pem}
    assert says(given(old), place(entry("server", RENEWED))).startswith(
        f"{WHERE}: the given certificate ends at {SERVER.certificate.not_valid_after_utc:%Y-%m-%dT%H:%M:%SZ}, before the "
        f"one that is there ({RENEWED.certificate.not_valid_after_utc:%Y-%m-%dT%H:%M:%SZ}); give the newer one."
    )


def test_a_store_that_cannot_be_read() -> None:
    broken = place(problem=f"{PATH}: is not a key store.")
    assert says(given(RENEWAL), broken) == f"renew.stores[0]: {PATH}: is not a key store."


def test_a_store_that_is_not_there_is_made() -> None:
    plan = planned(given(RENEWAL), place(problem=f"{PATH}: does not exist.", missing=True))
    assert [one["alias"] for one in plan["stores"][0]["entries"]] == ["server"]


def test_a_policy_that_cannot_be_read() -> None:
    want = {"rings": [{**RING, "cics_regions": ["CICSPRD1"]}], "policies": [{"path": "p"}]}
    gone = {"state": "absent", "message": "p: cannot be read: No such file or directory."}
    assert says(want, rings=[COMMANDS], policies=[gone]) == "p: cannot be read: No such file or directory."


class TestRings:
    def test_a_ring_that_changes_now(self) -> None:
        told = server(key_stores=(element("saf", location="safkeyringhybrid://LIBSERV/Zcee"),))
        want = {"rings": [{**RING, "cics_regions": ["CICSPRD1"]}], "policies": [{"path": "p"}], "server_dir": "/srv"}
        plan = planned(want, ring("zcee"), server=told, rings=[COMMANDS], policies=[policy()])
        assert plan["policies"][0]["config"] == {
            "TTLSRule": [{"name": "r"}],
            "TTLSEnvironmentAction": [{"name": "e", "EnvironmentUserInstance": DAY}],
        }
        assert how(plan) == [
            ("ring", "operator", "F BAQSTRT,ZCON,REFRESH"),
            ("cics", "cics", "CEMT PERFORM SSL REBUILD"),
            ("policy", "operator", "F PAGENT,UPDATE"),
        ]
        texts = [one["text"] for one in plan["report"]["refresh"]]
        assert texts[0].startswith(
            "ring LIBSERV/Zcee: tell the server by F BAQSTRT,ZCON,REFRESH; polled has no effect on rings. IBM's pages say "
            "of 2.0 that it reads key stores in files again, and nothing about key rings: prove by a handshake that the "
            "new certificate is served, else restart the server."
        )
        assert "hardware may need the server to start anew" in texts[0]
        assert "keep the old environment" in texts[2]
        assert plan["report"]["not_seen"] == ["LIBSERV/Zcee/zcee: nothing that was read says when it ends."]

    def test_version_3_has_a_command_for_rings(self) -> None:
        want = {"rings": [RING], "server_dir": "/srv", "zosconnect_version": 3.0}
        told = server(key_stores=(element("saf", location="safkeyring://LIBSERV/Zcee"),))
        plan = planned(want, ring("zcee"), server=told, rings=[COMMANDS])
        assert how(plan) == [("ring", "operator", "F BAQSTRT,REFRESH,KEYSTORE")]
        assert [one["text"] for one in plan["report"]["refresh"]] == [
            "ring LIBSERV/Zcee: tell the server by F BAQSTRT,REFRESH,KEYSTORE; polled has no effect on rings."
        ]

    def test_twice_on_one_day_counts_on(self) -> None:
        plan = planned({"rings": [RING], "policies": [{"path": "p"}]}, rings=[COMMANDS], policies=[policy(DAY)])
        assert plan["policies"][0]["config"]["TTLSEnvironmentAction"][0]["EnvironmentUserInstance"] == DAY + 1

    def test_a_ring_for_another_team(self) -> None:
        """What must come afterwards is said, and nothing of it is done before."""
        want = {"rings": [{**RING, "listing": "READY"}], "policies": [{"path": "p"}]}
        plan = planned(want, rings=[COMMANDS], policies=[policy()])
        assert plan["policies"] == []
        assert {one["after"] for one in plan["report"]["refresh"]} == {"the commands for the ring, in handover"}
        assert plan["report"]["handover"]["LIBSERV/Zcee"]["script"] == COMMANDS["script"]

    @pytest.mark.parametrize(("number", "raised"), [(1, True), (DAY - 1, False), (DAY, False)])
    def test_a_ring_that_another_team_has_renewed(self, number: int, *, raised: bool) -> None:
        want = {"rings": [{**RING, "listing": "READY", "renewed": YESTERDAY}], "policies": [{"path": "p"}]}
        plan = planned(want, rings=[{"commands": []}], policies=[policy(number)])
        assert bool(plan["policies"]) is raised

    def test_numbers_of_another_kind(self) -> None:
        want = {"rings": [{**RING, "listing": "READY", "renewed": TODAY}], "policies": [{"path": "p"}]}
        assert says(want, rings=[{"commands": []}], policies=[policy(60000)]) == (
            "renew.rings[0].renewed: EnvironmentUserInstance of e (p:11) is 60000, which is no day that has been, so "
            "nobody can tell whether it was raised since; raise it by attls_policy, and leave renewed out."
        )

    def test_the_highest_number(self) -> None:
        want = {"rings": [RING], "policies": [{"path": "p"}]}
        assert says(want, rings=[COMMANDS], policies=[policy(65535)]) == (
            "p:11: EnvironmentUserInstance of e is 65535, the highest there is; set another number by attls_policy."
        )

    def test_a_label_that_a_policy_names_must_not_leave(self) -> None:
        want = {"rings": [RING], "policies": [{"path": "p"}]}
        assert says(want, rings=[COMMANDS], policies=[policy(label="zcee")]) == (
            "renew.rings[0]: c (p:20) names the certificate zcee, which would leave the ring; connect the new one without "
            "replaces, change CertificateLabel by attls_policy, then remove the old one."
        )

    def test_a_label_that_an_ssl_element_names_must_not_leave(self) -> None:
        told = server(
            element("mine", keyStoreRef="saf", serverKeyAlias="ZCEE"),
            key_stores=(element("saf", location="safkeyring:///Zcee"),),
        )
        assert says({"rings": [RING], "server_dir": "/srv"}, server=told, rings=[COMMANDS]) == (
            "renew.rings[0]: ssl mine names the certificate zcee, which would leave the ring; connect the new one without "
            "replaces, change the alias by server_xml, then remove the old one."
        )

    def test_rings_that_nobody_listed_are_named(self) -> None:
        told = server(key_stores=(element("saf", location="safkeyring:///Other"),))
        want = {"server_dir": "/srv", "policies": [{"path": "p"}]}
        assert planned(want, server=told, policies=[policy()])["report"]["not_seen"] == [
            "ring /Other of keyStore saf was not looked at; name it in rings.",
            "ring Zcee of TTLSEnvironmentAction e was not looked at; name it in rings.",
        ]
