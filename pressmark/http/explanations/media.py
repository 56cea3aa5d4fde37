"""Sentences about video and audio, marked for translation."""

from __future__ import annotations

from pressmark.http.words import N_

MEDIA = (
    N_(
        "%(what)s; yt-dlp is not installed, so Pressmark did not look for the video and audio of %(pages)s pages; "
        "install it with pip install 'pressmark[media]'"
    ),
    N_(
        "%(what)s; yt-dlp is not installed, so Pressmark did not look for the video and audio of 1 page; install it "
        "with pip install 'pressmark[media]'"
    ),
    N_(
        "yt-dlp is not installed, so Pressmark did not look for the video and audio of %(pages)s pages; install it "
        "with pip install 'pressmark[media]'"
    ),
    N_(
        "yt-dlp is not installed, so Pressmark did not look for the video and audio of 1 page; install it with pip "
        "install 'pressmark[media]'"
    ),
    N_("%(what)s; %(count)s video or audio files were found and not archived"),
    N_("%(what)s; 1 video or audio file was found and not archived"),
    N_("%(count)s video or audio files were found and not archived"),
    N_("1 video or audio file was found and not archived"),
    N_("yt-dlp is not installed: pip install 'pressmark[media]'"),
    N_("yt-dlp did not end within %(seconds)s s"),
    N_("yt-dlp ended: %(why)s"),
    N_("the process of yt-dlp can't be started: %(why)s"),
    N_("it is larger than limits.media_bytes allows (%(size)s)"),
    N_("it has at least %(size)s, and limits.media_bytes allows %(limit)s"),
    N_("it is broadcast now; a later run archives it"),
    N_("it was not complete within limits.media_time"),
    N_("the server of the file did not answer within politeness.timeout"),
    N_("the site does not offer its sound as a file of its own"),
    N_("its files were deleted; the next run fetches them again"),
    N_("the site offers it only in forms that can't be archived: %(forms)s"),
    N_("the server of the file answered %(answer)s"),
    N_("the stream is encrypted"),
    N_("the server sent something else than a playlist of HTTP Live Streaming"),
    N_("a segment has the range %(range)s, which does not name bytes"),
    N_("the playlist has no segments"),
    N_("the playlist lists other playlists, and none of them was chosen"),
    N_("the stream has more than %(count)s segments"),
    N_("the pieces of the stream are not known"),
)
