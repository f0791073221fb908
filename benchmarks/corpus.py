"""A corpus that is the same on every machine: Chinese and English Markdown such as a B2B content team writes.

Sizes follow a log-normal distribution with a median of 6 kB, as the 1,222 product documents of reference/speed.md do.
The front matter is plain enough for Pelican, MkDocs and contentops to read the same files: every file has a title, a
date and a language, a third of them are pairs of translations, and a quarter have Chinese file names.
"""

import random
import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

SEED = 20261121
KINDS = ("help_doc", "best_practice", "case_study", "icebreaker", "industry_solution", "general_solution", "qa")
MEDIAN_BYTES, SPREAD, SMALLEST, LARGEST = 5_000, 0.7, 600, 60_000  # of the body, before its last block

# Words and what joins them; texts are made of these at random.
ZH = (
    "设备", "点检", "异常", "工单", "备件", "停机", "班组", "标准", "数据", "现场", "主管", "记录", "闭环", "保养",
    "趋势", "读数", "上限", "复核", "交接", "巡检", "路线", "审批", "权限", "报表", "部署", "集成", "接口", "导入",
    "导出", "扫码", "离线", "同步", "客户", "方案", "价值", "成本", "周期", "试点", "上线", "培训",
)  # fmt: skip
ZH_JOINTS = (
    "的",
    "在",
    "和",
    "与",
    "后",
    "时",
    "由",
    "对",
    "按",
    "把",
    "先",
    "都",
    "要",
    "可以",
    "需要",
    "每天",
    "三个",
)
EN = (
    "inspection", "route", "equipment", "finding", "work", "order", "spare", "part", "downtime", "shift", "standard",
    "reading", "limit", "review", "handover", "report", "approval", "permission", "deployment", "integration",
    "import", "export", "offline", "customer", "solution", "value", "cost", "pilot", "rollout",
)  # fmt: skip
EN_JOINTS = ("the", "a", "of", "and", "with", "after", "when", "by", "for", "before", "each", "must", "can", "within")


class _Writer:
    """Writes one text of about a given size in one language."""

    def __init__(self, chance: random.Random, language: str) -> None:
        self.chance, self.chinese = chance, language == "zh-CN"

    def sentence(self) -> str:
        pick, joints = (ZH, ZH_JOINTS) if self.chinese else (EN, EN_JOINTS)
        words = [self.chance.choice(pick if n % 3 else joints) for n in range(self.chance.randint(7, 22))]
        if self.chance.random() < 0.18:
            words[-2] = f"**{words[-2]}**"
        if self.chance.random() < 0.12:
            words[1] = f"[{words[1]}](https://example.com/docs/{self.chance.randint(1, 400)})"
        if self.chance.random() < 0.12:
            words[3] = f"`{self.chance.choice(EN)}_{self.chance.randint(1, 99)}`"
        joined = "".join(words) if self.chinese else " ".join(words).capitalize()
        return joined + ("。" if self.chinese else ".")

    def phrase(self, count: int = 4) -> str:
        words = [self.chance.choice(ZH if self.chinese else EN) for _ in range(count)]
        return "".join(words) if self.chinese else " ".join(words).capitalize()

    def paragraph(self) -> str:
        return ("" if self.chinese else " ").join(self.sentence() for _ in range(self.chance.randint(2, 6)))

    def bullets(self) -> str:
        mark = self.chance.choice(("- ", "1. "))
        return "\n".join(mark + self.sentence() for _ in range(self.chance.randint(3, 7)))

    def table(self) -> str:
        columns = self.chance.randint(3, 4)
        rows = [[self.phrase(2) for _ in range(columns)] for _ in range(self.chance.randint(3, 8))]
        head = [self.phrase(1) for _ in range(columns)]
        return "\n".join("| " + " | ".join(cells) + " |" for cells in (head, ["---"] * columns, *rows))

    def code(self) -> str:
        lines = "\n".join(f"curl -X POST /api/v1/{self.chance.choice(EN)}?id={n}" for n in range(5))
        return f"```bash\n{lines}\n```"

    def quote(self) -> str:
        return "> " + self.sentence()

    def body(self, size: int) -> str:
        blocks, written, number = [self.paragraph()], 0, 0
        weights = {self.paragraph: 10, self.bullets: 4, self.table: 1.5, self.code: 1, self.quote: 1}
        while written < size:
            if len(blocks) % 4 == 0:
                number += 1
                blocks.append(f"{'##' if number % 3 else '###'} {number}. {self.phrase()}")
            make = self.chance.choices(list(weights), list(weights.values()))[0]
            blocks.append(make())
            written += len(blocks[-1].encode())
        return "\n\n".join(blocks) + "\n"


def documents(count: int, seed: int = SEED) -> Iterator[tuple[str, str]]:
    """Yield paths (below the content folder) and texts."""
    chance = random.Random(seed)
    first = date(2024, 1, 1)
    for number in range(count):
        language = ("zh-CN", "en")[number % 3 == 2]
        writer = _Writer(chance, language)
        size = min(LARGEST, max(SMALLEST, int(chance.lognormvariate(0, SPREAD) * MEDIAN_BYTES)))
        stem = "".join(chance.choices(ZH, k=3)) if number % 4 == 0 else "-".join(chance.choices(EN, k=2))
        kind = KINDS[number // 3 % len(KINDS)]
        head = [
            "---",
            f"title: {writer.phrase(5)} {number}",
            f"description: {writer.phrase(9)}",
            f"date: {first + timedelta(days=number)}",
            f"lang: {language}",
            *([f"translationKey: topic-{number // 3}"] if number % 3 else []),
            f"authors: [{writer.phrase(1)}, {writer.phrase(1)}]",
            f"tags: [{', '.join(writer.phrase(1) for _ in range(3))}]",
            "contentops:",
            "  state: published",
            "  gate: open",
            f"  stages: [{chance.choice(('wanting', 'learning', 'shortlisting'))}]",
            "  personas: [influencer, user]",
            f"  industries: [{writer.phrase(1)}]",
            f"  keywords: {{product: [{writer.phrase(1)}], industry: [], solution: [{writer.phrase(2)}]}}",
            "---",
            "",
        ]
        yield f"{kind}/{stem}-{number:04}.md", "\n".join(head) + "\n" + writer.body(size)


def write_corpus(folder: Path, count: int, real: Path | None = None) -> list[Path]:
    """Fill `folder` with `count` generated files, or with copies of all Markdown files below `real`.

    Returns:
        The files.
    """
    if real is not None:
        for number, file in enumerate(sorted(real.rglob("*.md"))):
            target = folder / "help_doc" / f"{file.stem}-{number:04}.md"
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)
    else:
        for path, text in documents(count):
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
    return sorted(folder.rglob("*.md"))
