"""Tokens of the demo accounts: worked out from the handle, so that any handle has its own.

The edge servers work out the same, so no account has to be registered anywhere. They open nothing
outside this machine.
"""

import hashlib
import hmac
from collections.abc import Mapping

from engage.posts.kinds import Platform

_KEY = b"engage demo: these tokens open nothing"
X_CONSUMER_KEY = "engageDemoConsumerKey"


def secret(*parts: str) -> str:
    """32 hex digits that only this purpose and handle give."""
    return hmac.new(_KEY, "|".join(parts).encode(), hashlib.sha256).hexdigest()[:32]


def number(*parts: str) -> str:
    """A stable numeric id, as platforms give their users."""
    return str(10**9 + int(secret(*parts), 16) % 10**10)


X_CONSUMER_SECRET = secret("x", "consumer")
FACEBOOK_APP_ID = number("facebook", "application")
FACEBOOK_APP_SECRET = secret("facebook", "application")


def x_access_token(handle: str) -> str:
    """As X builds its own: the user's id, a hyphen, the rest (here with the handle to read back)."""
    return f"{number('x', handle)}-{handle}-{secret('x', 'token', handle)}"


def for_account(platform: Platform, handle: str) -> Mapping[str, str]:
    """What `engage account add` needs for an account on the edge server of a platform."""
    match platform:
        case Platform.X:
            return {
                "consumer_key": X_CONSUMER_KEY,
                "consumer_secret": X_CONSUMER_SECRET,
                "access_token": x_access_token(handle),
                "access_token_secret": secret("x", "token secret", handle),
            }
        case Platform.FACEBOOK:
            page = number("facebook", handle)
            return {
                "page_id": page,
                "access_token": f"EAAG{page}-{handle}-{secret('facebook', handle)}",
                "app_id": FACEBOOK_APP_ID,
                "app_secret": FACEBOOK_APP_SECRET,
            }
        case Platform.MASTODON:
            return {"access_token": f"{handle}-{secret('mastodon', handle)}"}
        case Platform.BLUESKY:
            return {"password": secret("bluesky", handle)}
        case _:
            return {}
