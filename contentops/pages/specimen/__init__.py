"""A page of every component in every state, for authors of themes: ``specimens(theme, site)``.

All in it is made up; no database, no settings, no file of a workspace is read.
"""

from contentops.pages.contract import Site
from contentops.pages.specimen.pages import contexts
from contentops.pages.theme import Theme

__all__ = ["contexts", "specimens"]


def specimens(theme: Theme, site: Site) -> dict[str, str]:
    """Return the name of each specimen → its HTML, in the site's language.

    Args:
        theme: the one to look at. site: what pages are told of their site; ``site.style`` must lead to the theme's
            style sheet. Chinese words for languages that begin with ``zh``, English ones for all others.

    Raises:
        WorkspaceError: a template of the theme is wrong; with its line.
    """
    return {
        name: theme.render(template, site.language, **context) for name, (template, context) in contexts(site).items()
    }
