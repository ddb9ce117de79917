//! What of a row is shown, and in which order rows stand.

/// Which columns the list shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// 信息视图: personal and study data.
    Info,
    /// 签约视图: the record as the province wants it, with agreement and destination.
    Signing,
}

impl View {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Info, Self::Signing];

    /// The code in addresses and records.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Signing => "signing",
        }
    }

    /// The word on screen.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Info => "信息视图",
            Self::Signing => "签约视图",
        }
    }

    /// What a file with this view is called.
    pub const fn file_label(self) -> &'static str {
        match self {
            Self::Info => "生源信息",
            Self::Signing => "生源签约信息",
        }
    }

    /// The other one.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Info => Self::Signing,
            Self::Signing => Self::Info,
        }
    }

    /// The view with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|view| view.code() == code)
    }
}

/// What the rows are ordered by; 学号 always decides last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// 院, in order of its code.
    #[default]
    College,
    /// 学号.
    StudentNo,
    /// 姓名, in order of its pinyin.
    Name,
    /// 专业, by name.
    Major,
    /// 班级.
    ClassName,
    /// 入学年份.
    AdmissionYear,
    /// 添加时间.
    AddedAt,
}

impl Sort {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::College,
        Self::StudentNo,
        Self::Name,
        Self::Major,
        Self::ClassName,
        Self::AdmissionYear,
        Self::AddedAt,
    ];

    /// The code in addresses.
    pub const fn code(self) -> &'static str {
        match self {
            Self::College => "college",
            Self::StudentNo => "student_no",
            Self::Name => "name",
            Self::Major => "major",
            Self::ClassName => "class_name",
            Self::AdmissionYear => "admission_year",
            Self::AddedAt => "added_at",
        }
    }

    /// The order with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sort| sort.code() == code)
    }
}

/// Upwards or downwards.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    /// 升序.
    #[default]
    Ascending,
    /// 降序.
    Descending,
}

impl Direction {
    /// The code in addresses.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Ascending => "asc",
            Self::Descending => "desc",
        }
    }

    /// The direction with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        match code {
            "asc" => Some(Self::Ascending),
            "desc" => Some(Self::Descending),
            _ => None,
        }
    }

    /// The other one.
    #[must_use]
    pub const fn reversed(self) -> Self {
        match self {
            Self::Ascending => Self::Descending,
            Self::Descending => Self::Ascending,
        }
    }
}
