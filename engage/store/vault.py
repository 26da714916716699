"""Platform tokens at rest: encrypted under the newest key, readable under any key still listed."""

import json
from collections.abc import Mapping

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from engage.posts.errors import BadInput

_SETTING = "ENGAGE_TOKEN_KEYS"


class Vault:
    """Encrypts with the first of the comma-separated Fernet keys, decrypts with any of them."""

    def __init__(self, keys: str) -> None:
        """Raises BadInput for a key that is no Fernet key."""
        try:
            self._fernet = MultiFernet([Fernet(key.strip()) for key in keys.split(",")])
        except ValueError as error:
            raise BadInput(
                "holds something that is no Fernet key.",
                where=_SETTING,
                remedy="Each is 32 bytes in URL-safe base64, separated by commas.",
            ) from error

    def lock(self, credentials: Mapping[str, str]) -> bytes:
        """The credentials, encrypted."""
        return self._fernet.encrypt(json.dumps(dict(credentials)).encode())

    def unlock(self, locked: bytes) -> Mapping[str, str]:
        """The credentials in the clear. Raises BadInput where no key opens them."""
        try:
            found: Mapping[str, str] = json.loads(self._fernet.decrypt(locked))
        except InvalidToken as error:
            raise _no_key_opens() from error
        return found

    def relock(self, locked: bytes) -> bytes:
        """The same credentials under the newest key. Raises BadInput where no key opens them."""
        try:
            return self._fernet.rotate(locked)
        except InvalidToken as error:
            raise _no_key_opens() from error


def _no_key_opens() -> BadInput:
    return BadInput(
        "no key opens an account's tokens.",
        where=_SETTING,
        remedy="List the old key behind the new one until every account is locked again.",
    )
