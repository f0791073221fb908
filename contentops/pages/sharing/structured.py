"""What a page is, in the words of schema.org (JSON-LD), for search engines and assistants.

Plain dicts, lists and texts: the template writes them with ``|tojson``, which also takes care of ``</script>``. Rules
for what must be there are those of schema.org and of Google's guide to structured data.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from contentops.pages.sharing.addresses import encoded, is_web

Node = dict[str, Any]
TYPES = {
    "whitepaper": "Report",
    "help_doc": "TechArticle",
    "case_study": "Article",
    "best_practice": "Article",
    "industry_solution": "Article",
    "general_solution": "Article",
    "icebreaker": "Article",
    "open_class": "Course",
}
"""The type of each kind; any other is an Article. A `qa` with questions is a FAQPage, since the team answers itself."""
_CLASS_SELECTOR = re.compile(r"\.[A-Za-z_][\w-]*")


@dataclass(frozen=True, slots=True)
class StructuredPage:
    """A page as search engines should understand it. Texts are plain text, not HTML; addresses are absolute.

    Attributes:
        kind: such as ``whitepaper``; see :data:`TYPES`. title, description: of the page. url: its canonical address.
        language: tag, such as zh-CN. site_name: the company or team. site_url: its start page.
        logo: address of its logo (PNG, JPEG or SVG). image: address of the cover or card.
        published, changed: first and last day or moment of the text.
        authors: names; the team itself where there are none. keywords: tags and search words.
        trail: name and address of what stands above the page, from the start page on, without the page itself.
        questions: question and answer pairs that the page shows.
        audience: for whom it is. about: what it is about: industries, products.
        closed: class selectors (``.gated``) of text that is in the page but not for everybody. What is not in the page,
            such as a file behind a form, is not meant.
        translations: language, address and title of each other version.
    """

    kind: str
    title: str
    url: str
    language: str
    site_name: str
    site_url: str
    description: str = ""
    logo: str = ""
    image: str = ""
    published: date | datetime | None = None
    changed: date | datetime | None = None
    authors: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    trail: tuple[tuple[str, str], ...] = ()
    questions: tuple[tuple[str, str], ...] = ()
    audience: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()
    translations: tuple[tuple[str, str, str], ...] = ()


def structured(page: StructuredPage) -> Node:
    """Return a page's structured data with a ``@graph``: the page, what is on it, its place, its publisher.

    What is empty is left out, and so are addresses that are not of http or https.

    Raises:
        ValueError: one of `page.closed` is no class selector: search engines take no other.
    """
    wrong = [selector for selector in page.closed if not _CLASS_SELECTOR.fullmatch(selector)]
    if wrong:
        raise ValueError(f"not a class selector: {', '.join(wrong)}")
    questions = [_question(*pair) for pair in page.questions if all(text.strip() for text in pair)]
    is_questions = page.kind == "qa" and bool(questions)
    trail = _breadcrumbs(page)
    nodes = [_web_page(page, bool(trail), is_questions)]
    if is_questions:
        nodes[0] |= _work(page, "FAQPage") | {"@id": _id(page.url, "page"), "mainEntity": questions}
    else:
        nodes.append(_work(page, _type_of(page)) | {"mainEntityOfPage": {"@id": _id(page.url, "page")}})
        if questions:
            nodes.append({"@type": "FAQPage", "@id": _id(page.url, "faq"), "mainEntity": questions})
            nodes[-1] |= {"inLanguage": page.language, "isPartOf": {"@id": _id(page.url, "page")}}
    nodes += [node for node in (trail, _publisher(page)) if node]
    return {"@context": "https://schema.org", "@graph": [_filled(node) for node in nodes]}


def _type_of(page: StructuredPage) -> str:
    kind = TYPES.get(page.kind, "Article")
    # A Course must have a description; without one it is at least something to learn from.
    return "LearningResource" if kind == "Course" and not page.description.strip() else kind


def _web_page(page: StructuredPage, has_trail: bool, is_questions: bool) -> Node:
    return {
        "@type": "WebPage",
        "@id": _id(page.url, "page"),
        "url": encoded(page.url),
        "name": page.title,
        "description": page.description,
        "inLanguage": page.language,
        "publisher": _reference(page.site_url, "organization"),
        "breadcrumb": _reference(page.url, "trail") if has_trail else None,
        "mainEntity": None if is_questions else _reference(page.url, "content"),
        "primaryImageOfPage": _picture(page.image),
    }


def _work(page: StructuredPage, kind: str) -> Node:
    """Return the text, class or paper itself, with what all of them have in common."""
    node: Node = {
        "@type": kind,
        "@id": _id(page.url, "content"),
        "url": encoded(page.url),
        "name": page.title,
        "headline": page.title,
        "description": page.description,
        "inLanguage": page.language,
        "image": [encoded(page.image)] if is_web(page.image) else None,
        "datePublished": _iso(page.published),
        "dateModified": _iso(page.changed if _is_later(page.changed, page.published) else None),
        "author": _authors(page),
        "publisher": _reference(page.site_url, "organization"),
        "provider": _reference(page.site_url, "organization") if kind in {"Course", "LearningResource"} else None,
        "keywords": _texts(page.keywords),
        "audience": [{"@type": "Audience", "audienceType": text} for text in _texts(page.audience)],
        "about": [{"@type": "Thing", "name": text} for text in _texts(page.about)],
        "workTranslation": _translations(page, kind),
    }
    if page.closed:
        parts = [
            {"@type": "WebPageElement", "isAccessibleForFree": False, "cssSelector": selector}
            for selector in page.closed
        ]
        node |= {"isAccessibleForFree": False, "hasPart": parts}
    return node


def _translations(page: StructuredPage, kind: str) -> list[Node]:
    part = "page" if kind == "FAQPage" else "content"
    return [
        _filled({"@type": kind, "@id": _id(url, part), "url": encoded(url), "inLanguage": language, "name": title})
        for language, url, title in page.translations
        if is_web(url)
    ]


def _authors(page: StructuredPage) -> list[Node]:
    names = _texts(page.authors)
    people: list[Node] = [{"@type": "Person", "name": name} for name in names if name != page.site_name]
    # The team as an author is the organization, not a person of its name.
    return people if names and len(people) == len(names) else [_reference(page.site_url, "organization"), *people]


def _publisher(page: StructuredPage) -> Node:
    return {
        "@type": "Organization",
        "@id": _id(page.site_url, "organization"),
        "name": page.site_name,
        "url": encoded(page.site_url),
        "logo": _picture(page.logo),
    }


def _breadcrumbs(page: StructuredPage) -> Node | None:
    """Return where the page stands; None where nothing is above it, since a trail has at least two steps."""
    above = [(name.strip(), url) for name, url in page.trail if name.strip() and is_web(url)]
    if not above:
        return None
    steps = [
        {"@type": "ListItem", "position": number, "name": name, "item": encoded(url)}
        for number, (name, url) in enumerate([*above, (page.title, page.url)], 1)
    ]
    return {"@type": "BreadcrumbList", "@id": _id(page.url, "trail"), "itemListElement": steps}


def _question(question: str, answer: str) -> Node:
    return {
        "@type": "Question",
        "name": question.strip(),
        "acceptedAnswer": {"@type": "Answer", "text": answer.strip()},
    }


def _picture(address: str) -> Node | None:
    return {"@type": "ImageObject", "url": encoded(address)} if is_web(address) else None


def _id(address: str, part: str) -> str:
    return f"{encoded(address)}#{part}"


def _reference(address: str, part: str) -> Node:
    return {"@id": _id(address, part)}


def _texts(texts: tuple[str, ...]) -> list[str]:
    return list(dict.fromkeys(text.strip() for text in texts if text.strip()))


def _iso(value: date | datetime | None) -> str | None:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return value.isoformat() if value else None


def _is_later(changed: date | datetime | None, published: date | datetime | None) -> bool:
    """Return whether a change may be told: one before the publication was no change of what is public."""
    if changed is None or published is None:
        return changed is not None
    return changed.isoformat()[:10] >= published.isoformat()[:10]


def _filled(node: Node) -> Node:
    """Return a node without what is empty."""
    return {name: value for name, value in node.items() if value not in (None, "", [])}
