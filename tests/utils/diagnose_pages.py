# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write the table of docs/DIAGNOSE.md between two markers, and a page for each card, from the cards of diagnose.

python tests/utils/diagnose_pages.py
"""

from __future__ import annotations

import re
from pathlib import Path

from ansible_collections.zosconnect.security.plugins.plugin_utils.diagnose.card import Card, Cause
from ansible_collections.zosconnect.security.plugins.plugin_utils.diagnose.cards import CARDS

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "DIAGNOSE.md"
FOLDER = ROOT / "docs" / "messages"
BEGIN, END = "<!-- cards: made by tests/utils/diagnose_pages.py -->\n", "<!-- end of cards -->\n"
HEAD = """<!-- SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
     SPDX-License-Identifier: GPL-3.0-or-later -->
<!-- made by tests/utils/diagnose_pages.py -->
"""


def name(card: Card) -> str:
    """Return the name of a card's page."""
    return re.sub(r"[^A-Za-z0-9]+", "-", " ".join((card.ids[0], *card.codes[:1])))


def table(cards: tuple[Card, ...] = CARDS) -> str:
    """Return the table of all cards."""
    rows = ["| message | meaning | causes that diagnose tells apart |", "|---|---|---|"]
    for card in cards:
        causes = "; ".join(cause.title for cause in card.causes)
        rows.append(f"| [{card.title}](messages/{name(card)}.md) | {card.means} | {causes} |")
    return "\n".join(rows) + "\n"


def page(card: Card) -> str:
    """Return the page of one card."""
    rows = [f"| `{cause.id}` | {cause.title} | {_decided(cause)} | {cause.team} |" for cause in card.causes]
    causes = "\n".join(["| cause | what it is | decided by | owner |", "|---|---|---|---|", *rows])
    return (
        f"{HEAD}# {card.title}\n\n{card.means}\n\n{causes}\n\n"
        f"If no cause is decided: {card.next}\n\nSource: {card.source}.\n\n"
        "How to ask, and what the answer means: [DIAGNOSE.md](../DIAGNOSE.md).\n"
    )


def _decided(cause: Cause) -> str:
    return cause.decided_by.replace("|", "\\|")


def current() -> dict[Path, str]:
    """Return the text of each page as it should be."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    return {
        PAGE: f"{before}{BEGIN}\n{table()}\n{END}{after}",
        **{FOLDER / f"{name(card)}.md": page(card) for card in CARDS},
    }


def main() -> None:
    """Write all pages, and take away those of cards that are gone."""
    pages = current()
    FOLDER.mkdir(exist_ok=True)
    for path in set(FOLDER.glob("*.md")) - set(pages):
        path.unlink()
    for path, text in pages.items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
