# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules: what hardening guides ask of a Liberty server beside TLS (DISA's STIG for WebSphere Liberty, V2R4)."""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.hints import several, shortened
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import passwords
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import Instance
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.values import duration
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.variables import Origin
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import feature_list, features
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.rules.rule import (
    Fault,
    Rule,
    Subject,
    of,
    rule,
    want,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.zosconnect import OAS2, OAS3

# What Liberty reports of logins and of refusals, where it audits.
_EVENTS = ("SECURITY_AUTHN", "SECURITY_AUTHZ")
# Default of keysPassword in the metatype of Open Liberty 26.0.0.3.
_LTPA_DEFAULT = "WebAS"
# What features of other products and of the site's own bring, nobody knows.
_OURS = "zosconnect:"
_TEN_MINUTES = 600_000


@rule("application-security-off")
def no_application_security(subject: Subject) -> Iterator[Fault]:
    manager = _complete_features(subject)
    # Whatever brings z/OS Connect 2.0 may bring it; of web applications that anybody may call another finding tells.
    version = features.version(subject.effective)
    told = version == OAS2 or (version == OAS3 and subject.web_applications)
    enabled = features.features(subject.effective) or []
    known = all(feature_list.is_known(name) and (":" not in name or name.startswith(_OURS)) for name in enabled)
    if manager and known and not told and not features.application_security(subject.effective):
        text = "No feature seen here brings application security."
        yield Fault(manager.origin("feature"), text, about=("featureManager",))


@rule("audit-off")
def no_audit(subject: Subject) -> Iterator[Fault]:
    manager = _complete_features(subject)
    if manager and not features.has(subject.effective, r"audit-.*"):
        text = "No feature audit-1.0 is enabled: Liberty itself records neither logins nor refusals."
        yield Fault(manager.origin("feature"), text, about=("featureManager",))


@rule("audit-events")
def left_out_of_audit(subject: Subject) -> Iterator[Fault]:
    if not features.has(subject.effective, r"audit-.*"):
        return
    for handler in subject.effective.all("auditFileHandler"):
        chosen = {str(event.get("eventName")) for event in handler.children.get("events", [])}
        missing = [name for name in _EVENTS if name not in chosen]
        # Without a choice all events are recorded.
        if chosen and missing:
            text = f"The audit file leaves out {several(missing)}."
            yield Fault(handler.places[-1], text, about=of(handler, "events"), detail=frozenset(missing))


@rule("audit-clear")
def audit_in_clear(subject: Subject) -> Iterator[Fault]:
    manager = _complete_features(subject)
    handlers = subject.effective.all("auditFileHandler")
    if not (manager and features.has(subject.effective, r"audit-.*")):
        return
    if not any(str(handler.get("encrypt")).lower() == "true" for handler in handlers):
        place = handlers[-1].places[-1] if handlers else manager.origin("feature")
        yield Fault(place, "The audit file is not encrypted.", about=("auditFileHandler", "encrypt"))


@rule("administrator-in-file")
def administrator_in_file(subject: Subject) -> Iterator[Fault]:
    quick = subject.effective.one("quickStartSecurity")
    if quick and quick.get("userName"):
        text = "quickStartSecurity makes an administrator whose password stands in the configuration."
        yield Fault(quick.origin("userName"), text, about=of(quick))
    role = subject.effective.one("administrator-role")
    in_files = {
        str(entry.get("name"))
        for registry in subject.effective.all("basicRegistry")
        for kind in ("user", "group")
        for entry in registry.children.get(kind, [])
    }
    named = [name for kind in ("user", "group") for name in _texts(role, kind) if name in in_files]
    if role and named:
        text = f"Administrators come from a basicRegistry of the configuration: {several([*map(shortened, named)])}."
        yield Fault(role.places[-1], text, about=of(role), detail=frozenset(named))


def _texts(instance: Instance | None, name: str) -> list[str]:
    found = instance.get(name) if instance else None
    return found if isinstance(found, list) else []


@rule("basic-registry")
def basic_registry(subject: Subject) -> Iterator[Fault]:
    for registry in subject.effective.all("basicRegistry"):
        if registry.children.get("user"):
            text = "Users stand in the configuration with their passwords (basicRegistry)."
            yield Fault(registry.places[-1], text, about=of(registry))


@rule("ldap-cleartext")
def ldap_cleartext(subject: Subject) -> Iterator[Fault]:
    for registry in subject.effective.all("ldapRegistry"):
        if str(registry.get("sslEnabled") or "false").lower() == "false":
            text = "The LDAP server is asked without TLS, unless AT-TLS covers the connection."
            yield Fault(registry.origin("sslEnabled"), text, about=of(registry))


@rule("logins-kept-long")
def kept_long(subject: Subject) -> Iterator[Fault]:
    cache = subject.effective.one("authCache")
    kept = str(cache.get("timeout")) if cache else ""
    if cache and duration(kept, 1) > _TEN_MINUTES:
        text = f"Logins are kept for {shortened(kept)}, in which a user who is revoked gets in."
        remedy = want("authCache", timeout="600s")
        yield Fault(cache.origin("timeout"), text, remedy, about=of(cache, "timeout"))


@rule("ltpa-default-password")
def ltpa_default_password(subject: Subject) -> Iterator[Fault]:
    ltpa = subject.effective.one("ltpa")
    # What the password of the environment does to LTPA is not documented, so it gets the benefit of the doubt.
    given = subject.effective.assembly.variables.outer.environment.get("keystore_password")
    if ltpa and _plain(str(ltpa.get("keysPassword") or given or _LTPA_DEFAULT)) == _LTPA_DEFAULT:
        text = "The LTPA keys are protected by the password that every Liberty server has at first."
        yield Fault(ltpa.origin("keysPassword"), text, about=of(ltpa, "keysPassword"))


def _plain(text: str) -> str | None:
    """Return a password that anybody can read, None for one that takes a key of the server's own."""
    try:
        return passwords.decode(text)
    except SecurityError:
        return None


@rule("cookie-script-readable")
def readable_cookies(subject: Subject) -> Iterator[Fault]:
    security, session = subject.effective.one("webAppSecurity"), subject.effective.one("httpSession")
    if security and security.get("httpOnlyCookies") is False:
        text = "Scripts of a page may read the cookie that logs its user in (httpOnlyCookies)."
        remedy = want("webAppSecurity", httpOnlyCookies=True)
        yield Fault(security.origin("httpOnlyCookies"), text, remedy, about=of(security, "httpOnlyCookies"))
    if session and str(session.get("cookieHttpOnly")).lower() == "false":
        text = "Scripts of a page may read the cookie of its session (cookieHttpOnly)."
        yield Fault(session.origin("cookieHttpOnly"), text, about=of(session, "cookieHttpOnly"))


@rule("cookie-cleartext")
def cookies_in_clear(subject: Subject) -> Iterator[Fault]:
    security = subject.effective.one("webAppSecurity")
    plain = [port for port in subject.ports if port.cleartext]
    kept = security is None or not (security.get("ssoRequiresSSL") or security.get("singleSignonEnabled") is False)
    # Browsers keep cookies; who administrates by one comes here, and callers of API requesters do not.
    if kept and plain and features.has(subject.effective, r"admincenter-.*"):
        text = f"Browsers send the cookie that logs an administrator in over plain http too, on {plain[0].port}."
        remedy = want("webAppSecurity", ssoRequiresSSL=True)
        yield Fault(plain[0].origin, text, remedy, about=("webAppSecurity", None, "ssoRequiresSSL"))


@rule("config-writable")
def writable(subject: Subject) -> Iterator[Fault]:
    for path in subject.files.content:
        mode = subject.facts.get(path, {}).get("mode")
        if isinstance(mode, str) and int(mode, 8) & 0o002:
            yield Fault(Origin(path), f"Everybody on the system can change this file ({mode}).", about=("file", path))


def _complete_features(subject: Subject) -> Instance | None:
    """Return the featureManager of a configuration of which all was read."""
    return subject.effective.one("featureManager") if subject.effective.all_read else None


RULES = tuple(entry for entry in list(globals().values()) if isinstance(entry, Rule))
