"""WoltLab Suite Forum, and Burning Board 4 (`thread.tpl`, `messageSidebar.tpl`, `attachments.tpl`; posts and lists
after their siblings in conversations: `conversationMessageList.tpl`, `conversationList.tpl` and, since 6.2,
`conversationListItems.tpl`).
"""

from __future__ import annotations

from selectolax.lexbor import LexborNode

from extractor.forums.element_text import first, number_in
from extractor.forums.engine import Engine
from extractor.html.page import Page
from extractor.values.urls import Resolver

_PAGER = "woltlab-core-pagination"


class _WoltLab(Engine):
    def _numbers(self, page: Page) -> tuple[int | None, int | None]:
        """Return the numbers from which a script makes the links of the pager, since version 6."""
        pager = page.tree.css_first(_PAGER)
        if pager is None:
            return super()._numbers(page)
        return number_in(pager.attrs.get("page")), number_in(pager.attrs.get("count"))

    def _next(self, page: Page, resolver: Resolver) -> str | None:
        number, last = self._numbers(page)
        url = first(page.tree, (f"{_PAGER}@url",))
        found = super()._next(page, resolver)
        if found is None and url and number is not None and number < (last or 0):
            return resolver(f"{url}{'&' if '?' in url else '?'}pageNo={number + 1}")
        return found

    def file_name_of(self, attachment: LexborNode) -> str | None:
        """Return the file name, which is between the size and the number of downloads."""
        named = first(attachment, (".messageAttachmentFilename", ".attachmentFilename"))
        return named or super().file_name_of(attachment)


WOLTLAB = _WoltLab(
    name="woltlab",
    sign="article.wbbPost,.wbbThreadPostList,.wbbThreadList,.wbbBoardList,.wbbThread .messageText",
    post="article.wbbPost,article.message:has(.messageText)",
    body=(".messageText", "[itemprop=text]"),
    author=(".messageSidebar .username", ".messageHeaderBox .username", ".username", "[itemprop=name]"),
    time=(
        ".messageHeader woltlab-core-date-time@date",
        ".messageHeader time",
        "woltlab-core-date-time@date",
        "time",
    ),
    id=("@data-object-id", "@data-post-id", "@id"),
    permalink=("a.messagePublicationTime@href", ".permalink@href", "a[href*='postID=']@href"),
    dropped=".messageSignature,.messageFooterNotes",
    quote="blockquote.quoteBox",
    quote_author=(".quoteBoxTitle",),
    quote_label=".quoteBoxIcon,.quoteBoxTitle,.toggleButton",
    quote_link=("@cite", ".quoteBoxTitle a@href"),
    attachment=".attachmentFileList a,.attachmentThumbnailList a",
    score=(".reactionSummary .reactCountButton@data-reaction-count", ".wcfLikeCounter"),
    title=("h1.contentTitle", "h1"),
    board=(".breadcrumbs li a",),
    tags=".tagList a.tag",
    pager=".pagination",
    current=(".pagination .active span:first-child",),
    last=(".pagination@data-pages",),
    next="link[rel=next],.pagination .skip a[rel=next]",
    later=((r"([?&])pageNo=\d+&?", r"\1"), (r"[?&]$", "")),
    row=".wbbThread:has(a.wbbTopicLink),.discussionList__item",
    thread_link="a.wbbTopicLink,a.discussionList__item__link",
    replies=(
        ".columnStats dd:first-of-type",
        ".columnReplies",
        ".wbbStats dd",
        ".discussionList__item__replies",
    ),
    last_post=(
        ".columnLastPost woltlab-core-date-time@date",
        ".columnLastPost time",
        ".discussionList__item__lastPost__time woltlab-core-date-time@date",
    ),
    board_link=".wbbBoardList h3 a,.wbbBoardTitle a",
)
