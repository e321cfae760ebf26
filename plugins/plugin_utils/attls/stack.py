# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""All policy texts of one TCP/IP stack as one, in the order in which the Policy Agent reads them.

The file that the main configuration names by CommonTTLSConfig comes first, then the stack's own by TTLSConfig (IBM
z/OS Communications Server IP Configuration Guide, "AT-TLS policy configuration").

UNCONFIRMED: that a name of the second text replaces the same name of the first, as it does within one text, and that
references cross the two.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import faults
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.hits import Hit
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.policy import Parameter, Policy, Statement
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.text import codec
from ansible_collections.zosconnect.security.plugins.plugin_utils.declared import Reader, text
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.source import Source

_UNKNOWN_COMMON = (
    "The text that CommonTTLSConfig names was not given, so a rule in it may win instead. Give it as common, or an "
    "empty common if there is none."
)
Result = TypeVar("Result")
_KEYS = ("common", "stack", "pagent", "image")


@dataclass(frozen=True)
class Stack:
    """``policies`` in the order of reading; ``missing`` says, one sentence each, what nobody has looked into."""

    policies: tuple[Policy, ...]
    missing: tuple[str, ...] = ()
    configuration: tuple[Policy, ...] = ()
    # What was read of statements that many rules share, by who asked and which statement; see ``shared``.
    _shared: dict[tuple[object, ...], Any] = field(default_factory=dict, compare=False, repr=False)

    def shared(self, key: tuple[object, ...], read: Callable[[], Result]) -> Result:
        """Return what was read for a key, and read it the first time; statements in a key count by ``id``."""
        if key not in self._shared:
            self._shared[key] = read()
        found: Result = self._shared[key]
        return found

    def _belonging(self, statement: Statement) -> list[Statement]:
        """Return a statement, and all that belongs to it in place or by reference, each once."""
        found: dict[int, Statement] = {}
        todo = [statement]
        while todo:
            one = todo.pop()
            if id(one) not in found:
                found[id(one)] = one
                parts = (child for child in one.children if faults.belongs(one, child))
                todo += [part for part in (*map(self.target, one.references), *parts) if part]
        return list(found.values())

    def lost(self, action: Statement) -> list[Parameter]:
        """Return the references of an action, and of what belongs to it, that lead nowhere."""

        def read() -> list[Parameter]:
            items = (item for one in self._belonging(action) for item in one.references)
            return [item for item in items if self.target(item) is None]

        return self.shared(("lost", id(action)), read)

    def faults(self, action: Statement, release: str | None) -> list[Hit]:
        """Return what the Policy Agent does not take of an action and of what belongs to it."""

        def read() -> list[Hit]:
            return [fault for one in self._belonging(action) for fault in faults.of(one, release)]

        return self.shared(("faults", id(action), release), read)

    @cached_property
    def rules(self) -> list[Statement]:
        """The rules; of those with one name the last, which is what the Policy Agent keeps."""
        return list({rule.name: rule for policy in self.policies for rule in policy.rules}.values())

    def find(self, kind: str, name: str | None) -> Statement | None:
        """Return the statement of this kind and name, the last of several; None without one."""
        for policy in reversed(self.policies):
            if found := policy.find(kind, name):
                return found
        return None

    def target(self, reference: Parameter | None) -> Statement | None:
        """Return the statement that a reference leads to; None without one."""
        known = reference.type if reference else None
        return self.find(known.target, reference.value) if reference and known and known.target else None

    def part(self, statement: Statement | None, kind: str) -> Statement | None:
        """Return the statement of this kind that belongs to ``statement``, in place or by reference; None without."""
        if statement is None:
            return None
        blocks = statement.blocks(kind)
        return blocks[-1] if blocks else self.target(statement.parameter(f"{kind}Ref"))

    def dangling(self) -> Iterator[Parameter]:
        """Give every reference that leads nowhere."""
        for policy in self.policies:
            for statement in policy.walk():
                for item in statement.parameters:
                    if item.type and item.type.kind == "ref" and self.target(item) is None:
                        yield item


def place(item: Statement | Parameter) -> str:
    """Return file and line."""
    return f"{item.policy.source.name}:{item.line}"


def parse(content: str, name: str) -> Policy:
    """Return a text as a policy; ``name`` is for messages."""
    return Policy(Source(name, content, codec("UTF-8")))


def read(given: object, where: str = "policies") -> Stack:
    """Return the stack that a mapping of texts describes.

    ``stack`` is the text of TTLSConfig; ``common`` that of CommonTTLSConfig, empty where there is none; ``pagent`` and
    ``image`` are the main configuration and the stack's own, where they are known. Each is the text, or a mapping of
    ``path`` and ``text``. Raises SecurityError, with file and line, for a text that cannot be read.
    """
    if not isinstance(given, Mapping):
        raise SecurityError(f"{where}: must be a mapping of {', '.join(_KEYS)} to texts.")
    reader = Reader(given, where)
    found = {key: reader.take(key, _policy) for key in _KEYS}
    reader.done()
    if given.get("stack") is None:
        raise SecurityError(f"{where}.stack: is missing; give the text of the file that TTLSConfig names.")
    configuration = tuple(policy for key in ("pagent", "image") if (policy := found[key]))
    # Nothing at all was said about it, not even that it is empty.
    unknown = given.get("common") is None and not _surely_none(found["pagent"])
    policies = tuple(policy for key in ("common", "stack") if (policy := found[key]))
    return Stack(policies, (_UNKNOWN_COMMON,) if unknown else (), configuration)


def _surely_none(pagent: Policy | None) -> bool:
    return pagent is not None and not any(lines(pagent, "CommonTTLSConfig"))


def lines(policy: Policy, keyword: str) -> Iterator[Parameter]:
    """Give the lines of a configuration file that begin with this keyword."""
    for item in policy.items:
        if isinstance(item, Parameter) and item.keyword.lower() == keyword.lower():
            yield item


def _policy(given: object, where: str) -> Policy:
    if isinstance(given, Mapping):
        reader = Reader(given, where)
        name = reader.take("path", text, where)
        # An empty file is a policy without rules; only no text at all is a mistake.
        content = reader.take("text", text, "") if given.get("text") == "" else reader.need("text", text)
        reader.done()
        return parse(content, name)
    return parse(text(given, where), where)
