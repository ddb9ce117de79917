//! Work that runs beside the requests (R40): what, for whom, how far, and who has it in hand.

use sea_orm::entity::prelude::*;

/// Work that runs beside the requests (R40): what, for whom, how far, and who has it in hand.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "job")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Code of the kind of `job::Work`.
    pub kind: String,
    /// The `job::Work` itself, as JSON.
    pub payload: String,
    /// What it works on, as a path such as `import/12`; no two open jobs have the same.
    pub subject: String,
    /// Whose job it is; `None` for the command line and the system.
    pub account_id: Option<i64>,
    /// The owner's label in the audit log.
    pub actor: String,
    /// The network address of the request that asked for it.
    pub address: Option<String>,
    /// `queued`, `running`, `done`, `failed`, `cancelled`.
    pub state: String,
    /// How often it was begun.
    pub attempts: i32,
    /// Who has it in hand: a word drawn anew for every claim.
    pub lease_owner: Option<String>,
    /// Until when; afterwards any server may take it over.
    pub lease_until: Option<DateTimeUtc>,
    /// Whether somebody has asked the one who runs it to stop.
    pub cancel_requested: bool,
    /// Whether its last transaction has begun: it cannot be cancelled any more.
    pub is_finishing: bool,
    /// Steps done of the present stage.
    pub progress_done: i64,
    /// Steps of the present stage; 0 while unknown.
    pub progress_total: i64,
    /// While it runs what it is doing, afterwards what came of it; in Chinese.
    pub message: String,
    /// Figures of the result: a JSON list of pairs of word and number.
    pub result: String,
    /// When it was asked for.
    pub created_at: DateTimeUtc,
    /// When it was first begun.
    pub started_at: Option<DateTimeUtc>,
    /// When it ended, however it ended.
    pub finished_at: Option<DateTimeUtc>,
    /// When the owner looked at how it ended.
    pub seen_at: Option<DateTimeUtc>,
}

/// Relations, for joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
