# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Policies that somebody wrote to do harm: they cost no time, and end in findings or in one sentence."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from match_world import policy

from ansible_collections.zosconnect.security.plugins.filter.attls_findings import attls_findings
from ansible_collections.zosconnect.security.plugins.filter.attls_match import attls_match
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import masks
from tests.growth import grows

NUMBERS = ("\N{SUPERSCRIPT TWO}", "\N{ARABIC-INDIC DIGIT TWO}", "9" * 6000)
CALL = {"direction": "inbound", "local_address": "192.0.2.1", "local_port": 5004, "job_name": "CICSPRDA"}


def rule(*lines: str) -> dict[str, list[str]]:
    return {"one": ["Direction Inbound", *lines]}


def ids(text: str) -> list[str]:
    return [one["id"] for one in attls_findings({"stack": text, "common": ""}, "3.1")]


@pytest.mark.parametrize("number", NUMBERS, ids=["superscript", "arabic", "6000 digits"])
def test_what_only_looks_like_a_number_is_none(number: str) -> None:
    block = (
        "TTLSEnvironmentAdvancedParms p\n{{\n  PeerMinRsaKeySize {0}\n}}\nTTLSConnectionAction c\n{{\n  Trace {0}\n}}\n"
    )
    found = ids(policy(rule(f"Priority {number}")) + block.format(number))
    assert "attls-unreadable" in found
    assert not {"attls-key-size", "attls-trace"} & set(found)


def test_many_asterisks_cost_no_time() -> None:
    def work(count: int) -> Callable[[], object]:
        text = policy(rule("Jobname " + "*" * count + "X"))
        assert attls_match({"stack": text, "common": ""}, CALL, "3.1")["rule"] is None
        return lambda: attls_match({"stack": text, "common": ""}, CALL, "3.1")

    grows(work, 500, 4000)


def test_two_masks_meet_where_they_have_a_class_in_common() -> None:
    dice = random.Random(4)
    for _number in range(500):
        one, other = ("".join(dice.choice("*?AB1") for _ in range(dice.randint(1, 10))) for _ in range(2))
        for first in (masks.JOB, masks.USER):
            both = any(fitting == 3 for _name, fitting in masks.classes((one, other), first))
            assert masks.meet(one, other, first) == both, (one, other)


def test_masks_of_many_asterisks_meet_in_no_time() -> None:
    def work(count: int) -> Callable[[], object]:
        return lambda: (
            masks.meet("*" * count + "A", "?*" * 4 + "*" * count, masks.JOB),
            masks.meet("*" * count + "A", "?*" * count, masks.JOB),
        )

    assert work(5000)() == (True, False)
    grows(work, 500, 4000)


@pytest.mark.parametrize("address", ["::", "::0", "0:0::0", "0.0.0.0"])
def test_any_spelling_of_the_address_zero_is_any_address(address: str) -> None:
    assert "attls-no-condition" in ids(policy(rule(f"LocalAddr {address}")))


@pytest.mark.parametrize("address", ["fe80::1%eth0", "192.0.2.0/0.0.0.255", "192.0.2.0/255.255.255.0", "192.0.2.1-"])
def test_what_only_python_takes_for_an_address_is_none(address: str) -> None:
    assert "attls-unreadable" in ids(policy(rule(f"LocalAddr {address}")))


@pytest.mark.parametrize("address", ["::/0", "0.0.0.0/0", "fe80::1", "192.0.2.0/24", "192.0.2.1-192.0.2.9"])
def test_what_is_an_address_is_read(address: str) -> None:
    assert "attls-unreadable" not in ids(policy(rule(f"LocalAddr {address}")))


def test_many_rules_alike_are_not_told_of_each_with_each() -> None:
    def overlaps(count: int) -> list[str]:
        rules = {f"r{n:03}": ["Direction Inbound", "Jobname CICS", f"TTLSGroupActionRef x{n}"] for n in range(count)}
        found = attls_findings({"stack": policy(rules), "common": ""}, "3.1")
        return [one["message"] for one in found if one["id"] == "attls-overlap"]

    assert len(overlaps(21)) == 21 * 20 / 2
    assert len(overlaps(25)) == 25 * 24 / 2 - (1 + 2 + 3 + 4) + 4
    assert "TTLSRule r024 and 4 more rules can match the same connection with the same priority 1." in overlaps(25)
