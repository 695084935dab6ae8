"""What a channel is: one method that tries one letter once."""

from typing import Protocol

from alertd.core.letters import Attempt, Letter


class Channel(Protocol):
    """Tries letters, one attempt each; knows nothing of retries, which are the outbox's."""

    async def __aenter__(self) -> "Channel": ...

    async def __aexit__(self, *exc: object) -> None: ...

    async def send(self, letter: Letter) -> Attempt:
        """Try to deliver a letter once. Failures are outcomes, not exceptions."""
        ...
