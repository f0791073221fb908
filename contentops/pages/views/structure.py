"""What a page tells search engines about itself, from what it shows."""

from collections.abc import Iterator

from contentops.assets.brief import Brief
from contentops.assets.sections import Faq
from contentops.assets.slugs import home_path
from contentops.models import Gate
from contentops.pages.contract import Page
from contentops.pages.material.bodies import Body, questions_of
from contentops.pages.material.pieces import Piece, Pieces
from contentops.pages.sharing.structured import Node, StructuredPage, structured
from contentops.pages.views.page import Views

CLOSED = ".closed"
"""The class around the place where a partly gated text breaks off."""


def structured_data(views: Views, piece: Piece, pieces: Pieces, page: Page, body: Body, brief: Brief) -> Node:
    """Return a page's JSON-LD."""
    settings = views.settings
    base = settings.public_url
    home = base + home_path(piece.language)
    own = piece.front_matter.get("contentops")
    words = own.get("keywords") if isinstance(own, dict) else None
    return structured(
        StructuredPage(
            kind=piece.kind,
            title=piece.title,
            url=page.canonical,
            language=piece.language,
            site_name=views.name(piece.language),
            site_url=home,
            description=piece.description,
            logo=base + (views.logo or "/static/icon.svg"),
            image=page.card.url if page.card else base + page.cover.url if page.cover else "",
            published=views.day_of(piece),
            changed=piece.changed_on,
            authors=page.authors,
            keywords=(*page.tags, *_searched(words)),
            trail=((views.name(piece.language), home),),
            questions=tuple(_questions(brief)) or (questions_of(body.html) if piece.kind == "qa" else ()),
            audience=tuple(str(word) for word in piece.personas),
            about=tuple(str(word) for word in piece.industries),
            closed=(CLOSED,) if piece.gate is Gate.PARTIAL and body.closed else (),
            translations=tuple(
                (other.language, views.absolute(other), other.title)
                for other in pieces.versions(piece)
                if other.id != piece.id
            ),
        )
    )


def _questions(brief: Brief) -> Iterator[tuple[str, str]]:
    for section in brief.sections:
        if isinstance(section, Faq):
            yield from ((each.question, each.answer) for each in section.items)


def _searched(words: object) -> Iterator[str]:
    for listed in words.values() if isinstance(words, dict) else ():
        yield from map(str, listed if isinstance(listed, list) else [listed])
