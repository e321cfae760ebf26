# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a report is about: typed data from plain results, one rule for the verdict, and an earlier report beside it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reported import (
    FOLDER,
    HOSTILE,
    ON_THE_WIRE,
    PROBES,
    SECRET,
    SERVER_XML,
    STORE,
    TIME,
    WAIVERS,
    bare,
    explained,
    finding,
    keys,
    read,
)

from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.hints import clean
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.variables import Origin
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.cards import SEVERITIES
from ansible_collections.zosconnect.security.plugins.plugin_utils.report import evidence, site
from ansible_collections.zosconnect.security.plugins.plugin_utils.report.formats import FORMATS
from ansible_collections.zosconnect.security.plugins.plugin_utils.report.site import Place, Server

Json = dict[str, Any]
CLEAR = {"endpoint": "own", "host": "*", "port": 9080, "protocol": "http", "origin": f"{FOLDER}/server.xml:4"}
PORT = {**CLEAR, "attls": False, "verdict": "plain http, without TLS"}
REQUESTER = {
    "name": "orders",
    "origin": f"{FOLDER}/server.xml:9",
    "verdict": "open",
    "requireSecure": {"value": False, "scope": "apiRequester", "origin": f"{FOLDER}/server.xml:9"},
}
ACCEPTED = {"waiver": WAIVERS[0], "waived": True}
APPLICATION = {"name": "orders", "origin": f"{FOLDER}/server.xml:7", "connection": None, "verdict": "open"}
OF_30 = {"version": "3.0", "web_applications": [APPLICATION]}


def server(result: Json, **options: Any) -> Server:
    """Return the server of one result."""
    (only,) = site.read({"z": result}, time=TIME, **options).servers
    return only


def open_server(found: list[Json], **more: Any) -> Json:
    """Return a result of a server that accepts plain http."""
    return bare(found, ports=[PORT], requesters=[REQUESTER], **more)


def test_hosts_come_by_name_and_each_has_its_row() -> None:
    told = read()
    assert [(one.host, one.state, one.safe) for one in told.servers] == [
        ("alpha", "explained", False),
        ("away", "unreachable", None),
        ("broken", "failed", None),
        ("idle", "not run", None),
    ]
    assert told.servers[1].verdict == "unknown: unreachable: no route"
    assert told.servers[3].verdict == "unknown: not run"


def test_what_a_server_is() -> None:
    alpha = read().servers[0]
    assert (alpha.version, alpha.server_dir, alpha.looked_at) == ("2.0", FOLDER, ("server", "keys", "wire"))
    assert [(one.number, one.protection, one.client_certificate) for one in alpha.ports] == [
        (9080, "clear", "none"),
        (9443, "jsse", "none"),
    ]
    (orders,) = alpha.requesters
    assert (orders.name, orders.secure, orders.safe, orders.ports) == ("orders", False, False, (9080, 9443))
    assert [(one.id, one.protection, one.client_certificate) for one in alpha.calls] == [("stock", "clear", "none")]
    (ssl,) = [one for one in alpha.ssl if one.id == "defaultSSLConfig"]
    assert (ssl.protocols, ssl.suites) == (
        "TLSv1.2,TLSv1.3",
        ("TLS_AES_256_GCM_SHA384", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"),
    )
    (certificate,) = alpha.certificates
    assert (certificate.alias, certificate.key, certificate.size, certificate.days_left) == ("server", "RSA", 2048, 10)
    assert certificate.elements == (Place(f"{FOLDER}/server.xml", 7),)
    assert [(one.path, len(one.sha256)) for one in alpha.files] == [(f"{FOLDER}/server.xml", 64)]


def test_findings_are_in_order_and_show_their_line_without_secrets() -> None:
    found = read().servers[0].findings
    ranks = [SEVERITIES.index(one.severity) for one in found]
    assert ranks == sorted(ranks)
    shown = {(one.id, one.place.line): (one.excerpt, one.column) for one in found}
    assert shown["secret-unprotected", 7] == ('<keyStore id="keys" location="key.p12" password="********"/>', 3)
    assert shown["requester-cleartext", 9][0] == SERVER_XML.splitlines()[8].strip()
    parts = {one.part: one.place for one in found}
    assert (parts["keys"].source, parts["keys"].entry) == (STORE.name, "server")
    assert SECRET not in str(found)


def test_a_line_is_cut_and_a_secret_in_it_is_hidden_before() -> None:
    long = f'<keyStore id="keys" location="{"x" * 170}" password="{SECRET}"/>'
    line = '  <keyStore id="keys" location="key.p12" password="' + SECRET + '"/>'
    told = server(explained(SERVER_XML.replace(line, f"\t\t{long}")))
    (one,) = [one for one in told.findings if one.id == "secret-unprotected" and one.place.line == 7]
    assert len(str(one.excerpt)) == 201
    assert str(one.excerpt).endswith("…")
    assert SECRET[:4] not in str(one.excerpt)
    assert one.column == 3


@pytest.mark.parametrize(
    "origin",
    [
        Origin("/a/b.xml", 12),
        Origin("default"),
        Origin("/a/b.xml", 3, ("x", "y")),
        Origin("/a/b.xml", None, ("x",)),
        Origin("/a b:7/c.xml", 3),
        Origin("running server"),
    ],
    ids=str,
)
def test_a_place_says_what_its_origin_says(origin: Origin) -> None:
    place = site.place_of(str(origin))
    assert (place.source, place.line) == (origin.source, origin.line)
    assert str(place) == str(origin)


@pytest.mark.parametrize("name", HOSTILE)
def test_names_that_steer_something_are_shown_by_their_codes(name: str) -> None:
    shown = clean(name)
    assert shown.isprintable()
    assert shown.encode("utf-8")
    assert clean(shown) == shown


def test_what_a_clean_text_is() -> None:
    assert [clean(text) for text in ("a\nb", "\u202ex\x07", "\udc80", "é <b>")] == [
        "a b",
        "\\u202ex\\x07",
        "\\udc80",
        "é <b>",
    ]


UNSAFE = "not safe: 1 API requester accepts plain http"
SAFE = "safe: no API requester accepts plain http, and no finding of high severity counts"
OPEN_ORDER = "Liberty's answer depends on the order in which it evaluates (see order-decides)"
WAIVED = "safe: waivers accept 1 finding of high severity"


@pytest.mark.parametrize(
    ("result", "safe", "verdict"),
    [
        (open_server([]), False, UNSAFE),
        (open_server([finding()]), False, f"{UNSAFE}, 1 finding of high severity"),
        (open_server([finding(**ACCEPTED)]), True, WAIVED),
        (open_server([finding(waiver=WAIVERS[1])]), False, f"{UNSAFE}, 1 finding of high severity"),
        (open_server([finding(severity="low", **ACCEPTED)]), True, SAFE),
        (open_server([finding(id="port-twice", **ACCEPTED)]), False, UNSAFE),
        (open_server([finding(origin=f"{FOLDER}/server.xml:10", **ACCEPTED)]), False, UNSAFE),
        (bare([]), True, SAFE),
        (bare([finding(severity="medium")]), True, SAFE),
        (bare([finding(), finding()]), False, "not safe: 2 findings of high severity"),
        (bare([finding(), finding()], unseen=["x"]), False, "not safe: 2 findings of high severity"),
        (bare([], unseen=["x: cannot be read."]), None, "unknown: 1 file could not be read"),
        (bare([], complete=False), None, f"unknown: {OPEN_ORDER}"),
        (bare([], refused="no XML."), None, "unknown: Liberty refuses the configuration: no XML."),
        (bare([], ports=[PORT]), True, SAFE),
        (bare([], ports=[{**PORT, "attls": True}], requesters=[REQUESTER]), True, SAFE),
        (bare([], ports=[PORT], zosconnect=OF_30), False, UNSAFE),
        (
            bare([finding(id="oas3-http-open", origin=CLEAR["origin"], **ACCEPTED)], ports=[PORT], zosconnect=OF_30),
            True,
            WAIVED,
        ),
        (
            bare(
                [finding(id="attls-unclear", severity="medium", origin=CLEAR["origin"])],
                ports=[PORT],
                requesters=[REQUESTER],
            ),
            None,
            "unknown: nobody can say whether AT-TLS covers a port",
        ),
    ],
)
def test_the_verdict(result: Json, safe: object, verdict: str) -> None:
    told = server(result)
    assert (told.safe, told.verdict) == (safe, verdict)


def test_who_demands_tls_is_safe_beside_an_open_port() -> None:
    strict = {**REQUESTER, "requireSecure": {"value": True, "scope": "default", "origin": "default"}}
    told = server(bare([], ports=[PORT], requesters=[strict]))
    assert [(one.safe, one.ports) for one in told.requesters] == [(True, ())]


def test_key_store_findings_make_a_server_unsafe() -> None:
    assert server(bare([]), keys={"z": keys(STORE)}).verdict == "not safe: 2 findings of high severity"
    assert server(bare([]), keys={"z": {"failed": True, "msg": "no Java"}}).looked_at == ("server",)


def test_what_a_port_takes_is_looked_at_too() -> None:
    told = server(bare([]), probes={"z": [{**PROBES[0], "findings": [ON_THE_WIRE]}]})
    assert told.looked_at == ("server", "wire")
    assert [(one.place, one.part) for one in told.findings] == [(Place("zosconnect.example.com:9443"), "wire")]
    assert [(one.protocols, one.groups) for one in told.probes] == [(("TLSv1.3",), ("X25519MLKEM768",))]
    assert server(bare([]), probes={"z": [{"name": "9443", "outcome": "refused", "scan": None}]}).looked_at == (
        "server",
    )


def test_days_are_counted_from_another_day() -> None:
    (certificate,) = server(bare([]), keys={"z": keys(STORE)}, today=date(2026, 6, 10)).certificates
    assert certificate.days_left == 1


def test_equal_findings_are_told_apart() -> None:
    found = read().servers[0].findings
    assert len({one.identity for one in found}) == len(found)
    assert [one.number for one in found if one.id == "host-name-missing"] == [0, 1]


def report_of(result: Json, **options: Any) -> str:
    return evidence.render(site.read({"z": result}, time="2026-05-01T00:00:00Z", **options))


def test_lines_may_move_between_two_reports() -> None:
    before = report_of(explained())
    told = server(explained(SERVER_XML.replace("<server", "<!-- one more -->\n\n<server", 1)), baseline=before)
    assert {one.change for one in told.findings} == {"unchanged"}
    assert told.gone == ()


def test_what_is_new_and_what_is_gone() -> None:
    before = report_of(explained())
    changed = SERVER_XML.replace('verifyHostname="false"', 'enabledCiphers="TLS_RSA_WITH_NULL_SHA"')
    changed = changed.replace('enabledCiphers="TLS_AES_256_GCM_SHA384 TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"', "")
    told = server(explained(changed), baseline=json.loads(before))
    assert {one.id for one in told.gone} == {"tls-host-names"}
    new = {one.id for one in told.findings if one.change == "new"}
    assert new
    assert new.isdisjoint(one["id"] for one in explained()["findings"])
    assert {one.change for one in told.gone} == {"gone"}


def test_nothing_is_gone_that_nobody_looked_for() -> None:
    before = report_of(explained(), keys={"z": keys(STORE)})
    assert server(explained(), baseline=before).gone == ()
    opened = {
        **explained(),
        "findings": [],
        "complete": False,
    }  # Liberty's answer depends on the order in which it evaluates
    assert server(opened, baseline=before).gone
    for why in ({"unseen": ["more.xml is not there"]}, {"refused": "server.xml:1: no XML"}):
        assert server({**opened, **why}, baseline=before).gone == ()
    away = site.read(
        {"z": {"unreachable": True}, "y": bare([])}, time=TIME, baseline=report_of(bare([])).replace('"z"', '"y"')
    )
    assert [one.gone for one in away.servers] == [(), ()]


def test_the_earlier_report_is_named_by_its_time() -> None:
    told = site.read({"z": bare([])}, time=TIME, baseline=report_of(bare([])))
    assert told.baseline_time == "2026-05-01T00:00:00Z"


def test_a_server_that_was_not_there_has_only_new_findings() -> None:
    told = site.read({"y": bare([finding()]), "z": bare([finding()])}, time=TIME, baseline=report_of(bare([finding()])))
    assert [one.findings[0].change for one in told.servers] == ["new", "unchanged"]


GOOD = json.loads(report_of(bare([finding()])))
OTHER_VERSION = (
    "baseline: has format_version {}, and this collection compares with 1 only; leave the baseline out once, and compare "
    "with the report of this run."
)
OTHER_SITE = (
    "baseline: is of another site: it tells of {}, and of none of the servers of this report; give the report of the same "
    "servers."
)
NOT_JSON = "baseline: is not JSON; give the PATH.json that the playbook report wrote."
NO_REPORT = "baseline: is not a report of this collection; give the PATH.json that the playbook report wrote."
DAMAGED = "baseline: is damaged; give the PATH.json that the playbook report wrote."


def damaged(**more: Any) -> Json:
    """Return a report whose only finding has other values."""
    host = GOOD["hosts"][0]
    return {**GOOD, "hosts": [{**host, "findings": [{**host["findings"][0], **more}]}]}


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("{", NOT_JSON),
        ("[" * 100_000, NOT_JSON),
        ("[]", NO_REPORT),
        ({"hosts": []}, NO_REPORT),
        (5, NO_REPORT),
        ({**GOOD, "format_version": 2}, OTHER_VERSION.format(2)),
        ({**GOOD, "format_version": "x"}, OTHER_VERSION.format("text")),
        ({**GOOD, "hosts": None}, DAMAGED),
        ({**GOOD, "hosts": [{}]}, DAMAGED),
        (damaged(severity="dire"), DAMAGED),
        (damaged(place="here"), DAMAGED),
        (damaged(about=[5]), DAMAGED),
        (damaged(number="1"), DAMAGED),
        (damaged(message=None), DAMAGED),
        ({**GOOD, "hosts": [{**GOOD["hosts"][0], "host": "else"}]}, OTHER_SITE.format(f"else {FOLDER}")),
        ({**GOOD, "hosts": []}, OTHER_SITE.format("no server")),
    ],
)
def test_a_baseline_that_does_not_fit(given: object, sentence: str) -> None:
    with pytest.raises(SecurityError) as caught:
        site.read({"z": bare([finding()])}, time=TIME, baseline=given)
    assert str(caught.value) == sentence


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def places_in(given: object, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the way to each value in what JSON made."""
    yield path
    items = given.items() if isinstance(given, dict) else enumerate(given) if isinstance(given, list) else ()
    for key, value in items:
        yield from places_in(value, (*path, key))


@given(st.sampled_from(list(places_in(GOOD))), ANYTHING)
def test_whatever_a_baseline_holds_only_sentences_come_of_it(path: tuple[Any, ...], value: object) -> None:
    damaged_report = {"report": json.loads(json.dumps(GOOD))}
    where: Any = damaged_report
    for key in ("report", *path)[:-1]:
        where = where[key]
    where[("report", *path)[-1]] = value
    try:
        told = site.read({"z": bare([finding()])}, time=TIME, baseline=damaged_report["report"])
    except SecurityError:
        return
    for form in FORMATS.values():
        form.render(told).encode()


def test_something_else_than_results() -> None:
    with pytest.raises(SecurityError) as caught:
        site.read([], time=TIME)
    assert str(caught.value) == "results: must be a mapping of hosts to what server_config_info returned."


def test_a_time_that_standards_take() -> None:
    given = site.read({}, time=TIME)
    assert given.is_dated
    assert not any(replace(given, time=time).is_dated for time in ("now", "2026-99-01T00:00:00Z", "2026-06-01"))
