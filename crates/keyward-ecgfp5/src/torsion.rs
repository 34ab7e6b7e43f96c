//! Sums of many points in affine form, where the slopes of all chords share one inversion.

use core::ops::Neg;

use keyward_goldilocks::{Fp, Fp5, LazyFp5};
use zeroize::Zeroize;

use crate::Point;
use crate::point::{A, B_Z};
use crate::table::Entry;

/// A point (x, y) of order n on y² = x(x² + a·x + b): what an element of the group other than the neutral turns into when
/// (0, 0) is added to it. The group's law turns into the curve's own, with chords.
///
/// # Invariant
///
/// Neither x nor y is 0.
#[derive(Clone, Copy)]
pub(crate) struct TorsionPoint {
    pub(crate) x: Fp5,
    pub(crate) y: Fp5,
}

/// −a.
pub(crate) const MINUS_A: Fp5 =
    Fp5::from_coefficients([Fp::from_u64_mod_order(Fp::MODULUS - A), Fp::ZERO, Fp::ZERO, Fp::ZERO, Fp::ZERO]);

/// b.
const B: Fp5 = Fp5::from_coefficients([Fp::ZERO, Fp::from_u64_mod_order(B_Z as u64), Fp::ZERO, Fp::ZERO, Fp::ZERO]);

impl TorsionPoint {
    /// What stands in an array before a point takes its place.
    const VACANT: Self = Self { x: Fp5::ZERO, y: Fp5::ZERO };

    /// An array without points. (Made at compile time it is cleared at once, not entry by entry.)
    pub(crate) const fn vacant<const N: usize>() -> [Self; N] {
        const { [Self::VACANT; N] }
    }

    /// Puts the points of as many elements of the group, none of which may be the neutral, into `torsion`, by one inversion.
    pub(crate) fn convert(points: &[Point], torsion: &mut [Self]) {
        // Montgomery's trick, with the products in place of x for a while.
        let mut product = Fp5::ONE;
        for (point, torsion) in points.iter().zip(&mut *torsion) {
            torsion.x = product;
            product *= point.x * point.u;
        }
        let mut inverse = product.invert();
        for (point, torsion) in points.iter().zip(torsion).rev() {
            let inverse_here = inverse * torsion.x;
            inverse *= point.x * point.u;
            // (x, y) + (0, 0) = (b/x, −b·y/x²), with x = X/Z and y = x·T/U.
            let x = LazyFp5::times_z(&(point.z * point.u * inverse_here), B_Z).reduce();
            *torsion = Self { x, y: -(x * point.t * (point.x * inverse_here)) };
        }
    }

    #[inline(always)]
    pub(crate) fn from_entry(&[x0, x1, x2, x3, x4, y0, y1, y2, y3, y4]: &Entry) -> Self {
        Self {
            x: Fp5::from_coefficients([x0, x1, x2, x3, x4].map(Fp::from_u64_mod_order)),
            y: Fp5::from_coefficients([y0, y1, y2, y3, y4].map(Fp::from_u64_mod_order)),
        }
    }

    pub(crate) fn to_entry(self) -> Entry {
        let [x0, x1, x2, x3, x4] = self.x.coefficients().map(Fp::to_u64);
        let [y0, y1, y2, y3, y4] = self.y.coefficients().map(Fp::to_u64);
        [x0, x1, x2, x3, x4, y0, y1, y2, y3, y4]
    }

    /// The element of the group.
    pub(crate) fn to_point(self) -> Point {
        // Back again, x = b/x' and u = x/y = −x'/y'.
        Point { x: B, z: self.x, u: -self.x, t: self.y }
    }
}

impl Neg for TorsionPoint {
    type Output = Self;

    #[inline(always)]
    fn neg(self) -> Self {
        Self { y: -self.y, ..self }
    }
}

impl Zeroize for TorsionPoint {
    fn zeroize(&mut self) {
        self.x.zeroize();
        self.y.zeroize();
    }
}

/// What [`add_pairs`] keeps of a pair.
#[derive(Clone, Copy)]
pub(crate) struct Chord {
    difference: Fp5,
    /// A product, then the slope.
    slope: Fp5,
}

impl Chord {
    /// An array without chords.
    pub(crate) const fn vacant<const N: usize>() -> [Self; N] {
        const { [Self { difference: Fp5::ZERO, slope: Fp5::ZERO }; N] }
    }
}

/// Adds to the first point of each pair of indices the second one. No index may stand in two pairs. In constant time.
///
/// The two points of a pair must be neither equal nor opposite: they do not make a chord, and all sums would be wrong.
///
/// `chords` has room for one of each pair.
#[inline(always)]
pub(crate) fn add_pairs(
    points: &mut [TorsionPoint],
    pairs: impl DoubleEndedIterator<Item = (usize, usize)> + ExactSizeIterator + Clone,
    chords: &mut [Chord],
) {
    let chords = &mut chords[..pairs.len()];
    // Montgomery's trick.
    let mut product = Fp5::ONE;
    for ((first, second), chord) in pairs.clone().zip(&mut *chords) {
        chord.difference = points[second].x - points[first].x;
        chord.slope = product;
        product *= chord.difference;
    }
    let mut inverse = product.invert();
    for chord in chords.iter_mut().rev() {
        chord.slope *= inverse;
        inverse *= chord.difference;
    }
    // One step for all pairs after the other: the processor can work at several pairs at a time, but not at the steps of one.
    for ((first, second), chord) in pairs.clone().zip(&mut *chords) {
        chord.slope *= points[second].y - points[first].y;
    }
    for ((first, second), chord) in pairs.clone().zip(&mut *chords) {
        let minus_sum =
            LazyFp5::from(&MINUS_A).minus(LazyFp5::from(&points[first].x) + LazyFp5::from(&points[second].x));
        let x = chord.slope.square_add(minus_sum);
        chord.difference = points[first].x - x;
        points[first].x = x;
    }
    for ((first, _), chord) in pairs.zip(&*chords) {
        points[first].y = chord.slope.mul_add(&chord.difference, LazyFp5::minus_times(&points[first].y, 1));
    }
}

impl Zeroize for Chord {
    fn zeroize(&mut self) {
        self.difference.zeroize();
        self.slope.zeroize();
    }
}
