"""Which modules keep the promises, and which tests hold them: the cheap ones that find most come first."""

from __future__ import annotations

# These start dozens of processes or wait for servers that are down: `--quick` leaves them out.
DEAR = {
    "tests/archive/shipping/test_bytes_before_rows.py",
    "tests/faults/test_full_disk.py",
    "tests/faults/test_injected.py",
    "tests/faults/test_much_damage.py",
    "tests/faults/test_recovery_calls.py",
    "tests/faults/test_ship_killed.py",
    "tests/faults/test_store_answers.py",
    "tests/faults/test_store_lies.py",
    "tests/faults/test_store_outage.py",
    "tests/faults/test_store_race.py",
    "tests/faults/test_unreadable.py",
    "tests/pressmark/processes/test_index_repair.py",
    "tests/pressmark/service/test_states.py",
    "tests/pressmark/processes/test_worker_threads.py",
    "tests/scheduler/timetables/test_several_services.py",
}
# These read the text of modules, and execute no line of them: sentences, names and errors.
READING = (
    "tests/pressmark/http/test_catalog.py",
    "tests/pressmark/http/test_sentences.py",
    "tests/pressmark/cli/terminal/test_language.py",
    "tests/test_architecture.py",
    "tests/test_reference.py",
)
# Single tests of the dear ones, which a mutant is worth.
SEALED_ANEW = "tests/faults/test_injected.py::test_the_recorder_itself_seals_again_a_segment_that_failed_an_fsync"
BALLAST = "tests/faults/test_full_disk.py::test_recovery_gets_the_ballast_on_a_full_disk"

SPOOLED = (
    "tests/archive/spool/test_spool.py",
    "tests/archive/spool/test_recorder.py",
    "tests/archive/spool/test_group_commit.py",
    "tests/archive/spool/test_recovery.py",
    "tests/archive/spool/test_salvage.py",
    "tests/faults/test_damaged_segment.py",
    "tests/archive/spool/test_reseal.py",
    "tests/archive/shipping/test_bytes_before_rows.py",
    "tests/faults/test_full_disk.py",
    "tests/faults/test_recovery_calls.py",
    "tests/faults/test_injected.py",
)
SALVAGED = (
    "tests/archive/spool/test_salvage.py",
    "tests/archive/spool/test_recovery.py",
    "tests/faults/test_damaged_segment.py",
    "tests/archive/spool/test_reseal.py",
    "tests/faults/test_recovery_calls.py",
    "tests/faults/test_full_disk.py",
    "tests/faults/test_injected.py",
    "tests/pressmark/service/test_states.py",
)
SHIPPED = (
    "tests/archive/shipping/test_ship.py",
    "tests/archive/shipping/test_shipper.py",
    "tests/archive/shipping/test_released_files.py",
    "tests/archive/shipping/test_sidecars.py",
    "tests/archive/spool/test_reseal.py",
    "tests/archive/shipping/test_bytes_before_rows.py",
    "tests/faults/test_store_lies.py",
    "tests/faults/test_store_race.py",
    "tests/faults/test_store_answers.py",
    "tests/faults/test_store_outage.py",
    "tests/faults/test_ship_killed.py",
    "tests/faults/test_recovery_calls.py",
)
INDEXED = (
    "tests/archive/index/test_index.py",
    "tests/archive/index/test_index_segments.py",
    "tests/archive/index/test_index_listing.py",
    "tests/archive/index/test_segments.py",
    "tests/archive/index/test_damaged.py",
    "tests/archive/index/test_texts_before_commit.py",
    "tests/archive/index/test_changes.py",
    "tests/archive/index/test_news_and_tallies.py",
    "tests/archive/index/test_run_captures.py",
    "tests/archive/index/test_row_counts.py",
    "tests/archive/index/cdx/test_cdx.py",
    "tests/archive/database/test_witness.py",
    "tests/archive/intake/test_rebuild.py",
)
MARKED = (
    "tests/archive/index/test_damaged.py",
    "tests/archive/index/test_damage.py",
    "tests/faults/test_unreadable.py",
    "tests/faults/test_much_damage.py",
    "tests/pressmark/processes/test_index_repair.py",
    "tests/pressmark/processes/test_worker_threads.py",
)
LEDGER = (
    "tests/scheduler/ledger/test_runs.py",
    "tests/scheduler/ledger/test_runs_taken.py",
    "tests/scheduler/ledger/test_runs_over.py",
    "tests/scheduler/ledger/test_runs_cancelled.py",
    "tests/scheduler/ledger/test_dead_workers.py",
    "tests/scheduler/timetables/test_slots.py",
    "tests/scheduler/test_timekeeper.py",
    "tests/scheduler/ledger/test_epochs.py",
    "tests/scheduler/ledger/test_measured.py",
    "tests/scheduler/ledger/test_ledger_restored.py",
    "tests/scheduler/timetables/test_several_services.py",
)
SAVED = (
    "tests/scheduler/ledger/test_ledger_restored.py",
    "tests/pressmark/upkeep/ledger/test_saving.py",
    "tests/pressmark/upkeep/ledger/test_saved_reviews.py",
    "tests/pressmark/upkeep/ledger/test_saved_take_downs.py",
)
ROBOTS = (
    "tests/crawler/policy/test_robots.py",
    "tests/crawler/frontier/test_fetch_queue.py",
    "tests/crawler/test_robots_obeyed.py",
)

SEALED_USED = (
    "tests/archive/shipping/test_ship.py",
    "tests/archive/shipping/test_housekeeping.py",
    "tests/archive/shipping/test_upload.py",
)

TESTS: dict[str, tuple[str, ...]] = {
    "archive/spool/spool.py": SPOOLED,
    "archive/spool/open_segment.py": SPOOLED,
    "archive/spool/group_commit.py": ("tests/archive/spool/test_group_commit.py", SEALED_ANEW, *SPOOLED),
    "archive/spool/recorder.py": ("tests/archive/spool/test_recorder.py", *SPOOLED),
    "archive/spool/sealed.py": ("tests/archive/spool/test_sealed.py", *SPOOLED, *SEALED_USED),
    "archive/spool/recovery.py": ("tests/archive/spool/test_recovery.py", BALLAST, *SALVAGED),
    "archive/spool/salvage.py": SALVAGED,
    "archive/spool/intact.py": (*SALVAGED, "tests/archive/spool/test_intact.py"),
    "archive/shipping/shipper.py": (
        "tests/archive/shipping/test_shipper.py",
        *SHIPPED,
        "tests/faults/test_store_silent.py",
    ),
    "archive/shipping/delivery.py": SHIPPED,
    "archive/shipping/emptied.py": (
        "tests/archive/shipping/test_emptied.py",
        "tests/pressmark/processes/test_store_disk.py",
        "tests/pressmark/processes/test_replica_disk.py",
        "tests/pressmark/upkeep/test_first_store_lost.py",
    ),
    "archive/shipping/manifest_chain.py": (
        "tests/archive/shipping/test_manifest_chain.py",
        "tests/pressmark/upkeep/test_first_store_lost.py",
        *SHIPPED,
    ),
    "archive/shipping/upload.py": (*SHIPPED[:2], "tests/archive/shipping/test_upload.py", *SHIPPED[2:]),
    "archive/spool/release.py": (
        "tests/archive/shipping/test_released_files.py",
        *SHIPPED,
        "tests/archive/shipping/test_upload.py",
    ),
    "archive/warc/manifest.py": (
        "tests/archive/warc/test_manifest.py",
        "tests/archive/warc/integrity/test_signing.py",
        "tests/archive/warc/integrity/test_object_of_key.py",
        "tests/archive/shipping/test_manifest_chain.py",
        *SHIPPED,
    ),
    "archive/warc/journal.py": (
        "tests/archive/warc/test_journal.py",
        "tests/archive/warc/test_derived.py",
        "tests/archive/spool/test_intact.py",
        *SALVAGED,
        "tests/archive/spool/test_recorder.py",
    ),
    "archive/index/index.py": INDEXED,
    "archive/index/segments.py": ("tests/archive/index/test_segments.py", *INDEXED, *MARKED),
    "archive/index/damage.py": ("tests/archive/index/test_damage.py", *MARKED),
    "archive/index/damage_marks.py": MARKED,
    "archive/index/damage_rows.py": MARKED,
    "archive/index/originals.py": (
        "tests/archive/index/test_index.py",
        "tests/archive/index/test_damaged.py",
        "tests/archive/index/test_nearest.py",
        "tests/archive/retrieval/test_snapshot.py",
        "tests/archive/shipping/test_bytes_before_rows.py",
        "tests/pressmark/wayback/test_streaming.py",
    ),
    "archive/retrieval/retrieval.py": (
        "tests/archive/retrieval/test_snapshot.py",
        "tests/archive/spool/test_reseal.py",
        "tests/archive/shipping/test_bytes_before_rows.py",
        *MARKED,
        "tests/pressmark/upkeep/test_first_store_lost.py",
        "tests/pressmark/wayback/test_streaming.py",
        "tests/pressmark/wayback/test_warcs.py",
    ),
    "crawler/wire/guard.py": (
        "tests/crawler/wire/test_guard.py",
        "tests/crawler/wire/test_connections.py",
        "tests/crawler/wire/test_proxies.py",
        "tests/crawler/wire/test_tls.py",
    ),
    "crawler/policy/robots.py": ROBOTS,
    "crawler/engine/robots_fetch.py": (*ROBOTS[2:], *ROBOTS[:2]),
    "crawler/policy/politeness.py": (
        "tests/crawler/policy/test_politeness.py",
        "tests/crawler/frontier/test_fetch_queue.py",
        "tests/crawler/policy/test_host_leases.py",
        "tests/crawler/engine/test_hosts_spared.py",
        "tests/crawler/engine/test_host_load.py",
    ),
    "scheduler/timetables/timetable.py": (
        "tests/scheduler/timetables/test_timetable.py",
        "tests/scheduler/timetables/test_upcoming_ticks.py",
        "tests/scheduler/test_timekeeper.py",
        "tests/scheduler/timetables/test_timetable_marks.py",
    ),
    "scheduler/timekeeper.py": (
        "tests/scheduler/test_timekeeper.py",
        "tests/scheduler/timetables/test_moved_clocks.py",
        "tests/scheduler/timetables/test_timetable_marks.py",
        "tests/scheduler/test_clock.py",
    ),
    "scheduler/timetables/timetable_marks.py": (
        "tests/scheduler/timetables/test_timetable_marks.py",
        "tests/scheduler/test_timekeeper.py",
        "tests/scheduler/timetables/test_moved_clocks.py",
    ),
    "scheduler/ledger/runs.py": (*LEDGER, "tests/scheduler/workers/test_worker.py"),
    "scheduler/ledger/ledger_rows.py": SAVED,
    "scheduler/unsaved.py": SAVED,
    "scheduler/timetables/slots.py": ("tests/scheduler/timetables/test_slots.py", *LEDGER),
    "scheduler/ledger/epochs.py": ("tests/scheduler/ledger/test_epochs.py", *LEDGER),
    "pressmark/http/gate.py": (
        "tests/pressmark/http/test_gate.py",
        "tests/pressmark/http/test_route_roles.py",
        "tests/pressmark/http/test_callers.py",
        "tests/pressmark/http/test_wishes.py",
        "tests/pressmark/web/test_fixity.py",
        "tests/pressmark/wayback/test_warcs.py",
    ),
    "pressmark/http/sessions.py": (
        "tests/pressmark/http/test_sessions.py",
        "tests/pressmark/http/test_callers.py",
        "tests/pressmark/http/test_gate.py",
    ),
    "pressmark/http/callers.py": ("tests/pressmark/http/test_callers.py", "tests/pressmark/http/test_route_roles.py"),
    "pressmark/http/attempts.py": (
        "tests/pressmark/http/test_attempts.py",
        "tests/pressmark/http/test_shared_attempts.py",
        "tests/pressmark/http/test_callers.py",
        "tests/pressmark/web/test_access.py",
    ),
    "archive/database/access/trail_rows.py": ("tests/archive/database/access/test_trail_rows.py",),
}
