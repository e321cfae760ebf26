# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Said is done: the new text, read by another parser, must mean exactly what was intended.

The positions came from expat. Here lxml reads the old text, the edits are carried out on its tree, and the canonical
form (C14N) of that tree must equal the canonical form of the new text. Comments and white space between elements mean
nothing to Liberty and are left out; that they did not change is sure because they lie outside the splices.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.document import Document
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

_DECLARATION = re.compile(r"\A\s*<\?xml\s[^>]*\?>")


def verify(document: Document, edits: Sequence[Edit], result: Source) -> None:
    """Raise SecurityError unless ``result`` means the document after ``edits``."""
    etree = require("lxml.etree", "lxml")
    intended = _tree(etree, document.source)
    emptied = _carry_out(etree, intended, edits)
    actual = _tree(etree, result)
    if etree.tostring(intended) == etree.tostring(actual) or _canonical(etree, intended) == _canonical(etree, actual):
        return
    without_children = set(emptied)
    numbers = {number for number, element in enumerate(intended.iter()) if element in without_children}
    for tree in (intended, actual):
        _gather_stray_text(tree, numbers)
    if _canonical(etree, intended) != _canonical(etree, actual):
        raise SecurityError(
            f"{document.source.name}: the change was planned but its proof failed: the new text does not mean what "
            "was intended. Nothing was changed. Please report this with the file's layout."
        )


def _tree(etree: Any, source: Source) -> Any:
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
    text = _DECLARATION.sub("", source.text, count=1)
    try:
        return etree.fromstring(text.encode(), parser)
    except etree.XMLSyntaxError as e:
        raise SecurityError(f"{source.name}: a second parser refuses the file: {e.msg}. Nothing was changed.") from e


def _canonical(etree: Any, tree: Any) -> bytes:
    canonical: bytes = etree.tostring(tree, method="c14n", with_comments=False)
    return canonical


def _carry_out(etree: Any, root: Any, edits: Sequence[Edit]) -> list[Any]:
    """Change the tree; return the elements whose children have all gone."""
    wanted = {index for edit in edits for index in _indexes(edit)}
    nodes = {index: element for index, element in enumerate(root.iter(etree.Element)) if index in wanted}
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


def _indexes(edit: Edit) -> Iterator[int]:
    """The elements that an edit is about, by their numbers."""
    if not isinstance(edit, AddChild):
        yield edit.node.index
        return
    yield edit.parent.index
    if edit.after is not None:
        yield edit.after.index


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
