//! A ticket or token of the single sign-on that was used here, and the session that began with it.

use sea_orm::entity::prelude::*;

/// A ticket or token of the single sign-on that was used here, and the session that began with it. A logout token leaves a row
/// of its own, so that it counts once.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sso_ticket")]
pub struct Model {
    /// Digest of the ticket; the ticket itself is not kept.
    #[sea_orm(primary_key, auto_increment = false)]
    pub ticket_digest: String,
    /// The session, while it lasts.
    pub session_digest: Option<String>,
    /// When somebody came back with it.
    pub used_at: DateTimeUtc,
    /// OpenID Connect: digest of who it is to the provider (`sub`).
    pub person_digest: Option<String>,
    /// OpenID Connect: digest of the session at the provider (`sid`), where it has a name.
    pub provider_session_digest: Option<String>,
}

/// Relations, for joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
