# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one way in which demo, pytest, Molecule and bench get a real Liberty with the stand-in. See README.md.

In Python: `with Liberty(server_xml=text) as server: ...`. On the command line:

    python tests/liberty/launcher.py fetch
    python tests/liberty/launcher.py start --dir DIR [--server-xml FILE]
    python tests/liberty/launcher.py stop --dir DIR
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

import kept
from admin import AdminClient, MessageLog, Update
from fetch import liberty_install
from layout import BARE_SERVER_XML, Layout, write_layout
from standin import standin_extension
from testbed import TestBedError, jdk_program, say

SECONDS_TO_START = 120.0
SECONDS_TO_OPEN = 60.0
SECONDS_TO_UPDATE = 120.0
SECONDS_OF_SILENCE = 1.0
LINES_OF_LOG = 25
# What stays in a server's folder when it is made as new.
SERVERS_OWN = frozenset({"server.xml", "logs", "workarea", "configDropins/defaults/testbed.xml"})
# Less memory and less time: these servers live for minutes, several of them on two cores.
JVM_ARGS = "-Xmx384m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData -Dfile.encoding=UTF-8"


class Server:
    """A server that runs, whoever started it.

    Attributes:
        layout: its folders and ports (`server_dir`, `admin_port`, `credentials_file`, ...).
    """

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self._log = MessageLog(layout.messages_log)
        self._admin = AdminClient(layout)

    @classmethod
    def attach(cls, directory: Path) -> Server:
        """The server that `launcher.py start` started in this folder."""
        return Server(Layout.load(directory))

    @property
    def server_dir(self) -> Path:
        """Liberty's server.config.dir, the folder of server.xml."""
        return self.layout.server_dir

    @property
    def http_port(self) -> int:
        """The plain http port of the default endpoint, unless server.xml says otherwise: this server's 9080."""
        return self.layout.http_port

    @property
    def https_port(self) -> int:
        """The https port of the default endpoint, unless server.xml says otherwise: this server's 9443."""
        return self.layout.https_port

    def config(self, element: str = "", **filters: str) -> list[dict[str, Any]]:
        """The effective instances of an element; see `AdminClient.config`."""
        return self._admin.config(element, **filters)

    def refresh(
        self, modified: Iterable[Path] = (), *, created: Iterable[Path] = (), deleted: Iterable[Path] = ()
    ) -> None:
        """Name changed files to Liberty; see `AdminClient.refresh`."""
        self._admin.refresh(modified, created=created, deleted=deleted)

    def position(self) -> int:
        """Where messages.log ends now: take it before a change, for `messages` and `wait_for_update`."""
        return self._log.position()

    def messages(self, since: int = 0) -> str:
        """What messages.log says from a position on."""
        return self._log.since(since)

    def wait_for_update(self, since: int, *, timeout: float = SECONDS_TO_UPDATE) -> Update:
        """Wait until Liberty has made something of a change; see `MessageLog.wait_for_update`."""
        return self._log.wait_for_update(since, timeout=timeout)

    def update(self, text: str | bytes, path: str = "server.xml") -> Update:
        """Replace a file below the server's folder, by rename, and wait until Liberty has made something of it.

        With `config updateTrigger="mbean"` in force Liberty does not look; write and call `refresh` instead.
        """
        since = self.position()
        target = self.server_dir / path
        target.parent.mkdir(parents=True, exist_ok=True)
        scratch = target.with_name(f".{target.name}.new")
        scratch.write_bytes(text.encode() if isinstance(text, str) else text)
        scratch.chmod(0o640)
        scratch.rename(target)
        return self.wait_for_update(since)

    def settle(self) -> None:
        """Wait until Liberty has said nothing for a while: it has stopped and started its ports, too.

        After a change of `ssl` it does that to every https port, once or twice, after it has said that it is done.
        Where ports were polled meanwhile, they were seen to stay closed for 30 seconds.
        """
        position = -1
        while position != self.position():
            position = self.position()
            time.sleep(SECONDS_OF_SILENCE)

    def reset(self) -> None:
        """Take away what others left: the bare server.xml, nothing but the test bed's own drop-in as new, no key store.

        A key store that stays behind is why this exists: Liberty makes resources/security/key.p12 with the password of
        the moment, and with another one in server.xml later no https port opens.
        """
        trigger = self.config("config")[0]["updateTrigger"]
        remove_all_but(self.server_dir, SERVERS_OWN)
        target = self.server_dir / "server.xml"
        target.write_bytes(BARE_SERVER_XML.read_bytes())
        target.chmod(0o640)
        self.layout.dropin.write_bytes(self.layout.dropin_as_new.read_bytes())
        if trigger != "polled":
            self.refresh([target, self.layout.dropin])
        self.settle()


class Liberty(Server):
    """A server of one's own: `with` starts it and ends it, and so does the end of this process, however it comes.

    Between making it and `start` its folder is there, for a bootstrap.properties, say.

    Args:
        server_xml: its text; without it the bare z/OS Connect server of `server.xml` in this folder.
        directory: where it lives, kept afterwards; without it a temporary one that goes with the server.
        name: of the server.

    Raises:
        TestBedError: something is missing, or the server did not start; with the end of its log.
    """

    def __init__(
        self,
        *,
        server_xml: str | None = None,
        directory: Path | None = None,
        name: str = "defaultServer",
    ) -> None:
        install = liberty_install()
        self._temporary = directory is None
        folder = directory or Path(tempfile.mkdtemp(prefix="liberty-"))
        xml = BARE_SERVER_XML.read_text(encoding="utf-8") if server_xml is None else server_xml
        try:
            super().__init__(write_layout(folder, install=install, name=name, server_xml=xml))
        except BaseException:  # until `start` nobody else would remove it
            if self._temporary:
                shutil.rmtree(folder, ignore_errors=True)
            raise
        self._keeper: subprocess.Popen[bytes] | None = None

    @property
    def is_started(self) -> bool:
        """Whether it was started."""
        return self._keeper is not None

    def __enter__(self) -> Liberty:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self, *, answers: bool = True) -> None:
        """Start it and wait until it answers; ``answers``: whether it will, which a broken one does not."""
        self._keeper = spawn_keeper(self.layout, *["--remove"] * self._temporary)
        if not answers:
            return
        try:
            wait_until_ready(self, self._keeper)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End it; a temporary folder goes too. Once more does no harm."""
        if self._keeper:
            kept.stop(self._keeper)
        if self._temporary:
            shutil.rmtree(self.layout.directory, ignore_errors=True)


def remove_all_but(folder: Path, kept: Collection[str], *, below: str = "") -> None:
    """Remove what is in a folder, but for these paths and what is below them."""
    for path in folder.iterdir():
        name = f"{below}{path.name}"
        if name in kept:
            continue
        if not path.is_dir() or path.is_symlink():
            path.unlink()
        elif any(one.startswith(f"{name}/") for one in kept):
            remove_all_but(path, kept, below=f"{name}/")
        else:
            shutil.rmtree(path)


def spawn_keeper(layout: Layout, *options: str) -> subprocess.Popen[bytes]:
    """Start the process that starts Liberty and lives as long."""
    environment = os.environ | {
        "WLP_USER_DIR": str(layout.user_dir),
        "WLP_PRODUCT_EXT_DIR": str(standin_extension(layout.install)),
        "JVM_ARGS": JVM_ARGS,
        "LC_ALL": "C.UTF-8",
    }
    misleading = {"WLP_OUTPUT_DIR", "LOG_DIR", "VARIABLE_SOURCE_DIRS"}
    if jdk_program("java") == shutil.which("java"):  # a JAVA_HOME without java, then
        misleading.add("JAVA_HOME")
    environment = {name: value for name, value in environment.items() if name not in misleading}
    server = [str(layout.install / "bin" / "server"), "run", layout.name]
    return kept.spawn(layout.directory, server, *options, environment=environment)


def wait_until_ready(server: Server, keeper: subprocess.Popen[bytes]) -> None:
    """Wait until Liberty says it is ready (CWWKF0011I) and the REST connector answers.

    Raises:
        TestBedError: it ended or was not ready in time; with the last lines of its log.
    """
    folder = server.layout.directory
    deadline = time.monotonic() + SECONDS_TO_START
    while "CWWKF0011I" not in server.messages():
        if (folder / "java.exit").exists() or keeper.poll() is not None:
            raise TestBedError(f"Liberty ended while it was starting.\n{log_tail(server)}")
        if time.monotonic() > deadline:
            raise TestBedError(f"Liberty was not ready in {SECONDS_TO_START:.0f} s.\n{log_tail(server)}")
        time.sleep(0.1)
    try:
        wait_for_port(server.layout.admin_port, timeout=SECONDS_TO_OPEN)
    except TestBedError:  # a server.xml that is no XML makes Liberty start with nothing at all
        raise TestBedError(f"Liberty started without the test bed's port.\n{log_tail(server)}") from None
    server.config("httpEndpoint")


def log_tail(server: Server) -> str:
    """The end of messages.log, or of what the server printed when it got no further."""
    console = server.layout.directory / "console.log"
    text = server.messages() or (console.read_text(errors="replace") if console.exists() else "")
    return "\n".join(text.splitlines()[-LINES_OF_LOG:])


def wait_for_port(port: int, *, is_open: bool = True, timeout: float = 90.0) -> None:
    """Wait until somebody listens on a port of localhost, or until nobody does; `timeout` is in seconds.

    Raises:
        TestBedError: it did not happen in time.
    """
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if (probe.connect_ex(("127.0.0.1", port)) == 0) == is_open:
                return
        time.sleep(0.1)
    raise TestBedError(f"Port {port} is still {'closed' if is_open else 'open'} after {timeout:.0f} s.")


def start_in(directory: Path, *, server_xml: Path | None, name: str, lifetime: float) -> Layout:
    """Start a server that outlives this process, unless one runs in this folder already.

    Args:
        directory: made when missing; gets `liberty.json`.
        server_xml: a file; without it the bare server.
        name: of the server.
        lifetime: seconds after which it ends by itself, so that a forgotten one does not stay.
    """
    if kept.keeper_pid(directory) and (directory / "liberty.json").exists():
        return Layout.load(directory)
    stop_in(directory)  # one whose start was cut short
    directory.mkdir(parents=True, exist_ok=True)
    xml = (server_xml or BARE_SERVER_XML).read_text(encoding="utf-8")
    layout = write_layout(directory, install=liberty_install(), name=name, server_xml=xml)
    keeper = spawn_keeper(layout, "--lifetime", str(lifetime))
    try:
        wait_until_ready(Server(layout), keeper)
    except BaseException:
        keeper.terminate()
        keeper.wait()
        raise
    layout.save(pid=keeper.pid)
    return layout


def stop_in(directory: Path) -> None:
    """End the server of this folder, if one runs there; its folder with the logs stays."""
    kept.end(directory)
    (directory / "liberty.json").unlink(missing_ok=True)


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description="A real Open Liberty with a stand-in for z/OS Connect, for tests.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("fetch", help="download Liberty and build the stand-in, unless that was done")
    start = commands.add_parser("start", help="start a server that stays; prints the path of liberty.json")
    start.add_argument("--dir", type=Path, required=True)
    start.add_argument("--server-xml", type=Path, help="default: a bare z/OS Connect server")
    start.add_argument("--name", default="defaultServer")
    start.add_argument("--lifetime", type=float, default=3600, help="seconds after which it ends by itself (3600)")
    stop = commands.add_parser("stop", help="stop it")
    stop.add_argument("--dir", type=Path, required=True)
    chosen = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that a half-started server is ended
    try:
        run_command(chosen)
    except TestBedError as problem:
        say(str(problem))
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def run_command(chosen: argparse.Namespace) -> None:
    """Do what the command line asked for."""
    if chosen.command == "fetch":
        install = liberty_install()
        standin_extension(install)
        print(install)
    elif chosen.command == "start":
        layout = start_in(
            chosen.dir.resolve(), server_xml=chosen.server_xml, name=chosen.name, lifetime=chosen.lifetime
        )
        print(layout.directory / "liberty.json")
    else:
        stop_in(chosen.dir.resolve())


if __name__ == "__main__":
    sys.exit(main())
