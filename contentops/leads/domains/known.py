"""What is known of domains, read and forgotten: statements inside the caller's transaction."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from sqlalchemy import delete, exists, select
from sqlmodel import Session, col

from contentops.leads.domains.disposable import domain_of
from contentops.leads.domains.letters import has_mixed_letters
from contentops.models import Contact, EmailDomain

_AT_ONCE = 500


class Flags(NamedTuple):
    """What speaks against an address. All false: nothing that is known.

    Attributes:
        disposable: a mailbox for a few minutes. no_mail: nobody takes mail at its domain. mixed_letters: its domain
            has letters of scripts that look alike.
    """

    disposable: bool = False
    no_mail: bool = False
    mixed_letters: bool = False


def flags_of(session: Session, addresses: Iterable[str]) -> Mapping[str, Flags]:
    """Return what is known of some addresses: flags by address, those left out of which nothing bad is known."""
    domains = {address: domain_of(address) for address in addresses if address}
    wanted = sorted(set(domains.values()))
    found = {domain: Flags(mixed_letters=True) for domain in wanted if has_mixed_letters(domain)}
    for start in range(0, len(wanted), _AT_ONCE):
        query = select(col(EmailDomain.domain), col(EmailDomain.disposable), col(EmailDomain.accepts_mail))
        for row in session.execute(query.where(col(EmailDomain.domain).in_(wanted[start : start + _AT_ONCE]))):
            found[row.domain] = Flags(row.disposable, row.accepts_mail is False, row.domain in found)
    return {address: found[domain] for address, domain in domains.items() if any(found.get(domain, ()))}


def forget_unshared(session: Session, keys: Iterable[str]) -> None:
    """Forget the domains of erased addresses at which nobody else has one: they may name the person.

    Args:
        keys: of contacts, such as ``mail:zhang@example.cn``; their contacts are gone already.
    """
    for domain in {domain_of(key) for key in keys} - {""}:
        left = exists().where(col(Contact.email).endswith(f"@{domain}", autoescape=True))
        session.execute(delete(EmailDomain).where(col(EmailDomain.domain) == domain, ~left))


def unused(session: Session) -> list[str]:
    """Return the domains at which nobody has an address any more."""
    left = set(session.execute(select(col(EmailDomain.domain))).scalars())
    if left:
        addresses = select(col(Contact.email)).where(col(Contact.email).is_not(None))
        for address in session.execute(addresses, execution_options={"yield_per": 1000}).scalars():
            left.discard(domain_of(address or ""))
    return sorted(left)


def forget(session: Session, domains: Iterable[str]) -> int:
    """Forget domains, and return how many they were."""
    wanted = list(domains)
    for start in range(0, len(wanted), _AT_ONCE):
        session.execute(delete(EmailDomain).where(col(EmailDomain.domain).in_(wanted[start : start + _AT_ONCE])))
    return len(wanted)
