# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules: what is told only under the standard that asks for it (DISA's STIG for WebSphere Liberty, V2R4).

Nearly every server has it, so among the findings it would hide the others.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator

from ansible_collections.zosconnect.security.plugins.plugin_utils.hints import several
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import Instance
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.values import duration
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.variables import Origin
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import (
    element_features,
    features,
    require_secure,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.rules.keys import Keys, of_entry
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.rules.rule import (
    Fault,
    Rule,
    Subject,
    rule,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.zosconnect import OAS2

_TEN_MINUTES, _SECOND = 600, 1000
# What Liberty does without, by the metatype of Open Liberty 26.0.0.3.
_TIMEOUT_DEFAULT = "30m"
_SOURCES = ("message", "accessLog", "audit")
_MODE = 0o660
# Java 8 of IBM by a property, or by an option; Semeru by properties of its own; Liberty's script by a variable.
_FIPS_PROPERTIES = {
    "com.ibm.jsse2.usefipsprovider": re.compile("true", re.IGNORECASE),
    "com.ibm.fips.mode": re.compile("140-[23]"),
    "semeru.fips": re.compile("true", re.IGNORECASE),
    "semeru.customprofile": re.compile(r"(OpenJCEPlusFIPS|NSS\.140)\b.*"),
}
_FIPS_OPTION = re.compile("-Xenablefips140-[23]")
_FIPS_VARIABLE = "ENABLE_FIPS140_3"
# What Java reads before its command line, on which Liberty's script (26.0.0.3) puts JVM_ARGS behind jvm.options.
_JAVA_VARIABLES, _LAST_VARIABLE = ("JAVA_TOOL_OPTIONS", "OPENJ9_JAVA_OPTIONS", "IBM_JAVA_OPTIONS"), "JVM_ARGS"
_CONSOLE_VARIABLE = "WLP_LOGGING_CONSOLE_LOGLEVEL"
_CONSOLE, _TRACE = "com.ibm.ws.logging.console.log.level", "com.ibm.ws.logging.trace.specification"


def _server_xml(subject: Subject) -> str:
    return posixpath.normpath(f"{subject.server_dir}/server.xml")


def _of(subject: Subject, instance: Instance | None, attribute: str) -> Origin:
    """Return where an attribute stands; of one that nobody wrote, the element, else server.xml."""
    if instance is None:
        return Origin(_server_xml(subject))
    origin = instance.origin(_spelled(instance, attribute))
    return origin if origin.line is not None else instance.places[-1]


def _said(instance: Instance | None, attribute: str) -> str:
    """Return what an attribute says; several child elements of its name are a list."""
    value = instance.get(_spelled(instance, attribute)) if instance else None
    return ",".join(value) if isinstance(value, list) else "" if value is None else str(value).strip()


def _spelled(instance: Instance, attribute: str) -> str:
    """Return an attribute as it is written: Liberty's names have no case, and the catalogue has not these elements."""
    return next((name for name in instance.attributes if name.lower() == attribute.lower()), attribute)


def _is_read(subject: Subject) -> bool:
    """Whether all of the configuration was read, so that what is not in it is nowhere."""
    return subject.effective.all_read and subject.effective.assembly.refused is None


@rule("sessions-unlimited")
def unlimited(subject: Subject) -> Iterator[Fault]:
    session = subject.effective.one("httpSession")
    overflow = _said(session, "allowOverflow").lower()
    if overflow != "false" and (overflow or _is_read(subject)):
        by = "" if overflow else ", which is the default"
        text = f"Sessions beyond maxInMemorySessionCount are made all the same (allowOverflow is true{by})."
        yield Fault(_of(subject, session, "allowOverflow"), text, about=("httpSession", None, "allowOverflow"))


@rule("session-timeout-long")
def long_timeout(subject: Subject) -> Iterator[Fault]:
    session = subject.effective.one("httpSession")
    written = _said(session, "invalidationTimeout")
    if not written and not _is_read(subject):
        return
    # A number alone is one of seconds; a negative one means never, and a variable that nobody defines stays text.
    seconds = duration(written or _TIMEOUT_DEFAULT, _SECOND)
    if not 0 < seconds <= _TEN_MINUTES:
        by = written or f"{_TIMEOUT_DEFAULT} by default"
        text = f"A session that nobody uses ends only after more than ten minutes (invalidationTimeout is {by})."
        if seconds <= 0:
            text = f"invalidationTimeout is {by}, which is no time from one second to ten minutes."
        about = ("httpSession", None, "invalidationTimeout")
        yield Fault(_of(subject, session, "invalidationTimeout"), text, about=about)


@rule("logs-not-sent")
def not_sent(subject: Subject) -> Iterator[Fault]:
    if not features.has(subject.effective, r"logstashcollector-.*"):
        if not _is_read(subject):
            return
        text = "No feature logstashCollector-1.0 is enabled, so Liberty itself sends its logs nowhere."
        yield Fault(Origin(_server_xml(subject)), text, about=("featureManager",))
        return
    collector = subject.effective.one("logstashCollector")
    sources = {source.strip() for source in _said(collector, "source").split(",")}
    missing = [source for source in _SOURCES if source not in sources]
    if missing and (sources != {""} or _is_read(subject)):
        text = f"Of the logs Liberty does not send {several(missing)} (source of logstashCollector)."
        about = ("logstashCollector", None, "source")
        yield Fault(_of(subject, collector, "source"), text, about=about, detail=frozenset(missing))


@rule("no-ldap-registry")
def no_ldap(subject: Subject) -> Iterator[Fault]:
    registries = subject.effective.all("ldapRegistry")
    if not registries and _is_read(subject):
        yield Fault(Origin(_server_xml(subject)), "No ldapRegistry is configured.", about=("ldapRegistry",))
    elif registries and element_features.is_without(subject.effective, "ldapRegistry"):
        text = "Liberty ignores ldapRegistry, since no enabled feature brings it."
        yield Fault(registries[-1].places[-1], text, about=("ldapRegistry",))


@rule("administrators-without-certificate")
def administrators(subject: Subject) -> Iterator[Fault]:
    rest = features.has(subject.effective, r"(restconnector|admincenter)-.*")
    # z/OS Connect 2.0 is administered by its own REST API, on every port.
    if not rest and features.version(subject.effective) != OAS2:
        return
    for port in subject.ports:
        if port.tls and not port.unusable and port.client_authentication != "required":
            text = f"Port {port.port}, which serves administration too, demands no client certificate."
            yield Fault(port.origin, text, about=("port", str(port.port)))
    # Where TLS is demanded, http leads to https. AT-TLS shows Liberty no certificate, so passwords are left.
    if features.version(subject.effective) == OAS2 and any(_without_tls(subject)):
        for port in subject.ports:
            if not port.tls:
                text = f"Port {port.port} serves administration by http too, where Liberty sees no client certificate."
                yield Fault(port.origin, text, about=("port", str(port.port)))


def _without_tls(subject: Subject) -> Iterator[bool]:
    """Yield of whatever the API of administration is for whether http is taken."""
    manager = subject.effective.one(require_secure.MANAGER)
    yield not require_secure.decide("requireSecure", [(require_secure.MANAGER, manager)]).value
    yield from (not require_secure.of_others(subject.effective, side).value for side in require_secure.SIDES)
    yield from (not one.secure.value for one in subject.artifacts)


@rule("fips-not-asked")
def no_fips(subject: Subject) -> Iterator[Fault]:
    if not _asks_for_fips(subject):
        path = posixpath.normpath(f"{subject.server_dir}/jvm.options")
        text = "No jvm.options and no server.env that was read tells Java to use FIPS."
        yield Fault(Origin(path), text, about=("jvm.options", "fips"))


def _asks_for_fips(subject: Subject) -> bool:
    """Say whether Java is told to use FIPS; of several settings of one property the last one counts."""
    outer = subject.effective.assembly.variables.outer
    # Liberty's script takes anything but false for a yes, such as the names of files.
    if outer.environment.get(_FIPS_VARIABLE, "false") != "false":
        return True
    first, last = (
        [option for name in names for option in outer.environment.get(name, "").split()]
        for names in (_JAVA_VARIABLES, (_LAST_VARIABLE,))
    )
    known = {**_properties(first), **outer.system, **_properties(last)}
    if any(value.fullmatch(known.get(name, "")) for name, value in _FIPS_PROPERTIES.items()):
        return True
    return any(map(_FIPS_OPTION.fullmatch, (*first, *_lines(subject), *last)))


def _properties(options: Iterable[str]) -> dict[str, str]:
    pairs = (option.removeprefix("-D").partition("=") for option in options if option.startswith("-D"))
    return {name: value for name, _equals, value in pairs}


def _lines(subject: Subject) -> Iterator[str]:
    """Yield the lines of the jvm.options that count: that of the installation only where there is no other."""
    found = [path for path in subject.files.content if posixpath.basename(path) == "jvm.options"]
    own = [path for path in found if not path.endswith("/etc/jvm.options")]
    for path in own or found:
        yield from map(str.strip, subject.files.content[path].decode("utf-8", errors="replace").splitlines())


@rule("logs-unplanned")
def unplanned(subject: Subject) -> Iterator[Fault]:
    logging, outer = subject.effective.one("logging"), subject.effective.assembly.variables.outer
    bootstrap = outer.bootstrap
    outside = bootstrap.get(_CONSOLE) or outer.environment.get(_CONSOLE_VARIABLE, "")
    if (_said(logging, "consoleLogLevel") or outside).strip().upper() == "OFF":
        text = "Nothing is written to console.log (consoleLogLevel is OFF)."
        yield Fault(_of(subject, logging, "consoleLogLevel"), text, about=("logging", None, "consoleLogLevel"))
    chosen = _said(logging, "traceSpecification") or bootstrap.get(_TRACE)
    if not chosen and _is_read(subject):
        text = "Nobody chose what is logged (traceSpecification of logging)."
        yield Fault(_of(subject, logging, "traceSpecification"), text, about=("logging", None, "traceSpecification"))


@rule("config-mode")
def mode(subject: Subject) -> Iterator[Fault]:
    path = _server_xml(subject)
    found = subject.facts.get(path, {}).get("mode")
    if isinstance(found, str) and int(found, 8) & ~_MODE:
        yield Fault(Origin(path), f"server.xml has mode {found}; 0660 is the most.", about=("file", path))


@rule("certificate-self-signed")
def self_signed(keys: Keys) -> Iterator[Fault]:
    for place, held in keys.held:
        if held.has_key and held.subject and held.subject == held.issuer:
            text = f"{held.subject} was issued by nobody but itself."
            yield of_entry(place, held, text, {"do": "have a certificate issued, and put it in by keystore"})


OF_KEYS = (self_signed,)
RULES = tuple(entry for entry in list(globals().values()) if isinstance(entry, Rule) and entry not in OF_KEYS)
