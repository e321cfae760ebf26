# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The test bed itself: it gets Liberty once, starts it on ports of its own, and leaves nothing behind."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import textwrap
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import fetch
import keeper
import layout
import pytest
import testbed
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from kept import KEEPER
from launcher import Liberty, Server, stop_in, wait_for_port
from pki import Authority, Cast

LAUNCHER = Path(keeper.__file__).with_name("launcher.py")


def wait_for(condition: Callable[[], bool], what: str, *, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"still not after {seconds} s: {what}"
        time.sleep(0.05)


def is_alive(pid: int) -> bool:
    """A process that nobody has waited for yet is dead all the same."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


class TestKeeper:
    """With `sleep` in the server's place."""

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        made = tmp_path / "server"
        made.mkdir()
        return made

    @pytest.fixture
    def keep(self, folder: Path) -> Iterator[Callable[..., tuple[subprocess.Popen[bytes], int]]]:
        """Start a keeper; gives it and the server's process id."""
        started: list[subprocess.Popen[bytes]] = []

        def start(*options: str, command: str = "sleep 1000") -> tuple[subprocess.Popen[bytes], int]:
            keeps = [sys.executable, str(KEEPER), *options, str(folder), "--", "sh", "-c", f"exec {command}"]
            started.append(subprocess.Popen(keeps, stdin=subprocess.PIPE))
            pid_file = folder / "java.pid"
            wait_for(lambda: pid_file.exists() and bool(pid_file.read_text()), "the server runs")
            return started[-1], int(pid_file.read_text())

        yield start
        for one in started:
            one.kill()
            one.communicate()

    def test_the_other_side_goes(self, folder: Path, keep: Callable[..., tuple[subprocess.Popen[bytes], int]]) -> None:
        process, server = keep("--remove")
        assert process.stdin
        process.stdin.close()
        assert process.wait(20) == 0
        assert not is_alive(server)
        assert not folder.exists()

    def test_a_signal(self, folder: Path, keep: Callable[..., tuple[subprocess.Popen[bytes], int]]) -> None:
        process, server = keep("--lifetime", "1000")
        process.terminate()
        assert process.wait(20) == 0
        assert not is_alive(server)
        assert folder.exists()

    def test_the_keeper_is_killed(self, keep: Callable[..., tuple[subprocess.Popen[bytes], int]]) -> None:
        process, server = keep()
        process.kill()
        wait_for(lambda: not is_alive(server), "the kernel ends the server")

    def test_the_end_of_its_life(self, keep: Callable[..., tuple[subprocess.Popen[bytes], int]]) -> None:
        process, server = keep("--lifetime", "0.5")
        assert process.wait(20) == 0
        assert not is_alive(server)

    def test_a_server_that_ends_leaves_its_logs(
        self, folder: Path, keep: Callable[..., tuple[subprocess.Popen[bytes], int]]
    ) -> None:
        process, _ = keep("--remove", command="sh -c 'echo sorry; exit 22'")
        wait_for((folder / "java.exit").exists, "its status is written")
        wait_for(lambda: (folder / "java.exit").read_text() == "22\n", "its status is complete")
        assert (folder / "console.log").read_text() == "sorry\n"
        assert process.poll() is None

    def test_one_server_in_a_folder(
        self, folder: Path, keep: Callable[..., tuple[subprocess.Popen[bytes], int]]
    ) -> None:
        first, _ = keep()
        assert subprocess.run([sys.executable, str(KEEPER), str(folder), "--", "true"], check=False).returncode == 1
        assert (folder / "keeper.lock").read_text() == f"{first.pid}\n"

    def test_a_server_that_does_not_listen_is_killed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(keeper, "SECONDS_TO_STOP", 0.2)
        stubborn = subprocess.Popen(
            ["sh", "-c", "trap '' TERM; echo ready; while :; do sleep 1; done"],
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        assert stubborn.stdout
        assert stubborn.stdout.readline() == b"ready\n"
        keeper.end(stubborn)
        assert stubborn.returncode == -signal.SIGKILL
        stubborn.stdout.close()


class TestFetch:
    """With a Maven of our own that hands out a small archive."""

    @pytest.fixture
    def bin_dir(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """The only folder of programs, with a java that does nothing; the cache is empty."""
        folder = tmp_path / "bin"
        folder.mkdir()
        monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
        monkeypatch.setattr(
            shutil, "which", lambda name: found if os.path.exists(found := f"{folder}/{name}") else None
        )
        monkeypatch.delenv("JAVA_HOME", raising=False)
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
        write_program(folder / "java", "exit 0")
        return folder

    @pytest.fixture
    def archive(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        path = tmp_path / "small.zip"
        with zipfile.ZipFile(path, "w") as content:
            program = zipfile.ZipInfo("wlp/bin/server")
            program.external_attr = 0o755 << 16
            content.writestr(program, "#!/bin/sh\n")
            content.writestr("wlp/README.TXT", "read me")
        monkeypatch.setattr(fetch, "SHA256", sha256(path))
        return path

    def test_unpacks_what_maven_gives(self, bin_dir: Path, archive: Path) -> None:
        write_maven(bin_dir, archive)
        install = fetch.liberty_install()
        assert os.access(install / "bin" / "server", os.X_OK)
        assert not os.access(install / "README.TXT", os.X_OK)
        (bin_dir / "mvn").unlink()
        assert fetch.liberty_install() == install
        assert sorted(path.name for path in install.parents[1].iterdir()) == [
            f"openliberty-{fetch.VERSION}",
            f"openliberty-{fetch.VERSION}.lock",
        ]

    def test_two_at_once_download_once(self, bin_dir: Path, archive: Path, tmp_path: Path) -> None:
        write_maven(bin_dir, archive, before=f"echo called >> {tmp_path}/calls; sleep 1")
        code = f"import fetch; fetch.SHA256 = {fetch.SHA256!r}; print(fetch.liberty_install())"
        both = [
            subprocess.Popen(
                [sys.executable, "-c", code],
                cwd=LAUNCHER.parent,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            for _ in range(2)
        ]
        answers = [one.communicate(timeout=30) for one in both]
        assert [one.returncode for one in both] == [0, 0]
        assert answers[0][0] == answers[1][0]
        assert (tmp_path / "calls").read_text() == "called\n"
        assert "another process is at work" in answers[0][1] + answers[1][1]

    def test_a_wrong_checksum(self, bin_dir: Path, archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        write_maven(bin_dir, archive)
        monkeypatch.setattr(fetch, "SHA256", "0" * 64)
        with pytest.raises(testbed.TestBedError, match=r"has the SHA-256 [0-9a-f]{64}, but 0{64} was expected"):
            fetch.liberty_install()
        assert [path.suffix for path in testbed.cache_dir().iterdir()] == [".lock"]

    def test_an_archive_without_liberty(self, bin_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        other = tmp_path / "other.zip"
        with zipfile.ZipFile(other, "w") as content:
            content.writestr("wlp/README.TXT", "no server")
        write_maven(bin_dir, other)
        monkeypatch.setattr(fetch, "SHA256", sha256(other))
        with pytest.raises(testbed.TestBedError, match=r"\.zip holds no wlp/bin/server, so it is no Liberty\."):
            fetch.liberty_install()

    def test_maven_fails(self, bin_dir: Path) -> None:
        write_program(
            bin_dir / "mvn", "echo '[INFO] Working'; echo '[ERROR] No route to host'; echo '[ERROR] x'; exit 1"
        )
        with pytest.raises(testbed.TestBedError, match=r"Maven could not get io\.openliberty\S+: No route to host$"):
            fetch.liberty_install()

    def test_maven_dies_without_a_word(self, bin_dir: Path) -> None:
        write_program(bin_dir / "mvn", "exit 1")
        with pytest.raises(testbed.TestBedError, match="it ended without saying why"):
            fetch.liberty_install()

    def test_no_maven(self, bin_dir: Path) -> None:
        with pytest.raises(testbed.TestBedError, match=r"The program mvn is missing: install Maven \(Debian: apt-get"):
            fetch.liberty_install()

    def test_no_java(self, bin_dir: Path) -> None:
        (bin_dir / "java").unlink()
        with pytest.raises(testbed.TestBedError, match=r"The program java is missing: install a JDK 17 .*JAVA_HOME"):
            fetch.liberty_install()

    def test_a_version_that_nobody_checked(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(fetch, "VERSION", "21.0.0.1")
        said = "ZCS_LIBERTY: there is no checksum of Open Liberty 21.0.0.1; take 26.0.0.3, 24.0.0.6 or 22.0.0.3."
        with pytest.raises(testbed.TestBedError) as caught:
            fetch.liberty_install()
        assert str(caught.value) == said

    def test_java_home_comes_first(self, bin_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "jdk" / "bin").mkdir(parents=True)
        write_program(tmp_path / "jdk" / "bin" / "java", "exit 0")
        monkeypatch.setenv("JAVA_HOME", str(tmp_path / "jdk"))
        assert testbed.jdk_program("java") == str(tmp_path / "jdk" / "bin" / "java")

    def test_no_place_for_the_cache(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "file").write_text("")
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
        with pytest.raises(testbed.TestBedError, match=r"cannot be made: Not a directory\. Set XDG_CACHE_HOME"):
            testbed.cache_dir()

    @pytest.mark.parametrize(
        ("said", "megabytes"),
        [
            ("", 0),
            ("Progress (1): 12/33 kB\r", 0),
            ("Progress (1): 0.9/352 MB\rProgress (1): 211/352 MB\r", 211),
            ("Progress (2): 1.1 MB | 17/352 MB   \r", 17),
        ],
    )
    def test_reads_maven_s_progress(self, said: str, megabytes: int) -> None:
        assert fetch.downloaded_megabytes(said) == megabytes


def write_program(path: Path, script: str) -> None:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def write_maven(folder: Path, archive: Path, *, before: str = ":") -> None:
    """It takes -DoutputDirectory as the real one does."""
    find = "for word; do case $word in -DoutputDirectory=*) to=${word#*=};; esac; done"
    write_program(folder / "mvn", f"{before}\n{find}\ncp {archive} $to/openliberty-runtime-{fetch.VERSION}.zip")


def sha256(path: Path) -> str:
    return subprocess.run(["sha256sum", path], capture_output=True, text=True, check=True).stdout.split()[0]


class TestPorts:
    @pytest.mark.parametrize("address", ["127.0.0.1", "0.0.0.0", "::1"])
    def test_a_taken_port_is_avoided(self, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        with socket.socket(family) as taken:
            taken.bind((address, 0))
            taken.listen()
            port = taken.getsockname()[1]
            assert not layout.is_free(port)
            monkeypatch.setattr(layout, "PORTS", range(port, port + 1))
            with pytest.raises(testbed.TestBedError, match=f"Fewer than 1 ports between {port} and {port} are free"):
                layout.free_port()

    @pytest.mark.chosen
    def test_one_that_was_given_a_moment_ago_is_avoided(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Its server may not have opened it yet; another process may have asked for it."""
        port = layout.free_port()
        monkeypatch.setattr(layout, "PORTS", range(port, port + 1))
        with pytest.raises(testbed.TestBedError, match=f"Fewer than 1 ports between {port} and {port} are free"):
            layout.free_port()

    def test_they_differ(self) -> None:
        assert len(set(layout.free_ports(50))) == 50

    def test_waiting_in_vain(self) -> None:
        port = layout.free_port()
        with pytest.raises(testbed.TestBedError, match=rf"Port {port} is still closed after 0 s\."):
            wait_for_port(port, timeout=0.2)


class TestServers:
    @pytest.mark.chosen
    def test_from_the_command_line(self, liberty: Liberty, tmp_path: Path) -> None:
        """Beside the session's server; started twice, it is one; stopped twice, it is gone."""
        folder = tmp_path / "daemon"
        server_xml = tmp_path / "other.xml"
        server_xml.write_text('<server><httpEndpoint id="mine" httpPort="-1" httpsPort="-1"/></server>')
        try:
            first = launch("start", "--dir", str(folder), "--server-xml", str(server_xml), "--lifetime", "300")
            facts = json.loads((folder / "liberty.json").read_text())
            assert first.stdout == f"{folder}/liberty.json\n"
            assert launch("start", "--dir", str(folder)).stdout == first.stdout
            assert json.loads((folder / "liberty.json").read_text()) == facts
            assert Server.attach(folder).config("httpEndpoint", id="mine")[0]["httpsPort"] == -1
            assert liberty.config("httpEndpoint", id="mine") == []
            assert stat.S_IMODE(os.stat(facts["credentials_file"]).st_mode) == 0o600
            assert json.loads(Path(facts["credentials_file"]).read_text())["user"] == "testbed"
            java = int((folder / "java.pid").read_text())
            assert is_alive(java)
        finally:
            launch("stop", "--dir", str(folder))
        assert not is_alive(java)
        assert not is_alive(facts["pid"])
        assert launch("stop", "--dir", str(folder)).returncode == 0
        with pytest.raises(testbed.TestBedError, match="no server was started in this folder"):
            Server.attach(folder)

    def test_reset_takes_away_what_others_left(self, liberty: Liberty) -> None:
        mbean = '<config updateTrigger="mbean"/><keyStore id="defaultKeyStore" password="of-others"/>'
        files = sorted(liberty.server_dir.rglob("*.xml"))
        left = [liberty.server_dir / path for path in ("resources/security/key.p12", "configDropins/overrides/a.xml")]
        liberty.update(layout.BARE_SERVER_XML.read_text(encoding="utf-8").replace("</server>", f"{mbean}</server>"))
        wait_for(left[0].exists, "Liberty makes its key store")
        left[1].parent.mkdir()
        left[1].write_text("<server/>")
        liberty.reset()
        assert not [path for path in left if path.exists()]
        assert sorted(liberty.server_dir.rglob("*.xml")) == files
        assert liberty.config("config")[0]["updateTrigger"] == "polled"

    @pytest.mark.liberty
    def test_a_server_that_cannot_start_shows_its_log(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
        with pytest.raises(testbed.TestBedError, match=r"(?s)Liberty ended while it was starting\..*CWWK"):
            Liberty(server_xml='<server><config onError="FAIL"/><httpEndpoint id="x" httpPort="abc"/></server>').start()
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.liberty
    def test_the_process_that_wanted_it_is_killed(self, tmp_path: Path) -> None:
        code = f"""
            import sys, time
            sys.path.insert(0, {str(LAUNCHER.parent)!r})
            from launcher import Liberty
            server = Liberty()
            print(server.layout.directory, flush=True)
            server.start()
            time.sleep(1000)
        """
        wanted = subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE, text=True)
        assert wanted.stdout
        folder = Path(wanted.stdout.readline().strip())
        wait_for((folder / "java.pid").exists, "it starts")
        wait_for(lambda: bool((folder / "java.pid").read_text()), "its process id is known")
        java = int((folder / "java.pid").read_text())
        wanted.kill()
        wanted.communicate()
        wait_for(lambda: not is_alive(java), "the server is gone")
        wait_for(lambda: not folder.exists(), "its folder is gone")

    @pytest.mark.liberty
    def test_a_start_that_is_cut_short(self, tmp_path: Path) -> None:
        starting = subprocess.Popen([sys.executable, str(LAUNCHER), "start", "--dir", str(tmp_path)])
        wait_for((tmp_path / "java.pid").exists, "it starts")
        wait_for(lambda: bool((tmp_path / "java.pid").read_text()), "its process id is known")
        java = int((tmp_path / "java.pid").read_text())
        starting.terminate()
        assert starting.wait(20) == 143
        assert not is_alive(java)
        assert not (tmp_path / "liberty.json").exists()

    def test_a_folder_where_none_runs(self, tmp_path: Path) -> None:
        stop_in(tmp_path / "nothing")
        assert not (tmp_path / "nothing").exists()


def launch(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(LAUNCHER), *arguments], capture_output=True, text=True, check=True, timeout=180
    )


class TestPki:
    """What openssl thinks of it."""

    def test_the_cast(self, pki: Cast, tmp_path: Path) -> None:
        pki.write(tmp_path / "pem")
        verdicts = {}
        for name in ("server", "mapped", "unmapped", "stranger"):
            command = ["openssl", "verify", "-CAfile", "ca.pem", "-untrusted", f"{name}-chain.pem", f"{name}.pem"]
            verdicts[name] = subprocess.run(command, cwd=tmp_path / "pem", capture_output=True, check=False).returncode
            assert stat.S_IMODE((tmp_path / "pem" / f"{name}.key").stat().st_mode) == 0o600
        assert verdicts == {"server": 0, "mapped": 0, "unmapped": 0, "stranger": 2}

    def test_an_encrypted_key(self, tmp_path: Path) -> None:
        issued = Authority(key_type="ec").issue("x", key_type="ec")
        assert "BEGIN ENCRYPTED PRIVATE KEY" in issued.key_pem("secret")
        (tmp_path / "key").write_text(issued.key_pem("secret"))
        command = ["openssl", "pkey", "-in", "key", "-noout", "-passin"]
        assert subprocess.run([*command, "pass:secret"], cwd=tmp_path, check=False).returncode == 0
        assert subprocess.run([*command, "pass:wrong"], cwd=tmp_path, capture_output=True, check=False).returncode != 0

    def test_names_usages_and_days(self) -> None:
        root = Authority(key_type="ec")
        issued = root.issue("h", sans=["h.example", "::1"], days=2, key_type="ec", client=False)
        extensions = issued.certificate.extensions
        names = extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        assert [str(name.value) for name in names] == ["h.example", "::1"]
        usages = extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        assert list(usages) == [ExtendedKeyUsageOID.SERVER_AUTH]
        assert (issued.certificate.not_valid_after_utc - issued.certificate.not_valid_before_utc).days == 2
        assert issued.chain_pem == ""
        assert root.intermediate(key_type="ec").issue("y", key_type="ec").chain_pem.count("BEGIN") == 1
