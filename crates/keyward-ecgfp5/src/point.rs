use core::fmt;
use core::ops::{Add, Neg, Sub};

use keyward_goldilocks::{Fp, Fp5, LazyFp5};
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};
use zeroize::Zeroize;

use crate::torsion::TorsionPoint;

/// The curve is y² = x(x² + a·x + b) with a = 2, b = `B_Z`·z.
pub(crate) const A: u64 = 2;
pub(crate) const B_Z: u16 = 263;

/// An element of the ECgFp5 group, which has the prime order n of [`Scalar`](crate::Scalar).
///
/// The group's elements are the points of y² = x(x² + 2x + 263z) over GF(p^5) that are not n-torsion, with the law
/// P ⊕ Q = P + Q + (0, 0) and the neutral (0, 0); every element is determined by w = y/x, its
/// [encoding](Self::encode). Source: <https://eprint.iacr.org/2022/274>.
///
/// Operations take the same time for all points, except in functions whose name ends in `_vartime` and in
/// [`decode`](Self::decode).
///
/// # Invariant
///
/// x = X/Z and u = x/y = U/T, with Z and T not 0. The neutral has x = u = 0.
#[derive(Clone, Copy)]
pub struct Point {
    pub(crate) x: Fp5,
    pub(crate) z: Fp5,
    pub(crate) u: Fp5,
    pub(crate) t: Fp5,
}

/// A point with Z = T = 1. (0, 0) is the neutral, so no formula needs an exception for it.
#[derive(Clone, Copy)]
pub(crate) struct AffinePoint {
    pub(crate) x: Fp5,
    pub(crate) u: Fp5,
}

impl Point {
    /// The neutral element.
    pub const NEUTRAL: Self = Self { x: Fp5::ZERO, z: Fp5::ONE, u: Fp5::ZERO, t: Fp5::ONE };

    /// The conventional generator: w = 4.
    pub const GENERATOR: Self = Self {
        x: Fp5::from_coefficients([
            Fp::from_u64_mod_order(12_883_135_586_176_881_569),
            Fp::from_u64_mod_order(4_356_519_642_755_055_268),
            Fp::from_u64_mod_order(5_248_930_565_894_896_907),
            Fp::from_u64_mod_order(2_165_973_894_480_315_022),
            Fp::from_u64_mod_order(2_448_410_071_095_648_785),
        ]),
        z: Fp5::ONE,
        u: Fp5::ONE,
        t: Fp5::from_coefficients([Fp::from_u64_mod_order(4), Fp::ZERO, Fp::ZERO, Fp::ZERO, Fp::ZERO]),
    };

    /// w = y/x, which determines the element; 0 for the neutral.
    pub fn encode(&self) -> Fp5 {
        // The inverse of 0 is 0, which is what the neutral needs.
        self.t * self.u.invert()
    }

    /// The element with this [encoding](Self::encode), if there is one: about half of all values have one, and 0 gives
    /// the neutral. In variable time.
    pub fn decode(w: &Fp5) -> Option<Self> {
        if w.is_zero().into() {
            return Some(Self::NEUTRAL);
        }
        // x² − (w² − a)·x + b = 0. The product of the two roots is b, which is not a square, so exactly one of them
        // is not a square either, and that one belongs to the group.
        let e = w.square() - Fp5::from(Fp::from_u64_mod_order(A));
        let discriminant = e.square() - b_times(4);
        let root = discriminant.sqrt_vartime()?;
        let half = Fp::from_u64_mod_order(Fp::MODULUS.div_ceil(2));
        let candidate = (e + root) * half;
        let x = if candidate.is_square_vartime() { (e - root) * half } else { candidate };
        Some(Self { x, z: Fp5::ONE, u: Fp5::ONE, t: *w })
    }

    /// Whether this is the neutral element.
    pub fn is_neutral(&self) -> Choice {
        self.u.is_zero()
    }

    /// The same element with Z = T = 1, so that its coordinates do not tell how it was computed: those of k·G give bits
    /// of k away.
    #[must_use]
    pub fn normalize(&self) -> Self {
        let [affine] = Self::to_affine(&[*self]);
        affine.into()
    }

    /// `self + self`.
    #[must_use]
    pub fn double(&self) -> Self {
        let Doubling { zeta, omega2, u, t } = Doubling::of(self);
        Self { x: LazyFp5::times_z(&zeta.square(), 4 * B_Z).reduce(), z: omega2, u, t }
    }

    /// `self` doubled `n` times, cheaper than one at a time. The time depends on `n` only.
    #[must_use]
    pub fn double_times(&self, n: u32) -> Self {
        match n {
            0 => *self,
            1 => self.double(),
            _ => {
                let mut point = JacobianPoint::double_of(self);
                for _ in 2..n {
                    point = point.double();
                }
                point.double_into_fractional()
            }
        }
    }

    /// The sum with an affine point, in 8 multiplications.
    #[inline(always)]
    pub(crate) fn add_affine(&self, other: &AffinePoint) -> Self {
        let Self { x, z, u, t } = self;
        let bz = LazyFp5::times_z(z, B_Z);
        // k = x·x2 + b·z, m = b·z − x·x2 = 2b·z − k.
        let k = x.mul_add(&other.x, bz);
        let m = (bz + bz + LazyFp5::minus_times(&k, 1)).reduce();
        let e = z.mul_add(&other.x, LazyFp5::from(x));
        let h = t.mul_add(&other.u, LazyFp5::from(u));
        let c = *u * other.u;
        self.finish_addition(&k, &m, &e, &h, &c, t)
    }

    /// What the two additions have in common, in 4 multiplications. With the names of eprint 2022/274, d = T1·T2.
    #[inline(always)]
    fn finish_addition(&self, k: &Fp5, m: &Fp5, e: &Fp5, h: &Fp5, c: &Fp5, d: &Fp5) -> Self {
        let l = *d * *k;
        let f = *c * (LazyFp5::times_z(e, 2 * B_Z) + LazyFp5::times(k, 2)).reduce();
        let j = (LazyFp5::from(d) + LazyFp5::times(c, 2)).reduce() * (*e + *k);
        Self { x: LazyFp5::times_z(&(j - l), B_Z).reduce(), z: l - f, u: *h * *m, t: l + f }
    }

    /// The sum with the element that (0, 0) was added to, in 10 multiplications.
    pub(crate) fn add_torsion(&self, other: &TorsionPoint) -> Self {
        // The other's coordinates are (b : x : −x : y).
        let Self { x, z, u, t } = self;
        let minus_c = *u * other.x;
        let d = *t * other.y;
        let zx = *z * other.x;
        let e = x.mul_add(&other.x, LazyFp5::times_z(z, B_Z));
        let k = (LazyFp5::times_z(x, B_Z) + LazyFp5::times_z(&zx, B_Z)).reduce();
        let m = LazyFp5::times_z(&zx, B_Z).minus(LazyFp5::times_z(x, B_Z)).reduce();
        let h = u.mul_add(&other.y, LazyFp5::minus_times(&(*t * other.x), 1));
        self.finish_addition(&k, &m, &e, &h, &-minus_c, &d)
    }

    /// The canonical coefficients of the affine x and u, as tables have them: for the programs that print these.
    #[doc(hidden)]
    pub fn affine_words(&self) -> [u64; 10] {
        let [affine] = Self::to_affine(&[*self]);
        affine.to_entry()
    }

    /// All points with Z = T = 1, by one inversion.
    pub(crate) fn to_affine<const N: usize>(points: &[Self; N]) -> [AffinePoint; N] {
        // Montgomery's trick, on z·t of each point.
        let denominators = points.each_ref().map(|point| point.z * point.t);
        let mut products_before = [Fp5::ONE; N];
        let mut product = Fp5::ONE;
        for (before, denominator) in products_before.iter_mut().zip(&denominators) {
            *before = product;
            product *= *denominator;
        }
        let mut inverse = product.invert();
        let mut affine = [AffinePoint { x: Fp5::ZERO, u: Fp5::ZERO }; N];
        for (i, affine) in affine.iter_mut().enumerate().rev() {
            let (point, inverse_here) = (&points[i], inverse * products_before[i]);
            *affine = AffinePoint { x: point.x * point.t * inverse_here, u: point.u * point.z * inverse_here };
            inverse *= denominators[i];
        }
        affine
    }
}

/// b·`factor` for a small factor.
fn b_times(factor: u16) -> Fp5 {
    LazyFp5::times_z(&Fp5::ONE, factor * B_Z).reduce()
}

/// The coordinates U and T of a double, and what X and Z are made of, with the names of eprint 2022/274.
///
/// Where the paper squares a sum to save a product, as in 2ωζ = (ω + ζ)² − ω² − ζ², the product is taken here: a square
/// costs as much, and the sums come on top.
struct Doubling {
    zeta: Fp5,
    omega2: Fp5,
    u: Fp5,
    t: Fp5,
}

impl Doubling {
    #[inline(always)]
    fn of(Point { x, z, u, t }: &Point) -> Self {
        let alpha = *z * *t;
        let beta = alpha * *t;
        let zeta = alpha * *u;
        let x_plus_z = (LazyFp5::minus_times(x, 2) + LazyFp5::minus_times(z, 2)).reduce();
        let omega = x_plus_z.mul_add(&u.square(), LazyFp5::from(&beta));
        let (zeta2, omega2) = (zeta.square(), omega.square());
        Self {
            zeta,
            omega2,
            u: (omega * zeta).double(),
            t: (LazyFp5::times(&beta.square(), 2) + LazyFp5::minus_times(&zeta2, 4) + LazyFp5::minus_times(&omega2, 1))
                .reduce(),
        }
    }
}

/// A point that is a double, for doubling it again: w = W/Z and x = X/Z² with X = W² − a·Z² − E. In this form a doubling takes
/// three multiplications and four squarings, and none by b. The neutral has Z = 0, and passes through.
///
/// On the curve, W² − a·Z² = X + b·Z⁴/X, so that E is b·Z⁴/X. With S for this sum and D for the difference X − b·Z⁴/X = S − 2E, the
/// double has Z' = W·Z·D, W' = D²/2 − W²·S and X' = 4b·(W·Z)⁴, hence E' = (D²/2)².
struct JacobianPoint {
    e: Fp5,
    w: Fp5,
    z: Fp5,
}

impl JacobianPoint {
    /// `point + point`.
    #[inline(always)]
    fn double_of(point: &Point) -> Self {
        let Doubling { omega2, u, t, .. } = Doubling::of(point);
        Self { e: omega2.square(), w: t, z: u }
    }

    /// `self + self`: Z', W', D²/2 and W·Z.
    #[inline(always)]
    fn double_parts(&self) -> [Fp5; 4] {
        // In this order each product waits as little as possible for the one before it.
        let alpha = self.z.square();
        let gamma = self.w.square();
        let wz = self.w * self.z;
        let d = LazyFp5::from(&gamma).minus(LazyFp5::times(&alpha, A as u16) + LazyFp5::times(&self.e, 2)).reduce();
        let minus_s = LazyFp5::times(&alpha, A as u16).minus(LazyFp5::from(&gamma)).reduce();
        let half_d2 = d.square().half();
        [wz * d, gamma.mul_add(&minus_s, LazyFp5::from(&half_d2)), half_d2, wz]
    }

    /// `self + self`.
    #[inline(always)]
    fn double(&self) -> Self {
        let [z, w, half_d2, _] = self.double_parts();
        Self { e: half_d2.square(), w, z }
    }

    /// `self + self`.
    #[inline(always)]
    fn double_into_fractional(&self) -> Point {
        let [u, t, z, wz] = self.double_parts();
        Point { x: LazyFp5::times_z(&wz.square(), 2 * B_Z).reduce(), z, u, t }
    }
}

impl Neg for AffinePoint {
    type Output = Self;

    #[inline(always)]
    fn neg(self) -> Self {
        Self { x: self.x, u: -self.u }
    }
}

impl From<AffinePoint> for Point {
    #[inline(always)]
    fn from(AffinePoint { x, u }: AffinePoint) -> Self {
        Self { x, z: Fp5::ONE, u, t: Fp5::ONE }
    }
}

impl Add for Point {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        let (x1z2, z1x2) = (self.x * other.z, self.z * other.x);
        let (u1t2, t1u2) = (self.u * other.t, self.t * other.u);
        let xx = self.x * other.x;
        let bzz = LazyFp5::times_z(&(self.z * other.z), B_Z);
        let k = (bzz + LazyFp5::from(&xx)).reduce();
        let m = (bzz + LazyFp5::minus_times(&xx, 1)).reduce();
        self.finish_addition(&k, &m, &(x1z2 + z1x2), &(u1t2 + t1u2), &(self.u * other.u), &(self.t * other.t))
    }
}

impl Neg for Point {
    type Output = Self;

    fn neg(self) -> Self {
        Self { u: -self.u, ..self }
    }
}

impl Sub for Point {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl ConstantTimeEq for Point {
    fn ct_eq(&self, other: &Self) -> Choice {
        (self.u * other.t).ct_eq(&(other.u * self.t))
    }
}

impl ConditionallySelectable for Point {
    fn conditional_select(a: &Self, b: &Self, choice: Choice) -> Self {
        Self {
            x: Fp5::conditional_select(&a.x, &b.x, choice),
            z: Fp5::conditional_select(&a.z, &b.z, choice),
            u: Fp5::conditional_select(&a.u, &b.u, choice),
            t: Fp5::conditional_select(&a.t, &b.t, choice),
        }
    }
}

impl PartialEq for Point {
    fn eq(&self, other: &Self) -> bool {
        self.ct_eq(other).into()
    }
}

impl Eq for Point {}

/// Leaves the neutral element.
impl Zeroize for Point {
    fn zeroize(&mut self) {
        self.x.zeroize();
        self.z.zeroize();
        self.u.zeroize();
        self.t.zeroize();
        *self = Self::NEUTRAL;
    }
}

/// The encoding.
impl fmt::Debug for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Point").field(&self.encode()).finish()
    }
}
