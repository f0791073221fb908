"""What templates are given: a published contract. docs/templates.md is made from it.

Every value is plain data; settings, the database and the environment never reach a template.
"""

from contentops.pages.contract.form import ConsentBox, Field, Form, Handover, NextStep, Offer
from contentops.pages.contract.page import Card, Group, Link, Page, Picture, Series, Site
from contentops.pages.contract.personal import Choice, Preferences, Question
from contentops.pages.contract.sections import (
    AuthorSection,
    FaqSection,
    Figure,
    HeroSection,
    Item,
    NumbersSection,
    Person,
    PointsSection,
    ProofSection,
    Quote,
    RelatedSection,
    Section,
    TextSection,
)

TEMPLATES: dict[str, dict[str, str]] = {
    "landing.html": {
        "sections": "Sections in their order",
        "offer": "Offer",
        "form": "Form, or None where the asset is open",
    },
    "content.html": {"body": "HTML of the asset's Markdown", "related": "Cards of what to read next"},
    "sections/TYPE.html": {
        "section": "The section: `HeroSection` for hero and so on, `Section` for form",
        "offer": "Offer",
        "form": "Form or None",
    },
    "thanks.html": {
        "handover": "Handover or None",
        "heading": "What the page says first",
        "text": "Paragraphs of the writer's own; may be empty",
        "next_steps": "NextStep values",
        "asset_title": "Title of the asset",
        "back": "Address of the landing page",
        "related": "Cards to read next",
    },
    "index.html": {"groups": "Groups of cards", "languages": "Links to the other languages"},
    "privacy.html": {"paragraphs": "Pairs of heading and text"},
    "ask.html": {"heading": "What is asked", "text": "Paragraphs", "question": "Question"},
    "preferences.html": {"heading": "What the page says first", "preferences": "Preferences"},
    "message.html": {"heading": "What happened", "text": "What to do", "link": "Where to go on: Link"},
    "style.css": {
        "brand_color": "#rrggbb",
        "brand_deep": "A darker one, for buttons under the pointer",
        "brand_light": "A lighter one that can be read in the dark, for links",
        "brand_ink": "As near to the brand's colour as can be read on light ground, for links",
        "brand_wash": "A very light one, for grounds",
        "brand_night": "A very dark one, for grounds",
        "on_brand": "#ffffff or a near-black: what can be read on the brand's colour",
        "radius": "Roundness of corners in pixels",
        "font": "Fonts that settings ask for; empty: the theme's own",
    },
    "icon.svg": {"brand_color": "#rrggbb", "on_brand": "What can be seen on it"},
}
"""The templates of a theme and what each gets besides `site` and `page`."""

__all__ = [
    "TEMPLATES", "AuthorSection", "Card", "Choice", "ConsentBox", "FaqSection", "Field", "Figure", "Form", "Group",
    "Handover", "HeroSection", "Item", "Link", "NextStep", "NumbersSection", "Offer", "Page", "Person", "Picture",
    "PointsSection", "Preferences", "ProofSection", "Question", "Quote", "RelatedSection", "Section", "Series", "Site",
    "TextSection",
]  # fmt: skip
