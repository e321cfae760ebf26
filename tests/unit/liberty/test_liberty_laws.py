# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The laws of docs/ARCHITECTURE.md that the pure part of server_xml must keep, for any file and whatever is desired.

``make laws`` runs them with ten thousand examples each.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import assume, event, example, given
from hypothesis import strategies as st
from liberty_documents import ANY_STATE, MARKER, MERGED, desired, files

from ansible_collections.zosconnect.security.plugins.plugin_utils import diff, redact
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import desired as desiring
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import (
    elements,
    passwords,
    style,
    values,
    verify,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.document import Document, read_source
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.plan import Plan, plan
from ansible_collections.zosconnect.security.plugins.plugin_utils.source import Source, Splice

Desired = list[dict[str, Any]]
NOT_A_USERS_FAULT = ("proof failed", "second parser")


def planned(data: bytes, wanted: Desired) -> Plan:
    """Plan, where what is desired can be meant at all; references may lead anywhere."""
    source = read_source(data, name="server.xml")
    try:
        return plan(source, desiring.check(wanted, desiring.Options(allow_unknown=True)), allow_unknown=True)
    except SecurityError as e:
        if any(words in str(e) for words in NOT_A_USERS_FAULT):
            pytest.fail(str(e))
        event("refused")
        assume(False)
        raise


def tree(source: Source) -> ElementTree.Element:
    text = source.text
    return ElementTree.fromstring(text[text.index("?>") + 2 :] if text.startswith("<?xml ") else text)


# Law 1: nothing asked, nothing touched.
@given(files())
def test_what_is_read_is_written_back(data: bytes) -> None:
    source = read_source(data, name="server.xml")
    assert source.data == data
    assert plan(source, ()).result.data == data


@given(files())
def test_positions_are_those_of_the_elements(data: bytes) -> None:
    source = read_source(data, name="server.xml")
    nodes = Document(source).nodes
    others = list(tree(source).iter())
    assert [(node.name, node.attributes) for node in nodes] == [(other.tag, other.attrib) for other in others]
    for node, other in zip(nodes, others, strict=True):
        alone = ElementTree.fromstring(source.text[node.start : node.end])
        assert ElementTree.canonicalize(ElementTree.tostring(alone)) == canonical(other)
        assert [a.name for a in node.tag.attributes] == list(node.attributes)


def canonical(element: ElementTree.Element) -> str:
    tail, element.tail = element.tail, None
    text = ElementTree.canonicalize(ElementTree.tostring(element))
    element.tail = tail
    return text


# Law 2: only what was asked.
@given(files(), desired(ANY_STATE))
def test_bytes_outside_the_splices_are_equal(data: bytes, wanted: Desired) -> None:
    found = planned(data, wanted)
    old, encode = found.source, found.source.codec.encode
    expected, at = old.bom, 0
    for splice in sorted(found.splices, key=lambda s: (s.start, s.end)):
        assert splice.start >= at
        expected += encode(old.text[at : splice.start]) + encode(splice.text)
        at = splice.end
    assert found.result.data == expected + encode(old.text[at:])
    assert found.result.text.count("\ufffd") == 0


@given(files(), desired(ANY_STATE))
def test_elements_that_nobody_mentioned_are_as_they_were(data: bytes, wanted: Desired) -> None:
    found = planned(data, wanted)
    named = {one["element"] for one in wanted}
    kept = [
        [source.text[node.start : node.end] for node in Document(source).top() if node.name not in named]
        for source in (found.source, found.result)
    ]
    assert kept[0] == kept[1]


def effective(source: Source) -> dict[tuple[str, str | None], dict[str, str]]:
    """What Liberty makes of the top-level elements' attributes: the later wins. Written without the code that is tested."""
    merged: dict[tuple[str, str | None], dict[str, str]] = {}
    todo = [tree(source)]
    while todo:
        for child in todo.pop(0):
            if child.tag == "server":
                todo.insert(0, child)
                continue
            entry = elements.CATALOGUE.get(child.tag)
            own = {name.lower(): text for name, text in child.attrib.items() if name != "id"}
            key = entry.key if entry else None
            identity = own.get(key) if key else child.attrib.get("id", entry.default_id if entry else None)
            place = (child.tag, None if entry and entry.identity == "singleton" else identity)
            merged[place] = own if child.tag == "variable" else merged.get(place, {}) | own
    return merged


@given(files(), desired(MERGED))
def test_what_was_asked_is_true_and_all_else_stays_true(data: bytes, wanted: Desired) -> None:
    found = planned(data, wanted)
    assume(b"<server" not in data.partition(b"<server")[2])  # the order of nested servers is not flattened above
    before, after = effective(found.source), effective(found.result)
    for one in desiring.check(wanted, desiring.Options(allow_unknown=True)):
        place = (one.element, one.identity)
        expected = before.pop(place, {}) | ({one.entry.key: one.identity} if one.entry and one.entry.key else {})
        actual = after.pop(place, {})
        for name, text in one.attributes.items():
            was, now = expected.pop(name.lower(), None), actual.pop(name.lower(), None)
            known = one.entry.attributes[name.lower()] if one.entry else None
            # What means the same stays as it is; a new secret is written encoded.
            kept = now == was or (known is not None and known.secret)
            assert now == text or (text is not None and kept and values.same(known, now or "", text))
        for name, text in one.implied.items():
            assert actual.get(name.lower()) or actual.get(name.lower()) == text
        assert {name: text for name, text in actual.items() if name not in map(str.lower, one.implied)} == {
            name: text for name, text in expected.items() if name not in map(str.lower, one.implied)
        }
    assert before == after


# Law 3: said is done.
@given(files(), desired(ANY_STATE), st.data())
def test_a_wrong_text_is_refused(data: bytes, wanted: Desired, choose: st.DataObject) -> None:
    found = planned(data, wanted)
    assume(found.splices)
    document = Document(found.source)
    number = choose.draw(st.integers(0, len(found.splices) - 1))
    splice = found.splices[number]
    wrong = choose.draw(
        st.sampled_from(
            [
                Splice(splice.start, splice.end, splice.text[:-1]),
                Splice(splice.start, splice.end, splice.text[1:]),
                Splice(splice.start, splice.end, splice.text + splice.text),
                Splice(splice.start, splice.end, splice.text.replace("e", "o", 1)),
                Splice(max(0, splice.start - 1), splice.end, splice.text),
                Splice(splice.start, splice.end + 1, splice.text),
                Splice(splice.start, splice.start, ""),
            ]
        )
    )
    splices = [*found.splices[:number], wrong, *found.splices[number + 1 :]]
    try:
        text = found.source.splice(splices)
        same = ElementTree.canonicalize(ElementTree.tostring(tree(text)), strip_text=True) == ElementTree.canonicalize(
            ElementTree.tostring(tree(found.result)), strip_text=True
        )
    except (AssertionError, SecurityError, ElementTree.ParseError):
        return
    assume(not same)
    edits = edits_of(document, wanted)
    with pytest.raises(SecurityError, match=r"proof failed|second parser"):
        verify.verify(document, edits, text)


def edits_of(document: Document, wanted: Desired) -> list[Any]:
    """The edits of a plan, caught on their way to the style."""
    caught: list[Any] = []
    real = style.splices

    def catch(document: Document, edits: Any) -> list[Splice]:
        caught.extend(edits)
        return real(document, edits)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(style, "splices", catch)
        plan(document.source, desiring.check(wanted, desiring.Options(allow_unknown=True)), allow_unknown=True)
    return caught


# Law 4: twice is once.
@given(files(), desired(ANY_STATE))
def test_twice_is_once(data: bytes, wanted: Desired) -> None:
    found = planned(data, wanted)
    event("changes" if found.changed else "no change")
    again = planned(found.result.data, wanted)
    assert (again.splices, again.changes) == ((), ())
    assert found.changed == bool(found.changes)


# Law 6: no secret leaves.
@given(files(), desired(ANY_STATE))
def test_no_secret_leaves(data: bytes, wanted: Desired) -> None:
    found = planned(data, wanted)
    # That a variable holds a secret is known by its name, or by a password in this file that refers to it.
    assume(
        'value="${deep}"' in found.source.text
        or not any(one["attributes"].get("name") in ("kp", "deep") for one in wanted if "attributes" in one)
    )
    shown = [
        diff.hunks(found.source, found.result, found.splices, found.secret_variables),
        *(json.dumps(asdict(change), ensure_ascii=False) for change in found.changes),
        json.dumps(redact.structure({"elements": wanted}, found.secret_variables), ensure_ascii=False),
    ]
    for text in shown:
        assert MARKER not in text
        assert passwords.encode_xor(MARKER)[:12] not in text  # nine characters of twelve do not depend on what follows


# A diff is what changed: with its lines put in, the old text becomes the new one.
@given(files(), desired(ANY_STATE))
def test_the_diff_tells_the_change(data: bytes, wanted: Desired) -> None:
    found = planned(data, wanted)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(redact, "text", lambda text, _variables: text)
        hunks = diff.hunks(found.source, found.result, found.splices)
    before, after = (diff.LINE_END.split(source.text) for source in (found.source, found.result))
    assert patched(before, hunks) in (after, [*after, ""], after[:-1])


def patched(lines: list[str], hunks: str) -> list[str]:
    result, at = [], 0
    for line in hunks.split("\n")[:-1]:
        if line.startswith("@@"):
            start = int(line.split()[1][1:].partition(",")[0]) - 1
            result += lines[at:start]
            at = start
            continue
        assert line[0] == "+" or lines[at] == line[1:]
        result += [line[1:]] if line[0] in " +" else []
        at += line[0] != "+"
    return result + lines[at:]


# Law 9: never guess.
@given(files(), st.sampled_from(["apiRequester", "ApiRequester"]), st.integers(0, 3))
def test_two_of_one_natural_key_are_an_error(data: bytes, name: str, blank: int) -> None:
    source = read_source(data, name="server.xml")
    text = source.text[: source.text.rindex("</server")]
    twins = "".join(f"{chr(10) * blank}<{spelled} name='twin'/>" for spelled in (name, "apiRequester"))
    text += f"<zosconnect_apiRequesters>{twins}</zosconnect_apiRequesters></server>"
    source = Source("server.xml", text, source.codec)
    requester = {"element": "apiRequester", "attributes": {"name": "twin", "requireAuth": True}}
    wanted = [{"element": "zosconnect_apiRequesters", "children": [requester]}]
    lines = [node.line for node in Document(source).nodes if node.get("name") == "twin"]
    with pytest.raises(SecurityError, match=f"at lines {lines[0]} and {lines[1]}, "):
        plan(source, desiring.check(wanted, desiring.Options()))


@given(st.sampled_from(sorted(elements.CATALOGUE)), st.text(st.sampled_from("abcRSTx_-"), min_size=1, max_size=12))
@example("zosconnect_zosConnectManager", "requireSecured")
def test_an_unknown_attribute_is_an_error(element: str, name: str) -> None:
    assume(name.lower() not in elements.CATALOGUE[element].attributes)
    wanted = [{"element": element, "attributes": {name: "x"}}]
    with pytest.raises(SecurityError, match=r"elements\[0\]\.attributes\." + name + ": .* has no attribute"):
        desiring.check(wanted, desiring.Options())


@given(st.text(st.sampled_from("abcRSTx_-"), min_size=1, max_size=12))
def test_an_unknown_element_is_an_error(name: str) -> None:
    assume(name not in elements.CATALOGUE)
    with pytest.raises(SecurityError, match=r"elements\[0\].* is not known|cannot be an XML name"):
        desiring.check([{"element": name}], desiring.Options())


def test_every_secret_of_the_catalogue_is_one_by_its_name() -> None:
    """The redaction of raw text knows names only, not where they stand."""
    assert [name for name in sorted(elements.secret_names()) if not redact.is_secret_name(name)] == []
