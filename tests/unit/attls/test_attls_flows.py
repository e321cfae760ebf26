# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Questions over all connections: by table, against trying everything in a small world, and against attls_match."""

from __future__ import annotations

import ipaddress
import itertools
import random
import re
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import flow_campaign
import flow_world
import pytest
import yaml
from ansible.errors import AnsibleFilterError
from hypothesis import given, settings
from hypothesis import strategies as st
from match_world import policy

from ansible_collections.zosconnect.security.plugins.filter.attls_flows import FilterModule, attls_flows
from ansible_collections.zosconnect.security.plugins.filter.attls_match import attls_match
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import (
    criteria,
    flows,
    masks,
    match,
    regions,
    times,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import stack as stacks
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError

Json = dict[str, Any]
CASES = yaml.safe_load((Path(__file__).parent / "cases" / "flows.yml").read_text(encoding="utf-8"))
ALL = criteria.Criteria("Both")


def texts(stack: str) -> Json:
    return {"stack": {"path": "policy.txt", "text": stack}, "common": ""}


def test_it_has_the_name_of_its_documentation() -> None:
    assert FilterModule().filters() == {"attls_flows": attls_flows}


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_the_table(case: Json) -> None:
    stack = texts(policy(case["rules"], case.get("more", "")))
    asked = {"connections": case["ask"]} | {key: case[key] for key in ("protection",) if key in case}
    if "error" in case:
        with pytest.raises(AnsibleFilterError) as caught:
            attls_flows(stack, "3.1", **asked)
        assert str(caught.value) == f"{case['error']}"
        return
    result = attls_flows(stack, "3.1", **asked)
    assert [one["rule"] for one in result["flows"]] == case["winners"]
    assert (result["proved"], result["doubts"]) == (case["proved"], case.get("doubts", []))
    assert result["complete"] == (result["doubts"] == [])
    assert result["verdict"] == case.get("verdict", result["verdict"])
    assert result["verdict"].startswith("PROVED: ") == result["proved"]
    assert (result["counterexample"] is None) == (result["proved"] or bool(case.get("doubts")))
    assert case.get("found", {}).items() <= (result["counterexample"] or {}).items()
    by_rule = {one["rule"]: one for one in result["flows"]}
    for rule, where in case.get("where", {}).items():
        assert by_rule[rule]["connections"] == where
    for rule, others in case.get("except", {}).items():
        assert [other["rule"] for other in by_rule[rule]["except"]] == others
    for flow in result["flows"]:
        single = attls_match(stack, flow["example"], "3.1")
        assert (single["rule"], single["protection"]) == (flow["rule"], flow["protection"])
    assert result["changes"] == []


class TestChanges:
    OLD = {
        "cics": ["Direction Inbound", "LocalPortRange 5004", "Jobname CICS*", "Priority 9"],
        "rest": ["Direction Inbound", "LocalPortRange 5000-5010"],
    }

    def changes(self, old: Json, new: Json, more: str = "", **asked: Any) -> list[Json]:
        before, after = (texts(policy(rules, text)) for rules, text in ((old, ""), (new, more)))
        result = attls_flows(after, "3.1", before=before, **asked)
        for one in result["changes"]:
            pair = [attls_match(stack, one["example"], "3.1")["rule"] for stack in (before, after)]
            assert pair == [one["before"]["rule"], one["after"]["rule"]]
        return result["changes"]  # type: ignore[no-any-return]

    def test_nothing_changes(self) -> None:
        assert self.changes(self.OLD, self.OLD) == []

    def test_a_new_name_and_a_new_order_change_nothing(self) -> None:
        assert self.changes(self.OLD, {"new": self.OLD["cics"], "rest": self.OLD["rest"]}) == []

    def test_a_rule_goes_and_its_connections_go_in_clear(self) -> None:
        (one,) = self.changes(self.OLD, {"cics": self.OLD["cics"]})
        assert (one["before"]["rule"], one["before"]["protection"]) == ("rest", "tls")
        assert (one["after"]["rule"], one["after"]["protection"], one["after"]["does"]) == (None, "clear", None)
        assert one["differs"] == ["protection"]
        assert one["connections"] == {"direction": "inbound", "local_port": "5000-5010"}
        assert one["except"] == [{"rule": "cics", "place": "policy.txt:1"}]

    def test_a_question_narrows_it(self) -> None:
        new = {"cics": self.OLD["cics"]}
        asked = {"connections": {"job_name": "CICS1", "local_port": 5004}}
        assert self.changes(self.OLD, new, **asked) == []

    def test_other_protocols_are_a_change_too(self) -> None:
        new = {**self.OLD, "rest": [*self.OLD["rest"], "TTLSConnectionActionRef old"]}
        more = "TTLSConnectionAction old\n{\n  TTLSConnectionAdvancedParms\n  {\n    TLSv1.3 Off\n  }\n}\n"
        (one,) = self.changes(self.OLD, new, more)
        assert (one["before"]["rule"], one["after"]["rule"], one["differs"]) == ("rest", "rest", ["protocols"])

    def test_an_exception_takes_from_a_rule_that_stays(self) -> None:
        new = {
            **self.OLD,
            "off": ["Direction Inbound", "RemoteAddr 10.0.0.0/8", "Priority 99", "TTLSGroupActionRef off"],
        }
        first, second = self.changes(self.OLD, new)
        assert [first["before"]["rule"], second["before"]["rule"]] == ["cics", "rest"]
        assert first["connections"] == {
            "direction": "inbound",
            "local_port": "5004",
            "job_name": "CICS*",
            "remote_address": "10.0.0.0-10.255.255.255",
        }

    def test_doubts_of_the_policy_before_hinder_no_proof(self) -> None:
        broken = texts(policy({"a": ["Direction Both", "RemoteAddr none"]}))
        result = attls_flows(texts(policy({"a": ["Direction Both", "LocalPortRange 0"]})), "3.1", before=broken)
        assert (result["proved"], result["complete"], len(result["doubts"])) == (True, False, 1)

    def test_no_mapping(self) -> None:
        with pytest.raises(AnsibleFilterError) as caught:
            attls_flows(texts(""), "3.1", before="text")
        assert str(caught.value) == "before: must be a mapping of common, stack, pagent, image to texts."


def never(rules: Json, more: str = "") -> dict[str, list[str]]:
    found = match.candidates(stacks.read(texts(policy(rules, more))), "3.1")
    return {one.rule.name: [other.name for other in one.by] for one in flows.never_winning(found)}


class TestNeverWinning:
    def test_all_win(self) -> None:
        assert (
            never({"a": ["Direction Inbound", "LocalPortRange 1"], "b": ["Direction Inbound", "LocalPortRange 2"]})
            == {}
        )

    def test_one_rule_has_it_all(self) -> None:
        rules = {
            "a": ["Direction Both", "LocalPortRange 1-10", "Priority 9"],
            "b": ["Direction Inbound", "LocalPortRange 2", "Jobname CICS*"],
            "c": ["Direction Inbound", "LocalPortRange 2-11"],
        }
        assert never(rules) == {"b": ["a"]}

    def test_two_rules_together(self) -> None:
        rules = {
            "low": ["Direction Inbound", "RemoteAddr 192.0.2.0/25", "Priority 9"],
            "high": ["Direction Both", "RemoteAddr 192.0.2.128/25", "Priority 8"],
            "else": ["Direction Inbound", "RemoteAddr 192.0.2.77-192.0.2.80", "LocalPortRange 9", "Priority 10"],
            "all": ["Direction Inbound", "RemoteAddr 192.0.2.0/24"],
        }
        assert never(rules) == {"all": ["low", "high"]}

    def test_the_name_decides(self) -> None:
        same = ["Direction Inbound", "LocalPortRange 2"]
        assert never({"1": same, "A": same, "a": same}) == {"A": ["a"], "1": ["a"]}

    def test_what_cannot_be_installed_takes_nothing_away_and_is_not_named(self) -> None:
        wide = ["Direction Both", "LocalPortRange 0", "Priority 9", "TTLSGroupActionRef gone"]
        assert never({"a": wide, "b": ["Direction Inbound", "LocalPortRange 2"]}) == {}

    def test_a_name_that_no_job_has(self) -> None:
        assert never({"a": ["Direction Inbound", "Jobname 1*"], "b": ["Direction Inbound", "Jobname A*"]}) == {"a": []}


class TestOverlaps:
    """What conditions.py and criteria.py did not agree on."""

    @pytest.mark.parametrize(
        ("one", "other", "expected"),
        [
            ({"job_name": "cics*"}, {"job_name": "CICSPRD"}, True),
            ({"remote_address": "0.0.0.0"}, {"remote_address": "192.0.2.1"}, True),
            ({"remote_address": "0.0.0.0/0"}, {"remote_address": "2001:db8::1"}, False),
            ({"remote_address": "::/0"}, {"remote_address": "2001:db8::1"}, True),
            ({"job_name": "CICS*"}, {"job_name": "CICS"}, True),
            ({"job_name": "CICS"}, {"job_name": "CICSA*"}, False),
            ({"job_name": "CICSA*"}, {"job_name": "CICSB*"}, False),
            ({"job_name": "*A"}, {"job_name": "B*"}, True),
            ({"job_name": "A?"}, {"job_name": "A"}, False),
            ({"job_name": "A*B*C*D*E"}, {"job_name": "?????"}, True),
            ({"user_id": "A"}, {"user_id": "a"}, True),
            ({"local_port": [1, 5]}, {"local_port": "2-4"}, False),
            ({"local_port": [1, 5]}, {"local_port": "2-5"}, True),
            ({"direction": "inbound"}, {"direction": "outbound"}, False),
            ({"direction": "inbound"}, {}, True),
        ],
    )
    def test_the_pair(self, one: Json, other: Json, *, expected: bool) -> None:
        first, second = criteria.read(one, "one"), criteria.read(other, "other")
        assert regions.overlaps(first, second) is expected
        assert regions.overlaps(second, first) is expected
        assert list(regions.overlapping([first, second])) == [(0, 1)] * expected

    def test_times(self) -> None:
        day, night = (times.Times(hours=(hours,)) for hours in (("06:00", "22:00"), ("22:00", "06:00")))
        late = times.Times(hours=(("21:00", "23:00"),))
        utc = times.Times(hours=(("21:00", "23:00"),), utc=True)
        found = {
            (one, other): regions.overlaps(criteria.Criteria("Both", time=one), criteria.Criteria("Both", time=other))
            for one, other in itertools.combinations((day, night, late, utc), 2)
        }
        assert [pair for pair, meets in found.items() if not meets] == [(day, night)]

    @given(seed=st.integers(0, 10**9), count=st.integers(0, 30), watched=st.none() | st.sets(st.integers(0, 29)))
    def test_it_is_that_of_spaces(self, seed: int, count: int, watched: set[int] | None) -> None:
        draw = random.Random(seed)
        text = flow_world.random_policy(draw, count)
        asked = [one.criteria for one in match.candidates(stacks.read(texts(text)), "3.1")]
        space = regions.Space(asked)
        boxes = [space.box(one) for one in asked]
        expected = {
            (one, other)
            for one, other in itertools.combinations(range(len(asked)), 2)
            if all(a & b for a, b in zip(boxes[one], boxes[other], strict=True))
            and (watched is None or {one, other} & watched)
        }
        found = list(regions.overlapping(asked, watched))
        assert len(found) == len(set(found))
        assert set(found) == expected
        index = regions.Index(boxes)
        assert all(
            index.near(boxes[one]) >> other & 1 and index.near(boxes[other]) >> one & 1 for one, other in expected
        )


class TestNames:
    @given(
        some=st.lists(st.text("A1*?", min_size=1, max_size=4), max_size=5),
        first=st.sampled_from([masks.JOB, masks.USER]),
    )
    def test_every_class_of_names_is_found(self, some: list[str], first: str) -> None:
        """Names of up to five of three characters show every class that there is: longer ones repeat themselves."""
        tried = ("".join(name) for size in range(1, 6) for name in itertools.product("A1Z", repeat=size))
        expected = {fitting(some, name) for name in tried if name[0] in first}
        found = masks.classes(some, first)
        assert all(fitting(some, name) == bits for name, bits in found)
        assert len({bits for _name, bits in found}) == len(found)
        assert expected <= {bits for _name, bits in found}

    def test_too_many(self) -> None:
        some = [f"*{a}*{b}*{c}*" for a, b, c in itertools.product("ABCDEFG", repeat=3)]
        with pytest.raises(SecurityError) as caught:
            masks.classes(some, masks.JOB)
        assert str(caught.value) == (
            "Jobname and Userid: the wildcards of 343 masks can meet in too many ways; ask about fewer rules, or write "
            "masks with one * at the end."
        )


def fitting(some: list[str], name: str) -> int:
    return sum(
        bool(re.fullmatch(mask.replace("*", ".*").replace("?", "."), name)) << number
        for number, mask in enumerate(some)
    )


_hours = st.tuples(*[st.sampled_from(["00:00", "06:00", "06:01", "18:00", "24:00"])] * 2)
_dates = st.tuples(*[st.sampled_from(["20260131000000", "20260228180000", "20270101055959", "20280229000000"])] * 2)
_conditions = st.builds(
    times.Times,
    ranges=st.lists(_dates, max_size=2).map(tuple),
    months=st.sampled_from(["", "010000000000", "111111111110"]),
    days=st.sampled_from(["", "1" + "0" * 30, "0" * 31 + "1" + "0" * 30, "0" * 28 + "111"]),
    weekdays=st.sampled_from(["", "0111110", "1000000"]),
    hours=st.lists(_hours, max_size=2).map(tuple),
)


class TestTimes:
    @settings(max_examples=max(1, settings().max_examples // 2))  # each one looks at many years
    @given(
        conditions=st.lists(_conditions, max_size=3),
        moment=st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1)),
        edge=st.sampled_from(["2026-01-31T00:00", "2026-02-28T18:00", "2027-01-01T06:00", "2028-03-01T00:00"]),
    )
    def test_every_class_of_moments_is_found(self, conditions: list[Any], moment: datetime, edge: str) -> None:
        found = times.classes(conditions)
        for at, bits in found:
            assert holding(conditions, at) == bits
        for at in (moment, datetime.fromisoformat(edge), datetime.fromisoformat(edge) - timedelta(seconds=1)):
            assert holding(conditions, at) in {bits for _at, bits in found}

    def test_the_leap_day_of_a_sunday(self) -> None:
        leap = times.Times(months="010000000000", days="0" * 28 + "100", weekdays="1000000")
        assert times.classes([leap])[-1] == (datetime(2032, 2, 29), 1)

    def test_a_gap_of_one_second(self) -> None:
        early = times.Times(ranges=(("19710101000000", "20260228180000"),))
        late = times.Times(ranges=(("20260228180002", "99981231235959"),))
        assert (datetime(2026, 2, 28, 18, 0, 1), 0) in times.classes([early, late])

    def test_in_utc(self) -> None:
        found = times.classes([times.Times(hours=(("08:00", "09:00"),), utc=True)])
        assert [at.isoformat() for at, _bits in found] == ["2026-01-01T00:00:00+00:00", "2026-01-01T08:00:00+00:00"]

    @pytest.mark.parametrize(
        "value", ["20261399000000:20270101000000", "25:00-26:00", "08:60-09:00", "99991231235959:99991231235959"]
    )
    def test_what_no_clock_shows(self, value: str) -> None:
        keyword = "TimeOfDayRange" if "-" in value else "ConditionTimeRange"
        with pytest.raises(SecurityError) as caught:
            times.read({key: [value] if key == keyword else [] for key in times.KEYWORDS})
        assert str(caught.value) == (
            f"{keyword} {value} is not a range such as 08:00-18:00 or 20260101000000:20261231235959."
        )


def holding(conditions: list[Any], at: datetime) -> int:
    return sum(one.holds(at) << number for number, one in enumerate(conditions))


# A world in which everything can be tried: four addresses of each kind, three ports, and names that say which they are.
ADDRESSES = [f"10.0.0.{number}" for number in range(3)] + ["2001:db8::1"]
_address = st.sampled_from(
    [None, "10.0.0.0", "10.0.0.1-10.0.0.2", "10.0.0.0/31", "2001:db8::/64", "0.0.0.0/0", "::/0", "All"]
)
_port = st.sampled_from([None, "1", "2-3", "1-2", "0"])
_mask = st.sampled_from([None, "*", "A*", "AB", "B*", "a*"])
_small_rules = st.fixed_dictionaries(
    {
        "Direction": st.sampled_from(["Inbound", "Outbound", "Both"]),
        "RemoteAddr": _address,
        "LocalPortRange": _port,
        "RemotePortRange": _port,
        "Jobname": _mask,
        "Priority": st.sampled_from([None, 2, 3]),
    }
)
_asking = _small_rules.filter(lambda rule: any(rule[key] for key in rule if key not in ("Direction", "Priority")))
_small_policies = st.lists(_asking, max_size=7).map(
    lambda rules: policy(
        {
            f"r{number}": [f"{key} {value}" for key, value in rule.items() if value is not None]
            for number, rule in enumerate(rules)
        }
    )
)
SMALL = {"remote_address": ADDRESSES, "local_port": "1-3", "remote_port": "1-3"}
EVERYTHING = [
    criteria.Connection(direction, None, local, ipaddress.ip_address(address), remote, job)
    for direction, address, local, remote, job in itertools.product(
        ("Inbound", "Outbound"), ADDRESSES, (1, 2, 3), (1, 2, 3), ("A", "AB", "ABC", "B", "C")
    )
]


@given(old=_small_policies, new=_small_policies)
def test_it_agrees_with_trying_everything(old: str, new: str) -> None:
    before, after = (match.candidates(stacks.read(texts(text)), "3.1") for text in (old, new))
    pairs = {(flow_campaign.tried(before, one), flow_campaign.tried(after, one)) for one in EVERYTHING}
    asked = flows.read(SMALL).asked
    space = regions.Space([asked, ALL, *(one.criteria for one in (*before, *after))])
    for rules, won in ((before, {pair[0] for pair in pairs}), (after, {pair[1] for pair in pairs})):
        judged = flows.Rules(space, rules, asked)
        winners = [one.rule.name if one.rule else None for one in judged.winners]
        assert set(winners) == won
        assert [name for name in winners if name] == [one.name for one in rules if one.name in won]
        assert won & {one.rule.name for one in judged.never_winning()} == set()
    then, now = flows.Rules(space, before, asked), flows.Rules(space, after, asked)
    result = flows.flows(stacks.read(texts(new)), flows.Question(asked), before=stacks.read(texts(old)), release="3.1")
    found = {(one["before"]["rule"], one["after"]["rule"]) for one in result["changes"]}
    assert found == {pair for pair in pairs if (pair[0] is None) != (pair[1] is None)}
    assert len(found) == len(result["changes"])
    assert (then.doubts, now.doubts) == ([], [])


def test_a_few_random_policies() -> None:
    tally = flow_campaign.Tally()
    for seed in range(12):
        flow_campaign.compare(seed, 30, tally)
    assert (tally.policies, tally.points) == (12, 360)
    assert tally.corners > 500


class TestLimits:
    @staticmethod
    def many(count: int, line: str = "LocalPortRange {}") -> Json:
        return texts(policy({f"r{number}": ["Direction Inbound", line.format(number + 1)] for number in range(count)}))

    def test_five_thousand_rules(self) -> None:
        begun = time.process_time()
        result = attls_flows(self.many(5000), "3.1", {"local_port": "1-5000", "direction": "inbound"})
        assert result["proved"]
        assert len(result["flows"]) == 5000
        assert time.process_time() - begun < 60

    def test_more_than_ten_thousand(self) -> None:
        with pytest.raises(AnsibleFilterError) as caught:
            attls_flows(self.many(10_001), "3.1")
        assert str(caught.value) == (
            "policies: 10001 rules match the connections that are asked about, more than 10000; ask about "
            "fewer connections: one port, one address or one job name."
        )

    def test_a_narrow_question_of_more_than_ten_thousand(self) -> None:
        assert attls_flows(self.many(10_001), "3.1", {"local_port": 7, "direction": "inbound"})["proved"]

    def test_too_much_work(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(regions, "MOST_WORK", 30)
        with pytest.raises(AnsibleFilterError) as caught:
            attls_flows(texts(flow_world.random_policy(random.Random(1), 40)), "3.1")
        assert str(caught.value) == (
            "policies: the rules overlap in so many ways that 30 comparisons do not tell; ask about fewer "
            "connections: one port, one address or one job name."
        )

    @pytest.mark.parametrize(
        "release",
        ["4.1", "x"],
    )
    def test_an_unknown_release(self, release: str) -> None:
        with pytest.raises(AnsibleFilterError) as caught:
            attls_flows(texts(""), release)
        assert str(caught.value) == (
            f"zos_release: '{release}' is not a release of z/OS that is known here: 2.1, 2.2, 2.3, 2.4, 2.5, 3.1, 3.2."
        )

    def test_a_release_that_is_a_number(self) -> None:
        assert attls_flows(texts(""), 3.1)["complete"]

    def test_one_name_in_two_files(self) -> None:
        rules = {"a": ["Direction Both", "LocalPortRange 1"]}
        common = {"path": "common.txt", "text": policy({"a": ["Direction Both", "LocalPortRange 2"]})}
        result = attls_flows({**texts(policy(rules)), "common": common}, "3.1")
        assert [one["place"] for one in result["flows"]] == ["policy.txt:1", None]
