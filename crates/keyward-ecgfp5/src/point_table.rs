use core::fmt;

use crate::comb::{Comb, Shape};
use crate::table::Row;
use crate::windows::{COUNT, HALF};
use crate::{Point, Scalar};

/// The multiples of one point that make a multiplication by it cheap: 80 KiB.
///
/// Entry `[i][j]` is (2j + 1)·2^(5i)·P, so that a scalar's 64 odd digits of five bits pick one entry of each row, and
/// the sum of these, without any doubling, is the product.
///
/// It is held by value since this crate does not allocate unless asked to; callers box it.
pub struct PointTable([Row; COUNT]);

impl PointTable {
    /// Computes the table of `point`, which must not be a secret, in about the time of three verifications.
    pub fn new(point: &Point) -> Self {
        let mut table = Self([[[0; 10]; HALF]; COUNT]);
        Shape::ROW_A_WINDOW.fill_vartime(table.0.as_flattened_mut(), point);
        table
    }

    /// `s` times the generator plus `e` times the table's point, in variable time: for public values.
    #[must_use]
    pub fn mul_generator_add_vartime(&self, s: &Scalar, e: &Scalar) -> Point {
        self.comb().mul_generator_add_vartime(s, e)
    }

    /// The table's rows, for the program that prints the generator's and for the test that checks it.
    #[doc(hidden)]
    pub fn rows(&self) -> &[[[u64; 10]; HALF]; COUNT] {
        &self.0
    }

    fn comb(&self) -> Comb<'_> {
        Comb { shape: Shape::ROW_A_WINDOW, entries: self.0.as_flattened() }
    }
}

/// The point itself.
impl fmt::Debug for PointTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PointTable").field(&self.comb().point()).finish()
    }
}
