"""Make the cases wordpress_classic, _html5 and _twentytwelve: Debian's WordPress with a theme of the oldest form.

    python make.py DIRECTORY xhtml|html5 > page.html
    python make.py DIRECTORY xhtml FILE > page.html

The theme has no template for comments, so that WordPress prints its own (`theme-compat/comments.php`,
`Walker_Comment`), as older themes did, or, if it asks for HTML 5,
as classic themes from twentythirteen to twentytwentyone do.
FILE has the function twentytwelve_comment of that theme: comments are printed by it, as the themes
twentyten to twentytwelve print theirs.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[4] / "programs"))

from wordpress_site import CONFIG, CORE, _database, _user

ORIGIN = "https://news.example"
FORMS = {
    "xhtml": "",
    "html5": "add_theme_support('html5', ['comment-list', 'comment-form']);",
}
THEME = {
    "style.css": "/*\nTheme Name: Classic\n*/\n",
    "header.php": '<html <?php language_attributes(); ?>><head><meta charset="utf-8"><title><?php wp_title(); ?>'
    "</title></head><body <?php body_class(); ?>>\n",
    "footer.php": "</body></html>\n",
    "sidebar.php": "",
    "index.php": "<?php get_header(); the_post(); ?>\n<article <?php post_class(); ?>>"
    '<h1 class="entry-title"><?php the_title(); ?></h1>\n<div class="entry-content"><?php the_content(); ?></div>'
    "</article>\n<?php comments_template(); get_footer();\n",
}
BY_FUNCTION = """<ol class="commentlist">
<?php wp_list_comments(['callback' => 'twentytwelve_comment', 'style' => 'ol']); ?></ol>
<nav id="comment-nav-below" class="navigation">
<div class="nav-previous"><?php previous_comments_link(); ?></div>
<div class="nav-next"><?php next_comments_link(); ?></div></nav>
<?php comment_form();
"""
FILL = """<?php
define('WP_INSTALLING', true);
require 'wp-load.php';
require_once ABSPATH . 'wp-admin/includes/upgrade.php';
wp_install('Policy & Science', 'ada', 'editor@example.org', true, '', 'x');
foreach (['siteurl' => $argv[1], 'home' => $argv[1], 'permalink_structure' => '/%year%/%postname%/',
    'page_comments' => 1, 'comments_per_page' => 2, 'default_comments_page' => 'oldest',
    'thread_comments' => 1, 'thread_comments_depth' => 5,
    'template' => 'classic', 'stylesheet' => 'classic', 'gmt_offset' => 0] as $name => $value) {
    update_option($name, $value);
}
$GLOBALS['wp_rewrite']->init();
flush_rewrite_rules(false);
$post = wp_insert_post(['post_title' => 'Who pays for the new telescope?', 'post_content' => 'Nobody said so far.',
    'post_status' => 'publish', 'post_author' => 1, 'post_date' => '2024-03-28 09:00:00', 'post_name' => 'telescope']);
$say = fn($more) => wp_insert_comment($more + ['comment_post_ID' => $post, 'comment_approved' => 1,
    'comment_author_email' => 'x@example.org', 'comment_date_gmt' => $more['comment_date']]);
$say(['comment_author' => 'emil', 'comment_content' => 'The first page.', 'comment_date' => '2024-03-28 10:00:00']);
$say(['comment_author' => 'dana', 'comment_content' => 'It is.', 'comment_date' => '2024-03-28 11:00:00']);
$one = $say(['comment_author' => 'boris', 'comment_author_url' => 'https://boris.example/',
    'comment_date' => '2024-03-30 23:15:00',
    'comment_content' =>
        "The budget of the agency is <a href=\\"https://agency.example/\\">here</a>.\\n\\nWho reads it?"]);
$two = $say(['comment_author' => '数据', 'comment_parent' => $one, 'comment_date' => '2024-03-31 23:00:00',
    'comment_content' => "<blockquote>Who reads it?</blockquote>\\n\\nI do. 今年的计划还没有公布。"]);
$say(['comment_author' => 'ada', 'user_id' => 1, 'comment_parent' => $two, 'comment_date' => '2026-11-22 14:05:00',
    'comment_content' => 'So do I.']);
$say(['comment_author' => 'Another gazette', 'comment_author_url' => 'https://gazette.example/7',
    'comment_type' => 'pingback', 'comment_date' => '2026-11-23 08:00:00', 'comment_content' => '[…] said so far […]']);
"""
SHOW = """<?php
$_SERVER = ['HTTP_HOST' => 'news.example', 'REQUEST_URI' => '/2024/telescope/comment-page-2/',
    'REQUEST_METHOD' => 'GET', 'HTTPS' => 'on', 'SERVER_PROTOCOL' => 'HTTP/1.1', 'SCRIPT_FILENAME' => 'index.php']
    + $_SERVER;
define('WP_USE_THEMES', true);
define('WP_DEBUG', false);
require 'wp-blog-header.php';
"""


def main(directory: Path, form: str, function: str = "") -> None:
    site = directory / "site"
    shutil.copytree(CORE, site, ignore=shutil.ignore_patterns("wp-config.php", "wp-content"))
    theme = site / "wp-content/themes/classic"
    theme.mkdir(parents=True)
    comments = {"comments.php": BY_FUNCTION} if function else {}
    said = Path(function).read_text() if function else ""
    for name, text in {**THEME, **comments, "functions.php": f"<?php {FORMS[form]}\n{said}"}.items():
        (theme / name).write_text(text)
    (site / "fill.php").write_text(FILL)
    (site / "show.php").write_text(SHOW)
    with _database(directory) as place:
        (site / "wp-config.php").write_text(CONFIG % {"user": _user(), "socket": place})
        subprocess.run(["php", "fill.php", ORIGIN], cwd=site, check=True, stdout=sys.stderr)
        page = subprocess.run(["php", "show.php"], cwd=site, check=True, capture_output=True, text=True).stdout
    page = re.sub(r"https://secure\.gravatar\.com/[^'\" ]*", "/avatar.png", page)
    print(re.sub(r"\n\s*\n+", "\n", page).strip())


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
