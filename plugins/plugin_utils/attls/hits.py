# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a rule found wrong at a statement or line of a policy, and the sentence about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.policy import Parameter, Statement


@dataclass(frozen=True)
class Hit:
    """What a rule found: at which statement or line, and a sentence with ``facts`` to be filled in.

    ``detail`` is what the problem is about, such as the names of protocols: it grows when more of them are concerned.
    """

    item: Statement | Parameter
    form: str
    facts: Mapping[str, str]
    detail: frozenset[str]

    @property
    def around(self) -> list[Statement]:
        """The statement, and those that it stands in; none for a line of a configuration file."""
        found = [self.item] if isinstance(self.item, Statement) else [self.item.parent] if self.item.parent else []
        while found and (parent := found[-1].parent):
            found.append(parent)
        return found

    @property
    def parameter(self) -> str | None:
        return self.item.name if isinstance(self.item, Parameter) else None

    @property
    def title(self) -> str:
        """The statement as people name it: ``TTLSKeyringParms of TTLSEnvironmentAction server``."""
        return " of ".join(one.title for one in self.around)

    @property
    def sentence(self) -> str:
        value = self.item.value if isinstance(self.item, Parameter) else ""
        known = {"title": self.title, "parameter": self.parameter or "", "value": value}
        return self.form.format(**known, **self.facts)


def hit(item: Statement | Parameter, form: str, detail: Iterable[str] = (), **facts: str) -> Hit:
    """Return what a rule found; ``form`` may name title, parameter, value, and the ``facts``."""
    return Hit(item, form, facts, frozenset(detail))
