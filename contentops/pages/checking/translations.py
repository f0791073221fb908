"""Which pieces are missing in which language. Pure rules."""

from collections.abc import Mapping, Sequence

from contentops.pages.checking.findings import Finding, finding
from contentops.texts import gettext as _


def missing_translations(groups: Mapping[str, Mapping[str, str]], languages: Sequence[str]) -> list[Finding]:
    """Return what does not exist in every language, one finding a language, at the version that exists.

    Args:
        groups: translation key → language → Markdown file; pieces that need no translation are left out by the caller.
        languages: those of the site; the version in the first of them that exists is the one to translate.
    """
    found = []
    for versions in groups.values():
        given = [language for language in (*languages, *versions) if language in versions]
        for language in languages:
            if given and language not in versions:
                file, original = versions[given[0]], given[0]
                message = _("there is no version in {language} of this piece").format(language=language)
                advice = _("translate it from {original} into a file beside it").format(original=original)
                found.append(finding("missing-translation", file, 1, message, advice))
    return sorted(found)
