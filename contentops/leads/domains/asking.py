"""Asking the DNS whether a domain takes mail (RFC 5321 5.1, RFC 7505)."""

import dns.exception
import dns.name
import dns.nameserver
import dns.resolver

from contentops.settings import DomainSettings
from contentops.settings.domains import host_and_port


class Unanswered(Exception):
    """The DNS does not say.

    Attributes:
        is_silent: no server answered at all; else one did, but the domain's own servers are out of order.
    """

    def __init__(self, *, is_silent: bool) -> None:
        super().__init__()
        self.is_silent = is_silent


class MailLookup:
    """Asks the DNS, patiently for :attr:`DomainSettings.dns_seconds` each time.

    Raises:
        Unanswered: this machine names no DNS server, and the settings neither.
    """

    def __init__(self, settings: DomainSettings) -> None:
        self._seconds = settings.dns_seconds
        try:
            self._resolver = dns.resolver.Resolver(configure=not settings.dns_servers)
        except dns.resolver.NoResolverConfiguration as error:
            raise Unanswered(is_silent=True) from error
        if settings.dns_servers:
            servers = map(host_and_port, settings.dns_servers)
            self._resolver.nameservers = [dns.nameserver.Do53Nameserver(host, port) for host, port in servers]
        self._resolver.timeout = min(self._resolver.timeout, settings.dns_seconds)

    def takes_mail(self, domain: str) -> bool:
        """Return whether a domain names somebody who takes its mail: a mail exchanger, or else itself.

        Raises:
            Unanswered: it cannot be told now.
        """
        try:
            name = dns.name.from_text(domain)
            exchangers = self._answer(name, "MX")
            if exchangers is None:
                return any(self._answer(name, kind) is not None for kind in ("A", "AAAA"))
            return any(each.exchange != dns.name.root for each in exchangers)  # one "." says: no mail at all
        except dns.resolver.NXDOMAIN:
            return False
        except dns.resolver.NoNameservers as error:
            # Of each server asked: its address, whether by TCP, its port, the fault, its answer.
            answers = [each[4] for each in error.kwargs.get("errors", ())]
            raise Unanswered(is_silent=not any(answers)) from error
        except (dns.exception.Timeout, OSError) as error:
            raise Unanswered(is_silent=True) from error
        except dns.exception.DNSException as error:
            raise Unanswered(is_silent=False) from error

    def _answer(self, name: dns.name.Name, kind: str) -> dns.resolver.Answer | None:
        try:
            return self._resolver.resolve(name, kind, search=False, lifetime=self._seconds)
        except dns.resolver.NoAnswer:
            return None
