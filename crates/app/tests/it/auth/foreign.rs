//! From another 院: what lies outside the scope does not exist, whatever ids a forged request names.

use qihang::app::routes;
use qihang::auth::policy;
use qihang::web::{Access, Method, Route};
use qihang_db::entity::{
    class_year_officer, correction, directed_unit, disclosure, export_record, finding, leadership_report,
    notice, recommendation_form, recommendation_version, roster_entry, sign_off, student,
};
use qihang_db::{Role, Scope, records};
use sea_orm::QueryOrder;

use super::world::{World, method};

/// What a forged request may get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// 404: there is no such thing.
    NotFound,
    /// The thing is not among those found; whatever is answered, it says nothing of it.
    NotAmongThem,
}

/// What a request carries: in the query string of a GET, in the form of a POST.
type Carried = Vec<(&'static str, String)>;

/// A request of an officer (or head) of S01 that names the student of 004, or something of that student's.
type Forgery = (&'static str, &'static str, fn(&World) -> Carried, Outcome);

const FORGERIES: &[Forgery] = &[
    (
        "POST",
        "/manage/roster/entries",
        |world| {
            vec![
                ("mode", "none".into()),
                ("expected", "any".into()),
                ("added", "1".into()),
                ("chosen", world.foreign.id.to_string()),
            ]
        },
        Outcome::NotAmongThem,
    ),
    (
        "POST",
        "/manage/roster/removals",
        |world| {
            vec![
                ("class_year", "2027".into()),
                ("pick", world.foreign.id.to_string()),
                ("reason", "申请延期毕业".into()),
            ]
        },
        Outcome::NotFound,
    ),
    (
        "POST",
        "/manage/doctoral-list/entries",
        |_| vec![("class_year", "2027".into()), ("college", "004".into())],
        Outcome::NotFound,
    ),
    (
        "GET",
        "/manage/doctoral-list",
        |_| vec![("class_year", "2027".into()), ("college", "004".into())],
        Outcome::NotFound,
    ),
    (
        "POST",
        "/manage/roster/disclosures",
        |world| {
            vec![
                ("student", world.foreign.id.to_string()),
                ("purpose", "核对".into()),
            ]
        },
        Outcome::NotFound,
    ),
    (
        "GET",
        "/manage/roster/disclosures",
        |world| vec![("student", world.foreign.id.to_string())],
        Outcome::NotFound,
    ),
    (
        "POST",
        "/manage/findings/settlements",
        |world| {
            vec![
                ("back", String::new()),
                ("template", "other".into()),
                ("note", "已核对，无误".into()),
                ("pick", world.finding_id.to_string()),
                ("shown", world.finding_id.to_string()),
            ]
        },
        Outcome::NotFound,
    ),
    (
        "POST",
        "/manage/findings/settlements/withdrawals",
        |world| {
            vec![
                ("back", String::new()),
                ("finding", world.finding_id.to_string()),
                ("pick", world.finding_id.to_string()),
                ("id", world.finding_id.to_string()),
            ]
        },
        Outcome::NotFound,
    ),
    (
        "POST",
        "/manage/findings/sign-offs",
        |_| vec![("class_year", "2027".into()), ("college", "004".into())],
        Outcome::NotFound,
    ),
    (
        "POST",
        "/manage/findings/sign-offs/withdrawals",
        |_| vec![("class_year", "2027".into()), ("college", "004".into())],
        Outcome::NotFound,
    ),
    (
        "GET",
        "/manage/students/{id}/view",
        |_| Vec::new(),
        Outcome::NotFound,
    ),
    (
        "GET",
        "/manage/activation",
        |world| vec![("q", world.foreign.student_no.clone()), ("state", "all".into())],
        Outcome::NotAmongThem,
    ),
    (
        "POST",
        "/manage/activation/selections",
        |world| {
            vec![
                ("mode", "none".into()),
                ("state", "all".into()),
                ("chosen", world.foreign.id.to_string()),
            ]
        },
        Outcome::NotAmongThem,
    ),
    (
        "GET",
        "/manage/explanation",
        |world| vec![("student_no", world.foreign.student_no.clone())],
        Outcome::NotAmongThem,
    ),
    (
        "GET",
        "/manage/roster/candidates",
        |world| {
            vec![
                ("q", world.foreign.student_no.clone()),
                ("expected", "any".into()),
                ("added", "1".into()),
            ]
        },
        Outcome::NotAmongThem,
    ),
    (
        "GET",
        "/manage/roster",
        |world| vec![("q", world.foreign.student_no.clone())],
        Outcome::NotAmongThem,
    ),
    (
        "GET",
        "/manage/findings",
        |world| vec![("q", world.foreign.student_no.clone())],
        Outcome::NotAmongThem,
    ),
    (
        "GET",
        "/manage/students/{id}/photo",
        |_| Vec::new(),
        Outcome::NotFound,
    ),
    (
        "POST",
        "/manage/class-years/{year}/responsible",
        |world| {
            vec![
                ("college_id", world.foreign.college_id.to_string()),
                ("account_id", world.account_id.to_string()),
            ]
        },
        Outcome::NotFound,
    ),
    (
        "GET",
        "/manage/recommendations",
        |world| vec![("q", world.foreign.student_no.clone()), ("state", "all".into())],
        Outcome::NotAmongThem,
    ),
    (
        "GET",
        "/manage/recommendations/{id}",
        |_| Vec::new(),
        Outcome::NotFound,
    ),
    (
        "GET",
        "/manage/recommendations/{id}/form.pdf",
        |_| Vec::new(),
        Outcome::NotFound,
    ),
    (
        "POST",
        "/manage/recommendations/approvals",
        |world| {
            vec![
                ("pick", format!("{}-1-2", world.form_id)),
                ("opinion", "同意推荐。".into()),
            ]
        },
        Outcome::NotFound,
    ),
    (
        "POST",
        "/manage/recommendations/{id}/approval",
        |_| {
            vec![
                ("version", "1".into()),
                ("revision", "2".into()),
                ("record", String::new()),
                ("opinion", "同意推荐。".into()),
            ]
        },
        Outcome::NotFound,
    ),
    (
        "POST",
        "/manage/recommendations/{id}/return",
        |_| {
            vec![
                ("version", "1".into()),
                ("revision", "2".into()),
                ("reason.awards", "请核实。".into()),
            ]
        },
        Outcome::NotFound,
    ),
    (
        "POST",
        "/manage/recommendations/{id}/revocation",
        |_| {
            vec![
                ("version", "1".into()),
                ("revision", "2".into()),
                ("reason", "不实。".into()),
            ]
        },
        Outcome::NotFound,
    ),
    (
        "POST",
        "/manage/recommendations/templates",
        |_| vec![("college", "004".into()), ("opinions", "同意。".into())],
        Outcome::NotFound,
    ),
    (
        "POST",
        "/manage/corrections/{id}/answer",
        |_| vec![("answer", "已核实，现在的值无误".into())],
        Outcome::NotFound,
    ),
    ("GET", "/manage/corrections/{id}", |_| vec![], Outcome::NotFound),
    (
        "GET",
        "/manage/corrections",
        |world| vec![("q", world.foreign.student_no.clone())],
        Outcome::NotAmongThem,
    ),
    ("GET", "/manage/notices/{id}", |_| Vec::new(), Outcome::NotFound),
    (
        "POST",
        "/manage/notices/{id}",
        |_| vec![("title", "通知".into()), ("body", "正文".into())],
        Outcome::NotFound,
    ),
    (
        "GET",
        "/manage/notices/{id}/edit",
        |_| Vec::new(),
        Outcome::NotFound,
    ),
    (
        "GET",
        "/manage/notices/{id}/readers",
        |_| Vec::new(),
        Outcome::NotFound,
    ),
    (
        "POST",
        "/manage/notices/{id}/publication",
        |_| Vec::new(),
        Outcome::NotFound,
    ),
    (
        "POST",
        "/manage/notices/{id}/withdrawal",
        |_| Vec::new(),
        Outcome::NotFound,
    ),
    (
        "POST",
        "/manage/notices/{id}/removal",
        |_| Vec::new(),
        Outcome::NotFound,
    ),
    (
        "GET",
        "/manage/notices/{id}/attachments/{attachment_id}",
        |_| Vec::new(),
        Outcome::NotFound,
    ),
    (
        "POST",
        "/manage/notices/{id}/attachments/{attachment_id}/removal",
        |_| Vec::new(),
        Outcome::NotFound,
    ),
    (
        "POST",
        "/manage/notices/{id}/attachments",
        |_| Vec::new(),
        Outcome::NotAmongThem,
    ),
    (
        "POST",
        "/manage/directed/reminders",
        |world| vec![("student", world.foreign.student_no.clone())],
        Outcome::NotFound,
    ),
    (
        "GET",
        "/manage/directed",
        |world| vec![("q", world.foreign.student_no.clone()), ("show", "all".into())],
        Outcome::NotAmongThem,
    ),
    (
        "GET",
        "/manage/directed/{student_no}",
        |_| vec![],
        Outcome::NotFound,
    ),
    (
        "POST",
        "/manage/directed/{student_no}/unit",
        |_| {
            vec![
                ("unit", "某县人民医院".into()),
                ("evidence", "已电话联系本人".into()),
            ]
        },
        Outcome::NotFound,
    ),
    (
        "POST",
        "/manage/directed/{student_no}/refusal",
        |_| vec![("reason", "请写单位全称".into())],
        Outcome::NotFound,
    ),
    (
        "POST",
        "/manage/directed/{student_no}/withdrawal",
        |_| vec![],
        Outcome::NotFound,
    ),
    (
        "GET",
        "/manage/leadership/{year}/{college}",
        |_| vec![],
        Outcome::NotFound,
    ),
    (
        "POST",
        "/manage/leadership/{year}/{college}/members",
        member,
        Outcome::NotFound,
    ),
    (
        "GET",
        "/manage/leadership/{year}/{college}/members/{place}",
        |_| vec![],
        Outcome::NotFound,
    ),
    (
        "POST",
        "/manage/leadership/{year}/{college}/members/{place}",
        member,
        Outcome::NotFound,
    ),
    (
        "POST",
        "/manage/leadership/{year}/{college}/members/{place}/removal",
        member,
        Outcome::NotFound,
    ),
    (
        "POST",
        "/manage/leadership/{year}/{college}/members/{place}/position",
        |_| vec![("seen", "0.0".into()), ("direction", "up".into())],
        Outcome::NotFound,
    ),
    (
        "POST",
        "/manage/leadership/{year}/{college}/last-year",
        member,
        Outcome::NotFound,
    ),
    (
        "POST",
        "/manage/leadership/{year}/{college}/discarding",
        member,
        Outcome::NotFound,
    ),
    (
        "POST",
        "/manage/leadership/{year}/{college}/submission",
        member,
        Outcome::NotFound,
    ),
    // What is no upload is refused before it is asked whose list it is for.
    (
        "POST",
        "/manage/leadership/{year}/{college}/files",
        member,
        Outcome::NotAmongThem,
    ),
    (
        "POST",
        "/manage/leadership/{year}/{college}/replacement",
        |_| vec![("seen", "0.0".into()), ("kept", "[]".into())],
        Outcome::NotFound,
    ),
    (
        "GET",
        "/manage/leadership/{year}/{college}/versions/{number}",
        |_| vec![],
        Outcome::NotFound,
    ),
];

/// A member of a 就业工作领导小组, as the form sends it.
fn member(_: &World) -> Carried {
    vec![
        ("seen", "0.0".into()),
        ("name", "张三".into()),
        ("post", "院长".into()),
        ("role", "组长".into()),
        ("telephone", "0000-0000000".into()),
        ("email", "dean@univ.example".into()),
    ]
}

/// Writes of officers and heads that can name no student: path, and why.
const NAMES_NOBODY: &[(&str, &str)] = &[
    (
        "/manage/activation/reminders",
        "a question belongs to whoever asked; see the tests of reminders",
    ),
    ("/manage/roster/columns", "the own choice of columns"),
    (
        "/manage/notices",
        "a 院 writes for its own students only; see the tests of notices",
    ),
    (
        "/manage/roster/exports",
        "a search, which begins at the scope; see the tests of exports as jobs",
    ),
    (
        "/manage/roster.xlsx",
        "a search, which begins at the scope; see the tests of the export",
    ),
    (
        "/manage/recommendations/prints",
        "a search, which begins at the scope; see the tests of printing",
    ),
    (
        "/manage/recommendations/reminders",
        "a search, which begins at the scope; see the tests of reminding",
    ),
];

/// Routes with parameters that officers may enter and that name nothing of a 院: path, and why.
const PARAMETER_OF_NOBODY: &[(&str, &str)] = &[
    (
        "/manage/activation/selections/{id}",
        "a question belongs to whoever asked; see the tests of reminders",
    ),
    (
        "/manage/activation/reminders/{id}",
        "shows students of the scope only; see the tests of reminders",
    ),
    (
        "/manage/roster/selections/{id}",
        "a question belongs to whoever asked; see the tests of 名单确认",
    ),
    (
        "/manage/class-years/{year}/responsible",
        "shows the 院 of the scope; see the tests of class years",
    ),
    (
        "/manage/leadership/{year}",
        "shows the 院 of the scope; see the tests of leadership groups",
    ),
];

fn officers_may(route: &Route) -> bool {
    match route.access {
        Access::Can(action) => policy::allows(Role::Officer, action) || policy::allows(Role::Head, action),
        Access::Public | Access::Student | Access::Exchange | Access::Staff => false,
    }
}

/// Everything that a forged request might have changed or left behind.
async fn everything(world: &World) -> String {
    let reader = world.app.db().reader();
    let entries = Scope::Everyone
        .select::<roster_entry::Entity>()
        .order_by_asc(roster_entry::Column::Id)
        .all(reader)
        .await;
    let findings = Scope::Everyone
        .select::<finding::Entity>()
        .order_by_asc(finding::Column::Id)
        .all(reader)
        .await;
    let students = Scope::Everyone
        .select::<student::Entity>()
        .order_by_asc(student::Column::Id)
        .all(reader)
        .await;
    let reports = Scope::Everyone.select::<correction::Entity>().all(reader).await;
    let forms = Scope::Everyone
        .select::<recommendation_form::Entity>()
        .all(reader)
        .await;
    let versions = Scope::Everyone
        .select::<recommendation_version::Entity>()
        .all(reader)
        .await;
    let shown = Scope::Everyone
        .select::<disclosure::Entity>()
        .all(reader)
        .await
        .map(|rows| rows.len());
    let exports = records::<export_record::Entity>()
        .all(reader)
        .await
        .map(|rows| rows.len());
    let signed = records::<sign_off::Entity>().all(reader).await;
    let named = records::<class_year_officer::Entity>().all(reader).await;
    let units = Scope::Everyone
        .select::<directed_unit::Entity>()
        .all(reader)
        .await;
    let groups = records::<leadership_report::Entity>().all(reader).await;
    let notices = records::<notice::Entity>().all(reader).await;
    let events: Vec<String> = world
        .app
        .audit_actions()
        .await
        .into_iter()
        .filter(|action| action != "session.signed_in")
        .collect();
    format!(
        "{entries:?}{findings:?}{students:?}{shown:?}{exports:?}{signed:?}{named:?}{reports:?}{units:?}{groups:?}{notices:?}{events:?}{forms:?}{versions:?}"
    )
}

#[tokio::test]
async fn an_officer_of_another_college_finds_nothing_and_changes_nothing() {
    let world = World::start().await;
    let head = world.app.signed_in(Role::Head, Some("S01")).await;
    let officer = world.app.signed_in(Role::Officer, Some("S01")).await;
    let list = routes().list();
    for (verb, path, carried, outcome) in FORGERIES {
        let route = list
            .iter()
            .find(|route| method(route) == *verb && route.path == *path)
            .unwrap_or_else(|| panic!("{verb} {path} is no route any more: take it out of FORGERIES"));
        let carried = carried(&world);
        let pairs: Vec<(&str, &str)> = carried
            .iter()
            .map(|(key, value)| (*key, value.as_str()))
            .collect();
        let before = everything(&world).await;
        for (who, browser) in [("a head", &head), ("an officer", &officer)] {
            let role = if who == "a head" {
                Role::Head
            } else {
                Role::Officer
            };
            let Access::Can(action) = route.access else {
                continue;
            };
            if !policy::allows(role, action) {
                continue;
            }

            let reply = match route.method {
                Method::Get => {
                    let query = serde_html_form::to_string(&pairs).expect("a query");
                    browser.get(&format!("{}?{query}", world.address(route))).await
                }
                Method::Post => browser.post(&world.address(route), &pairs).await,
            };

            let status = reply.status.as_u16();
            assert!(
                status < 500 && (*outcome != Outcome::NotFound || status == 404),
                "{who} forged {verb} {path} and got {status}: {}",
                reply.text()
            );
            let text = reply.text();
            for secret in [&world.foreign.name, &world.foreign.document_no] {
                assert!(
                    !text.contains(secret.as_str()),
                    "{who} forged {verb} {path} and read: {text}"
                );
            }
            assert_eq!(
                everything(&world).await,
                before,
                "{who} forged {verb} {path} and changed something"
            );
        }
    }
}

#[test]
fn every_route_that_could_name_a_student_is_among_the_forgeries() {
    for route in routes().list().iter().filter(|route| officers_may(route)) {
        let is_forged = FORGERIES
            .iter()
            .any(|(verb, path, ..)| *verb == method(route) && *path == route.path);
        let is_excused = match route.method {
            Method::Post => NAMES_NOBODY.iter().any(|(path, _)| *path == route.path),
            Method::Get => {
                !route.path.contains('{') || PARAMETER_OF_NOBODY.iter().any(|(path, _)| *path == route.path)
            }
        };
        assert!(
            is_forged || is_excused,
            "{} {} is entered by officers, and no test tries it with ids of another 院: \
             add it to FORGERIES (or, with its reason, to the lists below) in tests/it/auth/foreign.rs",
            method(route),
            route.path
        );
    }
}
