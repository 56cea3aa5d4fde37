"""Articles as papers and blogs print them, of sentences in English or in Chinese: HTML, and the lines a reader sees.

The sentences are ours; numbers, places and people in them differ, so that few are repeated. Never imported by tests.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

LINK = "https://example.org/report?page=2"


@dataclass(frozen=True)
class Tongue:
    """The parts of articles in one language; `join` stands between sentences."""

    sentences: tuple[str, ...]
    places: tuple[str, ...]
    people: tuple[str, ...]
    headings: tuple[str, ...]
    items: tuple[str, ...]
    leads: tuple[str, ...]
    """Sentences that announce a list or a quotation, and end like it."""
    short: tuple[str, ...]
    """Paragraphs of a few words."""
    titles: tuple[str, ...]
    join: str


ENGLISH = Tongue(
    sentences=(
        "The ministry said on Tuesday that the new research fund in {place} would open for applications in {year}.",
        "About {n} laboratories took part in the survey, most of them at small universities near {place}.",
        "Nobody had expected the instrument to survive {n} days on the ice off {place}.",
        "Costs rose by 12 per cent last year, to {n} million euros.",
        "“We were told to wait, and so we waited,” {who}, one of the engineers, recalled.",
        "The committee in {place} will hear {who} before it votes in June.",
        "Its report, which runs to {n} pages, was published without an announcement.",
        "A similar programme in {place} was closed in {year} because only {n} teams applied.",
        "The {n} samples came from lakes between {place} and the sea, and were frozen within an hour.",
        "Dr. {who}, who led the work, does not think that the effect will last beyond {year}.",
        "Critics say that the {n} million would be better spent on the salaries of young scientists in {place}.",
        "The satellite passes over {place} twice a day, at 6.40 a.m. and 7.15 p.m. local time.",
        "That is {n} more than was planned in {year}.",
        "It is not clear who in {place} will pay for the repairs, {who} said.",
        "In the second trial, {n} of 997 patients showed no sign of the infection after six weeks.",
        "The law has been in force since {year}, yet in {place} few companies seem to know of it.",
        "When the dam was built, the valley above {place} had some 2,000 inhabitants; today there are fewer than {n}.",
        "Both groups have shared their data of {year}, but the methods differ so much that nobody can compare them.",
        "“If it works, it will change how we measure drought,” said {who} of the institute in {place}.",
        "The vote in {place} was postponed until {year}.",
        "{who} and other members of the panel have asked for an independent review of the telescope’s budget.",
        "Prices of lithium fell to their lowest level since {year}, which made the mine unprofitable.",
        "The team now wants to repeat the measurement at a depth of {n} metres off {place}.",
        "What happens next depends on the court, whose decision in the case of {place} is expected in {year}.",
    ),
    places=("Bergen", "Lanzhou", "Tromsø", "Gdańsk", "Nairobi", "Quito", "Leiden", "Wuhan", "Split", "Ghent"),
    people=("Amara Osei", "Lin Weiming", "Ola Nordmann", "Zofia Wójcik", "Juan Peña", "Mei Tanaka", "Paul Ngugi"),
    headings=("What the figures show", "A slow start", "Next steps", "Why it matters", "Background"),
    items=(
        "a register of all trials",
        "Two new beamlines, to be ready by 2028",
        "Training for 150 technicians",
        "Lower fees",
        "An archive that is open to everyone, with records since 1974",
        "Norway: 14",
        "The results of each review are published within 30 days.",
    ),
    leads=("The plan has these parts:", "Among its demands are:", "In her own words:", "The letter says:"),
    short=("It failed.", "Not everyone agrees.", "Why now?", "Nothing came of it."),
    titles=("Fund for small laboratories opens", "Ice instrument outlives its first winter", "Panel asks for review"),
    join=" ",
)
CHINESE = Tongue(
    sentences=(
        "科技部周二在{place}表示，新的基础研究基金将于{year}年春季开始受理申请。",
        "约{n}家实验室参与了这项调查，其中大多数来自{place}的地方高校。",
        "没有人料到这台仪器能在{place}的冰原上度过{n}天。",
        "去年的成本上涨了百分之十二，达到{n}亿元。",
        "“他们让我们等，我们就一直等着。”{place}的工程师{who}回忆道。",
        "{place}的委员会将在六月表决之前听取{who}的意见。",
        "这份长达{n}页的报告没有经过任何预告就发布了。",
        "{n}份样品采自{place}周边的湖泊，并在一小时之内冷冻保存。",
        "主持这项工作的{who}博士并不认为这种效应会持续下去。",
        "{who}认为，这{n}万元应该用来提高青年科研人员的待遇。",
        "该卫星每天两次经过{place}，分别在早上6时40分和晚上7时15分。",
        "{who}说，目前还不清楚{place}的维修费用由谁来承担。",
        "在第二阶段试验中，999名患者中有{n}名在六周后没有出现感染迹象。",
        "这部法律自{year}年起施行，但{place}了解它的企业似乎并不多。",
        "两个小组都公开了{year}年的数据，不过方法差异很大，数字无法直接比较。",
        "{place}的表决被推迟到{year}年。",
        "{who}等几位专家要求对望远镜的预算进行独立审查。",
        "研究团队希望在{place}地下{n}米处重复这项测量。",
    ),
    places=("兰州", "青海湖", "贵阳", "丽江", "武汉", "合肥", "敦煌", "漠河"),
    people=("李文", "王海燕", "赵明", "陈思远", "林伟明", "周晓"),
    headings=("数据说明了什么", "缓慢的开端", "下一步", "背景"),
    items=("所有试验的登记制度", "两条新的光束线，2028年建成", "培训150名技术人员", "降低收费", "挪威：14"),
    leads=("方案包括以下几个部分：", "他们提出的要求有：", "信中写道："),
    short=("试验失败了。", "并非人人同意。", "为什么是现在？"),
    titles=("地方实验室基金开放申请", "冰原仪器度过首个冬天", "专家组要求审查预算"),
    join="",
)


@dataclass
class Author:
    """Writes one article, and repeats no sentence, lead or heading in it."""

    tongue: Tongue
    chance: random.Random

    def __post_init__(self) -> None:
        shuffled = ((name, list(getattr(self.tongue, name))) for name in ("headings", "items", "leads", "short"))
        self._left = dict(shuffled)
        for listed in self._left.values():
            self.chance.shuffle(listed)

    def next(self, name: str) -> str:
        """Return the next of the headings, items, leads or short paragraphs; when there is none left, a sentence."""
        return self._left[name].pop() if self._left[name] else self.sentence(self.chance.choice(self.tongue.sentences))

    def sentence(self, form: str) -> str:
        chance, tongue = self.chance, self.tongue
        return form.format(
            n=chance.randrange(12, 990), year=chance.randrange(1990, 2031),
            place=chance.choice(tongue.places), who=chance.choice(tongue.people),
        )  # fmt: skip

    def said(self, least: int = 1, most: int = 5) -> list[str]:
        return list(map(self.sentence, self.chance.sample(self.tongue.sentences, self.chance.randint(least, most))))

    def paragraph(self) -> tuple[str, list[str]]:
        text = self.tongue.join.join(self.said())
        return text, [text]

    def linked(self) -> tuple[str, list[str]]:
        before, linked, *after = said = self.said(2)
        whole = [before, f'<a href="{LINK}">{linked}</a>', *after]
        return self.tongue.join.join(whole), [self.tongue.join.join(said)]

    def short(self) -> tuple[str, list[str]]:
        text = self.next("short")
        return text, [text]

    def listed(self) -> tuple[str, list[str]]:
        lead, items = self.next("leads"), [self.next("items") for _ in range(self.chance.randint(2, 3))]
        return f"{lead}\n<ul>\n{''.join(f'<li>{item}</li>{chr(10)}' for item in items)}</ul>", [lead, *items]

    def quote(self) -> tuple[str, list[str]]:
        lead, said = self.next("leads"), self.tongue.join.join(self.said(1, 3))
        return f"{lead}\n<blockquote>{said}</blockquote>", [lead, said]

    def section(self) -> tuple[str, list[str]]:
        heading, (page, lines) = self.next("headings"), self.paragraph()
        return f"<h2>{heading}</h2>\n\n{page}", [heading, *lines]


def article(chance: random.Random, number: int) -> dict:
    """Return `title`, `html` and `lines`; every third article is Chinese.

    Some are one paragraph long, some twenty; none ends with a paragraph of two or three words.
    """
    author = Author(CHINESE if number % 3 == 2 else ENGLISH, chance)
    kinds = ["paragraph", *chance.choices(KINDS, WEIGHTS, k=chance.choice((0, 2, 4, 8, 19)))]
    if kinds[-1] == "short":
        kinds[-1] = "paragraph"
    pages, lines = zip(*(getattr(author, kind)() for kind in kinds), strict=True)
    title = f"{chance.choice(author.tongue.titles)}{author.tongue.join}{number}"
    return {"title": title, "html": "\n\n".join(pages), "lines": [line for some in lines for line in some]}


KINDS = ("paragraph", "linked", "short", "listed", "quote", "section")
WEIGHTS = (8, 2, 1, 1, 1, 2)
