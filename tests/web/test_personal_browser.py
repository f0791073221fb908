"""A person with a phone opens the links of a mail: Chromium at 360 pixels, with and without scripts."""

import shutil

import pytest

from contentops.leads.consent.ledger import GIVEN, PENDING, may
from contentops.pages.notice import DELIVERY, MARKETING

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    path = next(filter(None, map(shutil.which, names)))
    with sync_playwright() as play:
        options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
        running = play.chromium.launch(executable_path=path, args=options)
        yield running
        running.close()


@pytest.fixture(params=[True, False], ids=["scripts", "no-scripts"])
def page(request, browser):
    context = browser.new_context(
        viewport={"width": 360, "height": 740}, java_script_enabled=request.param, locale="zh-CN", accept_downloads=True
    )
    made = context.new_page()
    made.set_default_timeout(15_000)
    yield made
    context.close()


def agrees(visitor, contact, channel: str) -> bool:
    return may(visitor.workspace.leads.consents.of(contact.id).agreement, MARKETING, channel)


def fits(page) -> bool:
    return page.locator("body").bounding_box()["width"] <= 360 and page.locator("main button").bounding_box()["x"] >= 0


def test_confirms_chooses_and_unsubscribes_on_a_phone(page, visitor) -> None:
    foreign = []
    address = visitor.server.address
    page.on("request", lambda request: foreign.append(request.url) if not request.url.startswith(address) else None)
    contact = visitor.contact(phone="+8613800138000")
    lead = visitor.lead(contact, awaits=True)
    visitor.said(contact, PENDING)
    visitor.said(contact, GIVEN, DELIVERY)

    page.goto(address + visitor.confirm(lead))
    assert fits(page)
    assert not agrees(visitor, contact, "email")
    page.get_by_role("button").click()
    page.wait_for_selector("a.button[href^='/d/']")
    assert agrees(visitor, contact, "email")
    with page.expect_download() as download:
        page.locator("a.button").click()
    assert download.value.suggested_filename == "点检白皮书.pdf"

    page.goto(address + visitor.preferences(contact))
    assert fits(page)
    boxes = page.get_by_role("checkbox")
    assert [boxes.nth(n).is_checked() for n in range(boxes.count())] == [True, True, True]
    for n in range(boxes.count()):  # each box is found by the words beside it, and is large enough for a thumb
        assert len(page.locator("label").nth(n).inner_text()) > 20
        assert boxes.nth(n).bounding_box()["height"] >= 20
    page.locator("[name='marketing.phone']").focus()
    page.keyboard.press("Space")
    page.get_by_role("button").click()
    page.wait_for_selector("[role=status]")
    assert (agrees(visitor, contact, "email"), agrees(visitor, contact, "phone")) == (True, False)
    assert not page.locator("[name='marketing.phone']").is_checked()

    page.goto(address + visitor.unsubscribe(contact))
    assert fits(page)
    assert agrees(visitor, contact, "email")
    page.get_by_role("button").click()
    page.wait_for_selector("a.button[href^='/p/']")
    assert not agrees(visitor, contact, "email")
    assert not foreign
