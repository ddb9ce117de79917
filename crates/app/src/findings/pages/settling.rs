//! The form that settles findings.

/// Reasons that are given often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::findings) enum Template {
    Postponed,
    Checked,
    Other,
}

impl Template {
    pub(super) const ALL: [Self; 3] = [Self::Postponed, Self::Checked, Self::Other];

    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::Postponed => "postponed",
            Self::Checked => "checked",
            Self::Other => "other",
        }
    }

    pub(super) const fn label(self) -> &'static str {
        match self {
            Self::Postponed => "申请延期毕业",
            Self::Checked => "已核实无误",
            Self::Other => "其他（须填写说明）",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|template| template.code() == code)
    }

    /// The reason with the officer's own words; `None` where these are needed and missing.
    pub fn reason(self, note: &str) -> Option<String> {
        let note = note.trim();
        match (self, note.is_empty()) {
            (Self::Other, true) => None,
            (Self::Other, false) => Some(note.to_owned()),
            (template, true) => Some(template.label().to_owned()),
            (template, false) => Some(format!("{}：{note}", template.label())),
        }
    }
}

/// The settling form as it was sent, when it had a mistake.
#[derive(Default)]
pub(in crate::findings) struct Settling {
    pub error: Option<String>,
    pub template: String,
    pub note: String,
    pub picked: Vec<i64>,
}
