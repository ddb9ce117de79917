//! The keys by which forms are signed: files in the folder `keys` of `data_dir` (docs/form-signature.md).
//!
//! `form.pem` signs. It is made when the first form is printed, and read each time, so that a new one is used at once. Beside it
//! lies the public half of every key there ever was, `form-….pub.pem`: a form that was signed by an old one stays genuine.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey, DecodePublicKey, EncodePrivateKey, EncodePublicKey};
use ed25519_dalek::{SigningKey, VerifyingKey};

use super::model::seal::key_id;

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// A file cannot be read or written.
    #[error("无法读写密钥文件 {}：{error}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// A file holds no Ed25519 key.
    #[error("{} 不是 PEM 格式的 Ed25519 密钥", .0.display())]
    NoKey(PathBuf),
}

fn failed(path: &Path) -> impl FnOnce(std::io::Error) -> KeyError {
    let path = path.to_owned();
    move |error| KeyError::File { path, error }
}

/// Where the keys lie.
pub fn folder(data_dir: &Path) -> PathBuf {
    data_dir.join("keys")
}

/// The key that signs; made where there is none.
///
/// # Errors
///
/// [`KeyError`]; then nothing can be signed.
pub fn signing_key(data_dir: &Path) -> Result<SigningKey, KeyError> {
    let folder = folder(data_dir);
    let path = folder.join("form.pem");
    let key = match fs::read_to_string(&path) {
        Ok(text) => SigningKey::from_pkcs8_pem(&text).map_err(|_| KeyError::NoKey(path.clone()))?,
        Err(error) if error.kind() == ErrorKind::NotFound => make(&folder, &path)?,
        Err(error) => return Err(failed(&path)(error)),
    };
    publish(&folder, &key.verifying_key())?;
    Ok(key)
}

/// Two servers that make a key at the same moment end with the same: of both files only one gets the name.
fn make(folder: &Path, path: &Path) -> Result<SigningKey, KeyError> {
    let key = SigningKey::from_bytes(&rand::random());
    let text = key
        .to_pkcs8_pem(LineEnding::LF)
        .map_err(|_| KeyError::NoKey(path.to_owned()))?;
    match keep(folder, path, text.as_bytes()) {
        Ok(()) => Ok(key),
        Err(KeyError::File { error, .. }) if error.kind() == ErrorKind::AlreadyExists => {
            let text = fs::read_to_string(path).map_err(failed(path))?;
            SigningKey::from_pkcs8_pem(&text).map_err(|_| KeyError::NoKey(path.to_owned()))
        }
        Err(error) => Err(error),
    }
}

/// The public half, for whoever checks.
fn publish(folder: &Path, key: &VerifyingKey) -> Result<(), KeyError> {
    let path = folder.join(format!("form-{}.pub.pem", key_id(key)));
    if path.exists() {
        return Ok(());
    }
    let text = key
        .to_public_key_pem(LineEnding::LF)
        .map_err(|_| KeyError::NoKey(path.clone()))?;
    match keep(folder, &path, text.as_bytes()) {
        Err(KeyError::File { error, .. }) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        kept => kept,
    }
}

/// Writes a file as a whole, readable for its owner alone; what there is already stays.
fn keep(folder: &Path, path: &Path, content: &[u8]) -> Result<(), KeyError> {
    fs::create_dir_all(folder).map_err(failed(folder))?;
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed(path))?;
    file.write_all(content).map_err(failed(path))?;
    file.as_file().sync_all().map_err(failed(path))?;
    file.persist_noclobber(path)
        .map_err(|refused| failed(path)(refused.error))?;
    Ok(())
}

/// A public key out of a file.
///
/// # Errors
///
/// [`KeyError`] for what is none.
pub fn public_key(path: &Path) -> Result<VerifyingKey, KeyError> {
    let text = fs::read_to_string(path).map_err(failed(path))?;
    VerifyingKey::from_public_key_pem(&text).map_err(|_| KeyError::NoKey(path.to_owned()))
}

/// All keys of this installation, old ones too.
///
/// # Errors
///
/// [`KeyError`] for a file among them that is none.
pub fn trusted(data_dir: &Path) -> Result<Vec<VerifyingKey>, KeyError> {
    let folder = folder(data_dir);
    let entries = match fs::read_dir(&folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(failed(&folder))?,
    };
    let mut keys = Vec::new();
    for entry in entries {
        let path = entry.map_err(failed(&folder))?.path();
        if path.to_str().is_some_and(|name| name.ends_with(".pub.pem")) {
            keys.push(public_key(&path)?);
        }
    }
    Ok(keys)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_and_only_its_owner_can_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let keys: Vec<[u8; 32]> = std::thread::scope(|scope| {
            let makers: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| signing_key(folder.path()).unwrap().to_bytes()))
                .collect();
            makers.into_iter().map(|maker| maker.join().unwrap()).collect()
        });
        assert!(keys.iter().all(|key| key == &keys[0]));
        assert_eq!(trusted(folder.path()).unwrap().len(), 1);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(folder.path().join("keys/form.pem")).unwrap();
            assert_eq!(mode.permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn an_old_key_is_trusted_after_a_new_one_has_taken_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let old = signing_key(folder.path()).unwrap();
        fs::remove_file(folder.path().join("keys/form.pem")).unwrap();
        let new = signing_key(folder.path()).unwrap();
        assert_ne!(old.to_bytes(), new.to_bytes());
        assert_eq!(trusted(folder.path()).unwrap().len(), 2);
    }

    #[test]
    fn a_file_that_is_no_key_is_named() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("keys")).unwrap();
        fs::write(folder.path().join("keys/form.pem"), "no key").unwrap();
        let error = signing_key(folder.path()).unwrap_err().to_string();
        assert!(error.contains("form.pem"), "{error}");
        assert!(!error.contains("no key"), "{error}");
        assert!(trusted(Path::new("/no such folder")).unwrap().is_empty());
    }
}
