# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write docs/findings: a page for each finding, from its card and the first cases of its tests, and a list of all.

python tests/utils/findings_pages.py     all pages
"""

from __future__ import annotations

import html
import sys
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "unit" / "attls"))

from match_world import policy  # noqa: E402

from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import cards, standards  # noqa: E402
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.cards import Card, Reference  # noqa: E402

FOLDER = ROOT / "docs" / "findings"
Case = Mapping[str, Any]
HEAD = """<!-- SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
     SPDX-License-Identifier: GPL-3.0-or-later
     Made by tests/utils/findings_pages.py -->
"""
# What is looked at, who looks, and the table of cases.
GROUPS = (
    ("Servers", "server_config_info", cards.SERVER, "posture/findings.yml"),
    (
        "Servers, reported only for a standard that asks for it",
        "server_config_info",
        cards.ASKED,
        "posture/asked_findings.yml",
    ),
    ("Key stores and rings", "keystore_info", cards.KEYS, "posture/key_findings.yml"),
    (
        "Key stores, reported only for a standard that asks for it",
        "keystore_info",
        cards.ASKED_OF_KEYS,
        "posture/asked_key_findings.yml",
    ),
    ("AT-TLS policies", "attls_findings", cards.ATTLS, "attls/cases/findings.yml"),
    ("Ports on the wire", "tls_probe", cards.WIRE, "posture/wire_findings.yml"),
)
# What a case may say beside the configuration, in the words of whoever reads it.
_SAID = {
    "mode": "mode of the files",
    "attls_ports": "ports behind AT-TLS",
    "attls_targets": "endpoint connections in front of AT-TLS",
    "attls": "option attls",
    "running": "what the running server reports",
    "held": "what the entry has",
    "place": "what the store has",
    "takes": "what the port takes",
    "release": "release of z/OS",
    "apars": "APARs",
    "common": "common policy",
    "pagent": "main configuration of the Policy Agent",
}
# Lines of a policy that are shown before and behind the one that a finding names.
_BEFORE, _BEHIND = 6, 3


def tables() -> dict[str, dict[str, list[Case]]]:
    """Return the cases by the id of the finding, those that fire and those that do not."""
    found: dict[str, dict[str, list[Case]]] = {}
    for _title, _by, _cards, name in GROUPS:
        found |= yaml.safe_load((ROOT / "tests" / "unit" / name).read_text(encoding="utf-8"))
    return found


def pages() -> dict[str, str]:
    """Return the name and the text of each page."""
    known = tables()
    made = {f"{card.id}.md": page(card, by, known[card.id]) for _title, by, group, _name in GROUPS for card in group}
    return {"README.md": index(), **made}


def index() -> str:
    parts = [HEAD, "# Findings\n\n", "All findings, each with what to do and an example. "]
    parts.append("[EXPLAIN.md](../EXPLAIN.md) says how they are made, accepted and counted.\n")
    for title, by, group, _name in GROUPS:
        parts.append(f"\n## {title} ({by})\n\n| finding | severity | in short |\n|---|---|---|\n")
        parts += [f"| [{card.id}]({card.id}.md) | {card.severity} | {prose(card.title)} |\n" for card in group]
    return "".join(parts)


def page(card: Card, by: str, cases: Mapping[str, list[Case]]) -> str:
    """Return one page: what people are told about the finding, a case that fires, and one that looks like it."""
    fires, silent = cases["fires"][0], cases["silent"][0]
    blocks = [
        f"{HEAD}# {card.id}: {prose(card.title)}",
        f"Severity {card.severity}, found by `{by}`.",
        prose(card.why),
        f"**What to do:** {prose(card.action)}",
        "## Found here",
        *shown(fires, fires),
        fenced("text", f"{card.severity} {card.id} at {place(fires)}: {fires['message']}"),
    ]
    if remedy := fires.get("remedy"):
        blocks += ["The remedy, as input:", fenced("yaml", dumped(remedy))]
    blocks += ["## Not found here", *shown(silent, fires), "## Source", f"{prose(card.source)}."]
    if card.references:
        blocks += ["## Standards", "\n".join(map(reference, card.references))]
    return "\n\n".join(blocks) + "\n"


def reference(one: Reference) -> str:
    rule = next(rule for rule in standards.RULES[one.standard] if rule.id == one.id)
    note = f" {prose(one.note)}" if one.note else ""
    return f"* {cards.STANDARDS[one.standard]}, {one.id}: {prose(rule.title)}.{note}"


def place(case: Case) -> str:
    return str(case["at"] if "at" in case else case["place"])


def shown(case: Case, fires: Case) -> Iterator[str]:
    """Yield what a case looks like; of a policy the lines around the place that the finding names."""
    if "name" in case:
        yield prose(f"{case['name'][0].upper()}{case['name'][1:]}.")
    if "xml" in case:
        text = f"{case.get('before', '')}<server>\n{case['xml'].strip()}\n</server>{case.get('after', '')}"
        yield fenced("xml", text)
        for path, content in case.get("files", {}).items():
            yield f"`{path}`:"
            yield fenced("text", content)
    if "rules" in case and place(fires).startswith("policy.txt:"):
        yield fenced("text", _excerpt(case, fires))
    # The place of a finding is "at" for key stores, whose cases say by "place" what the store has.
    said = {word: case[key] for key, word in _SAID.items() if case.get(key) and (key != "place" or "at" in fires)}
    for word, value in said.items():
        yield f"{word[0].upper()}{word[1:]}:"
        yield fenced("text", value) if isinstance(value, str) else fenced("yaml", dumped(value))
    if "at" in fires and not said:
        yield "One that is in order."


def _excerpt(case: Case, fires: Case) -> str:
    """Return the rules of a policy where a finding is in one, else the lines around the one that it names."""
    whole = policy(case["rules"], case.get("more", ""))
    for old, new in (case.get("replace", ("", "")), case.get("replaces", ("", ""))):
        whole = whole.replace(old, new, 1)
    rules, line = whole.partition("TTLSGroupAction ")[0], int(place(fires).rpartition(":")[2])
    if line <= rules.count("\n"):
        return rules
    return textwrap.dedent("\n".join(whole.splitlines()[max(0, line - _BEFORE) : line + _BEHIND]))


def prose(text: str) -> str:
    """Return a text that Markdown shows as it is."""
    return html.escape(text, quote=False)


def dumped(value: object) -> str:
    return yaml.safe_dump(value, sort_keys=False, allow_unicode=True)


def fenced(language: str, text: str) -> str:
    lines = text.strip("\n")
    return f"```{language}\n{lines}\n```"


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    made = pages()
    for name, text in made.items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    for old in FOLDER.glob("*.md"):
        if old.name not in made:
            old.unlink()


if __name__ == "__main__":
    main()
