# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a report is about: all servers as typed data, made from the plain results of modules.

Every format renders a ``Site`` and nothing else. Texts in it are without control characters and without marks that
change the direction of text (they are shown as ``\\u202e``): names in a configuration are chosen by others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Literal

from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.hints import clean
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import evidence, standards
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.cards.card import HIGH, SEVERITIES
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.standards import RULES, Row
from ansible_collections.zosconnect.security.plugins.plugin_utils.report import baseline as baselines
from ansible_collections.zosconnect.security.plugins.plugin_utils.report.baseline import Baseline
from ansible_collections.zosconnect.security.plugins.plugin_utils.version import VERSION

Json = Mapping[str, Any]
Change = Literal["new", "unchanged", "gone"]
Protection = Literal["jsse", "attls", "clear", "unknown"]
ClientCertificate = Literal["required", "supported", "none", "unknown"]
Part = Literal["server", "keys", "wire"]
EXPLAINED = "explained"
# Findings that say that clear text is accepted: whoever waives them accepts that.
_ABOUT_CLEAR_TEXT = ("requester-cleartext", "oas3-http-open")
_DOUBT = "attls-unclear"
_ORIGIN = re.compile(r"(.+?)(?::(\d+))?(?: through (\$\{.*))?", re.DOTALL)
_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z", re.ASCII)


@dataclass(frozen=True, order=True)
class Place:
    """A file and line, or a word such as ``default``. ``via``: variables on the way; ``entry``: alias in a store."""

    source: str
    line: int | None = None
    via: str = ""
    entry: str = ""

    def __str__(self) -> str:
        entry = f"/{self.entry}" if self.entry else ""
        line = "" if self.line is None else f":{self.line}"
        return f"{self.source}{entry}{line}{f' through {self.via}' if self.via else ''}"

    @property
    def is_file(self) -> bool:
        """Whether it is in a file, and not a default or a key ring."""
        return self.source.startswith("/")


@dataclass(frozen=True)
class Finding:
    """One finding. ``excerpt`` is the line that it is about, secrets hidden; it begins at ``column``, from 1.

    ``about`` are names that stay when lines move, ``number`` counts findings that are equal by them. ``expired`` is a
    waiver that has run out. ``change`` is None without a report to compare with.
    """

    id: str
    severity: str
    place: Place
    message: str
    why: str = ""
    remedy: tuple[Json, ...] = ()
    action: str | None = None
    source: str = ""
    waiver: Json | None = None
    waived: bool = False
    expired: bool = False
    excerpt: str | None = None
    column: int | None = None
    about: tuple[str, ...] = ()
    number: int = 0
    part: Part = "server"
    title: str = ""
    change: Change | None = None

    @property
    def identity(self) -> tuple[str, ...]:
        """What is equal in two reports of the same server when it is the same finding."""
        return (self.part, self.id, *(self.about or (self.place.source,)), str(self.number))


@dataclass(frozen=True)
class Caller:
    """A program, or those of a connection, that the declaration says calls a port: its TLS is its own, or AT-TLS's."""

    name: str
    kind: str
    protection: Protection


@dataclass(frozen=True)
class Port:
    """A port; ``unusable`` says why nobody gets through TLS there, ``fallback`` why its SSL is not as meant."""

    endpoint: str
    host: str
    number: int
    protocol: str
    protection: Protection
    client_certificate: ClientCertificate
    verdict: str
    place: Place
    ssl: str | None = None
    protocols: str | None = None
    unusable: str | None = None
    fallback: str | None = None
    callers: tuple[Caller, ...] = field(default=(), kw_only=True)


@dataclass(frozen=True)
class Requester:
    """An API requester, or a web application of 3.0, which has no requireSecure: ``secure`` is None, ``scope`` empty.

    ``place`` is None where only an archive is there. ``safe``: False where plain http is accepted, None where nobody
    can say; ``waived``: somebody accepts that. ``ports`` take its requests.
    """

    name: str
    place: Place | None
    secure: bool | None
    scope: str
    decided_at: Place
    verdict: str
    safe: bool | None
    ports: tuple[int, ...] = ()
    kind: Literal["API requester", "web application"] = "API requester"
    waived: bool = False
    connection: str | None = None


@dataclass(frozen=True)
class Call:
    """One that the server calls. ``client_certificate`` is ``supported`` where an alias says which one is shown."""

    element: str
    id: str
    url: str
    protection: Protection
    client_certificate: ClientCertificate
    verdict: str
    place: Place
    ssl: str | None = None
    unusable: str | None = None
    fallback: str | None = None


@dataclass(frozen=True)
class Ssl:
    """An SSL configuration: which protocols and cipher suites it lets in, as written; None is Liberty's default."""

    id: str
    place: Place
    protocols: str | None = None
    suites: tuple[str, ...] = ()


@dataclass(frozen=True)
class Certificate:
    """One entry of a store, a PEM file or a key ring; None is what the place does not tell.

    ``kind`` is the kind of entry, ``fingerprint`` SHA-256, ``elements`` the keyStore elements that name the store.
    """

    store: str
    alias: str
    kind: str
    has_key: bool
    trusted: bool
    subject: str | None = None
    issuer: str | None = None
    serial: str | None = None
    not_before: str | None = None
    not_after: str | None = None
    key: str | None = None
    signature: str | None = None
    fingerprint: str | None = None
    names: tuple[str, ...] = ()
    days_left: int | None = None
    size: int | None = None
    elements: tuple[Place, ...] = ()

    @property
    def place(self) -> Place:
        """The entry in its store."""
        return Place(self.store, entry=self.alias)


@dataclass(frozen=True)
class Probe:
    """What was seen of a port on the wire: protocol and suite agreed upon, protocols and groups that it takes.

    Nothing where nobody asked.
    """

    name: str
    outcome: str
    protocol: str | None = None
    cipher: str | None = None
    protocols: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


@dataclass(frozen=True)
class File:
    """A file that was read."""

    path: str
    sha256: str = ""
    encoding: str | None = None
    mode: str | None = None
    owner: str | None = None


@dataclass(frozen=True)
class Server:
    """One server. ``state`` is ``explained``, ``unreachable``, ``failed`` or ``not run``, ``message`` says why.

    ``safe`` and the sentence ``verdict`` come from ``judged``. ``gone`` are findings of the earlier report that are no
    more. ``looked_at`` are the parts of which findings were looked for. ``standards`` are rows by name of the standard.
    ``result`` is what server_config_info returned.
    """

    host: str
    state: str
    server_dir: str = ""
    message: str = ""
    complete: bool = False
    unseen: tuple[str, ...] = ()
    refused: str | None = None
    version: str | None = None
    ports: tuple[Port, ...] = ()
    requesters: tuple[Requester, ...] = ()
    calls: tuple[Call, ...] = ()
    ssl: tuple[Ssl, ...] = ()
    certificates: tuple[Certificate, ...] = ()
    probes: tuple[Probe, ...] = ()
    findings: tuple[Finding, ...] = ()
    gone: tuple[Finding, ...] = ()
    files: tuple[File, ...] = ()
    looked_at: tuple[Part, ...] = ()
    standards: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    verdict: str = ""
    safe: bool | None = None
    result: Json = field(default_factory=dict, repr=False, compare=False)

    @property
    def is_read(self) -> bool:
        """Whether all of its configuration was read, so that what was not found is not there."""
        return self.complete or not (self.unseen or self.refused)

    def checksum(self, place: Place) -> str:
        """Return the SHA-256 of the file in which something stands, or nothing."""
        return next((file.sha256 for file in self.files if file.path == place.source), "")


@dataclass(frozen=True)
class Site:
    """All servers by name of host; ``time`` is written as given, ``baseline_time`` is that of the earlier report."""

    time: str
    servers: tuple[Server, ...]
    collection_version: str = VERSION
    baseline_time: str | None = None

    @property
    def is_dated(self) -> bool:
        """Whether the time is one that standards take, ISO 8601 in UTC."""
        try:
            datetime.fromisoformat(self.time)
        except ValueError:
            return False
        return _DATE_TIME.fullmatch(self.time) is not None


def read(
    results: object,
    *,
    time: str,
    keys: Mapping[str, Json] | None = None,
    probes: Mapping[str, Sequence[Json]] | None = None,
    baseline: object = None,
    today: date | None = None,
    standard: str | None = None,
    prefix: str = "",
) -> Site:
    """Return the site of what server_config_info returned by host; without a result it was not run.

    ``keys`` is what keystore_info returned by host, ``probes`` what tls_probe returned, ``baseline`` an earlier report
    in JSON (text, or parsed). With ``today`` the days that certificates have left are counted from it. ``standard`` is
    the one that is told, by default all are. Raises SecurityError for something else than results by host, and for a
    baseline that does not fit.
    """
    if not isinstance(results, Mapping):
        raise SecurityError("results: must be a mapping of hosts to what server_config_info returned.")
    names = (standard,) if standard else tuple(RULES)
    servers = [
        judged(_server(str(host), results[host], (keys or {}).get(host), (probes or {}).get(host, ()), today, names))
        for host in sorted(results, key=str)
    ]
    if baseline is None:
        return Site(clean(time), tuple(servers))
    earlier = baselines.read(baseline, f"{prefix}baseline")
    earlier.check([(server.host, server.server_dir) for server in servers if server.state == EXPLAINED])
    return Site(clean(time), tuple(_compared(server, earlier) for server in servers), baseline_time=clean(earlier.time))


def _compared(server: Server, earlier: Baseline) -> Server:
    """Return a server that says of its findings what is new, and what is gone.

    What this report did not look for is not gone, and neither is what may stand where nobody could look.
    """
    if server.state != EXPLAINED:
        return server
    before = earlier.servers.get((server.host, server.server_dir), {"findings": ()})
    known = {one.identity: one for one in map(_earlier, before["findings"])}
    here = {one.identity for one in server.findings}
    findings = [replace(one, change="unchanged" if one.identity in known else "new") for one in server.findings]
    gone = [one for identity, one in known.items() if identity not in here and one.part in server.looked_at]
    return replace(server, findings=tuple(findings), gone=tuple(gone) if server.is_read else ())


def _earlier(one: Json) -> Finding:
    at = one["place"]
    place = Place(clean(at["source"]), at["line"], clean(at["via"]), clean(at["entry"]))
    names = tuple(map(clean, one["about"]))
    texts = clean(one["id"]), one["severity"], place, clean(one["message"])
    return Finding(*texts, about=names, number=one["number"], part=one["part"], change="gone")


def place_of(origin: object) -> Place:
    """Return the place that an origin, as results show it, tells of."""
    match = _ORIGIN.fullmatch(clean(origin))
    if match is None:
        return Place("unknown")
    return Place(match[1], int(match[2]) if match[2] else None, match[3] or "")


def judged(server: Server) -> Server:
    """Return a server with its verdict.

    Not safe: an API requester or web application accepts plain http and nobody accepts that, or a finding of high
    severity counts. Unknown: not everything could be read, or an order is open. Else it is safe.
    """
    plain = [one.name for one in server.requesters if one.safe is False and not one.waived]
    high = [one for one in server.findings if one.severity == HIGH and not one.waived]
    reasons = [
        *([_counted(len(plain), "API requester accepts", "API requesters accept") + " plain http"] if plain else ()),
        *([_counted(len(high), "finding", "findings") + " of high severity"] if high else ()),
    ]
    if reasons:
        return replace(server, safe=False, verdict=f"not safe: {', '.join(reasons)}")
    unknown = _not_known(server)
    if unknown:
        return replace(server, safe=None, verdict=f"unknown: {unknown}")
    accepted = sum(one.severity == HIGH for one in server.findings)
    why = "no API requester accepts plain http, and no finding of high severity counts"
    if accepted:
        why = f"waivers accept {_counted(accepted, 'finding', 'findings')} of high severity"
    return replace(server, safe=True, verdict=f"safe: {why}")


def _not_known(server: Server) -> str:
    """Say why nobody can say that a server is safe, or nothing."""
    if server.state != EXPLAINED:
        return f"{server.state}: {server.message}".removesuffix(": ")
    if server.refused:
        return f"Liberty refuses the configuration: {server.refused}"
    if server.unseen:
        return f"{_counted(len(server.unseen), 'file', 'files')} could not be read"
    doubtful = any(one.safe is None for one in server.requesters)
    if not server.complete:
        return "Liberty's answer depends on the order in which it evaluates (see order-decides)"
    return "nobody can say whether AT-TLS covers a port" if doubtful else ""


def _counted(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


def _server(
    host: str, result: object, keys: Json | None, probes: Sequence[Json], today: date | None, names: Sequence[str]
) -> Server:
    given: Json = result if isinstance(result, Mapping) else {}
    state = evidence.state(given)
    bare = Server(clean(host), state, message=clean(given.get("msg", "")))
    if state != EXPLAINED:
        return bare
    facts: Json = keys if keys and "places" in keys else {}
    stores = facts if "findings" in facts else None
    findings = _findings(given["findings"], facts, probes)
    ports = tuple(_port(port, findings) for port in given.get("ports", ()))
    zosconnect = given.get("zosconnect") or {}
    return replace(
        bare,
        server_dir=clean(given["server_dir"]),
        complete=bool(given.get("complete")),
        unseen=tuple(map(clean, given.get("unseen", ()))),
        refused=_maybe(given.get("refused")),
        version=_maybe(zosconnect.get("version")),
        ports=ports,
        requesters=tuple(_requesters(given, zosconnect.get("web_applications", ()), ports, findings)),
        calls=tuple(map(_call, given.get("endpoints", ()))),
        ssl=tuple(map(_ssl, (given.get("config") or {}).get("ssl", ()))),
        certificates=tuple(_certificates(facts, today)),
        probes=tuple(map(_probe, probes)),
        findings=findings,
        files=tuple(map(_file, given.get("files", ()))),
        looked_at=_looked_at(facts, probes),
        standards=_standards(names, given, stores, probes),
        result=given,
    )


def _standards(
    names: Sequence[str], server: Json, stores: Json | None, probes: Sequence[Json]
) -> dict[str, Sequence[Row]]:
    """Return the rows of standards, in which findings have clean texts too."""
    rows = {name: standards.of_results(name, server, stores, probes=probes) for name in names}
    return {
        name: [replace(row, findings=tuple(map(standards.cleaned, row.findings))) for row in found]
        for name, found in rows.items()
    }


def _maybe(text: object) -> str | None:
    return None if text is None else clean(text)


def _looked_at(keys: Json, probes: Sequence[Json]) -> tuple[Part, ...]:
    parts: dict[Part, object] = {"server": True, "keys": keys, "wire": any(one.get("scan") for one in probes)}
    return tuple(part for part, looked in parts.items() if looked)


def _findings(found: Sequence[Json], keys: Json, probes: Sequence[Json]) -> tuple[Finding, ...]:
    """Return all findings, the severe ones first, each with its number among its equals."""
    stores = {clean(place["name"]) for place in keys.get("places", ())}
    both = [
        *(_finding(one, place_of(one["origin"]), "server") for one in found),
        *(_finding(one, _entry_of(clean(one["origin"]), stores), "keys") for one in keys.get("findings", ())),
        *(_finding(one, Place(clean(one["origin"])), "wire") for each in probes for one in each.get("findings") or ()),
    ]
    both.sort(key=lambda one: (SEVERITIES.index(one.severity), one.id, one.place.source, one.place.line or 0))
    numbers: dict[tuple[str, ...], int] = {}
    numbered = []
    for one in both:
        number = numbers[one.identity] = numbers.get(one.identity, -1) + 1
        numbered.append(replace(one, number=number))
    return tuple(numbered)


def _finding(one: Json, place: Place, part: Part) -> Finding:
    waiver, waived = one.get("waiver"), bool(one.get("waived"))
    return Finding(
        clean(one["id"]),
        str(one["severity"]),
        place,
        clean(one["message"]),
        clean(one.get("why", "")),
        tuple(map(_plain, one.get("remedy", ()))),
        _maybe(one.get("action")),
        clean(one.get("source", "")),
        {clean(key): clean(value) for key, value in waiver.items()} if waiver else None,
        waived,
        waiver is not None and not waived,
        _maybe(one.get("excerpt")),
        one.get("column"),
        tuple(map(clean, one.get("about", ()))),
        part=part,
        title=clean(one.get("title", "")),
    )


def _plain(given: Any) -> Any:
    """Return what a remedy is made of, in Python's own types: Ansible's mappings and texts are others."""
    if isinstance(given, Mapping):
        return {str(key): _plain(value) for key, value in given.items()}
    if isinstance(given, (list, tuple)):
        return [_plain(item) for item in given]
    return str(given) if isinstance(given, str) else given


def _entry_of(origin: str, stores: set[str]) -> Place:
    """Return the place of a finding about keys: a store, and the alias behind a slash."""
    at = len(origin)
    while at > 0:
        if origin[:at] in stores:
            return Place(origin[:at], entry=origin[at + 1 :])
        at = origin.rfind("/", 0, at)
    return Place(origin)


def _port(port: Json, findings: Sequence[Finding]) -> Port:
    place, secure, attls = place_of(port["origin"]), port["protocol"] == "https", bool(port.get("attls"))
    doubted = any(one.id == _DOUBT and one.place == place for one in findings)
    protection: Protection = "jsse" if secure else "attls" if attls else "unknown" if doubted else "clear"
    asked: ClientCertificate = port.get("client_authentication", "none")
    asks: dict[str, ClientCertificate] = {"jsse": asked, "clear": "none"}
    return Port(
        clean(port["endpoint"]),
        clean(port["host"]),
        int(port["port"]),
        str(port["protocol"]),
        protection,
        asks.get(protection, "unknown"),
        clean(port["verdict"]),
        place,
        *(_maybe(port.get(name)) for name in ("ssl", "protocols", "unusable", "fallback")),
    )


def _requesters(
    result: Json, applications: Sequence[Json], ports: Sequence[Port], findings: Sequence[Finding]
) -> Iterator[Requester]:
    accepted = {one.place for one in findings if one.waived and one.id in _ABOUT_CLEAR_TEXT}
    clear_places = {port.place for port in ports if port.protection == "clear"}
    for one in result.get("requesters", ()):
        decision = one["requireSecure"]
        secure, decided_at = bool(decision["value"]), place_of(decision["origin"])
        yield Requester(
            clean(one["name"]),
            None if one["origin"] is None else place_of(one["origin"]),
            secure,
            clean(decision["scope"]),
            decided_at,
            clean(one["verdict"]),
            True if secure else _safe(ports),
            _taking(ports, secure=secure),
            waived=decided_at in accepted,
        )
    for one in applications:
        place = place_of(one["origin"])
        yield Requester(
            clean(one["name"]),
            place,
            None,
            "",
            place,
            clean(one["verdict"]),
            _safe(ports),
            _taking(ports, secure=False),
            "web application",
            waived=bool(clear_places) and clear_places <= accepted,
            connection=_maybe(one.get("connection")),
        )


def _safe(ports: Sequence[Port]) -> bool | None:
    """Say whether what does not demand TLS gets it on every port."""
    kinds = {port.protection for port in ports}
    return False if "clear" in kinds else None if "unknown" in kinds else True


def _taking(ports: Sequence[Port], *, secure: bool) -> tuple[int, ...]:
    usable = [port for port in ports if not port.unusable]
    return tuple(port.number for port in usable if port.protection == "jsse" or not secure)


def _call(call: Json) -> Call:
    protocol, attls = call.get("protocol"), bool(call.get("attls"))
    protections: dict[str | None, Protection] = {"https": "jsse", "http": "attls" if attls else "clear"}
    protection = protections.get(protocol, "unknown")
    named = protection == "jsse" and call.get("client_key_alias")
    return Call(
        clean(call.get("element", "")),
        clean(call["id"]),
        clean(call["url"]),
        protection,
        "supported" if named else "none" if protection == "clear" else "unknown",
        clean(call["verdict"]),
        place_of(call["origin"]),
        *(_maybe(call.get(name)) for name in ("ssl", "unusable", "fallback")),
    )


def _ssl(instance: Json) -> Ssl:
    attributes, origins = instance["attributes"], instance["origins"]
    named = next((origins[name] for name in ("enabledCiphers", "sslProtocol", "id") if name in origins), "default")
    return Ssl(
        clean(instance["id"]),
        place_of(named),
        _maybe(attributes.get("sslProtocol")),
        tuple(clean(attributes.get("enabledCiphers") or "").split()),
    )


def _certificates(keys: Json, today: date | None) -> Iterator[Certificate]:
    for place in keys.get("places", ()):
        elements = tuple(place_of(element["origin"]) for element in place.get("elements", ()))
        for entry in place["entries"]:
            yield Certificate(
                clean(place["name"]),
                clean(entry["alias"]),
                clean(entry["kind"]),
                bool(entry["has_key"]),
                bool(entry["trusted"]),
                subject=_maybe(entry.get("subject")),
                issuer=_maybe(entry.get("issuer")),
                serial=_maybe(entry.get("serial")),
                not_before=_maybe(entry.get("not_before")),
                not_after=_maybe(entry.get("not_after")),
                key=_maybe(entry.get("key_type")),
                signature=_maybe(entry.get("signature")),
                fingerprint=_maybe(entry.get("sha256")),
                names=tuple(map(clean, entry.get("subject_alt_names") or ())),
                days_left=_days_left(entry, today),
                size=entry.get("key_size"),
                elements=elements,
            )


def _days_left(entry: Json, today: date | None) -> int | None:
    end = entry.get("not_after")
    if today is None or end is None:
        return entry.get("days_left")
    return (datetime.fromisoformat(end).date() - today).days


def _probe(probe: Json) -> Probe:
    return Probe(
        clean(probe.get("name", "")),
        clean(probe.get("outcome", "")),
        _maybe(probe.get("protocol")),
        _maybe(probe.get("cipher")),
        _taken(probe, "protocols"),
        _taken(probe, "groups"),
    )


def _taken(probe: Json, what: str) -> tuple[str, ...]:
    """Return what a port takes, of what it was offered one by one."""
    return tuple(clean(one["name"]) for one in (probe.get("scan") or {}).get(what, ()) if one["accepted"])


def _file(file: Json) -> File:
    shown = [_maybe(file.get(name)) for name in ("encoding", "mode", "owner")]
    return File(clean(file["path"]), clean(file.get("sha256", "")), *shown)
