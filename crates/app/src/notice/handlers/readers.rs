//! Who has read a notice, and who has not.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};

use super::{HERE, May};
use crate::app::App;
use crate::auth::Staff;
use crate::home;
use crate::notice::model::Readership;
use crate::notice::queries::{self, HasRead, ReadCounts, StaffRow, StudentRow};
use crate::school;
use crate::web::{AppError, PageLinks, Path, Query, Shell, Step, html, instant_text};

/// Students on one page.
const PAGE_SIZE: u64 = 50;

/// Which list, and where the page begins.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(in crate::notice) struct Which {
    /// `1` for those who have read it; absent for those who have not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    read: Option<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    after: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    before: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last: Option<u8>,
}

impl Which {
    fn step(&self) -> Step {
        Step {
            after: self.after.clone(),
            before: self.before.clone(),
            last: self.last,
        }
    }

    fn address(&self, id: i64, step: &Step) -> String {
        let which = Self {
            read: self.read,
            after: step.after.clone(),
            before: step.before.clone(),
            last: step.last,
        };
        match serde_html_form::to_string(&which) {
            Ok(query) if !query.is_empty() => format!("{HERE}/{id}/readers?{query}"),
            _ => format!("{HERE}/{id}/readers"),
        }
    }
}

/// The lists, by whom the notice is for.
enum Readers {
    /// Nobody can say who of the public has not read it.
    Public(ReadCounts),
    Students {
        read: u64,
        unread: u64,
        /// Whether those are shown who have read it.
        shows_read: bool,
        rows: Vec<StudentRow>,
        links: PageLinks,
    },
    Staff(Vec<StaffRow>),
}

impl StaffRow {
    /// When it was read, as people read it.
    fn read_text(&self) -> Option<String> {
        self.read_at.map(instant_text)
    }
}

#[derive(Template)]
#[template(path = "notice/manage/readers.html")]
struct ReadersPage {
    shell: Shell,
    id: i64,
    title: String,
    audience: String,
    readers: Readers,
}

pub(in crate::notice) async fn show(
    State(app): State<App>,
    can: May,
    staff: Staff,
    Path(id): Path<i64>,
    Query(which): Query<Which>,
) -> Result<Response, AppError> {
    let reader = app.db.reader();
    let found = queries::find(reader, can.scope(), id)
        .await?
        .ok_or(AppError::NotFound)?;
    let readers = match &found.readership {
        Readership::Public => {
            let read = queries::read_counts(reader, can.scope(), &[id]).await?;
            Readers::Public(read.get(&id).copied().unwrap_or_default())
        }
        Readership::Students { .. } => students(&app, &can, id, &found.readership, &which).await?,
        Readership::Staff { .. } => {
            let today = app.db.clock().today();
            Readers::Staff(queries::staff_rows(reader, id, &found.readership, today).await?)
        }
    };
    let colleges = school::queries::colleges(reader).await?;
    let name = |id: i64| {
        let of = colleges.iter().find(|college| college.id == id);
        of.map_or_else(String::new, |college| college.name.clone())
    };
    html(&ReadersPage {
        shell: home::shell(&app, &staff, HERE).await?,
        id,
        audience: found.readership.label(name),
        title: found.row.title,
        readers,
    })
}

async fn students(
    app: &App,
    can: &May,
    id: i64,
    readership: &Readership,
    which: &Which,
) -> Result<Readers, AppError> {
    let reader = app.db.reader();
    let (read, unread) = queries::student_totals(reader, can.scope(), id, readership).await?;
    let has_read = if which.read == Some(1) {
        HasRead::Yes
    } else {
        HasRead::No
    };
    let step = which.step();
    let mut rows =
        queries::student_rows(reader, can.scope(), id, readership, has_read, (&step, PAGE_SIZE)).await?;
    let size = usize::try_from(PAGE_SIZE).unwrap_or(usize::MAX);
    let links = PageLinks::cut(
        &mut rows,
        size,
        &step,
        |row| row.student_no.clone(),
        |step| which.address(id, step),
    );
    Ok(Readers::Students {
        read,
        unread,
        shows_read: has_read == HasRead::Yes,
        rows,
        links,
    })
}
