# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""All 27 ways to set requireSecure, or not, at its three scopes: what each scope holds, and where that was said."""

from __future__ import annotations

import itertools

import pytest

from ansible_collections.zosconnect.security.plugins.plugin_utils.files import Files
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.assembly import assemble
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import BUILT_IN, evaluate
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.outside import Places
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.variables import Origin, Outer

TEXT = {True: ' requireSecure="true"', False: ' requireSecure="false"', None: ""}


@pytest.mark.parametrize("said", list(itertools.product(TEXT, repeat=3)))
def test_every_scope_holds_what_was_written(said: tuple[bool | None, bool | None, bool | None]) -> None:
    manager, collection, requester = said
    xml = f"""<server>
<zosconnect_zosConnectManager{TEXT[manager]}/>
<zosconnect_apiRequesters{TEXT[collection]}>
<apiRequester name="orders"{TEXT[requester]}/>
</zosconnect_apiRequesters>
</server>"""
    files = Files({"/srv/server.xml": xml.encode()})
    effective = evaluate(assemble(files, Places("/srv"), Outer()))
    top = effective.one("zosconnect_zosConnectManager")
    middle = effective.one("zosconnect_apiRequesters")
    assert top is not None
    assert middle is not None
    [own] = middle.children["apiRequester"]
    # Only the manager has a default, so that a narrower scope that says nothing leaves the word to the wider one.
    assert [scope.get("requireSecure") for scope in (top, middle, own)] == [
        True if manager is None else manager,
        collection,
        requester,
    ]
    places = [BUILT_IN if manager is None else Origin("/srv/server.xml", 2)]
    places += [Origin("/srv/server.xml", line) for line in (3, 4)]
    assert [scope.origin("requireSecure") for scope in (top, middle, own)] == places
