//! 通知公告 with attachments and who has read them, and 联系方式 (R37).
//!
//! The centre writes for everybody, for students or for the staff; a 院 for its own students. A text is Markdown and becomes
//! HTML by [`markdown`] alone. Who may read is said once, in `queries::reader`, for lists, pages and attachments alike; for
//! others there is no such notice. Other features show notices by [`queries::for_student`] and [`queries::for_staff`], and
//! whom to ask by [`contacts::contacts_for`].

pub mod attachment;
pub mod contacts;
pub mod markdown;
pub mod model;
pub mod queries;
pub mod rules;

mod handlers;

pub use contacts::{Contacts, contacts_for};

use crate::auth::Action;
use crate::web::{Access, Routes};

/// Bytes of an upload at the most: a file with the form around it.
const UPLOAD_BYTES: usize = attachment::BYTES + (1 << 20);

/// Reading, writing, and the contacts.
pub fn routes() -> Routes {
    let write = Access::Can(Action::WriteNotices);
    let contacts = Access::Can(Action::ManageContacts);
    Routes::default()
        .get("/notices", Access::Public, handlers::public::list)
        .get("/notices/{id}", Access::Public, handlers::public::show)
        .get(
            "/notices/{id}/attachments/{attachment_id}",
            Access::Public,
            handlers::public::attachment,
        )
        .get("/manage/notices", write, handlers::manage::index)
        .post("/manage/notices", write, handlers::manage::create)
        .get("/manage/notices/new", write, handlers::manage::new)
        .get("/manage/notices/{id}", write, handlers::one::show)
        .post("/manage/notices/{id}", write, handlers::manage::change)
        .get("/manage/notices/{id}/edit", write, handlers::manage::edit)
        .post("/manage/notices/{id}/publication", write, handlers::one::publish)
        .post("/manage/notices/{id}/withdrawal", write, handlers::one::withdraw)
        .post("/manage/notices/{id}/removal", write, handlers::one::discard)
        .get("/manage/notices/{id}/readers", write, handlers::readers::show)
        .post_up_to(
            UPLOAD_BYTES,
            "/manage/notices/{id}/attachments",
            write,
            handlers::one::attach,
        )
        .get(
            "/manage/notices/{id}/attachments/{attachment_id}",
            write,
            handlers::one::attachment,
        )
        .post(
            "/manage/notices/{id}/attachments/{attachment_id}/removal",
            write,
            handlers::one::detach,
        )
        .get("/manage/contacts", contacts, contacts::handlers::index)
        .post("/manage/contacts", contacts, contacts::handlers::create)
        .get("/manage/contacts/new", contacts, contacts::handlers::new)
        .get("/manage/contacts/{id}", contacts, contacts::handlers::show)
        .post("/manage/contacts/{id}", contacts, contacts::handlers::change)
        .post(
            "/manage/contacts/{id}/removal",
            contacts,
            contacts::handlers::remove,
        )
}
