//! Permission as a value that must be held.

use std::marker::PhantomData;

use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;
use qihang_db::{Actor, Scope, Versions};
use sea_orm::DbErr;
use tower_sessions::Session;

use super::officer::Officer;
use super::policy::Permission;
use super::rules;
use crate::app::App;
use crate::web::{AppError, Door, client_address};

/// Proof that whoever asks may do `A`, together with the students they may do it to.
///
/// The fields are private: the only ways to get one are to extract it from a request, to sit at the server's console, and
/// to have asked for a job that runs now.
#[derive(Clone, Debug)]
pub struct Can<A> {
    actor: Actor,
    scope: Scope,
    _action: PhantomData<A>,
}

impl<A: Permission> Can<A> {
    /// Whoever runs `qihang` on the server may do everything, to the students of `scope`.
    pub fn at_the_console(scope: Scope) -> Self {
        Self {
            actor: Actor::command_line(),
            scope,
            _action: PhantomData,
        }
    }

    /// The permission of whoever asked for a job, as of now that it runs: it may have ended since. `None` when it has.
    pub(crate) async fn of_owner(app: &App, owner: &Actor) -> Result<Option<Self>, DbErr> {
        if [Actor::command_line(), Actor::system()].contains(owner) {
            return Ok(Some(Self {
                actor: owner.clone(),
                scope: Scope::Everyone,
                _action: PhantomData,
            }));
        }
        let officer = rules::of_owner(app, owner).await?;
        Ok(officer
            .and_then(|officer| officer.scope_for(A::ACTION))
            .map(|scope| Self {
                actor: owner.clone(),
                scope,
                _action: PhantomData,
            }))
    }

    /// The permission of somebody who is signed in, for pages that show more to whoever may do more.
    pub fn held_by(staff: &Staff) -> Option<Self> {
        let scope = staff.officer.scope_for(A::ACTION)?;
        Some(Self {
            actor: staff.officer.actor(),
            scope,
            _action: PhantomData,
        })
    }

    /// Who asks, for the audit log.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// The account, where it is not the console.
    pub fn account_id(&self) -> Option<i64> {
        self.actor.account_id
    }

    /// The students that may be seen or changed.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The same permission for one 院 only.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] when the 院 lies outside: what lies outside does not exist.
    pub fn narrow(&self, college_id: i64) -> Result<Self, AppError> {
        let scope = self.scope.narrow(college_id).ok_or(AppError::NotFound)?;
        Ok(Self {
            actor: self.actor.clone(),
            scope,
            _action: PhantomData,
        })
    }
}

impl<A: Permission> FromRequestParts<App> for Can<A> {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, AppError> {
        let staff = Staff::from_request_parts(parts, app).await?;
        if staff.officer.must_change_password {
            return Err(AppError::PasswordChangeNeeded);
        }
        let scope = staff.officer.scope_for(A::ACTION).ok_or(AppError::Forbidden)?;
        Ok(Self {
            actor: staff.officer.actor(),
            scope,
            _action: PhantomData,
        })
    }
}

/// Somebody of the staff is signed in. For pages that need no permission of their own, and for the frame around pages.
#[derive(Clone, Debug)]
pub struct Staff {
    /// Who.
    pub officer: Officer,
    /// Their session.
    pub session: Session,
    /// How new what they are shown is at least.
    pub versions: Versions,
}

impl<S> FromRequestParts<S> for Staff
where
    App: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, AppError> {
        // A handler asks for Staff beside Can; the second asking is answered from the first.
        if let Some(staff) = parts.extensions.get::<Self>() {
            return Ok(staff.clone());
        }
        let app = App::from_ref(state);
        let session = parts
            .extensions
            .get::<Session>()
            .cloned()
            .ok_or_else(|| AppError::internal("the session layer is missing"))?;
        let address = client_address(parts, &app.config);
        let officer = rules::signed_in(&app, &session, address)
            .await?
            .ok_or(AppError::SignInNeeded(Door::Staff))?;
        let versions = Versions::read(app.db.reader()).await?;
        let staff = Self {
            officer,
            session,
            versions,
        };
        parts.extensions.insert(staff.clone());
        Ok(staff)
    }
}
