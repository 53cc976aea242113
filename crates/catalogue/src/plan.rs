//! Tests that the statements behind long lists walk an index in its order: their cost is the page, not the table.

use crate::{Catalogue, event, file, folder, follower, job, record, roll, tie};
use sqlx::{AssertSqlSafe, Row};

async fn plan_of(statement: &str) -> String {
    let catalogue = Catalogue::open("sqlite::memory:").await.unwrap();
    let mut change = catalogue.change().await.unwrap();
    let explain = format!("EXPLAIN QUERY PLAN {statement}");
    let mut query = sqlx::query(AssertSqlSafe(explain));
    for _ in 0..9 {
        query = query.bind("");
    }
    let rows = query.fetch_all(change.connection()).await.unwrap();
    rows.iter().map(|row| row.get::<String, _>("detail")).collect::<Vec<_>>().join("\n")
}

async fn assert_walks(statement: &str, walk: &str) {
    let plan = plan_of(statement).await;
    assert!(plan.contains(walk), "expected “{walk}” in\n{plan}");
    assert!(!plan.contains("TEMP B-TREE"), "it sorts:\n{plan}");
    assert!(!plan.contains("SCAN"), "it reads everything:\n{plan}");
}

#[tokio::test]
async fn a_page_of_a_folder_costs_its_length() {
    assert_walks(folder::FILES_OF_FOLDER, "INDEX file_parent (record=? AND parent=? AND name>?)").await;
    assert_walks(folder::FOLDERS_OF_FOLDER, "INDEX folder_parent (record=? AND parent=? AND name>?)").await;
}

#[tokio::test]
async fn a_page_of_all_files_costs_its_length() {
    assert_walks(file::FILES_AFTER, "(record=? AND path>?)").await;
}

#[tokio::test]
async fn my_records_are_read_in_their_order() {
    assert_walks(record::MY_RECORDS, "INDEX member_email (email=?)").await;
    assert_walks(record::MY_FURTHER_RECORDS, "INDEX member_email (email=?").await;
}

#[tokio::test]
async fn the_next_job_is_found_without_reading_the_queue() {
    let plan = plan_of(job::CLAIM_ON_SQLITE).await;
    assert!(plan.contains("INDEX job_due (run_at<?)") && plan.contains("INDEX job_merge_key (merge_key=?)"), "{plan}");
    assert!(!plan.contains("TEMP B-TREE"), "it sorts:\n{plan}");
}

#[tokio::test]
async fn a_part_of_the_roll_costs_its_length() {
    assert_walks(roll::ROLL_PAGE, "SEARCH roll USING INDEX sqlite_autoindex_roll_1 (position>?)").await;
}

#[tokio::test]
async fn clues_are_followed_without_reading_all_records() {
    assert_walks(tie::SHARING_AUTHORS, "author_name_1 (name=?)").await;
    assert_walks(tie::NAMING, "named_doi_1 (doi=?)").await;
}

#[tokio::test]
async fn letters_to_followers_cost_their_number() {
    assert_walks(follower::DUE, "INDEX follower_due_at (due_at").await;
    assert_walks(event::OPENINGS, "INDEX event_opening (sequence>").await;
}
