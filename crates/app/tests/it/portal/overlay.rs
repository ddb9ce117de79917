//! What the data exchange may do to what a student mended, and what not.

use proptest::prelude::*;
use qihang::portal::model::{Outcome, Standing, as_brought, outcome};
use qihang_db::Role;
use qihang_db::entity::own_value;

use super::{HEADINGS, School, file, row};
use crate::exchange::figures;
use crate::support::{PASSWORD, TestApp};

#[tokio::test]
async fn a_sync_with_the_older_value_changes_nothing_and_takes_nothing_back() {
    let app = TestApp::start().await;
    let school = School::start(&app).await;
    school.mend("610113").await;

    let batch = school
        .exchange
        .import("students", &file(&[row("2230100001", "610100")]))
        .await;

    assert_eq!(figures(&batch), [0, 0, 0, 1, 0]);
    assert_eq!(school.origin().await, "610113");
    assert_eq!(school.kinds().await, ["origin_pending"]);
    school.assert_whole().await;
}

#[tokio::test]
async fn a_sync_that_brings_the_students_value_ends_the_overlay() {
    let app = TestApp::start().await;
    let school = School::start(&app).await;
    school.mend("610113").await;
    let batch_id = school
        .exchange
        .upload("students", &file(&[row("2230100001", "610113")]))
        .await;
    // The preview is of what the exchange had.
    let preview = school.exchange.page(batch_id).await;
    preview
        .assert_says("<del class=\"was\">陕西省西安市</del> <ins class=\"becomes\">陕西省西安市雁塔区</ins>");

    school.exchange.commit(batch_id, "good", true).await;

    assert_eq!(school.origin().await, "610113");
    assert!(school.own().await.unwrap().adopted_at.is_some());
    assert!(school.kinds().await.is_empty());
    school.bring("110101").await;
    assert_eq!(school.origin().await, "110101");
    school.assert_whole().await;
}

#[tokio::test]
async fn a_third_value_is_a_fault_until_somebody_decides() {
    for (take, origin, kinds) in [
        ("own", "610113", vec!["origin_pending"]),
        ("exchange", "110101", vec![]),
    ] {
        let app = TestApp::start().await;
        let school = School::start(&app).await;
        school.mend("610113").await;

        school.bring("110101").await;

        assert_eq!(school.origin().await, "610113");
        assert_eq!(school.kinds().await, ["origin_conflict"]);
        let page = school.browser.get("/portal/profile").await;
        page.assert_says("之后数据交换平台改为“北京市东城区”");
        let decide = |exchange: &'static str| {
            let form = [("field", "origin"), ("exchange", exchange), ("take", take)];
            let browser = school.browser.clone();
            async move { browser.post("/portal/profile/decision", &form).await }
        };
        // Decided about something else than what is there now.
        decide("310101").await.assert_status(409);
        decide("110101").await.assert_status(303);
        assert_eq!(school.origin().await, origin);
        assert_eq!(school.kinds().await, kinds);
        // The same file again leaves it as it was decided.
        school.bring("110101").await;
        assert_eq!(
            (school.origin().await.as_str(), school.kinds().await),
            (origin, kinds.iter().map(ToString::to_string).collect())
        );
        school.assert_whole().await;
    }
}

#[tokio::test]
async fn a_value_of_the_exchange_that_would_be_a_fault_cannot_be_taken() {
    let app = TestApp::start().await;
    let school = School::start(&app).await;
    school.mend("610113").await;
    school.bring("110000").await;

    let page = school.browser.get("/portal/profile").await;
    page.assert_says("保留我的修改")
        .assert_does_not_say("采用平台的值");
    let form = [("field", "origin"), ("exchange", "110000"), ("take", "exchange")];
    school
        .browser
        .post("/portal/profile/decision", &form)
        .await
        .assert_status(400);

    assert_eq!(school.origin().await, "610113");
    for form in [
        [("field", "name"), ("exchange", "110000"), ("take", "own")],
        [("field", "origin"), ("exchange", "110000"), ("take", "both")],
    ] {
        school
            .browser
            .post("/portal/profile/decision", &form)
            .await
            .assert_status(400);
    }
}

#[tokio::test]
async fn an_officer_settles_a_conflict_with_a_reason_until_the_values_change() {
    let app = TestApp::start().await;
    let school = School::start(&app).await;
    school.mend("610113").await;
    school.bring("110101").await;
    let conflict = school.finding("origin_conflict").await;
    assert!(conflict.reason.contains("陕西省西安市雁塔区") && conflict.reason.contains("北京市东城区"));
    let officer = app.signed_in(Role::Officer, Some("S01")).await;
    officer
        .get("/manage/findings?group=faults")
        .await
        .assert_says("生源所在地与数据交换不一致");
    let id = conflict.id.to_string();
    let form = [
        ("back", "class_year=2027"),
        ("pick", &*id),
        ("template", "checked"),
        ("note", "已核实"),
    ];

    officer
        .post("/manage/findings/settlements", &form)
        .await
        .assert_status(303);

    assert!(school.finding("origin_conflict").await.settled_at.is_some());
    school.bring("440300").await;
    assert!(school.finding("origin_conflict").await.settled_at.is_none());
    assert_eq!(school.origin().await, "610113");
}

#[tokio::test]
async fn a_file_without_the_column_and_a_student_who_vanishes_leave_the_students_value() {
    let app = TestApp::start().await;
    let school = School::start(&app).await;
    school.mend("610113").await;

    school
        .exchange
        .import("students", "学号,姓名\n2230100001,卢宇\n".as_bytes())
        .await;
    assert_eq!(school.origin().await, "610113");
    let other = format!("{HEADINGS}\n{}\n", row("2230100002", "110101"));
    let batch_id = school.exchange.upload_complete(other.as_bytes()).await;
    school.exchange.commit(batch_id, "good", true).await;
    let student = school.exchange.student("2230100001").await;
    assert!(student.vanished_at.is_some());
    assert_eq!(
        (student.origin.as_str(), student.name.as_str()),
        ("610113", "卢宇")
    );
    assert_eq!(school.own().await.unwrap().exchange_value, "610100");
    school.bring("610100").await;

    assert_eq!(school.origin().await, "610113");
    school.assert_whole().await;
}

#[tokio::test]
async fn an_undo_never_takes_back_what_the_student_mended_later() {
    let app = TestApp::start().await;
    let school = School::start(&app).await;
    let batch_id = school.bring("110101").await;
    school.mend("610113").await;

    school
        .exchange
        .post(batch_id, "reversal", &[])
        .await
        .assert_status(303);

    assert_eq!(school.origin().await, "610113");
    let own = school.own().await.unwrap();
    assert_eq!(
        (own.exchange_value.as_str(), Standing::of(&own)),
        ("610100", Standing::Conflict)
    );
    school.assert_whole().await;
}

#[tokio::test]
async fn an_undo_of_the_sync_that_brought_the_students_value_lays_it_over_again() {
    let app = TestApp::start().await;
    let school = School::start(&app).await;
    school.mend("610113").await;
    let batch_id = school.bring("610113").await;
    assert!(school.own().await.unwrap().adopted_at.is_some());

    school
        .exchange
        .post(batch_id, "reversal", &[])
        .await
        .assert_status(303);

    assert_eq!(school.origin().await, "610113");
    let own = school.own().await.unwrap();
    assert_eq!((own.adopted_at, own.exchange_value.as_str()), (None, "610100"));
    assert_eq!(school.kinds().await, ["origin_pending"]);
    school.assert_whole().await;
}

#[tokio::test]
async fn a_student_who_has_mended_something_keeps_the_import_from_being_undone() {
    let app = TestApp::start().await;
    let school = School::start(&app).await;
    let batch = school
        .exchange
        .import("students", &file(&[row("2230100009", "610100")]))
        .await;
    let student = school.exchange.student("2230100009").await;
    let browser = app.student(&student).await;
    browser
        .post("/portal/profile/origin", &[("code", "610113")])
        .await
        .assert_status(303);

    let reply = school.exchange.post(batch.id, "reversal", &[]).await;

    reply.assert_status(409).assert_says("本人已在门户修改过信息");
}

#[tokio::test]
async fn a_sync_and_a_student_at_the_same_moment_leave_both_right() {
    for brought in ["610113", "110101"] {
        let app = TestApp::start().await;
        let school = School::start(&app).await;
        let batch_id = school
            .exchange
            .upload("students", &file(&[row("2230100001", brought)]))
            .await;

        let (_, mended) = tokio::join!(
            school.exchange.commit(batch_id, "good", true),
            school
                .browser
                .post("/portal/profile/origin", &[("code", "610113")])
        );

        mended.assert_status(303);
        // Whoever was first: the student's value counts, and what the exchange has is known.
        assert_eq!(school.origin().await, "610113");
        let standing = school.own().await.filter(|own| own.adopted_at.is_none());
        match standing {
            None => assert_eq!(brought, "610113"),
            Some(own) => assert_eq!(own.exchange_value, brought),
        }
        school.assert_whole().await;
    }
}

/// What happens to one value of one student.
#[derive(Clone, Debug)]
enum Event {
    Sync(&'static str),
    Mend(&'static str),
}

fn event() -> impl Strategy<Value = Event> {
    let value = prop::sample::select(vec!["610100", "610113", "110101", "440300"]);
    (any::<bool>(), value).prop_map(|(is_sync, value)| {
        if is_sync {
            Event::Sync(value)
        } else {
            Event::Mend(value)
        }
    })
}

/// The rule in the words of R15 and R16, written down a second time: what the exchange has, what the student chose.
#[derive(Debug, PartialEq, Eq)]
struct Model {
    exchange: &'static str,
    own: Option<&'static str>,
}

impl Model {
    fn apply(&mut self, event: &Event) {
        match event {
            Event::Sync(value) => {
                self.exchange = value;
                self.own = self.own.filter(|own| own != value);
            }
            Event::Mend(value) if self.own.unwrap_or(self.exchange) == *value => {}
            Event::Mend(value) => self.own = (*value != self.exchange).then_some(*value),
        }
    }

    fn effective(&self) -> &'static str {
        self.own.unwrap_or(self.exchange)
    }
}

#[test]
fn whatever_happens_in_whatever_order_the_value_is_the_one_of_the_rule() {
    let config = ProptestConfig {
        cases: 6,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    proptest!(config, |(events in prop::collection::vec(event(), 1..8))| {
        runtime.block_on(async {
            let app = TestApp::start().await;
            let school = School::start(&app).await;
            let mut model = Model { exchange: "610100", own: None };
            for event in &events {
                model.apply(event);
                match event {
                    Event::Sync(value) => { school.bring(value).await; }
                    Event::Mend(value) => school.mend(value).await,
                }
                assert_eq!(school.origin().await, model.effective(), "after {event:?} of {events:?}");
                let standing = school.own().await.filter(|own| own.adopted_at.is_none());
                assert_eq!(standing.as_ref().map(|own| own.value.as_str()), model.own);
                if let Some(own) = standing {
                    assert_eq!(own.exchange_value, model.exchange);
                }
            }
            school.assert_whole().await;
        });
    });
}

proptest! {
    #[test]
    fn a_record_as_brought_has_the_exchanges_values_and_the_students_stay_unless_they_are_the_same(
        value in "[a-z]{1,3}", exchange in "[a-z]{0,3}", brought in "[a-z]{0,3}",
    ) {
        let own = own_value::Model {
            id: 1,
            student_id: 1,
            field: "origin".into(),
            value: value.clone(),
            exchange_value: exchange.clone(),
            replaced_value: exchange.clone(),
            set_at: chrono::DateTime::UNIX_EPOCH,
            adopted_at: None,
        };
        prop_assert_eq!(outcome(&own, &brought) == Outcome::Adopted, value == brought);
        prop_assert_eq!(Standing::of(&own), Standing::Pending);
        let mut student = crate::findings::kinds::clean();
        student.origin = value;
        prop_assert_eq!(as_brought(student, &[own]).origin, exchange);
    }
}

#[tokio::test]
async fn the_own_value_is_dated_by_the_student_until_the_exchange_brings_it() {
    let app = TestApp::start().await;
    let school = School::start(&app).await;
    app.clock.set("2026-09-12T02:00:00Z".parse().unwrap());
    let browser = app.student(&school.student).await;
    browser
        .post("/portal/profile/origin", &[("code", "610113")])
        .await
        .assert_status(303);
    let line = async |code: &str| {
        let page = browser.get("/student/record").await.text();
        let from = page.find(&format!("/student/record/{code}\"")).unwrap();
        page[from..].split("</li>").next().unwrap().to_owned()
    };

    assert!(line("origin").await.contains("本人在个人信息中修改 · 2026-09-12"));
    assert!(line("marital_status").await.contains("校内信息门户 · 2026-09-10"));
    browser
        .get("/student/record/origin")
        .await
        .assert_says("<dd>本人在个人信息中修改</dd>")
        .assert_says("2026-09-12 10:00");

    // A third value leaves the own one where it is; the own value, brought, is the exchange's.
    let officer = &school.exchange.browser;
    officer.sign_in("centre-all", PASSWORD).await.assert_status(303);
    school.bring("110101").await;
    assert!(line("origin").await.contains("本人在个人信息中修改 · 2026-09-12"));
    school.bring("610113").await;
    assert!(line("origin").await.contains("校内信息门户 · 2026-09-12"));
}
