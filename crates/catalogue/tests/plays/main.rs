//! The same plays on SQLite and on PostgreSQL: what holds on one must hold on the other.

#![allow(unreachable_pub, reason = "nobody is outside of a test, and postgres.rs also belongs to the testbed")]

#[path = "../../../testbed/src/postgres.rs"]
mod postgres;
mod actors;
mod backup;
mod followers;
mod people;
mod queue;
mod records;
mod storage;
mod log;
mod roll;
mod tree;
mod versions;

use catalogue::Catalogue;

/// A catalogue, and its address for those who open it a second time.
pub struct Stage {
    pub catalogue: Catalogue,
    pub url: String,
}

macro_rules! plays {
    ($($room:ident::$play:ident,)*) => {
        mod on_sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $play() {
                let folder = tempfile::tempdir().unwrap();
                let url = format!("sqlite:{}/a folder/catalogue.db", folder.path().display());
                let catalogue = catalogue::Catalogue::open(&url).await.unwrap();
                super::$room::$play(super::Stage { catalogue, url }).await;
            })*
        }

        #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
        async fn every_play_on_postgresql() {
            let cluster = match postgres::Cluster::start() {
                Ok(cluster) => cluster,
                Err(why) => return eprintln!("skipped: every_play_on_postgresql ({why})"),
            };
            $({
                eprintln!("on PostgreSQL: {}", stringify!($play));
                let url = cluster.new_database().unwrap();
                let catalogue = Catalogue::open(&url).await.unwrap();
                $room::$play(Stage { catalogue, url }).await;
            })*
        }
    };
}

plays! {
    backup::a_backup_goes_back_into_either_database,
    backup::a_backup_that_does_not_fit_changes_nothing,
    backup::who_opens_to_read_migrates_nothing_and_creates_nothing,
    storage::what_is_committed_is_there_after_opening_again,
    storage::a_dropped_change_never_happened,
    storage::a_database_of_a_newer_program_is_refused,
    storage::many_processes_may_open_an_empty_database_at_once,
    records::a_record_reads_back_in_every_state,
    records::the_second_writer_of_a_revision_is_refused,
    records::a_record_is_found_by_either_doi,
    records::a_team_sees_its_records_page_by_page,
    records::a_deleted_record_takes_everything_along_but_its_events,
    records::a_document_that_cannot_be_read_again_is_not_written,
    tree::holdings_follow_the_files,
    tree::names_that_fold_together_collide,
    tree::a_file_never_stands_where_a_folder_is,
    tree::only_unchanged_files_are_moved,
    tree::a_folder_of_a_hundred_thousand_files_is_read_page_by_page,
    tree::files_are_ordered_by_their_bytes,
    tree::uploads_are_counted_while_they_last,
    tree::two_writers_of_one_record_count_right,
    versions::a_version_keeps_what_the_next_one_changes,
    versions::a_discarded_draft_leaves_no_trace,
    people::an_address_belongs_to_one_account,
    people::an_expired_session_is_none,
    people::a_token_is_known_by_its_hash,
    people::a_link_is_good_once_and_a_reviewer_link_until_it_expires,
    people::mails_and_settings_are_kept,
    queue::eight_workers_never_hold_the_same_job,
    queue::waiting_jobs_of_a_kind_are_one,
    queue::what_is_enqueued_while_its_like_runs_runs_once_more_afterwards,
    queue::a_silent_worker_loses_its_job,
    queue::a_job_that_kills_its_workers_is_put_aside,
    queue::an_unknown_job_does_not_stop_the_queue,
    queue::a_failed_job_waits_for_a_person,
    queue::a_letter_that_was_given_up_is_forgotten,
    queue::a_failure_beside_a_waiting_like_is_handed_to_it,
    queue::light_jobs_do_not_wait_behind_heavy_ones,
    queue::a_reader_who_waits_for_a_kit_does_not_wait_behind_movies,
    queue::the_clock_knows_when_to_look_again,
    queue::a_job_is_found_by_what_it_is_among_any_number,
    log::events_are_numbered_in_the_order_of_commits,
    log::each_reader_has_its_own_place,
    log::the_latest_version_of_a_derivative_is_found,
    roll::each_record_has_one_place_on_the_roll_for_ever,
    followers::a_following_is_confirmed_told_and_ended,
    followers::the_log_is_read_for_followers_from_the_first_one_on,
}
