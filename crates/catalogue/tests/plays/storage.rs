//! Opening, committing, and what a program of another version finds.

use crate::{Stage, actors::*};
use catalogue::{Catalogue, Fault};

pub async fn what_is_committed_is_there_after_opening_again(stage: Stage) {
    let id = with_record(&stage.catalogue, 1).await;
    drop(stage.catalogue);
    let again = Catalogue::open(&stage.url).await.unwrap();
    again.ping().await.unwrap();
    assert_eq!(again.record(&id).await.unwrap().unwrap().record, draft(1));
}

pub async fn a_dropped_change_never_happened(stage: Stage) {
    let mut change = stage.catalogue.change().await.unwrap();
    change.insert_record(&draft(1)).await.unwrap();
    assert!(change.record(&record_id(1)).await.unwrap().is_some());
    assert!(stage.catalogue.record(&record_id(1)).await.unwrap().is_none(), "others see it before it is committed");
    drop(change);
    with_record(&stage.catalogue, 2).await;
    assert!(stage.catalogue.record(&record_id(1)).await.unwrap().is_none());
}

pub async fn a_database_of_a_newer_program_is_refused(stage: Stage) {
    sqlx::query("INSERT INTO schema_migration (version) VALUES (9999)").execute(&mut raw(&stage.url).await).await.unwrap();
    let refusal = Catalogue::open(&stage.url).await.err().expect("it was opened all the same");
    assert!(matches!(&refusal, Fault::Inconsistent { table: "schema_migration", .. }), "{refusal}");
    assert!(refusal.to_string().contains("newer program"), "{refusal}");
}

pub async fn many_processes_may_open_an_empty_database_at_once(stage: Stage) {
    let mut connection = raw(&stage.url).await;
    let is_sqlite = stage.url.starts_with("sqlite:");
    let list = if is_sqlite {
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY rootpage DESC"
    } else {
        "SELECT CAST(tablename AS TEXT) AS name FROM pg_tables WHERE schemaname = 'public'"
    };
    let tables: Vec<String> =
        sqlx::query(list).fetch_all(&mut connection).await.unwrap().iter().map(|row| sqlx::Row::get(row, "name")).collect();
    assert!(tables.len() > 15);
    if is_sqlite {
        sqlx::query("PRAGMA foreign_keys = OFF").execute(&mut connection).await.unwrap();
    }
    for table in tables {
        let cascade = if is_sqlite { "" } else { " CASCADE" };
        sqlx::query(sqlx::AssertSqlSafe(format!("DROP TABLE {table}{cascade}"))).execute(&mut connection).await.unwrap();
    }
    drop(connection);
    let opened = futures::future::join_all((0..4).map(|_| Catalogue::open(&stage.url))).await;
    for catalogue in opened {
        assert_eq!(catalogue.unwrap().last_sequence().await.unwrap(), 0);
    }
}
