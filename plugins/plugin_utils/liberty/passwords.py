# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Liberty's password encodings: ``{xor}`` and ``{aes}`` both ways, ``{hash}`` recognised.

``{xor}`` is no protection: the UTF-8 bytes, each XOR 0x5F, in Base64. It keeps a password from being read over a
shoulder. ``{aes}`` protects as well as its key is kept, see ``aes``.
"""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.zosconnect.security.plugins.module_utils import encoded, lost
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import aes
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.aes import Keys

XOR, AES, AES_128, PLAIN = encoded.XOR, "aes", "aes-128", "plain"
ENCODINGS = (XOR, AES, AES_128, PLAIN)
# With these everybody can read the password.
OPEN = (None, XOR)
NO_KEYS = Keys()
algorithm = encoded.algorithm
encode_xor = encoded.encode_xor


def encode(password: str, encoding: str, keys: Keys = NO_KEYS) -> str:
    """Return ``password`` in one of ``ENCODINGS``. An ``{aes}`` text differs each time."""
    if encoding in (AES, AES_128):
        return aes.encode(password, keys, old=encoding == AES_128)
    return encode_xor(password) if encoding == XOR else password


def decode(text: str, keys: Keys = NO_KEYS) -> str:
    """Return the password behind ``text``: plain text as it is, ``{xor}`` and ``{aes}`` decoded.

    Anything else, and an ``{aes}`` text that ``keys`` do not open, is a SecurityError.
    """
    name = algorithm(text)
    if name is None:
        return text
    if name == AES:
        return aes.decode(text, keys)
    if name != XOR:
        raise SecurityError(_not_decoded(name))
    try:
        return encoded.decode_xor(text)
    except ValueError as e:
        raise SecurityError("a password begins with {xor} but what follows is not valid; encode it again.") from e


def _not_decoded(name: str) -> str:
    if name == "hash":
        return "a password in the encoding {hash} goes one way only: nobody can decode it."
    return f"a password in the encoding {{{name}}} cannot be decoded; only {{xor}}, {{aes}} and plain text can."


@dataclass(frozen=True)
class Writing:
    """How passwords are written, and the keys by which those of ``{aes}`` are read."""

    encoding: str = XOR
    keys: Keys = NO_KEYS

    @property
    def protects(self) -> bool:
        """Whether passwords are written so that not everybody can read them."""
        return self.encoding in (AES, AES_128)

    def written(self, password: str) -> str:
        """Return ``password`` encoded; what is encoded already, or refers to a variable, stays as it is."""
        as_it_is = "${" in password or algorithm(password)
        return password if as_it_is else encode(password, self.encoding, self.keys)

    def strengthens(self, old: str, password: str) -> bool:
        """Say whether writing ``password`` protects what everybody can read in ``old``."""
        return self.protects and algorithm(old) in OPEN and self.written(password) != password


def same(old: str, new: str, keys: Keys = NO_KEYS) -> bool:
    """Say whether two texts are one password; what cannot be decoded is the same as nothing but itself."""
    if old == new:
        return True
    try:
        return decode(old, keys) == decode(new, keys)
    except SecurityError:
        return False


def readable(text: str) -> bool:
    """Say whether whoever reads ``text`` learns a password: in clear, in {xor}, and in {aes} by Liberty's public key.

    A text that begins with a ``${variable}`` is none.
    """
    if not text or text.startswith("${"):
        return False
    if algorithm(text) in OPEN:
        return True
    try:
        return algorithm(text) == AES and bool(decode(text))
    except SecurityError:
        return False


def check_encoded(password: str, where: str) -> None:
    """Refuse a text in {xor} that nobody can decode; the key of an {aes} one may not be known here."""
    if algorithm(password) == XOR and "${" not in password:
        try:
            decode(password)
        except SecurityError as e:
            raise SecurityError(f"{where}: {e}") from None


def check_desired(password: str, where: str) -> None:
    """Refuse what cannot be meant as a secret: nothing, or what is left of a lost one."""
    if not password:
        raise SecurityError(f"{where}: the secret is empty; give it, or remove the attribute with null.")
    if lost.is_lost(password):
        raise SecurityError(f"{where}: {lost.sentence(password)}")
