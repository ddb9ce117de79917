//! What a student sees: the track, the reasons for not being on a roster, the own data, who looked.

mod disclosures;
mod home;
mod not_listed;
mod record;
