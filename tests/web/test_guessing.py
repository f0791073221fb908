"""Addresses that somebody counts through (D15): what is not out is behind none of them."""

import re

import pytest

from contentops.models import Asset, Attachment, Contact, Feed, Lead, Message, Submission, new_id
from contentops.testing import write_content

SECRET = "秘密草稿"


@pytest.fixture
def drafts(visitor):
    """A server with five pages that are not out yet, built again."""
    for number, line in enumerate(("draft: true", "publishDate: 2027-03-01", "expiryDate: 2026-01-01",
                                   "contentops: {state: approved}", "contentops: {state: idea}")):  # fmt: skip
        own = line if line.startswith("contentops") else f"{line}\ncontentops: {{gate: open}}"
        text = f"---\ntitle: {SECRET}{number}\nlang: zh-CN\nslug: geheim{number}\n{own}\n---\n{SECRET}正文\n"
        write_content(visitor.workspace, f"qa/geheim{number}.md", text)
    assert not visitor.workspace.assets.sync().problems
    visitor.workspace.pages.build()
    return visitor


@pytest.mark.row("D15")
def test_d15_no_number_leads_to_what_is_not_out(drafts) -> None:
    routes = ["/{}", "/{}/", "/zh/{}/", "/en/{}/", "/page/preview/{}", "/preview/{}", "/_preview/zh/{}/", "/d/{}/x.pdf",
              "/s/{}", "/c/{}/", "/u/{}", "/zh/geheim1/?id={}", "/zh/?id={}&draft=1&preview=true"]  # fmt: skip
    for number in (*range(12), 999, 1000, -1):
        for route in routes:
            answer = drafts.get(route.format(number))
            assert answer.status in (200, 404), route
            assert SECRET not in answer.text
            assert answer.status == 404 or route.startswith("/zh/?"), route


@pytest.mark.row("D15")
def test_d15_its_own_address_does_not_either(drafts) -> None:
    for number in range(5):
        page = f"/zh/geheim{number}/"
        for path in (
            page,
            f"{page}thanks/",
            f"{page}again/",
            f"{page}?preview=1",
            f"/_preview{page}",
            f"{page}cover.png",
        ):
            answer = drafts.get(path)
            assert (answer.status, SECRET in answer.text) == (404, False), path
        assert drafts.post(f"{page}form", {"name": "x"}).status == 404
    for path in ("/sitemap.xml", "/zh/feed.xml", "/zh/"):
        assert "geheim" not in drafts.get(path).text


@pytest.mark.row("D15")
def test_d15_identifiers_are_drawn_by_lot() -> None:
    """What addresses and files name is never counted; two ids of the same second share nothing but that second."""
    for table in (Asset, Attachment, Contact, Feed, Lead, Message, Submission):
        assert table.model_fields["id"].default_factory is new_id
    ids = [new_id() for _number in range(400)]
    assert all(re.fullmatch("[0-9a-f]{32}", each) for each in ids)
    lots = [int(each[8:], 16) for each in ids]
    for bit in range(96):
        assert 100 < sum(lot >> bit & 1 for lot in lots) < 300, f"bit {bit} is not random"
