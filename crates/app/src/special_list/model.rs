//! What a row of a list comes to, and how one version of a list differs from the version before. Pure.

use std::collections::HashMap;
use std::hash::BuildHasher;

use qihang_db::{DegreeLevel, ListDifference, ListKind, ListOutcome, StudentType, StudyStatus};
use qihang_sheet::normalise;

use crate::class_year::model::ClassYear;
use crate::roster::model::{Expectation, effective_type};

/// A row as it stands in the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// The row that a spreadsheet shows.
    pub number: i32,
    /// 学号; empty where the cell is.
    pub student_no: String,
    /// 姓名; empty where the list has none.
    pub name: String,
    /// 学院; empty where the list has none.
    pub college_found: String,
    /// The 院 that this names.
    pub college_id: Option<i64>,
    /// Why nothing can be made of the row, where nothing can.
    pub broken: Option<String>,
}

/// What is known of the student with a 学号.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Row id.
    pub id: i64,
    /// 姓名.
    pub name: String,
    /// 类型: code, or as found.
    pub student_type: String,
    /// 学历: code, or as found.
    pub degree_level: String,
    /// 学籍状态: code, or as found.
    pub study_status: String,
    /// Class year by admission and length.
    pub nominal_year: Option<i32>,
    /// 学院.
    pub school_id: i64,
    /// Name of the 学院.
    pub school: String,
    /// The class year whose open roster holds the student, or the list's own where it holds them.
    pub roster_year: Option<i32>,
}

impl Known {
    fn is_doctoral(&self) -> bool {
        DegreeLevel::from_code(&self.degree_level) == Some(DegreeLevel::Doctor)
    }

    fn status(&self) -> Option<StudyStatus> {
        StudyStatus::from_code(&self.study_status)
    }

    fn status_label(&self) -> &str {
        match self.status() {
            Some(status) => status.label(),
            None => &self.study_status,
        }
    }
}

/// What a row comes to, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What.
    pub outcome: ListOutcome,
    /// Why, and what to do; empty where there is nothing to say.
    pub reason: String,
}

fn verdict(outcome: ListOutcome, reason: impl Into<String>) -> Verdict {
    Verdict {
        outcome,
        reason: reason.into(),
    }
}

/// Judges the rows of a list in order; `known` answers for a 学号. A 学号 counts where it stands first.
pub fn judge<'a>(
    kind: ListKind,
    year: ClassYear,
    lines: &[Line],
    known: impl Fn(&str) -> Option<&'a Known>,
) -> Vec<Verdict> {
    let mut first: HashMap<&str, i32> = HashMap::with_capacity(lines.len());
    lines
        .iter()
        .map(|line| {
            if let Some(why) = &line.broken {
                return verdict(ListOutcome::Unreadable, why);
            }
            if let Some(number) = first.get(&*line.student_no) {
                return verdict(
                    ListOutcome::Repeated,
                    format!("与第 {number} 行重复，只按第一次出现处理"),
                );
            }
            first.insert(&line.student_no, line.number);
            let Some(student) = known(&line.student_no) else {
                return verdict(
                    ListOutcome::Unknown,
                    "数据交换平台没有这个学号，请与名单提供部门核对",
                );
            };
            match kind {
                ListKind::Extended => judge_extended(year, line, student),
                ListKind::Doctoral => judge_doctoral(year, line, student),
            }
        })
        .collect()
}

fn judge_extended(year: ClassYear, line: &Line, student: &Known) -> Verdict {
    if let Some(other) = on_a_roster(year, student) {
        return other;
    }
    if effective_type(&student.student_type, &student.degree_level) != StudentType::Undergraduate {
        return verdict(
            ListOutcome::NotExtended,
            "是研究生，不经延长学制名单添加；由所在学院在“名单确认”中添加",
        );
    }
    if student.status() != Some(StudyStatus::Extended) {
        let reason = format!(
            "学籍状态为{}，不是延长学制；请教务处核对，或由所在院在“名单确认”中添加",
            student.status_label()
        );
        return verdict(ListOutcome::NotExtended, reason);
    }
    if let Some(nominal) = student.nominal_year.filter(|nominal| *nominal > year.year()) {
        return verdict(
            ListOutcome::OtherYear,
            format!("按入学年份和学制应于 {nominal} 年毕业，晚于 {year} 届；请教务处核对"),
        );
    }
    match name_differs(line, student) {
        Some(reason) => verdict(ListOutcome::NameDiffers, reason + "，未添加"),
        None => verdict(ListOutcome::Addable, ""),
    }
}

fn judge_doctoral(year: ClassYear, line: &Line, student: &Known) -> Verdict {
    if !student.is_doctoral() {
        return verdict(ListOutcome::Compared, "不是博士生，只与生源库比对");
    }
    if let Some(reason) = name_differs(line, student) {
        return verdict(ListOutcome::NameDiffers, reason);
    }
    if let Some(other) = on_a_roster(year, student) {
        return other;
    }
    if !line.college_found.is_empty() && line.college_id != Some(student.school_id) {
        let reason = format!("名单学院为“{}”，学籍学院为{}", line.college_found, student.school);
        return verdict(ListOutcome::CollegeDiffers, reason);
    }
    let reason = if student.status() == Some(StudyStatus::Active) {
        String::new()
    } else {
        format!("学籍状态为{}，请核实", student.status_label())
    };
    verdict(ListOutcome::Listed, reason)
}

fn on_a_roster(year: ClassYear, student: &Known) -> Option<Verdict> {
    student.roster_year.map(|of| {
        if of == year.year() {
            verdict(ListOutcome::Already, "")
        } else {
            verdict(
                ListOutcome::Elsewhere,
                format!("已在 {of} 届生源库中，须先调整届别"),
            )
        }
    })
}

fn name_differs(line: &Line, student: &Known) -> Option<String> {
    let differs = !line.name.is_empty() && name_key(&line.name) != name_key(&student.name);
    differs.then(|| {
        format!(
            "名单姓名为“{}”，学籍姓名为“{}”，请核对学号",
            line.name, student.name
        )
    })
}

/// A name without spaces, and with one kind of dot between its parts: offices type several.
fn name_key(name: &str) -> String {
    normalise(name)
        .chars()
        .filter(|one| *one != ' ')
        .map(|one| match one {
            '•' | '・' | '‧' | '.' | '∙' | '⋅' => '·',
            other => other,
        })
        .collect()
}

/// Whether rows of this outcome name somebody: not twice the same, and not what cannot be read.
pub const fn names_somebody(outcome: ListOutcome) -> bool {
    match outcome {
        ListOutcome::Addable
        | ListOutcome::Added
        | ListOutcome::Listed
        | ListOutcome::Compared
        | ListOutcome::Already
        | ListOutcome::Elsewhere
        | ListOutcome::OtherYear
        | ListOutcome::NotExtended
        | ListOutcome::NameDiffers
        | ListOutcome::CollegeDiffers
        | ListOutcome::Unknown => true,
        ListOutcome::Repeated | ListOutcome::Unreadable => false,
    }
}

/// How each row stands to the version before: 学号 to 姓名 and 学院 as that version has them. Rows that name nobody stand
/// for nothing.
pub fn differences<S: BuildHasher>(
    lines: &[Line],
    verdicts: &[Verdict],
    before: &HashMap<String, (String, String), S>,
) -> Vec<Option<ListDifference>> {
    lines
        .iter()
        .zip(verdicts)
        .map(|(line, verdict)| {
            names_somebody(verdict.outcome).then(|| match before.get(&line.student_no) {
                None => ListDifference::Came,
                Some((name, college)) if *name == line.name && *college == line.college_found => {
                    ListDifference::Same
                }
                Some(_) => ListDifference::Changed,
            })
        })
        .collect()
}

/// Which class year the doctoral lists in force name a 学号 for.
#[derive(Clone, Debug, Default)]
pub struct DoctoralYears(HashMap<String, i32>);

impl DoctoralYears {
    /// From 学号 and class year of every row. Whoever is named by two stays longer: the later one holds.
    pub fn new(rows: impl IntoIterator<Item = (String, i32)>) -> Self {
        let mut years = HashMap::new();
        for (student_no, year) in rows {
            let latest = years.entry(student_no).or_insert(year);
            *latest = year.max(*latest);
        }
        Self(years)
    }

    /// The class year whose list names the 学号.
    pub fn of(&self, student_no: &str) -> Option<i32> {
        self.0.get(student_no).copied()
    }
}

/// Why a doctoral student who is listed and not on the roster is not added by one press; `None` when nothing is in the way.
pub fn in_the_way(
    year: ClassYear,
    outcome: ListOutcome,
    reason: &str,
    why: Expectation,
    expected_year: Option<i32>,
    roster_year: Option<i32>,
) -> Option<String> {
    if let Some(of) = roster_year {
        return Some(format!("已在 {of} 届生源库中，须由就业中心调整届别"));
    }
    match (outcome, why, expected_year) {
        (ListOutcome::NameDiffers, _, _) => Some(reason.to_owned()),
        (_, Expectation::Expected, Some(expected)) if expected == year.year() => None,
        (_, Expectation::Expected, Some(expected)) => Some(format!("也列入 {expected} 届名单，以后一届为准")),
        (_, other, _) => Some(other.label()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn year() -> ClassYear {
        ClassYear::new(2027).unwrap()
    }

    fn student() -> Known {
        Known {
            id: 1,
            name: "卢宇玉".into(),
            student_type: "undergraduate".into(),
            degree_level: "bachelor".into(),
            study_status: "extended".into(),
            nominal_year: Some(2026),
            school_id: 7,
            school: "机械工程学院".into(),
            roster_year: None,
        }
    }

    fn line(student_no: &str) -> Line {
        Line {
            number: 2,
            student_no: student_no.into(),
            ..Line::default()
        }
    }

    fn one(kind: ListKind, line: Line, student: &Known) -> ListOutcome {
        judge(kind, year(), &[line], |_| Some(student))[0].outcome
    }

    #[test]
    fn only_an_undergraduate_who_is_extended_and_on_no_roster_can_be_added() {
        let judged = |change: &dyn Fn(&mut Known)| {
            let mut student = student();
            change(&mut student);
            one(ListKind::Extended, line("1"), &student)
        };
        assert_eq!(judged(&|_| {}), ListOutcome::Addable);
        assert_eq!(judged(&|it| it.nominal_year = None), ListOutcome::Addable);
        assert_eq!(judged(&|it| it.nominal_year = Some(2027)), ListOutcome::Addable);
        assert_eq!(judged(&|it| it.nominal_year = Some(2028)), ListOutcome::OtherYear);
        assert_eq!(judged(&|it| it.roster_year = Some(2027)), ListOutcome::Already);
        assert_eq!(judged(&|it| it.roster_year = Some(2026)), ListOutcome::Elsewhere);
        for status in ["active", "graduated", "保留学籍"] {
            assert_eq!(
                judged(&|it| it.study_status = status.into()),
                ListOutcome::NotExtended
            );
        }
        assert_eq!(
            judged(&|it| {
                it.student_type = "graduate".into();
                it.degree_level = "master".into();
            }),
            ListOutcome::NotExtended
        );
    }

    #[test]
    fn a_name_is_compared_without_spaces_and_whatever_its_dot() {
        let mut student = student();
        student.name = "阿卜杜拉·买买提".into();
        let named = |name: &str| {
            let line = Line {
                name: name.into(),
                ..line("1")
            };
            one(ListKind::Extended, line, &student)
        };
        for name in [
            "",
            "阿卜杜拉·买买提",
            "阿卜杜拉•买买提",
            "阿卜杜拉 · 买买提",
            "阿卜杜拉．买买提",
        ] {
            assert_eq!(named(name), ListOutcome::Addable, "{name}");
        }
        assert_eq!(named("阿卜杜拉"), ListOutcome::NameDiffers);
    }

    #[test]
    fn a_master_on_the_doctoral_list_is_compared_and_a_doctor_is_listed() {
        let mut doctor = student();
        doctor.student_type = "graduate".into();
        doctor.degree_level = "doctor".into();
        doctor.study_status = "active".into();
        doctor.nominal_year = None;
        let of = |line: Line, student: &Known| one(ListKind::Doctoral, line, student);
        assert_eq!(of(line("1"), &doctor), ListOutcome::Listed);
        let of_school = |found: &str, id| Line {
            college_found: found.into(),
            college_id: id,
            ..line("1")
        };
        assert_eq!(
            of(of_school("机械工程学院", Some(7)), &doctor),
            ListOutcome::Listed
        );
        assert_eq!(
            of(of_school("理学院", Some(8)), &doctor),
            ListOutcome::CollegeDiffers
        );
        let master = Known {
            degree_level: "master".into(),
            ..doctor
        };
        assert_eq!(of(line("1"), &master), ListOutcome::Compared);
    }

    #[test]
    fn whoever_is_named_by_two_lists_graduates_with_the_later() {
        let rows = [
            ("1".to_owned(), 2028),
            ("1".to_owned(), 2027),
            ("2".to_owned(), 2027),
        ];
        let years = DoctoralYears::new(rows);
        assert_eq!(
            (years.of("1"), years.of("2"), years.of("3")),
            (Some(2028), Some(2027), None)
        );
    }

    proptest! {
        #[test]
        fn every_number_counts_once_and_every_difference_is_named(
            numbers in proptest::collection::vec("[1-6]", 0..20), before in proptest::collection::hash_set("[1-6]", 0..6),
        ) {
            let lines: Vec<Line> = numbers.iter().zip(2..).map(|(student_no, number)| Line { number, ..line(student_no) }).collect();
            let student = student();
            let verdicts = judge(ListKind::Extended, year(), &lines, |_| Some(&student));
            let counting = verdicts.iter().filter(|verdict| names_somebody(verdict.outcome)).count();
            let distinct: std::collections::HashSet<&String> = numbers.iter().collect();
            prop_assert_eq!(counting, distinct.len());

            let before: HashMap<String, (String, String)> = before.into_iter().map(|no| (no, Default::default())).collect();
            let found = differences(&lines, &verdicts, &before);
            let came = found.iter().filter(|one| **one == Some(ListDifference::Came)).count();
            let same = found.iter().filter(|one| **one == Some(ListDifference::Same)).count();
            prop_assert_eq!(same, distinct.iter().filter(|no| before.contains_key(**no)).count());
            prop_assert_eq!(came + same, distinct.len());
        }
    }
}
