# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A policy text as statements and parameters that know their place. Nothing of the text is lost or changed.

    policy = Policy(source)
    rule = policy.find("TTLSRule", "zcReqOut")        # names with regard to case, keywords without
    rule.get("Direction")                             # "Outbound"; None where it is not written
    environment = policy.target(rule.parameter("TTLSEnvironmentActionRef"))
    ring = environment.part("TTLSKeyringParms")       # in place or by reference

The grammar (IBM, "General syntax rules for Policy Agent" and the syntax diagrams): one keyword and its value a line;
text behind the value is ignored; ``{`` and ``}`` stand on lines of their own; ``#`` begins a comment. Here it does so
at the beginning of a line or behind a blank, because job names, user IDs and rings may hold a ``#``.
"""

from __future__ import annotations

import re
from bisect import bisect
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import groupby
from operator import attrgetter

from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import statements
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.statements import ParameterType, StatementType
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.source import Source

# A comment, or a keyword and what follows it on its line; with all white space before it, line ends too.
_LINE = re.compile(r"\s*+(?:#[^\n]*+|(\S++)[^\S\n]*+([^\n]*+))")
_BRACE = re.compile(r"[{}]")
_COMMENT = re.compile(r"(?:^|(?<=\s))#")
_PORTS = re.compile(r"\d+(?:[:-]\d+|\s+\d+)?(?!\S)")
_WORD = re.compile(r"\S*")
# AT-TLS nests three deep, other kinds of policies hardly more.
DEEPEST = 20
# So often statements of one kind are found by their names before an index of these is made.
_FEW = 4


@dataclass(slots=True, eq=False)
class Parameter:
    """One line ``keyword value`` of a statement, or of the file itself (``parent`` is None: ``TcpImage`` and so on).

    ``value`` is what the Policy Agent takes: the first word, a range of ports, or the rest of the line, as the type
    wants it; of an unknown parameter the rest of the line. It stands at [``value_start``, ``value_end``) of the text,
    the keyword at ``start``.
    """

    policy: Policy
    parent: Statement | None
    keyword: str
    value: str
    start: int
    value_start: int

    @property
    def value_end(self) -> int:
        return self.value_start + len(self.value)

    @property
    def type(self) -> ParameterType | None:
        """The entry in the table; None for what it does not know."""
        return self.parent.type.parameter(self.keyword) if self.parent and self.parent.type else None

    @property
    def name(self) -> str:
        """The keyword as IBM writes it; an unknown one as it stands there."""
        known = self.type
        return known.name if known else self.keyword

    @property
    def line(self) -> int:
        return self.policy.source.line(self.start)


@dataclass(slots=True, eq=False)
class Statement:
    """One statement with braces: ``keyword [name]``, ``{``, items, ``}``.

    ``start`` is where the keyword stands, ``open`` and ``close`` where the braces do. ``parent`` is None at the top.
    ``children`` are the statements in place, in order; ``items`` are they and the parameters.
    """

    policy: Policy
    parent: Statement | None
    keyword: str
    name: str | None
    start: int
    open: int
    close: int
    children: list[Statement]
    type: StatementType | None  # the entry in the table; None for a statement that is none of AT-TLS
    _items: list[Parameter | Statement] | None = None
    _named: dict[str, list[Parameter]] | None = None

    @property
    def kind(self) -> str:
        """The keyword as IBM writes it; an unknown one as it stands there."""
        return self.type.name if self.type else self.keyword

    @property
    def title(self) -> str:
        """The statement as people name it: ``TTLSRule zcReqOut``."""
        return f"{self.kind} {self.name}" if self.name else self.kind

    @property
    def line(self) -> int:
        return self.policy.source.line(self.start)

    @property
    def items(self) -> list[Parameter | Statement]:
        """Parameters and statements in place, in order."""
        if self._items is None:
            self._items = list(_items(self.policy, self, self.open + 1, self.close, self.children))
        return self._items

    @property
    def parameters(self) -> list[Parameter]:
        return [item for item in self.items if isinstance(item, Parameter)]

    @property
    def references(self) -> list[Parameter]:
        """The parameters that refer to other statements."""
        return [item for item in self.parameters if (known := item.type) and known.kind == "ref"]

    def all(self, keyword: str) -> list[Parameter]:
        """Return all parameters of this keyword, in order."""
        return self.named.get(keyword.lower(), [])

    @property
    def named(self) -> dict[str, list[Parameter]]:
        """All parameters by their keywords in lower case."""
        if self._named is None:
            self._named = {}
            for item in self.parameters:
                self._named.setdefault(item.keyword.lower(), []).append(item)
        return self._named

    @property
    def keywords(self) -> Iterable[str]:
        """The keywords of the parameters, each once, in lower case."""
        return self.named

    def parameter(self, keyword: str) -> Parameter | None:
        """Return the parameter of this keyword, the last one where it stands several times."""
        found = self.named.get(keyword.lower())
        return found[-1] if found else None

    def get(self, keyword: str) -> str | None:
        """Return the value of a parameter, the last one where it stands several times; None where it is not written."""
        if self._items is None and not self.children:
            return self._peek(keyword)
        found = self.parameter(keyword)
        return found.value if found else None

    def _peek(self, keyword: str) -> str | None:
        """Return a value without making anything of the other lines: some ask thousands of rules for one thing."""
        found = _lines_of(keyword).findall(self.policy.source.lf, self.open, self.close)
        return self.clipped(keyword, found[-1] if found else None)

    def clipped(self, keyword: str, rest: str | None) -> str | None:
        """Return the value of a parameter, given what stands behind its keyword."""
        if rest is None or rest.isdigit():
            return rest
        return rest[: value_length(rest, self.type.parameter(keyword) if self.type else None)]

    def blocks(self, kind: str) -> list[Statement]:
        """Return the statements of this kind in place."""
        return [child for child in self.children if child.keyword.lower() == kind.lower()]

    def part(self, kind: str) -> Statement | None:
        """Return the statement of this kind that belongs to this one, in place or by reference; None without one.

        None as well where the reference leads nowhere in this policy.
        """
        found = self.blocks(kind)
        return found[-1] if found else self.policy.target(self.parameter(f"{kind}Ref"))


class Policy:
    """All of one policy text. ``items`` are statements and lines of the file, in order.

    Raises SecurityError, with file and line, where braces are unbalanced or share a line with something else: the
    Policy Agent would install nothing of such a file, and nobody can say what it means.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.statements: list[Statement] = _Blocks(self).top
        self._asked = Counter[str]()
        self._names: dict[str, dict[str | None, list[Statement]]] = {}
        self._said: dict[str, dict[int, str | None]] = {}

    @cached_property
    def items(self) -> list[Parameter | Statement]:
        return list(_items(self, None, 0, len(self.source.text), self.statements))

    @cached_property
    def _kinds(self) -> dict[str, list[Statement]]:
        found: dict[str, list[Statement]] = {}
        for keyword, run in groupby(self.statements, attrgetter("keyword")):
            found.setdefault(keyword.lower(), []).extend(run)
        return found

    @property
    def rules(self) -> list[Statement]:
        return self.of_kind("TTLSRule")

    def of_kind(self, kind: str) -> list[Statement]:
        """Return the statements of one kind at the top, in order."""
        return self._kinds.get(kind.lower(), [])

    def occurrences(self, kind: str, name: str | None) -> list[Statement]:
        """Return the statements of this kind and name at the top: one, unless somebody made a mistake."""
        key = kind.lower()
        index = self._names.get(key)
        if index is None:
            self._asked[key] += 1
            if self._asked[key] <= _FEW:
                # To look through all is quicker than to make an index.
                return [one for one in self.of_kind(kind) if one.name == name]
            index = self._names[key] = {}
            for one in self.of_kind(kind):
                index.setdefault(one.name, []).append(one)
        return index.get(name, [])

    def find(self, kind: str, name: str | None) -> Statement | None:
        """Return the statement of this kind and name at the top, the last of several; None without one."""
        found = self.occurrences(kind, name)
        return found[-1] if found else None

    def said(self, keyword: str) -> dict[int, str | None]:
        """Return what Statement.get gives for each statement at the top, by its ``id``, read in one go."""
        if keyword not in self._said:
            tops, written = self.statements, dict[int, str]()
            starts = [one.open for one in tops]
            for match in _lines_of(keyword).finditer(self.source.lf):
                number = bisect(starts, match.start()) - 1
                if number >= 0 and match.start() < tops[number].close:
                    written[number] = match[1]
            self._said[keyword] = {
                id(one): one.get(keyword) if one.children else one.clipped(keyword, written.get(number))
                for number, one in enumerate(tops)
            }
        return self._said[keyword]

    def target(self, reference: Parameter | None) -> Statement | None:
        """Return the statement that a parameter such as ``TTLSGroupActionRef`` leads to; None without one."""
        known = reference.type if reference else None
        return self.find(known.target, reference.value) if reference and known and known.target else None

    def walk(self) -> Iterator[Statement]:
        """Give every statement, those in place behind the one they are in."""
        todo = list(reversed(self.statements))
        while todo:
            statement = todo.pop()
            yield statement
            todo.extend(reversed(statement.children))


class _Blocks:
    """Finds the statements by their braces; what stands between these is read when it is needed."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.source = policy.source
        self.text = policy.source.lf
        self.top: list[Statement] = []
        self.stack: list[Statement] = []
        self.types: dict[str, StatementType | None] = {}
        self.done = 0
        # Where the next } is that has its line for itself; 0 where there is no more.
        self.closing = 1
        read = 0
        while (opened := self.text.find("\n{\n", read)) >= 0:
            plain = self._plain(read, opened)
            if plain:
                self.top.append(plain)
                self.done = plain.close
                read = plain.close + 1
            else:
                read = self._braces(read, opened)
        self._braces(read, len(self.text))
        if self.stack:
            left = self.stack[-1]
            raise SecurityError(f"{self._at(left.open)}: the {{ of {left.title} is never closed; add the }}.")

    def _at(self, position: int) -> str:
        return f"{self.source.name}:{self.source.line(position)}"

    def _plain(self, read: int, opened: int) -> Statement | None:
        """Return the next statement where it is as most are, with no brace but its own; ``opened`` is before its {.

        Searching for texts is much quicker than a pattern is.
        """
        text = self.text
        if 0 < self.closing < opened + 3:
            self.closing = text.find("\n}\n", opened + 2) + 1
        close = self.closing
        start = text.rfind("\n", read, opened) + 1
        words = text[start:opened].split(None, 2)
        if not (close and start and words) or words[0][0] == "#":
            return None
        for brace in "{}":
            if text.find(brace, read, opened) >= 0 or text.find(brace, opened + 2, close) >= 0:
                return None
        keyword, name = words[0], words[1] if len(words) > 1 and words[1][0] != "#" else None
        if keyword not in self.types:
            self.types[keyword] = statements.find(keyword)
        start = text.index(keyword, start)
        return Statement(self.policy, None, keyword, name, start, opened + 1, close, [], self.types[keyword])

    def _braces(self, read: int, opened: int) -> int:
        """Begin and end statements by each brace until none is open behind ``opened``; return where that line ends."""
        behind = read
        for match in _BRACE.finditer(self.text, read):
            # Only the first brace of a line can count; whether it does is told by the whole line.
            position = match.start()
            if position >= behind:
                behind = self._brace(position, match[0])
                if position > opened and not self.stack:
                    return behind
        return len(self.text)

    def _brace(self, position: int, brace: str) -> int:
        """Begin or end a statement, and return where the brace's line ends."""
        start, end = position, position + 1
        if self.text[position - 1 : end + 1] != f"\n{brace}\n":  # most braces are all of their line
            start = self.text.rfind("\n", 0, position) + 1
            end = self.text.find("\n", position)
            end = len(self.text) if end < 0 else end
            line = self.text[start:end]
            if line.strip() != brace and not self._alone(position, position - start, line):
                return end
        if brace == "{":
            self._open(position, start)
        elif self.stack:
            self.stack.pop().close = position
        else:
            raise SecurityError(f"{self._at(position)}: this }} closes nothing; remove it, or add the missing {{.")
        self.done = position
        return end

    def _alone(self, position: int, column: int, line: str) -> bool:
        """Say whether a brace that has something beside it counts: comments may; otherwise it is part of a value."""
        if not line[:column].strip():
            behind = line[column + 1 :].strip()
            if behind and behind[0] != "#":
                raise SecurityError(
                    f"{self._at(position)}: something stands behind the {line[column]}; put the brace on a line of its "
                    "own, as the Policy Agent wants it."
                )
            return True
        shown = _uncommented(line)
        words = shown.split() if column < len(shown) else []
        if "{" in words or "}" in words or (words and words[-1].endswith("{")):
            raise SecurityError(
                f"{self._at(position)}: a brace stands on the same line as {words[0]}; put it on a line of its own, "
                "as the Policy Agent wants it."
            )
        return False

    def _open(self, position: int, line_start: int) -> None:
        parent = self.stack[-1] if self.stack else None
        start, keyword, name = self._head(position, line_start)
        if len(self.stack) == DEEPEST:
            raise SecurityError(
                f"{self._at(position)}: statements are nested deeper than {DEEPEST} levels; add the }} that is missing "
                "above, or remove what nobody reads."
            )
        statement = Statement(self.policy, parent, keyword, name, start, position, -1, [], statements.find(keyword))
        (parent.children if parent else self.top).append(statement)
        self.stack.append(statement)

    def _head(self, position: int, start: int) -> tuple[int, str, str | None]:
        """Return where the statement of a ``{`` starts, its keyword and name: the last words before the brace."""
        while start > self.done:
            end = start - 1
            start = self.text.rfind("\n", 0, end) + 1
            words = self.text[start:end].split(None, 2)
            if words and words[0][0] in "{}":
                break
            if words and words[0][0] != "#":
                name = words[1] if len(words) > 1 and words[1][0] != "#" else None
                return self.text.index(words[0], start), words[0], name
        raise SecurityError(f"{self._at(position)}: there is no statement before this {{; write its keyword and name.")


@lru_cache(maxsize=256)
def _lines_of(keyword: str) -> re.Pattern[str]:
    """The lines of a statement that begin with a keyword; what stands behind it is the group."""
    return re.compile(rf"\n[^\S\n]*+{re.escape(keyword)}(?!\S)[^\S\n]*+([^\n]*+)", re.IGNORECASE)


def comment_start(text: str) -> int | None:
    """Return where the comment of a line begins, None where there is none."""
    comment = _COMMENT.search(text) if "#" in text else None
    return comment.start() if comment else None


def _uncommented(text: str) -> str:
    return text[: comment_start(text)]


def _items(
    policy: Policy, parent: Statement | None, start: int, end: int, children: Iterable[Statement]
) -> Iterator[Parameter | Statement]:
    """Give what stands between two braces: the lines, and the statements in place."""
    known = parent.type.parameters if parent and parent.type else {}
    text = policy.source.lf
    for child in (*children, None):
        stop = child.start if child else end
        for match in _LINE.finditer(text, start, stop):
            keyword, rest = match.groups()
            if keyword is not None:
                value = rest[: value_length(rest, known.get(keyword.lower()))]
                yield Parameter(policy, parent, keyword, value, match.start(1), match.start(2))
        if child:
            yield child
            start = policy.source.line_end(child.close)


def value_length(rest: str, known: ParameterType | None) -> int:
    """Return how much of ``rest``, what stands behind a keyword on its line, is the value."""
    if rest.isalnum():  # as most values are
        return len(rest)
    if "#" in rest:
        rest = _uncommented(rest)
    if known is None or known.whole_line:
        return len(rest.rstrip())
    ports = _PORTS.match(rest) if known.kind == "ports" else None
    return ports.end() if ports else _WORD.match(rest).end()  # type: ignore[union-attr]
