//! Every route in every role, and the two files that show it: `docs/routes.txt` and `docs/permissions.txt`.

use std::fmt::Write;

use axum::body::Body;
use axum::http::Request;
use qihang::app::routes;
use qihang::auth::{Action, policy};
use qihang::web::{Access, Method, Route};
use qihang_db::Role;
use qihang_db::entity::account;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::world::{World, method};
use crate::support::{Browser, PASSWORD, Reply, UPDATE_DOCS as UPDATE, documented};

fn access(route: &Route) -> &'static str {
    match route.access {
        Access::Public => "public",
        Access::Student => "student",
        Access::Exchange => "exchange",
        Access::Staff => "staff",
        Access::Can(action) => action.code(),
    }
}

fn may_enter(route: &Route, role: Role) -> bool {
    match route.access {
        Access::Public | Access::Staff => true,
        Access::Student | Access::Exchange => false,
        Access::Can(action) => policy::allows(role, action),
    }
}

#[test]
fn the_route_list_is_the_documented_one() {
    let mut text = format!("# Every route with who may enter. Written by: {UPDATE}\n");
    for route in routes().list() {
        writeln!(
            text,
            "{:<4} {:<52} {}",
            method(&route),
            route.path,
            access(&route)
        )
        .expect("text");
    }
    documented("routes.txt", &text);
}

#[test]
fn the_permission_table_is_the_documented_one() {
    let mut text = format!("# Who may do what. Written by: {UPDATE}\n\n");
    let heading = |text: &mut String, first: &str, width: usize| {
        write!(text, "{first:<width$}").expect("text");
        for role in Role::ALL {
            write!(text, " {:<13}", role.code()).expect("text");
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
    };
    let line = |text: &mut String, first: &str, width: usize, may: &dyn Fn(Role) -> bool| {
        write!(text, "{first:<width$}").expect("text");
        for role in Role::ALL {
            write!(text, " {:<13}", if may(*role) { "yes" } else { "-" }).expect("text");
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
    };
    heading(&mut text, "action", 26);
    for action in Action::ALL {
        line(&mut text, action.code(), 26, &|role| {
            policy::allows(role, *action)
        });
    }
    text.push_str("\n# Routes of the staff, as the tests try them; - is 403.\n\n");
    heading(&mut text, "route", 58);
    for route in routes().list().iter().filter(|route| is_for_staff(route)) {
        let name = format!("{:<4} {}", method(route), route.path);
        line(&mut text, &name, 58, &|role| may_enter(route, role));
    }
    documented("permissions.txt", &text);
}

fn is_public(route: &Route) -> bool {
    route.access == Access::Public
}

fn is_for_staff(route: &Route) -> bool {
    match route.access {
        Access::Staff | Access::Can(_) => true,
        Access::Public | Access::Student | Access::Exchange => false,
    }
}

/// For programs that show a token: no session opens it.
fn is_for_programs(route: &Route) -> bool {
    route.access == Access::Exchange
}

/// Where whoever may not enter is led.
fn door(route: &Route) -> &'static str {
    if is_for_staff(route) {
        "/sign-in/staff"
    } else {
        "/sign-in/student"
    }
}

/// Nobody who could enter here is signed in: a page leads to the sign-in, a write is 401.
fn assert_kept_out(reply: &Reply, who: &str, route: &Route) {
    if is_for_programs(route) {
        assert_status(reply, 401, who, route);
        assert_eq!(reply.headers["www-authenticate"], "Bearer");
    } else if route.method == Method::Get {
        assert_status(reply, 303, who, route);
        assert!(
            reply.location().starts_with(&format!("{}?next=", door(route))),
            "{} leads {who} to {}",
            route.path,
            reply.location()
        );
    } else {
        assert_status(reply, 401, who, route);
    }
}

/// Asks for a route as a page of ours would; a write has no body.
async fn ask(browser: &Browser, route: &Route, address: &str) -> Reply {
    match route.method {
        Method::Get => browser.get(address).await,
        Method::Post => browser.post(address, &[]).await,
    }
}

fn assert_let_in(reply: &Reply, who: &str, route: &Route) {
    let status = reply.status.as_u16();
    assert!(
        status < 500 && ![401, 403].contains(&status),
        "{who} asked for {} {} and got {status}: {}",
        method(route),
        route.path,
        reply.text()
    );
}

#[track_caller]
fn assert_status(reply: &Reply, expected: u16, who: &str, route: &Route) {
    assert_eq!(
        reply.status.as_u16(),
        expected,
        "{who} asked for {} {}",
        method(route),
        route.path
    );
}

#[tokio::test]
async fn signed_out_nobody_gets_further_than_the_sign_in_page() {
    let world = World::start().await;
    for route in routes().list() {
        let reply = ask(&world.app.visitor(), &route, &world.address(&route)).await;
        if is_public(&route) {
            assert_let_in(&reply, "a visitor", &route);
        } else {
            assert_kept_out(&reply, "a visitor", &route);
        }
    }
}

#[tokio::test]
async fn a_student_gets_to_the_own_pages_and_to_none_of_the_staff() {
    let world = World::start().await;
    for route in routes().list().iter().filter(|route| !is_public(route)) {
        let browser = world.app.student(&world.foreign).await;
        let reply = ask(&browser, route, &world.address(route)).await;
        if is_for_staff(route) || is_for_programs(route) {
            assert_kept_out(&reply, "a student", route);
        } else {
            assert_let_in(&reply, "a student", route);
        }
    }
}

#[tokio::test]
async fn no_member_of_the_staff_gets_to_the_pages_of_students() {
    for role in Role::ALL {
        let world = World::start().await;
        let college = role.is_of_college().then_some("S01");
        let browser = world.app.signed_in(*role, college).await;
        for route in routes()
            .list()
            .iter()
            .filter(|route| route.access == Access::Student || is_for_programs(route))
        {
            let reply = ask(&browser, route, &world.address(route)).await;
            assert_kept_out(&reply, role.code(), route);
        }
    }
}

#[tokio::test]
async fn every_role_gets_exactly_where_the_policy_lets_it() {
    for role in Role::ALL {
        // A world for each: what a role may do, the trial does.
        let world = World::start().await;
        let login = role.code();
        let college = role.is_of_college().then_some("S01");
        world.app.fixture().account(login, *role, college).await;
        let browser = world.app.visitor();
        for route in routes().list().iter().filter(|route| is_for_staff(route)) {
            // Some routes end the session, as they should.
            if browser.get("/manage/account").await.status != 200 {
                browser.sign_in(login, PASSWORD).await.assert_status(303);
            }

            let reply = ask(&browser, route, &world.address(route)).await;

            if may_enter(route, *role) {
                assert_let_in(&reply, login, route);
            } else {
                assert_status(&reply, 403, login, route);
            }
        }
    }
}

#[tokio::test]
async fn with_a_one_time_password_nothing_but_the_own_account_is_open() {
    let world = World::start().await;
    for role in Role::ALL {
        let college = role.is_of_college().then_some("S01");
        let browser = world.app.signed_in(*role, college).await;
        let tx = world.app.db().begin_write().await.expect("a transaction");
        account::Entity::update_many()
            .col_expr(account::Column::MustChangePassword, Expr::value(true))
            .filter(account::Column::Login.ne("target"))
            .exec(&tx)
            .await
            .expect("it is set");
        tx.commit().await.expect("it is saved");

        for route in routes()
            .list()
            .iter()
            .filter(|route| matches!(route.access, Access::Can(_)))
        {
            let reply = ask(&browser, route, &world.address(route)).await;
            match route.method {
                Method::Get => {
                    assert_status(&reply, 303, role.code(), route);
                    assert_eq!(reply.location(), "/manage/account", "{}", route.path);
                }
                Method::Post => assert_status(&reply, 403, role.code(), route),
            }
        }
        browser.get("/manage/account").await.assert_status(200);
    }
}

/// A write that a page of another site sends with the browser's cookie.
async fn forged(browser: &Browser, address: &str, site: &str) -> Reply {
    let request = Request::post(address)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("sec-fetch-site", site)
        .body(Body::empty())
        .expect("a request");
    browser.send(request).await
}

#[tokio::test]
async fn a_page_of_another_site_can_write_nothing() {
    let world = World::start().await;
    let before = world.app.audit_actions().await.len();
    for role in Role::ALL {
        let college = role.is_of_college().then_some("S01");
        let browser = world.app.signed_in(*role, college).await;
        for route in routes()
            .list()
            .iter()
            .filter(|route| route.method == Method::Post)
        {
            for site in ["cross-site", "same-site"] {
                let reply = forged(&browser, &world.address(route), site).await;
                assert_status(&reply, 403, role.code(), route);
            }
        }
        browser.get("/manage/account").await.assert_status(200);
    }
    let browser = world.app.student(&world.foreign).await;
    for route in routes()
        .list()
        .iter()
        .filter(|route| route.method == Method::Post)
    {
        assert_status(
            &forged(&browser, &world.address(route), "cross-site").await,
            403,
            "a student",
            route,
        );
    }
    browser.get("/student").await.assert_status(200);
    let signed_in = Role::ALL.len() + 1;
    assert_eq!(world.app.audit_actions().await.len(), before + signed_in);
}
