"""Which part of an e-mail address names a company: its own domain, and none at a provider of mailboxes."""

from collections.abc import Collection

from contentops.leads.identity.wordlists import FREE_EVERYWHERE, FREE_MAIL, PROVINCES, SECOND_LEVEL


def registrable(domain: str) -> str:
    """Return the part of a domain that somebody registered: ``mail.example.com.cn`` → ``example.com.cn``.

    A rule of thumb in place of the public suffix list, which is right for the domains that companies write mail from.
    """
    labels = domain.lower().strip(".").split(".")
    country, second = labels[-1], labels[-2] if len(labels) > 1 else ""
    is_suffix = len(country) == 2 and (second in SECOND_LEVEL or (country == "cn" and second in PROVINCES))
    return ".".join(labels[-3:] if is_suffix else labels[-2:])


def company_domain(address: str, shared: Collection[str] = ()) -> str | None:
    """Return the company's domain of an e-mail address; None for a provider where anybody can have a mailbox.

    Args:
        shared: further domains that are no company's own, with everything below them.
    """
    written = address.rpartition("@")[2].lower().strip(".")
    domain = registrable(written)
    free = domain in FREE_MAIL or domain.partition(".")[0] in FREE_EVERYWHERE
    return None if free or not domain or any(is_within(written, each) for each in shared) else domain


def is_within(domain: str, other: str) -> bool:
    """Return whether a domain is another one, or below it."""
    return domain == other or domain.endswith(f".{other}")
