# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Edits in, splices out: new text looks like its neighbours, removed text leaves no scar, comments stay."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property

from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.document import Document, Node, Tag
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
from ansible_collections.zosconnect.security.plugins.plugin_utils.source import LINE_END, Splice

_STEP = 1000
_DEFAULT_UNIT = "    "
_COMMENTS = re.compile(r"(?:[ \t]*<!--.*?-->)+", re.DOTALL)
_GAP = re.compile(r"[ \t]*(?:\r\n|\r|\n)")
_TRAIL = re.compile(r"[ \t]+(?=[\r\n])")
_ESCAPES = {"&": "&amp;", "<": "&lt;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}


def splices(document: Document, edits: Iterable[Edit]) -> list[Splice]:
    """Return the splices that carry out ``edits`` on the document's text, none overlapping."""
    simple: list[Edit] = []
    removed: list[Node] = []
    added: dict[tuple[int, int], list[AddChild]] = {}
    for edit in edits:
        if isinstance(edit, AddChild):
            added.setdefault((edit.parent.index, edit.after.index if edit.after else -1), []).append(edit)
        elif isinstance(edit, Remove):
            removed.append(edit.node)
        else:
            simple.append(edit)
    style = _Style(document, {node.index for node in removed})
    found = [*map(style.simple, simple), *style.removals(removed)]
    # At one place, what comes behind a sibling comes before what comes at the parent's end.
    for group in sorted(added.values(), key=lambda group: group[0].after is None):
        found.append(style.add_children(group[0].parent, group[0].after, [edit.new for edit in group]))
    return found


class _Style:
    """Knows how the neighbours of a place look."""

    def __init__(self, document: Document, removed: set[int]) -> None:
        self.document = document
        self.source = document.source
        self.text = document.source.text
        self.removed = removed
        self._indents: dict[int, str | None] = {}
        self._models: dict[tuple[int, str], Node | None] = {}

    def simple(self, edit: Edit) -> Splice:
        """Return the splice of an edit that stands for itself."""
        if isinstance(edit, SetValue):
            at = edit.node.attribute(edit.spelling)
            return Splice(at.value_start, at.value_end, self.escape(edit.value, at.quote))
        if isinstance(edit, AddAttribute):
            return self._add_attribute(edit)
        if isinstance(edit, DropAttribute):
            at = edit.node.attribute(edit.spelling)
            return Splice(at.start, at.end, "")
        if isinstance(edit, SetText):
            return self._fill(edit.node, self.escape(edit.text, ""))
        raise AssertionError(type(edit))

    def escape(self, text: str, quote: str) -> str:
        """Write ``text`` as an attribute value in ``quote``, or as element text where ``quote`` is empty."""
        escapes = _ESCAPES if quote else {"&": "&amp;", "<": "&lt;", "\r": "&#13;"}
        if quote:
            escapes = {**escapes, quote: "&quot;" if quote == '"' else "&apos;"}
        escaped = "".join(escapes.get(char, char) for char in text)
        if quote == "":
            escaped = escaped.replace("]]>", "]]&gt;")
        if self.source.codec.can_hold(escaped):
            return escaped
        return "".join(char if self.source.codec.can_hold(char) else f"&#x{ord(char):X};" for char in escaped)

    def _add_attribute(self, edit: AddAttribute) -> Splice:
        attributes = edit.node.tag.attributes
        if not attributes:
            at, lead, quote, equals = edit.node.tag.name_end, " ", self.quote, "="
        else:
            last = attributes[-1]
            lead = last.lead if LINE_END.search(last.lead) else " "
            at, quote, equals = last.end, last.quote, last.equals
        return Splice(at, at, f"{lead}{edit.name}{equals}{quote}{self.escape(edit.value, quote)}{quote}")

    def _fill(self, node: Node, content: str) -> Splice:
        """Put ``content`` into an element in place of what is in it."""
        tag = node.tag
        if tag.empty:
            return Splice(tag.close - len(tag.pad), tag.end, f">{content}</{node.name}>")
        return Splice(tag.end, node.stop, content)

    def removals(self, nodes: Iterable[Node]) -> Iterator[Splice]:
        """Take elements out; those that stand together on a line go as one."""
        run: tuple[int, int] | None = None
        for node in sorted(nodes, key=lambda node: node.start):
            if run and not self.text[run[1] : node.start].strip(" \t"):
                run = (run[0], node.end)
                continue
            if run:
                yield self._remove(*run)
            run = (node.start, node.end)
        if run:
            yield self._remove(*run)

    def _remove(self, start: int, end: int) -> Splice:
        """Take the text out with its line, where nothing else stands there; a comment beside it stays."""
        line_start = self.source.line_start(start)
        before = self._stripped(start, " \t")
        gap = _GAP.match(self.text, end)
        if before > line_start:
            return Splice(before, end, "")
        if gap:
            return Splice(line_start, self._without_double_gap(line_start, gap.end()), "")
        while self.text[end] in " \t":
            end += 1
        return Splice(start, end, "")

    def _without_double_gap(self, start: int, end: int) -> int:
        """Where an empty line stands before and after the removed line, one of them goes too."""
        if self.text[self.source.line_start(start - 1) : start].strip():
            return end
        gap = _GAP.match(self.text, end)
        return gap.end() if gap else end

    def add_children(self, parent: Node, after: Node | None, new: list[NewElement]) -> Splice:
        """Return the splice that puts ``new`` into ``parent`` after the child ``after``, or at its end."""
        near = after or self._last_child(parent)
        indent = self._indent(near) if near else self._deeper(self._indent(parent))
        newline = self.source.newline((near or parent).start)
        gap = "" if indent is None else newline + indent
        content = "".join(gap + self.render(child, indent, newline, self._model(parent, child)) for child in new)
        closing = "" if near or indent is None else newline + (self._indent(parent) or "")
        if parent.tag.empty:
            return self._fill(parent, content + closing)
        at = self._behind(after) if after else self._content_end(parent)
        if closing and not LINE_END.search(self.text, at, parent.stop):
            return Splice(at, parent.stop, content + closing)
        # Blanks at the end of a line stay on it: moved behind what is new, they would show that line as changed.
        trail = _TRAIL.match(self.text, at) if indent is not None else None
        at = trail.end() if trail else at
        return Splice(at, at, content)

    def _last_child(self, parent: Node) -> Node | None:
        """The child whose layout a new last child takes: one that stays, where there is one."""
        kept = [child for child in parent.children if child.index not in self.removed]
        return next(reversed(kept or parent.children), None)

    def _content_end(self, parent: Node) -> int:
        """The position behind the last thing in ``parent`` that stays and is no white space."""
        at = self._stripped(parent.stop)
        for child in reversed(parent.children):
            if child.index not in self.removed or child.end != at:
                break
            at = self._stripped(child.start)
        return at

    def _stripped(self, end: int, blanks: str = " \t\r\n") -> int:
        # By and by, because a line, and what is blank on it, may be as long as the file.
        while not (kept := self.text[max(0, end - _STEP) : end].rstrip(blanks)) and end:
            end = max(0, end - _STEP)
        return max(0, end - _STEP) + len(kept)

    def _behind(self, node: Node) -> int:
        """The position behind an element and the comments that begin on its line."""
        match = _COMMENTS.match(self.text, node.end)
        return match.end() if match else node.end

    def _indent(self, node: Node) -> str | None:
        """The white space before an element that begins its line, None for one that does not."""
        if node.index not in self._indents:
            start = self.source.line_start(node.start)
            alone = max(start, self._stripped(node.start, " \t")) == start
            self._indents[node.index] = self.text[start : node.start] if alone else None
        return self._indents[node.index]

    def _deeper(self, indent: str | None) -> str | None:
        return None if indent is None else indent + self.unit

    @cached_property
    def unit(self) -> str:
        """What one level is indented by: the first place where parent and child both begin their lines tells."""
        for node in self.document.nodes[1:]:
            inner = self._indent(node)
            outer = self._indent(node.parent) if node.parent and inner is not None else None
            if inner is not None and outer is not None and inner.startswith(outer):
                return inner[len(outer) :]
        return _DEFAULT_UNIT

    @cached_property
    def quote(self) -> str:
        """The first quote used in the file."""
        return next((node.tag.attributes[0].quote for node in self.document.nodes if node.attributes), '"')

    @cached_property
    def empty_pad(self) -> str:
        """What stands before the ``/>`` of the first empty element of the file."""
        pads = (node.tag.pad for node in self.document.nodes if node.tag.empty)
        return next((pad for pad in pads if not LINE_END.search(pad)), "")

    def _model(self, parent: Node, new: NewElement) -> Node | None:
        """The neighbour that a new element shall look like: the last of its name, else the last with attributes."""
        if (parent.index, new.name) not in self._models:
            same = [child for child in parent.children if child.local == new.name and child.attributes]
            best = same or [child for child in parent.children if len(child.attributes) > 1]
            self._models[parent.index, new.name] = best[-1] if best else None
        return self._models[parent.index, new.name]

    def render(self, new: NewElement, indent: str | None, newline: str, model: Node | None) -> str:
        """Write a new element, its children on lines of their own unless ``indent`` is None (all on one line)."""
        head = f"<{new.name}" + self._attributes(new, indent, newline, model)
        if not new.children and new.text is None:
            pad = model.tag.pad if model and model.tag.empty and not LINE_END.search(model.tag.pad) else self.empty_pad
            return f"{head}{pad}/>"
        inner = self._deeper(indent)
        body = self.escape(new.text, "") if new.text is not None else ""
        for child in new.children:
            body += ("" if inner is None else newline + inner) + self.render(child, inner, newline, None)
        if new.children and indent is not None:
            body += newline + indent
        return f"{head}>{body}</{new.name}>"

    def _attributes(self, new: NewElement, indent: str | None, newline: str, model: Node | None) -> str:
        tag = model.tag if model and model.attributes else None
        quote = tag.attributes[0].quote if tag else self.quote
        equals = tag.attributes[0].equals if tag else "="
        leads = self._leads(new, indent, newline, model, tag)
        return "".join(
            f"{lead}{name}{equals}{quote}{self.escape(value, quote)}{quote}"
            for lead, (name, value) in zip(leads, new.attributes.items(), strict=True)
        )

    def _leads(
        self, new: NewElement, indent: str | None, newline: str, model: Node | None, tag: Tag | None
    ) -> list[str]:
        """The white space before each attribute; one a line where the model does so, below its first or indented."""
        count = len(new.attributes)
        one_a_line = tag is not None and len(tag.attributes) > 1 and LINE_END.search(tag.attributes[1].lead)
        if not one_a_line or tag is None or model is None or indent is None:
            return [" "] * count
        first, second = tag.attributes[0].lead, tag.attributes[1].lead
        column = len(LINE_END.split(second)[-1])
        own = len(self._indent(model) or "")
        aligned = column == own + len(model.name) + 2
        blanks = indent + " " * (len(new.name) + 2) if aligned else indent + LINE_END.split(second)[-1][own:]
        lead = newline + blanks
        return [lead if LINE_END.search(first) else " ", *[lead] * (count - 1)][:count]
