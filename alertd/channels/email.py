"""Mail by SMTP: verified TLS, one transaction per letter, connections that are kept and used again."""

import asyncio
import contextlib
import ssl
from collections.abc import Mapping
from pathlib import Path
from socket import gethostname

import aiosmtplib

from alertd.channels.email_settings import EmailSettings, is_address
from alertd.channels.secret import read_secret
from alertd.channels.smtp_answers import judge_answer, one_line
from alertd.core.errors import DeliveryError
from alertd.core.letters import Attempt, Letter, Outcome

_SILENCE = 60.0
"""Seconds during which a server that did not even answer is not asked again."""


class EmailChannel:
    """Sends letters by SMTP, over a few connections that each carry one letter at a time."""

    def __init__(
        self,
        settings: EmailSettings,
        root: Path,
        environ: Mapping[str, str],
        *,
        connect_timeout: float = 30,
        answer_timeout: float = 300,
        data_timeout: float = 600,
    ) -> None:
        """Timeouts in seconds; those for answers and data are the ones of RFC 5321, section 4.5.3.2."""
        self.at_once = settings.connections
        self.per_second = settings.per_second
        self._settings = settings
        self._root = root
        self._environ = environ
        self._connect_timeout = connect_timeout
        self._answer_timeout = answer_timeout
        self._data_timeout = data_timeout
        self._idle: list[aiosmtplib.SMTP] = []
        self._tls: ssl.SSLContext | None = None
        self._password: str | None = None
        self._ask_again_at = 0.0

    async def __aenter__(self) -> "EmailChannel":
        settings, place = self._settings, f"channel {self._settings.id}"
        if settings.password is not None:
            self._password = read_secret(
                settings.password, root=self._root, environ=self._environ, place=f"{place}, password"
            )
        if settings.security != "none":
            self._tls = _tls_context(settings.ca_file, self._root, place)
        self._ask_again_at = 0.0
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._password = None
        while self._idle:
            client = self._idle.pop()
            try:
                await client.quit(timeout=5)
            except (aiosmtplib.SMTPException, OSError):
                client.close()  # it was going anyway

    async def send(self, letter: Letter) -> Attempt:
        """Try to deliver a letter once, in a transaction of its own."""
        if not is_address(letter.recipient):  # the client would take the part of it that looks like one
            return Attempt(outcome=Outcome.REFUSED, detail=one_line(f"`{letter.recipient}` is no e-mail address"))
        while (kept := self._kept()) is not None:
            attempt = await self._transact(kept, letter)
            if attempt is not None:
                return attempt
        fresh = await self._connect()
        if isinstance(fresh, Attempt):
            return fresh
        return await self._transact(fresh, letter) or _later(
            "the server closed the connection before it took the letter"
        )

    def _kept(self) -> aiosmtplib.SMTP | None:
        while self._idle:
            client = self._idle.pop()
            if client.is_connected:
                return client
            client.close()
        return None

    async def _connect(self) -> aiosmtplib.SMTP | Attempt:
        now = asyncio.get_running_loop().time()
        if now < self._ask_again_at:
            return _later(f"{self._settings.smtp} did not answer a moment ago")
        client = aiosmtplib.SMTP(
            hostname=self._settings.host,
            port=self._settings.port,
            use_tls=self._settings.security == "tls",
            # None would go on in clear, password and all, where somebody strips STARTTLS from the server's answer.
            start_tls=self._settings.security == "starttls",
            tls_context=self._tls,
            username=self._settings.username,
            password=self._password,
            local_hostname=gethostname(),
            timeout=self._connect_timeout,
        )
        try:
            await client.connect()
            if client.is_ehlo_or_helo_needed:
                with contextlib.suppress(aiosmtplib.SMTPHeloError):  # an old server; MAIL says HELO then
                    await client.ehlo()
        except aiosmtplib.SMTPConnectTimeoutError as error:
            self._ask_again_at = asyncio.get_running_loop().time() + _SILENCE
            return _failed(client, f"no connection: {error}")
        except aiosmtplib.SMTPAuthenticationError as error:
            return _failed(client, f"the server refused the login: {error.code} {error.message}")
        except ssl.SSLCertVerificationError as error:
            return _failed(client, f"the server's certificate cannot be trusted: {error.verify_message}; see `ca_file`")
        except (aiosmtplib.SMTPException, OSError) as error:
            return _failed(client, f"no connection: {error}")
        return client

    async def _transact(self, client: aiosmtplib.SMTP, letter: Letter) -> Attempt | None:
        """One SMTP transaction; None where the connection proved dead before the letter was on its way."""
        try:
            await client.mail(
                self._settings.address, options=_mail_options(client, letter.message), timeout=self._answer_timeout
            )
            await client.rcpt(letter.recipient, timeout=self._answer_timeout)
        except aiosmtplib.SMTPRecipientRefused as error:
            return await self._keep(client, judge_answer(error.code, error.message, step="RCPT"))
        except aiosmtplib.SMTPResponseException as error:
            if error.code == aiosmtplib.SMTPStatus.domain_unavailable:  # 421: it closes, most often a kept connection
                client.close()
                return None
            return await self._keep(client, _later(f"MAIL: {error.code} {error.message}"))
        except aiosmtplib.SMTPServerDisconnected:
            client.close()
            return None
        except (aiosmtplib.SMTPException, OSError) as error:
            return _failed(client, f"before the letter was on its way: {error}")
        try:
            answer = await client.data(letter.message, timeout=self._data_timeout)
        except aiosmtplib.SMTPDataError as error:
            return await self._keep(client, judge_answer(error.code, error.message, step="DATA"))
        except (aiosmtplib.SMTPException, OSError) as error:
            client.close()
            return Attempt(
                outcome=Outcome.UNKNOWN, detail=one_line(f"no answer to DATA, it may have been taken: {error}")
            )
        self._idle.append(client)
        return judge_answer(answer.code, answer.message, step="DATA")

    async def _keep(self, client: aiosmtplib.SMTP, attempt: Attempt) -> Attempt:
        """Make the connection ready for the next letter, or close it."""
        try:
            await client.rset(timeout=self._connect_timeout)
            self._idle.append(client)
        except (aiosmtplib.SMTPException, OSError):
            client.close()  # the attempt's own answer is what matters
        return attempt


def _mail_options(client: aiosmtplib.SMTP, message: bytes) -> list[str]:
    options = [f"SIZE={len(message)}"] if client.supports_extension("size") else []
    if not message.isascii() and client.supports_extension("8bitmime"):
        options.append("BODY=8BITMIME")
    return options


def _tls_context(ca_file: str | None, root: Path, place: str) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=None if ca_file is None else root / ca_file)
    except (OSError, ssl.SSLError) as error:
        raise DeliveryError(
            f"{place}, ca_file: `{ca_file}` cannot be read as certificates ({error}); give a PEM file"
        ) from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _failed(client: aiosmtplib.SMTP, detail: str) -> Attempt:
    client.close()
    return _later(detail)


def _later(detail: str) -> Attempt:
    return Attempt(outcome=Outcome.RETRY, detail=one_line(detail))
