//! Judging the identity number, and birth date and sex against it.

use qihang_db::entity::student;
use qihang_standards::codes::{DOCUMENT_TYPE, Sex};
use qihang_standards::identity::{DocumentError, IdentityDocument, ResidentIdError, mask};

use super::{day, finding, plain, registrar};
use crate::findings::model::{Found, Kind, Subject};

/// What is wrong with the number, or with what it says of birth date and sex.
pub(super) fn judge(subject: &Subject<'_>, found: &mut Vec<Found>) {
    let student = subject.student;
    let number = student.document_no.as_str();
    let masked = || mask(number);
    let mend = registrar(student);
    let has_known_type =
        student.document_type.is_empty() || DOCUMENT_TYPE.by_code(&student.document_type).is_some();
    if !has_known_type {
        found.push(plain(
            Kind::DocumentTypeUnknown,
            &student.document_type,
            format!("证件类型不在代码表中；{mend}"),
        ));
    }
    if number.is_empty() {
        found.push(plain(Kind::IdentityMissing, "", format!("没有证件号；{mend}")));
        return;
    }
    if !subject.holders.is_empty() {
        let raised_by = [number]
            .into_iter()
            .chain(subject.holders.iter().map(String::as_str));
        let reason = format!(
            "另有 {} 名学生登记了同一证件号；请对照证件核对，{mend}",
            subject.holders.len()
        );
        found.push(finding(Kind::IdentityDuplicate, masked(), raised_by, reason));
    }
    if !has_known_type {
        return;
    }
    match IdentityDocument::parse(&student.document_type, number) {
        Ok(document) => compare(student, &document, found),
        Err(error) => {
            let kind = match error {
                DocumentError::Resident(ResidentIdError::CheckDigit) => Kind::IdentityCheckDigit,
                _ => Kind::IdentityMalformed,
            };
            let wrong = error.message();
            let wrong = wrong.trim_end_matches('。');
            let raised_by = [student.document_type.as_str(), number];
            found.push(finding(kind, masked(), raised_by, format!("{wrong}；{mend}")));
        }
    }
}

/// Birth date and sex of a record against its (well-formed) number.
fn compare(student: &student::Model, document: &IdentityDocument, found: &mut Vec<Found>) {
    let Some(id) = document.resident_id() else { return };
    let mend = registrar(student);
    if let Some(birth_date) = day(&student.birth_date)
        && birth_date != id.birth_date()
    {
        found.push(finding(
            Kind::IdentityBirthDate,
            &student.birth_date,
            [&*student.birth_date, id.as_str()],
            format!("出生日期与证件号中的不一致；请对照证件核对，{mend}"),
        ));
    }
    if let Some(sex) = Sex::from_code(&student.sex)
        && sex != id.sex()
    {
        found.push(finding(
            Kind::IdentitySex,
            sex.name(),
            [sex.code(), id.as_str()],
            format!("性别为{}，证件号表明为{}；{mend}", sex.name(), id.sex().name()),
        ));
    }
}
