//! What an import would do: the records as they are against the rows of a file. Pure.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

use super::catalogue::Catalogue;
use super::cells::{Cells, FieldSet};
use super::dataset::Dataset;
use super::row::{FileRow, key_of, read};

/// A record as it is stored.
#[derive(Clone, Debug)]
pub(crate) struct Existing {
    /// Its values.
    pub(crate) cells: Cells,
    /// Whether a complete file has been without it.
    pub(crate) has_vanished: bool,
}

/// The records as they are, by key.
pub(crate) type Records = HashMap<String, Existing>;

/// What a row does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Makes a record.
    Added,
    /// Changes one.
    Changed,
    /// A complete file no longer has the record.
    Vanished,
    /// The same as an earlier row of the file.
    Repeated,
    /// Cannot be a record.
    Refused,
}

impl Effect {
    /// All of them, in the order of the tabs.
    pub(crate) const ALL: &'static [Self] = &[
        Self::Added,
        Self::Changed,
        Self::Vanished,
        Self::Refused,
        Self::Repeated,
    ];

    /// What stands in the column.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Changed => "changed",
            Self::Vanished => "vanished",
            Self::Repeated => "repeated",
            Self::Refused => "refused",
        }
    }

    /// The word on screen.
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Added => "新增",
            Self::Changed => "修改",
            Self::Vanished => "消失",
            Self::Repeated => "重复",
            Self::Refused => "拒收",
        }
    }

    /// The value with this code.
    pub(crate) fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|effect| effect.code() == code)
    }
}

/// One value that becomes another. In the history as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CellChange {
    /// Name of the field, or [`PRESENCE`].
    pub(crate) field: String,
    /// As stored before.
    pub(crate) before: String,
    /// As stored afterwards.
    pub(crate) after: String,
}

/// The field of a [`CellChange`] that is no column: whether the exchange still holds the record. `gone` or empty.
pub(crate) const PRESENCE: &str = "presence";

/// One row of a plan. Rows that change nothing have none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PlanRow {
    /// The number in the file; `None` for a record that the file does not have.
    pub(crate) number: Option<u32>,
    /// 学号, code or account; empty where the row has none.
    pub(crate) key: String,
    /// What it does.
    pub(crate) effect: Effect,
    /// What becomes what.
    pub(crate) changes: Vec<CellChange>,
    /// Why it is refused or repeated.
    pub(crate) reason: String,
    /// The record as it will be, for [`Effect::Added`] and [`Effect::Changed`].
    pub(crate) cells: Option<Cells>,
}

/// What an import would do.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// Of what.
    pub(crate) dataset: Dataset,
    /// Rows of the file that are not blank.
    pub(crate) total: usize,
    /// The records of the rows that change nothing.
    pub(crate) unchanged: Vec<String>,
    /// Records that there are now, without those that vanished before.
    pub(crate) existing: usize,
    /// All other rows, and the records that vanish.
    pub(crate) rows: Vec<PlanRow>,
}

/// How many rows do what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Rows of the file that are not blank.
    pub total: usize,
    /// 新增.
    pub added: usize,
    /// 修改.
    pub changed: usize,
    /// 消失.
    pub vanished: usize,
    /// 无变化.
    pub unchanged: usize,
    /// 重复.
    pub repeated: usize,
    /// 拒收.
    pub refused: usize,
}

impl Counts {
    /// The figures that matter most, in a sentence.
    pub(crate) fn sentence(&self) -> String {
        format!(
            "新增 {}，修改 {}，消失 {}，拒收 {}",
            self.added, self.changed, self.vanished, self.refused
        )
    }

    /// The figures with their words, as a person is told them.
    pub(crate) const fn figures(&self) -> [(&'static str, usize); 6] {
        [
            ("新增", self.added),
            ("修改", self.changed),
            ("消失", self.vanished),
            ("无变化", self.unchanged),
            ("重复", self.repeated),
            ("拒收", self.refused),
        ]
    }
}

impl Plan {
    /// How many rows do what.
    pub(crate) fn counts(&self) -> Counts {
        let mut counts = Counts {
            total: self.total,
            unchanged: self.unchanged.len(),
            ..Counts::default()
        };
        for row in &self.rows {
            match row.effect {
                Effect::Added => counts.added += 1,
                Effect::Changed => counts.changed += 1,
                Effect::Vanished => counts.vanished += 1,
                Effect::Repeated => counts.repeated += 1,
                Effect::Refused => counts.refused += 1,
            }
        }
        counts
    }

    /// Key and field of every value of a student's record that becomes another.
    pub(crate) fn changed_values(&self) -> HashSet<(&str, &str)> {
        if self.dataset != Dataset::Students {
            return HashSet::new();
        }
        self.rows
            .iter()
            .filter(|row| row.effect == Effect::Changed)
            .flat_map(|row| {
                let changes = row.changes.iter();
                changes.map(|change| (row.key.as_str(), change.field.as_str()))
            })
            .collect()
    }

    /// Whether so many students would change or vanish that a person has to look first (R13). A first load never does.
    pub(crate) fn exceeds(&self, permille: u32) -> bool {
        let counts = self.counts();
        self.dataset == Dataset::Students
            && is_large(counts.changed + counts.vanished, self.existing, permille)
    }
}

/// Whether so many of so many students are more than a share of them, in per mille.
pub(crate) fn is_large(touched: usize, existing: usize, permille: u32) -> bool {
    touched > 0 && touched as u128 * 1000 > existing as u128 * u128::from(permille)
}

/// Whether records that the file does not have count as vanished.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Completeness {
    /// The file is a part: what it does not have stays as it is.
    Partial,
    /// The file has everybody.
    Complete,
}

/// Works out what a file does.
pub(crate) fn plan(
    dataset: Dataset,
    rows: &[FileRow],
    present: FieldSet,
    completeness: Completeness,
    catalogue: &Catalogue,
    records: &Records,
) -> Plan {
    let mut plan = Plan {
        dataset,
        total: rows.len(),
        unchanged: Vec::new(),
        existing: records.values().filter(|record| !record.has_vanished).count(),
        rows: Vec::new(),
    };
    // Keys that the file names, with the first good row of each.
    let mut seen: HashMap<String, Option<(u32, Cells)>> = HashMap::with_capacity(rows.len());
    let mut people: HashMap<String, (u32, [String; 3])> = HashMap::new();
    for row in rows {
        let own_key = key_of(dataset, &row.cells);
        let outcome = read(
            dataset,
            row,
            present,
            catalogue,
            records.get(&own_key).map(|record| &record.cells),
        );
        let cells = match outcome {
            Ok(cells) => cells,
            Err(reasons) => {
                plan.rows.push(refused(row, own_key.clone(), reasons.join("；")));
                seen.entry(own_key).or_insert(None);
                continue;
            }
        };
        let key = key_of(dataset, &cells);
        if let Some(Some((first, earlier))) = seen.get(&key) {
            plan.rows.push(if *earlier == cells {
                PlanRow {
                    effect: Effect::Repeated,
                    ..refused(row, key, format!("与第 {first} 行完全相同，重复的不再导入"))
                }
            } else {
                let differing = differing_headings(dataset, earlier, &cells);
                refused(
                    row,
                    key,
                    format!("与第 {first} 行是同一条记录（{}相同），但{differing}不同；已按第 {first} 行处理，请核对", dataset.fields()[0].heading),
                )
            });
            continue;
        }
        if dataset == Dataset::Officers
            && let Some(first) = other_person(&mut people, row.number, &cells)
        {
            plan.rows.push(refused(
                row,
                key.clone(),
                format!("与第 {first} 行是同一个工号，但姓名、手机或邮箱不同，请核对"),
            ));
            seen.entry(key).or_insert(None);
            continue;
        }
        seen.insert(key.clone(), Some((row.number, cells.clone())));
        match records.get(&key) {
            None => plan.rows.push(PlanRow {
                number: Some(row.number),
                key,
                effect: Effect::Added,
                changes: headline(dataset, &cells),
                reason: String::new(),
                cells: Some(cells),
            }),
            Some(record) => {
                let changes = changes(dataset, record, &cells);
                if changes.is_empty() {
                    plan.unchanged.push(key);
                } else {
                    plan.rows.push(PlanRow {
                        number: Some(row.number),
                        key,
                        effect: Effect::Changed,
                        changes,
                        reason: String::new(),
                        cells: Some(cells),
                    });
                }
            }
        }
    }
    if completeness == Completeness::Complete && dataset.can_vanish() {
        plan.rows.extend(vanished(dataset, records, &seen));
    }
    plan
}

fn refused(row: &FileRow, key: String, reason: String) -> PlanRow {
    PlanRow {
        number: Some(row.number),
        key,
        effect: Effect::Refused,
        changes: Vec::new(),
        reason,
        cells: None,
    }
}

/// What a preview shows of a new record.
fn headline(dataset: Dataset, cells: &Cells) -> Vec<CellChange> {
    let shown = dataset.headline().iter().filter_map(|name| {
        let after = cells.get(dataset.index_of(name)?);
        (!after.is_empty()).then(|| CellChange {
            field: (*name).to_owned(),
            before: String::new(),
            after: after.to_owned(),
        })
    });
    shown.collect()
}

/// What becomes what where a record meets a row that has it.
fn changes(dataset: Dataset, record: &Existing, cells: &Cells) -> Vec<CellChange> {
    let mut changes = Vec::new();
    if record.has_vanished {
        changes.push(CellChange {
            field: PRESENCE.into(),
            before: "gone".into(),
            after: String::new(),
        });
    }
    if record.cells != *cells {
        let pairs = record.cells.iter().zip(cells.iter());
        for (field, (before, after)) in dataset.fields().iter().zip(pairs) {
            if before != after {
                changes.push(CellChange {
                    field: field.name.into(),
                    before: before.into(),
                    after: after.into(),
                });
            }
        }
    }
    changes
}

/// The records that the file names nowhere, in order of their keys. A refused row names its record, too.
fn vanished<'a>(
    dataset: Dataset,
    records: &'a Records,
    seen: &'a HashMap<String, Option<(u32, Cells)>>,
) -> impl Iterator<Item = PlanRow> {
    let mut gone: Vec<&String> = records
        .iter()
        .filter(|(key, record)| {
            !record.has_vanished && !seen.contains_key(*key) && may_vanish(dataset, &record.cells)
        })
        .map(|(key, _)| key)
        .collect();
    gone.sort_unstable();
    gone.into_iter().map(|key| PlanRow {
        number: None,
        key: key.clone(),
        effect: Effect::Vanished,
        changes: vec![CellChange {
            field: PRESENCE.into(),
            before: String::new(),
            after: "gone".into(),
        }],
        reason: String::new(),
        cells: None,
    })
}

/// A list of the officers of the 院 must not end the roles of the centre and of the administrators: nobody would be left
/// to put it right.
fn may_vanish(dataset: Dataset, cells: &Cells) -> bool {
    dataset != Dataset::Officers
        || dataset
            .index_of("unit")
            .is_some_and(|unit| !cells.get(unit).is_empty())
}

fn differing_headings(dataset: Dataset, one: &Cells, other: &Cells) -> String {
    let pairs = one.iter().zip(other.iter());
    let differing: Vec<&str> = dataset
        .fields()
        .iter()
        .zip(pairs)
        .filter(|(_, (one, other))| one != other)
        .map(|(field, _)| field.heading)
        .collect();
    differing.join("、")
}

/// The earlier row in which the same account has another name, telephone or address.
fn other_person(people: &mut HashMap<String, (u32, [String; 3])>, number: u32, cells: &Cells) -> Option<u32> {
    let at = |name| {
        Dataset::Officers
            .index_of(name)
            .map_or("", |index| cells.get(index))
            .to_owned()
    };
    let person = [at("name"), at("mobile"), at("email")];
    let (first, known) = people
        .entry(at("login"))
        .or_insert_with(|| (number, person.clone()));
    (*known != person).then_some(*first)
}
