# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A server drawn as in IBM's figures "API requester confidentiality and integrity", with its own names.

Two halves that stand side by side, or one below the other on a narrow screen: who calls the server (Figure 1), and what
it calls (Figure 2). Each mark has one meaning and is always drawn; none is told by colour alone. A title says why each
line looks as it does.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby, product

from ansible_collections.zosconnect.security.plugins.plugin_utils.report.site import (
    Call,
    ClientCertificate,
    Port,
    Protection,
    Requester,
    Server,
)

# Units of the drawing, at full size one pixel each.
WIDTH = 480
_HEAD, _ROW, _NODE, _MIDDLE = 30, 78, 46, 23
_CALLER, _PORT, _SERVER = (2, 150), (246, 90), (336, 144)  # from the left edge: where it begins, how wide
_STRIP, _CONNECTION, _ENDPOINT = 34, (30, 158), (282, 196)
_LETTER, _SMALL = 8.8, 7.0  # the mean width of one in a name and in a line below it
# More rows than that are drawn as one for each kind.
_ROWS = 8
_NAMED = 3

_KINDS = {
    "zosconnect_endpointConnection": "endpoint",
    "zosconnect_authorizationServer": "token server",
    "zosconnect_zosConnectServiceRestClientConnection": "service",
    "zosconnect_db2Connection": "Db2",
}
_PROTECTED = {
    "jsse": "TLS by the server",
    "attls": "TLS by AT-TLS",
    "clear": "clear text",
    "unknown": "not known",
}

# Without ancestors: what is used does not see those of the place where it is used.
STYLE = """\
svg{--ink:#16202c;--soft:#4c5a68;--paper:#fff;--node:#f2f5f8;--edge:#8593a1;--good:#0b5f8a;--bad:#b3261e;
--doubt:#7a5900;font-family:system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",Arial,sans-serif}
@media (prefers-color-scheme:dark){svg{--ink:#e8edf2;--soft:#aab7c4;--paper:#12181f;--node:#1e2832;--edge:#6d7b89;
--good:#7cc4f0;--bad:#ff8a80;--doubt:#f0c05a}}@media print{svg{--ink:#000;--soft:#333;--paper:#fff;--node:#f5f5f5;
--edge:#666;--good:#0b5f8a;--bad:#b3261e;--doubt:#7a5900}}text{font-size:14px;fill:var(--ink)}.s{font-size:12px;
fill:var(--soft)}.h{font-size:12px;fill:var(--soft);letter-spacing:.03em}.b{font-weight:650}.n{fill:var(--node);
stroke:var(--edge)}.w{fill:var(--paper);stroke:var(--edge)}.l{fill:none;stroke:currentColor;stroke-width:2}.f{
fill:currentColor}.t{stroke-dasharray:1 4;stroke-linecap:round}.d{stroke-dasharray:8 5}.jsse,.attls{
color:var(--good)}.clear,.x{color:var(--bad)}.unknown,.q{color:var(--doubt)}.q text,.x text{fill:currentColor;
font-weight:700}
"""
# A lock of 12 by 14.
_LOCK = (
    '<symbol id="zl" viewBox="0 0 12 14"><path fill="none" stroke="currentColor" stroke-width="1.8" '
    'd="M3 6.5V4a3 3 0 0 1 6 0v2.5"/><rect fill="currentColor" x="1" y="6" width="10" height="7.5" rx="1.5"/></symbol>'
)


@dataclass(frozen=True)
class Line:
    """One line of the drawing, and the two nodes at its ends, each with a name and a line below it.

    ``near`` is at the server, ``far`` at the other system. ``protection`` is what is done at the server,
    ``far_protection`` at the other end, where it is known. ``blocked``: nobody gets through; ``other``: TLS is not as
    it was meant.
    """

    near: tuple[str, str]
    far: tuple[str, str]
    protection: Protection
    certificate: ClientCertificate
    why: str
    far_protection: Protection = "unknown"
    blocked: bool = False
    other: bool = False

    @property
    def marks(self) -> tuple[object, ...]:
        """What is drawn: lines that are alike in it may be drawn as one."""
        return self.protection, self.far_protection, self.certificate, self.blocked, self.other


def picture(server: Server) -> str:
    """Return both halves as ``svg`` elements; the page has ``STYLE`` and their ``symbols``."""
    inbound, outbound = callers(server), calls(server)
    height = _height(server, inbound, outbound)
    return _half(_left(server, inbound, height), height, _said(server, inbound, "called on")) + _half(
        _right(outbound, height), height, _said(server, outbound, "which calls")
    )


def standalone(server: Server) -> str:
    """Return one SVG file with both halves and the legend."""
    inbound, outbound = callers(server), calls(server)
    height = _height(server, inbound, outbound)
    halves = "".join(_left(server, inbound, height)) + _moved(WIDTH, 0, "".join(_right(outbound, height)))
    marks = "".join(
        _moved(
            10 + 320 * (number % 3),
            height + 14 + 32 * (number // 3),
            f'{mark}<text class="s" x="66" y="17">{said}</text>',
        )
        for number, (mark, said) in enumerate(LEGEND)
    )
    whole = height + 24 + 32 * -(-len(LEGEND) // 3)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {2 * WIDTH} {whole}" width="{2 * WIDTH}" '
        f'height="{whole}" role="img" aria-label="{escape(_said(server, (*inbound, *outbound), "connected by"))}">'
        f'<style>{STYLE}</style>{symbols(halves)}<rect fill="var(--paper)" width="100%" height="100%"/>'
        f"{halves}{marks}</svg>\n"
    )


def callers(server: Server) -> list[Line]:
    """Return a line for each port, or for each kind of port where there are many."""
    return _few([_caller(server, port) for port in server.ports], "ports", "callers")


def calls(server: Server) -> list[Line]:
    """Return a line for each endpoint that the server calls, or for each kind."""
    return _few([_called(server, call) for call in server.calls], "connections", "endpoints")


def short(server: Server, place: object) -> str:
    """Return a place without the server's directory."""
    return str(place).replace(f"{server.server_dir}/", "") if server.server_dir else str(place)


def _caller(server: Server, port: Port) -> Line:
    names = [one.name for one in server.requesters if port.number in one.ports]
    who = [f"{one.name} ({one.kind})" for one in port.callers]
    return Line(
        (str(port.number or "any"), "http" if port.protocol == "http" else "https"),
        (_listed([one.name for one in port.callers]) or "Programs", _many(names, "API requester")),
        port.protection,
        port.client_certificate,
        f"port {port.number} ({port.endpoint}): {short(server, port.verdict)} ({short(server, port.place)}). "
        f"{'Declared callers' if who else 'Callers'} of {_listed(names) or 'no API requester'}"
        f"{': ' if who else ''}{_listed(who)}",
        # Whoever gets through clear text does no TLS either.
        "clear" if port.protection == "clear" else port.callers[0].protection if port.callers else "unknown",
        blocked=bool(port.unusable),
        other=bool(port.fallback),
    )


def _called(server: Server, call: Call) -> Line:
    return Line(
        (call.id, _KINDS.get(call.element, call.element)),
        (_host(call.url), call.url.partition("://")[0] if "://" in call.url else "address not known"),
        call.protection,
        call.client_certificate,
        f"{call.id} calls {call.url}: {short(server, call.verdict)} ({short(server, call.place)})",
        blocked=bool(call.unusable),
        other=bool(call.fallback),
    )


def _host(url: str) -> str:
    """Return host and port of a URL, or what is there instead."""
    return url.partition("://")[2].partition("/")[0] or url or "?"


def _many(names: Sequence[str], what: str) -> str:
    return names[0] if len(names) == 1 else f"{len(names) or 'no'} {what}s"


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_NAMED])
    return f"{shown} and {len(names) - _NAMED} more" if len(names) > _NAMED else shown


def _few(lines: list[Line], near: str, far: str) -> list[Line]:
    """Return the lines; of too many those that look alike as one."""
    if len(lines) <= _ROWS:
        return lines

    def looks(line: Line) -> str:
        return repr(line.marks)

    return [_one(list(alike), near, far) for _key, alike in groupby(sorted(lines, key=looks), looks)]


def _one(alike: list[Line], near: str, far: str) -> Line:
    if len(alike) == 1:
        return alike[0]
    first = alike[0]
    return Line(
        (f"{len(alike)} {near}", f"{first.near[0]}, …"),
        (f"{len(alike)} {far}", f"{first.far[0]}, …" if first.far[0] != "Programs" else "programs"),
        first.protection,
        first.certificate,
        "; ".join(line.why for line in alike[:_NAMED]) + f"; {len(alike)} in all, each in the tables",
        first.far_protection,
        first.blocked,
        first.other,
    )


def _said(server: Server, lines: Iterable[Line], how: str) -> str:
    """The picture in words, for who does not see it."""
    told = [f"{line.near[0]} ({_PROTECTED[line.protection]})" for line in lines]
    return f"{server.host}, {how} {', '.join(told) or 'nothing'}. The tables below say the same."


# Drawing. What is drawn often is defined once, by name.


def _height(server: Server, *halves: Sequence[Line]) -> int:
    rows = max(1, *(len(lines) for lines in halves))
    return max(_HEAD + rows * _ROW, _HEAD + 66 + 44 * len(list(_groups(server.requesters))))


def _half(parts: Iterable[str], height: int, said: str) -> str:
    return f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(said)}">{"".join(parts)}</svg>'


def _left(server: Server, lines: Sequence[Line], height: int) -> Iterator[str]:
    x, width = _SERVER
    yield _text(_CALLER[0], 14, "callers", "h") + _text(_PORT[0], 14, "ports", "h") + _text(x + 8, 14, "server", "h")
    # Open on the right, where the other half continues it.
    yield f'<path class="w" d="M{WIDTH} 22H{x + 8}q-8 0-8 8V{height - 10}q0 8 8 8H{WIDTH}"/>'
    yield _text(x + 12, 46, server.host, "b", room=(width - 12) / _LETTER)
    yield _text(x + 12, 62, f"z/OS Connect {server.version or ''}".rstrip(), "s")
    yield from _requesters(server.requesters, x + 12)
    if not lines:
        yield _text(_CALLER[0], _HEAD + 28, "no port is open", "s")
    for number, line in enumerate(lines):
        yield _row(number, line, "I", ("a", _CALLER, line.far, line.far_protection), ("b", _PORT, line.near))


def _right(lines: Sequence[Line], height: int) -> Iterator[str]:
    yield _text(_CONNECTION[0], 14, "connections", "h") + _text(_ENDPOINT[0], 14, "endpoints called", "h")
    yield f'<path class="w" d="M0 22H{_STRIP - 8}q8 0 8 8V{height - 10}q0 8-8 8H0"/>'
    if not lines:
        yield _text(_ENDPOINT[0], _HEAD + 28, "nothing is called", "s")
    for number, line in enumerate(lines):
        yield _row(number, line, "O", ("d", _ENDPOINT, line.far, "clear"), ("c", _CONNECTION, line.near))


def _groups(requesters: Iterable[Requester]) -> Iterator[tuple[str, Protection, list[Requester]]]:
    """Yield API requesters that are alike: what they demand, how that is marked, which they are."""
    said: dict[tuple[str, Protection], list[Requester]] = {}
    for one in requesters:
        words: tuple[str, Protection] = ("TLS by the ports", "attls")
        if one.safe is False:
            words = ("plain http, waived" if one.waived else "accept plain http", "clear")
        elif one.safe is None:
            words = ("not known", "unknown")
        elif one.secure:
            words = ("demand TLS", "jsse")
        said.setdefault(words, []).append(one)
    for (what, protection), which in said.items():
        yield what, protection, which


def _requesters(requesters: Sequence[Requester], x: int) -> Iterator[str]:
    for number, (words, protection, which) in enumerate(_groups(requesters)):
        y, names = 86 + number * 44, [one.name for one in which]
        yield f'<g class="{protection}"><title>{escape(f"{words}: {_listed(names)}")}</title>'
        yield f'<path class="l{" d" if protection == "clear" else ""}" d="M{x} {y - 10}v34"/>'
        yield _text(x + 8, y, _many(names, "API requester"), room=16) + _text(x + 8, y + 18, words, "s") + "</g>"


_Box = tuple[int, int]


def _row(
    number: int,
    line: Line,
    half: str,
    far: tuple[str, _Box, tuple[str, str], Protection],
    near: tuple[str, _Box, tuple[str, str]],
) -> str:
    """Draw one line and the nodes at its ends."""
    used = [_line_name(half, line.protection, line.certificate, blocked=line.blocked)]
    used += [f"{half}o"] * line.other + [f"{far[0]}{far[3][0]}", f"{near[0]}{line.protection[0]}"]
    drawn = "".join(f'<use href="#z{name}"/>' for name in used)
    drawn += _names(far[1], far[2], far[3]) + _names(near[1], near[2], line.protection)
    return _moved(0, _HEAD + number * _ROW, f"<title>{escape(line.why, quote=False)}</title>{drawn}")


def _names(box: _Box, says: tuple[str, str], protection: Protection) -> str:
    x, room = box[0] + 8, box[1] - (30 if protection in ("jsse", "unknown") else 14)
    return _text(x, 20, says[0], "b", room=room / _LETTER) + _text(x, 37, says[1], "s", room=room / _SMALL)


def _text(x: float, y: float, text: str, kind: str = "", *, room: float = 0) -> str:
    shown = escape(_cut(text, int(room)) if room else text, quote=False)
    return f'<text x="{x}" y="{y}"{f""" class="{kind}" """.rstrip() if kind else ""}>{shown}</text>'


def _cut(text: str, room: int) -> str:
    """Cut a text to a width in letters; some take the room of two."""
    width = 0
    for number, each in enumerate(text):
        width += 2 if unicodedata.east_asian_width(each) in "WF" else 1
        if width > room:
            return text[: number - 1] + "…"
    return text


def _moved(x: float, y: float, drawn: str) -> str:
    return f'<g transform="translate({x} {y})">{drawn}</g>'


def _node(box: _Box, protection: Protection) -> str:
    """Draw a node: TLS done in it is a lock in it, TLS done below its socket is a lock below it."""
    x, width = box
    drawn = f'<rect class="n" x="{x}" width="{width}" height="{_NODE}" rx="6"/>'
    if protection == "jsse":
        return drawn + _lock(x + width - 20, 8)
    if protection == "unknown":
        return drawn + _asked(x + width - 14, 15)
    if protection == "attls":
        drawn += f'<path class="attls l" d="M{x + 14} {_NODE}v8"/>{_lock(x + 8, _NODE + 7)}'
        return drawn + _text(x + 24, _NODE + 19, "AT-TLS", "s")
    return drawn


def _lock(x: float, y: float) -> str:
    return f'<use class="jsse" href="#zl" x="{x}" y="{y}" width="12" height="14"/>'


def _asked(x: float, y: float) -> str:
    asks = f'<text x="{x}" y="{y + 5}" text-anchor="middle">?</text>'
    return f'<g class="q"><circle class="w" cx="{x}" cy="{y}" r="8"/>{asks}</g>'


def _crossed(x: float, y: float) -> str:
    return f'<path class="x l" d="M{x - 7} {y - 7}l14 14m0-14l-14 14"/>'


def _warned(x: float, y: float) -> str:
    return f'<g class="x"><text x="{x}" y="{y + 4}">!</text></g>'


def _line_name(half: str, protection: Protection, certificate: ClientCertificate, *, blocked: bool) -> str:
    return f"{half}{protection[0]}{certificate[0] if protection in ('jsse', 'attls') else ''}{'x' if blocked else ''}"


def _line(
    ends: tuple[int, int], y: float, protection: Protection, certificate: ClientCertificate, *, blocked: bool = False
) -> str:
    """Draw what runs between two nodes, with an arrow at its end."""
    start, end = ends
    drawn = f'<g class="{protection}">' + "".join(_strokes(protection, certificate, start + 3, end - 9, y))
    drawn += f'<path class="f" d="M{end - 1} {y}l-9-6v12z"/></g>'
    if blocked:
        return drawn + _crossed((start + end) / 2, y)
    doubt = protection == "unknown" or (protection != "clear" and certificate == "unknown")
    return drawn + (_asked((start + end) / 2, y) if doubt else "")


def _strokes(
    protection: Protection, certificate: ClientCertificate, start: float, end: float, y: float
) -> Iterator[str]:
    if protection in ("clear", "unknown"):
        yield _stroke(start, end, y, " d" if protection == "clear" else " t")
    elif certificate in ("required", "supported"):
        yield _stroke(start, end, y - 3)
        yield _stroke(start, end, y + 3, " t" if certificate == "supported" else "")
    else:
        yield _stroke(start, end, y)


def _stroke(start: float, end: float, y: float, kind: str = "") -> str:
    return f'<path class="l{kind}" d="M{start} {y}H{end}"/>'


_PROTECTIONS: tuple[Protection, ...] = ("jsse", "attls", "clear", "unknown")
_CERTIFICATES: tuple[ClientCertificate, ...] = ("required", "supported", "none", "unknown")


def _defined() -> Iterator[tuple[str, str]]:
    """Yield the name of each thing that is drawn often, and how."""
    for node, box in (("a", _CALLER), ("b", _PORT), ("c", _CONNECTION), ("d", _ENDPOINT)):
        for protection in _PROTECTIONS:
            yield f"{node}{protection[0]}", _node(box, protection)
    for half, ends in (("I", (sum(_CALLER), _PORT[0])), ("O", (sum(_CONNECTION), _ENDPOINT[0]))):
        yield f"{half}o", _warned(ends[1] - 24, _MIDDLE - 14)
        for protection, certificate, blocked in product(_PROTECTIONS, _CERTIFICATES, (False, True)):
            name = _line_name(half, protection, certificate, blocked=blocked)
            yield name, _line(ends, _MIDDLE, protection, certificate, blocked=blocked)


_DEFINED = dict(_defined())


def symbols(drawn: str) -> str:
    """Return the definitions that what is drawn uses."""
    used = "".join(f'<g id="z{name}">{each}</g>' for name, each in _DEFINED.items() if f'"#z{name}"' in drawn)
    return f"<defs>{_LOCK}{used}</defs>"


def _sample(protection: Protection, certificate: ClientCertificate) -> str:
    return _line((0, 56), 12, protection, certificate)


def _box(y: int, height: int) -> str:
    return f'<rect class="n" x="6" y="{y}" width="44" height="{height}" rx="5"/>'


# Each mark, drawn in 56 by 24, and what it means.
LEGEND = (
    (_box(2, 20) + _lock(22, 5), "lock in a node: TLS done by it (JSSE)"),
    (_box(-4, 12) + '<path class="attls l" d="M28 8v5"/>' + _lock(22, 12), "lock below it: TLS done by AT-TLS"),
    (_sample("jsse", "none"), "TLS, one side shows a certificate"),
    (_sample("jsse", "required"), "two lines: mutual TLS"),
    (_sample("jsse", "supported"), "one dotted: the other may show one"),
    (_sample("clear", "none"), "dashed: clear text"),
    (_asked(28, 12), "not known from what was read"),
    (_crossed(28, 12), "nobody gets through"),
    (_warned(26, 12), "TLS is not as it was meant"),
)
