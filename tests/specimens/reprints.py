"""An agency's article in two languages, and what others make of it: reprints, and reports of their own."""

from __future__ import annotations

from web_of_tests.newsroom import TEXTS, read_article

_LONG = ("soil-archive-funding", "undersea-observatory-opens", "quantum-clock-ferry")
_LONG_ZH = ("zh-soil-memory", "zh-forum-young-delegates", "zh-tidal-power-forum")


def _paragraphs(slugs: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(one for slug in slugs for one in read_article(TEXTS / f"{slug}.txt").paragraphs)


AGENCY = _paragraphs(_LONG)
AGENCY_ZH = _paragraphs(_LONG_ZH)

EDITED = (
    "The editors of this paper have written this paragraph anew, in words that the agency did not use, and cut one."
)
EDITED_ZH = "本报编辑重新写了这一段，用的是通讯社没有用过的词句，并且删去了其中的一句话，读者可以自行比较。"
LINE, LINE_ZH = "ELLERY (Coast News Agency) –", "海岸通讯社埃勒里十一月二十三日电"

REPRINTS = {
    "as it was sent": "\n\n".join(AGENCY),
    "with the line of the agency": "\n\n".join((f"{LINE} {AGENCY[0]}", *AGENCY[1:])),
    "with a paragraph written anew": "\n\n".join((*AGENCY[:2], EDITED, *AGENCY[3:])),
    "without its last paragraph": "\n\n".join(AGENCY[:-1]),
    "with the line, a paragraph anew and one less": "\n".join((LINE, *AGENCY[:4], EDITED, *AGENCY[5:-1])),
    "as the print view has it": " \n ".join((*AGENCY, "Printed from the Harbour Gazette. All rights reserved.")),
}
REPRINTS_ZH = {
    "as it was sent": "\n\n".join(AGENCY_ZH),
    "with the line of the agency": "\n".join((f"{LINE_ZH}　{AGENCY_ZH[0]}", *AGENCY_ZH[1:])),
    "with a paragraph written anew": "\n".join((AGENCY_ZH[0], EDITED_ZH, *AGENCY_ZH[2:])),
    "with other punctuation": "\n".join(AGENCY_ZH).replace("，", ",").replace("。", ". "),
}

EVENT = (
    "An observatory that has no windows and no staff began sending data on Saturday from the floor of the Ellery "
    "Trench. Its 31 nodes listen for whales, weigh the water above them and feel the sea bed move by less than a "
    "hair. Each node is a titanium sphere about the size of a football, tethered to the next by a cable that "
    "carries light and current. “The hardest part was not the pressure but the mud,” said its director."
)
OTHER = (
    "Whales, tides and trembling ground: since Saturday scientists can follow all three from their desks. The "
    "station in the Ellery Trench, 2,300 metres below the ferries, went into operation after nine years of "
    "building. It consists of 31 nodes, balls of titanium, which a cable supplies with current. According to the "
    "director, it was not the pressure that cost the engineers most time. “The hardest part was not the pressure "
    "but the mud,” she said at the ceremony."
)
EVENT_ZH = (
    "北方最古老的土壤档案馆险些被清空。一座旧啤酒厂里存放着四万一千只玻璃瓶，从一八九四年起，每年十月都会添上新的一批，"
    "一百多年从未间断。今年春天，农业部门没有续签租约，一家马铃薯合作社接下了这处库房。"
)
OTHER_ZH = (
    "马铃薯种植户救下了一座档案馆。因为政府今春不再支付房租，保存在啤酒厂旧址的四万一千只土样瓶一度面临处置。合作社昨天"
    "宣布租下整栋建筑，并承诺研究者今后仍可免费使用这些样本，而认证机构则须按次付费。"
)
