//! A member of staff with what is assigned to them today.

use std::collections::{BTreeMap, BTreeSet};

use qihang_db::{Actor, Role, Scope};

use super::policy::{self, Action};

/// A role, for a 院 where the role is of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assigned {
    /// The role.
    pub role: Role,
    /// The 院 (id, name); `None` for the roles of the whole university.
    pub college: Option<(i64, String)>,
}

/// Somebody who is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Officer {
    /// Account.
    pub account_id: i64,
    /// 工号 or login name.
    pub login: String,
    /// 姓名.
    pub name: String,
    /// What is assigned today; never empty.
    pub assigned: Vec<Assigned>,
    /// Whether the password has to be changed before anything else.
    pub must_change_password: bool,
    /// Where the request comes from.
    pub address: Option<String>,
    /// What the person chose, as JSON by its key; see [`preference`](crate::preference).
    pub preferences: BTreeMap<String, String>,
}

impl Officer {
    /// The students on whom the officer may do `action`; `None` when the officer may not do it at all.
    pub fn scope_for(&self, action: Action) -> Option<Scope> {
        let mut colleges = BTreeSet::new();
        let mut allowed = false;
        for assigned in self
            .assigned
            .iter()
            .filter(|assigned| policy::allows(assigned.role, action))
        {
            allowed = true;
            match (assigned.role, &assigned.college) {
                (Role::Centre, _) => return Some(Scope::Everyone),
                (Role::Officer | Role::Head, Some((college_id, _))) => {
                    colleges.insert(*college_id);
                }
                // An administrator manages accounts, not students; a role of a 院 without one sees nobody.
                (Role::Administrator, _) | (Role::Officer | Role::Head, None) => {}
            }
        }
        allowed.then_some(Scope::Colleges(colleges))
    }

    /// Whether the officer may do `action` at all.
    pub fn may(&self, action: Action) -> bool {
        self.assigned
            .iter()
            .any(|assigned| policy::allows(assigned.role, action))
    }

    /// The roles as words, each once.
    pub fn role_label(&self) -> String {
        let roles: BTreeSet<Role> = self.assigned.iter().map(|assigned| assigned.role).collect();
        roles.into_iter().map(Role::label).collect::<Vec<_>>().join("、")
    }

    /// The 院 worked for, where there is exactly one.
    pub fn only_college(&self) -> Option<&(i64, String)> {
        let mut colleges = self
            .assigned
            .iter()
            .filter_map(|assigned| assigned.college.as_ref());
        let first = colleges.next()?;
        colleges.all(|other| other == first).then_some(first)
    }

    /// For the audit log.
    pub fn actor(&self) -> Actor {
        Actor {
            account_id: Some(self.account_id),
            label: self.login.clone(),
            address: self.address.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn officer(assigned: &[(Role, Option<i64>)]) -> Officer {
        Officer {
            account_id: 1,
            login: "t1".into(),
            name: "某老师".into(),
            assigned: assigned
                .iter()
                .map(|(role, college)| Assigned {
                    role: *role,
                    college: college.map(|id| (id, format!("院{id}"))),
                })
                .collect(),
            must_change_password: false,
            address: None,
            preferences: BTreeMap::new(),
        }
    }

    #[test]
    fn an_officer_of_two_colleges_sees_both_and_no_third() {
        let officer = officer(&[(Role::Officer, Some(3)), (Role::Officer, Some(5))]);
        assert_eq!(
            officer.scope_for(Action::ViewRoster),
            Some(Scope::Colleges(BTreeSet::from([3, 5])))
        );
    }

    #[test]
    fn a_head_of_one_and_officer_of_another_college_signs_only_for_the_one() {
        let officer = officer(&[(Role::Head, Some(3)), (Role::Officer, Some(5))]);
        assert_eq!(
            officer.scope_for(Action::SignOff),
            Some(Scope::Colleges(BTreeSet::from([3])))
        );
    }

    #[test]
    fn the_centre_sees_everyone_and_an_administrator_nobody() {
        assert_eq!(
            officer(&[(Role::Centre, None)]).scope_for(Action::ViewRoster),
            Some(Scope::Everyone)
        );
        assert_eq!(
            officer(&[(Role::Administrator, None)]).scope_for(Action::ViewRoster),
            None
        );
        assert_eq!(
            officer(&[(Role::Administrator, None)]).scope_for(Action::ViewAudit),
            Some(Scope::Colleges(BTreeSet::new()))
        );
    }
}
