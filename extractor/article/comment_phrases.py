"""Recognize the headings and notes of comment areas by their words: "Leave a comment", 3 条评论, "Comments are closed".

The words are those of WordPress, Drupal, Joomla, Blogger, Disqus, Discuz!, DedeCMS, Empire CMS and Z-Blog, in the
languages of their translations.
"""

from __future__ import annotations

import re

LONGEST = 240
"""Maximum characters of such a line."""
_MAY_TELL = re.compile(
    r"[\W_]*(?:\d|add|leave|post|write|submit|make|send|join|have|no |rea|user|face|disq|com|kom|rep|resp|rec|feed|antw"
    r"|schr|hint|verf|lais|ajou|écri|publ|dej|escr|añad|agre|deixe|lasc|geef|laat|plaat|доб|оста|напи|комм|отзы"
    r"|[我发發添提写寫新评評留回跟已共暂暫网網最精热熱全相读讀用コ댓اتر])",
    re.IGNORECASE,
)
"""The beginning of each of these lines: a cheap check."""
_COMMENT = (
    r"comments?|replies|reply|responses?|feedback|kommentare?|antworten?|commentaires?|comentarios?|respuestas?"
    r"|comentários?|respostas?|commenti|commento|reacties?|комментари[йияев]{1,3}|отзыв\w{0,3}"
    r"|评论|留言|跟帖|回复|評論|回覆|コメント|댓글|تعليق\w{0,3}"
)
_INVITATION = re.compile(
    r"(?:(?:leave|post|add|write|submit|make|send) (?:a |an |your |us |new |another )*"
    r"(?:comment|reply|response|feedback)|join the (?:conversation|discussion)|have your say"
    r"|(?:schreibe?n?|hinterlassen?|verfassen?) (?:sie )?(?:einen? |eine |ihren? )?(?:kommentar|antwort)"
    r"|kommentar (?:schreiben|hinterlassen|verfassen|abgeben|hinzufügen)"
    r"|(?:laisser|laissez|ajouter|écrire|poster|publier) (?:un|une|votre) (?:commentaire|réponse)"
    r"|(?:deja|dejar|escribe|añadir|publicar|agregar) (?:un|una|tu)?\s*(?:nuevo )?(?:comentario|respuesta)"
    r"|deixe (?:um|uma|seu|o seu) (?:comentário|resposta)|lascia un (?:commento|tuo commento)"
    r"|(?:geef|laat|plaats) een reactie(?: achter)?"
    r"|(?:добавить|оставить|написать) (?:комментарий|отзыв)"
    r"|(?:我要|我来|我來)?(?:发表|發表|发布|發佈|添加|提交|写|寫)?新?(?:评论|評論|留言|回复|回覆|跟帖)(?=取消|$)"
    r"|我(?:要|来|來)(?:评论|留言|說兩句|说两句)"
    r"|コメントを?(?:残す|書く|する|投稿(?:する)?)|댓글 ?(?:남기기|쓰기|달기)|اترك (?:تعليق|رد)\w*)",
    re.IGNORECASE,
)
_COUNT = re.compile(
    rf"(?:(?:已有|共有?)?\s*\d{{1,6}} ?(?:条|條|則|件の|개의)?\s*(?:new |reader |网友|最新)?(?:{_COMMENT})"
    rf"(?: (?:on|to|zu|sur|en|em|su|op) .{{1,160}})?"
    rf"|\d{{1,6}} thoughts? on .{{1,160}}|(?:{_COMMENT})\s*[(（:：]\s*\d{{1,6}}\s*[)）]?"
    r"|no comments(?: yet)?|暂无评论|暫無評論)",
    re.IGNORECASE,
)
_NAME = re.compile(
    rf"(?:(?:reader|user|recent|facebook|disqus|网友|網友|最新|精彩|热门|熱門|全部|相关|读者|讀者|用户)?\s*(?:{_COMMENT})(?:区|區|列表)?)",
    re.IGNORECASE,
)
_CANCEL = re.compile(
    r"\s*(?:cancel (?:reply|comment)|antworten abbrechen|annuler la réponse|cancelar respuesta|取消回复|取消回覆)$",
    re.IGNORECASE,
)
_NOTE = re.compile(
    r"comments (?:are|have been) (?:now )?closed(?: (?:for|on|at) .{0,60})?[.!]?"
    r"|(?:the )?comments? (?:section|form) is closed\.?"
    r"|(?:评论|評論|留言|回复)(?:功能)?(?:已|暂)?(?:关闭|關閉)[。.]?"
    r"|(?:please |you (?:must|need to|have to) )?(?:be )?(?:log(?:ged)?|sign(?:ed)?)[ -]?in"
    r"(?:,? (?:to your account|(?:or|with|using|here|first|as)\b.{0,40}))?"
    r" to (?:(?:post|leave|write|view|see|read|add|make|submit) (?:an? |any |all |the |your |new )*)?comments?"
    r"(?: (?:on|or|and|below|here)\b.{0,20})?[.!]?"
    r"|请?您?(?:需要?|必须)?先?登录后?(?:[才方即便就]?(?:可以?|能够?))?"
    r"(?:发表|发布|参与|进行|提交|添加|查看)?(?:您的|新)?(?:评论|留言|回复|跟帖)[。！!.]?"
    r"|this site uses akismet to reduce spam\b.{0,100}|本站使用\s*akismet.{0,60}"
    r"|this site is protected by (?:recaptcha|hcaptcha)\b.{0,120}"
    r"|please enable javascript to (?:view|load) the comments?\b.{0,60}|comments powered by disqus\.?"
    r"|your e-?mail address will not be published\b.{0,100}|(?:您的)?(?:电子)?邮(?:件|箱)地址不会被公开.{0,40}"
    r"|网友评论仅供其?表达个人看法.{0,60}|.{0,12}文明上网.{0,4}理性发言.{0,40}",
    re.IGNORECASE,
)


def may_tell(line: str) -> bool:
    """Return whether a line may be one of those that the next three functions recognize."""
    return _MAY_TELL.match(line) is not None


def invites(line: str) -> bool:
    """Return whether a line only asks readers to comment: "Leave a reply Cancel reply", 发表评论."""
    return _INVITATION.fullmatch(_without_ornament(line)) is not None


def counts(line: str) -> bool:
    """Return whether a line only says how many comments there are: "3 thoughts on …", 已有 3 条评论."""
    return _COUNT.fullmatch(_without_ornament(line)) is not None


def names(line: str) -> bool:
    """Return whether a line is only a name of comments, which the heading of a section may be too: "Comments"."""
    return _NAME.fullmatch(_without_ornament(line)) is not None


def is_note(line: str) -> bool:
    """Return whether a line only says who may comment, or what becomes of comments."""
    return len(line) <= LONGEST and _NOTE.fullmatch(line.strip(" -•*\u3000")) is not None


def _without_ornament(line: str) -> str:
    """Return a line without punctuation at its ends, and without what cancels a reply."""
    return _CANCEL.sub("", line.strip(" -–—•*»«:：.!！…\u3000\xa0")).strip() if len(line) <= LONGEST else ""
