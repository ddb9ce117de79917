//! Who may do what (R38): the only place where roles are named. `docs/permissions.txt` shows it as a table.

use qihang_db::Role;

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident => $code:literal;)+) => {
        /// Everything that needs permission.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Action { $($(#[$doc])* $name,)+ }

        impl Action {
            /// All of them, in the order of the definition.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// Its name in `docs/permissions.txt`.
            pub const fn code(self) -> &'static str { match self { $(Self::$name => $code,)+ } }
        }

        $($(#[$doc])* #[derive(Clone, Copy, Debug)] pub struct $name;
          impl Permission for $name { const ACTION: Action = Action::$name; })+
    };
}

/// An action as a type, for [`Can`](super::Can).
pub trait Permission: Send + Sync + 'static {
    /// The action.
    const ACTION: Action;
}

permissions! {
    /// See students, candidates and the roster of the own 院.
    ViewRoster => "view roster";
    /// Add students to the roster (名单确认).
    ConfirmRoster => "confirm roster";
    /// Take a student off the roster, with a reason.
    RemoveFromRoster => "remove from roster";
    /// Move a student to another class year.
    MoveClassYear => "move class year";
    /// Export the roster.
    ExportRoster => "export roster";
    /// Show an identity number in full.
    RevealIdentity => "reveal identity number";
    /// See findings, and why somebody is not on the roster.
    ViewFindings => "view findings";
    /// Settle a finding with a reason.
    SettleFindings => "settle findings";
    /// Sign 核对无遗漏 for the own 院.
    SignOff => "sign off";
    /// See who has activated and who has not.
    ViewActivation => "view activation";
    /// See the figures of the yearly assessment and the dashboards.
    ViewFigures => "view figures";
    /// Remind students to activate.
    RemindStudents => "remind students";
    /// Look at a student's pages as the student sees them; recorded.
    ViewAsStudent => "view as student";
    /// Name the responsible officer of the own 院 for a class year.
    NameResponsible => "name responsible officer";
    /// See the recommendation forms, and how far they are.
    ViewRecommendations => "view recommendations";
    /// Approve and return the recommendation forms of the own students, and revoke approved ones.
    ReviewRecommendations => "review recommendations";
    /// Write notices: for the own students, or for anybody.
    WriteNotices => "write notices";
    /// Keep the contacts of the centre.
    ManageContacts => "manage contacts";
    /// Open, change and close class years.
    ManageClassYears => "manage class years";
    /// Import units, majors, students and officers, and undo it.
    ManageExchange => "manage exchange";
    /// Receive lists of extended and doctoral students, put them in force and take them back; remind the 院.
    ManageLists => "manage lists";
    /// Say which 院 answers for which students.
    ManageDuties => "manage duties";
    /// Create and end accounts and roles.
    ManageAccounts => "manage accounts";
    /// See what students of the own 院 report as wrong, answer it, and export the list.
    AnswerCorrections => "answer corrections";
    /// See directed students without origin or unit, and fill in their units.
    KeepUnits => "keep directed units";
    /// Report the 就业工作领导小组 of the own 院.
    ReportLeadership => "report leadership group";
    /// See which 院 have not reported, remind them, and export all.
    OverseeLeadership => "oversee leadership groups";
    /// Say which office mends which field.
    SetOffices => "set offices";
    /// Read the audit log.
    ViewAudit => "view audit";
    /// See everybody's jobs, and cancel them.
    OverseeJobs => "oversee jobs";
}

/// Whether a role may do something. The matches name every case, so that a new role or action must be decided here.
pub const fn allows(role: Role, action: Action) -> bool {
    match action {
        Action::ViewRoster
        | Action::ConfirmRoster
        | Action::RemoveFromRoster
        | Action::ExportRoster
        | Action::RevealIdentity
        | Action::ViewFindings
        | Action::ViewActivation
        | Action::ViewFigures
        | Action::RemindStudents
        | Action::ViewAsStudent
        | Action::ViewRecommendations
        | Action::SettleFindings
        | Action::AnswerCorrections
        | Action::KeepUnits
        | Action::ReportLeadership
        | Action::WriteNotices => match role {
            Role::Officer | Role::Head | Role::Centre => true,
            Role::Administrator => false,
        },
        // The 院 says what it thinks of its students; the centre watches.
        Action::ReviewRecommendations => match role {
            Role::Officer | Role::Head => true,
            Role::Centre | Role::Administrator => false,
        },
        Action::SignOff | Action::NameResponsible => match role {
            Role::Head | Role::Centre => true,
            Role::Officer | Role::Administrator => false,
        },
        Action::MoveClassYear
        | Action::ManageClassYears
        | Action::ManageExchange
        | Action::ManageLists
        | Action::SetOffices
        | Action::OverseeLeadership
        | Action::ManageContacts => match role {
            Role::Centre => true,
            Role::Officer | Role::Head | Role::Administrator => false,
        },
        Action::ManageDuties | Action::ManageAccounts | Action::ViewAudit => match role {
            Role::Administrator => true,
            Role::Officer | Role::Head | Role::Centre => false,
        },
        // The centre answers for the imports, the administrator for the servers that run them. A job shows figures and
        // file names, no student.
        Action::OverseeJobs => match role {
            Role::Centre | Role::Administrator => true,
            Role::Officer | Role::Head => false,
        },
    }
}
