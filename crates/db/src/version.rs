//! Version numbers of what lists show. Whatever is remembered of it in a server's memory is remembered under the version, so
//! that it is never older than what the database says, on any number of servers (docs/adr/0008).

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};

use crate::audit::Action;
use crate::entity::data_version;
use crate::records;

/// What a version is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// 院, 专业, duties, class years, and whether the university is invented: small, and seldom changed.
    School,
    /// Students, rosters, findings.
    Records,
    /// Who has activated, where nothing else changes with it.
    Activations,
}

impl Topic {
    /// The code in the column.
    pub const fn code(self) -> &'static str {
        match self {
            Self::School => "school",
            Self::Records => "records",
            Self::Activations => "activations",
        }
    }
}

/// The versions at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Versions {
    /// Of [`Topic::School`].
    pub school: i64,
    /// Of [`Topic::Records`].
    pub records: i64,
    /// Of [`Topic::Activations`].
    pub activations: i64,
}

impl Versions {
    /// Reads them. What is read afterwards is at least as new.
    ///
    /// # Errors
    ///
    /// When the database does not answer.
    pub async fn read(connection: &impl ConnectionTrait) -> Result<Self, DbErr> {
        let rows = records::<data_version::Entity>().all(connection).await?;
        let of = |topic: Topic| {
            rows.iter()
                .find(|row| row.topic == topic.code())
                .map(|row| row.version)
                .ok_or_else(|| DbErr::RecordNotFound(format!("version of {}", topic.code())))
        };
        Ok(Self {
            school: of(Topic::School)?,
            records: of(Topic::Records)?,
            activations: of(Topic::Activations)?,
        })
    }
}

/// Raises the versions of what `action` changes. The last thing that a change does before it commits: on PostgreSQL the
/// row stays locked until then, and nothing that is locked afterwards can wait for somebody who waits for it.
pub(crate) async fn raise(connection: &impl ConnectionTrait, action: Action) -> Result<(), DbErr> {
    for topic in topics(action) {
        raise_topic(connection, *topic).await?;
    }
    Ok(())
}

/// Raises one version: for what is written past a [`Change`](crate::Change), such as the worlds of tests.
///
/// # Errors
///
/// When the database does not answer.
pub async fn raise_topic(connection: &impl ConnectionTrait, topic: Topic) -> Result<(), DbErr> {
    data_version::Entity::update_many()
        .col_expr(
            data_version::Column::Version,
            Expr::col(data_version::Column::Version).add(1),
        )
        .filter(data_version::Column::Topic.eq(topic.code()))
        .exec(connection)
        .await?;
    Ok(())
}

/// What an action changes of what lists show; every action must be decided here. Always in one order, so that two changes
/// cannot wait for one another in a circle.
const fn topics(action: Action) -> &'static [Topic] {
    match action {
        Action::ImportCommitted
        | Action::ImportUndone
        | Action::DutyChanged
        | Action::ClassYearOpened
        | Action::ClassYearChanged
        | Action::ClassYearClosed
        | Action::DemoCreated => &[Topic::School, Topic::Records],
        Action::RosterAdded
        | Action::RosterRemoved
        | Action::RosterMoved
        | Action::FindingSettled
        | Action::FindingReopened
        | Action::ListCommitted
        | Action::ListUndone
        | Action::OwnValueChanged
        | Action::UnitFilled
        | Action::UnitUndone => &[Topic::Records],
        Action::Activated | Action::ChangesConfirmed => &[Topic::Activations],
        Action::RosterExported
        | Action::IdentityShown
        | Action::SignedOff
        | Action::SignOffWithdrawn
        | Action::ResponsibleNamed
        | Action::ImportPrepared
        | Action::ImportCancelled
        | Action::HeadingsMapped
        | Action::RefusalSettled
        | Action::AccountCreated
        | Action::AccountChanged
        | Action::RoleGranted
        | Action::RoleEnded
        | Action::PasswordChanged
        | Action::SignedIn
        | Action::LockedOut
        | Action::SignedOutEverywhere
        | Action::SettingChanged
        | Action::FieldsChanged
        | Action::ContactChanged
        | Action::CorrectionFiled
        | Action::CorrectionWithdrawn
        | Action::CorrectionAnswered
        | Action::CorrectionsExported
        | Action::ReminderSent
        | Action::StudentViewed
        | Action::JobCancelled
        | Action::NoticeCreated
        | Action::NoticeChanged
        | Action::NoticePublished
        | Action::NoticeWithdrawn
        | Action::NoticeDiscarded
        | Action::AttachmentAdded
        | Action::AttachmentRemoved
        | Action::ContactSaved
        | Action::ContactRemoved
        | Action::OwnValuesExported
        | Action::ListUploaded
        | Action::ListCancelled
        | Action::CollegesReminded
        | Action::PhotoChanged
        | Action::AssessmentFrozen
        | Action::AssessmentRuleSet
        | Action::UnitProposed
        | Action::UnitProposalWithdrawn
        | Action::UnitDeclined
        | Action::DirectedExported
        | Action::LeadershipChanged
        | Action::LeadershipSubmitted
        | Action::LeadershipReminded
        | Action::LeadershipExported
        | Action::RecommendationSubmitted
        | Action::RecommendationRecalled
        | Action::RecommendationRevised
        | Action::RecommendationApproved
        | Action::RecommendationReturned
        | Action::RecommendationRevoked
        | Action::RecommendationPrinted
        | Action::RecommendationSectionsSet
        | Action::RecommendationTemplatesSet => &[],
    }
}
