# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A declaration as YAML for people: each value with a comment that says where it stands, the same text each time."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.adopt.said import Said, Scalar
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.adopt.unsaid import Unsaid

_WIDTH = 120
# Where a comment begins, if the line before it is shorter.
_COLUMN = 44
_INDENT = "  "
# Nothing that YAML, in any version, takes for something else than this text.
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:[./-][A-Za-z0-9_]+)*")
_WORDS = frozenset(("y", "n", "yes", "no", "on", "off", "true", "false", "null"))
# Of very many things that are not expressed the first ones; the result of the task has all.
_MOST_TOLD = 20


def text(variable: str, connections: Sequence[Said], head: Sequence[str], told: Sequence[Unsaid] = ()) -> str:
    """Return a file of variables with one variable, the list of connections; ``head`` are comments before it."""
    lines = ["---", *(comment for line in head for comment in _comment(line))]
    lines += [*_told(told)]
    lines.append(f"{variable}:" if connections else f"{variable}: []")
    for connection in connections:
        lines += _item(connection, _INDENT)
    return "\n".join(lines) + "\n"


def mapping_text(variable: str, connections: Said, head: Sequence[str]) -> str:
    """Return the lines of one variable, connections by their names, with comments before it."""
    lines = ["---", *(comment for line in head for comment in _comment(line))]
    lines.append(f"{variable}:" if connections.value else f"{variable}: {{}}")
    return "\n".join([*lines, *_mapping(connections, _INDENT)]) + "\n"


def _told(told: Sequence[Unsaid]) -> Iterator[str]:
    if told:
        yield "# What stands there and is not expressed here; it stays as it is:"
    for each in told[:_MOST_TOLD]:
        yield from (f"#   {line}" for line in _wrapped(each.sentence))
    if len(told) > _MOST_TOLD:
        yield f"#   and {len(told) - _MOST_TOLD:,} more, see not_expressed in the result of the task."


def _comment(line: str) -> Iterator[str]:
    yield from (f"# {part}" for part in _wrapped(line))


def _wrapped(sentence: str) -> Iterator[str]:
    """Break a sentence at blanks; a word that is too long stays whole."""
    line = ""
    for word in printable(sentence).split(" "):
        if line and len(line) + len(word) + 1 > _WIDTH - 4:
            yield line
            line = word
        else:
            line = f"{line} {word}" if line else word
    yield line


def printable(comment: str) -> str:
    """Return a text that stays within its comment, whatever it came from."""
    return "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in comment)


def _item(said: Said, indent: str) -> Iterator[str]:
    """Yield one item of a list, a mapping; its first key stands behind the dash."""
    lines = list(_mapping(said, indent + _INDENT))
    while lines[0].lstrip().startswith("#"):
        yield f"{indent}{lines.pop(0).lstrip()}"
    yield f"{indent}- {lines[0].lstrip()}"
    yield from lines[1:]


def _mapping(said: Said, indent: str) -> Iterator[str]:
    inner = said.value if isinstance(said.value, Mapping) else {}
    for key, value in inner.items():
        yield from _entry(key, value, indent)


def _entry(key: str, said: Said, indent: str) -> Iterator[str]:
    if isinstance(said.value, Scalar):
        yield from _with_comment(f"{indent}{key}: {scalar(said.value)}", said.origin, indent)
    elif isinstance(said.value, Mapping):
        yield from _with_comment(f"{indent}{key}:{'' if said.value else ' {}'}", said.origin, indent)
        yield from _mapping(said, indent + _INDENT)
    elif _is_short(key, said.value, indent):
        listed = ", ".join(scalar(each.value) for each in said.value if isinstance(each.value, Scalar))
        yield from _with_comment(f"{indent}{key}: [{listed}]", said.origin, indent)
    else:
        yield from _with_comment(f"{indent}{key}:", said.origin, indent)
        for each in said.value:
            if isinstance(each.value, Scalar):
                yield from _with_comment(f"{indent}{_INDENT}- {scalar(each.value)}", each.origin, indent + _INDENT)
            else:
                yield from _item(each, indent + _INDENT)


def _is_short(key: str, listed: Sequence[Said], indent: str) -> bool:
    """Whether a list fits on its line, and no item has a place of its own to tell."""
    if not all(isinstance(each.value, Scalar) for each in listed):
        return False
    width = len(indent) + len(key) + sum(len(str(each.value)) + 2 for each in listed)
    return width < _WIDTH // 2 and not any(each.origin for each in listed)


def _with_comment(line: str, origin: str, indent: str) -> Iterator[str]:
    """Yield a line with its comment behind it, or before it where both are too long for one line."""
    comment = printable(origin)
    if not comment:
        yield line
    elif max(len(line) + 2, _COLUMN) + len(comment) + 2 <= _WIDTH:
        yield f"{line + '  ':{_COLUMN}}# {comment}"
    else:
        yield from (f"{indent}# {part}" for part in _wrapped(comment))
        yield line


def scalar(value: Scalar) -> str:
    """Return one value as YAML reads it back."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
        return value
    return quoted(value)


def quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
