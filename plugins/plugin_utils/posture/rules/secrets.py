# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules: secrets that a reader of the configuration learns.

Open Liberty, "Password encryption limitations": {xor} is no encryption. {aes} without a key of the site's own uses
one that is the same everywhere (CVE-2025-14917, CWE-1393, Liberty 17.0.0.3 to 26.0.0.3; since 26.0.0.3 securityUtility
asks for a key). DISA STIG V-250336 forbids passwords in plain text and in {xor} in whatever file.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from ansible_collections.zosconnect.security.plugins.module_utils.secret_names import is_secret_name, named_secrets
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import elements, outside, passwords
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import keys as key_choice
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.aes import Keys
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import Effective, Instance, walk
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.variables import Origin
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.rules.rule import (
    Fault,
    Rule,
    Subject,
    of,
    rule,
)

_SECRETS = elements.secret_names()
_PLACEHOLDER = re.compile(r"\$\{[^{}]+\}")
# What z/OS Connect sends to whoever hands out tokens; it fills in user and password of each call.
REQUEST_BODY = "requestbody"
_BOOTSTRAP = "bootstrap.properties"
_WORDS = {
    passwords.PLAIN: "in plain text",
    passwords.XOR: "in {xor}",
    passwords.AES: "in {aes} by the key that all Liberty servers have in common",
}


@rule("secret-readable")
def readable_secrets(subject: Subject) -> Iterator[Fault]:
    for instance, name, kind, origin in _learned(subject):
        mode = _open_mode(subject, origin)
        if mode:
            readable = f"everybody can read the file ({mode})"
            text = f"{name} of <{instance.element}> stands here {_WORDS[kind]}, and {readable}."
            yield Fault(origin, text, about=of(instance, name), detail=frozenset({kind}))


@rule("secret-unprotected")
def unprotected_secrets(subject: Subject) -> Iterator[Fault]:
    for instance, name, kind, origin in _learned(subject):
        if not _open_mode(subject, origin):
            text = f"{name} of <{instance.element}> stands here {_WORDS[kind]}."
            yield Fault(origin, text, about=of(instance, name), detail=frozenset({kind}))


def _open_mode(subject: Subject, origin: Origin) -> str | None:
    """Return the permission bits of a file that everybody can read.

    An origin in ``bootstrap.properties`` names no folder, and may be that of a file that it includes.
    """
    source = origin.source
    if source == _BOOTSTRAP:
        found = (path for path in subject.facts if posixpath.basename(path) == _BOOTSTRAP)
        source = next((path for path in found if outside.is_whole(subject.files, path)), "")
    mode = subject.facts.get(source, {}).get("mode")
    return mode if isinstance(mode, str) and int(mode, 8) & 0o004 else None


def _learned(subject: Subject) -> Iterator[tuple[Instance, str, str, Origin]]:
    """Yield each secret that a reader learns: element, attribute, how it is written, and where the text stands."""
    own = _own_keys(subject.effective)
    for instances in subject.effective.instances.values():
        for instance in walk(instances):
            for name, value in instance.attributes.items():
                if not isinstance(value.value, str) or not _is_secret(instance, name, value.value):
                    continue
                kind = _encoding(value.value, own)
                if kind:
                    yield instance, name, kind, _written(subject.effective, value.origin)


def _own_keys(effective: Effective) -> Keys:
    """Return the keys of {aes} that the server's variables name; a variable that leads to itself names none."""
    try:
        return key_choice.chosen(passwords.NO_KEYS, effective.assembly.variables)
    except SecurityError:
        return passwords.NO_KEYS


def _is_secret(instance: Instance, name: str, value: str) -> bool:
    """Whether a value is a secret; the dummy password of a key ring is none, and no body that is filled in later."""
    if not value or value.startswith("${"):
        return False
    if name.lower() == REQUEST_BODY and _PLACEHOLDER.search(value):
        return bool(named_secrets(_PLACEHOLDER.sub("", value)))
    dummy = value == "password" and str(instance.get("location") or "").lower().startswith("safkeyring")
    return not dummy and (name.lower() in _SECRETS or is_secret_name(name) or instance.holds_named(name))


def _encoding(text: str, own: Keys) -> str | None:
    """Return how a secret is written that a reader learns; None for one that is protected."""
    kind = passwords.algorithm(text)
    if kind is None:
        return passwords.PLAIN
    if kind == passwords.XOR:
        return kind
    return passwords.AES if kind == passwords.AES and not _opened(text, own) and passwords.readable(text) else None


def _opened(text: str, own: Keys) -> bool:
    """Whether a key of the server's own opens a text."""
    if own == passwords.NO_KEYS:
        return False
    try:
        return bool(passwords.decode(text, own))
    except SecurityError:
        return False


def _written(effective: Effective, origin: Origin) -> Origin:
    """Return where the text itself stands: with variables on the way, where the last of them is defined."""
    found = effective.assembly.variables.lookup(origin.via[-1]) if origin.via else None
    return found[1] if found else origin


RULES = tuple(entry for entry in list(globals().values()) if isinstance(entry, Rule))
