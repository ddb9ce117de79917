//! What a finding is: the closed list of kinds, and what is known of a student when findings are looked for. Pure.

use chrono::NaiveDate;
use qihang_db::How;
use qihang_db::entity::{directed_unit, own_value, student};
use sha2::{Digest, Sha256};

use crate::class_year::model::OriginDepth;

/// Whether somebody must act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// Somebody must act; stands in the way of 核对无遗漏 until it is settled.
    Fault,
    /// Good to know, nothing to do.
    Info,
}

impl Severity {
    /// The code in the column.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Fault => "fault",
            Self::Info => "info",
        }
    }
}

macro_rules! kinds {
    ($($(#[doc = $doc:literal])+ $name:ident = $code:literal, $label:literal, $severity:ident, $field:literal;)+) => {
        /// The kinds of findings: a closed list.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Kind { $($(#[doc = $doc])+ $name,)+ }

        impl Kind {
            /// All of them, in the order of the definition.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// What stands in the column and in the export.
            pub const fn code(self) -> &'static str { match self { $(Self::$name => $code,)+ } }

            /// The words on screen.
            pub const fn label(self) -> &'static str { match self { $(Self::$name => $label,)+ } }

            /// Whether somebody must act.
            pub const fn severity(self) -> Severity { match self { $(Self::$name => Severity::$severity,)+ } }

            /// Heading of the field on screen; empty where it concerns membership.
            pub const fn field(self) -> &'static str { match self { $(Self::$name => $field,)+ } }

            /// The kind with this code.
            pub fn from_code(code: &str) -> Option<Self> { match code { $($code => Some(Self::$name),)+ _ => None } }
        }
    };
}

kinds! {
    /// Expected in the class year and 在读, but neither on its roster nor on another open one.
    Omission = "omission", "可能遗漏", Fault, "";
    /// On the roster, but not 在读, vanished, expected in another year or in none, or the same person twice.
    WrongAddition = "wrong_addition", "可能误加", Fault, "";
    /// No 生源所在地.
    OriginMissing = "origin_missing", "生源所在地为空", Fault, "生源所在地";
    /// Only a province.
    OriginProvinceOnly = "origin_province_only", "生源所在地只到省", Fault, "生源所在地";
    /// A 直辖市 without its district.
    OriginDistrictMissing = "origin_district_missing", "直辖市缺区县", Fault, "生源所在地";
    /// A city without its county, where the class year asks for counties.
    OriginCountyMissing = "origin_county_missing", "生源所在地缺县区", Fault, "生源所在地";
    /// A code that GB/T 2260 had in no year, or a text.
    OriginUnknown = "origin_unknown", "生源所在地无法识别", Fault, "生源所在地";
    /// A code that is no longer valid: complete, information only.
    OriginHistorical = "origin_historical", "生源所在地代码已变更", Info, "生源所在地";
    /// Mended by the student; the data exchange still has the older value.
    OriginPending = "origin_pending", "生源所在地修改待同步", Info, "生源所在地";
    /// Mended by the student; the data exchange has brought another value since.
    OriginConflict = "origin_conflict", "生源所在地与数据交换不一致", Fault, "生源所在地";
    /// No number.
    IdentityMissing = "identity_missing", "证件号为空", Fault, "证件号";
    /// Wrong length, a character that cannot be there, or a birth date inside that does not exist.
    IdentityMalformed = "identity_malformed", "证件号格式错误", Fault, "证件号";
    /// The check character does not fit; birth date and sex are then not compared.
    IdentityCheckDigit = "identity_check_digit", "证件号校验码错误", Fault, "证件号";
    /// 出生日期 at odds with the number.
    IdentityBirthDate = "identity_birth_date", "出生日期与证件号不符", Fault, "出生日期";
    /// 性别 at odds with the number.
    IdentitySex = "identity_sex", "性别与证件号不符", Fault, "性别";
    /// The number stands in another record too, of somebody who has not graduated, withdrawn, transferred or vanished:
    /// a graduate who came back as a master holds one number lawfully in two records.
    IdentityDuplicate = "identity_duplicate", "证件号重复", Fault, "证件号";
    /// A type of document that is not in the table.
    DocumentTypeUnknown = "document_type_unknown", "证件类型无法识别", Fault, "证件类型";
    /// No 出生日期.
    BirthDateMissing = "birth_date_missing", "出生日期为空", Fault, "出生日期";
    /// A 出生日期 that is no day.
    BirthDateInvalid = "birth_date_invalid", "出生日期无效", Fault, "出生日期";
    /// Neither 男 nor 女.
    SexInvalid = "sex_invalid", "性别无效", Fault, "性别";
    /// Empty, or not in GB/T 3304.
    EthnicInvalid = "ethnic_invalid", "民族无效", Fault, "民族";
    /// Empty, or not in GB/T 4762.
    PoliticalInvalid = "political_invalid", "政治面貌无效", Fault, "政治面貌";
    /// As [`Kind::OriginPending`].
    PoliticalPending = "political_pending", "政治面貌修改待同步", Info, "政治面貌";
    /// As [`Kind::OriginConflict`].
    PoliticalConflict = "political_conflict", "政治面貌与数据交换不一致", Fault, "政治面貌";
    /// Empty, or not in GB/T 2261.2.
    MaritalInvalid = "marital_invalid", "婚姻状况无效", Fault, "婚姻状况";
    /// As [`Kind::OriginPending`].
    MaritalPending = "marital_pending", "婚姻状况修改待同步", Info, "婚姻状况";
    /// As [`Kind::OriginConflict`].
    MaritalConflict = "marital_conflict", "婚姻状况与数据交换不一致", Fault, "婚姻状况";
    /// Empty, or not 14 digits (本科生) or 15 (研究生).
    ExamNoInvalid = "exam_no_invalid", "考生号无效", Fault, "考生号";
    /// 定向 or 委培 without a unit.
    DirectedUnitMissing = "directed_unit_missing", "定向委培单位为空", Fault, "定向委培单位";
    /// Filled in by an officer; the data exchange has none yet.
    DirectedUnitPending = "directed_unit_pending", "定向委培单位待同步", Info, "定向委培单位";
    /// Filled in by an officer; the data exchange has brought another one since, which counts.
    DirectedUnitConflict = "directed_unit_conflict", "定向委培单位与数据交换不一致", Fault, "定向委培单位";
    /// 学籍状态 empty or not one that is known.
    StudyStatusUnknown = "study_status_unknown", "学籍状态无法识别", Fault, "学籍状态";
    /// 类型 neither 本科生 nor 研究生.
    StudentTypeUnknown = "student_type_unknown", "类型无法识别", Fault, "类型";
    /// 学历 neither 本科 nor 硕士 nor 博士.
    DegreeUnknown = "degree_unknown", "学历无法识别", Fault, "学历";
    /// 培养方式 empty or not in the table.
    TrainingModeUnknown = "training_mode_unknown", "培养方式无法识别", Fault, "培养方式";
    /// No length in the record nor with the major, so that no class year can be computed.
    LengthMissing = "length_missing", "学制缺失", Fault, "学制";
    /// No length in the record; the major's stands in (R5).
    LengthFromMajor = "length_from_major", "学制取自专业", Info, "学制";
    /// An undergraduate without 书院 where there are 书院: falls to the 学院.
    ResidenceMissing = "residence_missing", "书院为空", Fault, "书院";
    /// A 书院 that is not known here: the undergraduate falls to the 学院.
    ResidenceUnknown = "residence_unknown", "书院无法识别", Fault, "书院";
}

impl Kind {
    /// Whether a student with an open finding of this kind cannot activate. Which of two units is right is the officer's to
    /// settle: the one that counts is there, and the student can do nothing about it.
    pub const fn blocks_activation(self) -> bool {
        match self.severity() {
            Severity::Fault => !matches!(self, Self::DirectedUnitConflict),
            Severity::Info => false,
        }
    }
}

/// The four heaps that a page sorts findings into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Group {
    /// 可能遗漏.
    Omissions,
    /// 可能误加.
    WrongAdditions,
    /// 数据问题.
    Faults,
    /// 提示.
    Infos,
}

impl Group {
    /// All of them, in the order of the tabs.
    pub const ALL: &'static [Self] = &[Self::Omissions, Self::WrongAdditions, Self::Faults, Self::Infos];

    /// The code in addresses.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Omissions => "omissions",
            Self::WrongAdditions => "wrong_additions",
            Self::Faults => "faults",
            Self::Infos => "infos",
        }
    }

    /// The word on the tab.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Omissions => "可能遗漏",
            Self::WrongAdditions => "可能误加",
            Self::Faults => "数据问题",
            Self::Infos => "提示",
        }
    }

    /// The group with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|group| group.code() == code)
    }

    /// The heap that a kind belongs to.
    pub const fn of(kind: Kind) -> Self {
        match (kind, kind.severity()) {
            (Kind::Omission, _) => Self::Omissions,
            (Kind::WrongAddition, _) => Self::WrongAdditions,
            (_, Severity::Fault) => Self::Faults,
            (_, Severity::Info) => Self::Infos,
        }
    }

    /// The kinds of this heap.
    pub fn kinds(self) -> impl Iterator<Item = Kind> {
        Kind::ALL
            .iter()
            .copied()
            .filter(move |kind| Self::of(*kind) == self)
    }
}

/// How many findings of each heap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// 可能遗漏.
    pub omissions: u64,
    /// 可能误加.
    pub wrong_additions: u64,
    /// 数据问题.
    pub faults: u64,
    /// 提示.
    pub infos: u64,
}

impl Counts {
    /// Sums counts by kind, which stand beside its code, up to heaps.
    pub(super) fn sum(by_kind: &[(String, i64)]) -> Self {
        let mut counts = Self::default();
        for (kind, count) in by_kind {
            counts.add(kind, *count);
        }
        counts
    }

    /// How many are in a heap.
    pub fn of(&self, group: Group) -> u64 {
        match group {
            Group::Omissions => self.omissions,
            Group::WrongAdditions => self.wrong_additions,
            Group::Faults => self.faults,
            Group::Infos => self.infos,
        }
    }

    /// The first heap with anything in it: what a page opens on.
    pub fn first_group(&self) -> Group {
        let filled = Group::ALL.iter().copied().find(|group| self.of(*group) > 0);
        filled.unwrap_or(Group::Omissions)
    }

    /// How many somebody must act on: all but the infos.
    pub fn to_do(&self) -> u64 {
        self.omissions + self.wrong_additions + self.faults
    }

    pub(super) fn add(&mut self, kind: &str, count: i64) {
        let count = u64::try_from(count).unwrap_or_default();
        match Kind::from_code(kind).map(Group::of) {
            Some(Group::Omissions) => self.omissions += count,
            Some(Group::WrongAdditions) => self.wrong_additions += count,
            Some(Group::Infos) => self.infos += count,
            // A kind that this version does not know any more still has to be looked at.
            Some(Group::Faults) | None => self.faults += count,
        }
    }
}

/// One finding, before it has a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Which kind.
    pub kind: Kind,
    /// The value that raised it; identity numbers are masked.
    pub value: String,
    /// Digest of everything that raised it, unmasked: a settlement holds as long as this does.
    pub value_digest: String,
    /// What is wrong and where to have it mended, in Chinese.
    pub reason: String,
}

/// A digest of values; each is preceded by its length, so that no two lists share one text.
pub fn digest<'a>(values: impl IntoIterator<Item = &'a str>) -> String {
    let mut hasher = Sha256::new();
    for value in values {
        hasher.update(value.len().to_be_bytes());
        hasher.update(value.as_bytes());
    }
    // Half of it tells values apart just as well, and the column is read for every row.
    hasher.finalize()[..16]
        .iter()
        .fold(String::with_capacity(32), |mut text, byte| {
            text.push(char::from_digit(u32::from(byte >> 4), 16).unwrap_or('0'));
            text.push(char::from_digit(u32::from(byte & 15), 16).unwrap_or('0'));
            text
        })
}

/// How a student stands to the roster of the class year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// On no open roster, and not on this one.
    Absent,
    /// On the open roster of another class year.
    Elsewhere(i32),
    /// On this roster, and how.
    Listed(How),
}

/// What is known of a student when findings are looked for.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The record.
    pub student: &'a student::Model,
    /// On the roster or not.
    pub standing: Standing,
    /// 学号 of other people studying here whose records hold the same identity number, in order.
    pub holders: &'a [String],
    /// 学号 of other entries of this roster with the same identity number and name, in order.
    pub doubles: &'a [String],
    /// What the student mended in the portal and lies over the data exchange.
    pub mended: &'a [own_value::Model],
    /// The 定向委培单位 that an officer filled in and that lies over the data exchange.
    pub unit: Option<&'a directed_unit::Model>,
}

/// The rules that findings of a class year are judged by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct YearRules {
    /// The class year.
    pub year: i32,
    /// How deep a 生源所在地 must be.
    pub origin_depth: OriginDepth,
    /// Whether the university has any 书院.
    pub any_residential: bool,
    /// Whether the class has begun to graduate, so that 毕业 says nothing against being in it.
    pub graduation_begun: bool,
    /// Whether a 采集名单 says which doctoral students are of this class year (R7).
    pub has_doctoral_list: bool,
}

impl YearRules {
    /// The day from which the registrar may set a class to 毕业 while its roster is still open: 1 June.
    pub fn graduation_begins(year: i32) -> Option<NaiveDate> {
        NaiveDate::from_ymd_opt(year, 6, 1)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_kind_has_a_code_of_its_own_and_one_heap() {
        let codes: BTreeSet<_> = Kind::ALL.iter().map(|kind| kind.code()).collect();
        assert_eq!(codes.len(), Kind::ALL.len());
        for kind in Kind::ALL {
            assert_eq!(Kind::from_code(kind.code()), Some(*kind));
            assert!(Group::of(*kind).kinds().any(|other| other == *kind));
        }
        let heaps: usize = Group::ALL.iter().map(|group| group.kinds().count()).sum();
        assert_eq!(heaps, Kind::ALL.len());
    }

    #[test]
    fn values_that_are_cut_differently_have_different_digests() {
        assert_ne!(digest(["ab", "c"]), digest(["a", "bc"]));
        assert_eq!(digest(["ab"]).len(), 32);
    }
}
