//! The life of a job, purely. The database does nothing but keep what is decided here.

use chrono::{DateTime, TimeDelta, Utc};
use qihang_db::entity::job;

/// How long a lease holds unless it is renewed. Whoever runs a job renews it every second.
pub const LEASE: TimeDelta = TimeDelta::seconds(15);

/// How often a job is begun: whatever stops it every time will stop it the next time, too.
pub const MAX_ATTEMPTS: u32 = 3;

/// That somebody has a job in hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// A word drawn anew for every claim, so that nobody takes another's claim for the own one.
    pub owner: String,
    /// When it lapses.
    pub until: DateTime<Utc>,
    /// Somebody has asked the holder to stop.
    pub cancel_requested: bool,
    /// The last transaction has begun: the holder does not stop any more.
    pub is_finishing: bool,
}

impl Lease {
    /// Whether somebody else may take the job over.
    ///
    /// A lease that reaches further than any lease can was given by another clock (a server that was told to pretend
    /// another day), and would keep the job for ever.
    pub fn is_lapsed(&self, now: DateTime<Utc>) -> bool {
        self.until <= now || self.until > now + LEASE * 2
    }
}

/// Where a job stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Waits for a server.
    Queued,
    /// Somebody has it in hand, or had when they died.
    Running(Lease),
    /// Came to its end.
    Done {
        /// When.
        finished_at: DateTime<Utc>,
    },
    /// Did not, and is not tried again.
    Failed {
        /// When.
        finished_at: DateTime<Utc>,
    },
    /// Somebody did not want it any more.
    Cancelled {
        /// When.
        finished_at: DateTime<Utc>,
    },
}

/// The life of a job.
///
/// | from      | claim            | renew   | begin to finish | finish, fail | give back | cancel           |
/// |-----------|------------------|---------|-----------------|--------------|-----------|------------------|
/// | Queued    | Running          | —       | —               | —            | —         | Cancelled        |
/// | Running   | Running (lapsed) | Running | Running         | Done, Failed | Queued    | flag → Cancelled |
/// | the ends  | —                | —       | —               | —            | —         | —                |
///
/// Renewing, finishing, failing and giving back are for the holder of the lease alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Life {
    /// Where it stands.
    pub state: State,
    /// How often it was begun.
    pub attempts: u32,
}

/// Why a job does not go a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Somebody has it in hand.
    #[error("somebody else has the job in hand")]
    InHand,
    /// It was begun as often as it may be.
    #[error("the job was begun as often as it may be")]
    WornOut,
    /// The one who asks has not (or no longer) the lease.
    #[error("the lease of the job is lost")]
    Lost,
    /// Somebody has asked to stop.
    #[error("the job was cancelled")]
    Cancelled,
    /// Its last transaction has begun.
    #[error("the job is about to finish")]
    TooLate,
    /// It has ended.
    #[error("the job is over")]
    Over,
}

impl Life {
    /// A job that has just been asked for.
    pub const fn new() -> Self {
        Self {
            state: State::Queued,
            attempts: 0,
        }
    }

    /// Takes the job in hand: one that waits, or one whose holder has let the lease lapse. That somebody has asked to stop
    /// is not forgotten.
    ///
    /// # Errors
    ///
    /// [`Refusal::InHand`], [`Refusal::WornOut`] or [`Refusal::Over`].
    pub fn claim(&self, owner: &str, now: DateTime<Utc>) -> Result<Self, Refusal> {
        let cancel_requested = match &self.state {
            State::Queued => false,
            State::Running(lease) if lease.is_lapsed(now) => lease.cancel_requested,
            State::Running(_) => return Err(Refusal::InHand),
            State::Done { .. } | State::Failed { .. } | State::Cancelled { .. } => return Err(Refusal::Over),
        };
        if self.attempts >= MAX_ATTEMPTS {
            return Err(Refusal::WornOut);
        }
        Ok(Self {
            state: State::Running(Lease {
                owner: owner.to_owned(),
                until: now + LEASE,
                cancel_requested,
                is_finishing: false,
            }),
            attempts: self.attempts + 1,
        })
    }

    /// Ends a job that nobody has in hand and that was begun as often as it may be.
    ///
    /// # Errors
    ///
    /// [`Refusal::InHand`] unless it is so; [`Refusal::Over`].
    pub fn bury(&self, now: DateTime<Utc>) -> Result<Self, Refusal> {
        match self.claim("nobody", now) {
            Err(Refusal::WornOut) => Ok(self.at(State::Failed { finished_at: now })),
            Err(refusal) => Err(refusal),
            Ok(_) => Err(Refusal::InHand),
        }
    }

    /// The lease, if `owner` holds it; a lapsed one is held as long as nobody else has taken the job.
    fn held_by(&self, owner: &str) -> Result<&Lease, Refusal> {
        match &self.state {
            State::Running(lease) if lease.owner == owner => Ok(lease),
            State::Running(_) | State::Queued => Err(Refusal::Lost),
            State::Done { .. } | State::Failed { .. } | State::Cancelled { .. } => Err(Refusal::Over),
        }
    }

    fn at(&self, state: State) -> Self {
        Self {
            state,
            attempts: self.attempts,
        }
    }

    /// Keeps the job in hand; answers whether somebody has asked to stop.
    ///
    /// # Errors
    ///
    /// [`Refusal::Lost`] or [`Refusal::Over`].
    pub fn renew(&self, owner: &str, now: DateTime<Utc>) -> Result<(Self, bool), Refusal> {
        let lease = self.held_by(owner)?;
        let cancel_requested = lease.cancel_requested;
        let renewed = Lease {
            until: now + LEASE,
            ..lease.clone()
        };
        Ok((self.at(State::Running(renewed)), cancel_requested))
    }

    /// The point of no return before the last transaction.
    ///
    /// # Errors
    ///
    /// [`Refusal::Cancelled`] when somebody was quicker; [`Refusal::Lost`] or [`Refusal::Over`].
    pub fn begin_to_finish(&self, owner: &str, now: DateTime<Utc>) -> Result<Self, Refusal> {
        let (renewed, cancel_requested) = self.renew(owner, now)?;
        match renewed.state {
            State::Running(_) if cancel_requested => Err(Refusal::Cancelled),
            State::Running(lease) => Ok(self.at(State::Running(Lease {
                is_finishing: true,
                ..lease
            }))),
            _ => Err(Refusal::Over),
        }
    }

    /// The job is done.
    ///
    /// # Errors
    ///
    /// [`Refusal::Lost`] or [`Refusal::Over`].
    pub fn finish(&self, owner: &str, now: DateTime<Utc>) -> Result<Self, Refusal> {
        self.held_by(owner)?;
        Ok(self.at(State::Done { finished_at: now }))
    }

    /// The job cannot be done, and trying again would not help.
    ///
    /// # Errors
    ///
    /// [`Refusal::Lost`] or [`Refusal::Over`].
    pub fn fail(&self, owner: &str, now: DateTime<Utc>) -> Result<Self, Refusal> {
        self.held_by(owner)?;
        Ok(self.at(State::Failed { finished_at: now }))
    }

    /// Something broke that may work the next time: the job waits again, unless it was begun as often as it may be.
    ///
    /// # Errors
    ///
    /// [`Refusal::Cancelled`] when somebody has asked to stop; [`Refusal::Lost`] or [`Refusal::Over`].
    pub fn break_off(&self, owner: &str, now: DateTime<Utc>) -> Result<Self, Refusal> {
        if self.held_by(owner)?.cancel_requested {
            return Err(Refusal::Cancelled);
        }
        if self.attempts >= MAX_ATTEMPTS {
            return self.fail(owner, now);
        }
        Ok(self.at(State::Queued))
    }

    /// The server stops in an orderly way and gives the job back, as if it had never begun it.
    ///
    /// # Errors
    ///
    /// [`Refusal::Cancelled`] when somebody has asked to stop; [`Refusal::Lost`] or [`Refusal::Over`].
    pub fn give_back(&self, owner: &str) -> Result<Self, Refusal> {
        if self.held_by(owner)?.cancel_requested {
            return Err(Refusal::Cancelled);
        }
        Ok(Self {
            state: State::Queued,
            attempts: self.attempts.saturating_sub(1),
        })
    }

    /// Somebody does not want the job any more: one that waits is over, one that runs is told.
    ///
    /// # Errors
    ///
    /// [`Refusal::TooLate`] or [`Refusal::Over`].
    pub fn cancel(&self, now: DateTime<Utc>) -> Result<Self, Refusal> {
        match &self.state {
            State::Queued => Ok(self.at(State::Cancelled { finished_at: now })),
            State::Running(lease) if lease.is_finishing => Err(Refusal::TooLate),
            State::Running(lease) => Ok(self.at(State::Running(Lease {
                cancel_requested: true,
                ..lease.clone()
            }))),
            State::Done { .. } | State::Failed { .. } | State::Cancelled { .. } => Err(Refusal::Over),
        }
    }

    /// The holder has heeded that somebody asked to stop.
    ///
    /// # Errors
    ///
    /// [`Refusal::Lost`] or [`Refusal::Over`].
    pub fn stop(&self, owner: &str, now: DateTime<Utc>) -> Result<Self, Refusal> {
        self.held_by(owner)?;
        Ok(self.at(State::Cancelled { finished_at: now }))
    }

    /// Whether the job has not ended.
    pub const fn is_open(&self) -> bool {
        matches!(self.state, State::Queued | State::Running(_))
    }
}

impl Default for Life {
    fn default() -> Self {
        Self::new()
    }
}

impl State {
    /// What stands in the column.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running(_) => "running",
            Self::Done { .. } => "done",
            Self::Failed { .. } => "failed",
            Self::Cancelled { .. } => "cancelled",
        }
    }

    /// The word on screen.
    pub const fn label(&self) -> &'static str {
        match self {
            Self::Queued => "排队中",
            Self::Running(_) => "进行中",
            Self::Done { .. } => "已完成",
            Self::Failed { .. } => "未完成",
            Self::Cancelled { .. } => "已取消",
        }
    }

    /// Which badge it gets.
    pub const fn badge(&self) -> &'static str {
        match self {
            Self::Queued | Self::Running(_) => "info",
            Self::Done { .. } => "success",
            Self::Failed { .. } => "danger",
            Self::Cancelled { .. } => "muted",
        }
    }
}

/// A row whose columns contradict one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("job {0} is in no state that a job can be in")]
pub struct Impossible(pub i64);

impl TryFrom<&job::Model> for Life {
    type Error = Impossible;

    fn try_from(row: &job::Model) -> Result<Self, Impossible> {
        let lease = row.lease_owner.clone().zip(row.lease_until);
        let state = match (row.state.as_str(), lease, row.finished_at) {
            ("queued", None, None) => State::Queued,
            ("running", Some((owner, until)), None) => State::Running(Lease {
                owner,
                until,
                cancel_requested: row.cancel_requested,
                is_finishing: row.is_finishing,
            }),
            ("done", None, Some(finished_at)) => State::Done { finished_at },
            ("failed", None, Some(finished_at)) => State::Failed { finished_at },
            ("cancelled", None, Some(finished_at)) => State::Cancelled { finished_at },
            _ => return Err(Impossible(row.id)),
        };
        let attempts = u32::try_from(row.attempts).map_err(|_| Impossible(row.id))?;
        Ok(Self { state, attempts })
    }
}
