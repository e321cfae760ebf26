# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Elements whose attributes are plain texts are read at once, with the values that they have read one by one."""

from __future__ import annotations

import pytest

from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import raw as raws
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.attributes import Attributes, Rejected, plain
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.document import Document, read_source
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.elements import CATALOGUE, Element
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.raw import Raw
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.variables import Outer, Variables

_TEXTS = {"boolean": "true", "integer": "7", "duration": "5s"}


def raw(xml: str) -> Raw:
    document = Document(read_source(f"<server>{xml}</server>".encode(), name="server.xml"))
    return raws.from_node(document.nodes[1], ("server.xml",), (raws.MERGE,))


def written(entry: Element, number: int) -> str:
    """Return an element with every ``number``-th attribute of its entry, and one that the entry does not have."""
    given = [
        f'{known.name}="{known.options[0] if known.options else _TEXTS.get(known.kind, "text")}"'
        for known in [*entry.attributes.values()][::number]
        if known.kind not in ("ref", "refs", "strings")
    ]
    return f'<{entry.name} {" ".join(given)} ofNobody="x"/>'


@pytest.mark.parametrize("number", [1, 2, 3])
@pytest.mark.parametrize("name", [*sorted(CATALOGUE), "ofNobody"])
def test_what_is_read_at_once_is_what_is_read_one_by_one(name: str, number: int) -> None:
    entry = CATALOGUE.get(name)
    element = raw(written(entry, number) if entry else '<ofNobody a="1" B="2"/>')
    at_once = plain(element, entry)
    try:
        one_by_one = Attributes(element, entry, Variables(Outer()), []).all()
    except Rejected:
        assert at_once is None
        return
    assert at_once is None or [*at_once.items()] == [*one_by_one.items()]
    assert entry or at_once is not None


def test_the_elements_of_which_there_are_thousands_are_read_at_once() -> None:
    entry = CATALOGUE["zosconnect_apiRequesters"].children["apirequester"]
    found = plain(raw('<apiRequester name="r" requireSecure="true" other="x"/>'), entry)
    assert found is not None
    assert {name: (value.value, str(value.origin)) for name, value in found.items() if value.written} == {
        "name": ("r", "server.xml:1"),
        "requireSecure": (True, "server.xml:1"),
        "other": ("x", "server.xml:1"),
    }


@pytest.mark.parametrize(
    "xml",
    [
        '<apiRequester name="${a}"/>',
        '<apiRequester name="r" requireSecure="perhaps"/>',
        '<apiRequester name="r"><other a="1"/></apiRequester>',
    ],
)
def test_variables_bad_values_and_nested_elements_are_read_one_by_one(xml: str) -> None:
    assert plain(raw(xml), CATALOGUE["zosconnect_apiRequesters"].children["apirequester"]) is None
