# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The formats of a report: what is the same in all of them, what none of them shows, and what each says of its own."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from reported import (
    FOLDER,
    HOSTILE,
    KEY,
    ON_THE_WIRE,
    PROBES,
    SECRET,
    SERVER_XML,
    STORE,
    TIME,
    bare,
    explained,
    finding,
    keys,
    read,
    results,
    self_signed,
)

from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import cards
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.cards import CARDS, SEVERITIES
from ansible_collections.zosconnect.security.plugins.plugin_utils.report import (
    algorithms,
    cbom,
    evidence,
    fixes,
    junit,
    markdown,
    sarif,
    site,
    table,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.report.formats import FORMATS
from ansible_collections.zosconnect.security.plugins.plugin_utils.report.site import Finding, Place, Site
from tests.growth import grows

Json = dict[str, Any]
Found = Counter[tuple[str, str]]
LATER = "2026-07-01T00:00:00Z"


def of_sarif(text: str) -> Found:
    results = json.loads(text)["runs"][0]["results"]
    return Counter((one["ruleId"], one["locations"][0]["message"]["text"]) for one in results)


def of_junit(text: str) -> Found:
    found: Found = Counter()
    for case in etree.fromstring(text.encode()).iter("testcase"):
        lines = "\n".join(each.text for each in case if each.text).splitlines()
        found.update((case.get("name"), line.split(": ")[0]) for line in lines if not line.startswith("  "))
    return found


def of_cbom(text: str) -> Found:
    told = [
        one["value"]
        for each in json.loads(text)["components"]
        for one in each["properties"]
        if one["name"].endswith("finding")
    ]
    return Counter(tuple(value.split(" ", 2)[1:]) for value in told)


def of_csv(text: str) -> Found:
    return Counter(
        (row["finding"], row["place"]) for row in csv.DictReader(io.StringIO(text)) if row["kind"] == "finding"
    )


def of_json(text: str) -> Found:
    return Counter((one["id"], one["origin"]) for host in json.loads(text)["hosts"] for one in host.get("findings", ()))


def of_markdown(text: str) -> Found:
    lines = re.findall(r"^- \*\*\w+\*\* (\S+) at (.*?): ", text.replace("\\", ""), re.MULTILINE)
    return Counter(lines)


READERS: dict[str, Callable[[str], Found]] = {
    "sarif": of_sarif,
    "junit": of_junit,
    "cbom": of_cbom,
    "csv": of_csv,
    "json": of_json,
    "markdown": of_markdown,
}


@pytest.mark.parametrize("name", READERS)
def test_all_formats_tell_the_same_findings_at_the_same_places(name: str) -> None:
    told = read(probes={"alpha": [{**PROBES[0], "findings": [ON_THE_WIRE]}]})
    expected = Counter((one.id, str(one.place)) for server in told.servers for one in server.findings)
    assert len(expected) > 8
    assert READERS[name](FORMATS[name].render(told)) == expected


@given(
    st.lists(
        st.tuples(
            st.sampled_from(sorted(CARDS)),
            st.sampled_from(SEVERITIES),
            st.sampled_from(
                ["default", f"{FOLDER}/server.xml", f"{FOLDER}/a b_c.xml", "/shared/x.xml", "running server"]
            ),
            st.none() | st.integers(1, 10**6),
        ),
        max_size=8,
    )
)
def test_so_they_do_whatever_is_found_where(found: list[tuple[str, str, str, int | None]]) -> None:
    origins = [source if line is None else f"{source}:{line}" for _id, _severity, source, line in found]
    given = [
        finding(id=one[0], severity=one[1], origin=origin, message="It is so.")
        for one, origin in zip(found, origins, strict=True)
    ]
    told = site.read({"z": bare(given)}, time=TIME)
    expected = Counter((one["id"], one["origin"]) for one in given)
    for name, reader in READERS.items():
        assert reader(FORMATS[name].render(told)) == expected, name


@pytest.mark.parametrize("name", READERS)
def test_two_reports_of_one_state_differ_in_the_time_alone(name: str) -> None:
    render = FORMATS[name].render
    first, again = render(read()), render(read(dict(reversed(results().items()))))
    assert first == again
    assert render(read(time=LATER)).replace(LATER, TIME) == first


@pytest.mark.parametrize("name", READERS)
def test_no_format_shows_a_secret(name: str) -> None:
    open_text = SERVER_XML.replace('name="orders"', f'name="orders" password="{SECRET}"')
    told = read({"alpha": explained(open_text), "beta": explained(), "away": {"unreachable": True, "msg": "no route"}})
    text = FORMATS[name].render(told)
    assert SECRET not in text
    assert "requester-cleartext" in text


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("hostile", HOSTILE, ids=ascii)
def test_names_that_others_chose_do_no_harm(name: str, hostile: str) -> None:
    found = finding(
        id="port-twice",
        origin=f"{FOLDER}/{hostile}/server.xml:3",
        message=hostile,
        about=[hostile],
        excerpt=hostile,
        column=1,
    )
    place = site.place_of(found["origin"])
    named = [
        {
            "name": hostile,
            "origin": None,
            "verdict": hostile,
            "requireSecure": {"value": True, "scope": hostile, "origin": hostile},
        }
    ]
    by_standards = [{**found, "id": "config-mode"}]
    server = bare([found], requesters=named, asked_by_standards=by_standards)
    held = {hostile: {**keys(self_signed(f"CN={hostile}")), "findings": []}}
    told = site.read({hostile: server, "b": {"failed": True, "msg": hostile}}, time=hostile, keys=held)
    text = FORMATS[name].render(told)
    text.encode("utf-8")
    assert all(each.isprintable() or each == "\n" for each in text)
    assert "<script" not in text or name in ("sarif", "cbom", "csv", "json")
    if hostile.isprintable() and name != "markdown":
        shown = str(place).replace("](", "] (") if name == "sarif" else str(place)
        assert READERS[name](text) == Counter({("port-twice", shown): 1})


@pytest.mark.parametrize("name", READERS)
def test_what_was_not_reached_is_told(name: str) -> None:
    text = FORMATS[name].render(read())
    assert all(host in text for host in ("away", "broken", "idle"))
    assert all(why in text for why in ("no route", "does not exist", "not run"))


@pytest.mark.parametrize("name", READERS)
def test_a_report_of_nothing(name: str) -> None:
    assert FORMATS[name].render(site.read({}, time=TIME)).endswith("\n")


def test_files_end_differently() -> None:
    assert {name: form.suffix for name, form in FORMATS.items() if name in READERS} == {
        "sarif": ".sarif",
        "junit": ".junit.xml",
        "cbom": ".cdx.json",
        "csv": ".csv",
        "json": ".json",
        "markdown": ".md",
    }


@cache
def many(count: int) -> Site:
    """Return the site of one server with so many findings."""
    found = [
        finding(
            origin=f"{FOLDER}/server.xml:{i}",
            message=f"r{i} is open.",
            about=["r", str(i)],
            excerpt="<a b='c'/>",
            column=1,
        )
        for i in range(count)
    ]
    return site.read({"z": bare(found)}, time=TIME)


@pytest.mark.parametrize("name", [*READERS, "site"])
def test_work_grows_as_the_findings_do(name: str) -> None:
    def work(count: int) -> Callable[[], object]:
        if name == "site":
            before = evidence.report(many(count))
            return lambda: site.read({"z": bare(before["hosts"][0]["findings"])}, time=TIME, baseline=before)
        told = many(count)
        return lambda: FORMATS[name].render(told)

    grows(work, 2500, 10_000)


def test_two_hundred_servers_are_small() -> None:
    one = explained(
        SERVER_XML.replace(
            '<apiRequester name="orders" requireSecure="false"/>',
            "".join(f'<apiRequester name="r{i}"/>' for i in range(50)),
        )
    )
    told = site.read({f"host{i:03}": one for i in range(200)}, time=TIME)
    sizes = {name: len(FORMATS[name].render(told)) for name in READERS}
    assert {name for name, size in sizes.items() if size > 2_000_000} <= {"json", "sarif", "csv"}
    assert max(sizes.values()) < 10_000_000
    assert sizes["markdown"] < 300_000


# ---- JSON


def test_the_rules_of_standards_name_the_findings_that_break_them() -> None:
    told = read(probes={"alpha": [{**PROBES[0], "findings": [ON_THE_WIRE]}]})
    alpha = evidence.report(told)["hosts"][0]
    rules = {(one["standard"], one["id"]): one for one in alpha["standards"]}
    assert rules["rfc9325", "3.1.1"] == {
        "standard": "rfc9325",
        "id": "3.1.1",
        "title": "Protocol versions",
        "severity": "",
        "state": "fail",
        "accepted": False,
        "why": "",
        "shown_by": "",
        "findings": ["port-old-protocol"],
    }
    assert rules["zos-stig", "V-223648"]["findings"] == ["chain-incomplete"]
    told = {one["id"] for one in (*alpha["findings"], *alpha["asked_by_standards"])}
    assert {one for rule in rules.values() for one in rule["findings"]} <= told
    only = evidence.report(read(standard="pci-dss-4.0.1"))["hosts"][0]["standards"]
    assert [(one["standard"], one["id"]) for one in only] == [key for key in rules if key[0] == "pci-dss-4.0.1"]


def test_all_of_one_kind_at_one_place_are_told() -> None:
    """Nobody chose what is logged, and nothing goes to the console: both are logs-unplanned."""
    place = f"{FOLDER}/server.xml"
    said = [finding(id="logs-unplanned", origin=place, message=message) for message in ("It is so.", "And so.")]
    told = site.read({"z": bare([], asked_by_standards=said)}, time=TIME, standard="stig")
    [host] = evidence.report(told)["hosts"]
    assert [one["message"] for one in host["asked_by_standards"]] == ["And so.", "It is so."]
    assert "logs-unplanned: It is so. And so." in FORMATS["html"].render(told)


# ---- CSV


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＠x", "＋1", "－1"])
def test_no_cell_is_a_formula(text: str) -> None:
    assert table.cell(text) == f"'{text}"
    told = site.read({text: bare([finding(message=text)])}, time=text)
    for row in csv.reader(io.StringIO(table.render(told))):
        assert not [each for each in row if each[:1] in "=+-@＝＋－＠" and each]


def test_other_cells_stay_as_they_are() -> None:
    assert [table.cell(text) for text in ("", "a=1", "x", "'q")] == ["", "a=1", "x", "'q"]


def test_cells_are_quoted_so_that_no_semicolon_parts_them() -> None:
    lines = table.render(read()).splitlines()
    assert all(line.startswith('"') and line.endswith('"') for line in lines)


def test_rows_of_the_table() -> None:
    told = read()
    rows = list(csv.DictReader(io.StringIO(table.render(told))))
    found = len(told.servers[0].findings)
    assert Counter(row["kind"] for row in rows) == {"finding": found, "server": 3, "API requester": 1, "certificate": 1}
    (certificate,) = [row for row in rows if row["kind"] == "certificate"]
    assert (certificate["certificate"], certificate["days_left"]) == ("CN=zceesrv1,O=Bank", "10")
    waived = {row["finding"]: row["waivers"] for row in rows if row["kind"] == "finding" and row["waivers"]}
    assert waived == {
        "endpoint-cleartext": "endpoint-cleartext until 2099-12-31, SEC-1, Ada",
        "tls-host-names": "expired: tls-host-names until 2020-01-01, Bob",
    }


# ---- SARIF


def run(told: Site) -> Json:
    (only,) = json.loads(sarif.render(told))["runs"]
    return only


def test_files_are_named_relative_to_their_server() -> None:
    outside = finding(origin="/shared/a b#c.xml:3")
    told = run(read({"alpha": bare([finding(), outside]), "beta": bare([])}))
    assert told["originalUriBaseIds"]["SERVER_DIR/alpha"]["uri"] == f"file://{FOLDER}/"
    places = [
        one["locations"][0]["physicalLocation"] for one in told["results"] if one["ruleId"] == "requester-cleartext"
    ]
    assert [one["artifactLocation"] for one in places] == [
        {"uri": "file:///shared/a%20b%23c.xml"},
        {"uri": "server.xml", "uriBaseId": "SERVER_DIR/alpha"},
    ]
    assert [one["region"]["startLine"] for one in places] == [3, 9]
    assert list(run(read())["originalUriBaseIds"]) == ["SERVER_DIR"]


def test_waivers_are_suppressions_and_expired_ones_are_not() -> None:
    told = {one["ruleId"]: one.get("suppressions") for one in run(read())["results"]}
    assert told["endpoint-cleartext"] == [
        {
            "kind": "external",
            "status": "accepted",
            "justification": "internal (endpoint-cleartext until 2099-12-31, SEC-1, Ada)",
        }
    ]
    assert told["tls-host-names"] is None


def test_rules_come_from_the_cards() -> None:
    rules = {
        one["id"]: one
        for one in run(read({"z": bare([finding(id="own-rule", why="It is so.")])}))["tool"]["driver"]["rules"]
    }
    card = CARDS["requester-cleartext"]
    assert rules[card.id]["shortDescription"]["text"] == card.title
    assert card.action in rules[card.id]["help"]["text"]
    assert [one["id"] for one in rules[card.id]["properties"]["references"]] == [one.id for one in card.references]
    assert rules["own-rule"]["fullDescription"]["text"] == "It is so."
    # What only a standard asks for is no finding, and policies are not looked at.
    assert not {card.id for card in (*cards.ASKED, *cards.ASKED_OF_KEYS, *cards.ATTLS)} & {*rules}


def test_changes_are_baseline_states() -> None:
    before = evidence.report(site.read({"z": bare([finding(id="port-twice"), finding()])}, time=TIME))
    told = site.read({"z": bare([finding(), finding(id="tls-13-off", severity="low")])}, time=LATER, baseline=before)
    assert {one["ruleId"]: one["baselineState"] for one in run(told)["results"]} == {
        "requester-cleartext": "unchanged",
        "tls-13-off": "new",
        "port-twice": "absent",
    }
    assert [row["change"] for row in table.rows(told) if row["kind"] == "finding"] == ["unchanged", "new", "gone"]
    assert "(gone)" in markdown.render(told)


def test_a_fingerprint_stays_when_lines_move() -> None:
    def prints(text: str) -> list[Json]:
        return [one["partialFingerprints"] for one in run(read({"z": explained(text)}))["results"]]

    moved = SERVER_XML.replace("<server", "<!-- -->\n<server", 1)
    assert prints(SERVER_XML) == prints(moved)
    assert len({json.dumps(each) for each in prints(SERVER_XML)}) == len(prints(SERVER_XML))


def test_no_name_becomes_a_link_in_a_message() -> None:
    told = run(read({"z": bare([finding(message="[a](http://evil.example.com)")])}))
    assert told["results"][0]["message"]["text"] == "[a] (http://evil.example.com)"


# ---- fixes


def about(line: str, *remedy: Json, **more: Any) -> Finding:
    """Return a finding at the fifth column of a line."""
    return Finding("x", "high", Place("/a.xml", 3), "x", remedy=remedy, excerpt=line, column=5, **more)


def applied(line: str, remedy: Json) -> str | None:
    """Return the line as the remedy makes it, or None where it says nothing about it."""
    change = fixes.replacement(about(line, remedy))
    return None if change is None else line[: change.start - 5] + change.text + line[change.end - 5 :]


def sets(identity: str | None = None, element: str = "ssl", **attributes: object) -> Json:
    return {"element": element, **({} if identity is None else {"id": identity}), "attributes": attributes}


@pytest.mark.parametrize(
    ("line", "remedy", "after"),
    [
        ('<ssl id="a" b="x"/>', sets("a", b="y"), '<ssl id="a" b="y"/>'),
        ("<ssl id='a' b = 'x'/>", sets("a", b=True), "<ssl id='a' b = 'true'/>"),
        ('<ssl id="a"/>', sets("a", b=-1), '<ssl b="-1" id="a"/>'),
        ('<ssl id="a" b="x" c="y">', sets("a", b=None), '<ssl id="a" c="y">'),
        ('<ssl b="x"', sets("a", b='<"&'), '<ssl b="&lt;&quot;&amp;"'),
        ("<ssl b='x'", sets("a", b="it's"), "<ssl b='it&apos;s'"),
        ('b="x"', sets("a", b="y"), 'b="y"'),
        ('<ssl id="a" b="x" c="1"/>', sets("a", b="y", c=2), '<ssl id="a" b="y" c="2"/>'),
        ('<x><apiRequester name="o" s="0"/></x>', {"element": "x", "children": [sets(element="apiRequester", name="o", s=1)]}, '<x><apiRequester name="o" s="1"/></x>'),
        # Where the line does not say all that is needed.
        ('<x><apiRequester name="p" s="0"/></x>', {"element": "x", "children": [sets(element="apiRequester", name="o", s=1)]}, None),
        ('<ssl id="b" b="x"/>', sets("a", b="y"), None),
        ('<ssl id="a" b="x"/><ssl id="c" b="x"/>', sets("a", b="y"), None),
        ('<other b="x"/>', sets("a", b="y"), None),
        ('<sslOptions b="x"/>', sets("a", b="y"), None),
        ('bb="x"', sets("a", b="y"), None),
        ('a.b="x"', sets("a", b="y"), None),
        ('<ssl id="a"/>', sets("a", b=None), None),
        ('<ssl id="a"', sets("a", b="y"), None),
        ('<ssl b="x"/>', sets("a", b="y"), None),
        ('<ssl id="a" c="…', sets("a", b="y"), None),
        ('<ssl id="a" b="x"/>', sets("a", b=["y"]), None),
        ('<ssl id="a" b="********"/>', sets("a", b="y"), None),
        ('<ssl id="\\x07" b="x"/>', sets(b="y"), None),
        ('<ssl id="a" b="x"/>', {"do": "something"}, None),
        ('<ssl id="a" b="x"/>', {"element": "ssl", "children": [{"element": "c", "text": "t"}]}, None),
        ('<ssl id="a" b="x"/>', {"element": "ssl", "state": "absent", "attributes": {"b": "y"}}, None),
    ],
)  # fmt: skip
def test_a_remedy_as_a_change_of_its_line(line: str, remedy: Json, after: str | None) -> None:
    assert applied(line, remedy) == after


VALUES = st.text(st.characters(codec="ascii", categories=["L", "N", "P", "S", "Zs"]), max_size=12)


@given(
    st.dictionaries(st.sampled_from(["id", "a", "ab", "b.a", "c"]), VALUES, min_size=1),
    st.dictionaries(st.sampled_from(["a", "ab", "d"]), VALUES | st.booleans() | st.integers() | st.none(), min_size=1),
    st.sampled_from(["/>", ">", " />"]),
    st.sampled_from(["'", '"']),
)
def test_a_line_that_is_changed_means_what_the_remedy_wants(had: Json, wanted: Json, end: str, quote: str) -> None:
    written = {name: quoteattr(value) for name, value in had.items()}
    if quote == "'":
        written = {name: f"'{escape(value, {chr(39): '&apos;'})}'" for name, value in had.items()}
    line = f"<ssl {' '.join(f'{name}={value}' for name, value in written.items())}{end}"
    after = applied(line, {"element": "ssl", "attributes": wanted})
    if after is not None:
        element = etree.fromstring(after if end.endswith("/>") else f"{after}</ssl>")
        texts = {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in wanted.items()}
        kept = {name: value for name, value in {**had, **texts}.items() if wanted.get(name, "") is not None}
        assert dict(element.attrib) == kept


def test_no_change_where_a_variable_holds_the_value_or_more_is_to_do() -> None:
    line, remedy = '<ssl id="a" b="x"/>', sets("a", b="y")
    through = Place("/a.xml", 3, "${x}")
    assert fixes.replacement(Finding("x", "high", through, "x", remedy=(remedy,), excerpt=line, column=1)) is None
    assert fixes.replacement(about(line, remedy, remedy)) is None
    assert fixes.replacement(about("", remedy)) is None


def test_the_fixes_of_a_real_server_mend_it() -> None:
    lines = SERVER_XML.splitlines()
    found = {
        one["ruleId"]: one["fixes"][0]["artifactChanges"][0]["replacements"]
        for one in run(read())["results"]
        if "fixes" in one
    }
    assert set(found) == {"requester-cleartext", "tls-host-names"}
    for replacements in found.values():
        for one in replacements:
            region, text = one["deletedRegion"], one["insertedContent"]["text"]
            line = lines[region["startLine"] - 1]
            lines[region["startLine"] - 1] = line[: region["startColumn"] - 1] + text + line[region["endColumn"] - 1 :]
    assert not set(found) & {one["id"] for one in explained("\n".join(lines))["findings"]}


# ---- JUnit


def cases(told: Site, **options: Any) -> Iterator[tuple[str, list[str]]]:
    for case in etree.fromstring(junit.render(told, **options).encode()).iter("testcase"):
        yield case.get("name"), [each.tag for each in case]


@pytest.mark.parametrize(
    ("fail_on", "failing"),
    [
        ("high", ["high"]),
        ("medium", ["high", "medium"]),
        ("low", ["high", "medium", "low"]),
        ("information", SEVERITIES),
    ],
)
def test_cases_fail_by_severity(fail_on: str, failing: list[str]) -> None:
    found = [finding(id=f"of-{severity}", severity=severity) for severity in SEVERITIES]
    told = dict(cases(site.read({"z": bare(found)}, time=TIME), fail_on=fail_on))
    assert {name: tags for name, tags in told.items() if tags} == {
        f"of-{severity}": ["failure" if severity in failing else "system-out"] for severity in SEVERITIES
    }


def test_what_is_waived_is_skipped_unless_something_else_is_left() -> None:
    waived = {"waiver": {"id": "x", "owner": "Ada", "reason": "r"}, "waived": True}
    told = dict(
        cases(site.read({"z": bare([finding(**waived), finding(id="x", **waived), finding(id="x")])}, time=TIME))
    )
    assert told["requester-cleartext"] == ["skipped", "system-out"]
    assert told["x"] == ["failure", "system-out"]
    assert told["port-twice"] == []


def test_rules_about_keys_are_cases_where_keys_were_looked_at() -> None:
    assert "key-weak" not in dict(cases(site.read({"z": bare([])}, time=TIME)))
    assert "key-weak" in dict(cases(site.read({"z": bare([])}, time=TIME, keys={"z": keys(STORE)})))


# ---- CycloneDX


def components(told: Site) -> dict[str, Json]:
    return {one["bom-ref"]: one for one in json.loads(cbom.render(told))["components"]}


def vulnerable(component: Json) -> str:
    return str(component["properties"][0]["value"])


def test_what_a_quantum_computer_breaks() -> None:
    told = components(read())
    fingerprint = f"certificate:{KEY.sha256}"
    assert {ref: vulnerable(one) for ref, one in told.items() if one["type"] == "cryptographic-asset"} == {
        fingerprint: "true",
        f"key:{fingerprint}": "true",
        "algorithm:RSA-2048": "true",
        "algorithm:SHA-256": "false",
        "algorithm:SHA-384": "false",
        "algorithm:SHA-1": "false",
        "algorithm:ECDHE": "true",
        "algorithm:AES-128-CBC": "false",
        "algorithm:AES-256-GCM": "false",
        "algorithm:X25519MLKEM768": "false",
        "tls:alpha:defaultSSLConfig:TLSv1.2": "true",
        "tls:alpha:defaultSSLConfig:TLSv1.3": "unknown",
        "seen:alpha:9443:TLSv1.3": "false",
    }


def test_assets_say_where_they_stand() -> None:
    told = components(read())
    assert told[f"certificate:{KEY.sha256}"]["evidence"]["occurrences"] == [
        {"location": STORE.name, "additionalContext": "alpha", "symbol": "server"},
        {"location": f"{FOLDER}/server.xml", "additionalContext": "alpha", "line": 7},
    ]
    assert told["tls:alpha:defaultSSLConfig:TLSv1.2"]["evidence"]["occurrences"][0]["line"] == 5


def test_suites_belong_to_their_protocols() -> None:
    told = components(read())
    facts = [told[f"tls:alpha:defaultSSLConfig:TLSv1.{n}"]["cryptoProperties"]["protocolProperties"] for n in (2, 3)]
    assert [one["version"] for one in facts] == ["1.2", "1.3"]
    assert [[suite["name"] for suite in one["cipherSuites"]] for one in facts] == [
        ["TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"],
        ["TLS_AES_256_GCM_SHA384"],
    ]
    seen = told["seen:alpha:9443:TLSv1.3"]["cryptoProperties"]["protocolProperties"]["cipherSuites"]
    assert seen == [
        {"name": PROBES[0]["cipher"], "tlsGroups": ["X25519MLKEM768"], "algorithms": ["algorithm:X25519MLKEM768"]}
    ]


def test_one_certificate_in_two_stores_is_one_component() -> None:
    told = components(read({"alpha": bare([]), "beta": bare([])}, keys={"alpha": keys(STORE), "beta": keys(STORE)}))
    (one,) = [one for ref, one in told.items() if ref.startswith("certificate:")]
    assert {each["additionalContext"] for each in one["evidence"]["occurrences"]} == {"alpha", "beta"}


def test_a_port_behind_attls_is_a_protocol() -> None:
    told = components(read({"alpha": explained(attls={"ports": [9080]})}))
    assert vulnerable(told["attls:alpha:9080"]) == "unknown"


@pytest.mark.parametrize(
    ("algorithm", "name", "level", "vulnerable"),
    [
        (algorithms.of_key("RSA", 2048), "RSA-2048", 0, True),
        (algorithms.of_key("NIST ECC", 256), "NIST ECC-256", 0, True),
        (algorithms.of_key("ED25519", None), "ED25519", 0, True),
        (algorithms.of_key("MLDSA65", None), "MLDSA65", None, False),
        (algorithms.of_key("ODD", 5), "ODD-5", None, None),
        (algorithms.of_signature("sha256RSA"), "sha256RSA", 0, True),
        (algorithms.of_signature("sha1"), "SHA-1", 0, False),
        (algorithms.of_signature("ML-DSA-65"), "ML-DSA-65", None, False),
        (algorithms.of_signature("odd"), "odd", None, None),
        (algorithms.of_group("x25519"), "x25519", 0, True),
        (algorithms.of_group("secp256r1"), "secp256r1", 0, True),
        (algorithms.of_group("ffdhe2048"), "ffdhe2048", 0, True),
        (algorithms.of_group("SecP384r1MLKEM1024"), "SecP384r1MLKEM1024", 5, False),
        (algorithms.of_group("MLKEM512"), "MLKEM512", 1, False),
        (algorithms.of_group("odd"), "odd", None, None),
    ],
)
def test_algorithms_by_their_names(
    algorithm: algorithms.Algorithm, name: str, level: object, vulnerable: object
) -> None:
    assert (algorithm.name, algorithm.level, algorithm.vulnerable) == (name, level, vulnerable)


def test_what_is_no_algorithm() -> None:
    assert algorithms.of_key(None, 5) is None
    assert [algorithms.of_signature(name) for name in (None, "signed by itself")] == [None, None]


@pytest.mark.parametrize(
    ("suite", "names"),
    [
        ("TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", ["ECDHE", "AES-256-GCM", "SHA-384"]),
        ("SSL_RSA_WITH_3DES_EDE_CBC_SHA", ["RSA key transport", "3DES", "SHA-1"]),
        ("TLS_CHACHA20_POLY1305_SHA256", ["ChaCha20-Poly1305", "SHA-256"]),
        ("TLS_DHE_RSA_WITH_AES_128_CCM_8", ["DHE"]),
        ("TLS_RSA_WITH_RC4_128_MD5", ["RSA key transport", "RC4", "MD5"]),
        ("ODD", []),
    ],
)
def test_the_algorithms_of_a_suite(suite: str, names: list[str]) -> None:
    assert [one.name for one in algorithms.of_suite(suite)] == names


# ---- Markdown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<b>&", "&lt;b&gt;&amp;"),
        ("a|b", "a\\|b"),
        ("@team #12", "&commat;team \\#12"),
        ("[a](b)", "\\[a\\](b)"),
        ("http://x www.y.example", "http:\\// www\\.y.example".replace("\\// ", "\\//x ")),
        ("{{ lookup('env', 'x') }}{% x", "&lbrace;&lbrace; lookup('env', 'x') }}&lbrace;% x"),
        ("a_b *c* `d` ~e~ $f$ \\", "a\\_b \\*c\\* \\`d\\` \\~e\\~ \\$f\\$ \\\\"),
    ],
)
def test_nothing_in_a_text_becomes_markup(text: str, shown: str) -> None:
    assert markdown.escaped(text) == shown


def test_markdown_counts_by_severity() -> None:
    told = read()
    counts = Counter(one.severity for one in told.servers[0].findings if not one.waived)
    shown = " | ".join(str(counts[severity]) for severity in SEVERITIES)
    assert f"| alpha | {told.servers[0].verdict} | {shown} | 1 |" in markdown.render(told)


def test_markdown_begins_with_the_worst_server() -> None:
    text = markdown.render(read({"alpha": bare([]), "zeta": explained()}, keys={}, probes={}))
    hosts = re.findall(r"^\| (\w+) \|", text, re.MULTILINE)[1:]
    assert hosts == ["zeta", "alpha"]
    assert re.findall(r"^## (\w+)", text, re.MULTILINE) == ["zeta"]


def test_markdown_counts_nothing_where_nobody_looked() -> None:
    assert "| away | unknown: unreachable: no route | ? | ? | ? | ? | ? |" in markdown.render(read())
