# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Cards: each finding has one, with cases of its own, and their pages in docs/findings are current."""

from __future__ import annotations

import pytest

from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import cards, findings, standards
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.cards import CARDS, Card
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.rules import asked, attls, groups, keys
from tests.utils import findings_pages

RULES = (*findings.RULES, *asked.RULES, *asked.OF_KEYS, *keys.RULES, *attls.RULES, *groups.WIRE)
TABLES = findings_pages.tables()
PAGES = findings_pages.pages()
_LONGEST = {"title": 60, "why": 250, "action": 250}


def test_each_finding_has_one_card() -> None:
    in_order = [*cards.SERVER, *cards.ASKED, *cards.ASKED_OF_KEYS, *cards.KEYS, *cards.ATTLS, *cards.WIRE]
    assert sorted(rule.id for rule in RULES) == sorted(card.id for card in in_order) == sorted(CARDS) == sorted(TABLES)
    assert [rule.id for rule in RULES if rule.card is not CARDS[rule.id]] == []
    titles = [card.title for card in in_order]
    assert sorted(titles) == sorted(set(titles))
    for group, rules in (
        (cards.SERVER, findings.RULES),
        (cards.ASKED, asked.RULES),
        (cards.ASKED_OF_KEYS, asked.OF_KEYS),
        (cards.KEYS, keys.RULES),
        (cards.ATTLS, attls.RULES),
        (cards.WIRE, groups.WIRE),
    ):
        assert {card.id for card in group} == {rule.id for rule in rules}


@pytest.mark.parametrize("card", CARDS.values(), ids=lambda card: card.id)
class TestCards:
    def test_it_says_all_in_plain_words(self, card: Card) -> None:
        assert card.severity in cards.SEVERITIES
        for name, longest in _LONGEST.items():
            text = getattr(card, name)
            assert 0 < len(text) <= longest, name
            assert text == " ".join(text.split()), name
        assert card.title[0].isupper()
        assert card.action[0].isupper()
        assert not card.title.endswith((".", ":"))
        assert card.why.endswith(".")
        assert card.action.endswith(".")
        assert card.source
        assert not card.source.endswith(".")

    def test_standards_have_the_rules_that_it_refers_to(self, card: Card) -> None:
        assert [one for one in card.references if one.id not in {r.id for r in standards.RULES[one.standard]}] == []
        assert len({(one.standard, one.id) for one in card.references}) == len(card.references)

    def test_it_has_a_case_that_fires_and_an_innocent_twin(self, card: Card) -> None:
        assert TABLES[card.id]["fires"]
        assert TABLES[card.id]["silent"]

    def test_its_page_is_current(self, card: Card) -> None:
        path = findings_pages.FOLDER / f"{card.id}.md"
        current = path.read_text(encoding="utf-8") if path.exists() else ""
        assert current == PAGES[f"{card.id}.md"], "run python tests/utils/findings_pages.py"


def test_the_list_is_current_and_no_page_is_left_over() -> None:
    there = {path.name for path in findings_pages.FOLDER.glob("*.md")}
    assert there == set(PAGES), "run python tests/utils/findings_pages.py"
    assert (findings_pages.FOLDER / "README.md").read_text(encoding="utf-8") == PAGES["README.md"]
