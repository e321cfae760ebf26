# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether others may read a file with a mode; Ansible's own code, which sets it, is asked for its opinion."""

from __future__ import annotations

import os
import stat

import pytest
from ansible.module_utils.basic import AnsibleModule
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zosconnect.security.plugins.plugin_utils import modes

CLAUSE = st.builds(
    lambda who, parts: who + "".join(sign + "".join(rights) for sign, rights in parts),
    st.sampled_from(["u", "g", "o", "a", "ug", "go", "ugo"]),
    st.lists(
        st.tuples(st.sampled_from("-+="), st.lists(st.sampled_from("rwxXst"), max_size=3)), min_size=1, max_size=3
    ),
)
SYMBOLS = st.lists(CLAUSE, min_size=1, max_size=3).map(",".join)


@given(st.integers(0, 0o777), SYMBOLS)
def test_symbols_mean_what_ansible_makes_of_them(old: int, symbols: str) -> None:
    status = os.stat_result((stat.S_IFREG | old, *[0] * 9))
    new = AnsibleModule._symbolic_mode_to_octal(status, symbols)
    assert modes.others_read(f"{old:04o}", symbols) == bool(new & 0o004)


@pytest.mark.parametrize(
    ("old", "wanted", "read"),
    [
        ("0644", None, True),
        ("0640", None, False),
        ("0644", "0640", False),
        ("0644", "640", False),
        ("0640", "0644", True),
        ("0640", 0o644, True),
        ("0644", 0o640, False),
        ("0644", "o-rwx", False),
        ("0640", "o=g", True),
        ("0644", "no mode", True),
    ],
)
def test_who_may_read(old: str, wanted: object, read: object) -> None:
    assert modes.others_read(old, wanted) == read


def test_how_modes_are_shown() -> None:
    assert (modes.shown(0o644), modes.shown("u=rw"), modes.without_others("0647")) == ("0644", "u=rw", "0640")
