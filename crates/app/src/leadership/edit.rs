//! What an edit does to the list of a group, what keeps it from being reported, and how two versions differ. Pure.

use std::collections::BTreeSet;

use qihang_db::GroupRole;

use super::model::{Member, MemberField};

/// Members of a group at the most.
pub const MOST: usize = 60;

/// One step of working on a draft. Places count from 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// At the end.
    Add(Member),
    /// In place of the one there.
    Change(usize, Member),
    /// Takes one away.
    Remove(usize),
    /// One place up.
    Up(usize),
    /// One place down.
    Down(usize),
    /// All anew: a file, or last year's.
    Replace(Vec<Member>),
}

impl Edit {
    /// The word for the audit log.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Add(_) => "added",
            Self::Change(..) => "changed",
            Self::Remove(_) => "removed",
            Self::Up(_) | Self::Down(_) => "moved",
            Self::Replace(_) => "replaced",
        }
    }

    /// What becomes of the list.
    ///
    /// # Errors
    ///
    /// [`NotApplied`]; then the list is as it was.
    pub fn apply(self, mut members: Vec<Member>) -> Result<Vec<Member>, NotApplied> {
        let count = members.len();
        let has = |place: usize| {
            if place < count {
                Ok(place)
            } else {
                Err(NotApplied::NoPlace)
            }
        };
        match self {
            Self::Add(member) => members.push(member),
            Self::Change(place, member) => members[has(place)?] = member,
            Self::Remove(place) => {
                members.remove(has(place)?);
            }
            Self::Up(place) => {
                let above = has(place)?.checked_sub(1).ok_or(NotApplied::NoPlace)?;
                members.swap(above, place);
            }
            Self::Down(place) => members.swap(has(place)?, has(place.saturating_add(1))?),
            Self::Replace(all) => members = all,
        }
        if members.len() > MOST {
            return Err(NotApplied::Full);
        }
        Ok(members)
    }
}

/// Why a step was not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotApplied {
    /// Nobody stands there.
    #[error("there is no such place")]
    NoPlace,
    /// There would be more than [`MOST`].
    #[error("there is no more room")]
    Full,
}

/// What keeps a group from being reported, for the person; empty when nothing does.
pub fn obstacles(members: &[Member]) -> Vec<String> {
    let mut obstacles = Vec::new();
    let leaders = members
        .iter()
        .filter(|member| member.role == GroupRole::Leader)
        .count();
    match leaders {
        1 => {}
        0 => obstacles.push("还没有组长：有且只有一名组长才能报送。".to_owned()),
        many => obstacles.push(format!("有 {many} 名组长：有且只有一名组长才能报送。")),
    }
    let mut seen = BTreeSet::new();
    for member in members {
        if !seen.insert((&member.name, &member.telephone)) {
            obstacles.push(format!(
                "{}（{}）重复，请删去一个。",
                member.name, member.telephone
            ));
        }
    }
    obstacles
}

/// A line of a comparison of two versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Compared {
    /// Only in the later.
    Added(Member),
    /// Only in the earlier.
    Removed(Member),
    /// In both, with other words in these fields.
    Changed(Member, Member, Vec<MemberField>),
    /// In both, word for word.
    Same(Member),
}

/// Compares two versions: members are known by their name, those of one name in their order.
pub fn compare(earlier: &[Member], later: &[Member]) -> Vec<Compared> {
    let mut left: Vec<&Member> = earlier.iter().collect();
    let mut lines = Vec::new();
    for member in later {
        let Some(at) = left.iter().position(|one| one.name == member.name) else {
            lines.push(Compared::Added(member.clone()));
            continue;
        };
        let before = left.remove(at);
        let (was, is) = (before.typed(), member.typed());
        let fields: Vec<MemberField> = MemberField::ALL
            .into_iter()
            .filter(|field| was.get(*field) != is.get(*field))
            .collect();
        lines.push(if fields.is_empty() {
            Compared::Same(member.clone())
        } else {
            Compared::Changed(before.clone(), member.clone(), fields)
        });
    }
    lines.extend(left.into_iter().cloned().map(Compared::Removed));
    lines
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn member(name: &str, role: GroupRole) -> Member {
        Member {
            name: name.into(),
            post: "院长".into(),
            role,
            telephone: "029-00000000".into(),
            email: "a@univ.example".into(),
        }
    }

    #[test]
    fn exactly_one_leader_is_needed() {
        let leader = || member("甲", GroupRole::Leader);
        assert!(obstacles(&[leader(), member("乙", GroupRole::Member)]).is_empty());
        assert_eq!(obstacles(&[member("乙", GroupRole::Member)]).len(), 1);
        assert_eq!(obstacles(&[leader(), member("乙", GroupRole::Leader)]).len(), 1);
        // The same person twice.
        assert_eq!(obstacles(&[leader(), member("甲", GroupRole::Member)]).len(), 1);
    }

    fn members() -> impl Strategy<Value = Vec<Member>> {
        let one = ("[甲乙丙丁]{1,2}", 0..GroupRole::ALL.len());
        let one = one.prop_map(|(name, role)| member(&name, GroupRole::ALL[role]));
        proptest::collection::vec(one, 0..8)
    }

    proptest! {
        #[test]
        fn an_edit_never_loses_or_invents_anybody_else(list in members(), place in 0_usize..9) {
            let mut sorted = list.clone();
            sorted.sort();
            for edit in [Edit::Up(place), Edit::Down(place)] {
                let moved = edit.apply(list.clone());
                if let Ok(mut moved) = moved {
                    prop_assert_eq!(moved.len(), list.len());
                    moved.sort();
                    prop_assert_eq!(&moved, &sorted);
                }
            }
            let removed = Edit::Remove(place).apply(list.clone());
            prop_assert_eq!(removed.is_ok(), place < list.len());
            if let Ok(removed) = removed {
                prop_assert_eq!(removed.len() + 1, list.len());
            }
        }

        #[test]
        fn a_comparison_accounts_for_everybody_once(earlier in members(), later in members()) {
            let lines = compare(&earlier, &later);
            let (mut was, mut is) = (0, 0);
            for line in &lines {
                match line {
                    Compared::Added(_) => is += 1,
                    Compared::Removed(_) => was += 1,
                    Compared::Changed(_, _, fields) => { prop_assert!(!fields.is_empty()); was += 1; is += 1; }
                    Compared::Same(_) => { was += 1; is += 1; }
                }
            }
            prop_assert_eq!((was, is), (earlier.len(), later.len()));
            let is_same = |line: &Compared| matches!(line, Compared::Same(_));
            prop_assert!(compare(&later, &later).iter().all(is_same));
        }
    }
}
