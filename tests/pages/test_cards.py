"""Pictures for links: from covers, from titles, and never with boxes instead of Chinese."""

import io
import os
import struct
import zlib
from itertools import pairwise
from pathlib import Path

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTCollection, TTFont
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageDraw, PngImagePlugin

from contentops.pages.colors import color_of, contrast, ink_on, pattern_on, soft_ink
from contentops.pages.sharing.cards import MARGIN, CardRefused, cover_card, title_card
from contentops.pages.sharing.fonts import CardFont, drawable, find_font
from contentops.pages.sharing.line_breaks import CLOSING, OPENING, balanced, cut, filled, joined, pieces

LONG_CHINESE = "从纸质点检表到数据驱动的设备管理：一家汽车零部件工厂如何在九个月内把停机时间减少三成"
LONG_ENGLISH = (
    "How a mid-sized automotive supplier cut unplanned downtime by thirty per cent in nine months without hiring a "
    "single additional maintenance engineer, told by its shift leaders over two years of patient work on the floor"
)
SITE = "联巡云（示例）"


def picture(content: bytes) -> Image.Image:
    opened = Image.open(io.BytesIO(content))
    opened.load()
    return opened


def png(image: Image.Image, **options) -> bytes:
    target = io.BytesIO()
    image.save(target, options.pop("format", "PNG"), **options)
    return target.getvalue()


def halves(size: tuple[int, int], left="red", right="blue") -> Image.Image:
    image = Image.new("RGB", size, left)
    image.paste(right, (size[0] // 2, 0, *size))
    return image


def close(one, other, by=40) -> bool:
    return all(abs(a - b) <= by for a, b in zip(one, other, strict=True))


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png_claiming(width: int, height: int) -> bytes:
    """A file of some hundred bytes that says it is this large."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    )


# --- fonts made for the tests: each glyph is a bar, glyph 0 is a box over the whole square ---


def make_font(path: Path, characters: str, family="Test Sans", weight=700, variable=False, no_glyph="") -> Path:
    """Write a TrueType font with exactly these characters; `no_glyph` ones are in the cmap but lead to glyph 0."""
    names = {ord(c): f"u{ord(c):X}" for c in dict.fromkeys(characters)}
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef", *names.values()])
    builder.setupCharacterMap({**names, **{ord(c): ".notdef" for c in no_glyph}})
    glyphs = {name: bar(0 if name == "u20" else 500) for name in names.values()} | {".notdef": bar(1000)}
    builder.setupGlyf(glyphs)
    builder.setupHorizontalMetrics(dict.fromkeys(glyphs, (1000, 100)))
    builder.setupHorizontalHeader(ascent=880, descent=-120)
    builder.setupNameTable({"familyName": family, "styleName": "Bold"})
    builder.setupOS2(usWeightClass=weight)
    builder.setupPost()
    if variable:
        builder.setupFvar([("wght", 100, 100, 900, "Weight")], [])
        builder.setupGvar({})
    builder.save(path)
    return path


def bar(height: int) -> object:
    pen = TTGlyphPen(None)
    if height:
        pen.moveTo((100, 0))
        for point in ((100, height), (900, height), (900, 0)):
            pen.lineTo(point)
        pen.closePath()
    return pen.glyph()


def make_collection(path: Path, *fonts: Path) -> Path:
    collection = TTCollection()
    collection.fonts = [TTFont(font) for font in fonts]
    collection.save(path)
    return path


class TestFindFont:
    def test_takes_the_known_font_that_has_every_character(self, tmp_path) -> None:
        make_font(tmp_path / "NotoSansCJK-Bold.ttf", "白皮书 AB")
        make_font(tmp_path / "DejaVuSans-Bold.ttf", "白皮书 ABé")
        assert find_font("白皮书 A", "auto", [tmp_path]).path.name == "NotoSansCJK-Bold.ttf"
        assert find_font("白皮书 é", "auto", [tmp_path]).path.name == "DejaVuSans-Bold.ttf"
        assert find_font("点检", "auto", [tmp_path]) is None

    def test_looks_below_folders_and_only_for_known_names(self, tmp_path) -> None:
        deep = tmp_path / "字体" / "opentype"
        deep.mkdir(parents=True)
        make_font(tmp_path / "Handwriting.ttf", "白皮书")
        assert find_font("白皮书", "auto", [tmp_path]) is None
        made = make_font(deep / "Source Han Sans SC-Bold.otf", "白皮书")
        assert find_font("白皮书", "auto", [tmp_path, tmp_path / "missing"]) == CardFont(made)

    def test_bold_comes_before_regular_and_chinese_before_latin(self, tmp_path) -> None:
        for name in ("DejaVuSans-Bold.ttf", "msyh.ttf", "NotoSansCJKsc-Regular.otf", "NotoSansCJKsc-Bold.otf"):
            make_font(tmp_path / name, "A")
        assert find_font("A", "auto", [tmp_path]).path.name == "NotoSansCJKsc-Bold.otf"

    def test_simplified_face_of_a_collection_is_taken(self, tmp_path) -> None:
        faces = [
            make_font(tmp_path / f"{number}.ttf", "白皮书", family, weight)
            for number, (family, weight) in enumerate(
                [("Heiti JP", 700), ("Heiti Mono SC", 700), ("Heiti SC", 300), ("Heiti SC", 600), ("Heiti TC", 700)]
            )
        ]
        collection = make_collection(tmp_path / "PingFang.ttc", *faces)
        assert find_font("白皮书", "auto", [tmp_path]) == CardFont(collection, 3)

    def test_every_face_of_a_named_collection_is_tried(self, tmp_path) -> None:
        faces = make_font(tmp_path / "a.ttf", "白皮书", "Sans SC"), make_font(tmp_path / "b.ttf", "テスト", "Sans JP")
        collection = make_collection(tmp_path / "own.ttc", *faces)
        assert find_font("白皮书", collection) == CardFont(collection, 0)
        assert find_font("テスト", str(collection)) == CardFont(collection, 1)

    def test_named_file_is_the_only_one(self, tmp_path) -> None:
        make_font(tmp_path / "NotoSansCJK-Bold.ttf", "点检")
        own = make_font(tmp_path / "own.ttf", "AB")
        assert find_font("AB", own, [tmp_path]) == CardFont(own)
        assert find_font("点检", own, [tmp_path]) is None
        assert find_font("点检", tmp_path / "missing.ttf", [tmp_path]) is None
        assert find_font("点检", tmp_path, [tmp_path]) is None
        assert find_font("点检", "none", [tmp_path]) is None

    def test_character_that_leads_to_the_box_counts_as_missing(self, tmp_path) -> None:
        own = make_font(tmp_path / "own.ttf", "A", no_glyph="点")
        assert find_font("A", own) is not None
        assert find_font("点", own) is None

    @pytest.mark.parametrize("content", [b"", b"no font", b"ttcf" + b"\xff" * 40, b"\0\1\0\0\0\x09" + b"\0" * 200])
    def test_broken_font_is_passed_over(self, tmp_path, content) -> None:
        (tmp_path / "NotoSansCJK-Bold.ttc").write_bytes(content)
        good = make_font(tmp_path / "DejaVuSans-Bold.ttf", "A")
        assert find_font("A", "auto", [tmp_path]) == CardFont(good)
        assert find_font("A", tmp_path / "NotoSansCJK-Bold.ttc") is None

    def test_font_cut_off_anywhere_never_raises(self, tmp_path) -> None:
        whole = make_font(tmp_path / "whole.ttf", "白皮书").read_bytes()
        for length in range(0, len(whole), 97):
            broken = tmp_path / f"{length}.ttf"
            broken.write_bytes(whole[:length])
            assert find_font("点", broken) is None

    def test_changed_file_is_read_again(self, tmp_path) -> None:
        own = make_font(tmp_path / "own.ttf", "A")
        assert find_font("点", own) is None
        make_font(own, "A点")
        os.utime(own, ns=(1, 1))
        assert find_font("点", own) == CardFont(own)

    def test_variable_font_is_set_bold(self, tmp_path) -> None:
        make_font(tmp_path / "NotoSansSC[wght].ttf", "白皮书", variable=True)
        found = find_font("白皮书", "auto", [tmp_path])
        assert found.axes == (700.0,)
        assert picture(title_card("白皮书", "", "", "#0b5c5c", found)).size == (1200, 630)

    def test_emoji_and_controls_ask_for_no_glyph(self, tmp_path) -> None:
        own = make_font(tmp_path / "own.ttf", "点检 é")
        assert find_font("点检\t🚀👩‍🔧\ufe0f e\u0301\u200b\x00\ud800", own) == CardFont(own)
        assert drawable(" 点检\n🚀 e\u0301 ") == "点检 é"


# --- lines ---

TITLES = st.text(
    alphabet=st.sampled_from("设备点检管理工厂，。：、（）《》“”？！… abcDEF-2025%é点"), min_size=1, max_size=60
)


@given(TITLES)
@settings(max_examples=150)
def test_lines_keep_the_text_and_the_rules_of_punctuation(title) -> None:
    title = drawable(title)
    parts = pieces(title)
    assert joined(parts) == title
    for before, after in pairwise(parts):
        if not after.spaced:
            assert after.text[0] not in CLOSING, "no line begins with closing punctuation"
            assert before.text[-1] not in OPENING, "no line ends with opening punctuation"
            assert not (before.text[-1].isascii() and after.text[0].isascii()), "a Latin word is whole"


@given(TITLES, st.integers(4, 30))
@settings(max_examples=150)
def test_balanced_lines_fit_like_full_ones(title, width) -> None:
    parts = pieces(drawable(title))
    if not parts or max(len(part.text) for part in parts) > width:
        return
    full = filled(parts, lambda text: len(text) <= width)
    even = balanced(parts, len(full), width, len)
    assert [part for line in even for part in line] == parts
    assert len(even) == len(full)
    assert all(line and len(joined(line)) <= width for line in even)


@pytest.mark.parametrize(
    ("title", "count", "width", "expected"),
    [
        ("离线点检与同步：没有信号的车间怎么办", 2, 11, ["离线点检与同步：", "没有信号的车间怎么办"]),
        ("《设备点检标准》怎样导入？", 2, 9, ["《设备点检标准》", "怎样导入？"]),
        ("Shift handover with open findings", 2, 20, ["Shift handover", "with open findings"]),
        ("用 AI 改造 25 分钟", 2, 9, ["用 AI 改造", "25 分钟"]),
        ("点检路线改造 25 分钟完成", 2, 11, ["点检路线改造", "25 分钟完成"]),
    ],
)
def test_lines_break_where_people_would(title, count, width, expected) -> None:
    assert [joined(line) for line in balanced(pieces(title), count, width, len)] == expected


def test_what_is_cut_ends_with_dots_after_a_whole_word() -> None:
    parts = pieces("Maintenance without paper, sheets")
    assert cut(parts, lambda text: len(text) <= 28, "…") == "Maintenance without paper…"
    assert cut(parts, lambda text: len(text) <= 5, "…") == "Main…"
    assert cut(pieces("设备点检（标准）"), lambda text: len(text) <= 6, "…") == "设备点检…"
    assert cut(parts, lambda text: False, "…") == "…"


# --- inks ---


@given(st.tuples(*[st.integers(0, 255)] * 3))
@settings(max_examples=200)
def test_every_ink_can_be_read_on_every_ground(ground) -> None:
    ink = ink_on(ground)
    tone = pattern_on(ground, ink)
    quiet = soft_ink(ink, ground, tone)
    assert min(contrast(one, other) for one in (ink, quiet) for other in (ground, tone)) >= 4.5


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    assert contrast((0x76, 0x76, 0x76), (255, 255, 255)) == pytest.approx(4.54, abs=0.01)
    assert ink_on(color_of("#0b5c5c")) == (255, 255, 255)
    assert max(ink_on(color_of("#f59e0b"))) < 10


# --- made cards ---


@pytest.fixture(scope="module")
def chinese() -> CardFont:
    found = find_font(LONG_CHINESE + LONG_ENGLISH + SITE + "…", "auto")
    if found is None:
        pytest.skip("needs a font with Chinese characters, such as fonts-noto-cjk")
    return found


def ink_box(card: Image.Image, color: str) -> tuple[int, int, int, int]:
    """Where anything is drawn in the inks, the pattern left aside."""
    ground = color_of(color)
    ink = ink_on(ground)
    tone = pattern_on(ground, ink)
    flat = ImageChops.difference(card, Image.new("RGB", card.size, ground))
    other = ImageChops.difference(card, Image.new("RGB", card.size, tone))
    least = max(abs(a - b) for a, b in zip(ground, tone, strict=True)) + 6
    marks = [max_band(image).point(lambda value: 255 if value > least else 0) for image in (flat, other)]
    return ImageChops.multiply(*marks).getbbox()


def max_band(image: Image.Image) -> Image.Image:
    red, green, blue = image.split()
    return ImageChops.lighter(ImageChops.lighter(red, green), blue)


@pytest.mark.parametrize(
    "title",
    [
        "点检",
        "Maintenance",
        LONG_CHINESE,
        LONG_ENGLISH,
        "用 AI 改造 25 分钟点检路线：从 Excel 到 IoT",
        "工业" * 150,
        "x" * 400,
        "《标准》",
        "",
    ],
)
@pytest.mark.parametrize("color", ["#0b5c5c", "#fdfdf5", "#05070a"])
def test_card_keeps_its_margins(chinese, title, color) -> None:
    made = title_card(title, "白皮书", SITE, color, chinese)
    card = picture(made)
    assert (card.format, card.size, card.mode, card.info) == ("PNG", (1200, 630), "RGB", {})
    left, top, right, bottom = ink_box(card, color)
    assert left >= MARGIN - 2
    assert right <= 1200 - MARGIN + 2
    assert top >= MARGIN - 2
    assert bottom <= 630 - MARGIN + 12, "only descenders below the last line"
    assert card.getpixel((0, 0)) == color_of(color)
    assert len(made) < 200_000


def test_same_card_is_the_same_bytes(chinese) -> None:
    arguments = (LONG_CHINESE, "白皮书", SITE, "#1d4ed8", chinese)
    assert title_card(*arguments) == title_card(*arguments)
    assert title_card("点检", *arguments[1:]) != title_card("点检表", *arguments[1:])


def test_title_is_larger_the_shorter_it_is(chinese) -> None:
    def height(title: str) -> int:
        box = ink_box(picture(title_card(title, "", "", "#0b5c5c", chinese)).crop((0, 130, 1200, 500)), "#0b5c5c")
        return box[3] - box[1]

    assert height("工") > 80
    assert height("工" * 300) > 200, "four small lines"


def test_no_box_is_ever_drawn(tmp_path) -> None:
    """The box of this font is twice as high as its glyphs; a card that is made has none, another is refused."""
    font = CardFont(make_font(tmp_path / "own.ttf", "点检白皮书联巡云 ."))
    card = picture(title_card("点检" * 60, "白皮书", "联巡云🚀", "#0b5c5c", font))
    lines = rows_of_ink(card.crop((0, 140, 1200, 500)))
    assert len(lines) == 4
    assert max(lines) <= 48 * 0.55, "48 pixels is the smallest size, half of it the height of a glyph"
    with pytest.raises(CardRefused, match="标 准.*card_font"):
        title_card("点检标准", "白皮书", "联巡云", "#0b5c5c", font)


def rows_of_ink(card: Image.Image) -> list[int]:
    """Heights of the bands in which white is drawn."""
    inked = [card.crop((0, y, card.width, y + 1)).getextrema()[0][1] > 200 for y in range(card.height)]
    heights, run = [], 0
    for row in [*inked, False]:
        if row:
            run += 1
        elif run:
            heights.append(run)
            run = 0
    return heights


def test_wrong_colour_and_unreadable_font_are_refused(tmp_path) -> None:
    own = make_font(tmp_path / "own.ttf", "A")
    with pytest.raises(CardRefused, match="#0b5c5c"):
        title_card("A", "", "", "teal", CardFont(own))
    with pytest.raises(ValueError, match="has no glyph for A"):
        title_card("A", "", "", "#0b5c5c", CardFont(tmp_path / "gone.ttf"))


# --- cards of covers ---


@pytest.mark.parametrize("size", [(1200, 630), (1920, 1080), (1500, 1000), (640, 336), (5000, 2200)])
def test_cover_of_nearly_the_shape_is_cropped_at_its_centre(size) -> None:
    card = picture(cover_card(png(halves(size))))
    assert (card.format, card.size, card.mode) == ("PNG", (1200, 630), "RGB")
    assert close(card.getpixel((2, 2)), (255, 0, 0))
    assert close(card.getpixel((1197, 627)), (0, 0, 255))
    assert close(card.getpixel((580, 315)), (255, 0, 0))
    assert close(card.getpixel((620, 315)), (0, 0, 255))


@pytest.mark.parametrize("size", [(800, 800), (1240, 1754), (1024, 768), (4000, 300), (40, 21), (1, 1), (9000, 2)])
def test_cover_of_another_shape_is_set_whole(size) -> None:
    """Its corners are there, with calm ground around it and no more than twice as large as it was."""
    card = picture(cover_card(png(halves(size, (250, 240, 60), (250, 240, 60)))))
    assert card.size == (1200, 630)
    yellow = Image.new("RGB", card.size, (250, 240, 60))
    box = max_band(ImageChops.difference(card, yellow)).point(lambda value: 255 if value < 6 else 0).getbbox()
    width, height = box[2] - box[0], box[3] - box[1]
    assert box[0] >= 30
    assert box[1] >= 30
    assert abs((box[0] + box[2]) - 1200) <= 2
    assert width <= 2 * size[0]
    if min(size) > 200:
        assert width / height == pytest.approx(size[0] / size[1], rel=0.02)
    assert not close(card.getpixel((3, 3)), (250, 240, 60), 20), "the cover stands out from the ground"


def test_ground_is_of_the_covers_own_colours() -> None:
    red, green, blue = picture(cover_card(png(Image.new("RGB", (500, 900), (200, 30, 30))))).getpixel((5, 5))
    assert red > 120 > 60 > max(green, blue)


@pytest.mark.parametrize(
    "image",
    [
        Image.new("L", (1200, 630), 128),
        Image.new("1", (1200, 630), 1),
        Image.new("P", (1200, 630)),
        Image.new("LA", (1200, 630), (128, 0)),
        Image.new("RGBA", (1200, 630), (200, 0, 0, 0)),
        Image.new("I;16", (1200, 630), 32896),
    ],
    ids=lambda image: image.mode,
)
def test_every_mode_becomes_opaque_colour(image) -> None:
    card = picture(cover_card(png(image)))
    assert (card.mode, card.size) == ("RGB", (1200, 630))
    if image.mode in {"LA", "RGBA"}:
        assert card.getpixel((600, 300)) == (255, 255, 255)
    if image.mode in {"L", "I;16"}:
        assert close(card.getpixel((600, 300)), (128, 128, 128), 1)


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "GIF"])
def test_other_formats_are_read(kind) -> None:
    assert close(picture(cover_card(png(halves((1600, 900)), format=kind))).getpixel((5, 5)), (255, 0, 0))


def test_cmyk_of_a_printer_is_read() -> None:
    assert picture(cover_card(png(Image.new("CMYK", (1600, 900), (0, 255, 255, 0)), format="JPEG"))).mode == "RGB"


def test_metadata_stays_behind_and_the_picture_stands_upright() -> None:
    photograph = halves((1200, 2286)).transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees to the right
    exif[0x013B] = "secret-author"
    exif.get_ifd(0x8825)[1] = "N"
    upright = cover_card(png(halves((630, 1200)), format="JPEG", exif=exif.tobytes()))
    assert close(picture(upright).getpixel((600, 100)), (255, 0, 0)), "left became the top"
    assert close(picture(upright).getpixel((600, 530)), (0, 0, 255))
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Comment", "secret-comment")
    noted = cover_card(png(photograph, pnginfo=notes, dpi=(300, 300), icc_profile=b"secret-profile"))
    for made in (upright, noted):
        assert b"secret" not in made
        assert picture(made).info == {}
        assert not picture(made).getexif()
        assert {made[i : i + 4] for i in chunk_starts(made)} == {b"IHDR", b"IDAT", b"IEND"}


def chunk_starts(made: bytes) -> list[int]:
    found, at = [], 8
    while at < len(made):
        found.append(at + 4)
        at += 12 + struct.unpack(">I", made[at : at + 4])[0]
    return found


def test_same_cover_is_the_same_bytes() -> None:
    for size in ((1920, 1080), (700, 900)):
        cover = png(halves(size), format="JPEG")
        assert cover_card(cover) == cover_card(cover)


@pytest.mark.parametrize("size", [(7100, 7100), (12000, 9000), (65000, 65000), (2_000_000_000, 3)])
@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_bomb_is_refused_before_it_is_unpacked(size) -> None:
    with pytest.raises(CardRefused, match="50 megapixels: save it smaller"):
        cover_card(png_claiming(*size))


def test_bomb_is_refused_where_warnings_are_errors() -> None:
    with pytest.raises(CardRefused, match="50 megapixels"):
        cover_card(png_claiming(12000, 9000))


def test_fifty_megapixels_are_taken() -> None:
    assert picture(cover_card(png(Image.new("1", (10_000, 5_000), 1), compress_level=1))).size == (1200, 630)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("share", [0.2, 0.6, 0.95])
def test_truncated_picture_is_refused(kind, share) -> None:
    image = Image.effect_noise((700, 400), 60).convert("RGB")
    ImageDraw.Draw(image).line((0, 0, 700, 400), "red", 9)
    whole = png(image, format=kind)
    with pytest.raises(CardRefused, match="damaged or cut off|no picture"):
        cover_card(whole[: int(len(whole) * share)])


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x89PNG",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%PDF-1.7",
        "不是图片".encode(),
        b"BM" + b"\0" * 90,
    ],
)
def test_what_is_no_picture_is_refused(content) -> None:
    with pytest.raises(CardRefused, match="save it as PNG, JPEG"):
        cover_card(content)


@pytest.mark.filterwarnings("ignore")
@given(
    st.sampled_from(["PNG", "JPEG", "WEBP", "GIF"]),
    st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 255)), min_size=1, max_size=12),
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_damaged_picture_gives_a_card_or_is_refused(kind, changes) -> None:
    damaged = bytearray(png(halves((64, 40)), format=kind))
    for at, value in changes:
        damaged[at % len(damaged)] = value
    try:
        assert picture(cover_card(bytes(damaged))).size == (1200, 630)
    except CardRefused as refusal:
        assert str(refusal)
