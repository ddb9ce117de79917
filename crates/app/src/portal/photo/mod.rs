//! The photo (R17): uploaded by the student, cut to the standard ratio, stripped of everything but the picture; shown to the
//! student and to officers who answer for the student.

pub mod picture;
pub mod queries;

mod handlers;
pub(crate) mod rules;

use crate::auth::Action;
use crate::web::{Access, Routes};

/// Bytes of an upload that are received at all: what is larger than a photo may be is read to its end, so that the browser
/// hears why it is refused.
const UPLOAD_BYTES: usize = 64 << 20;

/// Routes.
pub(super) fn routes() -> Routes {
    Routes::default()
        .get("/portal/photo", Access::Student, handlers::show)
        .post_up_to(UPLOAD_BYTES, "/portal/photo", Access::Student, handlers::upload)
        .get("/portal/photo/image", Access::Student, handlers::own_image)
        .get(
            "/manage/students/{id}/photo",
            Access::Can(Action::ViewRoster),
            handlers::image,
        )
}
