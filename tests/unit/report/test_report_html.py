# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The HTML report: what it says, what it is made of, and that names which others chose stay text."""

from __future__ import annotations

import copy
import itertools
import re
from collections.abc import Callable
from typing import Any

import lxml.html
import pytest
import yaml
from reported import FOLDER, HOSTILE, SECRET, STORE, TIME, WAIVERS, bare, explained, finding, keys, read, self_signed

from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.cards import CARDS, STANDARDS
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.standards import RULES, counts
from ansible_collections.zosconnect.security.plugins.plugin_utils.report import formats, html, page, picture
from ansible_collections.zosconnect.security.plugins.plugin_utils.report.evidence import render as as_json
from tests.growth import grows

Json = dict[str, Any]


def rendered(results: Json | None = None, **options: Any) -> str:
    return html.render(read(results, **options))


def parsed(text: str) -> Any:
    """The page as a browser's parser reads it."""
    # libxml2 does not know <wbr>, where a browser may break a long word, and that it holds nothing.
    return lxml.html.document_fromstring(text.replace("<wbr>", ""))


def texts(tree: Any, path: str) -> list[str]:
    return [" ".join(each.text_content().split()) for each in tree.xpath(path)]


class _Unsafe(yaml.SafeLoader):
    """Reads !unsafe as Ansible does, and says so."""


_Unsafe.add_constructor("!unsafe", lambda loader, node: ("unsafe", loader.construct_scalar(node)))


def cells(tree: Any, kind: str) -> list[list[str]]:
    return [texts(row, "./th|./td") for row in tree.xpath(f'//table[@class="{kind}"]//tr[td]')]


def alone(**options: Any) -> Json:
    return {"alpha": explained(**options)}


class TestOneServer:
    def test_the_verdict_comes_first_and_counts_link(self) -> None:
        tree = parsed(rendered(alone()))
        (heading,) = texts(tree, "//h1")
        assert heading.startswith("✕ NOT SAFE alpha: 1 API requester accepts plain http, ")
        counted = dict(zip(texts(tree, "//header//li//span"), texts(tree, "//header//li//b"), strict=True))
        assert (counted["API requester"], counted["ports"], counted["call"]) == ("1", "2", "1")
        targets = tree.xpath("//@href")
        assert {each[1:] for each in targets} <= set(tree.xpath("//@id"))
        assert all(each.startswith("#") for each in targets)

    def test_parts_come_in_the_order_in_which_people_ask(self) -> None:
        assert texts(parsed(rendered(alone())), "//h2") == [
            "The picture",
            "What to do first",
            "API requesters",
            "Ports",
            "Calls",
            "Certificates",
            "Findings",
            "Waivers",
            "Standards",
            "What was not looked at",
        ]

    def test_a_requester_is_told_with_the_line_that_decides(self) -> None:
        (row,) = parsed(rendered(alone())).xpath('//table[@class="requesters"]//tr[td]')
        assert texts(row, "./th|./td") == [
            "orders",
            "✕ NO",
            "9080, 9443",
            "plain http is accepted on 9080",
            "apiRequester server.xml:9",
        ]

    def test_what_is_to_do_first_is_what_is_serious(self) -> None:
        tree = parsed(rendered(alone()))
        severities = texts(tree, '//ol[@class="first"]//span[starts-with(@class, "sev")]')
        assert severities == sorted(severities)
        assert set(severities) <= {"high", "medium"}
        assert "high" in severities

    def test_a_remedy_is_a_task_to_paste(self) -> None:
        (group,) = parsed(rendered(alone())).xpath('//div[@id="s1-requester-cleartext-high"]')
        (task,) = [yaml.safe_load(each) for each in texts_of_pre(group) if each.startswith("- zosconnect")]
        (options,) = [task[0]["zosconnect.security.server_xml"]]
        assert options["path"] == f"{FOLDER}/server.xml"
        assert options["elements"][0]["element"] == "zosconnect_apiRequesters"
        said = " ".join(group.text_content().split())
        card = CARDS["requester-cleartext"]
        assert card.why in said
        assert card.references
        assert all(f"{STANDARDS[each.standard]} {each.id}" in said for each in card.references)

    @pytest.mark.parametrize("name", ["{{ 1 + 1 }}", "{% raw %}", "{# x #}", 'a"{{ 1 }}', "a: {{ 1 }}\\"])
    def test_a_name_in_a_remedy_is_no_template(self, name: str) -> None:
        elements = [{"element": "ssl", "id": name, "attributes": {"verifyHostname": True, "plain": "${a}"}}]
        found = [finding(origin=f"/{name}/server.xml:9", remedy=elements)]
        (task,) = html.remedies(read({"alpha": bare(found)}, keys={}, probes={}).servers[0].findings)
        options = yaml.load(task, _Unsafe)[0]["zosconnect.security.server_xml"]
        assert options["path"] == ("unsafe", f"/{name}/server.xml")
        assert options["elements"] == [{**elements[0], "id": ("unsafe", name)}]

    def test_certificates_by_the_days_that_they_have_left(self) -> None:
        tree = parsed(rendered(alone()))
        assert texts(tree, '//table[@class="certificates"]//tr/td[1]') == ["in 10 days (2026-06-11)"]
        assert "Renew certificate server: ends in 10 days." in texts(tree, '//ol[@class="first"]//a')
        assert "Key stores were not looked at." in rendered(alone(), keys={})
        assert "In key stores that could be read there is none." in rendered(alone(), keys={"alpha": {"places": []}})

    def test_waivers_tell_who_and_until_when(self) -> None:
        waivers = [
            {"id": "endpoint-cleartext", "reason": "internal", "owner": "Ada", "expires": "2099-12-31"},
            {"id": "requester-cleartext", "reason": "for a while", "owner": "Bob", "expires": "2020-01-01"},
        ]
        waivers.append({"id": "logs-not-sent", "reason": "an agent sends them", "owner": "Cleo"})
        tree = parsed(rendered(alone(waivers=waivers)))
        told = {
            row[1]: row[2]
            for row in (texts(each, "./th|./td") for each in tree.xpath('//table[@class="waivers"]//tr[td]'))
        }
        assert told == {"Ada": "2099-12-31", "Bob": "2020-01-01 is over", "Cleo": "no end"}
        assert "waiver expired" in texts(tree, '//span[@class="tag"]')

    def test_standards_are_told_by_rule_the_broken_ones_first(self) -> None:
        tree = parsed(rendered(alone(waivers=WAIVERS)))
        rows = {row[0]: row[1:] for row in cells(tree, "standards")}
        assert list(rows) == list(STANDARDS.values())
        stig = read(alone(waivers=WAIVERS)).servers[0].standards["stig"]
        assert rows[STANDARDS["stig"]] == [str(number) for number in counts(stig).values()]
        told = cells(tree, "rules")
        assert len(told) == sum(map(len, RULES.values()))
        states = [row[1] for row in told[:29]]
        grouped = [state for state, _ in itertools.groupby(states)]
        assert grouped == ["✕ FAIL", "? not seen", "✓ pass", "not applicable"]
        (pci,) = [row for row in told if row[0] == "4.2.1 Strong cryptography for card data on open networks"]
        assert pci[1:3] == ["✕ FAIL", "requester-cleartext, endpoint-cleartext"]
        (audit,) = tree.xpath('//table[@class="rules"]//a[.="audit-off"]/@href')[:1]
        assert audit == "#s1-audit-off-information"

    def test_what_is_accepted_is_broken_all_the_same(self) -> None:
        found = finding(id="tls-weak-cipher", waived=True, waiver=WAIVERS[0])
        told = cells(parsed(rendered({"alpha": bare([found])}, standard="stig")), "rules")
        assert told[0][:3] == ["V-250347 No EXPORT ciphers (medium)", "✕ FAIL, accepted", "tls-weak-cipher"]
        assert len(told) == 29

    def test_what_was_not_looked_at_is_said(self) -> None:
        away = alone()
        away["alpha"]["unseen"] = ["/x: may not be read."]
        tree = parsed(rendered(away, keys={}, probes={}))
        assert texts(tree, '//h2[@id="s1-unseen"]/following-sibling::ul[1]/li') == ["/x: may not be read."]
        assert {each[1:] for each in tree.xpath("//@href")} <= set(tree.xpath("//@id"))
        assert texts(tree, '//h2[@id="unseen"]/following-sibling::ul[1]/li') == [
            "Key stores and key rings: no certificate was looked at.",
            "The running server was not asked: this is what its files say.",
            "No port was called: this is what the configuration makes of them.",
            "Who calls, and how their side does TLS, stands in no file of a server.",
        ]

    def test_what_changed_since_the_last_report(self) -> None:
        before = as_json(read(alone()))
        now = alone()
        now["alpha"]["findings"] = now["alpha"]["findings"][1:] + [finding(id="tls-fallback", about=["x"])]
        tree = parsed(rendered(now, baseline=before))
        assert f"Since the report of {TIME}" in texts(tree, "//h2")
        same = len(now["alpha"]["findings"]) + len(keys(STORE)["findings"]) - 1
        (told,) = texts(tree, '//h2[@id="s1-changes"]/following-sibling::p[1]')
        assert told == f"1 findings are new, 1 are gone, {same} are as before."
        assert {"new", "gone"} <= set(texts(tree, '//span[@class="tag"]'))

    def test_a_refused_configuration_is_no_safe_server(self) -> None:
        tree = parsed(rendered({"alpha": bare([], refused="server.xml:3: is no XML")}, keys={}))
        assert texts(tree, "//h1") == ["? NOT KNOWN alpha: Liberty refuses the configuration: server.xml:3: is no XML."]

    def test_a_finding_without_a_card_is_shown_as_it_came(self) -> None:
        assert "because" in rendered({"alpha": bare([finding(id="of-another-day", why="because")])})


def texts_of_pre(group: Any) -> list[str]:
    return [each.text_content() for each in group.xpath(".//pre")]


class TestFleet:
    def test_the_worst_is_first_and_each_is_linked(self) -> None:
        tree = parsed(rendered())
        assert texts(tree, "//h1") == ["✕ NOT SAFE 4 servers: 1 not safe, 3 not known."]
        rows = tree.xpath('//table[@class="servers"]//tr[td]')
        assert [texts(row, "./th")[0] for row in rows] == ["alpha", "away", "broken", "idle"]
        assert {each[1:] for each in tree.xpath("//@href")} <= set(tree.xpath("//@id"))
        assert "? not known Unreachable: no route." in texts(rows[1], "./td[1]")
        assert texts(rows[0], "./td")[1:] != ["?"] * 4
        # Nobody knows how many findings there are where nobody looked.
        assert [texts(row, "./td")[1:] for row in rows[1:]] == [["?"] * 4] * 3
        assert ".." not in texts(rows[2], "./td[1]")[0]

    def test_what_a_finding_means_is_said_once(self) -> None:
        text = rendered({"alpha": explained(), "beta": explained()})
        assert text.count(CARDS["requester-cleartext"].why) == 1

    def test_of_standards_it_tells_how_many_rules_are_kept(self) -> None:
        tree = parsed(rendered({"alpha": explained(), "beta": explained(), "idle": {}}))
        assert tree.xpath('//table[@class="rules"]|//table[@class="standards"]') == []
        alpha, beta = cells(tree, "kept")
        assert (alpha[0], beta[0], len(alpha)) == ("alpha", "beta", 1 + len(STANDARDS))
        assert alpha[1] == " / ".join(map(str, counts(read().servers[0].standards["stig"]).values()))
        assert ["V-250348 Https only", STANDARDS["stig"], "2"] in cells(tree, "broken")

    def test_of_one_standard(self) -> None:
        tree = parsed(rendered({"alpha": explained(), "beta": explained()}, standard="rfc9325"))
        assert [len(row) for row in cells(tree, "kept")] == [2, 2]
        assert {row[1] for row in cells(tree, "broken")} == {STANDARDS["rfc9325"]}

    def test_without_servers(self) -> None:
        assert texts(parsed(rendered({}, keys={}, probes={})), "//h1") == ["? NOT KNOWN There is no server."]


class TestWhatItIsMadeOf:
    POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"

    @pytest.mark.parametrize("results", [None, alone()], ids=["fleet", "one"])
    def test_no_script_and_nothing_to_fetch(self, results: Json | None) -> None:
        text = rendered(results)
        tree = parsed(text)
        assert tree.xpath('//meta[@http-equiv="Content-Security-Policy"]/@content') == [self.POLICY]
        assert tree.xpath("//script|//link|//img|//iframe|//object|//embed|//form|//base|//@src|//@onclick") == []
        assert all(each.startswith("#") for each in tree.xpath("//@href"))
        assert "url(" not in text
        assert "@import" not in text

    @pytest.mark.parametrize("results", [None, alone()], ids=["fleet", "one"])
    def test_a_screen_reader_finds_its_way(self, results: Json | None) -> None:
        tree = parsed(rendered(results))
        assert tree.xpath("//html/@lang") == ["en"]
        assert [len(tree.xpath(f"//{each}")) for each in ("header", "main", "footer", "h1")] == [1, 1, 1, 1]
        levels = [int(each.tag[1]) for each in tree.xpath("//h1|//h2|//h3|//h4")]
        assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
        assert all(table.xpath("./caption") and table.xpath('.//th[@scope="col"]') for table in tree.xpath("//table"))
        assert tree.xpath("//tbody//tr[not(th[@scope='row'])]") == []
        assert all(each.get("aria-label") for each in tree.xpath('//*[@role="img"]'))
        assert tree.xpath("//section[not(@aria-label or @aria-labelledby)]") == []
        ids = tree.xpath("//@id")
        assert len(ids) == len(set(ids))
        assert tree.xpath("//body/a[1]/@href") == ["#main"]

    def test_words_and_marks_stand_out_in_light_and_dark(self) -> None:
        for style in (page.STYLE, picture.STYLE):
            for scheme in style.split("@media (prefers-color-scheme:dark)")[:2]:
                colours = dict(re.findall(r"--([a-z]+):(#[0-9a-f]{3,6})", scheme))
                ground = colours.get("bg") or colours["paper"]
                shown = [name for name in colours if name not in ("bg", "paper", "line", "card", "node", "edge")]
                assert {
                    name: contrast(colours[name], ground) for name in shown if contrast(colours[name], ground) < 4.5
                } == {}
                assert all(contrast(colours[name], colours.get("card") or colours["node"]) >= 4.5 for name in shown)

    def test_the_same_site_makes_the_same_bytes(self) -> None:
        assert rendered() == rendered()

    def test_no_secret_is_in_it(self) -> None:
        assert SECRET not in rendered()

    def test_the_finding_and_its_place_are_those_of_the_site(self) -> None:
        site = read(alone())
        text = " ".join(parsed(html.render(site)).text_content().split())
        for one in site.servers[0].findings:
            assert picture.short(site.servers[0], one.message) in text
            assert picture.short(site.servers[0], one.place) in text

    def test_it_is_one_of_the_formats(self) -> None:
        assert formats.FORMATS["html"].render is html.render


def contrast(one: str, other: str) -> float:
    """The contrast of two colours as WCAG 2.2 computes it."""
    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(each * 2 for each in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def named(hostile: str) -> Json:
    """A result in which everything that others name is called so."""
    result = explained()
    for kind, key in (
        ("requesters", "name"),
        ("ports", "endpoint"),
        ("ports", "host"),
        ("endpoints", "id"),
        ("endpoints", "url"),
    ):
        for one in result[kind]:
            one[key] = hostile
    for one in [*result["ports"], *result["endpoints"], *result["requesters"]]:
        one["verdict"] = hostile
    result["findings"].append(finding(message=hostile, remedy=[{"do": hostile}], excerpt=hostile))
    result["asked_by_standards"].append(finding(id="config-mode", origin=f"/{hostile}:3", message=hostile))
    return result


@pytest.mark.parametrize("hostile", HOSTILE, ids=repr)
def test_names_stay_text(hostile: str) -> None:
    plain = parsed(rendered({"alpha": named("plain")}, keys={"alpha": keys(self_signed("CN=plain"))}))
    tree = parsed(rendered({"alpha": named(hostile)}, keys={"alpha": keys(self_signed(f"CN={hostile}"))}))

    def shape(of: Any) -> list[tuple[str, ...]]:
        return [(each.tag, *sorted(each.attrib)) for each in of.iter()]

    assert shape(tree) == shape(plain)
    text = tree.text_content()
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\u200e\u200f]", text)


def fleet(servers: int = 200, requesters: int = 50) -> Json:
    """Results of many servers of an ordinary kind."""
    ordinary = explained()
    (one,) = ordinary["requesters"]
    safe = {
        **one,
        "requireSecure": {"value": True, "scope": "default", "origin": "default"},
        "verdict": "TLS is required",
    }
    ordinary["requesters"] = [
        {**copy.deepcopy(safe), "name": f"requester{number}_1.0.0"} for number in range(requesters)
    ]
    return {f"zceesrv{number:03}": ordinary for number in range(servers)}


def test_200_servers_take_little_time_and_room() -> None:
    def work(servers: int) -> Callable[[], object]:
        site = read(fleet(servers), keys={"zceesrv000": keys(STORE)})
        return lambda: html.render(site)

    grows(work, 50, 200)
    assert len(html.render(read(fleet(), keys={"zceesrv000": keys(STORE)})).encode()) < 2_000_000
