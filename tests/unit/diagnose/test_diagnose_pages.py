# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""docs/DIAGNOSE.md and docs/messages say what the cards say."""

from __future__ import annotations

from tests.utils.diagnose_pages import FOLDER, current


def test_the_pages_are_current() -> None:
    pages = current()
    assert set(FOLDER.glob("*.md")) == {path for path in pages if path.parent == FOLDER}
    for path, text in pages.items():
        assert path.read_text(encoding="utf-8") == text, "run python tests/utils/diagnose_pages.py"
