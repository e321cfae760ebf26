# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Findings: what is wrong, or not as it seems, in an effective configuration. One entry in the table below, one rule.

A rule is a function that yields places and what is wrong there. Its entry gives the stable id, the severity, why it
matters, the
remedy and the source. To add one: write the function, add the entry, add a case to tests/unit/posture/findings.yml.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import elements
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import Effective
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.variables import Origin
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import ports, require_secure

HIGH, MEDIUM, LOW, INFORMATION = "high", "medium", "low", "information"
SEVERITIES = (HIGH, MEDIUM, LOW, INFORMATION)
Json = dict[str, Any]


@dataclass(frozen=True)
class Subject:
    """What rules look at: the effective configuration, facts of its files (mode, owner), ports that AT-TLS fronts."""

    effective: Effective
    facts: Mapping[str, Mapping[str, Any]]
    attls_ports: Sequence[int]


@dataclass(frozen=True)
class Fault:
    """What a rule yields: where, what, and the ready input of server_xml that mends it, where there is one."""

    origin: Origin
    message: str
    remedy: Sequence[Json] = ()


@dataclass(frozen=True)
class Rule:
    id: str
    severity: str
    why: str
    source: str
    look: Callable[[Subject], Iterable[Fault]]


@dataclass(frozen=True)
class Finding:
    """One finding; ``waiver`` is who accepted it and why, ``expired`` whether that has run out."""

    rule: Rule
    fault: Fault
    waiver: Mapping[str, Any] | None = None
    expired: bool = False

    def shown(self) -> Json:
        """Return the finding as plain data."""
        return {
            "id": self.rule.id,
            "severity": self.rule.severity,
            "origin": str(self.fault.origin),
            "message": self.fault.message,
            "why": self.rule.why,
            "remedy": list(self.fault.remedy),
            "source": self.rule.source,
            "waiver": dict(self.waiver) if self.waiver else None,
            "waived": self.waiver is not None and not self.expired,
        }


def judge(
    effective: Effective,
    facts: Mapping[str, Mapping[str, Any]],
    *,
    attls_ports: Sequence[int] = (),
    waivers: Sequence[Mapping[str, Any]] = (),
    today: date | None = None,
) -> list[Finding]:
    """Return all findings, the severe ones first, then by place."""
    subject = Subject(effective, facts, attls_ports)
    checked = [_waiver(given, number) for number, given in enumerate(waivers)]
    found = [Finding(rule, fault) for rule in RULES for fault in rule.look(subject)]
    found = [_waived(finding, checked, today or datetime.now(UTC).date()) for finding in found]
    return sorted(
        found,
        key=lambda f: (SEVERITIES.index(f.rule.severity), f.rule.id, f.fault.origin.source, f.fault.origin.line or 0),
    )


_WAIVER_KEYS = ("id", "place", "reason", "owner", "ticket", "expires")


def _waiver(given: Mapping[str, Any], number: int) -> Json:
    """Check one waiver: rule id and place, reason, owner, ticket and expiry date are all needed."""
    where = f"waivers[{number}]"
    for key in _WAIVER_KEYS:
        if not given.get(key):
            raise SecurityError(f"{where}.{key}: is missing; a waiver needs {', '.join(_WAIVER_KEYS)}.")
    known = [rule.id for rule in RULES]
    if given["id"] not in known:
        raise SecurityError(f"{where}.id: no rule {given['id']!r}{elements.nearest(str(given['id']), known) or '.'}")
    try:
        expires = date.fromisoformat(str(given["expires"]))
    except ValueError as e:
        raise SecurityError(f"{where}.expires: {given['expires']!r} is not a date such as 2027-01-31.") from e
    return {**{key: str(given[key]) for key in _WAIVER_KEYS}, "expires": expires.isoformat()}


def _waived(finding: Finding, waivers: Iterable[Json], today: date) -> Finding:
    for waiver in waivers:
        if waiver["id"] == finding.rule.id and waiver["place"] == str(finding.fault.origin):
            return replace(finding, waiver=waiver, expired=date.fromisoformat(waiver["expires"]) < today)
    return finding


# ---------------------------------------------------------------------------------------------------------------- rules


def _fallback(subject: Subject) -> Iterator[Fault]:
    for port in ports.ports(subject.effective):
        if port.fallback:
            yield Fault(
                port.origin, f"Port {port.port} of {port.endpoint} does not serve TLS as meant: {port.fallback}."
            )


def _no_tls_feature(subject: Subject) -> Iterator[Fault]:
    if ports.has_tls(subject.effective):
        return
    remedy = [{"element": "featureManager", "children": [{"element": "feature", "text": "transportSecurity-1.0"}]}]
    for port in ports.ports(subject.effective):
        if port.tls and port.origin.line is not None:
            yield Fault(port.origin, f"Port {port.port} is for https, but no feature seen here brings TLS.", remedy)


_OLD = ("SSL", "SSLv3", "TLSv1", "TLSv1.1")


def _old_protocol(subject: Subject) -> Iterator[Fault]:
    for ssl in subject.effective.all("ssl"):
        protocols = str(ssl.get("sslProtocol") or "")
        old = [p for p in protocols.split(",") if p in _OLD and p != "SSL"]
        if old:
            remedy = [{"element": "ssl", "id": ssl.id, "attributes": {"sslProtocol": "TLSv1.2,TLSv1.3"}}]
            yield Fault(ssl.origin("sslProtocol"), f"<ssl id={ssl.id!r}> allows {', '.join(old)}.", remedy)


def _bad_protocol(subject: Subject) -> Iterator[Fault]:
    for ssl in subject.effective.all("ssl"):
        protocols = str(ssl.get("sslProtocol") or "")
        if protocols and any(part != part.strip() or not part for part in protocols.split(",")):
            text = (
                f"sslProtocol {protocols!r} of <ssl id={ssl.id!r}> has blanks or an empty item, which Liberty rejects."
            )
            yield Fault(ssl.origin("sslProtocol"), text)


def _host_names(subject: Subject) -> Iterator[Fault]:
    for ssl in subject.effective.all("ssl"):
        if ssl.get("verifyHostname") is False:
            remedy = [{"element": "ssl", "id": ssl.id, "attributes": {"verifyHostname": True}}]
            yield Fault(
                ssl.origin("verifyHostname"), f"<ssl id={ssl.id!r}> does not check the names of servers.", remedy
            )


def _cleartext(subject: Subject) -> Iterator[Fault]:
    open_ports = [p for p in ports.ports(subject.effective) if not p.tls and p.port not in subject.attls_ports]
    if not open_ports or require_secure.version(subject.effective) == "3.0":
        return
    where = ", ".join(f"{p.port} ({p.endpoint})" for p in open_ports)
    for one in require_secure.subjects(subject.effective):
        if not one.secure.value and one.side.word == "requesters":
            text = (
                f"API requester {one.name} accepts plain http on {where}: requireSecure is false by {one.secure.scope}."
            )
            yield Fault(one.secure.origin, text, _secure(one.name))


def _secure(name: str) -> list[Json]:
    child = {"element": "apiRequester", "attributes": {"name": name, "requireSecure": True}}
    return [{"element": "zosconnect_apiRequesters", "children": [child]}]


def _closed(subject: Subject) -> Iterator[Fault]:
    if any(port.tls for port in ports.ports(subject.effective)) or require_secure.version(subject.effective) == "3.0":
        return
    for one in require_secure.subjects(subject.effective):
        if one.secure.value and one.side.word == "requesters":
            text = f"API requester {one.name} demands TLS, but no https port is open: callers get status 302."
            yield Fault(one.origin or one.secure.origin, text)


def _default_endpoint(subject: Subject) -> Iterator[Fault]:
    own = [port for port in ports.ports(subject.effective) if port.endpoint != "defaultHttpEndpoint"]
    for port in ports.ports(subject.effective):
        if own and port.endpoint == "defaultHttpEndpoint" and port.origin.line is None:
            attribute = "httpsPort" if port.tls else "httpPort"
            remedy = [{"element": "httpEndpoint", "id": "defaultHttpEndpoint", "attributes": {attribute: -1}}]
            yield Fault(
                port.origin, f"Liberty's default endpoint listens on port {port.port}, which no file mentions.", remedy
            )


def _no_auth(subject: Subject) -> Iterator[Fault]:
    for one in require_secure.subjects(subject.effective):
        if not one.auth.value and one.side.word == "requesters":
            yield Fault(
                one.auth.origin,
                f"API requester {one.name} does not ask who calls: requireAuth is false by {one.auth.scope}.",
            )


def _assertion(subject: Subject) -> Iterator[Fault]:
    collection = subject.effective.one("zosconnect_apiRequesters")
    for member in [collection, *collection.children.get("apiRequester", [])] if collection else []:
        asserted = member.get("idAssertion") not in (None, "OFF")
        if asserted and any(not s.auth.value for s in require_secure.subjects(subject.effective)):
            said = member.get("idAssertion")
            text = f"idAssertion is {said} while callers need not authenticate: anybody may claim to be anybody."
            yield Fault(member.origin("idAssertion"), text)


def _fail_over(subject: Subject) -> Iterator[Fault]:
    security = subject.effective.one("webAppSecurity")
    required = any(p.client_authentication == "required" for p in ports.ports(subject.effective))
    if security and security.get("allowFailOverToBasicAuth") is True and required:
        text = (
            "Where a client certificate identifies nobody, user and password count, although certificates are required."
        )
        yield Fault(security.origin("allowFailOverToBasicAuth"), text)


def _problem(*rules: str) -> Callable[[Subject], Iterator[Fault]]:
    def look(subject: Subject) -> Iterator[Fault]:
        for problem in subject.effective.problems:
            if problem.rule in rules:
                yield Fault(problem.origin, problem.message)

    return look


def _refused(subject: Subject) -> Iterator[Fault]:
    if subject.effective.assembly.refused:
        yield Fault(Origin("configuration"), subject.effective.assembly.refused)


def _overruled(subject: Subject) -> Iterator[Fault]:
    for instances in subject.effective.instances.values():
        for instance in instances:
            for name, value in instance.attributes.items():
                for lost in value.lost:
                    if lost.text != value.written and lost.origin.line is not None:
                        yield Fault(
                            lost.origin, f"{name} of <{instance.element}> is set here, but {value.origin} overrules it."
                        )


def _duplicates(subject: Subject) -> Iterator[Fault]:
    seen: dict[tuple[str, str], Origin] = {}
    for one in require_secure.subjects(subject.effective):
        if one.origin is None:
            continue
        first = seen.setdefault((one.side.word, one.name), one.origin)
        if first is not one.origin:
            yield Fault(
                one.origin,
                f"<{one.side.member} name={one.name!r}> stands at {first} too; Liberty keeps both, in order.",
            )


def _readable_secrets(subject: Subject) -> Iterator[Fault]:
    for store in subject.effective.all("keyStore"):
        value = store.attributes.get("password")
        if value is None or value.origin.line is None or value.origin.via or _dummy(store.get("location"), value.value):
            continue
        mode = subject.facts.get(value.origin.source, {}).get("mode")
        if isinstance(mode, str) and int(mode, 8) & 0o004:
            kind = "in {xor}" if str(value.value).startswith("{xor}") else "in plain text"
            text = f"The password of key store {store.id!r} stands here {kind}, in a file that everybody can read ({mode})."
            yield Fault(value.origin, text)


def _dummy(location: object, password: object) -> bool:
    return str(location or "").lower().startswith("safkeyring") and password == "password"


def _operator_refresh(subject: Subject) -> Iterator[Fault]:
    config = subject.effective.one("config")
    if config and config.get("updateTrigger") in ("mbean", "disabled"):
        said = config.get("updateTrigger")
        text = f"updateTrigger is {said}: a changed file counts only after an operator command or a restart."
        yield Fault(config.origin("updateTrigger"), text)


_OBSERVED = "Observed on Open Liberty 25.0.0.6 and 26.0.0.3"
_IBM = "IBM: API requester confidentiality and integrity"
_SCHEMA = "Open Liberty server schema"

RULES: tuple[Rule, ...] = (
    Rule(
        "tls-fallback",
        HIGH,
        "Liberty serves such a port in silence with the default certificate and without asking for client "
        "certificates.",
        _OBSERVED,
        _fallback,
    ),
    Rule(
        "tls-no-feature",
        HIGH,
        "Without a TLS feature an https port is not opened, and nothing says so.",
        _OBSERVED,
        _no_tls_feature,
    ),
    Rule("tls-old-protocol", HIGH, "Protocols before TLS 1.2 are broken.", _SCHEMA, _old_protocol),
    Rule(
        "tls-bad-protocol",
        HIGH,
        "Liberty trims nothing: it rejects the value and serves the port with the default SSL configuration.",
        _OBSERVED,
        _bad_protocol,
    ),
    Rule(
        "tls-host-names",
        MEDIUM,
        "Without the check any certificate of a trusted issuer passes for any server.",
        _SCHEMA,
        _host_names,
    ),
    Rule(
        "requester-cleartext",
        HIGH,
        "requireSecure false has no port: it counts for every http port of the server.",
        _IBM,
        _cleartext,
    ),
    Rule(
        "requester-unreachable",
        HIGH,
        "The caller sees BAQ-STATUS-CODE 302.",
        "IBM support: BAQ-STATUS-CODE 302",
        _closed,
    ),
    Rule(
        "default-endpoint",
        MEDIUM,
        "Liberty opens its default endpoint unless a file says httpPort=-1.",
        _OBSERVED,
        _default_endpoint,
    ),
    Rule("requester-no-auth", MEDIUM, "Nobody is asked who calls.", "IBM: z/OS Connect authorization", _no_auth),
    Rule(
        "assertion-unprotected",
        HIGH,
        "An asserted identity is only as good as the link's own authentication.",
        "IBM: API requester identity assertion",
        _assertion,
    ),
    Rule(
        "identity-fail-over",
        LOW,
        "Fail-over to basic authentication is wanted where it is set on purpose.",
        _SCHEMA,
        _fail_over,
    ),
    Rule(
        "config-refused",
        HIGH,
        "Liberty refuses the whole configuration: a starting server has none.",
        _OBSERVED,
        _refused,
    ),
    Rule(
        "dropin-broken",
        HIGH,
        "A damaged override silently re-activates what it overrode.",
        _OBSERVED,
        _problem("dropin-broken", "wrong-root", "after-the-end"),
    ),
    Rule(
        "include-missing",
        HIGH,
        "One missing include in server.xml switches every override drop-in off.",
        _OBSERVED,
        _problem("include-missing", "include-cycle", "include-without-location", "include-mode"),
    ),
    Rule(
        "value-rejected",
        HIGH,
        "Liberty uses the default, or drops the whole element.",
        _OBSERVED,
        _problem("bad-value", "rejected", "required", "variable-incomplete"),
    ),
    Rule(
        "reference-dangling",
        MEDIUM,
        "Liberty ignores the reference, or falls back to a default, with little or no word.",
        _OBSERVED,
        _problem("dangling"),
    ),
    Rule("value-overruled", LOW, "Whoever reads only this line is mistaken about the server.", _OBSERVED, _overruled),
    Rule(
        "requester-duplicate",
        MEDIUM,
        "Liberty keeps both; which one z/OS Connect honours is not documented.",
        _OBSERVED,
        _duplicates,
    ),
    Rule(
        "secret-readable",
        MEDIUM,
        "{xor} is no protection: everybody can decode it.",
        "Open Liberty: securityUtility encode",
        _readable_secrets,
    ),
    Rule(
        "refresh-operator",
        INFORMATION,
        "What the files say and what the server does may differ until then.",
        _SCHEMA,
        _operator_refresh,
    ),
    Rule("not-seen", MEDIUM, "What was not read may change everything.", "This collection", _problem("unseen")),
)
