# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The three forms of Liberty's ``{aes}``, as ``securityUtility`` writes them and a server reads them.

What follows ``{aes}`` is Base64. Its first byte tells the form (observed on Open Liberty 26.0.0.3):

====  =========================================================  ===============================================
byte  the rest                                                   the key
====  =========================================================  ===============================================
0     AES-128 in CBC with PKCS7 padding; the key is the IV too   of a passphrase, PBKDF2 with SHA-1
1     length of the IV, IV, AES-256 in GCM with its tag          of a passphrase, PBKDF2 with SHA-512
2     as 1                                                       itself, 32 bytes (``wlp.aes.encryption.key``)
====  =========================================================  ===============================================

Inside are the length of a salt, a random salt, and the password in UTF-8. So each writing of one password differs.
A passphrase that nobody set is the text ``${wlp.password.encryption.key}``: everybody knows it.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from functools import lru_cache
from types import ModuleType
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.libraries import require

PASSPHRASE_VARIABLE, KEY_VARIABLE = "wlp.password.encryption.key", "wlp.aes.encryption.key"
DEFAULT_PASSPHRASE = f"${{{PASSPHRASE_VARIABLE}}}"
PREFIX = "{aes}"
# Liberty's salts are the same everywhere; that the passphrase is a good one is all the protection that there is.
_SALT_128 = bytes.fromhex("a7a283394c5ab34f32150a9e2f171138c32e7d80")
_SALT_256 = bytes.fromhex(
    "a7c1160f870b664ba544a2a76053ebbbd31d1a6aee453cfa6c496f7a29edb2b1e46639f64230366f235c3b87240f0ec1d56b3fee572bc74a"
    "006b89fef9f9d2a1d424f65689b08e0a55181887e23f3b3134b4866cac1004d93a4b09e77e7fa07ac2a247f89bdf39d4a3564c8d718468d8"
    "87f75679d0c7b3c649070c0418afc06b"
)
_ROUNDS_128, _ROUNDS_256 = 84_756, 210_000
_SALT_BYTES, _IV_BYTES, _BLOCK = 64, 16, 16
_AES_128, _AES_256, _OWN_KEY = 0, 1, 2


@dataclass(frozen=True)
class Keys:
    """What opens ``{aes}``: a passphrase (None: Liberty's own, which is public), and an AES-256 key in Base64.

    ``in_saf`` is where the configuration says that the server takes its key from SAF; then there is no public one.
    """

    passphrase: str | None = field(default=None, repr=False)
    key: str | None = field(default=None, repr=False)
    in_saf: str | None = field(default=None, repr=False)


def encode(password: str, keys: Keys, *, old: bool = False) -> str:
    """Return ``password`` in ``{aes}``; ``old`` in the AES-128 form, which a Liberty before 25.0.0.2 needs."""
    salt = secrets.token_bytes(_SALT_BYTES)
    plain = bytes([len(salt)]) + salt + password.encode()
    if old:
        return _text(bytes([_AES_128]) + _cbc(_key(_AES_128, keys), plain, closing=True))
    form = _AES_256 if keys.key is None else _OWN_KEY
    iv = secrets.token_bytes(_IV_BYTES)
    return _text(bytes([form, len(iv)]) + iv + _gcm(_key(form, keys)).encrypt(iv, plain, None))


def _text(data: bytes) -> str:
    return PREFIX + base64.b64encode(data).decode("ascii")


def decode(text: str, keys: Keys) -> str:
    """Return the password behind an ``{aes}`` text; a SecurityError says whether the key is wrong or the text."""
    try:
        data = base64.b64decode(text[len(PREFIX) :], validate=True)
    except ValueError as e:  # characters beyond ASCII are another error than a wrong length
        raise SecurityError("a password begins with {aes} but what follows is not Base64; encode it again.") from e
    if data[:1] not in (b"\0", b"\1", b"\2"):
        raise SecurityError(
            "a password begins with {aes} but what follows has none of the forms that are known; encode it again with "
            "the securityUtility of a Liberty."
        )
    form = data[0]
    key = _key(form, keys)
    try:
        plain = _cbc(key, data[1:], closing=False) if form == _AES_128 else _opened(key, data)
        return plain[1 + plain[0] :].decode()
    except (ValueError, IndexError) as e:
        raise SecurityError(_wrong_key(form, keys)) from e


def _wrong_key(form: int, keys: Keys) -> str:
    name = KEY_VARIABLE if form == _OWN_KEY else PASSPHRASE_VARIABLE
    if form != _OWN_KEY and keys.passphrase is None:
        return (
            f"a password in {{aes}} was encoded with a key of its own, and none is known here: give the value of "
            f"{name}, or the text is damaged."
        )
    return f"a password in {{aes}} was encoded with another key than the {name} that is known here, or is damaged."


def _opened(key: bytes, data: bytes) -> bytes:
    start = 2 + data[1]
    try:
        plain: bytes = _gcm(key).decrypt(data[2:start], data[start:], None)
    except _library("exceptions").InvalidTag as e:
        raise ValueError("another key") from e
    return plain


def _cbc(key: bytes, data: bytes, *, closing: bool) -> bytes:
    ciphers, padding = _library("hazmat.primitives.ciphers"), _library("hazmat.primitives.padding").PKCS7(8 * _BLOCK)
    cipher = ciphers.Cipher(ciphers.algorithms.AES(key), ciphers.modes.CBC(key))
    if closing:
        return _through(cipher.encryptor(), _through(padding.padder(), data))
    return _through(padding.unpadder(), _through(cipher.decryptor(), data))


def _through(context: Any, data: bytes) -> bytes:
    whole: bytes = context.update(data) + context.finalize()
    return whole


def _gcm(key: bytes) -> Any:
    return _library("hazmat.primitives.ciphers.aead").AESGCM(key)


def _library(name: str) -> ModuleType:
    return require(f"cryptography.{name}", "cryptography")


def _key(form: int, keys: Keys) -> bytes:
    if keys.in_saf and (keys.key if form == _OWN_KEY else keys.passphrase) is None:
        raise SecurityError(
            f"the server takes its key of {{aes}} from SAF ({keys.in_saf}), where nothing here can read it; encode the "
            "password on the target by securityUtility encode with --keyring, --keyringType and --keyLabel, and give "
            "the encoded text."
        )
    return _own_key(keys.key) if form == _OWN_KEY else _passphrase_key(form, keys.passphrase)


def _own_key(given: str | None) -> bytes:
    if given is None:
        raise SecurityError(
            f"a password in {{aes}} was encoded with an AES key of its own; give the value of {KEY_VARIABLE}."
        )
    try:
        key = base64.b64decode(given.strip(), validate=True)
    except ValueError:
        key = b""
    if len(key) != 32:
        raise SecurityError(
            f"the value of {KEY_VARIABLE} is no AES-256 key: 32 bytes in Base64, as securityUtility generateAESKey "
            "prints them."
        )
    return key


@lru_cache(maxsize=8)
def _passphrase_key(form: int, passphrase: str | None) -> bytes:
    """Derive the key; the 256-bit one takes a tenth of a second, so it is not done for each password."""
    # Java too writes a question mark for half a character.
    secret = (DEFAULT_PASSPHRASE if passphrase is None else passphrase).encode(errors="replace")
    if form == _AES_128:
        return hashlib.pbkdf2_hmac("sha1", secret, _SALT_128, _ROUNDS_128, 16)
    return hashlib.pbkdf2_hmac("sha512", secret, _SALT_256, _ROUNDS_256, 32)
