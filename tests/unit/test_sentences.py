# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every sentence by which plugins/ refuses something stands in a test, from its first word to its last; and is really made.

That unit tests came by each place is looked at when all of them have run, see tests/conftest.py.
"""

from __future__ import annotations

import ast
import subprocess
import sys

import pytest

from ansible_collections.zosconnect.security.plugins.plugin_utils import declared
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from tests import sentences
from tests.sentences import HOLE, is_expected, never_made


def test_every_sentence_stands_in_a_test() -> None:
    found = sentences.sentences()
    assert len(found) > 600
    missing = [f"{one.place} {one.text.replace(HOLE, '…')}" for one in found if not is_expected(one.text)]
    assert missing == []


def test_sentences_are_found_wherever_they_are_made() -> None:
    tree = ast.parse(
        "class OwnError(Exception): pass\n"
        "def f(x, module):\n"
        "    if x: raise OwnError(f'{x} is wrong, correct it.')\n"
        "    if not x: raise here.OwnError(x or 'nothing is given to it.')\n"
        "    module.fail_json(msg='all of it has failed.')\n"
        "    yield f'{x} has no end here'\n"
        "    return 'one of three words.' if x else f'{x} is a small sentence.'\n"
    )
    found = [text for _node, text in sentences._made(tree, sentences._errors([tree]))]
    assert sorted(found) == [
        "all of it has failed.",
        "nothing is given to it.",
        "one of three words.",
        f"{HOLE} is a small sentence.",
        f"{HOLE} is wrong, correct it.",
    ]


def test_a_sentence_that_no_test_came_by_is_told() -> None:
    places = {sentence.place for sentence in sentences.sentences()}
    one = next(each for each in sentences.sentences() if each.file.startswith("plugin_utils/saf/"))
    assert never_made(places) == []
    assert never_made(places - {one.place}) == [f"{one.place} {one.text.replace(HOLE, '…')}"]


@pytest.mark.parametrize("forked", [False, True], ids=["here", "in a child"])
def test_the_watch_sees_what_is_made(*, forked: bool) -> None:
    (place,) = (one.place for one in sentences.sentences() if one.text.endswith("is not true or false."))
    with pytest.raises(SecurityError) as caught:
        declared.boolean("often", "on")
    assert str(caught.value) == "on: 'often' is not true or false."
    program = (
        "from tests.sentences import Watch\n"
        "watch = Watch()\n"
        f"from {declared.__name__} import boolean\n"
        "boolean('yes', 'on')\n"
        "print(watch.seen, flush=True)\n"
        "import os\n"
        f"child = os.fork() if {forked} else None\n"
        "if child: os.wait()\n"
        "else:\n"
        "  try: boolean('often', 'on')\n"
        "  except Exception: child == 0 and os._exit(0)\n"
        "print(watch.seen)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=sentences.ROOT, capture_output=True, text=True, check=True
    )
    can = sys.version_info >= (3, 12)
    assert done.stdout == f"{set() if can else None}\n{ {place} if can else None }\n"
