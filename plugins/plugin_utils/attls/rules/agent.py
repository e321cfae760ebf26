# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules about how the Policy Agent reads its files, and what it does when it starts and ends.

For AT-TLS policies FLUSH and PURGE are those of TTLSConfig, where that says nothing those of TcpImage or PEPInstance
(IBM z/OS Communications Server IP Configuration Guide, "FLUSH and PURGE considerations").
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.hits import Hit, hit
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.policy import Parameter
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.problems import (
    Effect,
    Examined,
    Rule,
    rule,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.stack import lines


@rule("attls-inline-comment", Effect.IGNORED)
def inline_comment(examined: Examined) -> Iterator[Hit]:
    form = "A comment stands behind the value of {parameter}; put it on a line of its own."
    for statement in examined.all:
        source = statement.policy.source
        for item in statement.parameters:
            if "#" in source.text[item.value_end : source.line_end(item.start)]:
                yield hit(item, form)


def _with_word(examined: Examined, word: str, opposite: str) -> Iterator[tuple[Parameter, str]]:
    """Give each line that has the word and counts, with what a sentence calls it."""
    said = [(item, _words(item)) for item in _configuration(examined, "TTLSConfig")]
    own = [(item, words) for item, words in said if {word, opposite} & set(words)]
    images = ((item, _words(item)) for item in _configuration(examined, "TcpImage", "PEPInstance"))
    for item, words in own or images:
        if word in words:
            yield item, item.keyword if own else f"{item.keyword} {item.value.split()[0]}"


def _configuration(examined: Examined, *keywords: str) -> Iterator[Parameter]:
    for policy in examined.stack.configuration:
        for keyword in keywords:
            yield from lines(policy, keyword)


def _words(item: Parameter) -> list[str]:
    """The words behind the name of a file or a stack, in capital letters."""
    return [word.upper() for word in re.split(r"\s+", item.value)[1:]]


@rule("attls-flush", Effect.IGNORED)
def flush(examined: Examined) -> Iterator[Hit]:
    form = "{what} has FLUSH: F PAGENT,REFRESH and a start delete the AT-TLS policy before they read it again."
    for item, what in _with_word(examined, "FLUSH", "NOFLUSH"):
        yield hit(item, form, what=what)


@rule("attls-noflush", Effect.IGNORED)
def noflush(examined: Examined) -> Iterator[Hit]:
    form = "{what} has NOFLUSH: rules that are no longer in the file are not deleted at a start or REFRESH."
    for item, what in _with_word(examined, "NOFLUSH", "FLUSH"):
        yield hit(item, form, what=what)


@rule("attls-purge", Effect.IGNORED)
def purge(examined: Examined) -> Iterator[Hit]:
    form = "{what} has PURGE: the AT-TLS policy is deleted when the Policy Agent ends."
    for item, what in _with_word(examined, "PURGE", "NOPURGE"):
        yield hit(item, form, what=what)


RULES: tuple[Rule, ...] = (inline_comment, flush, noflush, purge)
