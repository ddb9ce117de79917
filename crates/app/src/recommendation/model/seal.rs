//! What a printed form carries so that it can be checked without asking anybody: its words, signed by Ed25519. The text that was
//! signed travels as it is, so that nobody has to write it a second time to the letter.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Stands before what is signed, so that no signature of this key means anything else.
const PURPOSE: &[u8] = b"qihang recommendation form 1\n";

/// Everything that an approved form says on paper.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// The university's name.
    pub university: String,
    /// 届.
    pub class_year: i32,
    /// 编号.
    pub form_no: String,
    /// Which version.
    pub version: i32,
    /// The day of the approval, as it is printed.
    pub date: String,
    /// 基本信息: label and value.
    pub facts: Vec<(String, String)>,
    /// What the student wrote: heading and text.
    pub sections: Vec<(String, String)>,
    /// 院系推荐意见.
    pub opinion: String,
    /// SHA-256 of the photo, hexadecimal.
    pub photo: Option<String>,
    /// Where it is checked whether the form still counts.
    pub url: String,
}

/// A statement with its signature, as it lies in the file.
#[derive(Debug, Serialize, Deserialize)]
struct Sealed {
    /// JSON of a [`Statement`], to the letter as it was signed.
    statement: String,
    /// [`key_id`] of the key.
    key: String,
    /// Base64.
    signature: String,
}

/// Why a file proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unproved {
    /// What travels in the file is not from here.
    #[error("所附的签名数据无法识别")]
    Unreadable,
    /// Signed by a key that is not among those that are trusted.
    #[error("签名所用的密钥不在信任之列")]
    UnknownKey,
    /// The words are not those that were signed.
    #[error("签名不符：内容被改动过，或不是本校出具")]
    Forged,
}

/// What a key is called: the beginning of the SHA-256 of its public half, hexadecimal.
pub fn key_id(key: &VerifyingKey) -> String {
    hexadecimal(&Sha256::digest(key.as_bytes())[..8])
}

/// SHA-256, hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn signed(statement: &str) -> Vec<u8> {
    [PURPOSE, statement.as_bytes()].concat()
}

/// Signs a statement: what is attached to the PDF.
pub fn seal(statement: &Statement, key: &SigningKey) -> Vec<u8> {
    let statement = serde_json::json!(statement).to_string();
    let sealed = Sealed {
        signature: STANDARD.encode(key.sign(&signed(&statement)).to_bytes()),
        key: key_id(&key.verifying_key()),
        statement,
    };
    serde_json::json!(sealed).to_string().into_bytes()
}

/// What was signed by one of the `trusted` keys, and the name of that key.
///
/// # Errors
///
/// [`Unproved`], whatever the bytes are.
pub fn unseal(attached: &[u8], trusted: &[VerifyingKey]) -> Result<(Statement, String), Unproved> {
    let sealed: Sealed = serde_json::from_slice(attached).map_err(|_| Unproved::Unreadable)?;
    let signature = STANDARD
        .decode(&sealed.signature)
        .ok()
        .and_then(|bytes| Signature::from_slice(&bytes).ok())
        .ok_or(Unproved::Unreadable)?;
    let key = trusted
        .iter()
        .find(|key| key_id(key) == sealed.key)
        .ok_or(Unproved::UnknownKey)?;
    key.verify_strict(&signed(&sealed.statement), &signature)
        .map_err(|_| Unproved::Forged)?;
    let statement = serde_json::from_str(&sealed.statement).map_err(|_| Unproved::Unreadable)?;
    Ok((statement, sealed.key))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn statement() -> Statement {
        Statement {
            university: "启航大学".into(),
            class_year: 2027,
            form_no: "2027-S01-00001".into(),
            version: 1,
            date: "2026年9月10日".into(),
            facts: vec![("姓名".into(), "卢宇".into())],
            sections: vec![("特长".into(), "长跑\n“引号”\\".into())],
            opinion: "同意推荐。".into(),
            photo: Some(sha256(b"picture")),
            url: "https://job.example/verify?no=2027-S01-00001&code=X".into(),
        }
    }

    fn key(seed: u8) -> SigningKey {
        SigningKey::from_bytes(&[seed; 32])
    }

    #[test]
    fn what_was_signed_is_read_back_with_the_key_that_signed_it() {
        let attached = seal(&statement(), &key(1));
        let trusted = [key(2).verifying_key(), key(1).verifying_key()];
        let (read, by) = unseal(&attached, &trusted).unwrap();
        assert_eq!(read, statement());
        assert_eq!(by, key_id(&key(1).verifying_key()));
    }

    #[test]
    fn a_changed_word_a_strange_key_and_a_borrowed_name_prove_nothing() {
        let trusted = [key(1).verifying_key()];
        let text = String::from_utf8(seal(&statement(), &key(1))).unwrap();
        let changed = text.replace("同意推荐。", "同意，优秀。");
        assert_eq!(unseal(changed.as_bytes(), &trusted), Err(Unproved::Forged));
        let strange = seal(&statement(), &key(2));
        assert_eq!(unseal(&strange, &trusted), Err(Unproved::UnknownKey));
        let borrowed = String::from_utf8(strange)
            .unwrap()
            .replace(&key_id(&key(2).verifying_key()), &key_id(&key(1).verifying_key()));
        assert_eq!(unseal(borrowed.as_bytes(), &trusted), Err(Unproved::Forged));
        assert_eq!(unseal(b"{}", &trusted), Err(Unproved::Unreadable));
    }

    proptest! {
        #[test]
        fn no_byte_can_be_changed(at in 0_usize..600, bit in 0_u8..8) {
            let mut attached = seal(&statement(), &key(1));
            let at = at % attached.len();
            attached[at] ^= 1 << bit;
            let found = unseal(&attached, &[key(1).verifying_key()]);
            // JSON can be written in more than one way: what is read is then still what was signed.
            prop_assert!(found.is_err() || found.unwrap().0 == statement());
        }

        #[test]
        fn whatever_is_attached_is_judged(bytes: Vec<u8>) {
            prop_assert_eq!(unseal(&bytes, &[key(1).verifying_key()]), Err(Unproved::Unreadable));
        }
    }
}
