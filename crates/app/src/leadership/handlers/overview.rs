//! Which 院 have reported; the reminder; everything as one file.

use std::collections::HashMap;
use std::fs::File;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use qihang_db::entity::leadership_report;
use qihang_db::{Action as Deed, AuditEvent, ClassYearState};
use qihang_sheet::{Column, WriteError, write};
use serde_json::json;

use super::details;
use crate::accounts;
use crate::app::App;
use crate::auth::{Action, Can, Staff, policy};
use crate::class_year::{self, model::ClassYear};
use crate::home;
use crate::leadership::PATH;
use crate::leadership::model::{Member, MemberField};
use crate::leadership::queries;
use crate::leadership::rules::{self, RemindError};
use crate::roster::export::model::Format;
use crate::roster::export::queries::{Exported, insert_record};
use crate::school;
use crate::web::{AppError, Flash, Path, Shell, html, instant_text, redirect, xlsx};

/// A 院 in the list.
struct Row {
    name: String,
    href: String,
    /// Version, members, who and when; `None` where nothing was reported.
    reported: Option<Reported>,
    has_draft: bool,
    reminded: Option<String>,
}

struct Reported {
    number: i32,
    members: usize,
    leader: String,
    by: String,
    at: String,
}

#[derive(Template)]
#[template(path = "leadership/index.html")]
struct IndexPage {
    shell: Shell,
    /// `None` when there is no class year at all.
    year: Option<ClassYear>,
    years: Vec<ClassYear>,
    rows: Vec<Row>,
    missing: usize,
    oversees: bool,
    is_open: bool,
}

/// Leads to the class year of today, or to the newest where the centre has not planned it yet.
pub(in crate::leadership) async fn current(
    State(app): State<App>,
    _can: Can<policy::ReportLeadership>,
    staff: Staff,
) -> Result<Response, AppError> {
    let years = class_year::queries::list(app.db.reader()).await?;
    let today = ClassYear::of_day(app.db.clock().today());
    let of_today = years.iter().find(|details| details.year == today);
    match of_today.or_else(|| years.first()) {
        Some(details) => Ok(redirect(&format!("{PATH}/{}", details.year))),
        None => html(&IndexPage {
            shell: home::shell(&app, &staff, PATH).await?,
            year: None,
            years: Vec::new(),
            rows: Vec::new(),
            missing: 0,
            oversees: false,
            is_open: false,
        }),
    }
}

pub(in crate::leadership) async fn overview(
    State(app): State<App>,
    can: Can<policy::ReportLeadership>,
    staff: Staff,
    Path(year): Path<i32>,
) -> Result<Response, AppError> {
    let details = details(&app, year).await?;
    let reader = app.db.reader();
    let colleges = school::queries::colleges_in(reader, can.scope()).await?;
    // Whoever works for one 院 has one list.
    if let (Some(_), [college]) = (can.scope().only_college(), colleges.as_slice()) {
        return Ok(redirect(&format!("{PATH}/{year}/{}", college.code)));
    }
    let reports = queries::of_year(reader, year).await?;
    let newest = |id: i64| reports.get(&id).and_then(|versions| submitted(versions));
    let ids = colleges.iter();
    let ids: Vec<i64> = ids.filter_map(|college| Some(newest(college.id)?.id)).collect();
    let members = queries::members(reader, ids).await?;
    let by = reports.values().flatten();
    let by: Vec<i64> = by.filter_map(|row| row.submitted_by).collect();
    let names = accounts::names(reader, by).await?;
    let reminded = queries::last_reminded(reader, year).await?;
    let rows: Vec<Row> = colleges
        .iter()
        .map(|college| Row {
            href: format!("{PATH}/{year}/{}", college.code),
            name: college.name.clone(),
            reported: newest(college.id).map(|row| reported(row, &members, &names)),
            has_draft: reports
                .get(&college.id)
                .is_some_and(|versions| versions.iter().any(|row| row.submitted_at.is_none())),
            reminded: reminded.get(&college.id).copied().map(instant_text),
        })
        .collect();
    let years = class_year::queries::list(reader).await?;
    html(&IndexPage {
        shell: home::shell(&app, &staff, PATH).await?,
        year: Some(details.year),
        years: years.iter().map(|one| one.year).collect(),
        missing: rows.iter().filter(|row| row.reported.is_none()).count(),
        rows,
        oversees: staff.officer.may(Action::OverseeLeadership),
        is_open: details.state == ClassYearState::Open,
    })
}

/// The newest of these versions that was reported.
fn submitted(versions: &[leadership_report::Model]) -> Option<&leadership_report::Model> {
    versions.iter().find(|row| row.submitted_at.is_some())
}

fn reported(
    row: &leadership_report::Model,
    members: &HashMap<i64, Vec<Member>>,
    names: &HashMap<i64, String>,
) -> Reported {
    let members = members.get(&row.id).map_or(&[][..], Vec::as_slice);
    let leader = members
        .iter()
        .find(|member| member.role == qihang_db::GroupRole::Leader);
    Reported {
        number: row.number,
        members: members.len(),
        leader: leader.map_or_else(String::new, |member| member.name.clone()),
        by: row
            .submitted_by
            .and_then(|id| names.get(&id).cloned())
            .unwrap_or_else(|| "系统".into()),
        at: row.submitted_at.map_or_else(String::new, instant_text),
    }
}

/// 提醒未报送的院.
pub(in crate::leadership) async fn remind(
    State(app): State<App>,
    can: Can<policy::OverseeLeadership>,
    staff: Staff,
    Path(year): Path<i32>,
) -> Result<Response, AppError> {
    let year = details(&app, year).await?.year;
    let flash = match rules::remind(&app.db, &can, year).await {
        Ok(reminded) => Flash::success(format!("已向 {reminded} 个院的教师发布通知，提醒报送。")),
        Err(RemindError::NobodyLeft) => Flash::warning("没有发出提醒：各院都已报送，或今天已经提醒过。"),
        Err(RemindError::NotOpen(year)) => Flash::warning(format!("{year} 届不在进行中，不发提醒。")),
        Err(RemindError::Db(error)) => return Err(error.into()),
    };
    home::flash(&staff, flash).await?;
    Ok(redirect(&format!("{PATH}/{year}")))
}

/// The lists of all 院 as one workbook; who has not reported stands in it, too.
pub(in crate::leadership) async fn export(
    State(app): State<App>,
    can: Can<policy::OverseeLeadership>,
    staff: Staff,
    Path(year): Path<i32>,
) -> Result<Response, AppError> {
    details(&app, year).await?;
    let reader = app.db.reader();
    let colleges = school::queries::colleges_in(reader, can.scope()).await?;
    let reports = queries::of_year(reader, year).await?;
    let newest = |id: i64| reports.get(&id).and_then(|versions| submitted(versions));
    let ids = colleges.iter();
    let ids: Vec<i64> = ids.filter_map(|college| Some(newest(college.id)?.id)).collect();
    let members = queries::members(reader, ids).await?;
    let by = reports.values().flatten();
    let by: Vec<i64> = by.filter_map(|row| row.submitted_by).collect();
    let names = accounts::names(reader, by).await?;
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut without = 0;
    for college in &colleges {
        let Some(report) = newest(college.id) else {
            without += 1;
            let mut row = vec![college.code.clone(), college.name.clone(), "未报送".to_owned()];
            row.resize(columns().len(), String::new());
            rows.push(row);
            continue;
        };
        let of_report = reported(report, &members, &names);
        let listed = members.get(&report.id).map_or(&[][..], Vec::as_slice);
        rows.extend(listed.iter().enumerate().map(|(at, member)| {
            let typed = member.typed();
            let first = [
                college.code.clone(),
                college.name.clone(),
                "已报送".to_owned(),
                (at + 1).to_string(),
            ];
            let own = MemberField::ALL.map(|field| typed.get(field).to_owned());
            let last = [
                of_report.number.to_string(),
                of_report.by.clone(),
                of_report.at.clone(),
            ];
            first.into_iter().chain(own).chain(last).collect()
        }));
    }
    let change = app.db.change(can.actor()).await?;
    let export_id = insert_record(
        &change,
        Exported {
            class_year: year,
            view: "leadership",
            format: Format::Xlsx,
            filter: "",
            purpose: None,
            rows: rows.len(),
        },
    )
    .await?;
    let event = AuditEvent::new(Deed::LeadershipExported, format!("leadership/{year}"))
        .after(json!({"export": export_id, "rows": rows.len()}));
    change.commit(event).await?;
    let notes = [
        ("届别", format!("{year} 届")),
        ("院", format!("{} 个，其中未报送 {without} 个", colleges.len())),
        ("导出人", staff.officer.name.clone()),
        ("导出时间", instant_text(app.db.clock().now())),
    ]
    .map(|(name, value)| (name.to_owned(), value));
    xlsx(&format!("{year}届就业工作领导小组.xlsx"), move |out| {
        workbook(out, &rows, &notes)
    })
    .await
}

fn columns() -> Vec<Column> {
    let first = [("院系代码", 10.0), ("院系", 26.0), ("状态", 8.0), ("序号", 6.0)];
    let own = MemberField::ALL.map(|field| (field.heading(), field.width()));
    let last = [("版本", 6.0), ("报送人", 12.0), ("报送时间", 17.0)];
    let all = first.into_iter().chain(own).chain(last);
    all.map(|(heading, width)| Column::new(heading, width)).collect()
}

fn workbook(out: File, rows: &[Vec<String>], notes: &[(String, String)]) -> Result<(), WriteError> {
    let mut writer = write::xlsx(out, "就业工作领导小组", &columns(), notes)?;
    for row in rows {
        let cells: Vec<&str> = row.iter().map(String::as_str).collect();
        writer.row(&cells)?;
    }
    writer.finish()?;
    Ok(())
}
