use alloc::boxed::Box;
use alloc::vec;
use core::fmt;

use crate::comb::{Comb, Shape};
use crate::table::Entry;
use crate::{Point, Scalar};

/// How large a [`SizedPointTable`] is: the larger, the faster, but for what the processor's caches cannot hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum TableSize {
    /// 10 KiB: 128 multiples; a multiplication has 35 doublings.
    Small,
    /// 80 KiB: 1,024 multiples, as in [`PointTable`](crate::PointTable); no doublings.
    #[default]
    Medium,
    /// 400 KiB: 5,120 multiples, of which a multiplication adds up 40 instead of 64.
    Large,
}

impl TableSize {
    /// What a table takes of memory, in bytes.
    pub const fn bytes(self) -> usize {
        self.shape().entries() * size_of::<Entry>()
    }

    const fn shape(self) -> Shape {
        match self {
            Self::Small => Shape::SMALL,
            Self::Medium => Shape::ROW_A_WINDOW,
            Self::Large => Shape::LARGE,
        }
    }
}

/// A [`PointTable`](crate::PointTable) of a size to choose, on the heap.
pub struct SizedPointTable {
    size: TableSize,
    entries: Box<[Entry]>,
}

impl SizedPointTable {
    /// Computes the table of `point`, which must not be a secret.
    pub fn new(point: &Point, size: TableSize) -> Self {
        let shape = size.shape();
        let mut entries = vec![[0; 10]; shape.entries()].into_boxed_slice();
        shape.fill_vartime(&mut entries, point);
        Self { size, entries }
    }

    /// The size.
    pub const fn size(&self) -> TableSize {
        self.size
    }

    /// `s` times the generator plus `e` times the table's point, in variable time: for public values.
    #[must_use]
    pub fn mul_generator_add_vartime(&self, s: &Scalar, e: &Scalar) -> Point {
        self.comb().mul_generator_add_vartime(s, e)
    }

    fn comb(&self) -> Comb<'_> {
        Comb { shape: self.size.shape(), entries: &self.entries }
    }
}

/// The size and the point itself.
impl fmt::Debug for SizedPointTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SizedPointTable").field("size", &self.size).field("point", &self.comb().point()).finish()
    }
}
