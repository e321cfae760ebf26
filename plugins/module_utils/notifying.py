# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tell a running Liberty which files have changed, by its FileNotificationMBean. PRIVATE to this collection.

Standard library only, Python 3.9.
"""

from __future__ import annotations

import time
import urllib.error
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ansible_collections.zosconnect.security.plugins.module_utils.connector import Connector, ConnectorError, reason

ROLE = "administrator"
MBEAN = "/IBMJMXConnectorREST/mbeans/WebSphere%3Aservice%3Dcom.ibm.ws.kernel.filemonitor.FileNotificationMBean"
OPERATION = f"{MBEAN}/operations/notifyFileChanges"
_SECONDS = 30
HIDDEN = "********"

Json = dict[str, Any]


def _java_list(items: Sequence[str]) -> dict[str, object]:
    """Return a list as the REST connector wants it; only one that holds something names the type of its items."""
    types = [*(["java.lang.String"] if items else [])]
    return {"value": list(items), "type": {"className": "java.util.ArrayList", "items": types * len(items)}}


def notify(connector: Connector, files: Mapping[str, Sequence[str]], seconds: int) -> None:
    """Call notifyFileChanges(created, modified, deleted); try again while nobody answers. Then it is an OSError."""
    lists = [_java_list(files.get(name, ())) for name in ("created", "modified", "deleted")]
    body = {"params": lists, "signature": ["java.util.Collection"] * 3}
    deadline = time.monotonic() + seconds
    while True:
        left = max(1, round(deadline - time.monotonic()))
        try:
            replace(connector, options={**connector.options, "timeout": left}).call(OPERATION, body)
            return
        except urllib.error.HTTPError:
            raise
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(1)


def reachable(options: Mapping[str, Any], scratch: str | None) -> Json:
    """Say whether the server could be told: ``state`` ``answers``, or ``failed`` with a ``message``."""
    try:
        _connector(options, scratch).call(MBEAN)
    except ConnectorError as e:
        return {"state": "failed", "message": str(e)}
    except OSError as e:
        why = reason(e, role=ROLE, seconds=_timeout(options))
        sentence = f"{options['url']}: the server could not be told of changes: {why}."
        return {"state": "failed", "message": _without_secret(sentence, options)}
    return {"state": "answers", "message": ""}


def tell(options: Mapping[str, Any], files: Mapping[str, Sequence[str]], scratch: str | None) -> Json:
    """Tell the server of ``files`` (created, modified, deleted): ``state`` is ``told`` or ``failed``."""
    told = [path for paths in files.values() for path in paths]
    answer: Json = {"kind": "mbean", "state": "told", "files": told, "message": ""}
    try:
        notify(_connector(options, scratch), files, _timeout(options))
    except ConnectorError as e:
        return {**answer, "state": "failed", "message": str(e)}
    except OSError as e:
        sentence = not_told(options["url"], e, _timeout(options))
        return {**answer, "state": "failed", "message": _without_secret(sentence, options)}
    return answer


def not_told(url: str, e: OSError, seconds: int) -> str:
    """Say why a server was not told of a change."""
    return f"{url}: the server was not told: {reason(e, role=ROLE, seconds=seconds)}."


def _without_secret(sentence: str, options: Mapping[str, Any]) -> str:
    """Return a sentence without the password, which a server could say after us in its words for an HTTP status."""
    password = options.get("password") or ""
    login = b64encode(f"{options.get('username')}:{password}".encode()).decode("ascii")
    return sentence.replace(login, HIDDEN).replace(password, HIDDEN) if password else sentence


def _timeout(options: Mapping[str, Any]) -> int:
    return int(options.get("timeout") or _SECONDS)


def _connector(options: Mapping[str, Any], scratch: str | None) -> Connector:
    known = {name: value for name, value in options.items() if name != "kind"}
    return Connector({**known, "timeout": _timeout(options)}, scratch=scratch)
