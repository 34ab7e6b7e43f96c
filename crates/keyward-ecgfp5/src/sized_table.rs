use alloc::boxed::Box;
use alloc::vec;
use core::fmt;

use crate::comb::{Comb, Shape};
use crate::table::Entry;
use crate::{Point, PointTable, Scalar};

/// How large a [`SizedPointTable`] is: the larger, the faster, but for what the processor's caches cannot hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum TableSize {
    /// 10 KiB: 128 multiples; a multiplication has 35 doublings.
    Small,
    /// 80 KiB: 1,024 multiples, as in [`PointTable`]; no doublings. The fastest where there is vector code, which takes no other
    /// size.
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

/// A [`PointTable`] of a size to choose, on the heap.
pub struct SizedPointTable {
    size: TableSize,
    table: Table,
}

enum Table {
    Medium(Box<PointTable>),
    Other(Box<[Entry]>),
}

impl SizedPointTable {
    /// Computes the table of `point`, which must not be a secret.
    pub fn new(point: &Point, size: TableSize) -> Self {
        let table = match size {
            TableSize::Medium => Table::Medium(Box::new(PointTable::new(point))),
            TableSize::Small | TableSize::Large => {
                let shape = size.shape();
                let mut entries = vec![[0; 10]; shape.entries()].into_boxed_slice();
                shape.fill_vartime(&mut entries, point);
                Table::Other(entries)
            }
        };
        Self { size, table }
    }

    /// The size.
    pub const fn size(&self) -> TableSize {
        self.size
    }

    /// `s` times the generator plus `e` times the table's point, in variable time: for public values.
    #[must_use]
    pub fn mul_generator_add_vartime(&self, s: &Scalar, e: &Scalar) -> Point {
        match &self.table {
            Table::Medium(table) => table.mul_generator_add_vartime(s, e),
            Table::Other(entries) => self.comb(entries).mul_generator_add_vartime(s, e),
        }
    }

    fn comb<'a>(&self, entries: &'a [Entry]) -> Comb<'a> {
        Comb { shape: self.size.shape(), entries }
    }
}

/// The size and the point itself, or the table that shows it.
impl fmt::Debug for SizedPointTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("SizedPointTable");
        match &self.table {
            Table::Medium(table) => debug.field("size", &self.size).field("table", table),
            Table::Other(entries) => debug.field("size", &self.size).field("point", &self.comb(entries).point()),
        };
        debug.finish()
    }
}
