//! The life of a job as a pure state machine: whatever several servers and people do in whatever order.

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use qihang::job::model::{LEASE, Life, MAX_ATTEMPTS, Refusal, State};

use crate::support::MID_SEASON;

/// What somebody does; servers are numbered.
#[derive(Clone, Copy, Debug)]
enum Act {
    Claim(usize),
    Renew(usize),
    BeginToFinish(usize),
    Finish(usize),
    Fail(usize),
    BreakOff(usize),
    GiveBack(usize),
    Stop(usize),
    Bury,
    Cancel,
    /// So many seconds pass.
    Wait(i64),
}

fn act() -> impl Strategy<Value = Act> {
    let server = 0..3_usize;
    prop_oneof![
        4 => server.clone().prop_map(Act::Claim),
        3 => server.clone().prop_map(Act::Renew),
        2 => server.clone().prop_map(Act::BeginToFinish),
        1 => server.clone().prop_map(Act::Finish),
        1 => server.clone().prop_map(Act::Fail),
        2 => server.clone().prop_map(Act::BreakOff),
        1 => server.clone().prop_map(Act::GiveBack),
        1 => server.prop_map(Act::Stop),
        1 => Just(Act::Bury),
        1 => Just(Act::Cancel),
        3 => (1..20_i64).prop_map(Act::Wait),
    ]
}

fn start() -> DateTime<Utc> {
    MID_SEASON.parse().unwrap()
}

/// What an act makes of a life; `owners` are the words of the servers' latest claims.
fn carry_out(
    life: &Life,
    act: Act,
    owners: &mut [String; 3],
    claims: &mut usize,
    now: DateTime<Utc>,
) -> Result<Life, Refusal> {
    match act {
        Act::Claim(server) => {
            *claims += 1;
            let owner = format!("{server}/{claims}");
            let claimed = life.claim(&owner, now)?;
            owners[server] = owner;
            Ok(claimed)
        }
        Act::Renew(server) => life.renew(&owners[server], now).map(|(life, _)| life),
        Act::BeginToFinish(server) => life.begin_to_finish(&owners[server], now),
        Act::Finish(server) => life.finish(&owners[server], now),
        Act::Fail(server) => life.fail(&owners[server], now),
        Act::BreakOff(server) => life.break_off(&owners[server], now),
        Act::GiveBack(server) => life.give_back(&owners[server]),
        Act::Stop(server) => life.stop(&owners[server], now),
        Act::Bury => life.bury(now),
        Act::Cancel => life.cancel(now),
        Act::Wait(_) => Ok(life.clone()),
    }
}

fn holder(life: &Life) -> Option<&str> {
    match &life.state {
        State::Running(lease) => Some(&lease.owner),
        _ => None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_done_in_whatever_order(acts in prop::collection::vec(act(), 1..60)) {
        let mut life = Life::new();
        let mut now = start();
        let mut owners = [const { String::new() }; 3];
        let mut claims = 0;
        for act in acts {
            if let Act::Wait(seconds) = act {
                now += TimeDelta::seconds(seconds);
            }
            let before = life.clone();
            let held = match &before.state {
                State::Running(lease) if !lease.is_lapsed(now) => Some(lease.owner.clone()),
                _ => None,
            };
            let Ok(after) = carry_out(&before, act, &mut owners, &mut claims, now) else {
                continue;
            };
            life = after;

            prop_assert!(life.attempts <= MAX_ATTEMPTS);
            // What has ended stays as it is.
            if !before.is_open() {
                prop_assert_eq!(&life, &before);
            }
            // A lease that holds is taken from nobody: the job stays with its holder or is let go by the holder.
            if let (Some(held), Some(now_held)) = (&held, holder(&life)) {
                prop_assert_eq!(held, now_held);
            }
            // Whoever does something to a running job, but for the claim, the cancellation and the burial, held it.
            let by = match act {
                Act::Renew(server)
                | Act::BeginToFinish(server)
                | Act::Finish(server)
                | Act::Fail(server)
                | Act::BreakOff(server)
                | Act::GiveBack(server)
                | Act::Stop(server) => Some(server),
                Act::Claim(_) | Act::Bury | Act::Cancel | Act::Wait(_) => None,
            };
            if let Some(server) = by {
                prop_assert_eq!(holder(&before), Some(owners[server].as_str()));
            }
            if let State::Running(lease) = &life.state {
                // Nobody passes the point of no return after a cancellation, or cancels after it.
                prop_assert!(!(lease.is_finishing && lease.cancel_requested), "{act:?}");
                prop_assert!(lease.until <= now + LEASE);
            }
        }
    }
}

fn claimed(by: &str) -> Life {
    Life::new().claim(by, start()).unwrap()
}

#[test]
fn a_lease_keeps_others_off_until_it_lapses() {
    let life = claimed("a");
    let nearly = start() + LEASE - TimeDelta::microseconds(1);
    assert_eq!(life.claim("b", nearly), Err(Refusal::InHand));

    let taken = life.claim("b", start() + LEASE).unwrap();

    assert_eq!((holder(&taken), taken.attempts), (Some("b"), 2));
    assert_eq!(taken.renew("a", start() + LEASE), Err(Refusal::Lost));
    assert_eq!(taken.finish("a", start() + LEASE), Err(Refusal::Lost));
}

#[test]
fn a_lapsed_lease_that_nobody_took_still_finishes() {
    let late = start() + LEASE * 10;
    assert!(matches!(
        claimed("a").finish("a", late).unwrap().state,
        State::Done { .. }
    ));
}

#[test]
fn a_lease_from_a_clock_far_ahead_keeps_nobody_off() {
    let ahead = Life::new().claim("a", start() + TimeDelta::days(200)).unwrap();
    assert_eq!(holder(&ahead.claim("b", start()).unwrap()), Some("b"));
}

#[test]
fn after_the_last_attempt_the_job_is_buried_and_not_begun_again() {
    let mut life = Life::new();
    let mut now = start();
    for _ in 0..MAX_ATTEMPTS {
        life = life.claim("a", now).unwrap();
        assert_eq!(life.bury(now), Err(Refusal::InHand));
        now += LEASE;
    }
    assert_eq!(life.claim("b", now), Err(Refusal::WornOut));
    assert!(matches!(life.bury(now).unwrap().state, State::Failed { .. }));
}

#[test]
fn a_cancellation_is_heeded_by_the_next_holder_and_comes_too_late_for_the_last_transaction() {
    let asked = claimed("a").cancel(start()).unwrap();
    assert_eq!(asked.begin_to_finish("a", start()), Err(Refusal::Cancelled));
    assert_eq!(asked.break_off("a", start()), Err(Refusal::Cancelled));
    assert_eq!(asked.give_back("a"), Err(Refusal::Cancelled));
    let taken = asked.claim("b", start() + LEASE).unwrap();
    assert_eq!(
        taken.begin_to_finish("b", start() + LEASE),
        Err(Refusal::Cancelled)
    );
    assert!(matches!(
        taken.stop("b", start() + LEASE).unwrap().state,
        State::Cancelled { .. }
    ));

    let finishing = claimed("a").begin_to_finish("a", start()).unwrap();
    assert_eq!(finishing.cancel(start()), Err(Refusal::TooLate));
    assert!(matches!(
        Life::new().cancel(start()).unwrap().state,
        State::Cancelled { .. }
    ));
}

#[test]
fn a_server_that_stops_in_order_costs_no_attempt() {
    let back = claimed("a").give_back("a").unwrap();
    assert_eq!(back, Life::new());
    let broken = claimed("a").break_off("a", start()).unwrap();
    assert_eq!((broken.state, broken.attempts), (State::Queued, 1));
}
