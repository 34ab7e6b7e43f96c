//! What the disk does if nobody shares a sync: the floor under writes that are each on disk before they are answered.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::measure::Sample;

/// What one write has: a page.
const PAGE: [u8; 4096] = [7; 4096];

/// After so many pages it begins at the front again, so that the file's length stays the same.
const PAGES: usize = 1024;

/// A file that is written page by page.
#[derive(Debug)]
pub(crate) struct Log(Arc<File>);

impl Log {
    pub(crate) fn new(folder: &Path) -> io::Result<Self> {
        let mut file = File::create_new(folder.join("pages"))?;
        for _ in 0..PAGES {
            file.write_all(&PAGE)?;
        }
        file.sync_all()?;
        Ok(Self(Arc::new(file)))
    }

    /// Writes and syncs, one page after the other.
    pub(crate) async fn turn(&self, duration: Duration) -> io::Result<Sample> {
        let file = self.0.clone();
        let write = move || {
            let (start, mut latencies) = (Instant::now(), Vec::new());
            while start.elapsed() < duration {
                let begun = Instant::now();
                let mut file = &*file;
                if latencies.len() % PAGES == 0 {
                    file.seek(SeekFrom::Start(0))?;
                }
                file.write_all(&PAGE)?;
                file.sync_data()?;
                latencies.push(begun.elapsed());
            }
            Ok(Sample { latencies, took: start.elapsed() })
        };
        tokio::task::spawn_blocking(write).await?
    }
}
