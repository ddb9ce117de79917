//! Which contact is the nearest, and what a contact must have. Pure.

use qihang_db::entity::contact_point;
use qihang_db::{ContactPurpose, StudentType};
use serde::Deserialize;

use crate::web::Door;

/// How near a contact is to somebody of a 校区 and a type: `None` when it is for others. The place weighs more than the
/// type, because whoever sits there can be walked to.
fn nearness(
    contact: &contact_point::Model,
    campus: Option<&str>,
    student_type: Option<StudentType>,
) -> Option<u8> {
    let campus = match (&contact.campus, campus) {
        (None, _) => 0,
        (Some(of), Some(campus)) if of == campus => 2,
        (Some(_), _) => return None,
    };
    let kind = match (&contact.student_type, student_type) {
        (None, _) => 0,
        (Some(of), Some(kind)) if of == kind.code() => 1,
        (Some(_), _) => return None,
    };
    Some(campus + kind)
}

/// Of the contacts for advice those that are nearest to somebody of this 校区 and type, in their order.
pub(super) fn nearest(
    contacts: Vec<contact_point::Model>,
    campus: Option<&str>,
    student_type: Option<StudentType>,
) -> Vec<contact_point::Model> {
    let near = |contact: &contact_point::Model| nearness(contact, campus, student_type);
    let advice = ContactPurpose::Advice.code();
    let best = contacts
        .iter()
        .filter(|contact| contact.purpose == advice)
        .filter_map(near)
        .max();
    contacts
        .into_iter()
        .filter(|contact| contact.purpose == advice && near(contact).is_some() && near(contact) == best)
        .collect()
}

/// Of which 校区 and for which type of student a contact is, in words; empty where it is for all.
pub fn concerns(contact: &contact_point::Model) -> String {
    let kind = contact.student_type.as_deref().and_then(StudentType::from_code);
    let words = [contact.campus.as_deref(), kind.map(StudentType::label)];
    words.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// Whom somebody asks who cannot sign in: those whom the centre has named for this door; otherwise whoever answers everything
/// else. A student finds the own 校区 and type among them; for the staff it is whoever is there for all.
pub(super) fn sign_in_help(contacts: &[contact_point::Model], door: Door) -> Vec<contact_point::Model> {
    let of = |purpose: ContactPurpose| contacts.iter().filter(move |one| one.purpose == purpose.code());
    let (purpose, advice): (_, Vec<_>) = match door {
        Door::Student => (
            ContactPurpose::StudentSignIn,
            of(ContactPurpose::Advice).cloned().collect(),
        ),
        Door::Staff => (
            ContactPurpose::StaffSignIn,
            of(ContactPurpose::Advice)
                .filter(|one| one.campus.is_none() && one.student_type.is_none())
                .cloned()
                .collect(),
        ),
    };
    let named: Vec<_> = of(purpose).cloned().collect();
    if named.is_empty() { advice } else { named }
}

/// What a telephone dials: the digits, up to an extension.
pub fn dialled(telephone: &str) -> String {
    telephone
        .chars()
        .take_while(|one| *one != '转')
        .filter(|one| one.is_ascii_digit() || *one == '+')
        .collect()
}

/// The form of a contact as it was posted.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ContactForm {
    /// Code of [`ContactPurpose`].
    pub purpose: String,
    /// 校区; empty for all.
    pub campus: String,
    /// Code of [`StudentType`]; empty for all.
    pub student_type: String,
    /// Office or person.
    pub name: String,
    /// Telephone.
    pub telephone: String,
    /// E-mail.
    pub email: String,
    /// Room.
    pub room: String,
    /// Office hours.
    pub hours: String,
}

/// What is wrong with the form, field by field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContactMistakes {
    pub(in crate::notice) purpose: Option<String>,
    pub(in crate::notice) campus: Option<String>,
    pub(in crate::notice) student_type: Option<String>,
    pub(in crate::notice) name: Option<String>,
    pub(in crate::notice) telephone: Option<String>,
    pub(in crate::notice) email: Option<String>,
    pub(in crate::notice) room: Option<String>,
    pub(in crate::notice) hours: Option<String>,
}

/// A contact that may be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::notice) struct Contact {
    pub(super) purpose: ContactPurpose,
    pub(super) campus: Option<String>,
    pub(super) student_type: Option<StudentType>,
    pub(super) name: String,
    pub(super) telephone: String,
    pub(super) email: String,
    pub(super) room: String,
    pub(super) hours: String,
}

/// Characters of a line at the most.
const LINE: usize = 60;

fn line(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.chars().any(char::is_control) {
        return Err("不能换行或含有控制字符。".into());
    }
    if text.chars().count() > LINE {
        return Err(format!("最多 {LINE} 个字。"));
    }
    Ok(text.to_owned())
}

impl ContactForm {
    pub(super) fn of(row: &contact_point::Model) -> Self {
        Self {
            purpose: row.purpose.clone(),
            campus: row.campus.clone().unwrap_or_default(),
            student_type: row.student_type.clone().unwrap_or_default(),
            name: row.name.clone(),
            telephone: row.telephone.clone(),
            email: row.email.clone(),
            room: row.room.clone(),
            hours: row.hours.clone(),
        }
    }

    /// Reads all fields, or says what is wrong with each.
    pub(super) fn read(&self) -> Result<Contact, Box<ContactMistakes>> {
        let mut mistakes = Box::<ContactMistakes>::default();
        let read = |text: &str, mistake: &mut Option<String>| {
            line(text).unwrap_or_else(|wrong| {
                *mistake = Some(wrong);
                String::new()
            })
        };
        let name = read(&self.name, &mut mistakes.name);
        let campus = read(&self.campus, &mut mistakes.campus);
        let telephone = read(&self.telephone, &mut mistakes.telephone);
        let email = read(&self.email, &mut mistakes.email);
        let room = read(&self.room, &mut mistakes.room);
        let hours = read(&self.hours, &mut mistakes.hours);
        if name.is_empty() && mistakes.name.is_none() {
            mistakes.name = Some("请填写部门或姓名。".into());
        }
        if telephone.is_empty() && email.is_empty() && mistakes.telephone.is_none() {
            mistakes.telephone = Some("电话和邮箱至少填写一项。".into());
        }
        if !telephone
            .chars()
            .all(|one| one.is_ascii_digit() || "+-() ,、转".contains(one))
        {
            mistakes.telephone = Some("电话只能由数字、空格和 + - ( ) 转 组成。".into());
        }
        let is_address = |text: &str| {
            text.split_once('@').is_some_and(|(name, host)| {
                !name.is_empty() && host.contains('.') && !text.contains([' ', '<', '>', '"'])
            })
        };
        if !email.is_empty() && !is_address(&email) {
            mistakes.email = Some("请填写完整的邮箱地址，例如 office@univ.example。".into());
        }
        let purpose = ContactPurpose::from_code(&self.purpose);
        if purpose.is_none() {
            mistakes.purpose = Some("请选择用途。".into());
        }
        let student_type = StudentType::from_code(&self.student_type);
        if student_type.is_none() && !self.student_type.is_empty() {
            mistakes.student_type = Some("没有这种学生类型。".into());
        }
        if purpose.is_some_and(|purpose| purpose != ContactPurpose::Advice) {
            let only = Some("只有“就业咨询”区分校区和学生类型。".to_owned());
            if !campus.is_empty() {
                mistakes.campus.clone_from(&only);
            }
            if student_type.is_some() {
                mistakes.student_type = only;
            }
        }
        match purpose {
            Some(purpose) if *mistakes == ContactMistakes::default() => Ok(Contact {
                purpose,
                campus: Some(campus).filter(|campus| !campus.is_empty()),
                student_type,
                name,
                telephone,
                email,
                room,
                hours,
            }),
            _ => Err(mistakes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contact(id: i64, campus: Option<&str>, student_type: Option<StudentType>) -> contact_point::Model {
        contact_point::Model {
            id,
            purpose: "advice".into(),
            campus: campus.map(str::to_owned),
            student_type: student_type.map(|one| one.code().to_owned()),
            name: "就业中心".into(),
            telephone: "000-0000 0000".into(),
            email: String::new(),
            room: String::new(),
            hours: String::new(),
        }
    }

    fn found(campus: Option<&str>, student_type: Option<StudentType>) -> Vec<i64> {
        let all = vec![
            contact(1, None, None),
            contact(2, Some("东校区"), None),
            contact(3, Some("东校区"), Some(StudentType::Graduate)),
            contact(4, None, Some(StudentType::Undergraduate)),
            contact(5, Some("西校区"), Some(StudentType::Graduate)),
            contact(6, Some("东校区"), None),
        ];
        nearest(all, campus, student_type)
            .iter()
            .map(|one| one.id)
            .collect()
    }

    #[test]
    fn the_nearest_contact_is_of_the_own_campus_then_of_the_own_type_then_the_general_one() {
        assert_eq!(found(Some("东校区"), Some(StudentType::Graduate)), [3]);
        assert_eq!(found(Some("东校区"), Some(StudentType::Undergraduate)), [2, 6]);
        assert_eq!(found(Some("南校区"), Some(StudentType::Undergraduate)), [4]);
        assert_eq!(found(Some("南校区"), Some(StudentType::Graduate)), [1]);
        assert_eq!(found(None, None), [1]);
    }

    #[test]
    fn whom_nothing_fits_is_sent_to_nobody() {
        let all = vec![contact(5, Some("西校区"), None)];
        assert!(nearest(all, Some("东校区"), None).is_empty());
    }

    #[test]
    fn who_cannot_sign_in_asks_whoever_is_named_for_the_door_and_otherwise_the_centre() {
        let named = contact_point::Model {
            purpose: ContactPurpose::StaffSignIn.code().into(),
            ..contact(7, None, None)
        };
        let all = [
            contact(1, None, None),
            contact(3, Some("东校区"), Some(StudentType::Graduate)),
            named,
        ];
        let help = |all: &[contact_point::Model], door| -> Vec<i64> {
            sign_in_help(all, door).iter().map(|one| one.id).collect()
        };

        assert_eq!(help(&all, Door::Student), [1, 3]);
        assert_eq!(help(&all, Door::Staff), [7]);
        assert_eq!(help(&all[..2], Door::Staff), [1]);
        assert_eq!(concerns(&all[1]), "东校区 · 研究生");
        assert_eq!(concerns(&all[0]), "");
    }

    #[test]
    fn a_telephone_dials_the_number_without_its_extension() {
        assert_eq!(dialled("000-0000 0000 转 12"), "00000000000");
    }

    fn form() -> ContactForm {
        ContactForm {
            purpose: "advice".into(),
            name: " 学生就业指导中心 ".into(),
            telephone: "000-0000 0000 转 1".into(),
            ..ContactForm::default()
        }
    }

    #[test]
    fn a_contact_has_a_name_and_a_way_to_reach_it() {
        assert_eq!(form().read().unwrap().name, "学生就业指导中心");
        let nothing = ContactForm {
            purpose: "advice".into(),
            ..ContactForm::default()
        };
        let mistakes = nothing.read().unwrap_err();
        assert!(mistakes.name.is_some() && mistakes.telephone.is_some());
        let odd = ContactForm {
            purpose: "staff_sign_in".into(),
            campus: "东校区".into(),
            telephone: "javascript:1".into(),
            email: "a b@c".into(),
            ..form()
        };
        let mistakes = odd.read().unwrap_err();
        assert!(mistakes.campus.is_some() && mistakes.telephone.is_some() && mistakes.email.is_some());
    }
}
