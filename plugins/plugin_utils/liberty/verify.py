# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Said is done: the new text, read by another parser, must mean exactly what was intended.

The positions came from expat. Here lxml reads the old text, the edits are carried out on its tree, and the canonical
form (C14N) of that tree must equal the canonical form of the new text. Comments and white space between elements mean
nothing to Liberty and are left out; that they did not change is sure because they lie outside the splices.

Most changes touch few elements of many. Then old and new text are equal but for a window, some siblings as they are
written. lxml reads what is around the window once, with a mark in its place, and the window as it was and as it is.
The mark must be an element to lxml, and both windows must be whole elements. Then the old text means what is around
with the old window for the mark, and the new text the same with the new one: how the text behind an element is read
does not depend on what stands in the element. So only the windows must be proved. If one of this does not hold, lxml
reads both texts as a whole.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from operator import attrgetter
from typing import Any
from xml.sax.saxutils import quoteattr

from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.document import Document, Node
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.edits import (
    AddAttribute,
    AddChild,
    DropAttribute,
    Edit,
    NewElement,
    Remove,
    SetText,
    SetValue,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.libraries import require
from ansible_collections.zosconnect.security.plugins.plugin_utils.source import Source

# What stands for the window; a text in which it occurs is proved as a whole.
_MARK = "zcs-window"
_DECLARATION = re.compile(r"\A\s*<\?xml\s[^>]*\?>")


def verify(document: Document, edits: Sequence[Edit], result: Source) -> None:
    """Raise SecurityError unless ``result`` means the document after ``edits``."""
    etree = require("lxml.etree", "lxml")
    if _proved_by_window(etree, document, edits, result):
        return
    source = document.source
    intended, actual = _tree(etree, source.name, source.text), _tree(etree, result.name, result.text)
    if not _is_carried_out(etree, intended, actual, edits, _nodes(etree, intended, _numbers(edits), 0)):
        raise SecurityError(
            f"{source.name}: the change was planned but its proof failed: the new text does not mean what "
            "was intended. Nothing was changed. Please report this with the file's layout."
        )


def _is_carried_out(etree: Any, intended: Any, actual: Any, edits: Sequence[Edit], nodes: Mapping[int, Any]) -> bool:
    """Carry the edits out on the tree ``intended``, whose elements are ``nodes``; say whether ``actual`` means that."""
    emptied = _carry_out(etree, nodes, edits)
    if etree.tostring(intended) == etree.tostring(actual) or _canonical(etree, intended) == _canonical(etree, actual):
        return True
    without_children = set(emptied)
    numbers = {number for number, element in enumerate(intended.iter()) if element in without_children}
    for tree in (intended, actual):
        _gather_stray_text(tree, numbers)
    return _canonical(etree, intended) == _canonical(etree, actual)


def _proved_by_window(etree: Any, document: Document, edits: Sequence[Edit], result: Source) -> bool:
    """Say whether the proof of a window succeeds; that it does not may as well mean that there is none."""
    old, new = document.source.text, result.text
    first, last = _window([node for edit in edits for node in _touched(edit)])
    before, behind = old[: first.start], old[last.end :]
    windows = old[first.start : last.end], new[first.start : len(new) - len(behind)]
    equal = new.startswith(before) and new.endswith(behind)
    whole = all(window.startswith("<") and window.endswith(">") for window in windows)
    if first.parent is None or _MARK in old or not (equal and whole):
        return False
    try:
        mark = _tree(etree, result.name, f"{before}<{_MARK}/>{behind}").find(f".//{{*}}{_MARK}")
        if mark is None:
            return False
        bound = (f" xmlns{name and ':'}{name}={quoteattr(uri or '')}" for name, uri in _namespaces(mark))
        around = f"<{_MARK}{''.join(bound)}>"
        intended, actual = (_tree(etree, result.name, f"{around}{window}</{_MARK}>") for window in windows)
    except SecurityError:
        return False
    number = int(mark.xpath("count(preceding::*) + count(ancestor::*)"))
    named = _numbers(edits)
    nodes = {at: node for at, node in _nodes(etree, intended, named, number - 1).items() if at >= number}
    # Of what is around the window an edit names only the parent, to which it adds.
    nodes[first.parent.index] = intended
    return named <= nodes.keys() and _is_carried_out(etree, intended, actual, edits, nodes)


def _namespaces(element: Any) -> Iterator[tuple[str, str | None]]:
    """Give each prefix that is bound where an element stands, empty for the default, with its namespace."""
    return ((prefix or "", uri) for prefix, uri in element.nsmap.items())


def _nodes(etree: Any, root: Any, named: AbstractSet[int], number: int) -> dict[int, Any]:
    """Return the elements of a tree that edits name, by their numbers in the file; that of the root is given."""
    return {at: element for at, element in enumerate(root.iter(etree.Element), start=number) if at in named}


def _numbers(edits: Sequence[Edit]) -> set[int]:
    """Return the numbers of the elements that edits name."""
    added = [edit for edit in edits if isinstance(edit, AddChild)]
    behind = {edit.after.index for edit in added if edit.after}
    return behind.union(edit.parent.index if isinstance(edit, AddChild) else edit.node.index for edit in edits)


def _touched(edit: Edit) -> Iterable[Node]:
    """The elements in whose text an edit makes its change, neighbours that stay included."""
    if isinstance(edit, AddChild):
        return _with_neighbours(edit.after, 0) if edit.after else (edit.parent,)
    return _with_neighbours(edit.node, -1) if isinstance(edit, Remove) else (edit.node,)


def _with_neighbours(node: Node, before: int) -> Sequence[Node]:
    """The element, the sibling behind it, and with -1 the one before it; else all that they stand in."""
    siblings = node.parent.children if node.parent else []
    at = bisect_left(siblings, node.index, key=attrgetter("index"))
    if at + before < 0 or at + 1 >= len(siblings):
        return (node.parent or node,)
    return siblings[at + before : at + 2]


def _window(touched: Iterable[Node]) -> tuple[Node, Node]:
    """Return the first and the last of the siblings in which all of ``touched`` stand: the root twice at worst."""
    run: tuple[Node, ...] = ()
    for run in zip(*map(_way, touched), strict=False):
        if len(set(run)) > 1:
            break
    return min(run, key=attrgetter("index")), max(run, key=attrgetter("index"))


def _way(node: Node) -> list[Node]:
    """Return the elements around one, the root first, and the element itself."""
    way = [node]
    while way[-1].parent is not None:
        way.append(way[-1].parent)
    return way[::-1]


def _tree(etree: Any, name: str, text: str) -> Any:
    parser = etree.XMLParser(
        remove_blank_text=True,
        remove_comments=True,
        remove_pis=True,
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=True,
    )
    # The declaration names the encoding of the file's bytes; here the text is handed over.
    declaration = _DECLARATION.match(text)
    try:
        return etree.fromstring(text[declaration.end() if declaration else 0 :].encode(), parser)
    except etree.XMLSyntaxError as e:
        raise SecurityError(f"{name}: a second parser refuses the file: {e.msg}. Nothing was changed.") from e


def _canonical(etree: Any, tree: Any) -> bytes:
    canonical: bytes = etree.tostring(tree, method="c14n", with_comments=False)
    return canonical


def _carry_out(etree: Any, nodes: Mapping[int, Any], edits: Sequence[Edit]) -> list[Any]:
    """Change the elements ``nodes`` of a tree; return those whose children have all gone."""
    added: dict[int, Any] = {}
    removals = []
    for edit in edits:
        if isinstance(edit, AddChild):
            _add(etree, nodes, added, edit)
        elif isinstance(edit, Remove):
            removals.append(nodes[edit.node.index])
        else:
            _change(nodes[edit.node.index], edit)
    # lxml counts the children one by one, so each parent is asked once.
    parents = dict.fromkeys(_remove(element) for element in removals)
    return [parent for parent in parents if not len(parent)]


def _change(element: Any, edit: Edit) -> None:
    if isinstance(edit, SetText):
        element.text = edit.text
    elif isinstance(edit, DropAttribute):
        del element.attrib[_qualified(element, edit.spelling)]
    elif isinstance(edit, SetValue):
        element.set(_qualified(element, edit.spelling), edit.value)
    elif isinstance(edit, AddAttribute):
        element.set(edit.name, edit.value)


def _qualified(element: Any, spelling: str) -> str:
    prefix, _colon, local = spelling.rpartition(":")
    if not prefix:
        return spelling
    namespace = "http://www.w3.org/XML/1998/namespace" if prefix == "xml" else element.nsmap[prefix]
    return f"{{{namespace}}}{local}"


def _add(etree: Any, nodes: Mapping[int, Any], added: dict[int, Any], edit: AddChild) -> None:
    """Several new elements behind one sibling follow each other; ``added`` remembers the last of them."""
    parent = nodes[edit.parent.index]
    new = _new(etree, edit.new, parent.nsmap.get(None))
    if edit.after is None:
        parent.append(new)
        return
    behind = added.get(edit.after.index, nodes[edit.after.index])
    new.tail, behind.tail = behind.tail, None
    behind.addnext(new)
    added[edit.after.index] = new


def _new(etree: Any, new: NewElement, namespace: str | None) -> Any:
    element = etree.Element(f"{{{namespace}}}{new.name}" if namespace else new.name, new.attributes)
    element.text = new.text
    for child in new.children:
        element.append(_new(etree, child, namespace))
    return element


def _remove(element: Any) -> Any:
    """Take an element out and return its parent; the text behind it belongs to its surroundings and stays."""
    parent, before = element.getparent(), element.getprevious()
    if element.tail and before is not None:
        before.tail = (before.tail or "") + element.tail
    elif element.tail:
        parent.text = (parent.text or "") + element.tail
    parent.remove(element)
    return parent


def _gather_stray_text(root: Any, emptied: set[int]) -> None:
    """Say of text that stands beside elements only its words: where it stands among them means nothing to Liberty.

    In an element that has lost its last child (``emptied``, numbers in document order), white space is no value either.
    """
    for number, element in enumerate(root.iter()):
        if len(element) or number in emptied:
            pieces = [element.text, *(child.tail for child in element)]
            element.text = " ".join("".join(piece or "" for piece in pieces).split())
            for child in element:
                child.tail = None
