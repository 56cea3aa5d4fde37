"""The Google Reader API for readers on phones: new and changed pages, with the marks that the pages show, too.

There is no specification; what clients send is described at https://github.com/mihaip/google-reader-api and in
https://feedhq.readthedocs.io/en/latest/api/. It is served by `pressmark.api`, and imports no other door.
"""
