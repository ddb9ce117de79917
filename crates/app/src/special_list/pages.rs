//! What the pages of lists show.

use askama::Template;
use qihang_db::entity::special_list_row;
use qihang_db::{DegreeLevel, ListDifference, ListKind, ListOutcome, ListState, StudyStatus};
use sea_orm::DbErr;

use super::model::in_the_way;
use super::queries::{Listed, ListedList, Numbers, RowCounts, Unknown, Unlisted, Went};
use super::rules::Facts;
use crate::class_year::model::{ClassYear, DaysLeft};
use crate::roster::model::Expectation;
use crate::web::{PageLinks, Shell, instant_text};

/// Rows of a list.
pub(super) const PAGE_SIZE: usize = 25;

/// The colour of a state's badge.
const fn state_badge(state: ListState) -> &'static str {
    match state {
        ListState::Previewed => "info",
        ListState::Committed => "success",
        ListState::Cancelled | ListState::Undone => "muted",
    }
}

/// A list in the list of lists.
pub(super) struct ListRow {
    pub id: i64,
    pub kind: ListKind,
    pub year: ClassYear,
    pub version: i32,
    pub file_name: String,
    pub state: ListState,
    pub when: String,
    pub by: String,
}

impl ListRow {
    pub fn new(ListedList { list, by }: ListedList) -> Result<Self, DbErr> {
        let Facts { kind, year, state } = Facts::of(&list)?;
        Ok(Self {
            id: list.id,
            kind,
            year,
            version: list.version,
            file_name: list.file_name,
            state,
            when: instant_text(list.uploaded_at),
            by: by.unwrap_or_else(|| "命令行".into()),
        })
    }

    fn badge(&self) -> &'static str {
        state_badge(self.state)
    }
}

/// 专项名单: uploading, and all lists.
#[derive(Template)]
#[template(path = "special_list/index.html")]
pub(super) struct IndexPage {
    pub shell: Shell,
    /// Class years that are open.
    pub years: Vec<ClassYear>,
    pub lists: Vec<ListRow>,
    pub total: String,
    pub links: PageLinks,
    /// What was chosen, when the form comes back.
    pub kind: Option<ListKind>,
    pub year: Option<ClassYear>,
    pub error: Option<String>,
}

/// A row of a list.
pub(super) struct ShownRow {
    pub line: String,
    pub student_no: String,
    pub name: String,
    pub college: String,
    pub outcome: String,
    pub reason: String,
}

impl ShownRow {
    pub fn new(row: special_list_row::Model) -> Self {
        Self {
            line: row.line.to_string(),
            student_no: if row.student_no.is_empty() {
                "（空）".into()
            } else {
                row.student_no
            },
            name: row.name,
            college: row.college_found,
            outcome: ListOutcome::from_code(&row.outcome)
                .map_or_else(String::new, |outcome| outcome.label().to_owned()),
            reason: row.reason,
        }
    }

    pub fn went(row: Went) -> Self {
        Self {
            line: "—".into(),
            student_no: row.student_no,
            name: row.name,
            college: row.college_found,
            outcome: "移除".into(),
            reason: "前一版有，这一版没有".into(),
        }
    }
}

/// A tab: the word, how many, where.
pub(super) struct Tab {
    pub label: &'static str,
    pub count: String,
    pub href: String,
    pub is_here: bool,
}

/// One list.
#[derive(Template)]
#[template(path = "special_list/show.html")]
pub(super) struct ShowPage {
    pub shell: Shell,
    pub head: ListRow,
    /// The version that it was compared with.
    pub base: Option<i32>,
    /// Whom that version names and this one does not.
    pub went: Option<u64>,
    pub counts: RowCounts,
    pub has_rows: bool,
    pub may_undo: bool,
    pub tabs: Vec<Tab>,
    pub rows: Vec<ShownRow>,
    pub total: String,
    pub links: PageLinks,
}

impl ShowPage {
    /// The numbers in large: word, class, number.
    fn tiles(&self) -> Vec<(&'static str, &'static str, u64)> {
        let mut tiles = vec![("共", "", self.counts.total())];
        tiles.extend(self.counts.outcomes.iter().map(|(outcome, count)| {
            let class = match outcome {
                ListOutcome::Addable | ListOutcome::Added | ListOutcome::Listed => "tile-success",
                ListOutcome::Already | ListOutcome::Compared => "",
                ListOutcome::Elsewhere
                | ListOutcome::OtherYear
                | ListOutcome::NotExtended
                | ListOutcome::NameDiffers
                | ListOutcome::CollegeDiffers
                | ListOutcome::Unknown
                | ListOutcome::Repeated
                | ListOutcome::Unreadable => "tile-warning",
            };
            (outcome.label(), class, *count)
        }));
        tiles
    }

    /// The difference to the version before, in words.
    fn difference(&self) -> Option<String> {
        let (base, went) = (self.base?, self.went?);
        let of = |difference| self.counts.different(difference);
        Some(format!(
            "与第 {base} 版相比：新增 {}，移除 {went}，修改 {}，不变 {}。",
            of(ListDifference::Came),
            of(ListDifference::Changed),
            of(ListDifference::Same)
        ))
    }

    /// Whether putting it in force would change anything.
    fn does_something(&self) -> bool {
        match self.head.kind {
            ListKind::Extended => self.counts.of(ListOutcome::Addable) > 0,
            ListKind::Doctoral => {
                let differing = self.counts.different(ListDifference::Came)
                    + self.counts.different(ListDifference::Changed)
                    + self.went.unwrap_or_default();
                self.base.is_none() || differing > 0
            }
        }
    }

    /// Why there is nothing to do.
    fn nothing_to_do(&self) -> String {
        match (self.head.kind, self.base) {
            (ListKind::Doctoral, Some(base)) => format!("与第 {base} 版完全相同，没有任何变化，无须执行。"),
            _ => "没有可添加的学生，这份名单不会带来任何变化；各行原因见下。".into(),
        }
    }

    fn commit_label(&self) -> String {
        match self.head.kind {
            ListKind::Extended => format!("添加可添加的 {} 人", self.counts.of(ListOutcome::Addable)),
            ListKind::Doctoral => "启用这一版名单".into(),
        }
    }

    fn is_previewed(&self) -> bool {
        self.head.state == ListState::Previewed
    }

    fn is_extended(&self) -> bool {
        self.head.kind == ListKind::Extended
    }
}

/// The doctoral list in force.
pub(super) struct InForce {
    pub version: i32,
    pub since: String,
}

/// A row of 博士名单核对.
pub(super) struct CompareRow {
    pub student_no: String,
    pub name: String,
    pub school: String,
    pub major: String,
    pub degree: String,
    /// Kind of the badge, and the word in it.
    pub badge: (&'static str, &'static str),
    pub reason: String,
    /// Where it can be seen to.
    pub href: Option<String>,
}

fn explanation(student_no: &str, year: ClassYear) -> String {
    let query = serde_html_form::to_string([("class_year", &*year.to_string()), ("student_no", student_no)]);
    format!("/manage/explanation?{}", query.unwrap_or_default())
}

impl CompareRow {
    pub fn listed(row: Listed, year: ClassYear) -> Self {
        let degree = DegreeLevel::from_code(&row.degree_level);
        let outcome = ListOutcome::from_code(&row.outcome).unwrap_or(ListOutcome::Listed);
        let why = Expectation::from_code(&row.expectation).unwrap_or(Expectation::UnknownStatus);
        let (badge, reason) = if degree == Some(DegreeLevel::Doctor) {
            match in_the_way(
                year,
                outcome,
                &row.reason,
                why,
                row.expected_year,
                row.roster_year,
            ) {
                Some(reason) => (("warning", "须先核实"), reason),
                None => (("success", "可添加"), row.reason),
            }
        } else {
            let reason = match row.roster_year {
                Some(of) => format!("已在 {of} 届生源库中"),
                None => "不是博士生，只作比对；确属本届的请在“名单确认”中添加".into(),
            };
            (("info", "仅比对"), reason)
        };
        Self {
            href: Some(explanation(&row.student_no, year)),
            degree: degree.map_or_else(|| row.degree_level.clone(), |degree| degree.label().to_owned()),
            student_no: row.student_no,
            name: row.name,
            school: row.school,
            major: row.major,
            badge,
            reason,
        }
    }

    pub fn unlisted(row: Unlisted, year: ClassYear) -> Self {
        let reason = match (StudyStatus::from_code(&row.study_status), row.nominal_year) {
            (_, Some(of)) => format!("列入 {of} 届名单；请核实，确属误加的请移出或请就业中心调整届别"),
            (Some(StudyStatus::Active), None) => {
                "名单上没有；确于本届毕业的请名单提供部门补入，误加的请移出".into()
            }
            (Some(status), None) => {
                format!("名单上没有，学籍状态为{}；请核实，误加的请移出", status.label())
            }
            (None, None) => "名单上没有，学籍状态无法识别；请核实，误加的请移出".into(),
        };
        Self {
            href: Some(explanation(&row.student_no, year)),
            student_no: row.student_no,
            name: row.name,
            school: row.school,
            major: row.major,
            degree: DegreeLevel::Doctor.label().into(),
            badge: ("warning", "不在名单"),
            reason,
        }
    }

    pub fn unknown(row: Unknown) -> Self {
        Self {
            href: None,
            student_no: row.student_no,
            name: row.name,
            school: row.college_found,
            major: String::new(),
            degree: String::new(),
            badge: ("danger", "查无此人"),
            reason: format!(
                "名单第 {} 行；数据交换平台没有这个学号，请与名单提供部门核对",
                row.line
            ),
        }
    }
}

/// How far a 院 is.
pub(super) struct ProgressRow {
    pub name: String,
    pub href: String,
    pub numbers: Numbers,
    pub is_reminded: bool,
}

/// 博士名单核对.
#[derive(Template)]
#[template(path = "special_list/doctoral.html")]
pub(super) struct ComparePage {
    pub shell: Shell,
    pub year: ClassYear,
    pub years: Vec<ClassYear>,
    /// The day for doctoral students.
    pub due: Option<(String, DaysLeft)>,
    /// Code and name of the 院 that is looked at alone.
    pub college: String,
    pub college_name: Option<String>,
    pub may_add: bool,
    pub may_manage: bool,
    /// `None` where there is no list yet.
    pub list: Option<InForce>,
    pub numbers: Numbers,
    /// Can be added by one press.
    pub addable: usize,
    pub tabs: Vec<Tab>,
    pub rows: Vec<CompareRow>,
    pub total: String,
    pub links: PageLinks,
    /// Empty for whoever does not see all 院.
    pub progress: Vec<ProgressRow>,
    /// 院 that are behind and were reminded today.
    pub reminded: usize,
}

impl ComparePage {
    /// 院 that are behind.
    fn behind(&self) -> usize {
        self.progress.iter().filter(|row| row.numbers.missing > 0).count()
    }

    fn may_remind(&self) -> bool {
        self.may_manage && self.behind() > self.reminded
    }
}
