# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which elements of a port or a call others use too, in the words of a declaration: they are replaced, never edited."""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.takeover import uses
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.takeover.claims import own_trust
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import Effective, Instance
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import outbound, ports


def shared(effective: Effective, endpoint: Instance) -> frozenset[str]:
    """Return the words for what others than an endpoint use too."""
    options = ports.options(effective, endpoint)
    words = set(_of_ssl(effective, effective.by_id("ssl", ports.wanted_ssl(effective, endpoint)), endpoint))
    if options and uses.of_options(effective, str(options.id), but=endpoint):
        words.add("sslOptions")
    return frozenset(words)


def of_call(effective: Effective, called: Instance) -> frozenset[str]:
    """Return the words for what others than a call use too."""
    call = next((one for one in outbound.calls(effective) if one.called is called), None)
    return frozenset(_of_ssl(effective, call.ssl if call else None, called))


def _of_ssl(effective: Effective, ssl: Instance | None, but: Instance) -> Iterator[str]:
    if ssl is None:
        return
    is_shared = bool(uses.of_ssl(effective, str(ssl.id), but=but))
    if is_shared:
        yield "ssl"
    for word, store in (("keyStore", ports.key_store(effective, ssl)), ("trustStore", own_trust(effective, ssl))):
        if store and (is_shared or uses.of_store(effective, str(store.id), but=ssl)):
            yield word
