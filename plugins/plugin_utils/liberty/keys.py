# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which keys a server uses for ``{aes}``: those that its variables name, one in SAF, or its built-in one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import passwords
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.aes import (
    KEY_VARIABLE,
    PASSPHRASE_VARIABLE,
    Keys,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.document import Document
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import Effective
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.variables import (
    Definition,
    Origin,
    Outer,
    Variables,
)

_FEATURE = "zospasswordencryptionkey-"


def of_file(document: Document) -> Variables:
    """Return the variables that one file defines."""
    variables = Variables(Outer())
    for node in document.top():
        name = node.get("name")
        if node.local == "variable" and name:
            origin = Origin(document.source.name, node.line)
            variables.xml[name] = Definition(node.get("value"), node.get("defaultValue"), origin)
    return variables


def in_saf(features: Iterable[str], place: str) -> str | None:
    """Return ``place`` if one of the features takes the key from a key ring; Liberty ignores its variables then.

    Source: IBM, "Storing AES password encryption keys in a SAF key ring".
    """
    return place if any(each.strip().lower().startswith(_FEATURE) for each in features) else None


def in_saf_of(effective: Effective) -> str | None:
    """Return where a configuration says that the server takes its key from SAF, None where it does not."""
    manager, element = effective.one("featureManager"), effective.one("zosPasswordEncryptionKey")
    found = manager.get("feature") if manager else None
    if manager is None or not isinstance(found, list):
        return None
    return in_saf(found, str(element.places[-1] if element and element.places else manager.origin("feature")))


def in_saf_of_file(document: Document) -> str | None:
    """Return the same of one file."""
    for node in document.top():
        features = [child.text for child in node.children] if node.local == "featureManager" else []
        if place := in_saf(features, f"{document.source.name}:{node.line}"):
            return place
    return None


def chosen(given: Keys, variables: Variables, *, whole: bool = True, saf: str | None = None) -> Keys:
    """Return the keys to use: the ``given`` ones, else those of ``variables``.

    ``whole`` says that the variables are all that the server has; then a given key that the server does not use is a
    SecurityError, because it could not read what is written with it. ``saf`` is where the configuration says that the
    key is in SAF: then only the given ones count.
    """
    if saf:
        for option, key in (("password_key", given.passphrase), ("password_base64_key", given.key)):
            if key is not None:
                passwords.check_desired(key, option)
        return replace(given, in_saf=saf)
    passphrase = _one("password_key", given.passphrase, PASSPHRASE_VARIABLE, variables, whole=whole)
    return Keys(passphrase, _one("password_base64_key", given.key, KEY_VARIABLE, variables, whole=whole))


def _one(option: str, given: str | None, name: str, variables: Variables, *, whole: bool) -> str | None:
    # Liberty does not look for this one in the environment (observed on Open Liberty 26.0.0.3).
    if given is not None:
        passwords.check_desired(given, option)
    found = variables.lookup(name, with_environment=False)
    value = None if found is None else variables.resolve(found[0])[0]
    if given is None or given == value:
        return value
    if found is not None:
        raise SecurityError(
            f"{option}: is another key than {name} at {found[1]}, so the server could not read {{aes}}."
        )
    if whole:
        raise SecurityError(
            f"{option}: the server has no variable {name}, so it could not read {{aes}} by this key; define it, in a "
            "file that few may read and that is included."
        )
    return given
