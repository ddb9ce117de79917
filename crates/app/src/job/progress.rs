//! How far a job is, as the one who runs it knows.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How far some work is, and whether it shall stop. Shared with threads; a job's is written to the database every second.
#[derive(Debug, Default)]
pub struct Progress {
    stage: Mutex<&'static str>,
    done: AtomicU64,
    total: AtomicU64,
    stop: AtomicBool,
    finishing: AtomicBool,
}

/// What a [`Progress`] says at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reached {
    /// What is being done, in Chinese.
    pub stage: &'static str,
    /// Steps done of this stage.
    pub done: u64,
    /// Steps of this stage; 0 while unknown.
    pub total: u64,
}

impl Progress {
    /// Begins a stage of so many steps; 0 when nobody knows how many.
    pub fn stage(&self, what: &'static str, total: usize) {
        let mut stage = lock(&self.stage);
        *stage = what;
        self.done.store(0, Ordering::Relaxed);
        self.total.store(total as u64, Ordering::Relaxed);
    }

    /// So many steps of the stage are done.
    pub fn reached(&self, done: usize) {
        self.done.store(done as u64, Ordering::Relaxed);
    }

    /// Whether the work shall stop at the next good place. Work on a thread has to ask; what awaits can be dropped.
    pub fn should_stop(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    pub(super) fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    pub(super) fn begin_to_finish(&self) {
        self.finishing.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_finishing(&self) -> bool {
        self.finishing.load(Ordering::Relaxed)
    }

    pub(super) fn now(&self) -> Reached {
        let stage = lock(&self.stage);
        Reached {
            stage: *stage,
            done: self.done.load(Ordering::Relaxed),
            total: self.total.load(Ordering::Relaxed),
        }
    }
}

/// A panic while holding it leaves nothing half done: these are single values.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The jobs that this very process runs. Nothing depends on it: it only tells sooner what the database will be told, and
/// on SQLite, whose one writer is busy with the job itself, what it cannot be told in the meantime.
#[derive(Clone, Debug, Default)]
pub struct Here(Arc<Mutex<HashMap<i64, Arc<Progress>>>>);

impl Here {
    /// Ids of the jobs that run here.
    pub(super) fn ids(&self) -> Vec<i64> {
        lock(&self.0).keys().copied().collect()
    }

    /// How far a job is that runs here.
    pub(super) fn reached(&self, job_id: i64) -> Option<Reached> {
        lock(&self.0).get(&job_id).map(|progress| progress.now())
    }

    /// Tells a job that runs here to stop; one that runs elsewhere hears of it from the database.
    pub(super) fn stop(&self, job_id: i64) {
        if let Some(progress) = lock(&self.0).get(&job_id) {
            progress.stop();
        }
    }

    /// Enters a job; it is taken off when the guard is dropped.
    pub(super) fn enter(&self, job_id: i64) -> Entered {
        let progress = Arc::new(Progress::default());
        lock(&self.0).insert(job_id, Arc::clone(&progress));
        Entered {
            here: self.clone(),
            job_id,
            progress,
        }
    }
}

/// That a job runs here.
#[derive(Debug)]
pub(super) struct Entered {
    here: Here,
    job_id: i64,
    pub(super) progress: Arc<Progress>,
}

impl Drop for Entered {
    fn drop(&mut self) {
        // A thread that works for the job may still be about.
        self.progress.stop();
        lock(&self.here.0).remove(&self.job_id);
    }
}
