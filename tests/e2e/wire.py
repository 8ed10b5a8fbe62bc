"""HTTP as bytes on a socket, for what no library would send."""

from __future__ import annotations

import base64
import dataclasses
import select
import socket
import time
from collections.abc import Iterable

from plugpoint_kit.server import Server, Tenant

ANSWER_S_MAX = 60


@dataclasses.dataclass(frozen=True)
class WireAnswer:
    """Everything that came back until the server closed: statuses in their order, and the last answer's head and body."""

    statuses: list[int]
    head: str
    body: bytes
    is_closed: bool

    @property
    def status(self) -> int:
        return self.statuses[-1] if self.statuses else 0

    def header(self, name: str) -> str | None:
        for line in self.head.split("\r\n")[1:]:
            field, _, value = line.partition(":")
            if field.lower() == name.lower():
                return value.strip()
        return None

    @property
    def code(self) -> str | None:
        """The stable code, of a problem document or a fault."""
        for before, after in (('"code":"', '"'), ("<code>", "<")):
            if before in self.body.decode(errors="replace"):
                return self.body.decode(errors="replace").split(before)[1].split(after)[0]
        return None


def authorization(tenant: Tenant) -> str:
    return "Authorization: Basic " + base64.b64encode(f"{tenant.key_id}:{tenant.secret}".encode()).decode() + "\r\n"


def talk(server: Server, *pieces: bytes | float, shut: bool = False) -> WireAnswer:
    """Sends pieces, pausing where a number of seconds is given, then reads until the server closes or says nothing for a while."""
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.settimeout(ANSWER_S_MAX)
        try:
            for piece in pieces:
                if isinstance(piece, float):
                    time.sleep(piece)
                else:
                    connection.sendall(piece)
            if shut:
                connection.shutdown(socket.SHUT_WR)
        except (BrokenPipeError, ConnectionResetError):
            pass
        return read_answer(connection)


def read_answer(connection: socket.socket) -> WireAnswer:
    """Reads answers, 100 Continue among them, until a final one is whole or the connection ends."""
    received, statuses = b"", []
    while True:
        head, blank, rest = received.partition(b"\r\n\r\n")
        if blank:
            text = head.decode(errors="replace")
            statuses.append(int(text.split()[1]))
            if statuses[-1] == 100:
                received = rest
                continue
            lengths = [line.split(":")[1] for line in text.split("\r\n") if line.lower().startswith("content-length:")]
            while not lengths or len(rest) < int(lengths[0]):
                more = _more(connection)
                if not more:
                    break
                rest += more
            return WireAnswer(statuses, text, rest, "connection: close" in text.lower() or text.startswith("HTTP/1.0"))
        more = _more(connection)
        if not more:
            return WireAnswer(statuses, "", received, True)
        received += more


def _more(connection: socket.socket) -> bytes:
    try:
        return connection.recv(65536)
    except (ConnectionResetError, TimeoutError):
        return b""


def pour(server: Server, head: bytes, pieces: Iterable[bytes]) -> tuple[WireAnswer, int]:
    """Sends a body in chunks until it ends or an answer comes, whichever is first; says how many bytes of it were sent."""
    sent = 0
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.settimeout(ANSWER_S_MAX)
        try:
            connection.sendall(head)
            for piece in filter(None, pieces):
                if select.select([connection], [], [], 0)[0]:
                    return read_answer(connection), sent
                connection.sendall(b"%x\r\n%s\r\n" % (len(piece), piece))
                sent += len(piece)
            connection.sendall(b"0\r\n\r\n")
        except (BrokenPipeError, ConnectionResetError):
            pass
        return read_answer(connection), sent
