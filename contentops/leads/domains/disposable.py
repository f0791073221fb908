"""Which domains are of disposable mailboxes: a list that others keep, and the team's own words on it."""

from collections.abc import Iterable
from functools import cached_property

from contentops.leads.identity.wordlists import FREE_MAIL
from contentops.settings import DomainSettings


def domain_of(address: str) -> str:
    """Return the domain of a checked e-mail address, or of its key; empty where there is none."""
    return address.rpartition("@")[2].lower() if "@" in address else ""


class Disposables:
    """Says whether a domain, or one above it, is of a provider of disposable mailboxes.

    What the settings name comes first, then the providers where people have mailboxes for years (some stand in lists
    of disposable ones), then the list of the package disposable-email-domains.
    """

    def __init__(self, settings: DomainSettings) -> None:
        self._settings = settings
        self._own = frozenset(settings.disposable)
        self._spared = frozenset(settings.not_disposable) | (FREE_MAIL - self._own)

    @cached_property
    def _listed(self) -> frozenset[str]:
        if not self._settings.disposable_list:
            return frozenset()
        from disposable_email_domains import blocklist

        return frozenset(blocklist)

    def __contains__(self, domain: str) -> bool:
        """Return whether it is one."""
        for each in with_parents(domain):  # the nearest name decides
            if each in self._spared:
                return False
            if each in self._own or each in self._listed:
                return True
        return False


def with_parents(domain: str) -> Iterable[str]:
    """Yield a domain and those above it, the last label alone left out."""
    labels = domain.split(".")
    return (".".join(labels[start:]) for start in range(len(labels) - 1))
