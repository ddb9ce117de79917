//! The press that prints papers (ADR 0011): its fonts are read when something is first printed, so that a server that prints
//! nothing needs no memory for them.

use std::path::Path;
use std::sync::Arc;

use qihang_paper::{PaperError, Press};
use tokio::sync::OnceCell;

/// The press. Cheap to clone.
#[derive(Clone)]
pub struct Printing {
    /// Fonts of the office's own, beside the embedded ones.
    fonts: Arc<Path>,
    press: Arc<OnceCell<Press>>,
}

impl std::fmt::Debug for Printing {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Printing")
            .field("fonts", &self.fonts)
            .finish_non_exhaustive()
    }
}

/// Why nothing was printed.
#[derive(Debug, thiserror::Error)]
pub enum PrintError {
    /// The paper itself.
    #[error(transparent)]
    Paper(#[from] PaperError),
    /// The thread that prints ended before its work.
    #[error("printing was stopped: {0}")]
    Stopped(#[from] tokio::task::JoinError),
}

impl Printing {
    /// A press with the fonts in the folder `fonts` of `data_dir`, which need not exist.
    pub fn in_folder(data_dir: &Path) -> Self {
        Self {
            fonts: data_dir.join("fonts").into(),
            press: Arc::default(),
        }
    }

    /// Prints on a thread of its own: setting a page takes longer than a request may keep others waiting.
    ///
    /// # Errors
    ///
    /// [`PrintError`]; then there is no paper.
    pub async fn print<F>(&self, paper: F) -> Result<Vec<u8>, PrintError>
    where
        F: FnOnce(&Press) -> Result<Vec<u8>, PaperError> + Send + 'static,
    {
        let press = self.press().await?.clone();
        Ok(tokio::task::spawn_blocking(move || paper(&press)).await??)
    }

    /// The press itself, to be asked what it can print.
    ///
    /// # Errors
    ///
    /// [`PrintError`] for a font of the office's own that cannot be used.
    pub async fn press(&self) -> Result<&Press, PrintError> {
        self.press
            .get_or_try_init(|| async {
                let fonts = Arc::clone(&self.fonts);
                let opened = tokio::task::spawn_blocking(move || Press::open(&fonts)).await?;
                Ok(opened?)
            })
            .await
    }
}
