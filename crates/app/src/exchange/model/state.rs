//! The life of an import.

/// Where an import stands.
///
/// | from       | may become                               |
/// |------------|------------------------------------------|
/// | Uploaded   | Reading, Cancelled                       |
/// | Reading    | Mapping, Previewed, Failed, Cancelled; Uploaded when its job was given up |
/// | Mapping    | Reading, Cancelled                       |
/// | Previewed  | Committing, Reading, Cancelled           |
/// | Committing | Committed, Previewed, Failed             |
/// | Committed  | Undone                                   |
///
/// Failed, Cancelled and Undone are ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BatchState {
    /// The file is here.
    Uploaded,
    /// Being read and compared.
    Reading,
    /// Waits for somebody to say what its unknown headings mean.
    Mapping,
    /// Waits for a decision.
    Previewed,
    /// Being written.
    Committing,
    /// Written.
    Committed,
    /// Given up before anything was written.
    Cancelled,
    /// Could not be read.
    Failed,
    /// Written and taken back.
    Undone,
}

impl BatchState {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::Uploaded,
        Self::Reading,
        Self::Mapping,
        Self::Previewed,
        Self::Committing,
        Self::Committed,
        Self::Cancelled,
        Self::Failed,
        Self::Undone,
    ];

    /// What stands in the column.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Uploaded => "uploaded",
            Self::Reading => "reading",
            Self::Mapping => "mapping",
            Self::Previewed => "previewed",
            Self::Committing => "committing",
            Self::Committed => "committed",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
            Self::Undone => "undone",
        }
    }

    /// The word on screen.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Uploaded => "已上传",
            Self::Reading => "读取中",
            Self::Mapping => "待对应列",
            Self::Previewed => "待确认",
            Self::Committing => "写入中",
            Self::Committed => "已导入",
            Self::Cancelled => "已取消",
            Self::Failed => "无法读取",
            Self::Undone => "已撤销",
        }
    }

    /// Which badge it gets.
    pub const fn badge(self) -> &'static str {
        match self {
            Self::Uploaded | Self::Reading | Self::Committing => "info",
            Self::Mapping | Self::Previewed => "warning",
            Self::Committed => "success",
            Self::Failed => "danger",
            Self::Cancelled | Self::Undone => "muted",
        }
    }

    /// The state with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|state| state.code() == code)
    }

    /// Whether an import in this state may get into that one.
    pub const fn may_become(self, next: Self) -> bool {
        match self {
            Self::Uploaded | Self::Mapping => matches!(next, Self::Reading | Self::Cancelled),
            Self::Reading => matches!(
                next,
                Self::Mapping | Self::Previewed | Self::Failed | Self::Cancelled | Self::Uploaded
            ),
            Self::Previewed => matches!(next, Self::Committing | Self::Reading | Self::Cancelled),
            Self::Committing => matches!(next, Self::Committed | Self::Previewed | Self::Failed),
            Self::Committed => matches!(next, Self::Undone),
            Self::Cancelled | Self::Failed | Self::Undone => false,
        }
    }

    /// Whether something runs.
    pub const fn is_running(self) -> bool {
        matches!(self, Self::Reading | Self::Committing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_reads_back_and_ends_are_ends() {
        for state in BatchState::ALL {
            assert_eq!(BatchState::from_code(state.code()), Some(*state));
        }
        for end in [BatchState::Cancelled, BatchState::Failed, BatchState::Undone] {
            assert!(BatchState::ALL.iter().all(|next| !end.may_become(*next)));
        }
    }

    #[test]
    fn nothing_is_written_that_nobody_has_seen() {
        for state in BatchState::ALL {
            assert_eq!(
                state.may_become(BatchState::Committing),
                *state == BatchState::Previewed
            );
        }
    }
}
