//! One list: what its rows come to, and what can be done with it.

use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use qihang_db::entity::special_list_row;
use qihang_db::{ListDifference, ListKind, ListOutcome, ListState};
use sea_orm::{ColumnTrait, Condition};
use serde::Deserialize;

use super::{HERE, MayManage, Position, address, numbered};
use crate::app::App;
use crate::auth::Staff;
use crate::home;
use crate::special_list::pages::{ListRow, PAGE_SIZE, ShowPage, ShownRow, Tab};
use crate::special_list::queries::{self, ListedList};
use crate::special_list::rules::{self, Committed, Undone};
use crate::web::{
    AppError, Flash, PageLinks, Path, Query, Step, content_disposition, html, page_address, redirect,
};

/// Which rows are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Which {
    Outcome(ListOutcome),
    Difference(ListDifference),
    /// Named by the version before, not by this one.
    Went,
}

const WENT: &str = "went";

impl Which {
    fn from_code(code: &str) -> Option<Self> {
        if code == WENT {
            return Some(Self::Went);
        }
        ListOutcome::from_code(code)
            .map(Self::Outcome)
            .or_else(|| ListDifference::from_code(code).map(Self::Difference))
    }

    const fn code(self) -> &'static str {
        match self {
            Self::Outcome(outcome) => outcome.code(),
            Self::Difference(difference) => difference.code(),
            Self::Went => WENT,
        }
    }

    const fn label(self) -> &'static str {
        match self {
            Self::Outcome(outcome) => outcome.label(),
            Self::Difference(difference) => difference.label(),
            Self::Went => "移除",
        }
    }
}

/// What of a list is looked at.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::special_list) struct Look {
    rows: Option<String>,
    after: Option<String>,
    before: Option<String>,
    last: Option<u8>,
}

pub(in crate::special_list) async fn show(
    State(app): State<App>,
    can: MayManage,
    staff: Staff,
    Path(id): Path<i64>,
    Query(look): Query<Look>,
) -> Result<Response, AppError> {
    let reader = app.db.reader();
    let list = queries::find(reader, id).await?.ok_or(AppError::NotFound)?;
    let by = queries::uploader(reader, &list).await?;
    let base = match list.base_id {
        Some(base_id) => queries::find(reader, base_id).await?,
        None => None,
    };
    let counts = queries::counts(reader, can.scope(), id).await?;
    let head = ListRow::new(ListedList { list, by })?;
    let has_rows = head.state != ListState::Cancelled;
    let is_latest = queries::current(reader, head.kind, head.year.year())
        .await?
        .is_some_and(|current| current.id == id);
    let went = match &base {
        Some(base) if has_rows => Some(queries::went_count(reader, can.scope(), (base.id, id)).await?),
        Some(_) | None => None,
    };
    let mut page = ShowPage {
        shell: home::shell(&app, &staff, HERE).await?,
        may_undo: head.state == ListState::Committed && (head.kind == ListKind::Extended || is_latest),
        base: base.map(|base| base.version),
        went,
        counts,
        has_rows,
        head,
        tabs: Vec::new(),
        rows: Vec::new(),
        total: String::new(),
        links: PageLinks::default(),
    };
    if page.has_rows {
        with_rows(&app, &can, &mut page, look).await?;
    }
    html(&page)
}

fn tabs(page: &ShowPage) -> Vec<(Which, u64)> {
    let outcomes = page
        .counts
        .outcomes
        .iter()
        .map(|(one, count)| (Which::Outcome(*one), *count));
    let differences = page
        .counts
        .differences
        .iter()
        .filter(|(one, _)| *one != ListDifference::Same)
        .map(|(one, count)| (Which::Difference(*one), *count));
    let went = page
        .went
        .filter(|count| *count > 0)
        .map(|count| (Which::Went, count));
    differences.chain(went).chain(outcomes).collect()
}

async fn with_rows(app: &App, can: &MayManage, page: &mut ShowPage, look: Look) -> Result<(), AppError> {
    let (reader, scope, id) = (app.db.reader(), can.scope(), page.head.id);
    let position = Position {
        after: look.after,
        before: look.before,
        last: look.last,
    };
    let step = Step::from(position);
    let tabs = tabs(page);
    let which = match look.rows.as_deref() {
        Some(code) => Which::from_code(code).ok_or_else(|| AppError::BadRequest("没有这种结果。".into()))?,
        None => tabs
            .first()
            .map_or(Which::Outcome(ListOutcome::Unreadable), |(which, _)| *which),
    };
    let here = address(id);
    let link = |step: &Step| page_address(&here, &[("rows", which.code())], step);
    let condition = match which {
        Which::Outcome(outcome) => Some(special_list_row::Column::Outcome.eq(outcome.code())),
        Which::Difference(difference) => Some(special_list_row::Column::Difference.eq(difference.code())),
        Which::Went => None,
    };
    let step = if condition.is_some() {
        numbered(step)?
    } else {
        step
    };
    if let Some(condition) = condition {
        let which = Condition::all().add(condition);
        let mut rows = queries::page(reader, scope, id, which, &step, PAGE_SIZE as u64).await?;
        let key = |row: &special_list_row::Model| row.line.to_string();
        page.links = PageLinks::cut(&mut rows, PAGE_SIZE, &step, key, link);
        page.rows = rows.into_iter().map(ShownRow::new).collect();
    } else if let Some(base) = queries::find(reader, id).await?.and_then(|list| list.base_id) {
        let mut rows = queries::went(reader, scope, (base, id), &step, PAGE_SIZE as u64).await?;
        page.links = PageLinks::cut(&mut rows, PAGE_SIZE, &step, |row| row.student_no.clone(), link);
        page.rows = rows.into_iter().map(ShownRow::went).collect();
    }
    let count = tabs
        .iter()
        .find(|(one, _)| *one == which)
        .map_or(0, |(_, count)| *count);
    page.total = format!("{} {count} 行", which.label());
    page.tabs = tabs
        .into_iter()
        .map(|(one, count)| Tab {
            label: one.label(),
            count: count.to_string(),
            href: page_address(&here, &[("rows", one.code())], &Step::default()),
            is_here: one == which,
        })
        .collect();
    Ok(())
}

pub(in crate::special_list) async fn commit(
    State(app): State<App>,
    can: MayManage,
    staff: Staff,
    Path(id): Path<i64>,
) -> Result<Response, AppError> {
    let flash = match rules::commit(&app.db, &can, id).await? {
        Committed::Extended { added, overtaken: 0 } => Flash::success(format!("{added} 人已加入生源库。")),
        Committed::Extended { added, overtaken } => Flash::warning(format!(
            "{added} 人已加入生源库；{overtaken} 人情况已变，未添加，原因见下。"
        )),
        Committed::Doctoral { changed } => Flash::success(format!(
            "名单已生效，{changed} 名博士生的预计届别有变化；各院可在“博士名单核对”中处理。"
        )),
    };
    home::flash(&staff, flash).await?;
    Ok(redirect(&address(id)))
}

pub(in crate::special_list) async fn cancel(
    State(app): State<App>,
    can: MayManage,
    staff: Staff,
    Path(id): Path<i64>,
) -> Result<Response, AppError> {
    rules::cancel(&app, &can, id).await?;
    home::flash(&staff, Flash::success("名单已放弃，没有写入任何数据。")).await?;
    Ok(redirect(HERE))
}

/// Students named one by one in a message.
const NAMED: usize = 20;

pub(in crate::special_list) async fn undo(
    State(app): State<App>,
    can: MayManage,
    staff: Staff,
    Path(id): Path<i64>,
) -> Result<Response, AppError> {
    let flash = match rules::undo(&app.db, &can, id).await? {
        Undone::Extended { removed, kept } if kept.is_empty() => {
            Flash::success(format!("名单已撤销，{removed} 人已移出生源库。"))
        }
        Undone::Extended { removed, kept } => {
            let named: Vec<String> = kept
                .iter()
                .take(NAMED)
                .map(|(student_no, name, why)| format!("{name}（{student_no}，{why}）"))
                .collect();
            let more = if kept.len() > NAMED { " 等" } else { "" };
            Flash::warning(format!(
                "名单已撤销，{removed} 人已移出生源库；{} 人添加之后情况有变，没有改动：{}{more}。",
                kept.len(),
                named.join("、")
            ))
        }
        Undone::Doctoral { changed } => Flash::success(format!(
            "名单已撤销，{changed} 名博士生的预计届别有变化，前一版（如有）重新生效。"
        )),
    };
    home::flash(&staff, flash).await?;
    Ok(redirect(&address(id)))
}

pub(in crate::special_list) async fn answer(
    State(app): State<App>,
    can: MayManage,
    Path(id): Path<i64>,
) -> Result<Response, AppError> {
    let (name, content) = rules::answer(&app, &can, id).await?.ok_or(AppError::NotFound)?;
    let name = match name.rsplit_once('.') {
        Some((stem, ending)) => format!("{stem}.result.{ending}"),
        None => format!("{name}.result"),
    };
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_DISPOSITION, content_disposition(&name)),
    ];
    Ok((headers, Body::from(content)).into_response())
}
