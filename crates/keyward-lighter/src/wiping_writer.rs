use std::io;

use zeroize::{Zeroize, Zeroizing};

/// Gathers small writes like [`io::BufWriter`], but wipes its buffer, since tokens go through it.
///
/// Unlike there, what has not been flushed is not written on drop.
pub(crate) struct WipingWriter<W> {
    out: W,
    buffer: Zeroizing<Vec<u8>>,
}

impl<W: io::Write> WipingWriter<W> {
    const CAPACITY: usize = 1 << 16;

    pub(crate) fn new(out: W) -> Self {
        Self { out, buffer: Zeroizing::new(Vec::with_capacity(Self::CAPACITY)) }
    }

    fn drain(&mut self) -> io::Result<()> {
        let written = self.out.write_all(&self.buffer);
        self.buffer.zeroize();
        written
    }
}

impl<W: io::Write> io::Write for WipingWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.buffer.len() + bytes.len() > Self::CAPACITY {
            self.drain()?;
        }
        // Never beyond the capacity: a vector that grows leaves its old place unwiped.
        let taken = bytes.len().min(Self::CAPACITY);
        self.buffer.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.drain()?;
        self.out.flush()
    }
}
