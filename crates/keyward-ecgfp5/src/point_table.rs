use core::fmt;

use crate::comb::{self, Comb, Shape};
use crate::point::AffinePoint;
use crate::table::{Entry, Row, row};
use crate::windows::{COUNT, HALF, SignedDigits};
use crate::{Point, Scalar, vector};

/// The multiples of one point that make a multiplication by it cheap: 80 KiB.
///
/// A scalar's 64 signed digits of five bits pick one entry of each of 64 rows, and the sum of these, without any doubling, is
/// the product.
///
/// It is held by value since this crate does not allocate unless asked to; callers box it.
pub struct PointTable {
    rows: [Row; COUNT],
    multiples: Multiples,
}

/// What stands in row i of a table. The vector code and the portable one have different ways to add up.
#[derive(Clone, Copy)]
enum Multiples {
    /// The odd multiples 1, 3, …, 31 of 2^(5i)·P, as points of order n.
    Odd,
    /// The multiples 1, 2, …, 16 of 2^(5i)·P, as [`AffinePoint`]s.
    All,
}

impl PointTable {
    /// Computes the table of `point`, which must not be a secret, in about the time of three verifications, and of seven where
    /// vector code will use it.
    pub fn new(point: &Point) -> Self {
        if vector::is_at_hand() { Self::all_multiples(point) } else { Self::odd_multiples(point) }
    }

    /// The table that the portable code takes.
    #[doc(hidden)]
    pub fn odd_multiples(point: &Point) -> Self {
        let mut rows = [[[0; 10]; HALF]; COUNT];
        Shape::ROW_A_WINDOW.fill_vartime(rows.as_flattened_mut(), point);
        Self { rows, multiples: Multiples::Odd }
    }

    /// The table that the vector code takes.
    #[doc(hidden)]
    pub fn all_multiples(point: &Point) -> Self {
        let mut rows = [[[0; 10]; HALF]; COUNT];
        let mut base = *point;
        for slot in &mut rows {
            let half_way;
            (*slot, half_way) = row(&base);
            base = half_way.double();
        }
        Self { rows, multiples: Multiples::All }
    }

    /// `s` times the generator plus `e` times the table's point, in variable time: for public values.
    #[must_use]
    pub fn mul_generator_add_vartime(&self, s: &Scalar, e: &Scalar) -> Point {
        match self.multiples {
            Multiples::Odd => self.comb().mul_generator_add_vartime(s, e),
            Multiples::All => vector::mul_generator_add_vartime(s, e, &self.rows)
                .unwrap_or_else(|| self.add_product_vartime(e, comb::mul_generator_vartime(s))),
        }
    }

    /// `sum` plus `scalar` times the point, with all multiples.
    fn add_product_vartime(&self, scalar: &Scalar, sum: Point) -> Point {
        let add = |sum: Point, (row, &digit): (&Row, &i8)| match usize::from(digit.unsigned_abs()).checked_sub(1) {
            None => sum,
            Some(index) => {
                let multiple = AffinePoint::from_entry(&row[index]);
                sum.add_affine(&if digit < 0 { -multiple } else { multiple })
            }
        };
        self.rows.iter().zip(SignedDigits::new(scalar).as_array()).fold(sum, add)
    }

    /// The table's rows, for the programs that print the generator's and for the test that checks them.
    #[doc(hidden)]
    pub fn rows(&self) -> &[[[u64; 10]; HALF]; COUNT] {
        &self.rows
    }

    fn comb(&self) -> Comb<'_> {
        Comb { shape: Shape::ROW_A_WINDOW, entries: self.rows.as_flattened() }
    }
}

/// The point itself.
impl fmt::Debug for PointTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first: &Entry = &self.rows[0][0];
        let point = match self.multiples {
            Multiples::Odd => self.comb().point(),
            Multiples::All => AffinePoint::from_entry(first).into(),
        };
        f.debug_tuple("PointTable").field(&point).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::PointTable;
    use crate::generator_comb::GENERATOR_COMB;
    use crate::generator_table::GENERATOR_TABLE;
    use crate::{Point, Scalar};

    #[test]
    fn the_generators_tables_are_as_they_are_computed() {
        assert_eq!(*PointTable::odd_multiples(&Point::GENERATOR).rows(), GENERATOR_COMB);
        assert_eq!(*PointTable::all_multiples(&Point::GENERATOR).rows(), GENERATOR_TABLE);
    }

    /// Whichever of the two [`PointTable::new`] makes here, and with vector code or without.
    #[test]
    fn both_kinds_of_table_multiply() {
        let mut bytes = [0xA5; 40];
        bytes[39] = 0x3C;
        let any = Scalar::from_bytes(&bytes).expect("below the order");
        for point in [Point::NEUTRAL, Point::GENERATOR, -Point::GENERATOR.double()] {
            let tables = [PointTable::odd_multiples(&point), PointTable::all_multiples(&point)];
            for scalar in [Scalar::ZERO, Scalar::ONE, -Scalar::ONE, any, -any] {
                let product = &point * &scalar;
                for table in &tables {
                    assert!(table.mul_generator_add_vartime(&any, &scalar) == Point::mul_generator(&any) + product);
                    assert!(table.mul_generator_add_vartime(&Scalar::ZERO, &scalar) == product);
                }
                assert!(tables[1].add_product_vartime(&scalar, Point::NEUTRAL) == product);
            }
        }
    }
}
