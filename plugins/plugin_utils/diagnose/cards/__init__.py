# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""All cards: the messages that are known."""

from __future__ import annotations

from ansible_collections.zosconnect.security.plugins.plugin_utils.diagnose.card import Card
from ansible_collections.zosconnect.security.plugins.plugin_utils.diagnose.cards import (
    attls,
    callers,
    handshakes,
    listening,
    probed,
    saf,
    stores,
    trust,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.diagnose.messages import Message

CARDS: tuple[Card, ...] = (
    *callers.CARDS,
    *trust.CARDS,
    *stores.CARDS,
    *handshakes.CARDS,
    *listening.CARDS,
    *saf.CARDS,
    *attls.CARDS,
    *probed.CARDS,
)
_BY_NAME = {(identity, code): card for card in CARDS for identity in card.ids for code in card.codes or ("",)}
# Messages whose causes are in key stores.
ABOUT_STORES = frozenset(
    identity for room in (trust, stores, handshakes) for card in room.CARDS for identity in card.ids
)


def find(message: Message) -> Card | None:
    """Return the card of a message: the one of its code, or one of all codes."""
    return _BY_NAME.get((message.id, message.code)) or _BY_NAME.get((message.id, ""))
