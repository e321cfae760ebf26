# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one grammar of names of z/OS."""

from __future__ import annotations

import pytest

from ansible_collections.zosconnect.security.plugins.plugin_utils import zos_names
from ansible_collections.zosconnect.security.plugins.plugin_utils.zos_names import Grammar

GRAMMARS = {
    "job": zos_names.JOB,
    "user": zos_names.USER,
    "job mask": zos_names.JOB_MASK,
    "user mask": zos_names.USER_MASK,
    "ring": zos_names.RING,
    "key ring": zos_names.KEY_RING,
    "label": zos_names.LABEL,
}


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("CICSPRD", "job user job-mask user-mask ring key-ring label"),
        ("A#B@C$", "job user job-mask user-mask ring key-ring label"),
        ("#A", "job user job-mask user-mask ring key-ring label"),
        ("1USER", "user user-mask ring key-ring label"),
        ("CICS*", "job-mask user-mask label"),
        ("1*", "user-mask label"),
        ("*", "job-mask user-mask label"),
        ("ABCDEFG*", "job-mask user-mask label"),
        ("ABCDEFGH*", "label"),
        ("ABCDEFGHI", "ring key-ring label"),
        ("cics", "ring key-ring label"),
        ("CIC?", "label"),
        ("C*S", "label"),
        ("", ""),
        ("Zcee.Ring_1-x", "ring key-ring label"),
        ("ZCEESRV/Zcee.Ring", "key-ring label"),
        ("zceesrv/Ring", "label"),
        ("*AUTH*/*", "key-ring label"),
        ("*SITE*/*", "key-ring label"),
        ("A" * 32, "ring key-ring label"),
        ("A" * 33, "ring key-ring"),
        ("A" * 238, ""),
        ("My Server", "label"),
        (" My Server", ""),
        ("-x", "ring key-ring"),
        ("a\nb", ""),
    ],
)
def test_which_names_are_which(name: str, kinds: str) -> None:
    assert [kind.replace(" ", "-") for kind, grammar in GRAMMARS.items() if grammar.fits(name)] == kinds.split()


@pytest.mark.parametrize("grammar", GRAMMARS.values(), ids=GRAMMARS)
def test_each_says_what_it_is(grammar: Grammar) -> None:
    assert grammar.words.startswith(("a ", "the "))
