//! 博士名单核对: the doctoral list in force beside the roster, for a 院 or all of them.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use qihang_db::entity::special_list;
use qihang_db::{ClassYearState, ListKind, Scope};
use serde::Deserialize;

use super::{MayManage, Position};
use crate::app::App;
use crate::auth::{Action, Can, Permission, Staff, policy};
use crate::cache::School;
use crate::class_year::model::{ClassYear, DaysLeft};
use crate::home;
use crate::special_list::pages::{ComparePage, CompareRow, InForce, PAGE_SIZE, ProgressRow, Tab};
use crate::special_list::queries::{self, Degree, Numbers};
use crate::special_list::rules::{self, DoctoralError};
use crate::web::{AppError, Flash, Form, PageLinks, Query, Step, html, instant_text, page_address, redirect};

const PAGE: &str = "/manage/doctoral-list";

/// The four heaps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Heap {
    Missing,
    Unlisted,
    Others,
    Unknown,
}

impl Heap {
    const ALL: [Self; 4] = [Self::Missing, Self::Unlisted, Self::Others, Self::Unknown];

    const fn code(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Unlisted => "unlisted",
            Self::Others => "others",
            Self::Unknown => "unknown",
        }
    }

    const fn label(self) -> &'static str {
        match self {
            Self::Missing => "名单上有，未在库",
            Self::Unlisted => "在库，名单上没有",
            Self::Others => "名单上的其他学生，未在库",
            Self::Unknown => "查无此人",
        }
    }

    const fn of(self, numbers: &Numbers) -> u64 {
        match self {
            Self::Missing => numbers.missing,
            Self::Unlisted => numbers.unlisted,
            Self::Others => numbers.others_missing,
            Self::Unknown => numbers.unknown,
        }
    }
}

/// What is looked at.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::special_list) struct Look {
    class_year: Option<String>,
    college: String,
    what: Option<String>,
    after: Option<String>,
    before: Option<String>,
    last: Option<u8>,
}

/// What a press is about.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::special_list) struct Press {
    class_year: Option<String>,
    college: String,
}

/// The class year that is asked for, otherwise the current one, or the newest open where that is not open.
fn chosen(school: &School, text: Option<&str>, current: ClassYear) -> Result<ClassYear, AppError> {
    if let Some(text) = text.filter(|text| !text.is_empty()) {
        return text
            .parse()
            .ok()
            .and_then(ClassYear::new)
            .filter(|year| school.class_year(*year).is_some())
            .ok_or_else(|| AppError::BadRequest("没有这一届，请重新选择。".into()));
    }
    let mut open = school
        .class_years
        .iter()
        .filter(|details| details.state == ClassYearState::Open)
        .map(|details| details.year);
    Ok(open
        .clone()
        .find(|year| *year == current)
        .or_else(|| open.next())
        .unwrap_or(current))
}

/// A permission cut down to the 院 with this code, where there is one.
fn narrowed<A: Permission>(can: Can<A>, school: &School, code: &str) -> Result<Can<A>, AppError> {
    if code.is_empty() {
        return Ok(can);
    }
    let college = school.colleges.iter().find(|college| college.code == code);
    can.narrow(college.ok_or(AppError::NotFound)?.id)
}

pub(in crate::special_list) async fn index(
    State(app): State<App>,
    can: Can<policy::ViewRoster>,
    staff: Staff,
    Query(look): Query<Look>,
) -> Result<Response, AppError> {
    let school = app.cache.school(&app.db, staff.versions).await?;
    let sees_all = *can.scope() == Scope::Everyone;
    let can = narrowed(can, &school, &look.college)?;
    let today = app.db.clock().today();
    let year = chosen(&school, look.class_year.as_deref(), ClassYear::of_day(today))?;
    let details = school.class_year(year);
    let list = queries::current(app.db.reader(), ListKind::Doctoral, year.year()).await?;
    let mut page = ComparePage {
        shell: home::shell(&app, &staff, PAGE).await?,
        year,
        years: school
            .class_years
            .iter()
            .filter(|details| details.state != ClassYearState::Planned)
            .map(|details| details.year)
            .collect(),
        due: details
            .and_then(|details| details.doctoral_due)
            .map(|due| (due.format("%-m月%-d日").to_string(), DaysLeft::until(due, today))),
        college: look.college.clone(),
        college_name: school
            .colleges
            .iter()
            .find(|college| college.code == look.college)
            .map(|college| college.name.clone()),
        may_add: staff.officer.may(Action::ConfirmRoster)
            && details.is_some_and(|details| details.state == ClassYearState::Open),
        may_manage: staff.officer.may(Action::ManageLists),
        list: None,
        numbers: Numbers::default(),
        addable: 0,
        tabs: Vec::new(),
        rows: Vec::new(),
        total: String::new(),
        links: PageLinks::default(),
        progress: Vec::new(),
        reminded: 0,
    };
    if let Some(list) = list {
        let shown = Shown {
            app: &app,
            scope: can.scope(),
            list: &list,
            year,
        };
        shown.fill(&mut page, look).await?;
        if sees_all {
            shown.fill_progress(&mut page, &school).await?;
        }
        page.list = Some(InForce {
            version: list.version,
            since: instant_text(list.committed_at.unwrap_or(list.uploaded_at)),
        });
    }
    html(&page)
}

/// A list as somebody sees it.
struct Shown<'a> {
    app: &'a App,
    scope: &'a Scope,
    list: &'a special_list::Model,
    year: ClassYear,
}

impl Shown<'_> {
    async fn fill(&self, page: &mut ComparePage, look: Look) -> Result<(), AppError> {
        let Self { scope, year, .. } = *self;
        let (reader, list_id) = (self.app.db.reader(), self.list.id);
        page.numbers = queries::numbers(reader, scope, list_id, year).await?;
        page.addable = queries::addable(reader, scope, list_id, year).await?.len();
        let heap = match look.what.as_deref() {
            Some(code) => Heap::ALL
                .into_iter()
                .find(|heap| heap.code() == code)
                .ok_or_else(|| AppError::BadRequest("没有这一类。".into()))?,
            None => Heap::ALL
                .into_iter()
                .find(|heap| heap.of(&page.numbers) > 0)
                .unwrap_or(Heap::Missing),
        };
        let step = Step::from(Position {
            after: look.after,
            before: look.before,
            last: look.last,
        });
        let year_text = year.to_string();
        let link = |heap: Heap, step: &Step| {
            let mut params = vec![("class_year", &*year_text), ("what", heap.code())];
            if !look.college.is_empty() {
                params.push(("college", &look.college));
            }
            page_address(PAGE, &params, step)
        };
        let size = PAGE_SIZE as u64;
        let mut rows: Vec<CompareRow> = match heap {
            Heap::Missing | Heap::Others => {
                let degree = if heap == Heap::Missing {
                    Degree::Doctors
                } else {
                    Degree::Others
                };
                let rows = queries::listed(reader, scope, (list_id, year), degree, &step, size).await?;
                rows.into_iter()
                    .map(|row| CompareRow::listed(row, year))
                    .collect()
            }
            Heap::Unlisted => {
                let rows = queries::unlisted(reader, scope, (list_id, year), &step, size).await?;
                rows.into_iter()
                    .map(|row| CompareRow::unlisted(row, year))
                    .collect()
            }
            Heap::Unknown => {
                let rows = queries::unknown(reader, scope, list_id, &step, size).await?;
                rows.into_iter().map(CompareRow::unknown).collect()
            }
        };
        page.links = PageLinks::cut(
            &mut rows,
            PAGE_SIZE,
            &step,
            |row| row.student_no.clone(),
            |step| link(heap, step),
        );
        page.rows = rows;
        page.total = format!("{} {}", heap.label(), heap.of(&page.numbers));
        page.tabs = Heap::ALL
            .into_iter()
            .map(|one| Tab {
                label: one.label(),
                count: one.of(&page.numbers).to_string(),
                href: link(one, &Step::default()),
                is_here: one == heap,
            })
            .collect();
        Ok(())
    }

    async fn fill_progress(&self, page: &mut ComparePage, school: &Arc<School>) -> Result<(), AppError> {
        let reader = self.app.db.reader();
        let today = self.app.db.clock().today();
        let reminded = queries::reminded_on(reader, self.year, today).await?;
        let progress = queries::progress(reader, self.scope, self.list.id, self.year).await?;
        page.reminded = progress
            .iter()
            .filter(|one| one.numbers.missing > 0 && reminded.contains(&one.college_id))
            .count();
        page.progress = progress
            .into_iter()
            .filter_map(|one| {
                let college = school
                    .colleges
                    .iter()
                    .find(|college| college.id == one.college_id)?;
                Some(ProgressRow {
                    name: college.name.clone(),
                    href: page_address(
                        PAGE,
                        &[("class_year", &self.year.to_string()), ("college", &college.code)],
                        &Step::default(),
                    ),
                    numbers: one.numbers,
                    is_reminded: reminded.contains(&one.college_id),
                })
            })
            .collect();
        // Whoever has most to do stands first (R24a).
        page.progress
            .sort_by_key(|row| (std::cmp::Reverse(row.numbers.missing), row.name.clone()));
        Ok(())
    }
}

/// The page that a press came from.
fn back(year: ClassYear, press: &Press) -> String {
    let year = year.to_string();
    let mut params = vec![("class_year", &*year)];
    if !press.college.is_empty() {
        params.push(("college", &press.college));
    }
    page_address(PAGE, &params, &Step::default())
}

pub(in crate::special_list) async fn add(
    State(app): State<App>,
    can: Can<policy::ConfirmRoster>,
    staff: Staff,
    Form(press): Form<Press>,
) -> Result<Response, AppError> {
    let school = app.cache.school(&app.db, staff.versions).await?;
    let year = pressed(&school, &press)?;
    let can = narrowed(can, &school, &press.college)?;
    let flash = match rules::add_listed(&app.db, &can, year).await {
        Ok(done) if done.left == 0 => Flash::success(format!(
            "{} 人已添加到 {year} 届生源库，名单上的博士生已全部在库。",
            done.added
        )),
        Ok(done) => Flash::warning(format!(
            "{} 人已添加到 {year} 届生源库；还有 {} 人须先核实，原因见下。",
            done.added, done.left
        )),
        Err(DoctoralError::NothingLeft) => Flash::warning(DoctoralError::NothingLeft.message()),
        Err(error) => return Err(error.into()),
    };
    home::flash(&staff, flash).await?;
    Ok(redirect(&back(year, &press)))
}

/// A press must say which class year it is about.
fn pressed(school: &School, press: &Press) -> Result<ClassYear, AppError> {
    let year = press.class_year.as_deref().unwrap_or_default();
    if year.is_empty() {
        return Err(AppError::BadRequest("请选择届别。".into()));
    }
    // Never falls back to another year: the text is there.
    year.parse()
        .ok()
        .and_then(ClassYear::new)
        .filter(|year| school.class_year(*year).is_some())
        .ok_or_else(|| AppError::BadRequest("没有这一届，请重新选择。".into()))
}

pub(in crate::special_list) async fn remind(
    State(app): State<App>,
    can: MayManage,
    staff: Staff,
    Form(press): Form<Press>,
) -> Result<Response, AppError> {
    let school = app.cache.school(&app.db, staff.versions).await?;
    let year = pressed(&school, &press)?;
    let flash = match rules::remind(&app.db, &can, year).await {
        Ok(sent) if sent.before == 0 => Flash::success(format!("已提醒 {} 个院。", sent.reminded)),
        Ok(sent) => Flash::success(format!(
            "已提醒 {} 个院；{} 个院今天已提醒过，不再重复。",
            sent.reminded, sent.before
        )),
        Err(DoctoralError::NothingLeft) => {
            Flash::warning("没有需要提醒的院，或今天都已提醒过（每院每天至多一次）。")
        }
        Err(error) => return Err(error.into()),
    };
    home::flash(&staff, flash).await?;
    Ok(redirect(&back(year, &press)))
}
