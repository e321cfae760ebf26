# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a path leads, in whose hands the way is, and with whose rights root goes there."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from target_world import NEW, NOBODY, OLD, child, order, world_can_enter

from ansible_collections.zosconnect.security.plugins.module_utils import identity, placing, reading, stores, ways, ztags
from ansible_collections.zosconnect.security.plugins.module_utils.locks import PlaceError

SOMEBODY = 54321  # without a name
pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can be led astray")


@pytest.fixture
def world(tmp_path: Path) -> Path:
    """``server`` belongs to nobody, everything else to root: ``secret`` that only root reads, ``etc/public`` for all."""
    world_can_enter(tmp_path)
    tmp_path.chmod(0o755)
    (tmp_path / "secret").write_bytes(b"secret")
    (tmp_path / "secret").chmod(0o600)
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "public").write_bytes(OLD)
    server = tmp_path / "server"
    server.mkdir()
    (server / "server.xml").write_bytes(OLD)
    (server / "server.xml").chmod(0o640)
    given(server, server / "server.xml")
    return tmp_path


def given(*paths: Path, uid: int = NOBODY) -> None:
    for path in paths:
        os.chown(path, uid, uid, follow_symlinks=False)


def link(path: Path, target: str | Path, uid: int = NOBODY) -> Path:
    path.symlink_to(target)
    given(path, uid=uid)
    return path


# Reading.
def test_what_root_alone_can_read_is_not_read_for_somebody_else(world: Path) -> None:
    path = link(world / "server" / "leak", "../secret")
    found = reading.describe(str(path))
    assert (found["state"], found.get("data")) == ("unreadable", None)
    assert found["message"] == (
        f"{path}: is not read, because user nobody, in whose hands the way to it is, may not read it: Permission denied."
    )


@pytest.mark.parametrize("uid", [0, NOBODY])
def test_a_link_to_what_its_owner_may_read_is_followed(world: Path, uid: int) -> None:
    path = link(world / "server" / "link", "../etc/public", uid)
    assert reading.describe(str(path))["real_path"] == str(world / "etc" / "public")
    assert reading.read_bytes(str(path))[0] == OLD


def test_a_link_of_root_in_a_directory_of_root_leads_everywhere(world: Path) -> None:
    path = link(world / "etc" / "link", "../secret", 0)
    assert reading.read_bytes(str(path))[0] == b"secret"


def test_a_directory_that_root_alone_can_enter_hides_what_is_in_it(world: Path) -> None:
    (world / "private").mkdir(mode=0o700)
    (world / "private" / "file").write_bytes(b"for all, but nobody comes here")
    path = link(world / "server" / "leak", "../private/file")
    assert reading.describe(str(path))["state"] == "unreadable"


def test_what_a_configuration_names_is_read_with_the_rights_of_who_wrote_it(world: Path) -> None:
    named_by = reading.namers(str(world / "server"))
    assert named_by == {NOBODY}
    assert reading.describe(str(world / "secret"), named_by)["state"] == "unreadable"
    assert reading.describe(str(world / "secret"))["state"] == "file", "named by the user of this collection"
    assert reading.read_bytes(str(world / "etc" / "public"), named_by)[0] == OLD


def test_a_server_xml_of_somebody_in_a_directory_of_root(world: Path) -> None:
    (world / "etc" / "server.xml").write_bytes(OLD)
    given(world / "etc" / "server.xml")
    assert reading.namers(str(world / "etc")) == {NOBODY}
    (world / "etc" / "server.xml").unlink()
    dropin = world / "server" / "server.xml"
    assert reading.namers(str(world / "etc"), (str(world / "etc" / "public"), str(dropin))) == {NOBODY}
    assert reading.namers(str(world / "gone")) == reading.namers(None) == frozenset()


def test_folders_are_read_with_the_same_rights(world: Path) -> None:
    (world / "private").mkdir(mode=0o700)
    (world / "private" / "name").write_bytes(b"")
    path = link(world / "server" / "variables", "../private")
    found = reading.describe_folder(str(path), suffixes=("",), depth=1)
    assert (found["state"], found["names"]) == ("unreadable", [])
    inner = world / "server" / "inner"
    inner.mkdir()
    link(inner / "leak", "../../private")
    given(inner)
    assert reading.describe_folder(str(inner), suffixes=("",), depth=1)["state"] == "unreadable"


def test_two_users_who_lead_must_both_be_able_to_read(world: Path) -> None:
    folder = world / "server" / "theirs"
    folder.mkdir()
    (folder / "file").write_bytes(b"x")
    given(folder, folder / "file", uid=SOMEBODY)
    assert reading.read_bytes(str(folder / "file"))[0] == b"x"
    (folder / "file").chmod(0o600)
    assert "because user nobody, in whose hands" in str(reading.describe(str(folder / "file"))["message"])


@pytest.mark.parametrize("first", ["file", "nothing"])
def test_what_one_of_two_users_was_let_in_to_cannot_be_exchanged(
    world: Path, first: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = world / "theirs"
    folder.mkdir()
    (folder / "file").write_bytes(b"for all")
    (folder / "secret").write_bytes(b"only somebody may read this")
    (folder / "secret").chmod(0o600)
    given(folder, folder / "file", folder / "secret", uid=SOMEBODY)
    way = link(world / "server" / "way", folder / first)
    real = identity.of

    def exchange(uid: int) -> identity.Identity:
        if uid == SOMEBODY:  # root has looked as the owner of the link, who is fast
            way.unlink()
            link(way, folder / "secret")
        return real(uid)

    monkeypatch.setattr(ways.Spot, "readers", lambda *_: [NOBODY, SOMEBODY])
    monkeypatch.setattr(identity, "of", exchange)
    found = reading.describe(str(way))
    assert (found["state"], found.get("data")) == ("refused", None)
    assert found["message"] == (
        f"{folder}/secret: a directory or link on the way to it was changed, so it leads to another file; it was not read."
    )


def test_a_file_of_somebody_in_a_directory_where_many_write(world: Path) -> None:
    (world / "etc").chmod(0o1777)
    (world / "etc" / "his").write_bytes(b"x")
    given(world / "etc" / "his")
    assert reading.read_bytes(str(world / "etc" / "his"))[0] == b"x"
    with ways.for_reading(str(world / "etc" / "his")):
        assert os.geteuid() == NOBODY
    with ways.for_reading(str(world / "etc" / "public")):
        assert os.geteuid() == 0


def test_a_directory_in_which_everybody_may_replace_what_is_there(world: Path) -> None:
    (world / "etc").chmod(0o777)
    path = world / "etc" / "public"
    sentence = (
        f"{path}: every user of the host can replace what is in {world}/etc, so root does not follow this way. Take write "
        "permission for others from it."
    )
    found = reading.describe(str(path))
    assert (found["state"], found["message"], found["obstacle"]) == ("refused", sentence, sentence)
    with pytest.raises(PlaceError) as caught:
        placing.place(order(path))
    assert str(caught.value) == sentence


@pytest.mark.parametrize("size", [reading.LARGEST + 1, 20_000_000_000])
def test_a_huge_file_is_not_read(world: Path, size: int) -> None:
    path = world / "server" / "server.xml"
    os.truncate(path, size)
    found = reading.describe(str(path))
    assert found["message"] == f"{path}: has {size} bytes, more than the 67108864 that are read; name another file."


def test_a_directory_with_very_many_files(world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_NAMES", 3)
    for number in range(3):
        (world / "server" / f"{number}.xml").write_bytes(b"")
    found = reading.describe_folder(str(world / "server"), suffixes=(".xml",), depth=0)
    assert found["message"] == f"{world}/server: holds more than 3 files, more than are looked at."
    (world / "server" / "0.xml").unlink()
    assert reading.describe_folder(str(world / "server"), suffixes=(".xml",), depth=0)["state"] == "directory"


def test_an_error_while_reading(world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def read(_fd: int, _size: int) -> bytes:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "read", read)
    path = world / "server" / "server.xml"
    assert reading.describe(str(path))["message"] == f"{path}: cannot be read: Input/output error."


@pytest.mark.parametrize(
    ("path", "real"),
    [
        ("server/../etc/public", "etc/public"),
        ("server//./server.xml", "server/server.xml"),
        ("etc/..", ""),
        ("etc/absolute", "server/server.xml"),
        ("etc/up/etc/public", "etc/public"),
    ],
)
def test_ways(world: Path, path: str, real: str) -> None:
    link(world / "etc" / "absolute", world / "server" / "server.xml", 0)
    link(world / "etc" / "up", "../", 0)
    with ways.find(f"{world}/{path}") as spot:
        assert spot.path == str(world / real)


def test_a_link_that_names_the_system_is_followed_by_the_kernel(world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (world / "etc" / "$SYSNAME" / "var").mkdir(parents=True)
    (world / "etc" / "$SYSNAME" / "var" / "file").write_bytes(b"x")
    link(world / "etc" / "var", "$SYSNAME/var", 0)
    monkeypatch.setattr(ztags, "on_zos", lambda: True)
    with ways.find(f"{world}/etc/var/file") as spot:
        assert (spot.path, reading.sha256(b"x")) == (f"{world}/etc/var/file", reading.sha256(spot_bytes(spot)))
    os.chown(world / "etc" / "var", NOBODY, NOBODY, follow_symlinks=False)
    with ways.find(f"{world}/etc/var/file") as spot:
        assert spot.path == f"{world}/etc/$SYSNAME/var/file", "somebody else's text is taken as it is written"


def spot_bytes(spot: ways.Spot) -> bytes:
    fd = spot.folder.open(spot.name, os.O_RDONLY)
    with os.fdopen(fd, "rb") as stream:
        return stream.read()


# Writing.
def test_root_writes_with_the_rights_of_the_owner_of_the_directory(world: Path) -> None:
    seen: list[int] = []
    placing.place(order(world / "server" / "new.xml", prepare=lambda _: seen.append(os.geteuid())))
    made = (world / "server" / "new.xml").stat()
    assert (made.st_uid, made.st_gid, seen) == (NOBODY, NOBODY, []), "nothing is done by path"
    assert (os.geteuid(), os.getegid()) == (0, 0)


def test_a_directory_that_is_closed_to_its_owner(world: Path) -> None:
    """Or is mounted read-only: no other name of the file would help."""
    path = world / "server" / "closed.xml"
    path.write_bytes(OLD)
    os.chown(path, NOBODY, NOBODY)
    path.parent.chmod(0o555)
    with pytest.raises(PlaceError) as caught:
        placing.place(order(path))
    assert str(caught.value) == (
        f"{path}: user nobody, to whom {path.parent} belongs, cannot write in it, and so root does not; nothing was changed. "
        "Make it writable for him."
    )


def test_a_link_to_what_its_owner_cannot_write(world: Path) -> None:
    path = link(world / "server" / "link.xml", "../etc/public")
    sentence = (
        f"{world}/etc/public: user nobody, in whose hands the way to it is, may not replace it, and so root does not; nothing "
        "was changed. Name the file itself."
    )
    for change in (placing.place, placing.change_look):
        with pytest.raises(PlaceError) as caught:
            change(order(path))
        assert str(caught.value) == sentence
    found = reading.describe(str(path))
    assert (found["obstacle"], found["directory_writable"], found["user"]) == (sentence, False, "nobody")
    (world / "etc").chmod(0o1777)
    with pytest.raises(PlaceError, match="and so root does not"):
        placing.change_look(order(path))
    with pytest.raises(PlaceError) as caught:
        placing.place(order(link(world / "server" / "new.xml", "../new/public")))
    assert str(caught.value) == f"{world}/server: cannot be opened: No such file or directory; nothing was changed."


def test_a_link_to_where_its_owner_cannot_make_files(world: Path) -> None:
    path = link(world / "server" / "link.xml", "../etc/new")
    with pytest.raises(PlaceError) as caught:
        placing.place(order(path))
    assert str(caught.value) == (
        f"{world}/etc/new: cannot make the new file beside the old one in {world}/etc as user nobody: Permission denied; "
        "nothing was changed."
    )
    found = reading.describe(str(path))
    assert (found["directory_writable"], found["user"]) == (False, "nobody"), "check mode says so too"


def test_a_link_into_a_directory_where_everybody_makes_files(world: Path) -> None:
    (world / "etc").chmod(0o1777)
    placing.place(order(link(world / "server" / "link.xml", "../etc/new")))
    assert (world / "etc" / "new").stat().st_uid == NOBODY
    assert {path.name for path in (world / "etc").iterdir()} == {"public", "new"}, "nothing is left behind"


def test_a_directory_of_somebody_where_he_cannot_come(world: Path) -> None:
    world.chmod(0o700)
    found = reading.describe(str(world / "server" / "server.xml"))
    assert (found["state"], found["is_led"], found["user"]) == ("unreadable", True, "nobody")
    assert (found["directory_exists"], found["directory_writable"]) == (True, False)


def test_a_link_of_the_owner_to_his_own_file(world: Path) -> None:
    (world / "server" / "shared").mkdir()
    (world / "server" / "shared" / "real.xml").write_bytes(OLD)
    given(world / "server" / "shared", world / "server" / "shared" / "real.xml")
    path = link(world / "server" / "link.xml", "shared/real.xml")
    placing.place(order(path))
    assert path.is_symlink()
    assert (world / "server" / "shared" / "real.xml").read_bytes() == NEW


def test_directories_of_two_users(world: Path) -> None:
    folder = world / "server" / "theirs"
    folder.mkdir()
    given(folder, uid=SOMEBODY)
    sentence = (
        f"{folder}/new.xml: the directories and links on the way to it, or the configuration that names it, belong to users "
        "54321 and nobody, and each could lead root elsewhere; nothing was changed. Run as the user who may write there: become_user."
    )
    with pytest.raises(PlaceError) as caught:
        placing.place(order(folder / "new.xml"))
    assert str(caught.value) == sentence
    assert reading.describe(str(folder / "new.xml"))["obstacle"] == sentence


def test_a_file_of_root_in_a_directory_of_somebody_stays_root_s(world: Path) -> None:
    path = world / "server" / "server.xml"
    os.chown(path, 0, NOBODY)
    path.chmod(0o6644)
    placing.place(order(path, backup=True))
    status = path.stat()
    assert (status.st_uid, status.st_gid, status.st_mode & 0o7777) == (0, NOBODY, 0o644), "but gives no rights"
    (backup,) = path.parent.glob("server.xml.*~")
    assert (backup.stat().st_uid, backup.stat().st_mode & 0o7777) == (0, 0o644)


def test_a_hard_link_to_a_file_of_root(world: Path) -> None:
    path = world / "server" / "server.xml"
    path.unlink()
    os.link(world / "etc" / "public", path)
    sentence = (
        f"{path}: is a hard link to a file of user root that has other names too; nothing was changed. Put a file of its own "
        "there."
    )
    for change in (placing.place, placing.change_look):
        with pytest.raises(PlaceError) as caught:
            change(order(path))
        assert str(caught.value) == sentence
    assert reading.describe(str(path))["obstacle"] == sentence


def test_a_hard_link_of_his_own_is_cut(world: Path) -> None:
    path = world / "server" / "server.xml"
    os.link(path, world / "server" / "other")
    assert (reading.describe(str(path))["hard_links"], reading.describe(str(path))["obstacle"]) == (2, None)
    placing.place(order(path))
    assert ((world / "server" / "other").read_bytes(), path.read_bytes()) == (OLD, NEW)


def test_a_way_that_leads_elsewhere_than_when_it_was_read(world: Path) -> None:
    path = link(world / "server" / "link.xml", "server.xml")
    with pytest.raises(PlaceError) as caught:
        placing.place(order(path, real_path=f"{world}/server/other.xml"))
    assert str(caught.value) == (
        f"{path}: led to {world}/server/other.xml when it was read, and leads to {world}/server/server.xml now; nothing was "
        "changed. Run again to plan from what is there."
    )


def test_owner_group_and_mode_of_a_file_that_stays(world: Path) -> None:
    path = world / "server" / "server.xml"
    placing.change_look(order(path, look=lambda _: placing.Look(SOMEBODY, 1, 0o600)))
    assert (path.stat().st_uid, path.stat().st_gid, path.stat().st_mode & 0o7777) == (SOMEBODY, 1, 0o600)
    path.unlink()
    with pytest.raises(PlaceError) as caught:
        placing.change_look(order(path))
    assert str(caught.value) == f"{path}: vanished since it was read; nothing was changed. Run again."


@pytest.mark.parametrize("bits", [0o4755, 0o2755])
@pytest.mark.parametrize("change", [placing.change_look, placing.place])
@pytest.mark.parametrize("folder", ["server", "shared"])
def test_a_program_of_his_does_not_become_one_of_root(
    world: Path, folder: str, change: Callable[[placing.Order], object], bits: int
) -> None:
    (world / "shared").mkdir()
    (world / "shared").chmod(0o1777)
    path = world / folder / "server.xml"
    path.write_bytes(OLD)
    given(path)
    path.chmod(bits)
    change(order(path, look=lambda look: look._replace(uid=0, gid=0)))
    assert (path.stat().st_uid, path.stat().st_gid, path.stat().st_mode & 0o7777) == (0, 0, 0o755)


def test_what_took_the_place_of_the_file_that_was_read_gets_no_other_owner(world: Path) -> None:
    path = world / "server" / "server.xml"
    wanted = order(path, look=lambda _: placing.Look(0, 0, 0o600))
    path.write_bytes(b"something else")
    with pytest.raises(PlaceError) as caught:
        placing.change_look(wanted)
    assert str(caught.value) == (
        f"{path}: changed between reading and writing, so somebody else is at work on it; nothing was changed. Run again "
        "to plan from its present content."
    )
    assert path.stat().st_uid == NOBODY


def test_a_directory_that_opens_at_the_right_instant(world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its owner closes it until root has asked. The new file of somebody else must not be one that he has made."""
    path = world / "server" / "server.xml"
    monkeypatch.setattr(ways.Folder, "is_writable", lambda _: False)
    monkeypatch.setattr(ways.Spot, "obstacle", lambda *_: None)
    with pytest.raises(PlaceError) as caught:
        placing.place(order(path, look=lambda _: placing.Look(0, 0, 0o600)))
    assert str(caught.value) == (
        f"{path}: cannot make the new file beside the old one in {world}/server as user nobody: Permission denied; nothing "
        "was changed."
    )


def test_what_a_configuration_names_is_changed_with_the_rights_of_who_wrote_it(world: Path) -> None:
    path, named_by = world / "etc" / "public", reading.namers(str(world / "server"))
    sentence = (
        f"{path}: user nobody, in whose hands the way to it is, may not replace it, and so root does not; nothing was changed. "
        "Name the file itself."
    )
    assert reading.describe(str(path), named_by)["obstacle"] == sentence
    with pytest.raises(PlaceError) as caught:
        placing.place(order(path, named_by=named_by))
    assert (str(caught.value), path.read_bytes()) == (sentence, OLD)
    placing.place(order(world / "server" / "server.xml", named_by=named_by))
    assert (world / "server" / "server.xml").read_bytes() == NEW


def test_who_leads_to_a_directory_that_is_not_there_yet(world: Path) -> None:
    way = link(world / "server" / "way", world / "etc" / "new")
    assert reading.describe(str(way / "deep" / "file"))["is_led"] is True
    assert reading.describe(str(world / "server" / "new" / "deep" / "file"))["is_led"] is True
    assert reading.describe(str(world / "etc" / "new" / "deep" / "file"))["is_led"] is False


def test_a_new_file_of_root_gets_the_group_of_its_directory(world: Path) -> None:
    os.chown(world / "etc", 0, 7)
    placing.place(order(world / "etc" / "new.xml"))
    assert ((world / "etc" / "new.xml").stat().st_uid, (world / "etc" / "new.xml").stat().st_gid) == (0, 7)


def test_a_list_that_a_directory_hands_on_lets_nobody_in(world: Path) -> None:
    # user::rwx, user:54321:rwx, group::---, mask::rwx, other::---
    entries = ((1, 7, 2**32 - 1), (2, 7, SOMEBODY), (4, 0, 2**32 - 1), (16, 7, 2**32 - 1), (32, 0, 2**32 - 1))
    acl = b"\x02\0\0\0" + b"".join(
        tag.to_bytes(2, "little") + bits.to_bytes(2, "little") + who.to_bytes(4, "little") for tag, bits, who in entries
    )
    os.setxattr(world / "server", "system.posix_acl_default", acl)
    placing.place(order(world / "server" / "server.xml", backup=True))
    placing.place(order(world / "server" / "new.xml", new_mode=0o640))
    for path in (world / "server").iterdir():
        assert "system.posix_acl_access" not in os.listxattr(path), path.name


@pytest.mark.parametrize(("owner", "stays"), [(0, False), (NOBODY, True)])
def test_a_list_of_the_old_owner_lets_nobody_into_what_is_somebody_else_s(
    world: Path, owner: int, *, stays: bool
) -> None:
    # user::rw-, user:65534:r--, group::---, mask::r--, other::---
    entries = ((1, 6, 2**32 - 1), (2, 4, NOBODY), (4, 0, 2**32 - 1), (16, 4, 2**32 - 1), (32, 0, 2**32 - 1))
    acl = b"\x02\0\0\0" + b"".join(
        tag.to_bytes(2, "little") + bits.to_bytes(2, "little") + who.to_bytes(4, "little") for tag, bits, who in entries
    )
    path = world / "server" / "server.xml"
    os.setxattr(path, "system.posix_acl_access", acl)
    placing.place(order(path, look=lambda look: look._replace(uid=owner)))
    assert ("system.posix_acl_access" in os.listxattr(path)) is stays


# Links of somebody else, for a user who is not root.
def test_a_link_of_somebody_else(world: Path) -> None:
    (world / "server").chmod(0o777)
    link(world / "server" / "his.xml", "server.xml", SOMEBODY)
    own = link(world / "server" / "own.xml", "server.xml")
    text = child(lambda: reading.describe(f"{world}/server/his.xml")["message"], uid=NOBODY)[1]
    assert text == (
        f"{world}/server/server.xml: is reached by the symbolic link {world}/server/his.xml of user 54321, who could lead it "
        "anywhere. Name the file itself."
    )
    assert child(lambda: placing.place(order(world / "server" / "his.xml")), uid=NOBODY)[1] == text
    assert child(lambda: placing.place(order(own))["unsafe"], uid=NOBODY)[1] == "False"


def test_a_link_of_somebody_to_what_is_his(world: Path) -> None:
    (world / "server" / "server.xml").chmod(0o644)
    path = link(world / "server" / "link.xml", "server.xml")
    assert child(lambda: reading.describe(str(path))["state"], uid=SOMEBODY)[1] == "file"


# Identities.
def test_a_system_that_lets_root_be_nobody_else(world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.seteuid

    def seteuid(uid: int) -> None:
        if uid:
            raise PermissionError(1, "Operation not permitted")
        real(uid)

    monkeypatch.setattr(os, "seteuid", seteuid)
    path = world / "server" / "server.xml"
    sentence = (
        "this system does not let root act as user nobody (Operation not permitted); nothing was changed. Run as that user: "
        "become_user: nobody."
    )
    assert reading.describe(str(path))["message"] == sentence
    with pytest.raises(PlaceError) as caught:
        placing.place(order(path))
    assert str(caught.value) == sentence
    assert (os.geteuid(), os.getegid()) == (0, 0)
    assert reading.describe(str(world / "etc" / "public"))["state"] == "file"


def test_programs_that_are_run_meanwhile_cannot_become_root_again(world: Path) -> None:
    seen = world / "server" / "seen"
    command = f"sh -c 'grep -hE \"^(Uid|Gid|Groups)\" /proc/self/status > {seen}; test -n %s'"
    placing.place(order(world / "server" / "server.xml", validate=command))
    assert seen.read_text().split() == ["Uid:", *["65534"] * 4, "Gid:", *["65534"] * 4, "Groups:", *groups()]


def test_programs_of_somebody_else_get_nothing_of_ours(world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """He can look into them: no input that may be a socket to the controller, no terminal, no secret of the task."""
    monkeypatch.setenv("VAULT_TOKEN", "secret")
    look, seen = world / "etc" / "look", world / "server" / "seen"
    look.write_text(f"{{ env; readlink /proc/$$/fd/0; cut -d ' ' -f 1,6 /proc/$$/stat; }} > {seen}\n")
    receive, send = socket.socketpair()
    with receive, send, stdin(send.fileno()):
        placing.place(order(world / "server" / "server.xml", validate=f"sh {look} %s"))
    *environment, entry, numbers = seen.read_text().splitlines()
    process, session = numbers.split()
    assert ([line for line in environment if "VAULT" in line], entry, process) == ([], "/dev/null", session)
    assert f"PATH={os.environ['PATH']}" in environment


@contextlib.contextmanager
def stdin(fd: int) -> Iterator[None]:
    kept = os.dup(0)
    os.dup2(fd, 0)
    try:
        yield
    finally:
        os.dup2(kept, 0)
        os.close(kept)


def groups() -> list[str]:
    return [str(group) for group in identity.of(NOBODY).groups]


def test_nested_identities() -> None:
    with identity.acting(NOBODY):
        assert (os.geteuid(), identity.is_root()) == (NOBODY, True)
        with identity.ourselves():
            assert (os.geteuid(), identity.is_root()) == (0, True)
        with identity.acting(SOMEBODY):
            assert os.geteuid() == NOBODY, "who is not root stays who he is"
    assert (os.geteuid(), identity.present().groups) == (0, tuple(os.getgroups()))


# Programs.
@contextlib.contextmanager
def only_path(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(folder))
    yield


def java(home: Path) -> str:
    program = home / "bin" / "keytool"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\nid -u > /tmp/never\n")
    program.chmod(0o755)
    return str(program)


def refusal(keytool: str, place: Path) -> str:
    return (
        f"{keytool}: is not run, because others than root can change {place}; nothing was changed. Set java_home to "
        "a Java that only they can change, or run as the user to whom this one belongs: become_user."
    )


def spoil_owner(path: Path) -> Path:
    given(path)
    return path


def spoil_group(path: Path) -> Path:
    path.chmod(0o775)
    return path


@pytest.mark.parametrize("spoil", [spoil_owner, spoil_group])
@pytest.mark.parametrize("part", ["jdk", "jdk/bin", "jdk/bin/keytool"])
def test_a_java_that_others_can_change(world: Path, part: str, spoil: Callable[[Path], Path]) -> None:
    keytool = java(world / "jdk")
    assert stores.find_keytool(str(world / "jdk"), "/s/key.p12") == keytool
    place = spoil(world / part)
    with pytest.raises(stores.StoreError) as caught:
        stores.find_keytool(str(world / "jdk"), "/s/key.p12")
    assert str(caught.value) == refusal(keytool, place)


def test_libraries_beside_a_java_that_others_can_change(world: Path) -> None:
    keytool = java(world / "jdk")
    (world / "jdk" / "lib").mkdir()
    given(world / "jdk" / "lib")
    with pytest.raises(stores.StoreError) as caught:
        stores.find_keytool(str(world / "jdk"), "/s/key.p12")
    assert str(caught.value) == refusal(keytool, world / "jdk" / "lib")


def whole_java(world: Path) -> Path:
    """Make what a Java of a package looks like: its configuration is links to another directory, one leads nowhere."""
    home = world / "jdk"
    java(home)
    for name in ("lib/jvm.cfg", "lib/libjli.so", "lib/server/libjvm.so", "lib/security/cacerts", "jre/lib/rt.jar"):
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).touch()
    for name in ("etc/jdk/java.security", "etc/jdk/policy/own.policy"):
        (world / name).parent.mkdir(parents=True, exist_ok=True)
        (world / name).touch()
    (home / "conf/security").mkdir(parents=True)
    link(home / "conf/security/java.security", world / "etc/jdk/java.security", uid=0)
    link(home / "conf/security/policy", world / "etc/jdk/policy", uid=0)
    link(home / "conf/again", home / "conf", uid=0)
    link(home / "lib/src.zip", world / "etc/gone/src.zip", uid=0)
    return home


@pytest.mark.parametrize("spoil", [spoil_owner, spoil_group])
@pytest.mark.parametrize(
    "part",
    [
        "jdk/lib/libjli.so",
        "jdk/lib/server",
        "jdk/lib/server/libjvm.so",
        "jdk/conf",
        "jdk/conf/security",
        "jdk/jre/lib/rt.jar",
        "etc/jdk/java.security",
        "etc/jdk/policy/own.policy",
    ],
)
def test_what_a_java_loads_and_is_told_by(world: Path, part: str, spoil: Callable[[Path], Path]) -> None:
    home = whole_java(world)
    keytool = str(home / "bin/keytool")
    given(home / "lib/security/cacerts")
    assert stores.find_keytool(str(home), "/s/key.p12") == keytool, "certificates that others maintain are only data"
    place = spoil(world / part)
    with pytest.raises(stores.StoreError) as caught:
        stores.find_keytool(str(home), "/s/key.p12")
    assert str(caught.value) == refusal(keytool, place)


@pytest.mark.parametrize("gone", ["server/gone.so", "server/gone/x.so", "tmp/gone.so"])
def test_a_link_of_a_java_to_what_others_can_make(world: Path, gone: str) -> None:
    home = whole_java(world)
    (world / "tmp").mkdir()
    (world / "tmp").chmod(0o1777)
    link(home / "lib/libx.so", world / gone, uid=0)
    with pytest.raises(stores.StoreError, match="is not run, because others than root can change"):
        stores.find_keytool(str(home), "/s/key.p12")


@pytest.mark.parametrize("way", ["server.env", "java/java", "link"])
def test_root_runs_no_java_that_the_owner_of_the_server_names(
    world: Path, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = world / "server" / ("java/java" if way == "java/java" else "mine")
    keytool = java(home)
    given(*(world / "server").rglob("*"))
    if way != "java/java":
        named = home if way == "server.env" else link(world / "server" / "named", home)
        (world / "server" / "server.env").write_text(f"JAVA_HOME={named}\n")
    with only_path(world / "etc", monkeypatch), pytest.raises(stores.StoreError) as caught:
        stores.find_keytool(None, str(world / "server" / "resources" / "security" / "key.p12"))
    assert "is not run, because others than root can change" in str(caught.value)
    assert str(world / "server") in str(caught.value)
    trusted = java(world / "jdk")
    with only_path(Path(trusted).parent, monkeypatch):
        assert stores.find_keytool(None, str(world / "server" / "key.p12")) == trusted, "the other one is enough"
    assert keytool


def test_his_own_java_is_run_for_himself(world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keytool = java(world / "server" / "java" / "java")
    given(*(world / "server").rglob("*"))
    with only_path(world / "etc", monkeypatch):
        found = child(lambda: stores.find_keytool(None, f"{world}/server/key.p12"), uid=NOBODY)[1]
    assert found == keytool


def test_the_java_of_this_machine_is_trusted() -> None:
    keytool = subprocess.run(
        ["sh", "-c", "command -v keytool"], capture_output=True, text=True, check=True
    ).stdout.strip()
    assert stores.find_keytool(None, "/s/key.p12") in (keytool, f"{os.environ.get('JAVA_HOME')}/bin/keytool")
