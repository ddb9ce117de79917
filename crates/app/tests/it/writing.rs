//! Writers that wait for one another: each is answered when its own change is durable, and takes nobody along when it fails.

use std::collections::BTreeSet;
use std::time::Duration;

use qihang_db::entity::setting;
use qihang_db::{Action, Actor, AuditEvent, Db, records};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, DbErr};

use crate::support::TestApp;

async fn keys(db: &Db) -> BTreeSet<String> {
    let rows = records::<setting::Entity>().all(db.reader()).await.unwrap();
    rows.into_iter()
        .map(|row| row.key)
        .filter(|key| key.starts_with("try/"))
        .collect()
}

fn row(key: &str) -> setting::ActiveModel {
    setting::ActiveModel {
        key: Set(key.to_owned()),
        value: Set("1".into()),
    }
}

async fn write(db: &Db, key: &str) -> Result<(), DbErr> {
    let change = db.change(&Actor::system()).await?;
    row(key).insert(change.tx()).await?;
    change.commit(AuditEvent::new(Action::SettingChanged, key)).await
}

#[tokio::test]
async fn everybody_who_is_answered_has_written_and_can_be_read() {
    let app = TestApp::start().await;
    let db = app.db();

    let writers = (0..200).map(async |number| {
        let key = format!("try/{number}");
        write(db, &key).await.unwrap();
        // Another connection sees it at once.
        assert!(
            keys(db).await.contains(&key),
            "{key} was answered and is not there"
        );
    });
    futures::future::join_all(writers).await;

    assert_eq!(keys(db).await.len(), 200);
    assert_eq!(app.audit_actions().await.len(), 200);
}

#[tokio::test]
async fn who_gives_up_fails_or_goes_away_takes_nobody_along() {
    let app = TestApp::start().await;
    let db = app.db();

    let writers = (0..120).map(async |number| {
        let key = format!("try/{number}");
        match number % 4 {
            0 => return write(db, &key).await.is_ok(),
            1 => {
                let change = db.change(&Actor::system()).await.unwrap();
                row(&key).insert(change.tx()).await.unwrap();
                change.abandon().await.unwrap();
            }
            2 => {
                let change = db.change(&Actor::system()).await.unwrap();
                row(&key).insert(change.tx()).await.unwrap();
                drop(change);
            }
            // The same key as a neighbour's: a constraint refuses whoever of the two came second.
            _ => return write(db, &format!("try/{}", number - 3)).await.is_ok(),
        }
        false
    });
    let answered = futures::future::join_all(writers).await;

    let expected: BTreeSet<String> = (0..120)
        .step_by(4)
        .map(|number| format!("try/{number}"))
        .collect();
    assert_eq!(keys(db).await, expected);
    assert_eq!(answered.iter().filter(|&&kept| kept).count(), expected.len());
    assert_eq!(app.audit_actions().await.len(), expected.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_that_are_dropped_in_the_middle_lose_nothing_of_others() {
    let app = TestApp::start().await;
    let mut stayed = BTreeSet::new();
    let mut tasks = Vec::new();
    for number in 0..200_u64 {
        let db = app.db().clone();
        let key = format!("try/{number}");
        let leaves = number % 3 != 0;
        if !leaves {
            stayed.insert(key.clone());
        }
        tasks.push(tokio::spawn(async move {
            if leaves {
                // Wherever it is by then: waiting, begun, written, on the way to the disk.
                let patience = Duration::from_micros(number * 150);
                drop(tokio::time::timeout(patience, write(&db, &key)).await);
            } else {
                write(&db, &key).await.unwrap();
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    // And the writer still works.
    write(app.db(), "try/last").await.unwrap();

    let written = keys(app.db()).await;
    assert!(
        stayed.is_subset(&written),
        "lost: {:?}",
        stayed.difference(&written).collect::<Vec<_>>()
    );
    // Each with its event, or not at all.
    assert_eq!(app.audit_actions().await.len(), written.len());
}
