//! The form: every step, what is refused, versions, and two officers at once.

use qihang::auth::{Can, policy};
use qihang::leadership::edit::Edit;
use qihang::leadership::model::{Member, Typed};
use qihang::leadership::queries;
use qihang::leadership::rules::{self, GroupError, Seen};
use qihang_db::{Role, Scope};

use super::{HERE, add, form, members, names, press, reported, seen, world};
use crate::support::TestApp;

#[tokio::test]
async fn an_officer_writes_the_list_and_reports_it() {
    let (app, officer, place) = world().await;
    let start = officer.get("/manage/leadership").await;
    assert_eq!(start.assert_status(303).location(), "/manage/leadership/2027");
    assert_eq!(officer.get("/manage/leadership/2027").await.location(), HERE);
    officer
        .get(HERE)
        .await
        .assert_says("还没有成员")
        .assert_says("未报送");

    add(&app, &officer, place, ("李四", "联络员/秘书"))
        .await
        .assert_status(303);
    officer
        .get(HERE)
        .await
        .assert_says("草稿，未报送")
        .assert_says("还没有组长");
    press(&app, &officer, place, "submission")
        .await
        .assert_status(409)
        .assert_says("有且只有一名组长");
    add(&app, &officer, place, ("张三", "组长"))
        .await
        .assert_status(303);
    let at = seen(&app, place).await;
    officer
        .post(
            &format!("{HERE}/members/1/position"),
            &[("seen", &at), ("direction", "up")],
        )
        .await
        .assert_status(303);
    assert_eq!(names(&app, place).await, ["张三", "李四"]);
    press(&app, &officer, place, "submission")
        .await
        .assert_status(303);

    let page = officer.get(HERE).await;
    page.assert_says("已报送")
        .assert_says("第 1 版")
        .assert_does_not_say("草稿，未报送");
    let actions = app.audit_actions().await;
    assert_eq!(actions.last().unwrap(), "leadership.submitted");
    assert_eq!(
        actions.iter().filter(|one| *one == "leadership.changed").count(),
        3
    );
    // There is no draft to be reported again.
    press(&app, &officer, place, "submission")
        .await
        .assert_status(409);
}

#[tokio::test]
async fn mistakes_stand_at_their_fields_and_nothing_typed_is_lost() {
    let (app, officer, place) = world().await;
    let at = seen(&app, place).await;
    let mut typed = form(&at, "张三", "主席");
    typed[4] = ("telephone", "82668888");
    typed[5] = ("email", "dean@univ");

    let reply = officer.post(&format!("{HERE}/members"), &typed).await;

    reply
        .assert_status(422)
        .assert_says("value=\"张三\"")
        .assert_says("value=\"82668888\"")
        .assert_says("只能是：组长、副组长、成员、联络员/秘书")
        .assert_says("电话应为区号加号码")
        .assert_says("邮箱格式不对");
    assert!(members(&app, place).await.is_empty());
}

#[tokio::test]
async fn a_member_is_changed_moved_and_removed() {
    let (app, officer, place) = world().await;
    reported(&app, &officer, place).await;
    let at = seen(&app, place).await;
    let page = officer.get(&format!("{HERE}/members/1?seen={at}")).await;
    page.assert_says("修改成员").assert_says("value=\"李四\"");

    let mut typed = form(&at, "李四", "副组长");
    typed.push(("was", "李四"));
    officer
        .post(&format!("{HERE}/members/1"), &typed)
        .await
        .assert_status(303);

    let now = members(&app, place).await;
    assert_eq!(now[1].role.label(), "副组长");
    // The version that was reported is as it was.
    let first = queries::version(app.db().reader(), place, 1)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(first.members[1].role.label(), "联络员/秘书");
    press(&app, &officer, place, "members/1/removal")
        .await
        .assert_status(303);
    assert_eq!(names(&app, place).await, ["张三"]);
    press(&app, &officer, place, "members/7/removal")
        .await
        .assert_status(404);
    let at = seen(&app, place).await;
    let bad = [("seen", &*at), ("direction", "x")];
    officer
        .post(&format!("{HERE}/members/0/position"), &bad)
        .await
        .assert_status(400);
}

#[tokio::test]
async fn versions_stay_readable_and_are_compared() {
    let (app, officer, place) = world().await;
    reported(&app, &officer, place).await;
    add(&app, &officer, place, ("王五", "成员"))
        .await
        .assert_status(303);
    press(&app, &officer, place, "members/1/removal")
        .await
        .assert_status(303);
    press(&app, &officer, place, "submission")
        .await
        .assert_status(303);

    let page = officer.get(&format!("{HERE}/versions/2")).await;
    page.assert_says("与第 1 版比较")
        .assert_says("新增")
        .assert_says("王五")
        .assert_says("删除")
        .assert_says("李四")
        .assert_says("某老师");
    let first = officer.get(&format!("{HERE}/versions/1")).await;
    first.assert_says("李四").assert_does_not_say("王五");
    officer
        .get(&format!("{HERE}/versions/3"))
        .await
        .assert_status(404);
    officer
        .get(&format!("{HERE}/versions/2?against=9"))
        .await
        .assert_status(400);
}

#[tokio::test]
async fn a_discarded_draft_leaves_what_was_reported() {
    let (app, officer, place) = world().await;
    reported(&app, &officer, place).await;
    add(&app, &officer, place, ("王五", "成员"))
        .await
        .assert_status(303);

    press(&app, &officer, place, "discarding")
        .await
        .assert_status(303);

    assert_eq!(names(&app, place).await, ["张三", "李四"]);
    press(&app, &officer, place, "discarding")
        .await
        .assert_status(409);
}

#[tokio::test]
async fn last_years_list_becomes_a_draft_by_one_press() {
    let (app, officer, place) = world().await;
    app.fixture().class_year(2026, "open").await;
    officer.get(HERE).await.assert_does_not_say("沿用上一届名单");
    let last = queries::Place { year: 2026, ..place };
    let href = HERE.replace("2027", "2026");
    for (name, role) in [("张三", "组长"), ("李四", "成员")] {
        let at = seen(&app, last).await;
        officer
            .post(&format!("{href}/members"), &form(&at, name, role))
            .await
            .assert_status(303);
    }
    // A draft is nothing to go by.
    officer.get(HERE).await.assert_does_not_say("沿用上一届名单");
    let at = seen(&app, last).await;
    officer
        .post(&format!("{href}/submission"), &[("seen", &at)])
        .await
        .assert_status(303);
    officer.get(HERE).await.assert_says("沿用上一届名单");

    press(&app, &officer, place, "last-year").await.assert_status(303);

    assert_eq!(names(&app, place).await, ["张三", "李四"]);
    officer.get(HERE).await.assert_says("草稿，未报送");
    press(&app, &officer, place, "last-year").await.assert_status(409);
}

#[tokio::test]
async fn who_comes_second_is_told_who_was_first_and_keeps_what_was_typed() {
    let (app, officer, place) = world().await;
    reported(&app, &officer, place).await;
    let at = seen(&app, place).await;
    let head = app.signed_in(Role::Head, Some("S01")).await;
    head.post(&format!("{HERE}/members"), &form(&at, "王五", "成员"))
        .await
        .assert_status(303);

    let mut typed = form(&at, "李四", "副组长");
    typed.push(("was", "李四"));
    let reply = officer.post(&format!("{HERE}/members/1"), &typed).await;

    reply
        .assert_status(409)
        .assert_says("您打开页面之后，某老师在")
        .assert_says("您的操作没有保存")
        .assert_says("王五")
        .assert_says("action=\"/manage/leadership/2027/S01/members/1\"");
    assert_eq!(members(&app, place).await[1].role.label(), "联络员/秘书");
    officer
        .get(&format!("{HERE}/members/1?seen={at}"))
        .await
        .assert_status(409);
    // Saved from the page that said so, it is saved.
    let now = seen(&app, place).await;
    typed[0] = ("seen", &now);
    officer
        .post(&format!("{HERE}/members/1"), &typed)
        .await
        .assert_status(303);
    assert_eq!(members(&app, place).await[1].role.label(), "副组长");
}

#[tokio::test]
async fn a_mistake_in_a_form_that_was_overtaken_is_shown_at_whom_it_was_for() {
    let (app, officer, place) = world().await;
    reported(&app, &officer, place).await;
    let at = seen(&app, place).await;
    // Meanwhile 李四 moves from the second place to the first.
    let typed = [("seen", &*at), ("direction", "up")];
    officer
        .post(&format!("{HERE}/members/1/position"), &typed)
        .await
        .assert_status(303);

    let mut typed = form(&at, "李四", "副组长");
    typed.push(("was", "李四"));
    typed.retain(|(field, _)| *field != "telephone");
    typed.push(("telephone", "无"));
    let reply = officer.post(&format!("{HERE}/members/1"), &typed).await;

    reply
        .assert_status(409)
        .assert_says("您的操作没有保存")
        .assert_says("value=\"无\"")
        .assert_says("action=\"/manage/leadership/2027/S01/members/0\"");
}

#[tokio::test]
async fn a_draft_begun_anew_is_not_the_one_that_was_seen() {
    let (app, officer, place) = world().await;
    reported(&app, &officer, place).await;
    add(&app, &officer, place, ("王五", "成员"))
        .await
        .assert_status(303);
    let at = seen(&app, place).await;
    press(&app, &officer, place, "discarding")
        .await
        .assert_status(303);
    add(&app, &officer, place, ("赵六", "成员"))
        .await
        .assert_status(303);

    officer
        .post(&format!("{HERE}/submission"), &[("seen", &at)])
        .await
        .assert_status(409);
    assert_eq!(names(&app, place).await, ["张三", "李四", "赵六"]);
}

fn member(name: &str) -> Member {
    let example = Typed::example();
    Member::parse(&Typed {
        name: name.into(),
        ..example
    })
    .unwrap()
}

#[tokio::test]
async fn of_two_at_once_one_is_saved_whole_and_the_other_is_told() {
    let (app, officer, place) = world().await;
    let can = Can::<policy::ReportLeadership>::at_the_console(Scope::Everyone);
    // Two who begin the draft, and two who go on with it.
    for (before, names_of) in [(0, ["甲", "乙"]), (1, ["丙", "丁"])] {
        let at = Seen::from_text(&seen(&app, place).await);
        let (first, second) = tokio::join!(
            rules::edit(app.db(), &can, place, at, Edit::Add(member(names_of[0]))),
            rules::edit(app.db(), &can, place, at, Edit::Add(member(names_of[1]))),
        );
        let done = [first.is_ok(), second.is_ok()];
        assert!(done[0] ^ done[1], "{first:?} {second:?}");
        let refused = first.and(second).unwrap_err();
        assert!(matches!(refused, GroupError::Changed), "{refused:?}");
        let now = names(&app, place).await;
        assert_eq!(now.len(), before + 1);
        assert_eq!(now[before], names_of[usize::from(done[1])]);
    }
    // Reporting and changing at once: either the change is in the version, or it was refused.
    press(&app, &officer, place, "members/1/removal")
        .await
        .assert_status(303);
    let at = Seen::from_text(&seen(&app, place).await);
    let (reported, changed) = tokio::join!(
        rules::submit(app.db(), &can, place, at),
        rules::edit(app.db(), &can, place, at, Edit::Remove(0)),
    );
    assert!(reported.is_ok() ^ changed.is_ok(), "{reported:?} {changed:?}");
    let submitted = queries::submitted(app.db().reader(), place).await.unwrap();
    assert_eq!(
        submitted.map(|report| report.members.len()),
        reported.ok().map(|()| 1)
    );
}

#[tokio::test]
async fn another_college_and_a_closed_year_are_kept_off() {
    let (app, officer, place) = world().await;
    reported(&app, &officer, place).await;
    let other = app.signed_in(Role::Officer, Some("S02")).await;
    other.get(HERE).await.assert_status(404);
    let at = seen(&app, place).await;
    for what in [
        "members",
        "members/0",
        "members/0/removal",
        "members/0/position",
        "discarding",
        "submission",
        "last-year",
    ] {
        let mut typed = form(&at, "王五", "成员");
        typed.push(("direction", "down"));
        other
            .post(&format!("{HERE}/{what}"), &typed)
            .await
            .assert_status(404);
    }
    other.get("/manage/leadership/2027/S09").await.assert_status(404);
    other.get("/manage/leadership/2020").await.assert_status(404);
    app.fixture().class_year(2026, "closed").await;
    let closed = HERE.replace("2027", "2026");
    officer
        .get(&closed)
        .await
        .assert_says("本届已关闭")
        .assert_does_not_say("添加成员");
    officer
        .post(&format!("{closed}/members"), &form("0.0", "王五", "成员"))
        .await
        .assert_status(409)
        .assert_says("已关闭");
    let administrator = app.signed_in(Role::Administrator, None).await;
    administrator.get("/manage/leadership").await.assert_status(403);
}

#[tokio::test]
async fn a_group_has_sixty_members_at_the_most() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    let place = queries::Place {
        college_id: app.fixture().college_id("S01").await,
        year: 2027,
    };
    let can = Can::<policy::ReportLeadership>::at_the_console(Scope::Everyone);
    let all: Vec<Member> = (0..60).map(|number| member(&format!("成员{number}"))).collect();
    rules::edit(app.db(), &can, place, Some(Seen::default()), Edit::Replace(all))
        .await
        .unwrap();
    let at = Seen::from_text(&seen(&app, place).await);
    let one_more = rules::edit(app.db(), &can, place, at, Edit::Add(member("多"))).await;
    assert!(matches!(one_more, Err(GroupError::Full)), "{one_more:?}");
}
