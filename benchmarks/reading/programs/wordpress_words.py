"""The words around a text in pages with WordPress themes, in the five languages in which they are judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

_NAMES = (
    *("skip", "says", "reply", "leave", "cancel", "notes", "comment", "search", "recent", "about_site", "site_says"),
    *("categories", "posted", "by", "about", "all_by", "in_category", "permalink", "replies", "powered", "main_menu"),
    *("navigation", "previous", "on", "published_by", "author", "tags", "sidebar", "date", "archive", "caption"),
    *("published", "in", "written_by", "more", "related", "read_more", "blog", "share", "minutes", "keeper", "today"),
    *("popular", "contents", "updated", "words", "outdated", "donate", "licence", "months_ago", "views", "like", "end"),
    *("rights", "original_by", "words_in_all", "reprint", "motto", "site"),
)

_ENGLISH = (
    "Skip to content|says:|Reply|Leave a Reply|Cancel reply|Your email address will not be published.|Comment|Search for:|"
    "Recent Posts|About this site|News and notes from the harbour, written by those who work there, every week since 1998.|"
    "Categories|Posted on|by|About|View all posts by {}|Posted in|Bookmark the permalink|3 thoughts on|"
    "Proudly powered by WordPress|Main menu|Post navigation|Previous Post|on|Published by|Author|Tags|Blog Sidebar|"
    "Post date|View Archive|The pier, before the storm|Published|in|Written by|More posts|You Might Also Like|Read More|"
    "Blog|Share|min read|Keeper of the gauge|Monday, November 30, 2026|Most read|Contents|Updated|words|"
    "This post was last changed 200 days ago. Some of it may be out of date.|Donate|"
    "This work is licensed under a Creative Commons licence.|months ago|views|Like|The end|Copyright|This article was written by|"
    "812 words in all|Reprints|What the tide leaves behind|Harbour notes"
)
_CHINESE = (
    "跳至正文|说道：|回复|发表回复|取消回复|您的邮箱地址不会被公开。|评论|搜索：|近期文章|关于本站|"
    "港口的新闻与随笔，由在这里工作的人撰写，自一九九八年起每周更新。|分类|发布于|作者：|关于|查看{}的所有文章|发布在|固定链接|"
    "三条评论|自豪地采用 WordPress|主菜单|文章导航|上一篇|于|发布者：|作者|标签|博客边栏|发布日期|查看归档|风暴之前的码头|"
    "发布于|分类：|撰写者：|更多文章|您可能还喜欢|阅读全文|博客|分享|分钟阅读|验潮站管理员|2026年11月30日 星期一|热门文章|目录|"
    "修改于|字|本文最后更新于 200 天前，其中的信息可能已经有所发展或是发生改变。|赞赏|本作品采用知识共享署名 4.0 国际许可协议进行许可。|"
    "个月前|次阅读|点赞|正文完|版权声明|本站原创文章，由|共计812字。|转载说明|潮水留下的东西|港口随笔"
)
_JAPANESE = (
    "コンテンツへスキップ|より:|返信|コメントを残す|コメントをキャンセル|メールアドレスが公開されることはありません。|コメント|検索:|"
    "最近の投稿|このサイトについて|港で働く人たちが書く、港のニュースと記録。一九九八年から毎週更新しています。|カテゴリー|投稿日:|投稿者:|"
    "について|{} の投稿をすべて表示|カテゴリー:|パーマリンク|件のコメント|Powered by WordPress|メインメニュー|投稿ナビゲーション|前の投稿|"
    "日付:|公開者:|投稿者|タグ|サイドバー|投稿日|アーカイブを表示|嵐の前の桟橋|投稿日:|カテゴリー:|執筆者:|その他の投稿|関連記事|続きを読む|"
    "ブログ|シェア|分で読めます|験潮所の番人|2026年11月30日 月曜日|人気の記事|目次|更新日|字|この記事は二百日前に更新されました。内容が古い場合があります。|"
    "寄付|この作品はクリエイティブ・コモンズのライセンスの下で提供されています。|か月前|回閲覧|いいね|おわり|著作権|この記事を書いた人|全812字|転載|"
    "潮が残すもの|港の記録"
)
_RUSSIAN = (
    "Перейти к содержимому|пишет:|Ответить|Добавить комментарий|Отменить ответ|Ваш адрес email не будет опубликован.|"
    "Комментарий|Найти:|Свежие записи|Об этом сайте|Новости и заметки из гавани, которые пишут те, кто здесь работает, каждую неделю с 1998 года.|"
    "Рубрики|Опубликовано|Автор:|Об авторе|Посмотреть все записи автора {}|Рубрика:|Постоянная ссылка|Три комментария к|"
    "Сайт работает на WordPress|Главное меню|Навигация по записям|Предыдущая запись|от|Опубликовал|Автор|Метки|Боковая колонка|"
    "Дата записи|Архив|Пристань перед бурей|Опубликовано|в рубрике|Автор:|Другие записи|Вам также может понравиться|Читать далее|"
    "Блог|Поделиться|мин. чтения|Смотритель уровнемера|Понедельник, 30 ноября 2026|Самое читаемое|Содержание|Обновлено|слов|"
    "Эта запись изменена 200 дней назад и могла устареть.|Поддержать|Произведение доступно по лицензии Creative Commons.|"
    "месяцев назад|просмотров|Нравится|Конец|Авторские права|Статью написал|Всего 812 слов|Перепечатка|Что оставляет прилив|"
    "Заметки гавани"
)
_ARABIC = (
    "تخطى إلى المحتوى|يقول:|رد|اترك تعليقاً|إلغاء الرد|لن يتم نشر عنوان بريدك الإلكتروني.|تعليق|البحث عن:|أحدث المقالات|"
    "عن هذا الموقع|أخبار الميناء وملاحظاته يكتبها العاملون فيه كل أسبوع منذ عام ١٩٩٨.|تصنيفات|نُشر في|بواسطة|عن الكاتب|"
    "عرض كل مقالات {}|مصنف في|رابط دائم|ثلاثة تعليقات على|مدعوم بواسطة ووردبريس|القائمة الرئيسية|تصفّح المقالات|المقالة السابقة|"
    "في|نشره|الكاتب|الوسوم|الشريط الجانبي|تاريخ المقالة|عرض الأرشيف|الرصيف قبل العاصفة|نُشر في|في|كتبه|المزيد من المقالات|"
    "قد يعجبك أيضاً|اقرأ المزيد|المدونة|مشاركة|دقائق قراءة|حارس المقياس|الاثنين 30 نوفمبر 2026|الأكثر قراءة|المحتويات|تم التحديث|"
    "كلمة|آخر تعديل لهذه المقالة قبل ٢٠٠ يوم.|تبرع|هذا العمل مرخص برخصة المشاع الإبداعي.|أشهر مضت|مشاهدة|إعجاب|النهاية|"
    "حقوق النشر|كتب هذه المقالة|٨١٢ كلمة|إعادة النشر|ما يتركه المد|دفتر الميناء"
)
_LISTS = {
    "en": ("Home;News;About;Contact", "Harbour;Tide", "Ida Berg;Tom Lind;Runa Falk"),
    "zh": ("首页;新闻;关于;联系我们", "港口;潮汐", "李海燕;王大川;赵小满"),
    "ja": ("ホーム;ニュース;このサイト;お問い合わせ", "港;潮", "佐藤 海;田中 渚;森 灯"),
    "ru": ("Главная;Новости;О сайте;Контакты", "Гавань;Прилив", "Ирина Белова;Павел Ильин;Вера Соколова"),
    "ar": ("الرئيسية;الأخبار;عن الموقع;اتصل بنا", "الميناء;المد", "سلمى حداد;كريم نصر;ليلى عمران"),
}
AUTHORS = {"en": "Ada Holm", "zh": "何安澜", "ja": "堀 亜田", "ru": "Ада Хольм", "ar": "عادة حلمي"}
"""Who wrote the texts: a name in each language."""
SLUGS = {"en": "ada-holm", "zh": "anlan", "ja": "hori", "ru": "ada", "ar": "ghada"}
"""What WordPress has for each in addresses."""
SAID = {
    "en": (
        "I took this ferry every winter as a child, and the crew always had tea for us. I hope it stays.",
        "The figures for last year are wrong: there were twenty-six passengers on an average night, not nineteen.",
        "Thank you for writing this down. My father kept the gauge for thirty years and never missed a morning.",
    ),
    "zh": (
        "小时候每年冬天都坐这班船，船员总会给我们准备热茶，希望它能一直开下去。",
        "去年的数字不对，平均每晚是二十六位乘客，不是十九位，请编辑核实一下。",
        "谢谢你把这些写下来。我父亲看了三十年水尺，没有缺过一个早晨。",
    ),
    "ja": (
        "子どものころ、毎年冬にこの船に乗りました。乗組員がいつもお茶を出してくれました。",
        "去年の数字は間違っています。一晩の平均は十九人ではなく二十六人でした。",
        "書き残してくださってありがとうございます。父は三十年間、一日も休まずに目盛りを読みました。",
    ),
    "ru": (
        "В детстве я каждую зиму ездила на этом пароме, и команда всегда угощала нас чаем. Надеюсь, он останется.",
        "Цифры за прошлый год неверны: в среднем за ночь было двадцать шесть пассажиров, а не девятнадцать.",
        "Спасибо, что вы это записали. Мой отец тридцать лет снимал показания и не пропустил ни одного утра.",
    ),
    "ar": (
        "كنت أركب هذه العبّارة كل شتاء في طفولتي، وكان الطاقم يقدم لنا الشاي دائماً. أتمنى أن تبقى.",
        "أرقام العام الماضي غير صحيحة: كان عدد الركاب ستة وعشرين في الليلة لا تسعة عشر.",
        "شكراً على كتابة هذا. ظل والدي يقرأ المقياس ثلاثين عاماً ولم يفته صباح واحد.",
    ),
}
"""Comments, in the order of the names of those who wrote them."""
OTHERS = {
    "en": (
        (
            "The bridge that nobody wanted",
            "It was planned for six years and never built. A report now says who decided it.",
        ),
        (
            "A choir for the fog signal",
            "Nine singers have learnt the signal by heart, and they sing it when the mist comes in.",
        ),
        ("Where the old nets go", "A workshop on the mole turns them into bags, hammocks and, once, a wedding dress."),
    ),
    "zh": (
        ("没有人想要的那座桥", "规划了六年，最后没有修成。一份报告说明了是谁做的决定，又为什么没有公布。"),
        ("给雾号配一支合唱团", "九位歌手把雾号的旋律记在心里，每当海雾漫进港口，他们就站在防波堤上唱起来。"),
        ("旧渔网去了哪里", "防波堤上的一间作坊把它们做成袋子、吊床，有一次还做成了一件婚纱。"),
    ),
    "ja": (
        (
            "誰も望まなかった橋",
            "六年かけて計画され、ついに建てられませんでした。誰が決めたのかを報告書が明らかにしました。",
        ),
        ("霧笛のための合唱団", "九人の歌い手が霧笛の旋律を覚え、霧が出ると防波堤で歌います。"),
        ("古い網のゆくえ", "防波堤の工房が、それを袋やハンモックに作り変えています。"),
    ),
    "ru": (
        (
            "Мост, которого никто не хотел",
            "Его проектировали шесть лет и не построили. Теперь известно, кто это решил.",
        ),
        ("Хор для туманного сигнала", "Девять певцов выучили сигнал наизусть и поют его, когда приходит туман."),
        ("Куда уходят старые сети", "Мастерская на молу делает из них сумки, гамаки и однажды сшила свадебное платье."),
    ),
    "ar": (
        ("الجسر الذي لم يرده أحد", "خُطط له ست سنوات ولم يُبنَ قط. ويقول تقرير الآن من الذي قرر ذلك ولماذا."),
        ("جوقة لإشارة الضباب", "حفظ تسعة مغنين الإشارة عن ظهر قلب وهم ينشدونها حين يأتي الضباب."),
        ("أين تذهب الشباك القديمة", "ورشة على الرصيف تحولها إلى حقائب وأراجيح، وإلى فستان عرس ذات مرة."),
    ),
}
"""Titles and first lines of other articles."""
BIOS = {
    "en": "Ada Holm has written about the harbour for many years, and about lighthouses in two books. She lives on the mainland.",
    "zh": "何安澜多年来一直写港口的故事，出版过两本关于灯塔的书，现在住在岸上，养了一只怕水的狗。",
    "ja": "堀亜田は長年にわたり港について書き、灯台についての本を二冊出しています。今は本土に住んでいます。",
    "ru": "Ада Хольм много лет пишет о гавани и выпустила две книги о маяках. Живёт на материке.",
    "ar": "تكتب عادة حلمي عن الميناء منذ سنوات طويلة، ولها كتابان عن المنارات، وهي تسكن اليابسة.",
}
_MONTHS = {
    "en": "January February March April May June July August September October November December",
    "ru": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "ar": "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر",
}


def words(language: str) -> Mapping[str, str | Sequence[str]]:
    """Return the words of a language by their names."""
    said = {"en": _ENGLISH, "zh": _CHINESE, "ja": _JAPANESE, "ru": _RUSSIAN, "ar": _ARABIC}[language].split("|")
    menu, topics, names = (one.split(";") for one in _LISTS[language])
    return dict(zip(_NAMES, said, strict=True)) | {"menu": menu, "topics": topics, "names": names}


def shown(day: date, language: str) -> str:
    """Return a day as WordPress writes it in a language."""
    if language in ("zh", "ja"):
        return f"{day.year}年{day.month}月{day.day}日"
    month = _MONTHS[language].split()[day.month - 1]
    return f"{month} {day.day}, {day.year}" if language == "en" else f"{day.day} {month} {day.year}"
