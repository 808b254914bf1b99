"""SMS: by SMPP to a carrier's gateway, or into the local catcher. One text is one part; see `domain/texting.py`."""

import hashlib
import ssl
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import unquote, urlsplit

import smpplib.client
import smpplib.consts
import smpplib.exceptions
import smpplib.smpp

from services.notify.domain import texting
from services.notify.domain.letter import BadAddress, CannotWrite, Rendered
from services.notify.domain.notice import Notice
from services.notify.domain.outcome import Outcome, Prepared, Result, scrub

BIND_S, SUBMIT_S = 10.0, 30.0

# Source: SMPP 3.4, 5.1.3 command_status.
_MEANING = {
    0x0A: Result.BAD_RECIPIENT,  # invalid source address of this route
    0x0B: Result.BAD_RECIPIENT,  # invalid destination
    0x33: Result.BAD_RECIPIENT,
    0x14: Result.THROTTLED,  # queue full
    0x58: Result.THROTTLED,
    0x08: Result.TRANSIENT,  # system error
    0x64: Result.TRANSIENT,
    0x45: Result.TRANSIENT,  # submit failed
}


def pack(notice: Notice, words: Rendered, address: str) -> Prepared:
    """The bytes of a text. Raises CannotWrite."""
    if not address.startswith("+84") or not address[1:].isdecimal():
        raise BadAddress("no Vietnamese mobile number")
    if texting.count_parts(words.text) != 1 or not words.text.isascii():
        raise CannotWrite("more than one part")
    data = words.text.encode("ascii")
    return Prepared(address=address, data=data, sha256=hashlib.sha256(data).hexdigest(), units=1)


class Caught:
    """The channel of texts into the local catcher."""

    name, provider, can_query = "sms", "catcher", True

    def __init__(self, take: Callable[[str, str, bytes], Outcome], look_up: Callable[[str], bool]) -> None:
        self._take, self._look_up = take, look_up

    def pack(self, notice: Notice, words: Rendered, address: str) -> Prepared:
        return pack(notice, words, address)

    def send(self, message: Prepared, *, ref: str, seconds: float) -> Outcome:
        return self._take(ref, message.address, message.data)

    def query(self, ref: str) -> bool | None:
        return self._look_up(ref)

    def close(self) -> None:
        """Nothing is open."""


class Smpp:
    """The channel of texts to a carrier. One bound connection, kept. Source: SMPP 3.4."""

    name, can_query = "sms", False

    def __init__(self, url: str, *, sender: str, system_type: str = "") -> None:
        """`url`: smpp://user:password@host:port, or smpps:// over TLS; `sender`: the registered name, 11 letters."""
        parts = urlsplit(url)
        if parts.scheme not in {"smpp", "smpps"} or not parts.hostname or not parts.username:
            raise ValueError("an address of an SMS gateway is smpp://user@host:port")
        self._host, self._port = parts.hostname, parts.port or 2775
        self._user, self._password = unquote(parts.username), unquote(parts.password or "")
        self._sender, self._system_type = sender, system_type
        self._context = ssl.create_default_context() if parts.scheme == "smpps" else None
        self._client: Any = None
        self.provider = f"smpp:{self._host}:{self._port}"

    def pack(self, notice: Notice, words: Rendered, address: str) -> Prepared:
        return pack(notice, words, address)

    def query(self, ref: str) -> bool | None:
        return None

    def send(self, message: Prepared, *, ref: str, seconds: float) -> Outcome:
        end = time.monotonic() + seconds
        if self._client is None:
            refusal = self._bind(min(end, time.monotonic() + BIND_S))
            if refusal is not None:
                return refusal
        client = self._client
        try:
            sent = client.send_message(
                source_addr_ton=smpplib.consts.SMPP_TON_ALNUM,
                source_addr_npi=smpplib.consts.SMPP_NPI_UNK,
                source_addr=self._sender,
                dest_addr_ton=smpplib.consts.SMPP_TON_INTL,
                dest_addr_npi=smpplib.consts.SMPP_NPI_ISDN,
                destination_addr=message.address.removeprefix("+"),
                short_message=message.data,
                data_coding=smpplib.consts.SMPP_ENCODING_DEFAULT,
                esm_class=smpplib.consts.SMPP_MSGMODE_DEFAULT,
                registered_delivery=True,
            )
            answer = self._answer_to(sent.sequence, min(end, time.monotonic() + SUBMIT_S))
        except (OSError, smpplib.exceptions.ConnectionError, smpplib.exceptions.PDUError) as problem:
            # From the first byte on it may have arrived: a broken line tells nothing.
            self._drop()
            return _broken(Result.AMBIGUOUS, "submit", type(problem).__name__, problem)
        if answer.status == 0:
            reference = getattr(answer, "message_id", b"") or b""
            text = reference.decode("ascii", "replace") if isinstance(reference, bytes) else str(reference)
            return Outcome(result=Result.ACCEPTED, phase="submit", code="0x00", provider_ref=text[:64])
        result = _MEANING.get(answer.status, Result.BAD_CONTENT)
        words = smpplib.consts.DESCRIPTIONS.get(answer.status, "")
        return Outcome(result=result, phase="submit", code=f"0x{answer.status:02X}", words=words)

    def close(self) -> None:
        if self._client is not None:
            with suppress(OSError, smpplib.exceptions.ConnectionError, smpplib.exceptions.PDUError):
                self._client.unbind()
            self._drop()

    def _bind(self, end: float) -> Outcome | None:
        client = smpplib.client.Client(
            self._host,
            self._port,
            timeout=max(0.1, end - time.monotonic()),
            ssl_context=self._context,
            allow_unknown_opt_params=True,
        )
        self._client = client
        try:
            client.connect()
            client.bind_transceiver(system_id=self._user, password=self._password, system_type=self._system_type)
        except (OSError, smpplib.exceptions.ConnectionError, smpplib.exceptions.PDUError) as problem:
            self._drop()
            status = problem.args[1] if len(problem.args) > 1 else None
            code = f"0x{status:02X}" if isinstance(status, int) else type(problem).__name__
            return _broken(Result.TRANSIENT, "bind", code, problem)
        return None

    def _answer_to(self, sequence: int, end: float) -> Any:
        """The gateway's answer to one message; what comes in between (receipts, checks of the line) is acknowledged."""
        client = self._client
        while True:
            left_s = end - time.monotonic()
            if left_s <= 0:
                raise TimeoutError("the gateway did not answer in time")
            client._socket.settimeout(left_s)
            pdu = client.read_pdu()
            if pdu.command == "submit_sm_resp" and pdu.sequence == sequence:
                return pdu
            reply = {"deliver_sm": "deliver_sm_resp", "enquire_link": "enquire_link_resp"}.get(pdu.command)
            if reply is not None:
                answer = smpplib.smpp.make_pdu(reply, client=client)
                answer.sequence = pdu.sequence
                client.send_pdu(answer)
            elif pdu.sequence == sequence:  # generic_nack
                return pdu

    def _drop(self) -> None:
        if self._client is not None and self._client._socket is not None:
            with suppress(OSError):
                self._client._socket.close()
            self._client._socket = None
        self._client = None


def _broken(result: Result, phase: str, code: str, problem: Exception) -> Outcome:
    return Outcome(result=result, phase=phase, code=code, words=scrub(str(problem)), is_connection_error=True)
