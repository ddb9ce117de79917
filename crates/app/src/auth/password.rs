//! Passwords: argon2id, its strength as the library's authors advise, and the rule for new ones.

use std::sync::LazyLock;

use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use rand::RngExt;

/// Characters of a new password at least (NIST SP 800-63B asks for 8 and advises 15 where nothing else protects; an
/// office that shares computers is better served by length than by rules about signs).
pub const SHORTEST: usize = 10;
/// Characters at most: more would only keep the hash busy.
pub const LONGEST: usize = 128;

/// Why a new password is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WeakPassword {
    /// Fewer than [`SHORTEST`] characters.
    #[error("too short")]
    TooShort,
    /// More than [`LONGEST`] characters.
    #[error("too long")]
    TooLong,
    /// Holds the login, or is one everybody tries first.
    #[error("too easily guessed")]
    Guessable,
}

impl WeakPassword {
    /// For the person.
    pub fn message(self) -> String {
        match self {
            Self::TooShort => format!("密码至少 {SHORTEST} 个字符。可以用几个不相关的词组成一句话。"),
            Self::TooLong => format!("密码最多 {LONGEST} 个字符。"),
            Self::Guessable => "密码过于常见或包含账号，容易被猜到，请换一个。".into(),
        }
    }
}

/// Whether `password` may become the password of `login`.
///
/// # Errors
///
/// [`WeakPassword`] says what is wrong with it.
pub fn check_new(login: &str, password: &str) -> Result<(), WeakPassword> {
    const COMMON: &[&str] = &[
        "1234567890",
        "0123456789",
        "password",
        "qwertyuiop",
        "1qaz2wsx",
        "11111111",
        "admin123",
        "abc12345",
    ];
    let length = password.chars().count();
    let lower = password.to_lowercase();
    if length < SHORTEST {
        Err(WeakPassword::TooShort)
    } else if length > LONGEST {
        Err(WeakPassword::TooLong)
    } else if (login.len() >= 3 && lower.contains(&login.to_lowercase()))
        || COMMON.iter().any(|common| lower.contains(common))
        || lower.chars().collect::<std::collections::HashSet<_>>().len() < 4
    {
        Err(WeakPassword::Guessable)
    } else {
        Ok(())
    }
}

/// The hash to store. Takes tens of milliseconds, on purpose: call it off the async threads.
///
/// # Errors
///
/// When the library refuses, which our fixed parameters do not make it do.
pub fn hash(password: &str) -> Result<String, argon2::password_hash::Error> {
    Ok(Argon2::default().hash_password(password.as_bytes())?.to_string())
}

/// Whether `password` is the one that was hashed. Without a hash a dummy is computed, so that an unknown login takes as
/// long as a wrong password.
pub fn matches(password: &str, stored: Option<&str>) -> bool {
    static DUMMY: LazyLock<String> = LazyLock::new(|| hash("nobody has this password").unwrap_or_default());
    let hash = PasswordHash::new(stored.unwrap_or(&DUMMY));
    let verified = hash.is_ok_and(|hash| {
        Argon2::default()
            .verify_password(password.as_bytes(), &hash)
            .is_ok()
    });
    verified && stored.is_some()
}

/// A password to hand out once: five groups that are easy to read over the telephone, 60 bits.
pub fn one_time() -> String {
    const LETTERS: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";
    let mut rng = rand::rng();
    (0..4)
        .map(|_| {
            (0..3)
                .map(|_| char::from(LETTERS[rng.random_range(0..LETTERS.len())]))
                .collect::<String>()
        })
        .collect::<Vec<_>>()
        .join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_matches_its_own_hash_and_no_other() {
        let stored = hash("一句只有我知道的话").unwrap();
        assert!(matches("一句只有我知道的话", Some(&stored)));
        assert!(!matches("一句只有我知道的话。", Some(&stored)));
        assert!(!matches("anything", None));
    }

    #[test]
    fn short_common_and_telling_passwords_are_refused() {
        assert_eq!(check_new("t001", "short"), Err(WeakPassword::TooShort));
        assert_eq!(
            check_new("t001", "my-T001-password-x"),
            Err(WeakPassword::Guessable)
        );
        assert_eq!(check_new("t001", "1234567890"), Err(WeakPassword::Guessable));
        assert_eq!(check_new("t001", "aaaaaaaaaaaa"), Err(WeakPassword::Guessable));
        assert_eq!(check_new("t001", "竹外桃花三两枝春江水暖"), Ok(()));
    }

    #[test]
    fn a_one_time_password_is_accepted_as_a_password_and_never_the_same() {
        let password = one_time();
        assert_eq!(check_new("t001", &password), Ok(()));
        assert_ne!(password, one_time());
    }
}
