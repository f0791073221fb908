"""Which e-mail domains are looked at, and how: ``[domains]``."""

import re
from ipaddress import ip_address

from pydantic import Field, field_validator

from contentops.settings.shapes import Section, read_domain
from contentops.texts import gettext as _

_WITH_PORT = re.compile(r"(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<four>[0-9.]+))(?::(?P<port>\d{1,5}))?")
_DNS_PORT = 53


class DomainSettings(Section):
    """What the worker finds out about the e-mail domains of leads. It flags them, and never refuses a form."""

    disposable_list: bool = Field(
        True, description="Whether domains are looked up in the list of disposable mailboxes that is installed."
    )
    disposable: tuple[str, ...] = Field((), description="Further domains of disposable mailboxes.")
    not_disposable: tuple[str, ...] = Field((), description="Domains that the list names wrongly.")
    dns: bool = Field(
        False, description="true: the DNS is asked whether a domain takes mail; it learns the domain, not the address."
    )
    dns_servers: tuple[str, ...] = Field(
        (), description="Servers that are asked, such as 10.0.0.53 or 10.0.0.53:5353; empty: this machine's."
    )
    dns_seconds: float = Field(3, gt=0, le=10, description="Patience with one question.")
    again_days: int = Field(30, ge=1, le=366, description="Calendar days after which a domain is asked again.")

    @field_validator("disposable", "not_disposable")
    @classmethod
    def _domains(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(map(read_domain, value))

    @field_validator("dns_servers")
    @classmethod
    def _servers(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for each in value:
            host_and_port(each)
        return value


def host_and_port(text: str) -> tuple[str, int]:
    """Read the address of a DNS server, with a port or without.

    Raises:
        ValueError: it is none.
    """
    found = _WITH_PORT.fullmatch(text.strip())  # not an IPv6 address without brackets
    host = (found["six"] or found["four"]) if found else text.strip()
    port = int(found["port"] or _DNS_PORT) if found else _DNS_PORT
    try:
        ip_address(host)
    except ValueError:
        port = 0
    if not 0 < port < 65_536:
        raise ValueError(_("'{text}' is no address of a DNS server; write it as 10.0.0.53").format(text=text))
    return host, port
