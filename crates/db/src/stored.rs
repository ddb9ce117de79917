//! Enums whose codes stand in columns. Code and Chinese label of each are said once, here.

/// Declares an enum that is stored as a short code and shown by its Chinese label.
macro_rules! stored_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $code:literal, $label:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$variant_doc])* $variant,)+ }

        impl $name {
            /// All values, in the order of the definition.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The code that stands in the column and in addresses.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }

            /// The word on screen.
            pub const fn label(self) -> &'static str {
                match self { $(Self::$variant => $label,)+ }
            }

            /// The value with exactly this code.
            pub fn from_code(code: &str) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)+ _ => None }
            }

            /// The value with this code or label.
            pub fn find(text: &str) -> Option<Self> {
                Self::from_code(text).or_else(|| Self::ALL.iter().copied().find(|value| value.label() == text))
            }
        }
    };
}

stored_enum! {
    /// 书院 or 学院.
    CollegeKind {
        /// 书院: residential college, manages 本科生.
        Residential = "residential", "书院";
        /// 学院: school, teaches every major and manages 研究生.
        School = "school", "学院";
    }
}

stored_enum! {
    /// 类型: kind of student.
    StudentType {
        /// 本科生.
        Undergraduate = "undergraduate", "本科生";
        /// 研究生.
        Graduate = "graduate", "研究生";
    }
}

stored_enum! {
    /// 学历 that a student works towards.
    DegreeLevel {
        /// 本科.
        Bachelor = "bachelor", "本科";
        /// 硕士.
        Master = "master", "硕士";
        /// 博士.
        Doctor = "doctor", "博士";
    }
}

stored_enum! {
    /// 学籍状态.
    StudyStatus {
        /// 在读: the only status with an expected class year.
        Active = "active", "在读";
        /// 休学.
        Suspended = "suspended", "休学";
        /// 延长学制: stays past the planned graduation.
        Extended = "extended", "延长学制";
        /// 退学.
        Withdrawn = "withdrawn", "退学";
        /// 转学.
        Transferred = "transferred", "转学";
        /// 毕业.
        Graduated = "graduated", "毕业";
    }
}

stored_enum! {
    /// State of a 届. Planned → Open → Closed → Open again by the centre.
    ClassYearState {
        /// Dates are set, nobody can be added yet.
        Planned = "planned", "筹备中";
        /// The roster is being worked on.
        Open = "open", "进行中";
        /// Adding is refused.
        Closed = "closed", "已关闭";
    }
}

stored_enum! {
    /// State of a roster entry. Open → Closed with its class year; Open → Removed or Moved for good.
    EntryState {
        /// On the roster of an open class year.
        Open = "open", "在库";
        /// On the roster of a closed class year.
        Closed = "closed", "已归档";
        /// Taken off, with a reason (R9).
        Removed = "removed", "已移出";
        /// Moved to another class year (R4).
        Moved = "moved", "已调整届别";
    }
}

stored_enum! {
    /// How a student came onto a roster.
    How {
        /// Added by an officer in 名单确认.
        Officer = "officer", "名单确认";
        /// From the doctoral 采集名单.
        Doctoral = "doctoral", "博士采集名单";
        /// From the registrar's 延长学制 list.
        Extended = "extended", "延长学制名单";
        /// Moved from another class year by the centre.
        Move = "move", "届别调整";
        /// By the command line.
        Command = "command", "命令行";
    }
}

stored_enum! {
    /// A list of students that the centre receives.
    ListKind {
        /// The registrar's list of those who stay past the planned graduation and finish with this class year (R6).
        Extended = "extended", "延长学制名单";
        /// 毕业信息采集名单: the doctoral students who graduate with this class year (R7).
        Doctoral = "doctoral", "博士采集名单";
    }
}

stored_enum! {
    /// State of one version of a list. Previewed → Committed or Cancelled; Committed → Undone.
    ListState {
        /// Read and compared; nothing follows from it yet.
        Previewed = "previewed", "待确认";
        /// In force.
        Committed = "committed", "已执行";
        /// Thrown away before it came into force.
        Cancelled = "cancelled", "已放弃";
        /// Taken back.
        Undone = "undone", "已撤销";
    }
}

stored_enum! {
    /// What a row of a list comes to.
    ListOutcome {
        /// 延长学制: can be added to the roster.
        Addable = "addable", "可添加";
        /// 延长学制: was added by this list.
        Added = "added", "已添加";
        /// 博士: named, and nothing against it.
        Listed = "listed", "名单内博士生";
        /// 博士名单: a student of another degree, who is only compared.
        Compared = "compared", "非博士，仅比对";
        /// On the roster of this class year already.
        Already = "already", "已在库";
        /// On the open roster of another class year.
        Elsewhere = "elsewhere", "在其他届";
        /// By admission and length of a later class year.
        OtherYear = "other_year", "非本届";
        /// 延长学制: an undergraduate of another status, or no undergraduate.
        NotExtended = "not_extended", "非延长学制";
        /// The name is another than that of the record.
        NameDiffers = "name_differs", "姓名不符";
        /// The 学院 is another than that of the record.
        CollegeDiffers = "college_differs", "学院不符";
        /// Nobody here has this 学号.
        Unknown = "unknown", "查无此人";
        /// The 学号 stands in the list before.
        Repeated = "repeated", "重复";
        /// No 学号, or none that can be read, such as 4.4E+17.
        Unreadable = "unreadable", "学号无法识别";
    }
}

stored_enum! {
    /// How a row stands to the version before.
    ListDifference {
        /// Not in the version before.
        Came = "came", "新增";
        /// With another name or 学院.
        Changed = "changed", "修改";
        /// The same.
        Same = "same", "不变";
    }
}

stored_enum! {
    /// Who may change a field, and when (R20).
    FieldClass {
        /// From the data exchange: nobody here.
        Locked = "locked", "锁定";
        /// The student, until 院 or centre have confirmed.
        Window = "window", "确认前学生可改";
        /// The student, at any time.
        Always = "always", "学生随时可改";
    }
}

stored_enum! {
    /// Whom a notice is for.
    Audience {
        /// Everybody, also without signing in.
        Public = "public", "所有人（公开）";
        /// Students, all or some.
        Students = "students", "学生";
        /// Staff, all or some.
        Staff = "staff", "教师";
    }
}

stored_enum! {
    /// What a student mends in the portal (R15); the codes are those of the columns of `student`.
    OwnField {
        /// 生源所在地.
        Origin = "origin", "生源所在地";
        /// 婚姻状况.
        MaritalStatus = "marital_status", "婚姻状况";
        /// 政治面貌.
        PoliticalStatus = "political_status", "政治面貌";
    }
}

stored_enum! {
    /// What a message to a student is about.
    MessageKind {
        /// An officer reminds of the activation.
        Reminder = "reminder", "激活提醒";
        /// 信息有误 that the student reported was seen to.
        Correction = "correction", "信息更正";
        /// A value of the student's record has changed and concerns what the student confirmed.
        Record = "record", "信息变动";
        /// The recommendation form was decided on, or asks for something.
        Recommendation = "recommendation", "推荐表";
    }
}

stored_enum! {
    /// Who is asked to mend a value of a student's record that comes from the data exchange (R15).
    Office {
        /// 教务处: keeps the records of 本科生.
        Registrar = "registrar", "教务处";
        /// The office of the 学院 that keeps the records of 研究生.
        GraduateOffice = "graduate_office", "学院研究生教务部门";
        /// 研究生院.
        GraduateSchool = "graduate_school", "研究生院";
        /// 学生工作部门: 书院, 班级, 辅导员.
        StudentAffairs = "student_affairs", "学生工作部门";
        /// 招生办公室: 考生号.
        Admissions = "admissions", "招生办公室";
        /// The 院 that answers for the student.
        College = "college", "本院就业专员";
        /// The centre.
        Centre = "centre", "学生就业指导中心";
    }
}

stored_enum! {
    /// State of 信息有误. Open → Closed or Withdrawn; Closed by an import → Open again when that is undone.
    CorrectionState {
        /// Somebody has to mend it.
        Open = "open", "处理中";
        /// Mended or answered.
        Closed = "closed", "已办结";
        /// Taken back by the student.
        Withdrawn = "withdrawn", "已撤回";
    }
}

stored_enum! {
    /// How 信息有误 was closed.
    CorrectionEnd {
        /// The data exchange has brought the value that the student claimed.
        Mended = "mended", "已更正";
        /// The data exchange has brought another value.
        OtherValue = "other_value", "已更改，与所报不同";
        /// Answered: the value stands, for a reason.
        Answered = "answered", "已答复";
    }
}

stored_enum! {
    /// What a reminder asks a student to do.
    ReminderAbout {
        /// To activate, or to confirm again.
        Activation = "activation", "激活账户";
        /// To mend the own 生源所在地 in the portal.
        Origin = "origin", "补充生源所在地";
        /// To write the 推荐表 and submit it.
        Recommendation = "recommendation", "提交推荐表";
    }
}

stored_enum! {
    /// State of a 定向委培单位 that the data exchange does not have. Proposed → Declined or Standing; Declined → Proposed;
    /// Standing → Adopted by an import → Standing again when that is undone.
    UnitState {
        /// The student has proposed it; an officer has to confirm it.
        Proposed = "proposed", "待核实";
        /// An officer has not confirmed it.
        Declined = "declined", "未采用";
        /// An officer has filled it in; it lies over the data exchange until that brings one.
        Standing = "standing", "已填写";
        /// The data exchange has brought the same.
        Adopted = "adopted", "已同步";
    }
}

stored_enum! {
    /// What somebody is in the 就业工作领导小组.
    GroupRole {
        /// 组长: exactly one.
        Leader = "leader", "组长";
        /// 副组长.
        Deputy = "deputy", "副组长";
        /// 成员.
        Member = "member", "成员";
        /// 联络员/秘书.
        Secretary = "secretary", "联络员/秘书";
    }
}

stored_enum! {
    /// What has become of the mail of a message. Queued → Sent, Bounced, Failed or Withdrawn, and then for good.
    MailState {
        /// No mail: in the site only.
        None = "none", "仅站内";
        /// Waits for its turn, or for another try.
        Queued = "queued", "待发送";
        /// The mail server has taken it.
        Sent = "sent", "已发送";
        /// The mail server has refused the address for good.
        Bounced = "bounced", "被退回";
        /// Given up after the last try.
        Failed = "failed", "发送失败";
        /// Not sent, because its reason was gone by then.
        Withdrawn = "withdrawn", "未发";
    }
}

stored_enum! {
    /// What a contact is to be asked about.
    ContactPurpose {
        /// Everything that students ask the centre.
        Advice = "advice", "就业咨询";
        /// Signing in as a student.
        StudentSignIn = "student_sign_in", "学生登录";
        /// Signing in as a member of the staff.
        StaffSignIn = "staff_sign_in", "教师登录";
        /// What employers ask.
        Employers = "employers", "用人单位";
    }
}

stored_enum! {
    /// Where a recommendation form stands (R26, R27); a form that was not begun has no row. What leads where is said by
    /// `recommendation::model`.
    RecommendationState {
        /// Being written.
        Draft = "draft", "填写中";
        /// Submitted; waits for the 院.
        Submitted = "submitted", "待审核";
        /// Returned with objections; the student mends it.
        Returned = "returned", "已退回";
        /// The newest version is approved.
        Approved = "approved", "已通过";
    }
}

stored_enum! {
    /// What became of a version of a recommendation form. Submitted → Recalled, Returned or Approved, and then for good.
    VersionState {
        /// Under review.
        Submitted = "submitted", "待审核";
        /// Taken back by the student before anybody had opened it.
        Recalled = "recalled", "已撤回";
        /// Returned with objections.
        Returned = "returned", "已退回";
        /// Approved.
        Approved = "approved", "已通过";
    }
}

stored_enum! {
    /// Whether an approved version of a recommendation form counts. Valid → Replaced or Revoked, and then for good.
    Validity {
        /// It is the one that counts.
        Valid = "valid", "有效";
        /// A newer version was approved.
        Replaced = "replaced", "已被新版本替换";
        /// It counts no more.
        Revoked = "revoked", "已撤销";
    }
}

stored_enum! {
    /// What a student may mend of a recommendation form that was returned.
    Reopened {
        /// The sections that were objected to.
        Objected = "objected", "只开放有意见的各项";
        /// Every section.
        All = "all", "开放全部各项";
    }
}

stored_enum! {
    /// The four staff roles (R38). What each may do stands in `auth::policy`, nowhere else.
    Role {
        /// 院系教师: 就业专员 or 辅导员 of a 院.
        Officer = "officer", "院系教师";
        /// 院系负责人: as an officer, and signs 核对无遗漏.
        Head = "head", "院系负责人";
        /// 就业中心: runs the whole.
        Centre = "centre", "就业中心";
        /// 系统管理员: accounts, settings, audit; no business decisions.
        Administrator = "administrator", "系统管理员";
    }
}

stored_enum! {
    /// A part of 就业工作年度考核, each with a due day of its own.
    AssessmentPart {
        /// 名单.
        Roster = "roster", "名单";
        /// 激活.
        Activation = "activation", "激活";
    }
}

impl Role {
    /// Whether an assignment of this role names a 院.
    pub const fn is_of_college(self) -> bool {
        match self {
            Self::Officer | Self::Head => true,
            Self::Centre | Self::Administrator => false,
        }
    }
}
