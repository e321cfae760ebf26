# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Law 7: a file is its old self or its new self at every instant, whatever is killed."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import random
import re
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from target_world import NEW, NOBODY, OLD, child, order, world_can_enter

from ansible_collections.zosconnect.security.plugins.module_utils import locks, placing, reading, ways
from ansible_collections.zosconnect.security.plugins.module_utils.placing import PlaceError, place

STEP = int(os.environ.get("ZCS_STEP", "2"))  # 1: killed at every call, in `make faults`
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else or mount")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "server.xml"
    file.write_bytes(OLD)
    file.chmod(0o640)
    return file


def refused(wanted: placing.Order, sentence: str) -> None:
    with pytest.raises(PlaceError) as caught:
        place(wanted)
    assert str(caught.value) == sentence


def test_a_file_is_replaced(path: Path) -> None:
    answer = place(order(path))
    assert path.read_bytes() == NEW
    assert answer == {"sha256": hashlib.sha256(NEW).hexdigest(), "unsafe": False}
    assert os.listdir(path.parent) == ["server.xml"]


def test_a_file_is_made(tmp_path: Path) -> None:
    place(order(tmp_path / "new.xml", new_mode=0o604))
    assert (tmp_path / "new.xml").read_bytes() == NEW
    assert (tmp_path / "new.xml").stat().st_mode & 0o7777 == 0o604


@pytest.mark.parametrize("backup", [True, False])
def test_a_file_is_removed(path: Path, *, backup: bool) -> None:
    old = path.read_bytes()
    answer = placing.remove(order(path, backup=backup))
    assert not path.exists()
    kept = [path.with_name(name) for name in os.listdir(path.parent)]
    assert ([each.read_bytes() for each in kept], answer) == (
        ([old], {"backup_file": str(kept[0])}) if backup else ([], {})
    )


def test_what_a_killed_run_left_beside_a_file_goes_with_it(path: Path) -> None:
    path.with_name(f".{path.name}.abc.zcs-tmp").write_bytes(b"half")
    placing.remove(order(path))
    assert list(path.parent.iterdir()) == []


def test_a_file_that_is_another_one_is_not_removed(path: Path) -> None:
    wanted = order(path)
    path.write_bytes(b"theirs")
    with pytest.raises(PlaceError, match="somebody else is at work on it; nothing was changed"):
        placing.remove(wanted)
    assert path.read_bytes() == b"theirs"


def test_a_file_that_changes_while_its_backup_is_made_is_not_removed(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.utime

    def utime(fd: int, **times: Any) -> None:
        path.write_bytes(b"theirs")
        real(fd, **times)

    wanted = order(path, backup=True)
    monkeypatch.setattr(os, "utime", utime)
    with pytest.raises(PlaceError, match="changed between reading and writing"):
        placing.remove(wanted)
    assert path.read_bytes() == b"theirs"
    assert wanted.become == []


def test_a_file_that_cannot_be_removed_leaves_no_backup(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.unlink

    def unlink(name: str, **where: Any) -> None:
        if name == path.name:
            raise PermissionError(errno.EPERM, "Operation not permitted")
        real(name, **where)

    monkeypatch.setattr(os, "unlink", unlink)
    with pytest.raises(PlaceError) as caught:
        placing.remove(order(path, backup=True))
    assert str(caught.value) == f"{path}: the system refused a call (Operation not permitted); nothing was changed."
    assert os.listdir(path.parent) == [path.name]


def test_what_a_killed_run_left_goes_with_the_file(path: Path) -> None:
    path.with_name(".server.xml.0011.zcs-tmp").write_bytes(NEW)
    placing.remove(order(path))
    assert os.listdir(path.parent) == []


def test_what_became_of_a_removed_file_is_known_to_who_goes_on(path: Path) -> None:
    wanted = order(path)
    placing.remove(wanted)
    assert wanted.become == ["is removed"]


def test_a_removal_and_another_run_exclude_each_other(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "LOCK_SECONDS", 0.2)
    with ways.find(str(path)) as spot, locks.lock(spot.folder):
        text = child(lambda: placing.remove(order(path)))[1]
    assert "has held the lock of this directory for 0 seconds; nothing was changed." in text
    assert path.read_bytes() == OLD


def test_what_is_not_there_needs_not_be_removed(tmp_path: Path) -> None:
    assert placing.remove(order(tmp_path / "new.xml")) == {}


def test_nobody_sees_the_new_file_before_it_is_private(path: Path) -> None:
    seen: list[tuple[str, int]] = []
    real = os.fchmod

    def fchmod(fd: int, mode: int) -> None:
        seen.append((os.readlink(f"/proc/self/fd/{fd}"), os.fstat(fd).st_mode))
        real(fd, mode)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fchmod", fchmod)
        place(order(path))
    (temporary, mode), *others = seen
    assert (mode & 0o777, others) == (0o600, [])
    assert Path(temporary).name.startswith(".server.xml.")
    assert not temporary.endswith((".xml", ".p12", ".jks"))


@needs_root
def test_mode_owner_and_group_are_kept(path: Path) -> None:
    path.chmod(0o4751)
    os.chown(path, NOBODY, 1)
    path.chmod(0o4751)
    place(order(path))
    status = path.stat()
    assert (status.st_mode & 0o7777, status.st_uid, status.st_gid) == (0o4751, NOBODY, 1)


def test_extended_attributes_are_kept(path: Path) -> None:
    try:
        os.setxattr(path, "user.comment", b"ours")
    except OSError as e:
        pytest.skip(f"no extended attributes here: {e.strerror}")
    place(order(path))
    assert os.getxattr(path, "user.comment") == b"ours"


# The kernel's form of: user::rw-, user:1:r--, group::r--, mask::r--, other::---
LIST = b"\x02\0\0\0" + b"".join(
    tag.to_bytes(2, "little") + bits.to_bytes(2, "little") + who.to_bytes(4, "little")
    for tag, bits, who in ((1, 6, 2**32 - 1), (2, 4, 1), (4, 4, 2**32 - 1), (16, 4, 2**32 - 1), (32, 0, 2**32 - 1))
)


def with_attribute(path: Path, name: str, value: bytes) -> None:
    try:
        os.setxattr(path, name, value)
    except OSError as e:
        pytest.skip(f"no {name} here: {e.strerror}")


def test_an_access_control_list_is_kept(path: Path) -> None:
    with_attribute(path, "system.posix_acl_access", LIST)
    place(order(path))
    assert os.getxattr(path, "system.posix_acl_access") == LIST
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_list_that_the_directory_hands_down_lets_nobody_in(path: Path) -> None:
    with_attribute(path.parent, "system.posix_acl_default", LIST)
    place(order(path))
    assert path.read_bytes() == NEW
    assert "system.posix_acl_access" not in os.listxattr(path)


@needs_root
def test_rights_of_a_program_that_another_user_may_have_put_there_are_not_handed_on(path: Path) -> None:
    world_can_enter(path.parent)
    os.chown(path.parent, NOBODY, NOBODY)
    os.chown(path, NOBODY, NOBODY)
    # What the kernel keeps of: cap_net_bind_service=ep
    with_attribute(path, "security.capability", b"\x01\0\0\x02\0\x04\0\0" + bytes(12))
    assert child(lambda: place(order(path))["unsafe"])[1] == "False"
    assert path.read_bytes() == NEW
    assert "security.capability" not in os.listxattr(path)


@pytest.mark.parametrize("number", [errno.ENOTSUP, errno.EPERM])
def test_a_file_system_without_extended_attributes(path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def fail(_fd: int) -> list[str]:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "listxattr", fail)
    if number == errno.ENOTSUP:
        place(order(path))
        assert path.read_bytes() == NEW
    else:
        user = reading.user_name(os.geteuid())
        refused(
            order(path),
            f"{path}: owner, mode and attributes cannot be kept as user {user}: Operation not permitted; nothing was changed. "
            "Run as the owner of the file or as a privileged user.",
        )
        assert path.read_bytes() == OLD


def test_a_system_without_extended_attributes(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "listxattr")
    place(order(path))
    assert path.read_bytes() == NEW


# Compare and swap.
def test_a_file_that_changed_is_refused(path: Path) -> None:
    wanted = order(path)
    path.write_bytes(b"theirs")
    refused(
        wanted,
        f"{path}: changed between reading and writing, so somebody else is at work on it; nothing was changed. "
        "Run again to plan from its present content.",
    )
    assert path.read_bytes() == b"theirs"


def test_a_file_that_vanished_is_refused(path: Path) -> None:
    wanted = order(path)
    path.unlink()
    refused(
        wanted,
        f"{path}: vanished between reading and writing, so somebody else is at work on it; nothing was changed. "
        "Run again to plan from its present content.",
    )
    assert os.listdir(path.parent) == []


def test_a_file_that_appeared_is_refused(tmp_path: Path) -> None:
    wanted = order(tmp_path / "new.xml")
    (tmp_path / "new.xml").write_bytes(b"theirs")
    refused(
        wanted,
        f"{tmp_path}/new.xml: appeared between reading and writing, so somebody else is at work on it; nothing was changed. "
        "Run again to plan from its present content.",
    )


def test_a_file_that_became_a_directory_is_refused(path: Path) -> None:
    wanted = order(path)
    path.unlink()
    path.mkdir()
    refused(wanted, f"{path}: is a directory; name the file.")


def test_a_foreign_writer_in_the_last_moment_is_not_overwritten(path: Path) -> None:
    def foreign(_path: str) -> None:
        path.write_bytes(b"theirs")

    with pytest.raises(PlaceError, match="changed between reading and writing"):
        place(order(path, prepare=foreign, backup=True))
    assert path.read_bytes() == b"theirs"
    assert os.listdir(path.parent) == ["server.xml"]


# Killed at every instant.
def killed_at(number: int, path: Path) -> int:
    """Place in a child that is killed before its call ``number`` of a C function; return the wait status."""
    wanted = order(path, new_mode=0o600)

    def suicidal() -> None:
        calls = 0
        os.fsync = os.fstat  # type: ignore[assignment]  # the disk is not what is tested here

        def count(_frame: object, what: str, _argument: object) -> None:
            nonlocal calls
            if what == "c_call":
                calls += 1
                if calls > number:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.setprofile(count)
        place(wanted)
        sys.setprofile(None)

    return child(suicidal)[0]


@pytest.mark.parametrize("fallback", [False, True], ids=["directory-lock", "lock-file"])
def test_killed_at_every_instant(path: Path, monkeypatch: pytest.MonkeyPatch, *, fallback: bool) -> None:
    if fallback:
        monkeypatch.setattr(fcntl, "flock", unsupported)
    outcomes = set()
    for number in range(0, 10_000, STEP):
        path.write_bytes(OLD)
        status = killed_at(number, path)
        outcomes.add(path.read_bytes())
        assert outcomes <= {OLD, NEW}
        assert not [name for name in os.listdir(path.parent) if name.endswith(".xml") and name != "server.xml"]
        if status == 0:
            break
    assert number > 50, "it was killed often"
    assert outcomes == {OLD, NEW}
    path.write_bytes(OLD)
    place(order(path))
    assert os.listdir(path.parent) == ["server.xml"], "the next run cleans up"


LOOP = """
import sys
from ansible_collections.zosconnect.security.plugins.module_utils import locks, placing, reading, ways
path = sys.argv[1]
print("ready", flush=True)
number = 0
while True:
    number += 1
    old = reading.read_bytes(path)[0]
    data = b"%d " % number * 100_000
    data = reading.sha256(data).encode() + data
    placing.place(placing.Order(path, data, reading.sha256(old)))
"""


def is_whole(data: bytes) -> bool:
    return reading.sha256(data[64:]).encode() == data[:64]


def test_killed_at_random_instants_under_a_readers_eyes(path: Path) -> None:
    path.write_bytes(reading.sha256(b"first").encode() + b"first")
    stop, halves = threading.Event(), []

    def watch() -> None:
        while not stop.is_set():
            halves.extend([1] if not is_whole(path.read_bytes()) else [])

    reader = threading.Thread(target=watch)
    reader.start()
    try:
        for _ in range(12):
            process = subprocess.Popen([sys.executable, "-c", LOOP, str(path)], stdout=subprocess.PIPE)
            assert process.stdout
            process.stdout.readline()
            time.sleep(random.uniform(0, 0.05))
            process.kill()
            process.wait()
            process.stdout.close()
    finally:
        stop.set()
        reader.join()
    assert halves == []
    assert is_whole(path.read_bytes())
    place(order(path))
    assert os.listdir(path.parent) == ["server.xml"]


# Runs of this collection exclude each other.
APPEND = """
import sys
from ansible_collections.zosconnect.security.plugins.module_utils import locks, placing, reading, ways
path, name = sys.argv[1:]
if name.startswith("file"):
    import fcntl
    def flock(*_): raise OSError(95, "Operation not supported")
    fcntl.flock = flock
for number in range(5):
    while True:
        old = reading.read_bytes(path)[0]
        try:
            placing.place(placing.Order(path, old + f"{name}{number}\\n".encode(), reading.sha256(old)))
            break
        except placing.PlaceError as e:
            if "changed between" not in str(e):
                raise
"""


@pytest.mark.parametrize("lock", ["directory", "file"])
def test_no_change_of_runs_at_the_same_time_is_lost(path: Path, lock: str) -> None:
    names = [f"{lock}{letter}" for letter in "abcd"]
    running = [subprocess.Popen([sys.executable, "-c", APPEND, str(path), name]) for name in names]
    assert [process.wait() for process in running] == [0, 0, 0, 0]
    lines = path.read_text().splitlines()
    assert lines[0] == OLD.decode().strip()
    assert sorted(lines[1:]) == sorted(f"{name}{number}" for name in names for number in range(5))
    assert os.listdir(path.parent) == ["server.xml"]


def unsupported(*_: object) -> None:
    raise OSError(errno.ENOTSUP, "Operation not supported")


@pytest.mark.parametrize("fallback", [False, True], ids=["directory-lock", "lock-file"])
def test_a_run_that_takes_too_long(path: Path, monkeypatch: pytest.MonkeyPatch, *, fallback: bool) -> None:
    if fallback:
        monkeypatch.setattr(fcntl, "flock", unsupported)
    monkeypatch.setattr(locks, "LOCK_SECONDS", 0.2)
    with ways.find(str(path)) as spot, locks.lock(spot.folder):
        text = child(lambda: place(order(path)))[1]
    me = f"process {os.getpid()} ({Path('/proc/self/comm').read_text().strip()}) of user root has held the lock of this directory"
    assert text == (
        f"{path.parent}: {'the lock of this directory has been held' if fallback else me} for 0 seconds; nothing was changed. "
        "If that is another run of this collection, run again when it has ended; else end that process."
    )
    place(order(path))
    assert os.listdir(path.parent) == ["server.xml"]


def test_a_lock_file_that_was_removed_meanwhile_locks_nobody_out(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fcntl, "flock", unsupported)
    real = fcntl.lockf
    removed = []

    def lockf(fd: int, what: int) -> None:
        real(fd, what)
        if not removed:
            removed.append((path.parent / locks.LOCK_NAME).unlink())

    monkeypatch.setattr(fcntl, "lockf", lockf)
    place(order(path))
    assert removed
    assert path.read_bytes() == NEW


def test_a_lock_file_that_is_a_link_is_not_followed(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fcntl, "flock", unsupported)
    (path.parent / locks.LOCK_NAME).symlink_to("/nonexistent/file")
    refused(
        order(path),
        f"{path.parent}: no lock file .zosconnect-security.lock can be made here: Too many levels of symbolic links; nothing "
        "was changed. If a run that was killed has left it, remove it.",
    )


def test_a_directory_that_is_gone(tmp_path: Path) -> None:
    refused(
        order(tmp_path / "gone" / "server.xml"),
        f"{tmp_path}/gone: cannot be opened: No such file or directory; nothing was changed.",
    )


def test_leftovers_of_another_file_stay(path: Path) -> None:
    other = path.parent / ".other.xml.abc.zcs-tmp"
    other.write_bytes(b"")
    (path.parent / ".server.xml.abc.zcs-tmp").write_bytes(b"")
    place(order(path))
    assert sorted(os.listdir(path.parent)) == [other.name, "server.xml"]


# Validation and backup.
def test_a_validator_that_accepts(path: Path) -> None:
    place(order(path, validate="test -s %s"))
    assert path.read_bytes() == NEW


def test_a_validator_that_refuses(path: Path) -> None:
    refused(
        order(path, validate="sh -c 'cat %s >&2; exit 3'"),
        "validate: sh refused the new content with return code 3; nothing was changed. "
        "Its output is not shown because it may hold secrets.",
    )
    assert path.read_bytes() == OLD
    assert os.listdir(path.parent) == ["server.xml"]


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        (
            "/no/such/program %s",
            "validate: /no/such/program cannot be run: No such file or directory; nothing was changed.",
        ),
        ("xmllint", "validate: must contain %s, the place of the file to check: xmllint"),
        ("xmllint '%s", "validate: is no command line: No closing quotation: xmllint '%s"),
    ],
)
def test_a_validator_that_is_none(path: Path, command: str, sentence: str) -> None:
    refused(order(path, validate=command), sentence)
    assert path.read_bytes() == OLD


def test_a_backup_is_made_of_the_old_file_only(path: Path) -> None:
    os.utime(path, (1, 2))
    backup = Path(str(place(order(path, backup=True))["backup_file"]))
    assert re.fullmatch(r"server\.xml\.[\d-]{10}@[\d:]{8}\.[0-9a-f]{8}~", backup.name)
    assert (backup.parent, backup.read_bytes(), backup.stat().st_mode & 0o7777) == (path.parent, OLD, 0o640)
    assert backup.stat().st_mtime == 2
    assert "backup_file" not in place(order(path.parent / "new.xml", backup=True))
    assert sorted(os.listdir(path.parent)) == sorted(["new.xml", "server.xml", backup.name])


# What cannot be written.
@needs_root
def test_a_directory_that_is_not_ours(path: Path) -> None:
    world_can_enter(path.parent)
    path.chmod(0o644)
    path.parent.chmod(0o755)
    assert child(lambda: place(order(path)), uid=NOBODY)[1] == (
        f"{path}: cannot make the new file beside the old one in {path.parent} as user nobody: Permission denied; "
        "nothing was changed."
    )


@needs_root
def test_a_file_that_is_not_ours(path: Path) -> None:
    world_can_enter(path.parent)
    path.chmod(0o644)
    path.parent.chmod(0o777)
    assert child(lambda: place(order(path)), uid=NOBODY)[1] == (
        f"{path}: owner, mode and attributes cannot be kept as user nobody: Operation not permitted; nothing was changed. "
        "Run as the owner of the file or as a privileged user."
    )
    assert os.listdir(path.parent) == ["server.xml"]
    assert path.read_bytes() == OLD


@needs_root
def test_leftovers_of_another_user_may_stay(path: Path) -> None:
    world_can_enter(path.parent)
    os.chown(path, NOBODY, NOBODY)
    leftover = path.parent / ".server.xml.abc.zcs-tmp"
    leftover.write_bytes(b"")
    path.parent.chmod(0o1777)
    assert child(lambda: place(order(path))["unsafe"], uid=NOBODY)[1] == "False"
    assert path.read_bytes() == NEW
    assert leftover.exists()


def test_a_limit_of_file_size(path: Path) -> None:
    def limited() -> object:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
        return place(order(path, data=b"x" * 101))

    assert child(limited)[1] == f"{path}: the new content cannot be written: File too large; nothing was changed."
    assert path.read_bytes() == OLD
    assert os.listdir(path.parent) == ["server.xml"]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mount(["-t", "tmpfs", "-o", "size=64k", "none", str(folder)])
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def mount(arguments: list[str]) -> None:
    done = subprocess.run(["mount", *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"this user may not mount: {done.stderr.strip()}")


@needs_root
def test_a_full_disk(small_disk: Path) -> None:
    path = small_disk / "server.xml"
    path.write_bytes(OLD)
    refused(
        order(path, data=b"x" * 100_000),
        f"{path}: the new content cannot be written: No space left on device; nothing was changed.",
    )
    assert path.read_bytes() == OLD
    assert os.listdir(small_disk) == ["server.xml"]


# The documented exception.
def busy(_old: str, _new: str, **_where: int) -> None:
    raise OSError(errno.EBUSY, "Device or resource busy")


def test_unsafe_writes_is_not_used_while_renaming_works(path: Path) -> None:
    before = path.stat().st_ino
    assert place(order(path, unsafe_writes=True))["unsafe"] is False
    assert path.stat().st_ino != before


def test_a_file_that_cannot_be_renamed_over(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "rename", busy)
    refused(
        order(path),
        f"{path}: cannot be replaced: Device or resource busy; nothing was changed. It seems to be mounted as a single file: "
        "mount its directory instead. A module that has unsafe_writes can write into it, which is not atomic.",
    )
    assert path.read_bytes() == OLD
    assert place(order(path, unsafe_writes=True, data=b"s"))["unsafe"] is True
    assert path.read_bytes() == b"s"
    assert os.listdir(path.parent) == ["server.xml"]


def test_unsafe_writes_makes_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(_old: str, _new: str, **_where: int) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "rename", forbidden)
    refused(
        order(tmp_path / "new.xml", unsafe_writes=True),
        f"{tmp_path}/new.xml: cannot be replaced: Operation not permitted; nothing was changed.",
    )
    assert os.listdir(tmp_path) == []


def test_writing_in_place_can_fail(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def rename_and_protect(old: str, new: str, **_where: int) -> None:
        monkeypatch.setattr(os, "fsync", unsupported)
        busy(old, new)

    monkeypatch.setattr(os, "rename", rename_and_protect)
    refused(
        order(path, unsafe_writes=True),
        f"{path}: writing in place (unsafe_writes) failed: Operation not supported; CHECK THE FILE.",
    )


@needs_root
def test_a_file_that_is_mounted(path: Path) -> None:
    (path.parent / "elsewhere").mkdir()
    inner = path.parent / "elsewhere" / "inner.xml"
    inner.write_bytes(OLD)
    mount(["--bind", str(inner), str(path)])
    try:
        with pytest.raises(PlaceError, match=re.escape("mounted as a single file: mount its directory instead.")):
            place(order(path))
        assert place(order(path, unsafe_writes=True))["unsafe"] is True
        assert inner.read_bytes() == NEW
    finally:
        subprocess.run(["umount", str(path)], check=True)


def test_a_file_system_that_does_not_sync_directories(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real: Any = os.fsync

    def fsync(fd: int) -> None:
        if os.path.isdir(f"/proc/self/fd/{fd}"):
            unsupported()
        real(fd)

    monkeypatch.setattr(os, "fsync", fsync)
    place(order(path))
    assert path.read_bytes() == NEW


# Somebody else at the wrong moment.
def in_the_moment(monkeypatch: pytest.MonkeyPatch, name: str, then: Callable[[], object], *, times: int = 1) -> None:
    """Do ``then`` before call number ``times`` of a function of the module os."""
    real, calls = getattr(os, name), []

    def function(*arguments: Any, **more: Any) -> Any:
        calls.append(arguments)
        if len(calls) == times:
            then()
        return real(*arguments, **more)

    monkeypatch.setattr(os, name, function)


def failing(*_: object, **_more: object) -> None:
    raise OSError(errno.EIO, "Input/output error")


def test_a_file_that_is_replaced_as_soon_as_it_is_there(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.rename

    def rename(*arguments: Any, **more: Any) -> None:
        real(*arguments, **more)
        if arguments[1] == "server.xml":
            path.unlink()
            path.write_bytes(b"theirs")

    monkeypatch.setattr(os, "rename", rename)
    with pytest.raises(placing.TouchedError) as caught:
        place(order(path, backup=True))
    (backup,) = path.parent.glob("*~")
    assert str(caught.value) == (
        f"{path}: somebody else replaced the new file as soon as it was there. CHECK THE FILE. Its old content is in {backup}."
    )
    assert (backup.read_bytes(), path.read_bytes()) == (OLD, b"theirs")
    backup.unlink()
    with pytest.raises(placing.TouchedError) as caught:
        place(order(path))
    assert str(caught.value) == f"{path}: somebody else replaced the new file as soon as it was there. CHECK THE FILE."


def test_a_file_that_cannot_be_read_again(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = order(path)
    monkeypatch.setattr(os, "read", failing)
    refused(wanted, f"{path}: cannot be read again: Input/output error; nothing was changed.")


def test_a_backup_that_cannot_be_made(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "utime", failing)
    refused(order(path, backup=True), f"{path}: no backup can be made: Input/output error; nothing was changed.")
    assert os.listdir(path.parent) == ["server.xml"]


def test_no_backup_stays_where_nothing_was_changed(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def rename(old: str, new: str, **more: int) -> None:
        if new == "server.xml":
            busy(old, new)
        real(old, new, **more)

    real = os.rename
    monkeypatch.setattr(os, "rename", rename)
    with pytest.raises(PlaceError, match="nothing was changed"):
        place(order(path, backup=True))
    assert os.listdir(path.parent) == ["server.xml"]


def test_a_backup_that_cannot_be_read(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "read", failing)
    with pytest.raises(PlaceError) as caught:
        placing.read_backup(str(path), str(path), "")
    assert str(caught.value) == f"{path}: cannot be read: Input/output error; nothing was changed."


def test_a_file_that_another_one_replaces_before_its_look_changes(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def exchange() -> None:
        path.unlink()
        path.write_bytes(OLD)

    in_the_moment(monkeypatch, "listxattr", exchange)
    with pytest.raises(PlaceError) as caught:
        placing.change_look(order(path, look=lambda look: look._replace(mode=0o777)))
    assert str(caught.value) == f"{path}: was replaced by somebody else just now; nothing was changed. Run again."
    assert path.stat().st_mode & 0o777 != 0o777


def test_a_look_that_cannot_be_given(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fchmod", failing)
    with pytest.raises(PlaceError) as caught:
        placing.change_look(order(path))
    user = reading.user_name(os.geteuid())
    assert str(caught.value) == (f"{path}: owner, group and mode cannot be changed as user {user}: Input/output error.")


def test_a_file_that_cannot_be_written_in_place(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def rename(old: str, new: str, **_where: int) -> None:
        path.unlink()
        path.mkdir()
        busy(old, new)

    monkeypatch.setattr(os, "rename", rename)
    refused(
        order(path, unsafe_writes=True),
        f"{path}: cannot be opened for unsafe_writes: Is a directory; nothing was changed.",
    )


def test_a_lock_file_that_is_no_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fcntl, "flock", unsupported)
    os.mkfifo(path.parent / locks.LOCK_NAME)
    refused(
        order(path),
        f"{path.parent}: .zosconnect-security.lock is no regular file; nothing was changed. Remove it.",
    )
    (path.parent / locks.LOCK_NAME).unlink()
    (path.parent / locks.LOCK_NAME).write_bytes(b"of a run that was killed")
    place(order(path))
    assert os.listdir(path.parent) == ["server.xml"]


# Calls that nobody expects to fail.
def test_a_call_that_fails_before_anything_is_changed(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "scandir", failing)
    refused(order(path), f"{path}: the system refused a call (Input/output error); nothing was changed.")


@needs_root
def test_a_call_that_fails_when_the_file_is_changed(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world_can_enter(path.parent)
    os.chown(path.parent, NOBODY, NOBODY)
    os.chown(path, NOBODY, NOBODY)
    real, set_groups, renamed = os.rename, os.setgroups, []

    def rename(old: str, new: str, **more: int) -> None:
        real(old, new, **more)
        renamed.extend([new] if new == "server.xml" else [])

    def setgroups(groups: list[int]) -> None:
        set_groups(groups)
        if renamed:  # the rights of root come back when all is done
            renamed.clear()
            failing()

    monkeypatch.setattr(os, "rename", rename)
    monkeypatch.setattr(os, "setgroups", setgroups)
    # In a process of its own, because it keeps some of the other's rights.
    assert child(lambda: place(order(path, backup=True)))[1] == (
        f"{path}: has its new content, and then the system refused a call (Input/output error). CHECK THE FILE, and run again."
    )
    assert path.read_bytes() == NEW
    assert [file.read_bytes() for file in path.parent.glob("*~")] == [OLD], "the backup stays"


def test_a_look_that_is_given_in_part(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = order(path)
    monkeypatch.setattr(os, "fchmod", failing)
    with pytest.raises(PlaceError):
        placing.change_look(wanted)
    assert wanted.become == ["may have another owner and group"]
