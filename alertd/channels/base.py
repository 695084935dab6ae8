"""What a channel is: one method that tries one letter once."""

from typing import Protocol

from alertd.core.letters import Attempt, Letter


class Channel(Protocol):
    """Tries letters, one attempt each; knows nothing of retries, which are the outbox's.

    It is entered before the first letter and left after the last, once for every drain of the outbox. Entering raises
    `DeliveryError` where the channel is set up in a way that can never deliver.
    """

    @property
    def at_once(self) -> int:
        """How many letters may be tried at the same time."""
        ...

    @property
    def per_second(self) -> float:
        """At most so many letters a second."""
        ...

    async def __aenter__(self) -> "Channel": ...

    async def __aexit__(self, *exc: object) -> None: ...

    async def send(self, letter: Letter) -> Attempt:
        """Try to deliver a letter once. Failures are outcomes, not exceptions."""
        ...
