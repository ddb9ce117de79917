//! Tickets that were used, and the people they named.

use chrono::{DateTime, Utc};
use qihang_db::entity::{session, sso_ticket};
use qihang_db::records;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter,
};

pub(super) async fn find_ticket(
    connection: &impl ConnectionTrait,
    ticket_digest: &str,
) -> Result<Option<sso_ticket::Model>, DbErr> {
    records::<sso_ticket::Entity>()
        .filter(sso_ticket::Column::TicketDigest.eq(ticket_digest))
        .one(connection)
        .await
}

/// Remembers a ticket as used; a second time the unique key refuses it.
pub(super) async fn insert_ticket(
    connection: &impl ConnectionTrait,
    ticket_digest: &str,
    used_at: DateTime<Utc>,
) -> Result<(), DbErr> {
    sso_ticket::ActiveModel {
        ticket_digest: Set(ticket_digest.to_owned()),
        session_digest: Set(None),
        used_at: Set(used_at),
    }
    .insert(connection)
    .await?;
    Ok(())
}

/// Writes down which session began with the ticket.
pub(super) async fn set_session(
    connection: &impl ConnectionTrait,
    ticket_digest: &str,
    session_digest: &str,
) -> Result<(), DbErr> {
    sso_ticket::Entity::update_many()
        .col_expr(sso_ticket::Column::SessionDigest, Expr::value(session_digest))
        .filter(sso_ticket::Column::TicketDigest.eq(ticket_digest))
        .exec(connection)
        .await?;
    Ok(())
}

pub(super) async fn delete_session(
    connection: &impl ConnectionTrait,
    session_digest: &str,
) -> Result<(), DbErr> {
    session::Entity::delete_by_id(session_digest.to_owned())
        .exec(connection)
        .await?;
    Ok(())
}

pub(super) async fn delete_tickets_before(
    connection: &impl ConnectionTrait,
    instant: DateTime<Utc>,
) -> Result<(), DbErr> {
    sso_ticket::Entity::delete_many()
        .filter(sso_ticket::Column::UsedAt.lt(instant))
        .exec(connection)
        .await?;
    Ok(())
}
