//! Files that belong to records: photos, attachments. They lie in an object store, a folder of `data_dir` by default, so
//! that several servers can share one; a row names the key of each.

use std::path::Path;
use std::sync::Arc;

use axum::body::Bytes;
use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt};
use object_store::buffered::BufWriter;
use object_store::local::LocalFileSystem;
use object_store::path::Path as Key;
use object_store::{ObjectStore, ObjectStoreExt, PutPayload};
use tokio::io::AsyncWriteExt;
use tokio::sync::OnceCell;

/// The store. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Files {
    folder: Arc<Path>,
    /// Opened when it is first needed: a command that touches no file needs no folder.
    store: Arc<OnceCell<Arc<dyn ObjectStore>>>,
}

/// Why a file could not be kept or read.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// There is no such file.
    #[error("no such file")]
    NotFound,
    /// The folder cannot be made, or a file not be read or written.
    #[error("the folder for files does not serve: {0}")]
    Folder(#[from] std::io::Error),
    /// The store itself.
    #[error("the file store failed: {0}")]
    Store(object_store::Error),
}

impl From<object_store::Error> for FileError {
    fn from(error: object_store::Error) -> Self {
        match error {
            object_store::Error::NotFound { .. } => Self::NotFound,
            error => Self::Store(error),
        }
    }
}

impl Files {
    /// A store in the folder `files` of `data_dir`.
    pub fn in_folder(data_dir: &Path) -> Self {
        Self {
            folder: data_dir.join("files").into(),
            store: Arc::default(),
        }
    }

    async fn store(&self) -> Result<&Arc<dyn ObjectStore>, FileError> {
        self.store
            .get_or_try_init(|| async {
                std::fs::create_dir_all(&self.folder)?;
                let store = LocalFileSystem::new_with_prefix(&self.folder)?.with_fsync(true);
                Ok(Arc::new(store) as Arc<dyn ObjectStore>)
            })
            .await
    }

    /// Keeps `content` under `key`, a path of plain words such as `photo/12/3f9a…`. What was there is replaced at once or not
    /// at all, and the file is on the disk before this answers.
    ///
    /// # Errors
    ///
    /// [`FileError`] when it cannot be kept.
    pub async fn put(&self, key: &str, content: Vec<u8>) -> Result<(), FileError> {
        let store = self.store().await?;
        store.put(&Key::from(key), PutPayload::from(content)).await?;
        Ok(())
    }

    /// Keeps what `file` holds under `key`, piece by piece; answers how many bytes that are.
    ///
    /// # Errors
    ///
    /// [`FileError`] when it cannot be kept.
    pub async fn put_file(&self, key: &str, mut file: tokio::fs::File) -> Result<u64, FileError> {
        let mut kept = BufWriter::new(Arc::clone(self.store().await?), Key::from(key));
        let bytes = tokio::io::copy(&mut file, &mut kept).await?;
        kept.shutdown().await?;
        Ok(bytes)
    }

    /// The content under `key`, piece by piece.
    ///
    /// # Errors
    ///
    /// [`FileError::NotFound`] when there is none.
    pub async fn stream(&self, key: &str) -> Result<BoxStream<'static, Result<Bytes, FileError>>, FileError> {
        let found = self.store().await?.get(&Key::from(key)).await?;
        Ok(found.into_stream().map_err(FileError::from).boxed())
    }

    /// The keys of all files in a folder.
    ///
    /// # Errors
    ///
    /// [`FileError`] when the store does not answer.
    pub async fn keys(&self, folder: &str) -> Result<Vec<String>, FileError> {
        let found = self.store().await?.list(Some(&Key::from(folder)));
        let keys = found.map_ok(|file| file.location.to_string());
        Ok(keys.try_collect().await?)
    }

    /// The content under `key`.
    ///
    /// # Errors
    ///
    /// [`FileError::NotFound`] when there is none.
    pub async fn get(&self, key: &str) -> Result<Vec<u8>, FileError> {
        let store = self.store().await?;
        Ok(store.get(&Key::from(key)).await?.bytes().await?.to_vec())
    }

    /// Throws away what is under `key`; nothing there is no mistake.
    ///
    /// # Errors
    ///
    /// [`FileError`] when the store does not answer.
    pub async fn delete(&self, key: &str) -> Result<(), FileError> {
        match self.store().await?.delete(&Key::from(key)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_was_put_is_got_until_it_is_deleted() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::in_folder(folder.path());
        files.put("photo/1/a", b"one".to_vec()).await.unwrap();
        files.put("photo/1/a", b"two".to_vec()).await.unwrap();
        assert_eq!(files.get("photo/1/a").await.unwrap(), b"two");

        files.delete("photo/1/a").await.unwrap();

        assert!(matches!(files.get("photo/1/a").await, Err(FileError::NotFound)));
        files.delete("photo/1/a").await.unwrap();
    }

    #[tokio::test]
    async fn a_large_file_goes_in_and_comes_out_piece_by_piece() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::in_folder(folder.path());
        let content: Vec<u8> = (0..25_000_000_u32).map(|number| (number % 251) as u8).collect();
        let original = folder.path().join("original");
        std::fs::write(&original, &content).unwrap();

        let file = tokio::fs::File::open(&original).await.unwrap();
        assert_eq!(files.put_file("job/7/a", file).await.unwrap(), 25_000_000);

        let pieces: Vec<Bytes> = files
            .stream("job/7/a")
            .await
            .unwrap()
            .try_collect()
            .await
            .unwrap();
        assert!(pieces.len() > 1 && pieces.concat() == content);
        files.put("photo/1/a", b"one".to_vec()).await.unwrap();
        assert_eq!(files.keys("job").await.unwrap(), ["job/7/a"]);
        assert!(files.keys("nothing").await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn no_key_leads_out_of_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::in_folder(folder.path());
        files.put("../outside", b"x".to_vec()).await.unwrap();
        assert!(!folder.path().join("outside").exists());
    }
}
