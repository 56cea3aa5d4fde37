"""Further processes that answer HTTP beside the service, on its socket: the setting `http.processes`.

Only the service itself strikes the clock, serves replay and watches the crawling process. It starts these processes and
writes to their input what they can't find in the database: the messages.
"""
