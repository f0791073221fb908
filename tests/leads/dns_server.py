"""A small real DNS server on loopback: it answers by UDP what a test says, or nothing."""

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

SILENT, FAULTY = "silent", "faulty"
Zone = Mapping[str, Mapping[str, list[str]] | str]


class NameServer:
    """Knows the domains of its ``zone``: record type → values, or SILENT or FAULTY; what is not in it does not exist."""

    def __init__(self, zone: Zone) -> None:
        self.zone, self.is_silent = dict(zone), False
        self.asked: list[tuple[str, str]] = []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def domains(self) -> list[str]:
        """The domains asked for, each once."""
        return list(dict.fromkeys(domain for domain, _kind in self.asked))

    def close(self) -> None:
        if not self._thread.is_alive():
            return
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wake:
            wake.sendto(b"", self._socket.getsockname())
        self._thread.join(5)
        self._socket.close()

    def _serve(self) -> None:
        while True:
            wire, sender = self._socket.recvfrom(4096)
            if not wire:
                return
            answer = self._answer(dns.message.from_wire(wire))
            if answer is not None:
                self._socket.sendto(answer.to_wire(), sender)

    def _answer(self, query: dns.message.Message) -> dns.message.Message | None:
        question = query.question[0]
        domain, kind = question.name.to_text(omit_final_dot=True), dns.rdatatype.to_text(question.rdtype)
        self.asked.append((domain, kind))
        records = self.zone.get(domain)
        if self.is_silent or records == SILENT:
            return None
        answer = dns.message.make_response(query, recursion_available=True)
        if records is None:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        elif records == FAULTY:
            answer.set_rcode(dns.rcode.SERVFAIL)
        elif values := records.get(kind):  # else there is such a domain, without anything of this kind
            answer.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, *values))
        return answer


@contextmanager
def name_server(zone: Zone) -> Iterator[NameServer]:
    server = NameServer(zone)
    try:
        yield server
    finally:
        server.close()
