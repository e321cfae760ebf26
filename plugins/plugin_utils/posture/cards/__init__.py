# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The cards of all findings: rules, exports, pages and tests are made from them.

To add one: its card in a module here, its rule in ``posture/rules`` or ``attls/rules``, its cases in a table of tests.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.cards import (
    access,
    asked,
    attls,
    config,
    groups,
    hardening,
    keys,
    tls,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.cards.card import (
    SEVERITIES,
    STANDARDS,
    Card,
    Reference,
)

__all__ = [
    "ASKED",
    "ASKED_OF_KEYS",
    "ATTLS",
    "CARDS",
    "KEYS",
    "SERVER",
    "SEVERITIES",
    "STANDARDS",
    "WIRE",
    "Card",
    "Reference",
]

# What is looked at: a server's configuration (also what only a standard asks for), its key stores, the policies of its
# stack, its ports.
SERVER = (*tls.CARDS, *groups.SERVER, *access.CARDS, *hardening.CARDS, *config.CARDS)
ASKED, ASKED_OF_KEYS = asked.SERVER, asked.KEYS
KEYS = keys.CARDS
ATTLS = (*attls.CARDS, *groups.ATTLS)
WIRE = groups.WIRE
CARDS: Mapping[str, Card] = MappingProxyType(
    {card.id: card for card in (*SERVER, *ASKED, *ASKED_OF_KEYS, *KEYS, *ATTLS, *WIRE)}
)
