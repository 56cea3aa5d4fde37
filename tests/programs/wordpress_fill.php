<?php
/* Install WordPress and write articles with comments into it: php wordpress_fill.php ORIGIN < JSON > JSON

   The input is the list of threads of said.py, the first post of each being the article; the output is the path of each
   article and the ids of its comments. */

define('WP_INSTALLING', true);
require 'wp-load.php';
require_once ABSPATH . 'wp-admin/includes/upgrade.php';

[$origin, $threads] = [$argv[1], json_decode(stream_get_contents(STDIN), true)];
wp_install('Policy & Science', 'editor', 'editor@example.org', true, '', 'x');
wp_delete_post(1, true);
wp_delete_post(2, true);
foreach ([
    'siteurl' => $origin, 'home' => $origin, 'permalink_structure' => '/%year%/%monthnum%/%postname%/',
    'page_comments' => 1, 'comments_per_page' => 50, 'default_comments_page' => 'oldest', 'thread_comments' => 1,
    'comment_registration' => 0, 'show_avatars' => 0, 'blogdescription' => 'for tests',
] as $name => $value) {
    update_option($name, $value);
}
$GLOBALS['wp_rewrite']->init();
flush_rewrite_rules(false);
wp_installing(false);  // which reads each option from the database each time
$GLOBALS['wpdb']->query('START TRANSACTION');
wp_suspend_cache_invalidation(true);
wp_defer_comment_counting(true);

$users = $categories = $written = [];
foreach ($threads as $number => $thread) {
    $first = array_shift($thread['posts']);
    $author = $first['author'];
    $users[$author] ??= wp_insert_user(['user_login' => $author, 'user_pass' => 'x', 'user_email' => "$author@example.org"]);
    $section = ['Energy', 'Space', 'Health'][$number % 3];
    $categories[$section] ??= wp_create_category($section);
    $post = wp_insert_post([
        'post_title' => $thread['title'], 'post_content' => $first['html'], 'post_status' => 'publish',
        'post_author' => $users[$author], 'post_category' => [$categories[$section]],
        'post_date' => substr($first['at'], 0, 19), 'post_date_gmt' => substr($first['at'], 0, 19),
    ]);
    $ids = [];
    foreach ($thread['posts'] as $said) {
        $ids[] = (string) wp_insert_comment([
            'comment_post_ID' => $post, 'comment_author' => $said['author'], 'comment_content' => $said['html'],
            'comment_author_email' => "{$said['author']}@example.org", 'comment_approved' => 1,
            'comment_date' => substr($said['at'], 0, 19), 'comment_date_gmt' => substr($said['at'], 0, 19),
        ]);
    }
    $written[] = ['url' => substr(get_permalink($post), strlen($origin)), 'ids' => $ids, 'section' => $section];
}
wp_defer_comment_counting(false);
$GLOBALS['wpdb']->query('COMMIT');
echo json_encode($written);
