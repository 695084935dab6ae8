"""What every channel's settings have; each kind adds its own beside its code in `alertd.channels`."""

from typing import Any

from pydantic import Field, model_validator

from alertd.core.model import Authored, Id


class Secret(Authored):
    """A secret by reference: `{env: NAME}` or `{file: PATH}`; never the secret itself."""

    env: str | None = None
    """The environment variable that holds it."""
    file: str | None = None
    """The file that holds it; a relative path is taken from the home."""

    @model_validator(mode="before")
    @classmethod
    def _no_plain_text(cls, data: Any) -> Any:
        if isinstance(data, str):
            raise ValueError("a secret never stands in a file; write `{env: NAME}` or `{file: PATH}`")
        return data

    @model_validator(mode="after")
    def _one_source(self) -> "Secret":
        if (self.env is None) == (self.file is None):
            raise ValueError("give exactly one of `env` and `file`")
        return self


class ChannelSettings(Authored):
    """What every kind of channel has."""

    id: Id
    """The key under `channels:`."""
    kind: str
    """Which kind it is: email, file, apprise."""
    per_second: float = Field(default=20, gt=0)
    """At most so many letters a second."""
