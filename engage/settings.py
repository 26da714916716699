"""The environment, read once. A misspelt name or a missing value stops the start, by name.

Without ENGAGE_PUBLISH_FOR_REAL=yes nothing can reach a real platform: only the addresses given in
ENGAGE_<PLATFORM>_BASE_URL, which the demo and the tests point at edge servers on this machine.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from engage.posts.errors import BadInput
from engage.posts.kinds import Platform

_PACKAGE = Path(__file__).parent
_PREFIX = "ENGAGE_"
_NOT_OURS = frozenset({"ENGAGE_REAL_DATA", "ENGAGE_CHROMIUM"})
"""Read by the tests only."""


def content_directory(name: str) -> Path:
    """The shipped `policies` or `templates`: beside the package in a checkout, inside it in a wheel."""
    beside = _PACKAGE.parent / name
    return beside if beside.is_dir() else _PACKAGE / "_content" / name


class Settings(BaseSettings):
    """Everything the environment decides."""

    model_config = SettingsConfigDict(env_prefix=_PREFIX, extra="forbid", frozen=True)

    database_url: SecretStr | None = Field(default=None, validation_alias="DATABASE_URL")
    redis_url: SecretStr | None = Field(default=None, validation_alias="REDIS_URL")
    secret_key: SecretStr | None = None
    token_keys: SecretStr | None = None
    policies: Path = Field(default_factory=lambda: content_directory("policies") / "met")
    templates: Path = Field(default_factory=lambda: content_directory("templates"))
    prices: Path = Field(default_factory=lambda: content_directory("policies") / "prices.yaml")
    demo: bool = False
    metrics_token: SecretStr | None = None
    publish_for_real: bool = False
    log_format: str = "json"
    office_hours: str = "mon-fri 08:00-18:00"
    x_base_url: str | None = None
    facebook_base_url: str | None = None
    mastodon_base_url: str | None = None
    bluesky_base_url: str | None = None

    @property
    def base_urls(self) -> Mapping[Platform, str]:
        """Where each platform is reached, where the environment says so."""
        given = {
            Platform.X: self.x_base_url,
            Platform.FACEBOOK: self.facebook_base_url,
            Platform.MASTODON: self.mastodon_base_url,
            Platform.BLUESKY: self.bluesky_base_url,
        }
        return {platform: url for platform, url in given.items() if url}

    def required(self, name: str) -> str:
        """A secret setting's value. Raises BadInput, naming the variable, where it is not set."""
        value: SecretStr | None = getattr(self, name)
        if value is None:
            variable = name.upper() if name in {"database_url", "redis_url"} else f"{_PREFIX}{name.upper()}"
            raise BadInput("is not set.", where=variable, remedy="See docs/operators.md for what it holds.")
        return value.get_secret_value()


def read_settings() -> Settings:
    """The settings of this process. Raises BadInput naming each variable that is wrong or unknown."""
    known = {f"{_PREFIX}{name.upper()}" for name in Settings.model_fields} | _NOT_OURS
    unknown = sorted(name for name in os.environ if name.startswith(_PREFIX) and name not in known)
    if unknown:
        raise BadInput(
            "is no setting of Engage.", where=", ".join(unknown), remedy="Check the spelling, or unset it."
        )
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]).upper()
        variable = name if name.startswith(_PREFIX) or name.endswith("_URL") else _PREFIX + name
        raise BadInput(f"{first['msg']}.", where=variable) from error
