//! A student record as a row of the database and as the values of a file.

use chrono::{DateTime, Utc};
use qihang_db::entity::student;

use super::catalogue::Catalogue;
use super::cells::Cells;
use super::dataset::Dataset;
use super::value::{half_years, year, years_text};
use crate::roster::model::Duties;
use crate::school::model::derive;
use crate::special_list::model::DoctoralYears;

/// The values of a stored record.
pub(crate) fn cells_of(row: &student::Model, catalogue: &Catalogue) -> Cells {
    let college = |id: i64| catalogue.college(id).map_or("", |college| college.code.as_str());
    let admission_year = row.admission_year.to_string();
    let length = match row.length_half_years {
        Some(half_years) if row.length_found.is_empty() => years_text(half_years),
        _ => row.length_found.clone(),
    };
    Cells::pack(Dataset::Students.fields().iter().map(|field| {
        match field.name {
            "student_no" => row.student_no.as_str(),
            "name" => &row.name,
            "sex" => &row.sex,
            "birth_date" => &row.birth_date,
            "ethnic_group" => &row.ethnic_group,
            "political_status" => &row.political_status,
            "marital_status" => &row.marital_status,
            "document_type" => &row.document_type,
            "document_no" => &row.document_no,
            "origin" => &row.origin,
            "exam_no" => &row.exam_no,
            "student_type" => &row.student_type,
            "degree_level" => &row.degree_level,
            "school" => college(row.school_id),
            "residence" => row.residence_id.map_or(row.residence_found.as_str(), college),
            "major" => catalogue
                .major(row.major_id)
                .map_or("", |major| major.code.as_str()),
            "class_name" => &row.class_name,
            "admission_year" => &admission_year,
            "length" => &length,
            "training_mode" => &row.training_mode,
            "directed_unit" => &row.directed_unit,
            "study_status" => &row.study_status,
            "programme" => &row.programme,
            "counsellor" => &row.counsellor,
            "mobile" => &row.mobile,
            "email" => &row.email,
            _ => "",
        }
    }))
}

/// The row that these values make, with everything that follows from them. `None` when 学院, 专业 or year do not exist,
/// which [`super::plan`] has refused before.
pub(crate) fn row_of(
    cells: &Cells,
    catalogue: &Catalogue,
    duties: &Duties,
    doctoral_years: &DoctoralYears,
    vanished_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Option<student::Model> {
    let values: Vec<&str> = cells.iter().collect();
    let at = |name: &str| -> String {
        Dataset::Students
            .index_of(name)
            .and_then(|index| values.get(index))
            .map_or_else(String::new, |value| (*value).to_owned())
    };
    let major = catalogue.major_by_code(&at("major"))?;
    let school_id = catalogue.college_by_code(&at("school"))?.id;
    let residence_found = at("residence");
    let length_found = at("length");
    let mut row = student::Model {
        id: 0,
        student_no: at("student_no"),
        name: at("name"),
        sex: at("sex"),
        birth_date: at("birth_date"),
        ethnic_group: at("ethnic_group"),
        political_status: at("political_status"),
        marital_status: at("marital_status"),
        document_type: at("document_type"),
        document_no: at("document_no"),
        origin: at("origin"),
        exam_no: at("exam_no"),
        student_type: at("student_type"),
        degree_level: at("degree_level"),
        school_id,
        residence_id: catalogue.residence(&residence_found).map(|college| college.id),
        residence_found,
        major_id: major.id,
        class_name: at("class_name"),
        admission_year: year(&at("admission_year"))?,
        length_half_years: half_years(&length_found),
        length_found,
        training_mode: at("training_mode"),
        directed_unit: at("directed_unit"),
        study_status: at("study_status"),
        programme: at("programme"),
        counsellor: at("counsellor"),
        mobile: at("mobile"),
        email: at("email"),
        college_id: school_id,
        second_college_id: None,
        nominal_year: None,
        expected_year: None,
        expectation: String::new(),
        pinyin: String::new(),
        initials: String::new(),
        vanished_at,
        created_at: now,
        updated_at: now,
    };
    let listed_year = doctoral_years.of(&row.student_no);
    derive(&mut row, duties, major.length_half_years, listed_year);
    Some(row)
}
