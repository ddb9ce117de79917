//! Tickets that were used, and the people they named.

use chrono::{DateTime, Utc};
use qihang_db::entity::{session, sso_ticket};
use qihang_db::records;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter,
    QuerySelect,
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
        person_digest: Set(None),
        provider_session_digest: Set(None),
    }
    .insert(connection)
    .await?;
    Ok(())
}

/// Digests of the names by which the provider says that a sign-in has ended.
#[derive(Clone, Debug)]
pub(super) struct Names {
    pub(super) person: String,
    pub(super) session: Option<String>,
}

/// Writes down a sign-in with the session that began with it.
pub(super) async fn insert_sign_in(
    connection: &impl ConnectionTrait,
    token_digest: &str,
    session_digest: &str,
    names: &Names,
    used_at: DateTime<Utc>,
) -> Result<(), DbErr> {
    sso_ticket::ActiveModel {
        ticket_digest: Set(token_digest.to_owned()),
        session_digest: Set(Some(session_digest.to_owned())),
        used_at: Set(used_at),
        person_digest: Set(Some(names.person.clone())),
        provider_session_digest: Set(names.session.clone()),
    }
    .insert(connection)
    .await?;
    Ok(())
}

/// Ends the sessions that began in one session at the provider; answers how many.
pub(super) async fn delete_sessions_of_session(
    connection: &impl ConnectionTrait,
    provider_session_digest: &str,
) -> Result<u64, DbErr> {
    let column = sso_ticket::Column::ProviderSessionDigest;
    delete_sessions_where(connection, column.eq(provider_session_digest)).await
}

/// Ends all sessions that began with a sign-in of one person; answers how many.
pub(super) async fn delete_sessions_of_person(
    connection: &impl ConnectionTrait,
    person_digest: &str,
) -> Result<u64, DbErr> {
    delete_sessions_where(connection, sso_ticket::Column::PersonDigest.eq(person_digest)).await
}

async fn delete_sessions_where(connection: &impl ConnectionTrait, which: Expr) -> Result<u64, DbErr> {
    let sessions: Vec<String> = records::<sso_ticket::Entity>()
        .filter(which)
        .filter(sso_ticket::Column::SessionDigest.is_not_null())
        .select_only()
        .column(sso_ticket::Column::SessionDigest)
        .into_tuple()
        .all(connection)
        .await?;
    let deleted = session::Entity::delete_many()
        .filter(session::Column::IdDigest.is_in(sessions))
        .exec(connection)
        .await?;
    Ok(deleted.rows_affected)
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
