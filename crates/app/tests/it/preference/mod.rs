//! The last filter of a list comes back when the list is opened from the menu, and only then.

use std::time::Duration;

use qihang_db::entity::account_preference;
use qihang_db::{Role, records};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};

use crate::support::{Browser, TestApp};

/// Each list with a filter, and what of the address is remembered.
const LISTS: [(&str, &str, &str); 4] = [
    (
        "/manage/roster/candidates",
        "?class_year=2027&type=graduate&expected=any&mode=all&after=2230100001&q=",
        "?type=graduate&expected=any",
    ),
    (
        "/manage/roster",
        "?view=info&class_year=2026&q=%E5%8D%A2&size=25&sort=name&last=1",
        "?q=%E5%8D%A2&sort=name",
    ),
    (
        "/manage/activation",
        "?class_year=2027&state=all&major=&mode=all",
        "?state=all",
    ),
    (
        "/manage/findings",
        "?class_year=2027&group=faults&state=open&q=+2230+",
        "?group=faults&q=2230",
    ),
];

async fn university() -> (TestApp, Browser) {
    let app = TestApp::start().await;
    app.fixture().university().await;
    let centre = app.signed_in(Role::Centre, None).await;
    (app, centre)
}

/// Waits until what is on its way into the database has arrived there.
async fn settled(app: &TestApp) {
    while !app.app.last_filters.is_idle() {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// What is remembered, by key.
async fn remembered(app: &TestApp) -> Vec<(String, String)> {
    settled(app).await;
    let rows = records::<account_preference::Entity>()
        .all(app.db().reader())
        .await
        .unwrap();
    rows.into_iter().map(|row| (row.key, row.value)).collect()
}

#[tokio::test]
async fn a_list_opened_from_the_menu_is_as_it_was_looked_at_last() {
    let (app, centre) = university().await;
    let officer = app.signed_in(Role::Officer, Some("S01")).await;
    for (list, asked, expected) in LISTS {
        centre
            .get(list)
            .await
            .assert_status(200)
            .assert_does_not_say("清除筛选");

        centre
            .get(&format!("{list}{asked}"))
            .await
            .assert_status(200)
            .assert_says("清除筛选");
        settled(&app).await;

        let back = centre.get(list).await;
        assert_eq!(back.assert_status(303).location(), format!("{list}{expected}"));
        centre
            .get(&back.location())
            .await
            .assert_status(200)
            .assert_says("清除筛选");
        // Nobody else's list has changed.
        officer.get(list).await.assert_status(200);
    }
    // All four stand beside one another.
    for (list, _, expected) in LISTS {
        assert_eq!(centre.get(list).await.location(), format!("{list}{expected}"));
    }
}

#[tokio::test]
async fn an_address_with_a_query_counts_as_it_stands_and_clearing_is_for_good() {
    let (app, centre) = university().await;
    for (list, asked, _) in LISTS {
        centre.get(&format!("{list}{asked}")).await.assert_status(200);
        settled(&app).await;

        // The link of 清除筛选, as it stands on the page where the class year is this one.
        let address = format!("{list}?q=nobody");
        let page = centre.get(&address).await.assert_status(200).text();
        assert!(page.contains("value=\"nobody\""), "{page}");
        let clear = page
            .split("\">清除筛选</a>")
            .next()
            .and_then(|before| before.rsplit("href=\"").next())
            .unwrap();
        assert_eq!(clear, format!("{list}?clear=1"));
        centre
            .get(clear)
            .await
            .assert_status(200)
            .assert_does_not_say("清除筛选");
        settled(&app).await;

        centre
            .get(list)
            .await
            .assert_status(200)
            .assert_does_not_say("清除筛选");
    }
}

#[tokio::test]
async fn what_means_nothing_any_more_does_not_come_back() {
    let (app, centre) = university().await;
    let account_id = {
        centre.get("/manage/roster?q=1").await.assert_status(200);
        settled(&app).await;
        let rows = records::<account_preference::Entity>()
            .all(app.db().reader())
            .await
            .unwrap();
        rows[0].account_id
    };
    let tx = app.db().begin_write().await.unwrap();
    account_preference::Entity::delete_many().exec(&tx).await.unwrap();
    for (key, value) in [
        ("filter.candidates", "\"school=gone\""),
        ("filter.roster", "\"major=gone\""),
        ("filter.activation", "\"block=gone\""),
        ("filter.findings", "\"college=gone\""),
    ] {
        account_preference::ActiveModel {
            account_id: Set(account_id),
            key: Set(key.to_owned()),
            value: Set(value.to_owned()),
        }
        .insert(&tx)
        .await
        .unwrap();
    }
    tx.commit().await.unwrap();

    for (list, _, _) in LISTS {
        centre.get(list).await.assert_status(200);
    }

    assert!(remembered(&app).await.iter().all(|(_, value)| value == "\"\""));
    // What is refused is not remembered.
    for query in [
        "?major=gone",
        "?school=gone",
        "?state=gone",
        "?college=gone",
        "?kind=gone",
    ] {
        for (list, _, _) in LISTS {
            let _ = centre.get(&format!("{list}{query}")).await;
        }
    }
    for (list, _, _) in LISTS {
        centre.get(list).await.assert_status(200);
    }
}

#[tokio::test]
async fn a_page_does_not_wait_to_remember_and_remembers_only_what_has_changed() {
    let (app, centre) = university().await;
    centre.get("/manage/roster?q=1").await.assert_status(200);
    assert_eq!(
        remembered(&app).await,
        [("filter.roster".to_owned(), "\"q=1\"".to_owned())]
    );
    // Somebody writes for a long time: on SQLite the whole database, on PostgreSQL this row.
    let long = app.db().begin_write().await.unwrap();
    account_preference::Entity::update_many()
        .col_expr(account_preference::Column::Value, Expr::value("\"q=1\""))
        .filter(account_preference::Column::Key.eq("filter.roster"))
        .exec(&long)
        .await
        .unwrap();

    // The same filter, another page of it, and the class year alone: nothing to write.
    for query in [
        "q=1",
        "q=1&after=%5B%22S01%22%2C%221%22%5D",
        "q=1&class_year=2026",
    ] {
        centre
            .get(&format!("/manage/roster?{query}"))
            .await
            .assert_status(200);
        assert!(app.app.last_filters.is_idle(), "{query}");
    }
    for query in ["q=2", "q=3", "q=4"] {
        centre
            .get(&format!("/manage/roster?{query}"))
            .await
            .assert_status(200);
        assert!(!app.app.last_filters.is_idle(), "{query}");
    }

    long.commit().await.unwrap();
    assert_eq!(
        remembered(&app).await,
        [("filter.roster".to_owned(), "\"q=4\"".to_owned())]
    );
}

#[tokio::test]
async fn the_last_filter_may_be_of_another_season() {
    let (app, centre) = university().await;
    centre
        .get("/manage/roster?class_year=2026&type=graduate")
        .await
        .assert_status(200);
    settled(&app).await;

    // The class year is not part of what comes back: the list begins at this one.
    let back = centre.get("/manage/roster").await;

    assert_eq!(back.assert_status(303).location(), "/manage/roster?type=graduate");
    centre.get(&back.location()).await.assert_says("2027 届");
}
