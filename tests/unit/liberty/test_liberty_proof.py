# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Law 3, said is done: where the writing is sabotaged, the proof fails and nothing is planned."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import desired, style, verify
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.document import Document, read_source
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.edits import SetValue
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.plan import plan
from ansible_collections.zosconnect.security.plugins.plugin_utils.source import Splice

FILE = b"""\
<server>
    <ssl id="a" keyStoreRef="k" sslProtocol="TLSv1.2"/>
    <keyStore id="k" location="k.p12"/>
    <mystery>text</mystery>
</server>
"""
DESIRED: list[dict[str, Any]] = [
    {"element": "ssl", "id": "a", "attributes": {"sslProtocol": None, "keyStoreRef": "l", "serverKeyAlias": "a<b"}},
    {"element": "keyStore", "id": "l", "attributes": {"location": "l&m.p12"}, "children": [{"element": "keyEntry"}]},
    {"element": "mystery", "text": "other"},
    {"element": "keyStore", "id": "k", "state": "absent"},
]
DESIRED[1]["children"][0]["attributes"] = {"name": "e"}
Splices = Callable[[Any, Any], list[Splice]]
REFUSED = (
    "server.xml: the change was planned but its proof failed: the new text does not mean what was intended. "
    "Nothing was changed. Please report this with the file's layout."
)


def attempt() -> object:
    options = desired.Options(allow_unknown=True)
    return plan(read_source(FILE, name="server.xml"), desired.check(DESIRED, options), allow_unknown=True)


def test_without_sabotage_it_is_planned() -> None:
    assert attempt()


@pytest.mark.parametrize("number", range(6))
@pytest.mark.parametrize("change", ["left out", "elsewhere", "another value"])
def test_a_splice_gone_wrong(monkeypatch: pytest.MonkeyPatch, number: int, change: str) -> None:
    real: Splices = style.splices

    def sabotaged(document: Any, edits: Any) -> list[Splice]:
        splices = real(document, edits)
        one = splices.pop(number)
        at = FILE.decode().index("mystery")
        wrong = {
            "left out": [],
            "elsewhere": [Splice(at + 1, at + 1, "x"), one],
            "another value": [
                Splice(one.start, one.end, f"{one.text.rstrip('/>')}x{one.text[len(one.text.rstrip('/>')) :]}")
            ],
        }[change]
        return [*splices, *wrong]

    monkeypatch.setattr(style, "splices", sabotaged)
    with pytest.raises(SecurityError, match=r"proof failed|a second parser refuses the file"):
        attempt()


def test_a_value_that_is_not_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(style._Style, "escape", lambda _self, text, _quote: text)
    with pytest.raises(
        SecurityError, match=r"^server\.xml: a second parser refuses the file: .*\. Nothing was changed\.$"
    ):
        attempt()


def test_a_value_that_is_written_differently(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        style._Style, "escape", lambda _self, text, _quote: text.upper().replace("<", "").replace("&", "")
    )
    with pytest.raises(SecurityError) as caught:
        attempt()
    assert str(caught.value) == REFUSED


def test_a_child_that_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    real: Callable[..., str] = style._Style.render

    def childless(self: Any, new: Any, *more: Any) -> str:
        new.children, kept = [], new.children
        text = real(self, new, *more)
        new.children = kept
        return text

    monkeypatch.setattr(style._Style, "render", childless)
    with pytest.raises(SecurityError) as caught:
        attempt()
    assert str(caught.value) == REFUSED


MANY = """<server description="&lt;zcs&gt;" xmlns:l="urn:l"{}>
    <ssl id="a"/>
    <!-- <ssl id="b" trustStoreRef="t"/> -->
    <ssl id="b" trustStoreRef="t"/>
    <ssl id="c"><keyStore id="in"/></ssl><ssl id="d" l:x="y"/>
    <ssl id="e"/>
</server>
"""


def read_by_lxml(monkeypatch: pytest.MonkeyPatch, text: str, *wanted: dict[str, Any]) -> list[str]:
    """Plan; return the texts that lxml read for the proof, without white space at their ends."""
    read: list[str] = []
    real: Callable[[Any, str, str], Any] = verify._tree
    monkeypatch.setattr(verify, "_tree", lambda etree, name, text: (read.append(text), real(etree, name, text))[1])
    options = desired.Options(allow_unknown=True)
    found = plan(read_source(text.encode(), name="server.xml"), desired.check(wanted, options), allow_unknown=True)
    assert found.changed
    return [one.strip() for one in read]


@pytest.mark.parametrize(
    ("wanted", "windows"),
    [
        pytest.param(
            [{"element": "ssl", "id": "b", "attributes": {"trustStoreRef": "u"}}],
            ['<ssl id="b" trustStoreRef="t"/>', '<ssl id="b" trustStoreRef="u"/>'],
            id="a value",
        ),
        pytest.param(
            [{"element": "ssl", "id": "d", "attributes": {"trustStoreRef": "u"}}],
            ['<ssl id="d" l:x="y"/>', '<ssl id="d" l:x="y" trustStoreRef="u"/>'],
            id="a prefix is bound around it",
        ),
        pytest.param(
            [{"element": "ssl", "id": "d", "state": "absent"}],
            [
                '<ssl id="c"><keyStore id="in"/></ssl><ssl id="d" l:x="y"/>\n    <ssl id="e"/>',
                '<ssl id="c"><keyStore id="in"/></ssl>\n    <ssl id="e"/>',
            ],
            id="one that goes, with its neighbours",
        ),
        pytest.param(
            [
                {"element": "ssl", "id": "c", "children": [{"element": "keyStore", "attributes": {"location": "k"}}]},
                {"element": "ssl", "id": "d", "attributes": {"trustStoreRef": "u"}},
            ],
            [
                '<ssl id="c"><keyStore id="in"/></ssl><ssl id="d" l:x="y"/>',
                '<ssl id="c"><keyStore id="in" location="k"/></ssl><ssl id="d" l:x="y" trustStoreRef="u"/>',
            ],
            id="places at two levels",
        ),
    ],
)
@pytest.mark.parametrize("default", ["", ' xmlns="urn:d"', ' xmlns=""'])
def test_lxml_reads_once_what_is_around_a_change(
    monkeypatch: pytest.MonkeyPatch, wanted: list[dict[str, Any]], windows: list[str], default: str
) -> None:
    text = MANY.format(default)
    bound = 'xmlns:l="urn:l"' if not default else f'{default.strip()} xmlns:l="urn:l"'
    around, *read = read_by_lxml(monkeypatch, text, *wanted)
    assert around == "<zcs-window/>".join(text.rsplit(windows[0], 1)).strip()
    inside = [one.partition(">")[2].removesuffix("</zcs-window>") for one in read]
    assert inside == windows
    for one in read:
        head = one.partition(">")[0].removeprefix("<zcs-window ")
        assert sorted(head.split()) == sorted(bound.split())


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        pytest.param(
            MANY.format(""), {"element": "ssl", "id": "a", "state": "absent"}, id="the first goes: no neighbour"
        ),
        pytest.param(MANY.format(""), {"element": "ssl", "id": "n"}, id="a new one behind the last"),
        pytest.param(MANY.format(""), {"element": "keyStore", "id": "n"}, id="a new one of another name"),
        pytest.param(
            MANY.format("").replace("&lt;zcs&gt;", "zcs-window"),
            {"element": "ssl", "id": "a", "attributes": {"trustStoreRef": "u"}},
            id="the mark stands in the text",
        ),
    ],
)
def test_without_a_window_lxml_reads_both_texts(
    monkeypatch: pytest.MonkeyPatch, text: str, wanted: dict[str, Any]
) -> None:
    old, new = read_by_lxml(monkeypatch, text, wanted)
    assert old == text.strip()
    assert new not in (old, "")


@pytest.mark.parametrize(
    ("changed", "number", "line"),
    [
        pytest.param("in the comment", 2, 3, id="a place that is no element to lxml"),
        pytest.param("the first", 2, 2, id="a number that is not that of the place"),
        pytest.param("the first", 0, 2, id="the number of what is around it"),
    ],
)
def test_positions_that_lie(changed: str, number: int, line: int) -> None:
    text = '<server>\n<ssl id="b"/>\n<!-- <ssl id="b"/> -->\n<ssl id="b"/>\n</server>'
    document = Document(read_source(text.encode(), name="server.xml"))
    node = document.nodes[2]
    at = text.index("<ssl", text.index("<!--")) if changed == "in the comment" else text.index("<ssl")
    node.start, node.stop, node.index = at, at, number
    node._tag = None
    value = node.attribute("id")
    result = document.source.splice([Splice(value.value_start, value.value_end, "c")])
    assert document.source.line(at) == line
    with pytest.raises(SecurityError) as caught:
        verify.verify(document, [SetValue(node, "id", "c")], result)
    assert str(caught.value) == REFUSED


def test_a_change_beside_the_window_is_found() -> None:
    text = '<server><ssl id="a"/><ssl id="b"/><ssl id="c"/></server>'
    document = Document(read_source(text.encode(), name="server.xml"))
    edits = [SetValue(document.nodes[2], "id", "n")]
    good = text.replace('"b"', '"n"')
    verify.verify(document, edits, read_source(good.encode(), name="server.xml"))
    for bad in (good.replace('"a"', '"x"'), good.replace('"c"', '"x"'), good.replace('<ssl id="c"/>', ""), text):
        with pytest.raises(SecurityError) as caught:
            verify.verify(document, edits, read_source(bad.encode(), name="server.xml"))
        assert str(caught.value) == REFUSED
