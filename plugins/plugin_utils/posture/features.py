# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the features of a server say about it. Liberty compares a feature's name without regard to case."""

from __future__ import annotations

import re

from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import Effective

# Features that bring TLS, by themselves or by what they pull in; a user feature may do so too.
_TLS = r"(ssl|transportsecurity|restconnector|zosconnect:.+|admincenter|appsecurity|usr:.+)-\d.*"


def features(effective: Effective) -> list[str] | None:
    """Return the enabled features in lower case, None where no ``featureManager`` was seen at all."""
    manager = effective.one("featureManager")
    if manager is None:
        return None
    found = manager.get("feature")
    return [str(feature).strip().lower() for feature in (found if isinstance(found, list) else [found or ""])]


def has(effective: Effective, pattern: str) -> bool | None:
    """Say whether a feature matches the regular expression ``pattern``; None where nobody can know."""
    return effective.once(("feature", pattern), lambda: _has(features(effective), pattern))


def _has(known: list[str] | None, pattern: str) -> bool | None:
    return None if known is None else any(re.fullmatch(pattern, feature) for feature in known)


def brings_tls(effective: Effective) -> bool:
    """Say whether https ports are opened; a fragment that names no features gets the benefit of the doubt."""
    return has(effective, _TLS) is not False


def version(effective: Effective) -> str | None:
    """Return the z/OS Connect feature level, ``2.0`` or ``3.0``; None where no feature says so."""
    if has(effective, r"zosconnect:(zosconnect-3\.0|oasrequester-1\.0)"):
        return "3.0"
    return "2.0" if has(effective, r"zosconnect:(zosconnect-2\.0|apirequester-1\.0|cicsservice-1\.0)") else None
