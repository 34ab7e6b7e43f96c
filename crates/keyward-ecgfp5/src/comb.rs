//! Multiplication as a sum of entries of a table, one for each of the scalar's digits, with few doublings or none.
//!
//! The digits are [odd](odd_digits), which makes sums of entries safe to add by chords. Let two sums take the entries of some
//! windows, no window in both, and let i be the lowest of all. Their sum and their difference are 2^(w·i)·c times the point, where w
//! is a window's width: c is odd, because the lowest digit is and the others are shifted up. So c is not 0; and it is below n
//! unless the sums reach from the first window to the last. Hence the two sums are neither equal nor opposite.

use core::iter::repeat_n;

use keyward_goldilocks::{Fp, value_barrier};
use zeroize::Zeroizing;

use crate::generator_comb::GENERATOR_COMB;
use crate::scan::scan;
use crate::table::{Entry, Row};
use crate::torsion::{Chord, TorsionPoint, add_pairs};
use crate::windows::{COUNT, HALF, WIDTH, odd_digits};
use crate::{Point, Scalar, vector};

/// The most windows of a scalar.
const MOST_WINDOWS: usize = COUNT;

/// `scalar` times the generator, in constant time.
pub(crate) fn mul_generator(scalar: &Scalar) -> Point {
    let mut points = Zeroizing::new(TorsionPoint::vacant::<MOST_WINDOWS>());
    let digits = odd_digits(scalar, WIDTH);
    for ((point, row), digit) in points.iter_mut().zip(&GENERATOR_COMB).zip(digits.iter()) {
        *point = select(row, *digit);
    }
    let mut chords = Zeroizing::new(Chord::vacant::<{ MOST_WINDOWS / 2 }>());
    let mut length = MOST_WINDOWS;
    // Below that, complete additions take no longer than an inversion.
    while length > 4 {
        length /= 2;
        add_pairs(&mut *points, (0..length).map(|i| (i, i + length)), &mut *chords);
    }
    points[1..length].iter().fold(points[0].to_point(), |sum, point| sum.add_torsion(point))
}

/// The point of `row` for a digit in the form of [`odd_digits`]. In constant time: it reads the whole row, and neither a branch
/// nor an address depends on the digit.
#[inline(always)]
fn select(row: &Row, digit: u8) -> TorsionPoint {
    let digit = u64::from(digit);
    let negative = (digit >> (WIDTH - 1)).wrapping_sub(1);
    let index = (digit ^ negative) & (HALF as u64 - 1);
    let [x0, x1, x2, x3, x4, y @ ..] = scan(row, index + 1);
    let negative = value_barrier(negative);
    // An entry's words are canonical, so this is the negation without a correction; p is a form of 0.
    let [y0, y1, y2, y3, y4] = y.map(|word| word ^ ((word ^ (Fp::MODULUS - word)) & negative));
    TorsionPoint::from_entry(&[x0, x1, x2, x3, x4, y0, y1, y2, y3, y4])
}

/// `s` times the generator, in variable time.
pub(crate) fn mul_generator_vartime(s: &Scalar) -> Point {
    vector::mul_generator(s).unwrap_or_else(|| add_products_vartime(s, None))
}

/// `s` times the generator, and a scalar times the point of a table, in variable time.
fn add_products_vartime(s: &Scalar, product: Option<(&Comb<'_>, &Scalar)>) -> Point {
    // First the generator's multiples, then the point's.
    let mut points = TorsionPoint::vacant::<{ 2 * MOST_WINDOWS }>();
    let (of_generator, of_point) = points.split_at_mut(MOST_WINDOWS);
    Comb { shape: Shape::ROW_A_WINDOW, entries: GENERATOR_COMB.as_flattened() }.pick_vartime(s, of_generator);
    let mut generator_length = Shape::ROW_A_WINDOW.windows();
    let (mut point_length, mut steps, mut width) = (0, 1, 0);
    if let Some((comb, scalar)) = product {
        comb.pick_vartime(scalar, of_point);
        (point_length, steps, width) = (comb.shape.windows(), comb.shape.windows_in_row(), comb.shape.width);
    }
    let mut chords = Chord::vacant::<MOST_WINDOWS>();
    loop {
        // The last two sums together reach from the first window to the last.
        let generator_pairs = if generator_length > 2 { generator_length / 2 } else { 0 };
        // Windows of one row have to be doubled before they can be added.
        let point_pairs = if point_length > steps.max(2) { point_length / 2 } else { 0 };
        // An inversion takes as long as three complete additions.
        if generator_pairs + point_pairs < 3 {
            break;
        }
        generator_length -= generator_pairs;
        point_length -= point_pairs;
        let pair = |i| match i {
            _ if i < generator_pairs => (i, i + generator_length),
            _ => (MOST_WINDOWS + i - generator_pairs, MOST_WINDOWS + i - generator_pairs + point_length),
        };
        add_pairs(&mut points, (0..generator_pairs + point_pairs).map(pair), &mut chords);
    }
    let add = |sum: Point, point: &TorsionPoint| sum.add_torsion(point);
    let of_generator = &points[..generator_length];
    match points[MOST_WINDOWS..][..point_length].split_last() {
        None => of_generator[1..].iter().fold(of_generator[0].to_point(), add),
        Some((highest, lower)) => {
            let doublings = if steps > 1 { width as u32 } else { 0 };
            let add_after_doubling = |sum: Point, point| add(sum.double_times(doublings), point);
            let product = lower.iter().rev().fold(highest.to_point(), add_after_doubling);
            of_generator.iter().fold(product, add)
        }
    }
}

/// How a table's entries stand for multiples of its point P: entry j of row i is (2j + 1)·2^(`spacing`·i)·P, for j below
/// 2^(`width` − 1).
#[derive(Clone, Copy)]
pub(crate) struct Shape {
    /// Bits of a window of the scalar: 5 or 8.
    width: usize,
    /// Bits of the scalar that belong to one row: `width` times a power of two.
    spacing: usize,
}

impl Shape {
    /// 64 rows of 16 entries.
    pub(crate) const ROW_A_WINDOW: Self = Self { width: WIDTH, spacing: WIDTH };
    #[cfg(feature = "alloc")]
    pub(crate) const SMALL: Self = Self { width: 5, spacing: 40 };
    #[cfg(feature = "alloc")]
    pub(crate) const LARGE: Self = Self { width: 8, spacing: 8 };

    /// Windows of a scalar.
    const fn windows(self) -> usize {
        320 / self.width
    }

    const fn windows_in_row(self) -> usize {
        self.spacing / self.width
    }

    const fn rows(self) -> usize {
        320 / self.spacing
    }

    const fn entries_in_row(self) -> usize {
        1 << (self.width - 1)
    }

    /// Entries of a table.
    #[cfg(feature = "alloc")]
    pub(crate) const fn entries(self) -> usize {
        self.rows() * self.entries_in_row()
    }

    /// Computes the table of `point` in entries that are all 0, in variable time. The neutral's is left so: no point of order n
    /// corresponds to it.
    pub(crate) fn fill_vartime(self, entries: &mut [Entry], point: &Point) {
        if point.is_neutral().into() {
            return;
        }
        let rows = self.rows();
        let mut bases = [*point; MOST_WINDOWS];
        for i in 1..rows {
            bases[i] = bases[i - 1].double_times(self.spacing as u32);
        }
        // First the last multiple in each row, then what leads to the next.
        let mut points = TorsionPoint::vacant::<{ 2 * MOST_WINDOWS }>();
        let (multiples, steps) = points.split_at_mut(MOST_WINDOWS);
        TorsionPoint::convert(&bases[..rows], multiples);
        for base in &mut bases[..rows] {
            *base = base.double();
        }
        TorsionPoint::convert(&bases[..rows], steps);
        let mut chords = Chord::vacant::<MOST_WINDOWS>();
        for j in 0..self.entries_in_row() {
            if j > 0 {
                // An odd multiple, being small, is neither the double nor its opposite.
                add_pairs(&mut points, (0..rows).map(|i| (i, MOST_WINDOWS + i)), &mut chords);
            }
            for (row, multiple) in entries.chunks_mut(self.entries_in_row()).zip(&points) {
                row[j] = multiple.to_entry();
            }
        }
    }
}

// The vector code takes entries eight at a time, and could fill up lanes with nothing: (0, 0) is no torsion point.
const _: () = assert!(Shape::ROW_A_WINDOW.windows().is_multiple_of(8));
#[cfg(feature = "alloc")]
const _: () = assert!(Shape::LARGE.windows().is_multiple_of(8));

/// A table of odd multiples of a point.
pub(crate) struct Comb<'a> {
    pub(crate) shape: Shape,
    pub(crate) entries: &'a [Entry],
}

impl Comb<'_> {
    /// `s` times the generator plus `e` times the table's point, in variable time.
    pub(crate) fn mul_generator_add_vartime(&self, s: &Scalar, e: &Scalar) -> Point {
        if self.is_of_neutral() {
            return mul_generator_vartime(s);
        }
        // Windows of one row have to be doubled before they can be added, which the vector code does not do.
        let in_lanes = || vector::mul_generator_add_vartime(s, e, self);
        let sum = (self.shape.windows_in_row() == 1).then(in_lanes).flatten();
        sum.unwrap_or_else(|| add_products_vartime(s, Some((self, e))))
    }

    /// The table's point.
    pub(crate) fn point(&self) -> Point {
        if self.is_of_neutral() { Point::NEUTRAL } else { TorsionPoint::from_entry(&self.entries[0]).to_point() }
    }

    fn is_of_neutral(&self) -> bool {
        self.entries[0] == [0; 10]
    }

    /// The entries for the digits of `scalar`, one for each window, the lowest first.
    fn pick_vartime(&self, scalar: &Scalar, points: &mut [TorsionPoint]) {
        for (point, (entry, is_negative)) in points.iter_mut().zip(self.entries_vartime(scalar)) {
            let positive = TorsionPoint::from_entry(entry);
            *point = if is_negative { -positive } else { positive };
        }
    }

    /// The entries for the digits of `scalar`, one for each window, the lowest first, and whether the digit is negative.
    pub(crate) fn entries_vartime(&self, scalar: &Scalar) -> impl Iterator<Item = (&Entry, bool)> {
        let half = self.shape.entries_in_row();
        let rows = self.entries.chunks(half).flat_map(|row| repeat_n(row, self.shape.windows_in_row()));
        let digits = odd_digits(scalar, self.shape.width);
        rows.enumerate().map(move |(window, row)| match usize::from(digits[window]).checked_sub(half) {
            Some(index) => (&row[index], false),
            None => (&row[half - 1 - usize::from(digits[window])], true),
        })
    }
}

const _: () = assert!(WIDTH * COUNT == 320);
