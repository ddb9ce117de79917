//! The gate: the whole table, as `docs/gate.txt` shows it.

use std::collections::BTreeSet;
use std::fmt::Write;

use chrono::DateTime;
use qihang::activation::fields::Field;
use qihang::activation::gate::{Entry, Standing, Step, gate};

use crate::support::{UPDATE_DOCS, documented};

/// One standing of each kind, with its name. The match fails to compile when a kind is added.
fn standings() -> Vec<(&'static str, Standing)> {
    let entry = Entry {
        entry_id: 1,
        class_year: 2027,
    };
    let activated_at = DateTime::UNIX_EPOCH;
    let all = vec![
        Standing::NotListed,
        Standing::Listed(entry),
        Standing::Lapsed(entry),
        Standing::ConfirmAgain {
            entry,
            activated_at,
            changed: vec![Field::Name],
        },
        Standing::Activated { entry, activated_at },
    ];
    all.into_iter()
        .map(|standing| {
            let name = match &standing {
                Standing::NotListed => "not listed",
                Standing::Listed(_) => "listed",
                Standing::Lapsed(_) => "lapsed",
                Standing::ConfirmAgain { .. } => "confirm again",
                Standing::Activated { .. } => "activated",
            };
            (name, standing)
        })
        .collect()
}

#[test]
fn the_gate_is_the_documented_one() {
    let mut text = format!(
        "# The gate: for every standing of a student and every step, whether it may be taken; otherwise why not, who can change\n\
         # it, and where. Written by: {UPDATE_DOCS}\n"
    );
    for (name, standing) in standings() {
        writeln!(text, "\n{name} ({})", standing.label()).unwrap();
        for step in Step::ALL {
            let answer = match gate(&standing, *step) {
                Ok(()) => "allowed".to_owned(),
                Err(refusal) => format!(
                    "{} | {} | {} → {}",
                    refusal.reason,
                    refusal.who.label(),
                    refusal.action,
                    refusal.href
                ),
            };
            writeln!(text, "  {:<15} {} — {answer}", step.code(), step.label()).unwrap();
        }
    }
    documented("gate.txt", &text);
}

#[test]
fn every_refusal_says_why_who_and_where_and_leads_on() {
    let standings = standings();
    assert_eq!(
        standings
            .iter()
            .map(|(name, _)| *name)
            .collect::<BTreeSet<_>>()
            .len(),
        5
    );
    for (name, standing) in &standings {
        for step in Step::ALL {
            if let Err(refusal) = gate(standing, *step) {
                assert!(
                    refusal.reason.ends_with('。') && refusal.reason.chars().count() > 8,
                    "{name} {step:?}"
                );
                assert!(
                    refusal.href.starts_with('/') && !refusal.action.is_empty(),
                    "{name} {step:?}"
                );
                // The form is no way out for whom the form itself is refused.
                if refusal.href == "/student/activation" {
                    assert_eq!(gate(standing, Step::Activation), Ok(()), "{name} {step:?}");
                }
            }
        }
    }
}

#[test]
fn without_entry_or_activation_nothing_is_open_and_an_activated_student_may_do_everything() {
    for (_, standing) in standings() {
        for step in Step::ALL {
            let allowed = gate(&standing, *step).is_ok();
            match standing {
                Standing::NotListed | Standing::Lapsed(_) => assert!(!allowed, "{standing:?} {step:?}"),
                Standing::Listed(_) => assert_eq!(allowed, *step == Step::Activation, "{step:?}"),
                Standing::ConfirmAgain { .. } => {}
                Standing::Activated { .. } => assert!(allowed, "{step:?}"),
            }
        }
    }
}

#[test]
fn codes_of_steps_read_back() {
    for step in Step::ALL {
        assert_eq!(Step::from_code(step.code()), Some(*step));
    }
    assert_eq!(Step::from_code("nothing"), None);
}
