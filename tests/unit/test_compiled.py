# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Compiled code of the engine is kept for the next run: of the same source, and where nobody else can put any."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import CodeType, ModuleType

import pytest

from ansible_collections.zosconnect.security.plugins.plugin_utils import compiled
from ansible_collections.zosconnect.security.plugins.plugin_utils.compiled import Finder, Loader
from ansible_collections.zosconnect.security.plugins.plugin_utils.own_folder import OwnFolder

NAME = "ansible_collections.zosconnect.security.plugins.plugin_utils.sample"


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    folder = tmp_path / "sources"
    folder.mkdir()
    (folder / "sample.py").write_text("WORD = 'one'\n", encoding="utf-8")
    (folder / "room").mkdir()
    (folder / "room/__init__.py").write_text("", encoding="utf-8")
    return folder


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is compiled."""
    paths: list[str] = []
    real = Loader.source_to_code

    def source_to_code(self: Loader, data: bytes, path: str) -> CodeType:
        paths.append(Path(path).name)
        code: CodeType = real(self, data, path)
        return code

    monkeypatch.setattr(Loader, "source_to_code", source_to_code)
    return paths


def loaded(kept: Path, sources: Path) -> ModuleType:
    spec = Finder(OwnFolder(str(kept))).find_spec(NAME, [str(sources)])
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_what_is_kept_is_not_compiled_again(tmp_path: Path, sources: Path, made: list[str]) -> None:
    for _run in range(2):
        module = loaded(tmp_path / "kept", sources)
        assert (module.WORD, module.__file__) == ("one", str(sources / "sample.py"))
    assert made == ["sample.py"]
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "kept").iterdir()} == {0o600}
    assert [path.name for path in sources.rglob("*.pyc")] == []


def test_another_source_is(tmp_path: Path, sources: Path, made: list[str]) -> None:
    assert loaded(tmp_path / "kept", sources).WORD == "one"
    (sources / "sample.py").write_text("WORD = 'two'\n", encoding="utf-8")
    assert loaded(tmp_path / "kept", sources).WORD == "two"
    assert made == ["sample.py"] * 2


@pytest.mark.parametrize("damage", [b"", b"\0", b"N", b"i\1\0\0", b"i\1\0\0\0"])
def test_so_is_what_is_damaged(tmp_path: Path, sources: Path, made: list[str], damage: bytes) -> None:
    loaded(tmp_path / "kept", sources)
    (file,) = (tmp_path / "kept").iterdir()
    file.write_bytes(damage)
    assert loaded(tmp_path / "kept", sources).WORD == "one"
    assert made == ["sample.py"] * 2


def test_where_others_may_write_nothing_is_believed(tmp_path: Path, sources: Path, made: list[str]) -> None:
    loaded(tmp_path / "kept", sources)
    (tmp_path / "kept").chmod(0o777)
    assert loaded(tmp_path / "kept", sources).WORD == "one"
    assert made == ["sample.py"] * 2


def test_it_finds_packages_and_only_what_is_ours(tmp_path: Path, sources: Path) -> None:
    finder, room = Finder(OwnFolder(str(tmp_path / "kept"))), NAME.replace("sample", "room")
    spec = finder.find_spec(room, [str(sources)])
    assert spec
    assert spec.submodule_search_locations == [str(sources / "room")]
    assert finder.find_spec(NAME.replace("sample", "none"), [str(sources)]) is None
    assert finder.find_spec(NAME) is None
    for name in ("sample", NAME.replace("zosconnect", "other"), NAME.replace("plugin_utils", "action")):
        assert finder.find_spec(name, [str(sources)]) is None


def test_it_begins_once_and_only_under_ansible_s_own_loader(monkeypatch: pytest.MonkeyPatch) -> None:
    constants, loader = ModuleType("ansible.constants"), type("Loader", (), {"__module__": "ansible.utils.loader"})()
    constants.DEFAULT_LOCAL_TMP = "/srv/tmp/ansible-local-1"  # type: ignore[attr-defined]
    before = [finder for finder in sys.meta_path if not isinstance(finder, Finder)]
    monkeypatch.setattr(sys, "meta_path", [*before])
    monkeypatch.delitem(sys.modules, "ansible.constants", raising=False)
    compiled.begin(loader)
    monkeypatch.setitem(sys.modules, "ansible.constants", constants)
    compiled.begin(globals().get("__loader__"))
    assert sys.meta_path == before
    for _package in range(2):
        compiled.begin(loader)
    assert sys.meta_path == [Finder(OwnFolder("/srv/tmp/zosconnect-compiled")), *before]
