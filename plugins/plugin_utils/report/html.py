# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A site as one HTML page: the verdict and the picture first, then what to do, then everything with its place."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup, escape

from ansible_collections.zosconnect.security.plugins.plugin_utils.hints import clean
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.cards import (
    ASKED,
    ASKED_OF_KEYS,
    CARDS,
    SEVERITIES,
    STANDARDS,
    Card,
    Reference,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.standards import (
    FAIL,
    NOT_APPLICABLE,
    NOT_SEEN,
    PASS,
    RULES,
    Row,
    counts,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.report import evidence, page, picture, summary
from ansible_collections.zosconnect.security.plugins.plugin_utils.report.site import (
    EXPLAINED,
    Call,
    Certificate,
    File,
    Finding,
    Json,
    Place,
    Port,
    Requester,
    Server,
    Site,
    place_of,
)

_FIRST = 5  # things to do first, at most
_SERIOUS = SEVERITIES[:2]
_SAFE = {True: "✓ yes", False: "✕ NO", None: "? not known"}
_SERVER_SAFE = {True: "✓ safe", False: "✕ NOT SAFE", None: "? not known"}
_CERTIFICATE = {"required": "required", "supported": "accepted", "none": "not asked for", "unknown": "? not known"}
_PROTECTION = {
    "jsse": "TLS by the server (JSSE)",
    "attls": "TLS by AT-TLS",
    "clear": "✕ clear text",
    "unknown": "? not known",
}
Tables = dict[str, tuple[str, tuple[str, ...]]]
# Caption and columns of each table.
_TABLES: Tables = {
    "servers": (
        "All servers, worst first",
        ("Server", "Verdict", "High", "Medium", "API requesters", "First certificate ends"),
    ),
    "requesters": (
        "Who may call in clear text, and which line says so",
        ("API requester", "Safe?", "Ports", "What is so", "By"),
    ),
    "ports": ("What each port really does", ("Port", "Protection", "Client certificate", "What is so", "By")),
    "calls": ("What the server calls, and how", ("Connection", "Address", "Protection", "What is so", "By")),
    "certificates": ("By the days that they have left", ("Certificate", "Ends", "Where", "Key", "Issuer")),
    "waivers": ("Findings that somebody accepts", ("Finding", "Owner", "Until", "Why", "Where")),
    "files": ("Files and their SHA-256", ("File", "SHA-256", "Mode, owner, encoding")),
    "standards": (
        "How many rules of each standard are kept",
        ("Standard", *(state.capitalize() for state in counts(()))),
    ),
    "rules": ("What is broken first, then what was not seen", ("Rule", "State", "Findings, or why", "Note")),
    "broken": ("By how many servers a rule is broken", ("Rule", "Standard", "Servers")),
}
_KEPT = f"How many rules of each standard are: {' / '.join(counts(()))}"
# The states of a rule in the order in which people ask.
_STATES = {FAIL: "✕ FAIL", NOT_SEEN: "? not seen", PASS: "✓ pass", NOT_APPLICABLE: "not applicable"}
_ALWAYS = "Who calls, and how their side does TLS, stands in no file of a server."

_LONG = re.compile(r"(\S{20,})")
# Texts in JSON, keys too, and what Ansible takes for a template in them.
_STRING, _TEMPLATE = re.compile(r'"(?:[^"\\]|\\.)*"'), re.compile(r"\{[{%#]")
_PARTS = re.compile(r"[^/.]{1,16}[/.]?|[/.]")

View = dict[str, Any]
# Findings that are told under the rule of a standard alone, by their ids.
_ONLY_ASKED = {card.id for card in (*ASKED, *ASKED_OF_KEYS)}


def render(site: Site) -> str:
    """Return the page; the same site makes the same bytes."""
    servers = [_server(server, f"s{number}") for number, server in enumerate(summary.worst_first(site), 1)]
    many = len(servers) != 1
    whole = _fleet(servers) if many else _alone(site.servers[0], servers[0])
    general = _general(servers)
    for one in servers:
        one["unseen"] += [said for said in one["not_seen"] if said not in general]
    groups = [group for one in servers for group in one["groups"]]
    cards = {group["id"]: group["card"] for group in groups}
    told = [STANDARDS[name] for name in RULES if any(name in one.standards for one in site.servers)]
    tables = {**_TABLES, "kept": (_KEPT, ("Server", *told))}
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    environment.filters |= {"soft": _soft, "rule": _rule, "text": _text}
    text: str = environment.from_string(page.PAGE).render(
        **whole,
        servers=servers,
        many=many,
        cards=[cards[identity] for identity in sorted(cards)] if many else (),
        kept=[_kept(one) for one in servers if one["standards"]],
        broken=list(_broken(site.servers)),
        unseen=[*general, _ALWAYS],
        baseline=site.baseline_time,
        time=site.time,
        version=site.collection_version,
        tables=tables,
        legend=[(Markup(mark), said) for mark, said in picture.LEGEND],
        style=Markup(page.STYLE + picture.STYLE + _labels(tables)),
        symbols=Markup(picture.symbols("".join(one["picture"] for one in servers))),
    )
    return f"{text}\n"


def remedies(findings: Iterable[Finding]) -> list[str]:
    """Return a task to paste for each file, and sentences where people must do something."""
    by_file: dict[str, list[Json]] = {}
    sentences: list[str] = []
    for finding in findings:
        for remedy in finding.remedy:
            if "element" in remedy:
                known = by_file.setdefault(finding.place.source, [])
                known += [] if remedy in known else [remedy]
            else:
                sentences.append(clean(remedy["do"]) if "do" in remedy else _json(remedy))
    return [*(_task(path, elements) for path, elements in by_file.items()), *dict.fromkeys(sentences)]


def _task(path: str, elements: Sequence[Json]) -> str:
    """A task in YAML, each element in JSON, which YAML reads as well.

    A name that looks like a template is never evaluated: whoever writes the configuration chooses it.
    """
    lines = ["- zosconnect.security.server_xml:", f"    path: {_literal(path)}", "    elements:"]
    return "\n".join(lines + [f"      - {_literal(element)}" for element in elements])


def _literal(value: object) -> str:
    return _STRING.sub(lambda text: f"!unsafe {text[0]}" if _TEMPLATE.search(text[0]) else text[0], _json(value))


def _json(value: object) -> str:
    """JSON in which nothing steers a terminal or a browser: YAML reads the codes of such characters."""
    return clean(json.dumps(value, ensure_ascii=False))


def _labels(tables: Tables) -> str:
    """The style that on a narrow screen says before each cell what it is."""
    rules = [
        f'.{kind} td:nth-child({number})::before{{content:"{name}: "}}'
        for kind, (_title, columns) in tables.items()
        for number, name in enumerate(columns[1:], 2)
        if name != "What is so"
    ]
    return f"@media (max-width:40rem){{{''.join(rules)}}}"


def _soft(text: object) -> object:
    """Return a text whose long words may be broken, between their parts where they have some."""
    if isinstance(text, Markup) or not _LONG.search(str(text)):
        return text
    words = _LONG.split(str(text))
    return Markup("").join(
        Markup("<wbr>").join(_PARTS.findall(word)) if number % 2 else word for number, word in enumerate(words)
    )


def _text(text: str) -> Markup:
    """Return a text that stands between tags, where quotes need no code; it is shorter so."""
    return Markup(str(escape(text)).replace("&#34;", '"'))


def _rule(reference: Reference) -> str:
    """Return a rule of a standard, and where the finding differs from it."""
    otherwise = " asks otherwise" if reference.contrary else ""
    note = f" ({reference.note})" if reference.note else ""
    return f"{STANDARDS[reference.standard]} {reference.id}{otherwise}{note}"


def _code(text: object, before: str = "") -> Markup:
    return Markup("{}<code>{}</code>").format(_soft(f"{before} ") if before else "", _soft(text))


# The whole.


def _fleet(servers: Sequence[View]) -> View:
    """What stands above all servers when there are many, or none."""
    unsafe, unknown, safe = (sum(one["safe"] is each for one in servers) for each in summary.ORDER)
    told = {"not safe": unsafe, "not known": unknown, "safe": safe}
    said = ", ".join(f"{number} {word}" for word, number in told.items() if number)
    high, medium, number = (sum(one[name] for one in servers) for name in ("high", "medium", "number"))
    return {
        "title": f"z/OS Connect security: {len(servers)} servers",
        "safe": False if unsafe else None if unknown or not servers else True,
        "sentence": f"{len(servers)} servers: {said}." if servers else "There is no server.",
        "counts": [
            _count(len(servers), "servers", "servers"),
            _count(high, "findings of high severity", "servers", "high"),
            _count(medium, "of medium severity", "servers", "medium"),
            _count(number, "API requesters", "servers"),
        ],
        "rows": [_in_fleet(one) for one in servers],
    }


def _in_fleet(one: View) -> list[object]:
    link = Markup('<a href="#{}">{}</a>').format(one["anchor"], one["host"])
    verdict = Markup("<b>{}</b> {}").format(_SERVER_SAFE[one["safe"]], _soft(one["sentence"]))
    counts = [one[each] for each in ("high", "medium", "number")] if one["explained"] else ["?"] * 3
    return [link, verdict, *counts, one["ends"] or "?"]


def _sentence(said: str) -> str:
    """End what is said with one full stop: a reason may be a sentence already."""
    return f"{said.removesuffix('.')}."


def _alone(server: Server, view: View) -> View:
    """What stands above the only server."""
    anchor = view["anchor"]
    number = {each: summary.open_ones(server, each) for each in SEVERITIES}
    counts = [
        _count(count, f"{severity} finding{'s' * (count != 1)}", f"{anchor}-findings", severity)
        for severity, count in number.items()
        if count or severity in _SERIOUS
    ]
    ends = f", first ends {view['ends']}" if view["ends"] else ""
    more = {
        "requesters": (len(server.requesters), "API requester", ""),
        "ports": (len(server.ports), "port", ""),
        "calls": (len(server.calls), "call", ""),
        "certificates": (len(server.certificates), "certificate", ends),
        "waivers": (len(view["waivers"]), "waiver", ""),
    }
    counts += [
        _count(count, f"{what}{'s' * (count != 1)}{rest}", f"{anchor}-{name}")
        for name, (count, what, rest) in more.items()
        if count
    ]
    return {
        "title": f"z/OS Connect security: {server.host}",
        "safe": server.safe,
        "sentence": _sentence(f"{server.host}: {view['reason']}"),
        "counts": counts if view["explained"] else [],
    }


def _count(number: int, what: str, to: str, kind: str = "") -> View:
    return {"number": f"{number:,}", "what": what, "to": to, "kind": kind if number else ""}


def _general(servers: Sequence[View]) -> list[str]:
    """What was not looked at on any server that was explained."""
    said = [one["not_seen"] for one in servers if one["explained"]]
    return [each for each in said[0] if all(each in others for others in said)] if said else []


def _kept(one: View) -> list[object]:
    """Return how many rules a server keeps, as a row."""
    link = Markup('<a href="#{}">{}</a>').format(one["anchor"], one["host"])
    return [link, *(" / ".join(map(str, numbers)) for _standard, *numbers in one["standards"])]


def _broken(servers: Sequence[Server]) -> Iterator[list[object]]:
    """Yield each rule that a server breaks, and by how many it is broken."""
    broken = Counter(
        (name, row.rule)
        for server in servers
        for name, rows in server.standards.items()
        for row in rows
        if row.state == FAIL
    )
    for name, rules in RULES.items():
        for rule in rules:
            if number := broken[name, rule]:
                yield [f"{rule.id} {rule.title}", STANDARDS[name], number]


# One server.


def _server(server: Server, anchor: str) -> View:
    open_ones = [one for one in server.findings if not one.waived]
    groups = [
        _group(server, list(found), anchor) for _key, found in groupby(open_ones, lambda one: (one.severity, one.id))
    ]
    certificates = summary.by_days(server)
    reason = server.verdict.partition(": ")[2]
    ends = next((summary.ends(one) for one in certificates if one.days_left is not None), "")
    return {
        "anchor": anchor,
        "host": server.host,
        "server_dir": server.server_dir,
        "explained": server.state == EXPLAINED,
        "safe": server.safe,
        "verdict": server.verdict,
        "reason": reason,
        "sentence": _sentence(f"{reason[:1].upper()}{reason[1:]}"),
        "picture": Markup(picture.picture(server)) if server.state == EXPLAINED else "",
        "groups": groups,
        "first": list(_first(server, groups, certificates, anchor)),
        "no_certificates": "In key stores that could be read there is none."
        if "keys" in server.looked_at
        else "Key stores were not looked at.",
        "unseen": list(server.unseen),
        "not_seen": list(_not_seen(server)),
        "changes": _changes(server),
        "gone": [_found(server, one) for one in server.gone],
        "standards": [[STANDARDS[name], *counts(rows).values()] for name, rows in server.standards.items()],
        "rules": [(STANDARDS[name], list(_rules(rows, groups))) for name, rows in server.standards.items()],
        "number": len(server.requesters),
        "ends": ends,
        **{each: summary.open_ones(server, each) for each in _SERIOUS},
        **_rows(server, certificates),
    }


def _rows(server: Server, certificates: Sequence[Certificate]) -> View:
    def short(place: object) -> str:
        return picture.short(server, place)

    return {
        "requesters": list(_requesters(server)),
        "ports": [_port(short, one) for one in server.ports],
        "calls": [_call(short, one) for one in server.calls],
        "certificates": [_certificate(short, one) for one in certificates],
        "waivers": [_waiver(short, one) for one in (*server.findings, *_only_asked(server)) if one.waiver],
        "files": [_file(short, one) for one in server.files],
    }


def _group(server: Server, found: Sequence[Finding], anchor: str) -> View:
    """All findings of one kind, as one card."""
    one = found[0]
    card = CARDS.get(one.id) or Card(one.id, one.id, one.severity, one.why, one.source, one.action or "")
    return {
        "id": one.id,
        "anchor": f"{anchor}-{one.id}-{one.severity}",
        "severity": one.severity,
        "card": card,
        "places": [_found(server, each) for each in found],
        "remedies": remedies(found),
    }


def _found(server: Server, one: Finding) -> View:
    return {
        "message": picture.short(server, one.message),
        "place": picture.short(server, one.place),
        "excerpt": one.excerpt,
        "tag": "waiver expired" if one.expired else "new" if one.change == "new" else "",
    }


def _first(server: Server, groups: Sequence[View], certificates: Sequence[Certificate], anchor: str) -> Iterator[View]:
    """Yield what is to be done first."""
    serious = [one for one in groups if one["severity"] in _SERIOUS]
    for one in serious[:_FIRST]:
        found, more = one["places"][0], len(one["places"]) - 1
        what = f"{found['message']}{f' And {more} more.' if more else ''}"
        paste = " There is a remedy to paste." if any(each.startswith("- ") for each in one["remedies"]) else ""
        yield _to_do(what, one["anchor"], one["severity"], found["place"], f"{one['card'].action}{paste}")
    if len(serious) > _FIRST:
        more = len(serious) - _FIRST
        kinds = f"{more} more kind{'s' * (more != 1)} of findings"
        yield _to_do(f"{kinds} of high or medium severity", f"{anchor}-findings")
    if ending := [one for one in certificates if one.days_left is not None and one.days_left < summary.SOON]:
        names = ending[0].alias + (f" and {len(ending) - 1} more" if ending[1:] else "")
        yield _to_do(f"Renew certificate {names}: ends {summary.ends(ending[0])}.", f"{anchor}-certificates")
    if server.unseen:
        yield _to_do("Let the report see all: some files could not be read.", f"{anchor}-unseen")


def _to_do(what: str, to: str, severity: str = "", place: str = "", how: str = "") -> View:
    return {"severity": severity, "what": what, "to": to, "place": place, "how": how}


def _rules(rows: Sequence[Row], groups: Sequence[View]) -> Iterator[list[object]]:
    """Yield the rules of a standard, those that are broken first."""
    anchors = {group["id"]: group["anchor"] for group in reversed(groups)}
    states = list(_STATES)
    for row in sorted(rows, key=lambda one: states.index(one.state)):
        found: dict[str, list[str]] = {}
        for finding in row.findings:
            found.setdefault(finding["id"], []).append(finding["message"])
        yield [
            f"{row.rule.id} {row.rule.title}{f' ({row.rule.severity})' if row.rule.severity else ''}",
            _STATES[row.state] + (", accepted" if row.accepted else ""),
            Markup(", ").join(_to_finding(identity, said, anchors.get(identity)) for identity, said in found.items())
            or f"{row.why}{f' What would show it: {row.shown_by}' if row.shown_by else ''}",
            " ".join(row.notes),
        ]


def _to_finding(identity: str, messages: Sequence[str], anchor: str | None) -> Markup:
    """Return a finding's name, with a link unless all of its kind are accepted; of one that is told only here, all."""
    if anchor:
        return Markup('<a href="#{}">{}</a>').format(anchor, identity)
    said = f": {' '.join(dict.fromkeys(messages))}" if identity in _ONLY_ASKED else ""
    return Markup("{}{}").format(identity, said)


def _requesters(server: Server) -> Iterator[list[object]]:
    """Yield a row for those of which the same is true by the same line, the unsafe first."""

    def alike(one: Requester) -> tuple[object, ...]:
        return summary.ORDER[one.safe], str(one.decided_at), one.scope, one.verdict, one.ports, one.waived, one.kind

    for _key, found in groupby(sorted(server.requesters, key=alike), alike):
        which = list(found)
        one = which[0]
        yield [
            ", ".join(each.name for each in which),
            _SAFE[one.safe] + (", waived" if one.waived and one.safe is False else ""),
            ", ".join(map(str, one.ports)) or "none",
            picture.short(server, one.verdict),
            _code(picture.short(server, one.decided_at), "" if one.scope == "default" else one.scope),
        ]


Short = Callable[[object], str]


def _port(short: Short, one: Port) -> list[object]:
    return [
        f"{one.number or 'any'} {one.endpoint} ({one.host})",
        _PROTECTION[one.protection],
        _CERTIFICATE[one.client_certificate],
        short(one.verdict) + _callers(one),
        _code(short(one.place)),
    ]


def _callers(port: Port) -> str:
    """Say who is declared to call a port."""
    how = {"attls": "TLS by AT-TLS", "jsse": "TLS of its own"}
    said = [f"{one.name} ({one.kind}, {how.get(one.protection, '')})" for one in port.callers]
    return f"; declared callers: {', '.join(said)}" if said else ""


def _call(short: Short, one: Call) -> list[object]:
    return [one.id, one.url, _PROTECTION[one.protection], short(one.verdict), _code(short(one.place))]


def _certificate(short: Short, one: Certificate) -> list[object]:
    soon = one.days_left is not None and one.days_left < summary.SOON
    day = f" ({one.not_after[:10]})" if one.not_after else ""
    size, signed = (f" {one.size}" if one.size else ""), (f", {one.signature}" if one.signature else "")
    return [
        one.subject or one.alias,
        Markup('<b class="high">{}</b>').format(summary.ends(one) + day) if soon else summary.ends(one) + day,
        _code(short(Place(one.store)), one.alias + (" with its key in" if one.has_key else " in")),
        f"{one.key or '? not known'}{size}{signed}",
        one.issuer or "",
    ]


def _only_asked(server: Server) -> Iterator[Finding]:
    """Yield what is told under rules of standards alone."""
    for one in evidence.asked(server):
        texts = one["id"], one["severity"], place_of(one["origin"]), one["message"]
        waiver, waived = one["waiver"], one["waived"]
        yield Finding(*texts, waiver=waiver, waived=waived, expired=bool(waiver) and not waived)


def _waiver(short: Short, one: Finding) -> list[object]:
    waiver = one.waiver or {}
    until = waiver.get("expires", "no end")
    return [
        f"{one.severity}: {short(one.message)}",
        waiver.get("owner", ""),
        Markup('<b class="high">{} is over</b>').format(until) if one.expired else until,
        " ".join(filter(None, [waiver.get("reason"), waiver.get("ticket")])),
        _code(short(one.place)),
    ]


def _file(short: Short, one: File) -> list[object]:
    look = ", ".join(each for each in (one.mode, one.owner, one.encoding) if each)
    return [_code(short(one.path)), _code(one.sha256), look]


def _not_seen(server: Server) -> Iterator[str]:
    """Say what nobody looked at."""
    if server.refused:
        yield f"Liberty refuses the configuration, so it has no effect: {server.refused}"
    if "keys" not in server.looked_at:
        yield "Key stores and key rings: no certificate was looked at."
    if not server.result.get("running"):
        yield "The running server was not asked: this is what its files say."
    if not server.probes:
        yield "No port was called: this is what the configuration makes of them."


def _changes(server: Server) -> str:
    new, same = (sum(one.change == change for one in server.findings) for change in ("new", "unchanged"))
    return f"{new} findings are new, {len(server.gone)} are gone, {same} are as before."
