"""How often anyone may try to sign in, counted in Redis so that every web process counts together."""

from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from engage.settings import Settings

SIGN_IN_TRIES = "10 per minute; 100 per hour"

limiter = Limiter(get_remote_address, key_prefix="engage-web", headers_enabled=False)


def limiter_storage(settings: Settings) -> str:
    """Where tries are counted; in this process alone where there is no Redis-protocol server."""
    return settings.redis_url.get_secret_value() if settings.redis_url else "memory://"
