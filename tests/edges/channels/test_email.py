"""Mail by SMTP against real servers: what each kind of failure means, and that nothing goes out unprotected."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import trustme
from pydantic import ValidationError

from alertd.channels.email import EmailChannel
from alertd.channels.email_settings import EmailSettings
from alertd.core.errors import DeliveryError
from alertd.core.letters import Attempt, Letter, Outcome
from tests.edges.channels.servers import Sink, raw_server, smtp_server
from tests.edges.store.make import letter

AUTHORITY = trustme.CA()
CERTIFICATE = AUTHORITY.issue_cert("127.0.0.1", "localhost")


def settings(port: int, **more: Any) -> EmailSettings:
    values = {
        "id": "email",
        "smtp": f"127.0.0.1:{port}",
        "security": "none",
        "from": "Performance <alerts@example.org>",
    }
    return EmailSettings(**(values | more))


def send(
    port: int, *letters: Letter, root: Path = Path(), environ: dict | None = None, timeouts: dict | None = None, **more
) -> list[Attempt]:
    async def work() -> list[Attempt]:
        async with EmailChannel(settings(port, **more), root, environ or {}, **(timeouts or {})) as channel:
            return [await channel.send(one) for one in letters]

    return asyncio.run(work())


def send_one(port: int, **more: Any) -> Attempt:
    (attempt,) = send(port, letter(), **more)
    return attempt


@pytest.fixture
def trusted(tmp_path: Path) -> dict[str, Any]:
    AUTHORITY.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    return {"ca_file": "ca.pem", "root": tmp_path}


def test_the_bytes_arrive_as_they_were_stored() -> None:
    made = letter()
    with smtp_server() as sink:
        (attempt,) = send(sink.port, made)
    assert attempt.outcome is Outcome.DELIVERED
    assert attempt.detail == "DATA: 250 taken"
    assert sink.mails == [("alerts@example.org", "lead@example.org", made.message)]


def test_letters_share_a_connection_and_each_has_a_transaction_of_its_own() -> None:
    with smtp_server() as sink:
        attempts = send(sink.port, *(letter(recipient=f"lead{n}@example.org") for n in range(5)))
    assert {attempt.outcome for attempt in attempts} == {Outcome.DELIVERED}
    assert sink.recipients == [f"lead{n}@example.org" for n in range(5)]
    assert sink.connections == 1


def test_several_connections_send_at_once() -> None:
    async def work(port: int) -> list[Attempt]:
        async with EmailChannel(settings(port), Path(), {}) as channel:
            return await asyncio.gather(*(channel.send(letter()) for _ in range(4)))

    with smtp_server(Sink(delay=30, enough=4)) as sink:
        attempts = asyncio.run(work(sink.port))
    assert [attempt.outcome for attempt in attempts] == [Outcome.DELIVERED] * 4
    assert sink.most_at_once == 4


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ("550 5.1.1 no such user", Outcome.REFUSED),
        ("553 5.1.3 bad address", Outcome.REFUSED),
        ("501 5.1.3 bad address syntax", Outcome.REFUSED),
        ("554 5.7.1 not for us", Outcome.REFUSED),
        ("450 4.2.1 greylisted", Outcome.RETRY),
        ("451 4.3.0 try later", Outcome.RETRY),
        ("452 4.2.2 mailbox full", Outcome.RETRY),
        ("421 4.3.2 shutting down", Outcome.RETRY),
        ("530 5.7.0 must log in first", Outcome.RETRY),
        ("503 5.5.1 out of order", Outcome.RETRY),
    ],
)
def test_the_answer_for_a_recipient_decides(answer: str, outcome: Outcome) -> None:
    with smtp_server(Sink(answer_rcpt=lambda address: answer)) as sink:
        attempt = send_one(sink.port)
    assert attempt.outcome is outcome
    assert answer[:3] in attempt.detail
    assert sink.mails == []


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ("250 2.0.0 queued", Outcome.DELIVERED),
        ("251 2.0.0 will forward", Outcome.DELIVERED),
        ("451 4.3.0 try later", Outcome.RETRY),
        ("552 5.3.4 too large", Outcome.REFUSED),
        ("554 5.7.1 looks like spam", Outcome.REFUSED),
    ],
)
def test_the_answer_after_the_data_decides(answer: str, outcome: Outcome) -> None:
    with smtp_server(Sink(answer_data=lambda number: answer)) as sink:
        assert send_one(sink.port).outcome is outcome


def test_one_refused_recipient_does_not_touch_the_others() -> None:
    """Each letter has its own transaction, so that no half-refused list can pass as success."""

    def answer(address: str) -> str | None:
        return {"gone@example.org": "550 gone", "busy@example.org": "451 busy"}.get(address)

    with smtp_server(Sink(answer_rcpt=answer)) as sink:
        addresses = ("a@example.org", "gone@example.org", "busy@example.org", "b@example.org")
        attempts = send(sink.port, *(letter(recipient=address) for address in addresses))
    expected = [Outcome.DELIVERED, Outcome.REFUSED, Outcome.RETRY, Outcome.DELIVERED]
    assert [attempt.outcome for attempt in attempts] == expected
    assert sink.recipients == ["a@example.org", "b@example.org"]
    assert sink.connections == 1


def test_a_refused_sender_is_our_fault_and_not_the_recipients() -> None:
    with smtp_server(Sink(answer_mail="550 5.7.1 sender not allowed")) as sink:
        attempt = send_one(sink.port)
    assert (attempt.outcome, attempt.detail) == (Outcome.RETRY, "MAIL: 550 5.7.1 sender not allowed")


@pytest.mark.parametrize("taken", ["drop", "2drop"])
def test_a_connection_that_dies_after_the_data_leaves_it_unknown(taken: str) -> None:
    with smtp_server(Sink(answer_data=lambda number: taken)) as sink:
        attempt = send_one(sink.port)
    assert attempt.outcome is Outcome.UNKNOWN
    assert "may have been taken" in attempt.detail


def test_a_server_too_slow_to_answer_the_data_leaves_it_unknown() -> None:
    with smtp_server(Sink(delay=5)) as sink:
        attempt = send_one(sink.port, timeouts={"data_timeout": 0.2})
    assert attempt.outcome is Outcome.UNKNOWN


def test_a_garbled_answer_after_the_data_leaves_it_unknown() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 hello\r\n")
        answers = {b"EHLO": b"250 me\r\n", b"MAIL": b"250 ok\r\n", b"RCPT": b"250 ok\r\n", b"DATA": b"354 go\r\n"}
        while line := await reader.readline():
            writer.write(answers.get(line[:4].upper(), b""))
            if line == b".\r\n":
                writer.write(b"perhaps\r\n")

    with raw_server(talk) as port:
        attempt = send_one(port, timeouts={"data_timeout": 5})
    assert attempt.outcome is Outcome.UNKNOWN


@pytest.mark.parametrize("after", ["greeting", "EHLO", "MAIL", "RCPT", "DATA"])
def test_a_connection_that_dies_at_any_step_loses_nothing(after: str) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if after == "greeting":
            return
        writer.write(b"220 hello\r\n")
        while line := await reader.readline():
            word = line[:4].upper().decode()
            if word == after:
                return
            writer.write(b"354 go\r\n" if word == "DATA" else b"250 ok\r\n")

    with raw_server(talk) as port:
        attempt = send_one(port)
    assert attempt.outcome is (Outcome.UNKNOWN if after == "DATA" else Outcome.RETRY)


def test_a_kept_connection_that_the_server_closed_is_replaced_unseen() -> None:
    async def work(sink: Sink) -> list[Attempt]:
        async with EmailChannel(settings(sink.port), Path(), {}) as channel:
            first = await channel.send(letter())
            sink.hang_up()
            assert await asyncio.to_thread(sink.closed.wait, 60)
            return [first, await channel.send(letter())]

    with smtp_server() as sink:
        attempts = asyncio.run(work(sink))
    assert [attempt.outcome for attempt in attempts] == [Outcome.DELIVERED] * 2
    assert sink.connections == 2


def test_no_server_at_all_is_tried_again_later() -> None:
    attempt = send_one(1)
    assert attempt.outcome is Outcome.RETRY
    assert "no connection" in attempt.detail


def test_a_server_that_does_not_even_greet_is_not_waited_for_again_by_every_letter() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    with raw_server(talk) as port:
        first, *others = send(port, *(letter() for _ in range(20)), timeouts={"connect_timeout": 0.3})
    assert first.outcome is Outcome.RETRY
    assert {attempt.detail for attempt in others} == {f"127.0.0.1:{port} did not answer a moment ago"}
    assert {attempt.outcome for attempt in others} == {Outcome.RETRY}


@pytest.mark.parametrize(
    "recipient", ["a b\r\nRCPT TO:<x@y>", "Lead <x@example.org>", "a@b, c@d", "", "näme@example.org"]
)
def test_a_recipient_that_is_no_bare_address_is_refused_without_harm(recipient: str) -> None:
    with smtp_server() as sink:
        odd, good = send(sink.port, replace(letter(), recipient=recipient), letter())
    assert odd.outcome is Outcome.REFUSED
    assert "\n" not in odd.detail
    assert good.outcome is Outcome.DELIVERED
    assert sink.recipients == ["lead@example.org"]


def test_starttls_protects_letter_and_password(trusted: dict[str, Any]) -> None:
    """R30: verified TLS 1.2+ except to loopback by `none`."""
    account = {"username": "alertd", "password": {"env": "SMTP_PASSWORD"}, "environ": {"SMTP_PASSWORD": "hush"}}
    with smtp_server(certificate=CERTIFICATE, password="hush") as sink:
        attempt = send_one(sink.port, security="starttls", **trusted, **account)
    assert attempt.outcome is Outcome.DELIVERED, attempt.detail
    assert sink.logins == [b"hush"]


def test_tls_from_the_start_works_too(trusted: dict[str, Any]) -> None:
    with smtp_server(certificate=CERTIFICATE, from_the_start=True) as sink:
        attempt = send_one(sink.port, security="tls", **trusted)
    assert attempt.outcome is Outcome.DELIVERED, attempt.detail


def test_nothing_is_said_in_clear_where_starttls_was_stripped(trusted: dict[str, Any]) -> None:
    account = {"username": "alertd", "password": {"env": "SMTP_PASSWORD"}, "environ": {"SMTP_PASSWORD": "hush"}}
    with smtp_server(certificate=CERTIFICATE, hide_starttls=True, password="hush") as sink:
        attempt = send_one(sink.port, security="starttls", **trusted, **account)
    assert attempt.outcome is Outcome.RETRY
    assert "STARTTLS" in attempt.detail
    assert (sink.logins, sink.commands, sink.mails) == ([], [], [])


@pytest.mark.parametrize("from_the_start", [True, False])
def test_a_certificate_that_nobody_trusts_gets_no_letter(from_the_start: bool) -> None:
    with smtp_server(certificate=CERTIFICATE, from_the_start=from_the_start) as sink:
        attempt = send_one(sink.port, security="tls" if from_the_start else "starttls")
    assert attempt.outcome is Outcome.RETRY
    assert "certificate" in attempt.detail.lower()
    assert sink.mails == []


def test_a_certificate_for_another_name_gets_no_letter(trusted: dict[str, Any]) -> None:
    with smtp_server(certificate=AUTHORITY.issue_cert("mail.example.org")) as sink:
        attempt = send_one(sink.port, security="starttls", **trusted)
    assert attempt.outcome is Outcome.RETRY
    assert sink.mails == []


def test_tls_older_than_1_2_gets_no_letter(trusted: dict[str, Any]) -> None:
    with smtp_server(certificate=CERTIFICATE, oldest_tls=True) as sink:
        attempt = send_one(sink.port, security="starttls", **trusted)
    assert attempt.outcome is Outcome.RETRY
    assert sink.mails == []


def test_a_wrong_password_is_tried_again_and_never_shown() -> None:
    account = {"username": "alertd", "password": {"env": "P"}, "environ": {"P": "wrong-one"}}
    with smtp_server(password="right-one") as sink:
        attempt = send_one(sink.port, **account)
    assert attempt.outcome is Outcome.RETRY
    assert "refused the login: 535" in attempt.detail
    assert "wrong-one" not in attempt.detail


def test_a_password_may_stand_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("hush\n")
    with smtp_server(password="hush") as sink:
        attempt = send_one(sink.port, username="alertd", password={"file": "secret"}, root=tmp_path)
    assert attempt.outcome is Outcome.DELIVERED


@pytest.mark.parametrize("secret", [{"env": "NOT_SET"}, {"file": "not-there"}])
def test_a_missing_password_is_a_fault_of_the_channel(secret: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(DeliveryError, match=r"channel email, password: .*(NOT_SET|not-there)"):
        send_one(1, username="alertd", password=secret, root=tmp_path)


def test_a_missing_ca_file_is_a_fault_of_the_channel(tmp_path: Path) -> None:
    with pytest.raises(DeliveryError, match=r"ca_file: `nothing\.pem`"):
        send_one(1, security="tls", ca_file="nothing.pem", root=tmp_path)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"smtp": "smtp.example.org"}, "host:port"),
        ({"smtp": "smtp.example.org:99999"}, "host:port"),
        ({"smtp": "smtp.example.org:25"}, "loopback only, and `smtp.example.org` is not"),
        ({"smtp": "10.0.0.1:25"}, "loopback only"),
        ({"from": "nobody"}, "is no sender"),
        ({"from": "A <a@example.org>\r\nBcc: <x@example.org>"}, "is no sender"),
        ({"username": "alertd"}, "both `username` and `password`"),
        ({"password": {"env": "P"}}, "both `username` and `password`"),
        ({"username": "alertd", "password": "plain text"}, "a secret never stands in a file"),
        ({"security": "ssl"}, "security"),
        ({"per_second": 0}, "per_second"),
        ({"smpt": "x"}, "smpt"),
    ],
)
def test_settings_that_cannot_be_right_are_refused(change: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        settings(25, **change)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.9.1", "[::1]"])
def test_without_tls_only_loopback(host: str) -> None:
    assert settings(25, smtp=f"{host}:25").port == 25


def test_size_and_8bit_are_declared_where_the_server_knows_them() -> None:
    plain, eight_bit = (
        letter(message=b"Subject: x\r\n\r\nplain\r\n"),
        letter(message="Subject: x\r\n\r\nnaïve\r\n".encode()),
    )
    with smtp_server() as sink:
        send(sink.port, plain, eight_bit)
    assert sink.commands == [f"MAIL SIZE={len(plain.message)}", f"MAIL SIZE={len(eight_bit.message)} BODY=8BITMIME"]
