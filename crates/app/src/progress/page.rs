//! What the pages of 激活进度 show: display values only.

use std::collections::BTreeMap;

use askama::Template;
use qihang_db::entity::{activation, roster_entry, student};
use qihang_db::{CollegeKind, Scope, StudentType};

use super::filter::{Block, By, ProgressParams, State};
use super::queries::{Figures, Reminded};
use super::question::Asked;
use crate::activation::fields::Field;
use crate::activation::model::{Block as Blocked, Confirmed};
use crate::class_year::model::DaysLeft;
use crate::roster::list::columns::Names;
use crate::roster::list::{Select, choice, coded, of_kind, select};
use crate::roster::selection::{Selection, SelectionParams};
use crate::web::{PageLinks, Shell};

/// A number of the head, with the list behind it.
pub(super) struct Tile {
    pub title: &'static str,
    pub number: u64,
    /// What is said beside the number.
    pub note: String,
    pub href: String,
    /// `success`, `warning`, `danger` or nothing.
    pub kind: &'static str,
    pub is_current: bool,
}

/// The head of both pages: class year, due day, figures.
pub(super) struct Head {
    pub year: i32,
    /// 本院 or 全校.
    pub whose: &'static str,
    pub tiles: Vec<Tile>,
    pub figures: Figures,
    /// The due day and how it stands to today.
    pub due: Option<(String, DaysLeft)>,
    pub warning: Option<String>,
}

impl Head {
    pub(super) fn new(asked: &Asked, scope: &Scope, figures: Figures, today: chrono::NaiveDate) -> Self {
        let params = &asked.params;
        let tile = |title, number, note: String, to: &ProgressParams, kind| Tile {
            title,
            number,
            note,
            href: to.address(super::PATH),
            kind,
            is_current: *to == *params,
        };
        let plain = String::new;
        Self {
            year: asked.year.year.year(),
            whose: if *scope == Scope::Everyone {
                "全校"
            } else {
                "本院"
            },
            tiles: vec![
                tile(
                    "在库",
                    figures.roster,
                    "人".into(),
                    &params.in_state(State::All),
                    "",
                ),
                tile(
                    "已激活",
                    figures.activated,
                    format!("{}%", figures.percent()),
                    &params.in_state(State::Activated),
                    "success",
                ),
                tile(
                    "未激活",
                    figures.pending(),
                    plain(),
                    &params.in_state(State::Pending),
                    "warning",
                ),
                tile(
                    "其中有数据问题",
                    figures.blocked,
                    plain(),
                    &params.blocked(State::Pending, Block::Some),
                    "danger",
                ),
                tile(
                    "其中数据齐全",
                    figures.ready(),
                    plain(),
                    &params.blocked(State::Pending, Block::None),
                    "",
                ),
                tile(
                    "需重新确认",
                    figures.again,
                    plain(),
                    &params.in_state(State::Again),
                    "warning",
                ),
            ],
            figures,
            due: asked.details.as_ref().map(|details| {
                (
                    details.activation_due.format("%-m月%-d日").to_string(),
                    DaysLeft::until(details.activation_due, today),
                )
            }),
            warning: asked.warning(),
        }
    }

    fn is_over_due(&self) -> bool {
        matches!(self.due, Some((_, DaysLeft::Over(_))))
    }
}

/// A way of looking at the students: as a list, or by groups.
pub(super) struct ViewLink {
    pub label: String,
    pub href: String,
    pub is_current: bool,
}

/// The list and the groups. `current` is `None` for the list.
pub(super) fn views(params: &ProgressParams, current: Option<By>) -> Vec<ViewLink> {
    let list = ProgressParams {
        by: String::new(),
        ..params.clone()
    };
    let first = ViewLink {
        label: "名单".into(),
        href: list.address(super::PATH),
        is_current: current.is_none(),
    };
    let groups = By::ALL.iter().map(|by| ViewLink {
        label: format!("按{}", by.label()),
        href: ProgressParams {
            by: by.code().into(),
            state: String::new(),
            block: String::new(),
            ..params.clone()
        }
        .address(super::groups::PATH),
        is_current: current == Some(*by),
    });
    std::iter::once(first).chain(groups).collect()
}

/// The choices of the search form.
pub(super) fn selects(asked: &Asked, scope: &Scope, with_state: bool) -> Vec<Select> {
    let (params, school) = (&asked.params, &asked.school);
    let year = asked.year.year.year();
    let current = if asked.year.is_current { year } else { year + 1 };
    let years =
        [current, current - 1].map(|one| choice(one.to_string(), format!("{one} 届"), &year.to_string()));
    let mut selects = vec![Select {
        name: "class_year",
        label: "届别",
        refreshes: false,
        options: years.into(),
    }];
    if with_state {
        let states = State::ALL
            .iter()
            .map(|state| choice(state.code(), state.label(), asked.filter.state.code()));
        selects.push(Select {
            name: "state",
            label: "激活状态",
            refreshes: false,
            options: states.collect(),
        });
    }
    // Whoever works for one 院 has nothing to choose.
    if scope.only_college().is_none() {
        let colleges = school
            .colleges
            .iter()
            .filter(|one| scope.covers(one.id))
            .map(|one| (one.code.clone(), one.name.clone()));
        selects.push(select("college", "院系", &params.college, colleges));
    }
    let types = coded(StudentType::ALL, StudentType::code, StudentType::label);
    selects.push(select("type", "类型", &params.student_type, types));
    selects.push(Select {
        refreshes: true,
        ..select(
            "school",
            "学院",
            &params.school,
            of_kind(&school.colleges, CollegeKind::School),
        )
    });
    let majors = school
        .majors
        .iter()
        .filter(|one| {
            asked
                .filter
                .school_id
                .is_none_or(|school| one.college_id == school)
        })
        .map(|one| (one.code.clone(), format!("{}（{}）", one.name, one.code)));
    selects.push(select("major", "专业", &params.major, majors));
    if with_state {
        let any = [Block::Some, Block::None].map(|block| (block.code().to_owned(), block.label()));
        let fields = asked
            .needed
            .iter()
            .map(|field| (field.code().to_owned(), format!("{}有问题", field.heading())));
        selects.push(select(
            "block",
            "受阻原因",
            &params.block,
            any.into_iter().chain(fields),
        ));
    }
    selects
}

impl Block {
    fn label(self) -> String {
        match self {
            Self::Some => "有数据问题".into(),
            Self::None => "数据齐全，待本人办理".into(),
            Self::Field(field) => field.heading().into(),
        }
    }
}

/// A student of the list.
pub(super) struct Row {
    pub id: i64,
    pub student_no: String,
    pub name: String,
    pub student_type: String,
    pub college: String,
    pub major: String,
    pub class_name: String,
    pub counsellor: String,
    /// Kind and word of the badge.
    pub badge: (&'static str, String),
    /// What is in the way, and who mends it.
    pub blocks: Vec<(String, &'static str)>,
    /// What is to be said where nothing is in the way.
    pub note: String,
    pub reminded: String,
    pub selectable: bool,
    pub selected: bool,
}

/// What is known of a student beside the record.
pub(super) struct Facts<'a> {
    pub activation: Option<&'a activation::Model>,
    pub blocks: Vec<Blocked>,
    pub reminded: Option<Reminded>,
}

impl Row {
    pub(super) fn new(
        (entry, student): (roster_entry::Model, student::Model),
        names: &Names,
        counsellors: &BTreeMap<String, String>,
        facts: Facts<'_>,
        selection: &Selection,
    ) -> Self {
        let changed = facts
            .activation
            .filter(|activation| activation.changed_at.is_some())
            .map(|activation| Confirmed::from_column(&activation.confirmed).changed(&student));
        let is_open = entry.ended_at.is_none() && entry.state == qihang_db::EntryState::Open.code();
        let selectable = is_open && (facts.activation.is_none() || changed.is_some());
        let (badge, note) = match (facts.activation, &changed) {
            (None, _) if facts.blocks.is_empty() => (
                ("warning", State::Pending.label().to_owned()),
                "数据齐全，待本人核对".to_owned(),
            ),
            (None, _) => (("danger", State::Pending.label().to_owned()), String::new()),
            (Some(_), Some(fields)) => (
                ("info", State::Again.label().to_owned()),
                format!("已更改：{}", headings(fields)),
            ),
            (Some(activation), None) => (
                ("success", State::Activated.label().to_owned()),
                crate::web::instant_text(activation.activated_at),
            ),
        };
        // What was confirmed stands, whatever else a finding says of it.
        let blocks = if facts.activation.is_some() && changed.is_none() {
            Vec::new()
        } else {
            facts.blocks
        };
        Self {
            id: student.id,
            selected: selectable && selection.holds(student.id),
            selectable,
            student_type: StudentType::from_code(&student.student_type)
                .map_or_else(|| student.student_type.clone(), |known| known.label().to_owned()),
            college: names.college(student.college_id).to_owned(),
            major: names.major(student.major_id).to_owned(),
            counsellor: with_name(&student.counsellor, counsellors),
            badge,
            blocks: blocks
                .into_iter()
                .map(|block| (block.problem, block.mender.who))
                .collect(),
            note,
            reminded: facts.reminded.map_or_else(String::new, |reminded| {
                format!(
                    "{} 次，最近 {}",
                    reminded.times,
                    reminded.last_on.format("%-m月%-d日")
                )
            }),
            student_no: student.student_no,
            name: student.name,
            class_name: student.class_name,
        }
    }
}

/// The number that a record names a 辅导员 by, and the name of the account.
pub(super) fn with_name(number: &str, names: &BTreeMap<String, String>) -> String {
    match names.get(number) {
        Some(name) => format!("{name}（{number}）"),
        None => number.to_owned(),
    }
}

fn headings(fields: &[Field]) -> String {
    let headings: Vec<&str> = fields.iter().map(|field| field.heading()).collect();
    headings.join("、")
}

/// The list.
#[derive(Template)]
#[template(path = "progress/index.html")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "one answer for each thing that is shown or not"
)]
pub(super) struct IndexPage {
    pub shell: Shell,
    pub head: Head,
    pub views: Vec<ViewLink>,
    pub selects: Vec<Select>,
    pub params: ProgressParams,
    pub reset: String,
    /// Whether the question is one that comes back the next time.
    pub is_filtered: bool,
    /// Fields that block, with how many students and the list of these.
    pub blocking: Vec<(&'static str, u64, String)>,
    pub rows: Vec<Row>,
    /// Whether the students are of more than one 院.
    pub shows_college: bool,
    pub found: u64,
    pub selectable: u64,
    pub selected: u64,
    pub selection: SelectionParams,
    pub links: PageLinks,
    pub select_all: String,
    pub clear_selection: String,
    pub may_remind: bool,
    pub may_view_as_student: bool,
}

impl IndexPage {
    /// Rows of the selection that are not on this page: sent along as hidden fields.
    fn elsewhere<'a>(&'a self, ids: &'a [i64]) -> impl Iterator<Item = &'a i64> {
        ids.iter().filter(|id| self.rows.iter().all(|row| row.id != **id))
    }

    /// The buttons under the list: word, and where it leads when there is such a page.
    fn pages(&self) -> [(&'static str, Option<&str>); 4] {
        [
            ("首页", self.links.first.as_deref()),
            ("上一页", self.links.previous.as_deref()),
            ("下一页", self.links.next.as_deref()),
            ("末页", self.links.last.as_deref()),
        ]
    }

    /// Why the list is empty, and what to do.
    fn nothing(&self) -> (&'static str, &'static str) {
        if self.head.figures.roster == 0 && !self.params.is_narrowed() {
            (
                "生源库还没有学生",
                "学生加入本届生源库后，才能激活账户。请先到“名单确认”添加。",
            )
        } else if self.params.is_narrowed() {
            ("没有符合条件的学生", "请放宽查询条件，或点“重置”。")
        } else {
            (
                "这里没有学生",
                "在库学生都不在所选的激活状态，可改变“激活状态”后查询。",
            )
        }
    }
}

/// A group of students.
pub(super) struct Group {
    pub label: String,
    pub figures: Figures,
    /// The lists behind the numbers: 在库, 已激活, 未激活, 有数据问题, 需重新确认. Nothing where the group has no name to ask by.
    pub hrefs: Option<[String; 5]>,
}

/// The groups.
#[derive(Template)]
#[template(path = "progress/groups.html")]
pub(super) struct GroupsPage {
    pub shell: Shell,
    pub head: Head,
    pub views: Vec<ViewLink>,
    pub selects: Vec<Select>,
    pub params: ProgressParams,
    pub reset: String,
    pub by: By,
    pub groups: Vec<Group>,
}
